"""The rows of a mended workbook copied from the batch that counts into a folder that was read again.

They come behind the folder's own blocks, as a part of their own: every row still tells the mended file.
"""

from __future__ import annotations

from uuid import UUID

import psycopg

from ingest.contract import Contract
from ingest.duplicates import RULE
from ingest.hand_back.kept_place import COUNTS, IN_PART, OWN, STAYED_PARTLY, Place
from ingest.hand_back.replay_rows import BATCH_COLUMNS, SET_ASIDE, copy_blocks, remove_rows
from ingest.lineage import LAST_BLOCK, OF_WORKBOOK
from ingest.quarantine import REJECTED_KEY_FIELDS

NOTE_COLUMNS = "form_code, district_code, school_year, school_code, note"


def is_told_elsewhere(connection: psycopg.Connection, contract: Contract, place: Place) -> bool:
    """Whether another workbook of the folder has a row of the same key as a mended one, be it one that was
    set aside because the two workbooks tell the same."""
    key = ", ".join(contract.key_sql)
    whose = [field.name for field in contract.stored_fields if field.name in REJECTED_KEY_FIELDS]
    same = " and ".join(f"coalesce(aside.{name} = held.{name}, true)" for name in whose)
    found = connection.execute(
        f"""
        with mended as (
            select * from {contract.table} where {IN_PART} and {COUNTS} and {place.of_stages}
        ),
        aside as (
            select {", ".join(whose)}
            from ops.rejected_key
            inner join (
                select distinct batch_id, source_sheet, source_row, source_block
                from ops.rejected_row where batch_id = %(batch)s and rule = '{RULE}'
            ) as twin using (batch_id, source_sheet, source_row, source_block)
            where {OWN} and not {OF_WORKBOOK} and school_code is not null
        )
        select 1 from mended where ({key}) in (
            select {key} from {contract.table} where batch_id = %(batch)s and {OWN} and not {OF_WORKBOOK}
        )
        union all
        select 1 from mended as held inner join aside on {same}
        limit 1
        """,  # noqa: S608  owner: maintainers; the names are the contract's, no end
        place.values(contract),
    )
    return found.fetchone() is not None


def would_lose(connection: psycopg.Connection, contract: Contract, place: Place) -> bool:
    """Whether a row that the batch holds of the workbook has a key that no mended row has; where only some
    stages of the mended file stayed before, also whether one that is set aside is of another."""
    key = ", ".join(contract.key_sql)
    values = place.values(contract)
    of_workbook = [f"{OWN} and {OF_WORKBOOK}"]
    if place.stages is None:  # else what stayed before is of other stages
        of_workbook += _older_blocks(connection, place)
    found = connection.execute(
        f"select 1 from {contract.table} where batch_id = %(batch)s "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        f"and ({' or '.join(f'({of})' for of in of_workbook)}) and {place.of_stages} "
        f"and ({key}) not in (select {key} from {contract.table} where {IN_PART} and {COUNTS}) limit 1",
        values,
    )
    return found.fetchone() is not None or (
        "stage" in contract.partition_by and _is_of_another_stage(connection, contract, place)
    )


def _is_of_another_stage(connection: psycopg.Connection, contract: Contract, place: Place) -> bool:
    found = connection.execute(
        f"select 1 from ops.rejected_key where batch_id = %(batch)s and {OWN} and {OF_WORKBOOK} "  # noqa: S608  owner: maintainers; the name is the contract's, no end
        f"and {place.of_stages} and stage not in (select stage from {contract.table} where {IN_PART} "
        f"union select stage from ops.rejected_key where {IN_PART} and stage is not null) "
        f"and exists ({STAYED_PARTLY}) limit 1",
        place.values(contract),
    )
    return found.fetchone() is not None


def take_over(connection: psycopg.Connection, contract: Contract, place: Place) -> bool:
    """Put the rows of the mended workbook in the place of the folder's own, with all that is known of them.

    False, and nothing done, when there is no block left for them.
    """
    if place.stages is None:
        _remove_older(connection, contract, place)
    values = place.values(contract)
    if not _map_blocks(connection, contract, values):
        return False
    own = f"batch_id = %(batch)s and {OWN} and {OF_WORKBOOK}"
    remove_rows(connection, contract, own, place.of_stages, values)
    _copy_rows(connection, contract, place, values)
    _copy_parts(connection, values)
    if place.stages is None and not place.is_rewritten:
        _copy_notes(connection, values)
    return True


def stages_that_count(connection: psycopg.Connection, contract: Contract, place: Place) -> tuple[str, ...]:
    """Stages of which all that the mended workbook tells counts, so that their rows can stay though others
    cannot, but for those that stayed of another file. None where what is set aside does not say of which
    stage it is, or where the mended workbook has rows set aside itself."""
    if "stage" not in contract.partition_by:
        return ()
    older = " or ".join(f"({blocks})" for blocks in _older_blocks(connection, place)) or "false"
    rows = connection.execute(
        f"""
        with undecided as (
            select 1 from ops.rejected_key where {IN_PART}
            union all select 1 from ops.rejected_row where {IN_PART}
            union all
            select 1 from ops.rejected_key
            where batch_id = %(batch)s and {OWN} and {OF_WORKBOOK} and stage is null
        )
        select stage from {contract.table} where {IN_PART} and not exists (select 1 from undecided)
            and stage not in (select stage from {contract.table} where batch_id = %(batch)s and ({older}))
        group by stage having bool_and({COUNTS}) order by stage
        """,  # noqa: S608  owner: maintainers; the name is the contract's, no end
        place.values(contract),
    )
    return tuple(stage for (stage,) in rows)


