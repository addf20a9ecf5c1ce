"""Mends and a withdrawal: what came back mended is one batch with the file that it mends, and goes with it.

Before it is done that is said; afterwards too, when a folder is read again that holds the workbooks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import psycopg

from ingest.contract import contracts
from ingest.lineage import EARLIER, SAME_WORKBOOK

# In which file a batch began to which mends came, and the mends that are part of it.
_MENDS_OF: LiteralString = """
    select file.file_name, array_agg(mended.file_name order by mended.loaded_at)
    from ops.batch_part as own
    inner join ops.load_batch as file on own.origin_batch_id = file.batch_id and file.base_batch_id is null
    inner join ops.batch_part as part on own.batch_id = part.batch_id
    inner join ops.load_batch as mended
        on part.origin_batch_id = mended.batch_id and mended.base_batch_id is not null
    where own.batch_id = %s
    group by 1
"""
# Mended workbooks that count nowhere because the batch was withdrawn that they were part of, and of which a
# folder that is read again holds the workbook as it was; told until a folder that told them is taken.
_NOTE: LiteralString = """
    insert into ops.kept_mend (batch_id, mended_batch_id, member, outcome)
    with recursive current_part as (
        select part.origin_batch_id
        from ops.current_batch as held
        inner join ops.batch_part as part on held.batch_id = part.batch_id
        where held.record = %(record)s
    ),
    mend as (
        select distinct part.origin_batch_id as mended_id
        from ops.load_batch as batch
        inner join ops.batch_part as part on batch.batch_id = part.batch_id
        where batch.record = %(record)s and batch.withdrawn_at is not null
            and part.origin_batch_id in (select batch_id from ops.mended_row where source_row = 0)
            and part.origin_batch_id not in (select origin_batch_id from current_part)
    ),
    trace as (
        select mend.mended_id, came.origin_batch_id as at_batch_id, came.origin_sheet as at_sheet
        from mend
        inner join ops.mended_row as came on mend.mended_id = came.batch_id and came.source_row = 0
        union
        {earlier}
    )
    select %(batch)s, trace.mended_id, min(own.file_name), 'withdrawn'
    from trace
    inner join ops.batch_member as there
        on trace.at_batch_id = there.batch_id and trace.at_sheet = there.file_name
    inner join ops.batch_member as own
        on own.batch_id = %(batch)s and {same}
    -- Mended once more it was told by the later one.
    where trace.mended_id not in (
        select later.origin_batch_id
        from ops.mended_row as later
        inner join mend on later.batch_id = mend.mended_id
        where later.source_row = 0
    )
    and trace.mended_id not in (
        select told.mended_batch_id
        from ops.kept_mend as told
        inner join ops.load_batch as folder on told.batch_id = folder.batch_id
        where told.batch_id = %(batch)s or (told.outcome = 'withdrawn' and folder.status = 'accepted')
    )
    group by trace.mended_id
"""


@dataclass(frozen=True)
class Mended:
    """What goes with a batch to which mends came: the file that it began with, the mends and all rows."""

    file_name: str
    mends: tuple[str, ...]
    rows: int
    schools: int | None  # None of a record that names none

    @property
    def said(self) -> tuple[str, str]:
        """In words (zh, en)."""
        of_zh = "" if self.schools is None else f"、{self.schools} 所学校"
        of_en = "" if self.schools is None else f" of {self.schools} schools"
        return (
            f"改正件与原文件合为一个批次：撤回它即撤回“{self.file_name}”的全部（{self.rows} 行{of_zh}），"
            f"交回的改正件（{'、'.join(self.mends)}）一并不再使用",
            f"what came back mended is one batch with its original: with it all of “{self.file_name}” goes "
            f"({self.rows} rows{of_en}), and what came back mended for it ({', '.join(self.mends)})",
        )


def mended_in(connection: psycopg.Connection, record: str, batch_id: UUID) -> Mended | None:
    """All that counts with a batch that holds mends; None for one to which none came."""
    found = connection.execute(_MENDS_OF, [batch_id]).fetchone()
    if found is None:
        return None
    contract = contracts()[record]
    has_schools = any(field.name == "school_code" for field in contract.stored_fields)
    schools = "count(distinct school_code)" if has_schools else "null"
    row = connection.execute(
        f"select count(*), {schools} from {contract.table} "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        "inner join ops.current_batch using (batch_id, partition_key) where record = %s and batch_id = %s",
        [record, batch_id],
    ).fetchone()
    rows, of_schools = row or (0, None)
    return Mended(found[0], tuple(found[1]), rows, of_schools)


def note_withdrawn(connection: psycopg.Connection, record: str, batch_id: UUID) -> None:
    """Write down of a folder which mends of its workbooks are gone since their batch was withdrawn."""
    statement = _NOTE.format(earlier=EARLIER.format(kept="mended_id"), same=SAME_WORKBOOK)
    connection.execute(statement, {"record": record, "batch": batch_id})
