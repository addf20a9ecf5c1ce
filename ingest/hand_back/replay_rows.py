"""The rows of a replay: those that its base holds beside the mended ones, copied within the database.

Rows of the mended file have the lower blocks; what is copied is moved up behind them, so that block and batch
together still tell the file that a row came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from ingest.contract import Contract
from ingest.duplicates import RULE
from ingest.lineage import LAST_BLOCK, Lineage, Place
from ingest.quarantine import REJECTED_COLUMNS, REJECTED_KEY_COLUMNS

MAX_CHANGES = 200  # figures shown one by one

BATCH_COLUMNS = "batch_id, source_block, field_name, source_column, header"
SET_ASIDE = (("ops.rejected_row", REJECTED_COLUMNS), ("ops.rejected_key", REJECTED_KEY_COLUMNS))
_HANDED_OVER = """
    select 1 from handed_over as gone
    where held.source_block between gone.first_block and gone.last_block
        and (
            (held.source_sheet = gone.source_sheet and held.source_row = gone.source_row)
            or (
                gone.source_row = 0
                and (held.source_sheet = gone.source_sheet
                    or starts_with(held.source_sheet, gone.source_sheet || ' '))
            )
        )
"""


def mark_handed_over(connection: psycopg.Connection, lineage: Lineage, places: Sequence[Place]) -> None:
    """Write down, for this transaction, which rows of the base the mended file stands for."""
    connection.execute(
        "create temp table handed_over (first_block smallint, last_block smallint, source_sheet text, "
        "source_row integer) on commit drop"
    )
    add_handed_over(connection, lineage, places)


def add_handed_over(connection: psycopg.Connection, lineage: Lineage, places: Sequence[Place]) -> None:
    """More rows of the base that go."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into handed_over values (%s, %s, %s, %s)",
            [(*lineage.blocks(origin), sheet, row) for origin, sheet, row in places],
        )
    connection.execute("analyze handed_over")


def map_blocks(connection: psycopg.Connection, contract: Contract, lineage: Lineage, used: int) -> bool:
    """Write down, for this transaction, which block of the replay each block of the base becomes: behind the
    ``used`` ones, without gaps, in their order. False where there is no room for them."""
    connection.execute(
        f"""
        create temp table moved_block on commit drop as
        with blocks as (
            select source_block from {contract.table} where batch_id = %(head)s
            union select source_block from ops.batch_column where batch_id = %(head)s
            union select source_block from ops.rejected_row where batch_id = %(head)s
            union select source_block from ops.rejected_key where batch_id = %(head)s
            union select unnest(%(parts)s::smallint[])
        )
        select source_block, (%(used)s + row_number() over (order by source_block) - 1)::integer as new_block
        from blocks
        """,  # noqa: S608  owner: maintainers; the name is the contract's, no end
        {
            "head": lineage.head.batch_id,
            "used": used,
            "parts": [first for first, _ in lineage.parts],
        },
    )
    row = connection.execute("select max(new_block) from moved_block").fetchone()
    return row is not None and int(row[0]) <= LAST_BLOCK


def copy_base(connection: psycopg.Connection, contract: Contract, lineage: Lineage, batch_id: UUID) -> None:
    """Copy the base's rows, and all that is known of them, but for what was handed over."""
    fields = ", ".join(field.name for field in contract.stored_fields)
    values = {
        "batch": batch_id,
        "head": lineage.head.batch_id,
        "partitions": list(lineage.partitions),
    }
    connection.execute(
        f"insert into {contract.table} "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        f"(batch_id, partition_key, source_sheet, source_row, source_block, {fields}) "
        f"select %(batch)s, partition_key, source_sheet, source_row, new_block, {fields} "
        f"from {contract.table} as held inner join moved_block using (source_block) "
        "where batch_id = %(head)s and partition_key = any(%(partitions)s) "
        f"and not exists ({_HANDED_OVER})",
        values,
    )
    copy_blocks(connection, "ops.batch_column", BATCH_COLUMNS, "moved_block", "batch_id = %(head)s", values)
    _copy_parts(connection, values, lineage.parts)
    _copy_notes(connection, values)


