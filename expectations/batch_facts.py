"""What the ledger and the raw rows say of one batch: what came, what was taken, what not, what is new.

Counts, places and the words of the checks; no value of a row. Of records about persons nothing is told by
school: such counts could give a child away.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from expectations.check import TIME_ZONE
from ingest import part_notes
from ingest.contract import Contract, contracts
from ingest.hand_back.kept_mends import notes_of

Row = dict[str, Any]

# Of the file that was loaded last, every record that it was read for.
LATEST: LiteralString = """
    with last_file as (
        select file_path, file_sha256 from ops.load_batch
        where %(record)s::text is null or record = %(record)s
        order by loaded_at desc, batch_id
        limit 1
    )
    select batch.batch_id
    from ops.load_batch as batch
    inner join last_file using (file_path, file_sha256)
    where %(record)s::text is null or batch.record = %(record)s
    order by batch.record
"""
OF_RECORD: LiteralString = """
    select batch_id from ops.load_batch
    where record = %(record)s and (
        status = 'loaded' or batch_id in (select batch_id from ops.current_batch where record = %(record)s)
    )
    order by file_name, loaded_at
"""
BY_ID: LiteralString = """
    select batch_id from ops.load_batch where starts_with(batch_id::text, %(batch)s) order by loaded_at
"""
_BATCH: LiteralString = """
    select batch.*, base.file_name as base_file_name
    from ops.load_batch as batch
    left join ops.load_batch as base on batch.base_batch_id = base.batch_id
    where batch.batch_id = %(batch)s
"""
# Whatever the batch took the place of; while it is not current, whatever it would.
_PREVIOUS: LiteralString = """
    select partition_key, batch_id from ops.partition_batch
    where record = %(record)s and superseded_by = %(batch)s
    union
    select held.partition_key, held.batch_id
    from ops.current_batch as held
    where held.record = %(record)s and held.batch_id <> %(batch)s
        and held.partition_key = any(%(partitions)s)
        and not exists (select 1 from ops.partition_batch where batch_id = %(batch)s)
"""
_REJECTED: LiteralString = """
    with whose as (
        select batch_id, source_sheet, source_row, source_block,
            max(school_code) as school_code, max(district_code) as district_code
        from ops.rejected_key where batch_id = any(%(batches)s)
        group by batch_id, source_sheet, source_row, source_block
    )
    select
        rejected.rule, rejected.field_name, rejected.source_sheet, rejected.source_row,
        rejected.source_block, rejected.source_column, rejected.header, rejected.expected_zh,
        rejected.expected_en, rejected.mend_zh, rejected.mend_en, origin.file_name, origin.file_path,
        whose.school_code, whose.district_code
    from ops.rejected_row as rejected
    inner join ops.load_batch as origin
        on ops.origin_batch(rejected.batch_id, rejected.source_block) = origin.batch_id
    left join whose
        on rejected.batch_id = whose.batch_id and rejected.source_sheet = whose.source_sheet
            and rejected.source_row = whose.source_row and rejected.source_block = whose.source_block
    where rejected.batch_id = any(%(batches)s)
    order by origin.file_name, rejected.source_sheet, rejected.source_row,
        length(rejected.source_column) nulls last, rejected.source_column, rejected.rejected_row_id
"""
_FAILED_CHECKS: LiteralString = """
    select check_name, message_zh, message_en
    from ops.quality_result
    where batch_id = %(batch)s and not is_success
        and run_id = (
            select run_id from ops.quality_result where batch_id = %(batch)s
            order by quality_result_id desc limit 1
        )
    order by quality_result_id
"""
_NAMES: LiteralString = """
    select school_code, max(school_name) as school_name
    from raw.school
    inner join ops.current_batch using (batch_id, partition_key)
    where current_batch.record = 'school'
    group by school_code
