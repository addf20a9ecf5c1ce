"""What came back mended for school workbooks and counts now, as a folder that is read again finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from ingest.contract import Contract
from ingest.lineage import EARLIER, LAST_BLOCK

# What came back mended and counts anywhere in the record: of each mended workbook the one batch that counts
# for most of its rows, whether that is all of them, and the workbook of a folder that it began with. A part
# of which every row was mended once more holds nothing.
_MENDS = """
    with recursive every_part as (
        select
            part.batch_id as head_id,
            part.origin_batch_id as mended_id,
            part.first_block::integer,
            coalesce(
                lead(part.first_block) over (partition by part.batch_id order by part.first_block) - 1,
                {last_block}
            ) as last_block
        from ops.batch_part as part
        where part.batch_id <> %(batch)s
            and part.batch_id in (select batch_id from ops.current_batch where record = %(record)s)
    ),
    parts as (
        select * from every_part
        where mended_id in (select batch_id from ops.mended_row where source_row = 0)
    ),
    own_partition as (select distinct partition_key from {table} where batch_id = %(batch)s),
    held as (
        select
            parts.mended_id, parts.head_id, parts.first_block, parts.last_block, held_row.partition_key,
            bool_or(current_batch.batch_id is not null) as is_current,
            bool_or(current_batch.batch_id is not null and own_partition.partition_key is not null) as is_own
        from parts
        inner join {table} as held_row
            on parts.head_id = held_row.batch_id
                and held_row.source_block between parts.first_block and parts.last_block
        left join ops.current_batch
            on current_batch.record = %(record)s and held_row.batch_id = current_batch.batch_id
                and held_row.partition_key = current_batch.partition_key
        left join own_partition on held_row.partition_key = own_partition.partition_key
        group by 1, 2, 3, 4, 5
    ),
    aside as (
        select parts.*
        from parts
        where exists (
            select 1 from ops.rejected_key as aside
            where aside.batch_id = parts.head_id
                and aside.source_block between parts.first_block and parts.last_block
        ) and exists (
            select 1 from ops.current_batch inner join own_partition using (partition_key)
            where record = %(record)s and batch_id = parts.head_id
        )
    ),
    head as (
        select
            mended_id, head_id, first_block, last_block,
            count(distinct partition_key) filter (where is_current) as partitions,
            coalesce(bool_or(is_own), false) as is_own
        from held
        group by 1, 2, 3, 4
        union all
        select mended_id, head_id, first_block, last_block, 0, true
        from aside
        where mended_id not in (select mended_id from held)
    ),
    chosen as (
        select
            head.*,
            bool_or(is_own) over (partition by mended_id) as is_told,
            row_number() over (
                partition by mended_id order by partitions desc, decided_at desc nulls last, head_id
            ) as place
        from head
        inner join (select batch_id, decided_at from ops.load_batch) as batch on head_id = batch.batch_id
    ),
    trace as (
        select mended_id, origin_batch_id as at_batch_id, origin_sheet as at_sheet
        from chosen
        inner join ops.mended_row on batch_id = mended_id and source_row = 0
        where place = 1
        union
        {earlier}
    )
    select
        head_id, mended_id, first_block, last_block, mended.file_name, at_sheet as member,
        file_sha256 as sha256, contents, is_told,
        partitions = (
            select count(distinct partition_key) from held where held.mended_id = chosen.mended_id
        ) as is_whole
    from chosen
    inner join trace using (mended_id)
    inner join (select batch_id, file_name from ops.load_batch) as mended on mended.batch_id = mended_id
    inner join (select batch_id from ops.load_batch where base_batch_id is null) as root
        on root.batch_id = at_batch_id
    left join (select batch_id, file_name as member, file_sha256, contents from ops.batch_member) as member
        on member.batch_id = at_batch_id and member.member = at_sheet
    -- What counts nowhere was decided on before; of a workbook that is all set aside nothing can count.
    where place = 1 and (partitions > 0 or mended_id not in (select mended_id from held))
    order by mended_id
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
    contents: Mapping[str, str] | None  # what the record reads of it, by stage, hashed
    is_told: bool  # the new batch takes the place of any of it
    is_whole: bool  # every row of it counts in that one batch

    def unchanged_in(self, members: Mapping[str, Workbook]) -> str | None:
        """The name under which a folder holds the workbook as it was when it was mended: byte for byte, or
        else written anew with all that the record reads of it the same, which is whose it is too. Its own
        name where it has it still; None where it is not there."""
        if self.sha256 is None:
            return None
        same = [name for name, workbook in members.items() if self.is_of(workbook)]
        same = same or [name for name, workbook in members.items() if self.says_what(workbook)]
        return self.member if self.member in same else min(same, default=None)

    def is_of(self, workbook: Workbook) -> bool:
        """Whether it is the workbook, byte for byte."""
        return workbook.sha256 == self.sha256

    def says_what(self, workbook: Workbook) -> bool:
        """Whether the record reads the same of it; not known of one that was read before this was kept."""
        return bool(self.contents) and workbook.contents == self.contents

    def says_of(self, stage: str, workbook: Workbook) -> bool:
        """Whether the record reads the same of it for a stage."""
        told, tells = self.contents or {}, workbook.contents or {}
        return self.is_of(workbook) or (stage in told and told[stage] == tells.get(stage))


@dataclass(frozen=True)
class Workbook:
    """One of a folder: the hash of its bytes, and of what the record reads of it, by stage."""

    sha256: str
    contents: Mapping[str, str] | None


def members_of(connection: psycopg.Connection, batch_id: UUID) -> dict[str, Workbook]:
    """The workbooks of a folder by name; none of a batch that is no folder."""
    rows = connection.execute(
        "select file_name, file_sha256, contents from ops.batch_member where batch_id = %s", [batch_id]
    )
    return {name: Workbook(sha256, contents) for name, sha256, contents in rows.fetchall()}


def unsettled(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> list[Mend]:
    """Mends that a folder would undo and of which nobody has decided: they came in after it was checked."""
    if not members_of(connection, batch_id):
        return []
    rows = connection.execute("select mended_batch_id from ops.kept_mend where batch_id = %s", [batch_id])
    decided = {mended for (mended,) in rows}
    return [mend for mend in _mends(connection, contract, batch_id) if mend.mended_id not in decided]


def _mends(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> list[Mend]:
    """Of what came back mended, what the batch takes the place of or has the workbook of."""
    statement = _MENDS.format(
        table=contract.table, last_block=LAST_BLOCK, earlier=EARLIER.format(kept="mended_id")
    )
    with connection.cursor(row_factory=class_row(Mend)) as cursor:
        found = cursor.execute(statement, {"record": contract.record, "batch": batch_id}).fetchall()
    members = members_of(connection, batch_id)
    return [mend for mend in found if mend.is_told or mend.unchanged_in(members)]
