"""Mends of school workbooks outlive a folder that is read again.

A folder of workbooks is one batch: with every workbook that comes or is written anew all of it is read anew.
What came back mended for a school is no file of the folder: without this, its rows would be those of the bad
workbook again. The rows of a mended workbook are copied into the new batch where the folder still holds that
workbook as it was, be it written anew with all that the record reads the same; where it has changed, or
another file tells part of it, only those of the stages that are told as they were. A form is checked as a
whole, so a stage is the least that can be decided plainly. What does not stay is written down; where another
workbook tells of the school, the newer wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import LiteralString
from uuid import UUID

import psycopg

from ingest.batch_ledger import lock_batch
from ingest.contract import Contract, code_list, contracts
from ingest.database import connect
from ingest.hand_back import kept_rows
from ingest.hand_back.held_mends import Mend, Workbook, members_of, unsettled
from ingest.hand_back.judged_share import judge
from ingest.hand_back.kept_place import Place
from ingest.hand_back.withdrawn_mends import note_withdrawn

KEPT, CHANGED, GONE, TOLD_ANEW = "kept", "changed", "gone", "told_anew"
UNKNOWN, TAKEN, NOT_WHOLE = "unknown", "taken", "not_whole"
WITHDRAWN = "withdrawn"
PARTLY = "partly"  # the rows of some stages stay; of the others it is written down why not
WHY = {
    CHANGED: ("文件夹中的工作簿已更改", "its workbook in the folder has changed"),
    GONE: ("文件夹中已没有该工作簿", "its workbook is no longer in the folder"),
    TOLD_ANEW: ("该校已有另一份工作簿", "another workbook tells of the school"),
    UNKNOWN: (
        "上次读入时未记录其内容，无从判断是否已更改",
        "what its workbook held was not written down when it was read, so nobody knows whether it changed",
    ),
    TAKEN: ("其部分数据已由另一文件提供", "another file tells part of it by now"),
    WITHDRAWN: (
        "收有其改正件的批次已撤回",
        "the batch was taken back that what came back for it was part of",
    ),
    NOT_WHOLE: ("改正件未含其现有的全部数据", "what came back does not hold all that it tells by now"),
}

NO_ROOM = (
    "文件夹中版式不同的工作簿过多，放不下此前交回的改正件；请分成几个文件夹",
    "the workbooks of the folder are laid out in too many ways to hold what came back mended before: "
    "put them into several folders",
)

# What the folder goes on from: the batch that counts of which most workbooks are still there. By it a file
# that was handed back before the folder grew is still known when it comes in mended.
_CONTINUES = """
    update ops.load_batch
    set continues_batch_id = (
        select held.batch_id
        from ops.current_batch as held
        left join ops.batch_part as part on held.batch_id = part.batch_id
        inner join ops.batch_member as theirs
            on coalesce(part.origin_batch_id, held.batch_id) = theirs.batch_id
        inner join ops.batch_member as own
            on own.batch_id = %(batch)s and theirs.file_sha256 = own.file_sha256
        where held.record = %(record)s and held.batch_id <> %(batch)s
            and held.partition_key in (select partition_key from {table} where batch_id = %(batch)s)
        group by held.batch_id
        order by count(*) desc, held.batch_id
        limit 1
    )
    where batch_id = %(batch)s
"""
_NOTES: LiteralString = """
    select outcome, member, mended.file_name, stages, left_for
    from ops.kept_mend as kept
    inner join ops.load_batch as mended on kept.mended_batch_id = mended.batch_id
    where kept.batch_id = %s
    order by kept.outcome = 'kept', kept.member, mended.file_name
"""


@dataclass(frozen=True)
class MendNote:
    """What became of a mended workbook when its folder was read again."""

    outcome: str
    member: str
    file_name: str
    stages: Sequence[str] | None = None  # that stay, of one that stays partly
    left_for: str | None = None  # why the others do not

    @property
    def is_kept(self) -> bool:
        """Whether its rows are in the new batch."""
        return self.outcome == KEPT

    @property
    def said(self) -> tuple[str, str]:
        """In words (zh, en)."""
        if self.is_kept:
            return (
                f"{self.member}：沿用此前交回的改正件 {self.file_name}",
                f"{self.member}: what came back mended before stays ({self.file_name})",
            )
        if self.outcome == PARTLY:
            return self._partly()
        zh, en = WHY[self.outcome]
        return (
            f"{self.member}：{zh}，以文件夹为准；此前交回的改正件 {self.file_name} 不再使用",
            f"{self.member}: {en}, so the folder counts; "
            f"what came back mended ({self.file_name}) does no more",
        )

    def _partly(self) -> tuple[str, str]:
        names = [code for code in code_list("stage") if code.code in (self.stages or ())]
        zh, en = WHY[self.left_for or CHANGED]
        return (
            f"{self.member}：{'、'.join(code.name_zh for code in names)}沿用此前交回的改正件 "
            f"{self.file_name}；其余学段{zh}，以文件夹为准",
            f"{self.member}: what came back mended before ({self.file_name}) stays for "
            f"{', '.join(code.name_en for code in names)}; for other stages {en}, so the folder counts",
        )


def keep_mends(record: str, batch_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Copy what was mended before into those of the waiting batches that are folders; safe to run again.

    Of a batch that cannot take them: why it must not become current (zh, en). The others go on.
    """
    refused = {}
    for batch_id in batch_ids:
        try:
            with connect("junheng_loader") as connection:
                reason = _decide(connection, contracts()[record], batch_id)
        except psycopg.IntegrityError as error:
            reason = _cannot_be_merged(error)
        if reason is not None:
            refused[batch_id] = reason
    return refused