"""


@dataclass(frozen=True)
class BatchFacts:
    """One batch. ``units`` are schools (districts where the record knows none): rows now and before, new,
    changed, gone, set aside. ``rules`` are faults by rule and field: rows now and last time."""

    batch: Row
    contract: Contract
    previous: tuple[Row, ...]  # batches that it took the place of
    units: tuple[Row, ...]
    rules: tuple[Row, ...]
    rejected: tuple[Row, ...]
    checks: tuple[Row, ...]  # that it broke
    mends: tuple[tuple[str, str], ...]  # what became of workbooks that had come back mended (zh, en)
    parts: tuple[tuple[str, str], ...]  # what it meant for other files of its table (zh, en)
    totals: Row

    @property
    def refusal(self) -> tuple[str, str] | None:
        """Why the batch was refused as a whole (zh, en): when it was read, checked or made current."""
        if self.batch["status"] != "refused":
            return None
        return self.batch["reason_zh"], self.batch["reason_en"]

    @property
    def rows_removed(self) -> tuple[str, str] | None:
        """That the rows of a refused batch are there no more, since when and why (zh, en)."""
        since = self.batch["rows_dropped_at"]
        if since is None:
            return None
        day, path = since.astimezone(TIME_ZONE).date(), shlex.quote(self.batch["file_path"])
        return (
            f"各行已删除（{day}）：其所属的区县、年份都已由后来的文件提供。如仍要采用本文件，请重新交入："
            f"junheng ingest {path}",
            f"its rows were removed on {day}: a later file told all of them; if this file should count after "
            f"all, hand it in again: junheng ingest {path}",
        )

    @property
    def rows_taken(self) -> int:
        """Rows that count, or counted: none of a batch that was refused as a whole or waits."""
        return int(self.batch["rows_loaded"]) if self.batch["status"] == "accepted" else 0

    @property
    def rows_waiting(self) -> int:
        """Rows that were read and of which nobody has decided."""
        return int(self.batch["rows_loaded"]) if self.batch["status"] == "loaded" else 0

    @property
    def rows_not_taken(self) -> int:
        """Rows set aside; of a batch that was refused as a whole every row."""
        return int(self.batch["rows_read"] - self.batch["rows_skipped"]) - self.rows_taken - self.rows_waiting

    @property
    def is_by_school(self) -> bool:
        """Whether a unit is a school."""
        return unit_field(self.contract) == "school_code"


def unit_field(contract: Contract) -> str | None:
    """By which field rows are told apart for a reader; None for records about persons."""
    if contract.is_about_persons:
        return None
    names = {field.name for field in contract.stored_fields}
    return "school_code" if "school_code" in names else "district_code"


def facts_of(cursor: psycopg.Cursor[Row], batch_id: UUID) -> BatchFacts:
    """Everything there is to tell of a batch."""
    (batch,) = cursor.execute(_BATCH, {"batch": batch_id}).fetchall()
    contract = contracts()[batch["record"]]
    previous = _previous(cursor, contract, batch_id)
    before = list({row["batch_id"] for row in previous})
    rejected = cursor.execute(_REJECTED, {"batches": [batch_id]}).fetchall()
    rejected_before = cursor.execute(_REJECTED, {"batches": before}).fetchall()
    units = _units(cursor, contract, batch_id, previous)
    names = {row["school_code"]: row["school_name"] for row in cursor.execute(_NAMES).fetchall()}
    return BatchFacts(
        batch=batch,
        contract=contract,
        previous=tuple(cursor.execute(_BATCH, {"batch": one}).fetchall()[0] for one in before),
        units=tuple(_with_rejected(contract, units, rejected, names, is_first=not previous)),
        rules=tuple(_rules(contract, rejected, rejected_before)),
        rejected=tuple(_with_fields(contract, row) for row in rejected),
        checks=tuple(cursor.execute(_FAILED_CHECKS, {"batch": batch_id}).fetchall()),
        mends=tuple(note.said for note in notes_of(cursor.connection, batch_id)),
        parts=tuple(part_notes.notes_of(cursor.connection, batch_id)),
        totals={
            name: sum(unit[name] for unit in units)
            for name in ("rows_now", "rows_before", "rows_new", "rows_changed", "rows_gone")
        },
    )


def _previous(cursor: psycopg.Cursor[Row], contract: Contract, batch_id: UUID) -> list[Row]:
    keys = cursor.execute(
        f"select partition_key from {contract.table} where batch_id = %(batch)s "
        "union select partition_key from ops.emptied_partition where batch_id = %(batch)s",
        {"batch": batch_id},
    ).fetchall()
    partitions = [row["partition_key"] for row in keys]
    wanted = {"record": contract.record, "batch": batch_id, "partitions": partitions}
    return cursor.execute(_PREVIOUS, wanted).fetchall()


def _units(
    cursor: psycopg.Cursor[Row], contract: Contract, batch_id: UUID, previous: Sequence[Row]
) -> list[Row]:
    """Rows by unit, now and in what the batch took the place of, joined by key."""
    unit = unit_field(contract)
    key = ", ".join(contract.key_sql)
    figures = ", ".join(f"rows.{f.name}" for f in contract.stored_fields if f.name not in contract.key)
    columns = (
        f"{f'rows.{unit}' if unit else 'null::text'} as unit, rows.partition_key, "
        f"concat_ws('|', {key}) as row_key, md5(row({figures})::text) as figures"
    )
    return cursor.execute(
        f"""
        with previous as (
            select * from unnest(%(partitions)s::text[], %(batches)s::uuid[]) as t (partition_key, batch_id)
        ),
        now_rows as (select {columns} from {contract.table} as rows where rows.batch_id = %(batch)s),
        before_rows as (
            select {columns}
            from {contract.table} as rows
            inner join previous
                on rows.batch_id = previous.batch_id and rows.partition_key = previous.partition_key
        )
        select
            coalesce(now_rows.unit, before_rows.unit) as unit,
            count(now_rows.row_key) as rows_now,
            count(before_rows.row_key) as rows_before,
            count(*) filter (where before_rows.row_key is null) as rows_new,
            count(*) filter (where now_rows.figures <> before_rows.figures) as rows_changed,
            count(*) filter (where now_rows.row_key is null) as rows_gone
        from now_rows
        full join before_rows
            on now_rows.partition_key = before_rows.partition_key and now_rows.row_key = before_rows.row_key
        group by 1
        order by 1 nulls last
        """,
        {
            "batch": batch_id,
            "partitions": [row["partition_key"] for row in previous],
            "batches": [row["batch_id"] for row in previous],
        },
    ).fetchall()


def _with_rejected(
    contract: Contract,
    units: Sequence[Row],
    rejected: Sequence[Row],
    names: dict[str, str],
    *,
    is_first: bool,
) -> list[Row]:
    """Units with how many rows were set aside of each; those of which something is to be told come first."""
    field = unit_field(contract)
    if field is None:
        return []
    aside: dict[str | None, set[tuple[object, ...]]] = {}
    for row in rejected:
        aside.setdefault(row[field], set()).add(_place(row))
    known = {unit["unit"]: unit for unit in units}
    nothing = dict.fromkeys(("rows_now", "rows_before", "rows_new", "rows_changed", "rows_gone"), 0)
    found = [
        {
            **known.get(unit, {"unit": unit, **nothing}),
            "name": names.get(unit) if unit else None,
            "rows_rejected": len(aside.get(unit, ())),
        }
        for unit in {**known, **dict.fromkeys(aside)}
    ]

    def order(unit: Row) -> tuple[object, ...]:
        moved = 0 if is_first else unit["rows_new"] + unit["rows_changed"] + unit["rows_gone"]
        return -unit["rows_rejected"], -moved, unit["unit"] or ""

    return sorted(found, key=order)


def _place(row: Row) -> tuple[object, ...]:
    return row["file_name"], row["source_sheet"], row["source_row"], row["source_block"]


def _rules(contract: Contract, rejected: Sequence[Row], before: Sequence[Row]) -> list[Row]:
    """Faults by rule and field, the most frequent first, with the first place of each."""
    now_rows, before_rows = _by_rule(rejected), _by_rule(before)
    first = {(row["rule"], row["field_name"]): row for row in reversed(rejected)}
    found = [
        {
            **_with_fields(contract, first[rule]),
            "rows_now": len(places),
            "rows_before": len(before_rows.get(rule, ())),
        }
        for rule, places in now_rows.items()
    ]
    return sorted(found, key=lambda row: (-row["rows_now"], row["rule"], row["field_name"] or ""))


def _by_rule(rows: Sequence[Row]) -> dict[tuple[str, str | None], set[tuple[object, ...]]]:
    found: dict[tuple[str, str | None], set[tuple[object, ...]]] = {}
    for row in rows:
        found.setdefault((row["rule"], row["field_name"]), set()).add(_place(row))
    return found


def _with_fields(contract: Contract, row: Row) -> Row:
    """A row with the names of its field, where the contract still has it."""
    field = next((f for f in contract.fields if f.name == row["field_name"]), None)
    return {
        **row,
        "field_zh": field.name_zh if field else None,
        "field_en": field.name_en if field else None,
    }