def copy_rejections(connection: psycopg.Connection, lineage: Lineage, batch_id: UUID) -> None:
    """Copy what of the base is still set aside, but for what was handed over."""
    values = {"batch": batch_id, "head": lineage.head.batch_id}
    where = f"batch_id = %(head)s and not exists ({_HANDED_OVER})"
    for table, columns in SET_ASIDE:
        copy_blocks(connection, table, columns, "moved_block", where, values)


def copy_blocks(
    connection: psycopg.Connection,
    table: str,
    columns: str,
    blocks: str,
    condition: str,
    values: Mapping[str, object],
) -> None:
    """Copy rows of a table of the ledger into a batch: those that meet a condition on ``held``, of the blocks
    that the table ``blocks`` names, as its new ones."""
    moved = columns.replace("batch_id", "%(batch)s").replace("source_block", "new_block")
    order = "order by rejected_row_id" if table == "ops.rejected_row" else ""
    connection.execute(
        f"insert into {table} ({columns}) select {moved} from {table} as held "  # noqa: S608  owner: maintainers; the names are ours, no end
        f"inner join {blocks} using (source_block) where {condition} {order}",
        values,
    )


def remove_rows(
    connection: psycopg.Connection,
    contract: Contract,
    condition: str,
    of_stages: str,
    values: Mapping[str, object],
) -> None:
    """Take out rows, set aside or not, that meet a condition and are of some stages (both in SQL). What is
    said of a row stays while the row itself is set aside."""
    for table in (contract.table, "ops.rejected_key"):
        connection.execute(
            f"delete from {table} where {condition} and {of_stages}",  # noqa: S608  owner: maintainers; the names are ours, no end
            values,
        )
    connection.execute(
        f"delete from ops.rejected_row as said where {condition} and not exists ("  # noqa: S608  owner: maintainers; the names are ours, no end
        "select 1 from ops.rejected_key as aside where aside.batch_id = said.batch_id "
        "and aside.source_sheet = said.source_sheet and aside.source_row = said.source_row "
        "and aside.source_block = said.source_block)",
        values,
    )


def _copy_parts(connection: psycopg.Connection, values: dict[str, Any], parts: Sequence[Any]) -> None:
    """The mended file's own part, and those of the base where their blocks went."""
    connection.execute(
        "insert into ops.batch_part (batch_id, first_block, origin_batch_id) "
        "values (%(batch)s, 0, %(batch)s)",
        values,
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.batch_part (batch_id, first_block, origin_batch_id) "
            "select %s, new_block, %s from moved_block where source_block = %s",
            [(values["batch"], origin, first) for first, origin in parts],
        )


def _copy_notes(connection: psycopg.Connection, values: dict[str, Any]) -> None:
    """What schools wrote stays, but for the schools whose workbook came back."""
    columns = "form_code, district_code, school_year, school_code, note"
    connection.execute(
        f"insert into ops.form_note (batch_id, source_sheet, {columns}) "  # noqa: S608  owner: maintainers; the names are ours, no end
        f"select %(batch)s, source_sheet, {columns} from ops.form_note as held "
        "where batch_id = %(head)s and not exists ("
        "select 1 from handed_over where handed_over.source_sheet = held.source_sheet and source_row = 0)",
        values,
    )


def same_key(contract: Contract, one: str, other: str) -> str:
    def key(name: str, of: str) -> str:
        part = f"{of}.{name}"
        empty = contract.field(name).empty_means
        return part if empty is None else f"coalesce({part}, '{empty}')"

    return " and ".join(f"{key(name, one)} = {key(name, other)}" for name in contract.key)


