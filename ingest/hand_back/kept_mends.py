"""Mends of school workbooks outlive a folder that is read again.

A folder of workbooks is one batch: with every workbook that comes or is written anew all of it is read anew.
What came back mended for a school is no file of the folder: without this, its rows would be those of the bad
workbook again. The rows of a mended workbook are copied into the new batch where the folder still holds that
workbook as it was; where it has changed, or another workbook tells of the school, the newer wins, and that is
written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from ingest.batch_ledger import lock_batch
from ingest.contract import Contract, contracts
from ingest.database import connect
from ingest.hand_back import kept_rows
from ingest.lineage import LAST_BLOCK

KEPT, CHANGED, GONE, TOLD_ANEW = "kept", "changed", "gone", "told_anew"
WHY = {
    CHANGED: ("文件夹中的工作簿已更改", "its workbook in the folder has changed"),
    GONE: ("文件夹中已没有该工作簿", "its workbook is no longer in the folder"),
    TOLD_ANEW: ("该校已有另一份工作簿", "another workbook tells of the school"),
}

# What came back mended, of whatever counts now where the batch has rows; with each part the workbook of a
# folder that it began with. A part of which every row was mended once more holds nothing.
_MENDS = """
    with recursive held as (
        select distinct current_batch.batch_id
        from ops.current_batch
        where record = %(record)s and batch_id <> %(batch)s
            and partition_key in (select partition_key from {table} where batch_id = %(batch)s)
    ),
    parts as (
        select
            held.batch_id as head_id,
            part.origin_batch_id as mended_id,
            part.first_block::integer,
            coalesce(
                lead(part.first_block) over (partition by part.batch_id order by part.first_block) - 1,
                {last_block}
            ) as last_block
        from held
        inner join ops.batch_part as part using (batch_id)
    ),
    trace as (
        select parts.*, origin_batch_id as at_batch_id, origin_sheet as at_sheet
        from parts
        inner join ops.mended_row on batch_id = mended_id and source_row = 0
        union all
        select head_id, mended_id, first_block, last_block, origin_batch_id, origin_sheet
        from trace
        inner join ops.mended_row on batch_id = at_batch_id and source_sheet = at_sheet and source_row = 0
    )
    select
        head_id, mended_id, first_block, last_block, mended.file_name, at_sheet as member,
        file_sha256 as sha256
    from trace
    inner join (select batch_id, file_name from ops.load_batch) as mended on mended.batch_id = mended_id
    inner join (select batch_id from ops.load_batch where base_batch_id is null) as root
        on root.batch_id = at_batch_id
    left join (select batch_id, file_name as member, file_sha256 from ops.batch_member) as member
        on member.batch_id = at_batch_id and member.member = at_sheet
    where exists (
        select 1 from {table} as held_row
        where held_row.batch_id = head_id and held_row.source_block between first_block and last_block
        union all
        select 1 from ops.rejected_key as aside
        where aside.batch_id = head_id and aside.source_block between first_block and last_block
    )
    order by mended_id
"""
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
    select outcome, member, mended.file_name
    from ops.kept_mend as kept
    inner join ops.load_batch as mended on kept.mended_batch_id = mended.batch_id
    where kept.batch_id = %s
    order by kept.outcome = 'kept', kept.member, mended.file_name
"""


@dataclass(frozen=True)
class Mend:
    """A workbook that came back mended: its blocks in what counts now, and the workbook it stands for."""

    head_id: UUID
    mended_id: UUID
    first_block: int
    last_block: int
    file_name: str
    member: str
    sha256: str | None  # None where the folder was read before hashes of its workbooks were kept


@dataclass(frozen=True)
class MendNote:
    """What became of a mended workbook when its folder was read again."""

    outcome: str
    member: str
    file_name: str

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
        zh, en = WHY[self.outcome]
        return (
            f"{self.member}：{zh}，以文件夹为准；此前交回的改正件 {self.file_name} 不再使用",
            f"{self.member}: {en}, so the folder counts; "
            f"what came back mended ({self.file_name}) does no more",
        )