def _older_blocks(connection: psycopg.Connection, place: Place) -> list[str]:
    """In SQL: a row is of what was taken over of the workbook before."""
    return [f"source_block between {first} and {last}" for _, first, last in _older(connection, place)]


def _older(connection: psycopg.Connection, place: Place) -> list[tuple[UUID, int, int]]:
    """Parts that were taken over of the workbook before it was mended once more: mended batch, blocks."""
    rows = connection.execute(
        "select origin_batch_id, first_block::integer, last_block from ("
        "select origin_batch_id, first_block, "
        "coalesce(lead(first_block) over (order by first_block) - 1, %s) as last_block "
        "from ops.batch_part where batch_id = %s) as part "
        "where origin_batch_id in (select mended_batch_id from ops.kept_mend "
        "where batch_id = %s and member = %s and outcome in ('kept', 'partly'))",
        [LAST_BLOCK, place.batch_id, place.batch_id, place.member],
    )
    return rows.fetchall()


def _remove_older(connection: psycopg.Connection, contract: Contract, place: Place) -> None:
    """Take out what was taken over of the workbook before it was mended once more."""
    for mended_id, first, last in _older(connection, place):
        for table in (contract.table, "ops.rejected_row", "ops.rejected_key", "ops.batch_column"):
            connection.execute(
                f"delete from {table} where batch_id = %s and source_block between %s and %s",  # noqa: S608  owner: maintainers; the names are ours, no end
                [place.batch_id, first, last],
            )
        connection.execute(
            "delete from ops.form_note where batch_id = %s and source_sheet in ("
            "select source_sheet from ops.mended_row where batch_id = %s)",
            [place.batch_id, mended_id],
        )
        for table in ("ops.batch_part", "ops.kept_mend"):
            mended = "origin_batch_id" if table == "ops.batch_part" else "mended_batch_id"
            connection.execute(
                f"delete from {table} where batch_id = %s and {mended} = %s",  # noqa: S608  owner: maintainers; the names are ours, no end
                [place.batch_id, mended_id],
            )


def count_anew(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> None:
    """Write how many rows the batch holds and has set aside by now."""
    connection.execute(
        "update ops.load_batch set rows_loaded = counted.loaded, rows_rejected = counted.aside, "  # noqa: S608  owner: maintainers; the name is the contract's, no end
        "rows_read = counted.loaded + counted.aside + rows_skipped from (select "
        f"(select count(*) from {contract.table} where batch_id = %(batch)s) as loaded, "
        "(select count(*) from ops.rejected_key where batch_id = %(batch)s) as aside) as counted "
        "where batch_id = %(batch)s",
        {"batch": batch_id},
    )


def _map_blocks(connection: psycopg.Connection, contract: Contract, values: dict[str, object]) -> bool:
    """Write down, for this transaction, which block each block of the part becomes."""
    tables = (contract.table, "ops.batch_column", "ops.rejected_row", "ops.rejected_key")
    used, held = (
        " union ".join(f"select source_block from {table} where {wanted}" for table in tables)  # noqa: S608  owner: maintainers; the names are ours, no end
        for wanted in ("batch_id = %(batch)s", IN_PART)
    )
    connection.execute("drop table if exists kept_block")
    connection.execute(
        f"""
        create temp table kept_block on commit drop as
        with used as (
            {used} union select first_block from ops.batch_part where batch_id = %(batch)s
        ),
        held as ({held} union select %(first)s::smallint)
        select source_block,
            (select coalesce(max(source_block), 0) from used)
                + (row_number() over (order by source_block))::integer as new_block
        from held
        """,  # noqa: S608  owner: maintainers; the names are ours, no end
        values,
    )
    row = connection.execute("select max(new_block) from kept_block").fetchone()
    return row is not None and int(row[0]) <= LAST_BLOCK


def _copy_rows(
    connection: psycopg.Connection, contract: Contract, place: Place, values: dict[str, object]
) -> None:
    fields = ", ".join(field.name for field in contract.stored_fields)
    connection.execute(
        f"insert into {contract.table} "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        f"(batch_id, partition_key, source_sheet, source_row, source_block, {fields}) "
        f"select %(batch)s, partition_key, source_sheet, source_row, new_block, {fields} "
        f"from {contract.table} inner join kept_block using (source_block) "
        f"where {IN_PART} and {COUNTS} and {place.of_stages}",
        values,
    )
    for table, columns in (("ops.batch_column", BATCH_COLUMNS), *SET_ASIDE):
        copy_blocks(connection, table, columns, "kept_block", IN_PART, values)


def _copy_parts(connection: psycopg.Connection, values: dict[str, object]) -> None:
    """The folder's own part, and that of the mended file."""
    connection.execute(
        "insert into ops.batch_part (batch_id, first_block, origin_batch_id) "
        "values (%(batch)s, 0, %(batch)s) on conflict do nothing",
        values,
    )
    connection.execute(
        "insert into ops.batch_part (batch_id, first_block, origin_batch_id) "
        "select %(batch)s, new_block, %(mended)s from kept_block where source_block = %(first)s",
        values,
    )


def _copy_notes(connection: psycopg.Connection, values: dict[str, object]) -> None:
    """What the school wrote in the mended file, in the place of what it wrote before."""
    connection.execute(
        "delete from ops.form_note where batch_id = %(batch)s and source_sheet = %(member)s", values
    )
    connection.execute(
        f"insert into ops.form_note (batch_id, source_sheet, {NOTE_COLUMNS}) "  # noqa: S608  owner: maintainers; the names are ours, no end
        f"select %(batch)s, source_sheet, {NOTE_COLUMNS} from ops.form_note "
        "where batch_id = %(head)s and source_sheet in ("
        "select source_sheet from ops.mended_row where batch_id = %(mended)s)",
        values,
    )