def set_twins_aside(connection: psycopg.Connection, contract: Contract, batch_id: UUID, offset: int) -> int:
    """Mended rows whose key an accepted row has already are set aside; how many. The accepted ones stay."""
    connection.execute(
        f"create temp table twin on commit drop as "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        "select mended.source_sheet, mended.source_row, mended.source_block, "
        "min(origin.file_name) as file_name, min(held.source_sheet) as held_sheet, "
        "min(held.source_row) as held_row "
        f"from {contract.table} as mended "
        f"inner join {contract.table} as held on {same_key(contract, 'mended', 'held')} "
        "inner join ops.load_batch as origin "
        "on ops.origin_batch(held.batch_id, held.source_block) = origin.batch_id "
        "where mended.batch_id = %(batch)s and held.batch_id = %(batch)s "
        "and mended.source_block < %(offset)s and held.source_block >= %(offset)s group by 1, 2, 3",
        {"batch": batch_id, "offset": offset},
    )
    names_zh = "、".join(contract.field(name).name_zh for name in contract.key)
    names_en = ", ".join(contract.field(name).name_en for name in contract.key)
    place = "file_name || ' ' || held_sheet || '!' || held_row"
    connection.execute(
        f"insert into ops.rejected_row ({REJECTED_COLUMNS}) "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        f"select %s, %s, source_sheet, source_row, source_block, null, null, %s, %s, null, %s || {place}, "
        f"%s || {place}, '改正这一行的这几列，或删去这一行', 'correct these cells of the row, or delete it' "
        "from twin",
        [
            batch_id,
            contract.record,
            names_zh,
            f"{RULE}_accepted",
            f"与已入库的行不重复（{names_zh}不都相同）：",
            f"a row that is not there already with the same {names_en}: ",
        ],
    )
    public = set() if contract.is_about_persons else {field.name for field in contract.stored_fields}
    whose = ("district_code", "school_year", "school_code", "stage")
    fields = ", ".join(name if name in public else "null" for name in whose)
    connection.execute(
        f"insert into ops.rejected_key ({REJECTED_KEY_COLUMNS}) "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        f"select batch_id, %s, source_sheet, source_row, source_block, {fields} from {contract.table} "
        "inner join twin using (source_sheet, source_row, source_block) where batch_id = %s",
        [contract.record, batch_id],
    )
    gone = connection.execute(
        f"delete from {contract.table} as mended using twin where mended.batch_id = %s "  # noqa: S608  owner: maintainers; the name is the contract's, no end
        "and mended.source_sheet = twin.source_sheet and mended.source_row = twin.source_row "
        "and mended.source_block = twin.source_block",
        [batch_id],
    )
    return gone.rowcount


def lost_places(
    connection: psycopg.Connection, contract: Contract, lineage: Lineage, batch_id: UUID
) -> list[tuple[str, int]]:
    """Where rows stood that were accepted, were handed over with a row or workbook, and did not come back."""
    rows = connection.execute(
        f"select distinct held.source_sheet, held.source_row from {contract.table} as held "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        "where held.batch_id = %(head)s and held.partition_key = any(%(partitions)s) "
        f"and exists ({_HANDED_OVER}) and not exists (select 1 from {contract.table} as mended "
        f"where mended.batch_id = %(batch)s and {same_key(contract, 'mended', 'held')}) order by 1, 2",
        {
            "head": lineage.head.batch_id,
            "batch": batch_id,
            "partitions": list(lineage.partitions),
        },
    )
    return rows.fetchall()


def changes(
    connection: psycopg.Connection, contract: Contract, lineage: Lineage, batch_id: UUID, offset: int
) -> list[dict[str, Any]]:
    """Mended rows as they are and as the base had them: place, fields after and before (None: new)."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            f"select mended.source_sheet as sheet, mended.source_row as row, "  # noqa: S608  owner: maintainers; the names are the contract's, no end
            "to_jsonb(mended) as after, to_jsonb(held) as before "
            f"from {contract.table} as mended left join {contract.table} as held "
            "on held.batch_id = %(head)s and held.partition_key = any(%(partitions)s) "
            f"and {same_key(contract, 'mended', 'held')} "
            "where mended.batch_id = %(batch)s and mended.source_block < %(offset)s "
            "order by 1, 2, mended.source_block limit %(limit)s",
            {
                "head": lineage.head.batch_id,
                "batch": batch_id,
                "partitions": list(lineage.partitions),
                "offset": offset,
                "limit": MAX_CHANGES,
            },
        ).fetchall()
