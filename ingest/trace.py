"""From a figure of a school to the cells it was made of: file, sheet, row, column, header, batch.

Facts keep batch and row, the ledger keeps the columns of each batch. Records of persons are never traced to a
row: for them the batches and their files are told, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from psycopg import sql

from ingest.contract import Contract, contracts
from ingest.questions import Place
from ingest.tables import Row, read

# A published figure has 16 decimals; what is traced is exact.
PUBLISHED = Fraction(1, 10**15)
# A cell of a form: sheet, column and row in one; its row need not be the one by which the school's row goes.
ROW_OF_PLACE = re.compile(r"[^+]*![A-Z]+([0-9]+)")

PARTS = """
    select school_code, weighted_students, school_weighted_students
    from intermediate.int_school_stage_students
    where district_code = %(district)s and school_year = %(year)s and counted_school_code = %(school)s
        and stage = %(stage)s
        and (school_code = counted_school_code or students is null or students > 0)
    order by school_code <> counted_school_code, school_code
"""
MEASURE = "select * from warehouse.measure where measure_code = %s"
FIELDS = "select field_name, sign from warehouse.measure_part where measure_code = %s order by sign desc, 1"
COLUMNS = """
    select column_name from information_schema.columns
    where table_schema = 'warehouse' and table_name = %s
"""
FACTS = """
    select
        facts.school_code,
        facts.{field} as value,
        batches.batch_id,
        facts.source_sheet,
        facts.source_row,
        batches.file_name,
        origins.source_column,
        origins.header
    from warehouse.{table} as facts
    inner join ops.load_batch as batches
        on ops.origin_batch(facts.batch_id, facts.source_block::smallint) = batches.batch_id
    left join lateral (
        select
            string_agg(source_column, '+' order by length(source_column), source_column) as source_column,
            string_agg(header, '+' order by length(source_column), source_column) as header
        from ops.batch_column
        where batch_id = facts.batch_id and source_block = facts.source_block and field_name = {field_name}
    ) as origins on true
    where facts.district_code = %(district)s and facts.school_code = %(school)s and {conditions}
    order by batches.file_name, facts.source_sheet, facts.source_row
"""
BATCHES = """
    select batch_id, record, file_name, file_sha256, loaded_at
    from ops.load_batch
    where
        batch_id = any(%(batches)s::uuid[])
        or batch_id in (
            select origin_batch_id from ops.batch_part where batch_id = any(%(batches)s::uuid[])
        )
    order by record, file_name
"""
CURRENT = """
    select batch_id from ops.current_batch
    where record = %s and split_part(partition_key, '|', 1) = %s
        and (split_part(partition_key, '|', 2) = %s or split_part(partition_key, '|', 2) !~ '^[0-9]{4}$')
"""


@dataclass(frozen=True)
class Cell:
    """One cell of a file, and how it enters a measure: added or taken away, by the share of the stage."""

    school_code: str
    field_zh: str
    value: Decimal | None
    sign: int
    share: Fraction | None  # None where the pupils that decide it are not known
    batch_id: str
    file_name: str
    sheet: str
    row: int
    column: str | None  # None where a profile supplies the figure
    header: str | None

    @property
    def counted(self) -> Fraction | None:
        """What the cell adds to the measure; None where a part of it is not known."""
        if self.value is None or self.share is None:
            return None
        return Fraction(self.value) * self.sign * self.share


@dataclass(frozen=True)
class Trace:
    """One measure of a school: its cells, or for a record of persons only the batches it rests on."""

    measure: Row
    cells: tuple[Cell, ...]
    batch_ids: tuple[str, ...]

    @property
    def is_protected(self) -> bool:
        """Whether the record is about persons, of whom no row is told."""
        return contracts()[self.measure["record"]].is_about_persons

    @property
    def total(self) -> Fraction | None:
        """Sum of the cells; None where one is not known or there is none."""
        counted = [cell.counted for cell in self.cells]
        known = [amount for amount in counted if amount is not None]
        return sum(known, Fraction(0)) if counted and len(known) == len(counted) else None


def trace(place: Place, school_code: str, measure_code: str) -> Trace:
    """Every cell that enters a measure of a school and stage, its campuses included."""
    [measure] = read(MEASURE, [measure_code])
    contract = contracts()[measure["record"]]
    if contract.is_about_persons:
        current = read(CURRENT, [contract.record, place.district_code, str(place.school_year)])
        return Trace(measure, (), tuple(dict.fromkeys(str(row["batch_id"]) for row in current)))
    parts = read(PARTS, {**place.parameters, "school": school_code})
    fields = [(row["field_name"], row["sign"]) for row in read(FIELDS, [measure_code])] or [(measure_code, 1)]
    cells = tuple(
        cell
        for part in parts
        for field, sign in fields
        for cell in _cells(place, contract, part, field, sign, _share(part, measure))
    )
    return Trace(measure, cells, tuple(dict.fromkeys(cell.batch_id for cell in cells)))


def _share(part: Row, measure: Row) -> Fraction | None:
    """Share of a school's rooms that counts for the stage; the whole where nothing is shared."""
    if not measure["is_split_by_stage"]:
        return Fraction(1)
    if part["weighted_students"] is None or not part["school_weighted_students"]:
        return None
    return Fraction(part["weighted_students"]) / Fraction(part["school_weighted_students"])


def _cells(
    place: Place, contract: Contract, part: Row, field: str, sign: int, share: Fraction | None
) -> Iterable[Cell]:
    table = f"fct_{contract.record}"
    statement = sql.SQL(FACTS).format(
        field=sql.Identifier(field),
        field_name=sql.Literal(field),
        table=sql.Identifier(table),
        conditions=_conditions(table),
    )
    found = read(statement.as_string(), {**place.parameters, "school": part["school_code"]})
    name = contract.field(field).name_zh
    for row in found:
        column, number = row["source_column"], row["source_row"]
        own = ROW_OF_PLACE.fullmatch(column or "")
        yield Cell(
            school_code=row["school_code"],
            field_zh=name,
            value=None if row["value"] is None else Decimal(row["value"]),
            sign=sign,
            share=share,
            batch_id=str(row["batch_id"]),
            file_name=row["file_name"],
            sheet=row["source_sheet"],
            row=int(own.group(1)) if own else number,
            column=column,
            header=row["header"],
        )


def _conditions(table: str) -> sql.Composable:
    """The rows of a fact that count: of the year, of the stage where it has one, none twice."""
    there = {row["column_name"] for row in read(COLUMNS, [table])}
    wanted = [sql.SQL("facts.school_year = %(year)s")]
    if "stage" in there:
        wanted.append(sql.SQL("facts.stage = %(stage)s"))
    if "is_counted" in there:
        wanted.append(sql.SQL("facts.is_counted"))
    return sql.SQL(" and ").join(wanted)


def batches(batch_ids: Sequence[str]) -> list[Row]:
    """The batches behind figures, each with its file and hash; of a mended one the files before it too."""
    return read(BATCHES, {"batches": list(batch_ids)})


def agrees(published: Decimal | None, traced: Sequence[Trace]) -> bool | None:
    """Whether the cells make the published figure; None where either is not known."""
    totals = [one.total for one in traced]
    if published is None or any(total is None for total in totals):
        return None
    whole = sum((total for total in totals if total is not None), Fraction(0))
    return abs(whole - Fraction(published)) <= PUBLISHED