def keep_mends(record: str, batch_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Copy what was mended before into those of the waiting batches that are folders; safe to run again.

    Of a batch that has no room for it: why it must not become current (zh, en).
    """
    refused = {}
    for batch_id in batch_ids:
        with connect("junheng_loader") as connection:
            if members_of(connection, batch_id) and not _keep(connection, contracts()[record], batch_id):
                refused[batch_id] = (
                    "文件夹中版式不同的工作簿过多，放不下此前交回的改正件；请分成几个文件夹",
                    "the workbooks of the folder are laid out in too many ways to hold what came back mended "
                    "before: put them into several folders",
                )
    return refused


def members_of(connection: psycopg.Connection, batch_id: UUID) -> dict[str, str]:
    """The workbooks of a folder by name, with their hashes; none of a batch that is no folder."""
    rows = connection.execute(
        "select file_name, file_sha256 from ops.batch_member where batch_id = %s", [batch_id]
    )
    return dict(rows.fetchall())


def unsettled(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> list[Mend]:
    """Mends that a folder would undo and of which nobody has decided: they came in after it was checked."""
    if not members_of(connection, batch_id):
        return []
    decided = connection.execute(
        "select mended_batch_id from ops.kept_mend where batch_id = %s", [batch_id]
    ).fetchall()
    return [mend for mend in _mends(connection, contract, batch_id) if (mend.mended_id,) not in decided]


def notes_of(connection: psycopg.Connection, batch_id: UUID) -> list[MendNote]:
    """What became of the mends when a batch was read; those that do not count any more come first."""
    return [MendNote(*row) for row in connection.execute(_NOTES, [batch_id]).fetchall()]


def told(batch_ids: Sequence[UUID]) -> list[tuple[str, str]]:
    """The same of several batches, each thing once, in words (zh, en)."""
    with connect("junheng_loader") as connection:
        notes = [note.said for batch_id in batch_ids for note in notes_of(connection, batch_id)]
    return list(dict.fromkeys(notes))


def _mends(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> list[Mend]:
    statement = _MENDS.format(table=contract.table, last_block=LAST_BLOCK)
    with connection.cursor(row_factory=class_row(Mend)) as cursor:
        return cursor.execute(statement, {"record": contract.record, "batch": batch_id}).fetchall()


def _keep(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> bool:
    """Decide on each mend, all of them in one transaction; False when there is no room for one."""
    lock_batch(connection, batch_id)
    waiting = connection.execute(
        "select 1 from ops.load_batch where batch_id = %s and status = 'loaded'", [batch_id]
    ).fetchone()
    mends = unsettled(connection, contract, batch_id) if waiting else []
    members = members_of(connection, batch_id)
    for mend in mends:
        member = _unchanged(mend, members)
        outcome = KEPT if member else CHANGED if mend.member in members else GONE
        if member and kept_rows.is_told_elsewhere(connection, contract, batch_id, mend, member):
            outcome = TOLD_ANEW
        elif member:
            kept_rows.remove_older(connection, contract, batch_id, mend.member)
            if not kept_rows.take_over(connection, contract, batch_id, mend, member):
                connection.rollback()
                return False
        connection.execute(
            "insert into ops.kept_mend (batch_id, mended_batch_id, member, outcome) values (%s, %s, %s, %s)",
            [batch_id, mend.mended_id, mend.member, outcome],
        )
    if mends:
        kept_rows.count_anew(connection, contract, batch_id)
    if waiting:
        connection.execute(
            _CONTINUES.format(table=contract.table), {"record": contract.record, "batch": batch_id}
        )
    return True


def _unchanged(mend: Mend, members: dict[str, str]) -> str | None:
    """The name under which the folder holds the workbook as it was when it was mended."""
    if mend.sha256 is None:
        return None
    if members.get(mend.member) == mend.sha256:
        return mend.member
    return next((name for name, sha256 in members.items() if sha256 == mend.sha256), None)
