"""Tables to files: .xlsx and .csv whose bytes depend on the content alone."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from ingest.contract import contracts
from ingest.sample.district import DISTRICT_NAME
from ingest.sample.parts import Cell, Row, Table

# Workbooks carry their date of making; a fixed one keeps the bytes the same.
MADE_ON = datetime.fromisoformat("2023-01-01")  # a workbook knows no zone
FIRST_HANDED_IN = datetime(2023, 1, 2, tzinfo=UTC)
TITLE_ROWS = 1


@dataclass(frozen=True)
class Form:
    """How a table is put into a file. ``encoding`` is None for a workbook."""

    suffix: str
    encoding: str | None


WORKBOOK = Form(".xlsx", None)
CSV_BOM = Form(".csv", "utf-8-sig")
CSV_GB = Form(".csv", "gb18030")
# In turns over the files of a record, so that every record comes in every form.
FORMS = (WORKBOOK, CSV_BOM, CSV_GB)


@dataclass(frozen=True)
class Place:
    """Where a row stands in its file: sheet (None in a .csv), row counted from 1, first row of the data."""

    sheet: str | None
    first_row: int


def write_table(table: Table, form: Form, folder: Path, number: int) -> tuple[Path, Place]:
    """Write one table to ``folder/<record>/``; ``number`` sets the time at which it counts as handed in."""
    name_zh = contracts()[table.record].name_zh
    path = folder / table.record / f"样本市均衡区_{name_zh}_{table.period}{form.suffix}"
    if form.encoding is None:
        hand_in(path, minute(number), lambda part: _write_workbook(table, part, name_zh))
        return path, Place(name_zh, TITLE_ROWS + 2)
    content = to_csv_bytes(table.headers, [row.cells for row in table.rows], form.encoding)
    hand_in(path, minute(number), lambda part: part.write_bytes(content))
    return path, Place(None, 2)


def minute(number: int) -> datetime:
    """A fixed time, a minute apart by number: later files supersede earlier ones."""
    return FIRST_HANDED_IN + timedelta(minutes=number)


def hand_in(path: Path, at: datetime, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a hidden file, give it its time and put it in place at once.

    A night that runs meanwhile never sees half a file, and a file written again is not new to the ledger.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    write(part)
    os.utime(part, (at.timestamp(), at.timestamp()))
    part.replace(path)


def to_csv_bytes(headers: list[str], rows: list[list[Cell]], encoding: str) -> bytes:
    """Headers and rows as a .csv with the line ends of Excel."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([[_as_text(value) for value in row] for row in rows])
    return buffer.getvalue().encode(encoding)


def _as_text(value: Cell) -> str:
    if value is None:
        return ""
    return f"{float(value):.2f}" if isinstance(value, Fraction) else str(value)


def _write_workbook(table: Table, path: Path, name_zh: str) -> None:
    """A title merged over the columns, then the header, then the data."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        book.set_properties({"created": MADE_ON, "title": name_zh})
        sheet = book.add_worksheet(name_zh)
        title = f"{DISTRICT_NAME}{name_zh}表（{table.period}，虚构数据）"
        sheet.merge_range(0, 0, 0, len(table.headers) - 1, title)
        sheet.write_row(TITLE_ROWS, 0, table.headers)
        for number, row in enumerate(table.rows, start=TITLE_ROWS + 1):
            _write_row(sheet, number, row)


def _write_row(sheet: xlsxwriter.worksheet.Worksheet, number: int, row: Row) -> None:
    for column, value in enumerate(row.cells):
        if isinstance(value, str):
            sheet.write_string(number, column, value)
        elif value is not None:
            sheet.write_number(number, column, float(value))


def column_letter(table: Table, header: str | None) -> str | None:
    """Letter of a header's column; None without a header."""
    return None if header is None else xl_col_to_name(table.headers.index(header))
