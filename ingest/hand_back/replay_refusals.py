"""Why a mended file is not taken, in the words a clerk reads."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import psycopg

from ingest.batch_ledger import BatchFile
from ingest.contract import Contract
from ingest.hand_back import replay_rows
from ingest.hand_back.returned_marks import BATCH, place_text
from ingest.hand_back.told_since import partitions_of_others
from ingest.lineage import Lineage, Place, lineage_of, place_in_head
from ingest.problems import Problem, RefusedFileError, refuse

MAX_PLACES = 5  # named in a message
WHOLE_ZH = "把改正写入完整的文件，用 junheng ingest 交入"
WHOLE_EN = "make the correction in the whole file and hand that in with junheng ingest"
WHOLE = (WHOLE_ZH, WHOLE_EN)


class NothingMendedError(RefusedFileError):
    """Nothing of the file could be taken; carries what is still wrong, place by place (zh, en)."""

    def __init__(self, problem: Problem, reasons: Sequence[tuple[str, str]]) -> None:
        super().__init__(problem)
        self.reasons = tuple(reasons)


def nothing_mended(name: str, reasons: Sequence[tuple[str, str]]) -> NothingMendedError:
    """No row of the file can be read yet."""
    error = refuse(
        "nothing_mended",
        name,
        expected=(
            f"至少一行已改正；{len(reasons)} 处仍有问题",
            f"at least one row that is mended; {len(reasons)} faults are left",
        ),
        mend=("按末列所写改正后再交回", "mend the cells as the last column says and hand it back again"),
    )
    return NothingMendedError(error.problem, reasons)


def known_lineage(name: str, stamp: UUID, member: str, connection: psycopg.Connection) -> Lineage:
    """The lineage of the batch (and workbook) that a file names. RefusedFileError when the ledger has no such
    batch."""
    found = lineage_of(connection, stamp, member)
    if found is not None:
        return found
    raise refuse(
        "unknown_batch",
        name,
        found=f"{BATCH} = {stamp}",
        expected=("本库的批次", "a batch of this warehouse"),
        mend=("核对是否交到了原来的系统", "check that it goes back to the system that it came from"),
    )


def check_is_current(name: str, found: Lineage) -> None:
    """RefusedFileError when the batch was refused as a whole, or another file has taken its place."""
    if found.head.status != "accepted":
        raise refuse(
            "batch_was_refused",
            name,
            found=found.root.file_name,
            expected=("已入库的批次；该批次整份未入库", "a batch that was taken; nothing of this one was"),
            mend=WHOLE,
        )
    if not found.partitions:
        raise _superseded(name, found) if found.head.withdrawn_at is None else _withdrawn(name, found)


def _withdrawn(name: str, found: Lineage) -> RefusedFileError:
    """Somebody took back what it mends, and with it what came back mended."""
    by, why, at = found.head.withdrawn_by, found.head.withdrawn_reason, found.head.withdrawn_at
    on = at.date() if at else "–"  # the ledger tells times as they are in China
    return refuse(
        "batch_withdrawn",
        name,
        found=found.root.file_name,
        expected=(
            f"计入结果的批次；它已由 {by} 于 {on} 撤回（{why}），交回的改正件一并不再计入",
            f"a batch that counts; it was taken back by {by} on {on} ({why}), with what came back mended",
        ),
        mend=WHOLE,
    )


def _superseded(name: str, found: Lineage) -> RefusedFileError:
    return refuse(
        "batch_superseded",
        name,
        found=found.root.file_name,
        expected=(
            "仍然有效的批次；已有更新的文件取代它",
            "a batch that counts; a newer file took its place",
        ),
        mend=(
            "对新文件再运行 junheng rejected export，在新退回的文件上改",
            "run junheng rejected export for the newer file and mend what that gives",
        ),
    )


def place_that_counts(connection: psycopg.Connection, name: str, found: Lineage, place: Place) -> Place:
    """Where a row stands in what counts. RefusedFileError when a newer file tells of it since."""
    there = place_in_head(connection, found, place)
    if there is None:
        raise _superseded(name, found)
    return there


def check_keeps_accepted(
    connection: psycopg.Connection, contract: Contract, found: Lineage, batch: BatchFile, offset: int
) -> None:
    """RefusedFileError when figures that count would go: those of another file, or of this one."""
    name = batch.snapshot.path.name
    others = partitions_of_others(connection, contract, found, found.head.batch_id, batch.batch_id)
    if others:
        raise refuse(
            "rows_of_another_batch",
            name,
            found=", ".join(others[:MAX_PLACES]),
            expected=(
                f"“{found.root.file_name}”所含的区县与年份；这些已由另一文件提供",
                f"districts and years of “{found.root.file_name}”; those found are told by another file",
            ),
            mend=WHOLE,
        )
    lost = replay_rows.lost_places(connection, contract, found, batch.batch_id)
    if lost:
        raise refuse(
            "accepted_rows_lost",
            name,
            found="; ".join(place_text(sheet, row) for sheet, row in lost[:MAX_PLACES]),
            expected=(
                "同一行、同一工作簿中原已入库的数据仍在",
                "what was taken before of the same row or workbook to be there still",
            ),
            mend=(
                "恢复这些行原来的学校、年级等列和数值；要改属于哪校、哪年级，" + WHOLE_ZH,
                "restore them; to change whose row it is, " + WHOLE_EN,
            ),
        )


def row_never_returned(name: str, own: tuple[str, int], origin: tuple[str, int]) -> RefusedFileError:
    """A row that names a place of which nothing was handed back."""
    return refuse(
        "row_not_returned",
        name,
        sheet=own[0] or None,
        row=own[1] or None,
        found=place_text(*origin),
        expected=("退回过的行", "a row that was handed back"),
        mend=("不要增加行或改动末尾几列；" + WHOLE_ZH, "add no rows, leave the last columns; " + WHOLE_EN),
    )


def layout_gone(name: str, profile: str) -> RefusedFileError:
    """The layout by which the original was read is no longer there."""
    return refuse(
        "layout_gone",
        name,
        found=profile,
        expected=("读取原文件的版式仍在", "the layout that its original was read by"),
        mend=WHOLE,
    )


def refused_before(name: str, zh: str, en: str) -> RefusedFileError:
    """The same bytes on the same base were refused by the checks."""
    return refuse(
        "refused_before",
        name,
        expected=(
            f"改正后的文件；同样内容已被退回：{zh.rstrip('。')}",
            f"a corrected file; the same content was refused before: {en.rstrip('.')}",
        ),
        mend=("改正后重新交回", "correct it and hand it back again"),
    )


def too_many_replays(name: str) -> RefusedFileError:
    """The base has come back mended more often than blocks can be told apart."""
    return refuse(
        "too_many_replays",
        name,
        expected=("改正次数有限的批次", "a batch mended less often"),
        mend=WHOLE,
    )