def _decide(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> tuple[str, str] | None:
    """Take over what stays mended, then judge what is still set aside; why the batch is refused (zh, en)."""
    if not members_of(connection, batch_id):
        return None
    if not _keep(connection, contract, batch_id):
        return NO_ROOM
    return judge(connection, contract, batch_id)


def _cannot_be_merged(error: psycopg.IntegrityError) -> tuple[str, str]:
    """A fault of ours, told with this batch: no other waits for it to be mended."""
    name = error.diag.constraint_name or type(error).__name__
    return (
        f"此前交回的改正件无法并入（{name}），该文件夹未入库；请交数据工程师",
        f"what came back mended before cannot be merged ({name}), so the folder was not taken: ask the data "
        "engineer",
    )


def notes_of(connection: psycopg.Connection, batch_id: UUID) -> list[MendNote]:
    """What became of the mends when a batch was read; those that do not count any more come first."""
    return [MendNote(*row) for row in connection.execute(_NOTES, [batch_id]).fetchall()]


def told(batch_ids: Sequence[UUID]) -> list[tuple[str, str]]:
    """The same of several batches, each thing once, in words (zh, en)."""
    with connect("junheng_loader") as connection:
        notes = [note.said for batch_id in batch_ids for note in notes_of(connection, batch_id)]
    return list(dict.fromkeys(notes))


def _keep(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> bool:
    """Decide on each mend, all of them in one transaction; False when there is no room for one."""
    lock_batch(connection, batch_id)
    waiting = connection.execute(
        "select 1 from ops.load_batch where batch_id = %s and status = 'loaded'", [batch_id]
    ).fetchone()
    is_decided = False
    # What is copied may have the batch tell of more partitions, and so take the place of more.
    while mends := unsettled(connection, contract, batch_id) if waiting else []:
        is_decided = True
        for mend in mends:
            if not _settle(connection, contract, batch_id, mend):
                connection.rollback()
                return False
    if is_decided:
        kept_rows.count_anew(connection, contract, batch_id)
    if waiting:
        note_withdrawn(connection, contract.record, batch_id)
        connection.execute(
            _CONTINUES.format(table=contract.table), {"record": contract.record, "batch": batch_id}
        )
    return True


def _settle(connection: psycopg.Connection, contract: Contract, batch_id: UUID, mend: Mend) -> bool:
    """Copy the rows of the mended workbook or leave the folder's own, and write down which; False when there
    is no room for them."""
    members = members_of(connection, batch_id)
    name = mend.unchanged_in(members) or mend.member
    place = Place(batch_id, mend, name, is_rewritten=name in members and not mend.is_of(members[name]))
    outcome, left_for = _outcome(connection, contract, place, members), None
    own = members.get(place.member)
    if own is not None and outcome in (CHANGED, TAKEN, NOT_WHOLE):
        part = _part_kept(connection, contract, place, own)
        if part is not None:
            place, outcome, left_for = part, PARTLY, outcome
    if outcome in (KEPT, PARTLY) and not kept_rows.take_over(connection, contract, place):
        return False
    connection.execute(
        "insert into ops.kept_mend (batch_id, mended_batch_id, member, outcome, stages, left_for) "
        "values (%s, %s, %s, %s, %s, %s)",
        [batch_id, mend.mended_id, place.member, outcome, place.stages and list(place.stages), left_for],
    )
    return True


def _part_kept(
    connection: psycopg.Connection, contract: Contract, place: Place, own: Workbook
) -> Place | None:
    """The mended workbook with the stages of which it can stay; None where there is none."""
    counting = kept_rows.stages_that_count(connection, contract, place)
    stages = tuple(stage for stage in counting if place.mend.says_of(stage, own))
    if not stages:
        return None
    part = replace(place, stages=stages)
    if kept_rows.is_told_elsewhere(connection, contract, part):
        return None
    return None if kept_rows.would_lose(connection, contract, part) else part


def _outcome(
    connection: psycopg.Connection,
    contract: Contract,
    place: Place,
    members: Mapping[str, Workbook],
) -> str:
    """What becomes of a mend: kept only where its workbook is as it was and no row can be lost by it."""
    mend = place.mend
    if mend.unchanged_in(members) is None:
        return GONE if mend.member not in members else UNKNOWN if mend.sha256 is None else CHANGED
    if kept_rows.is_told_elsewhere(connection, contract, place):
        return TOLD_ANEW
    if not mend.is_whole:
        return TAKEN
    return NOT_WHOLE if kept_rows.would_lose(connection, contract, place) else KEPT
