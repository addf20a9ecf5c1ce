"""Sheets as an office lays them out: titles, captions, merged headers, numbers as text.

They are written as .xlsx, .xls or .csv whose bytes depend on the content alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter

from ingest.sample.files import MADE_ON
from ingest.sample.xls import xls_bytes

Value = str | int | float
Merge = tuple[tuple[int, int], tuple[int, int]]  # first and last cell, rows and columns from 0


@dataclass
class Sheet:
    """Rows of cells from the first cell on ('' is empty), and which cells are merged."""

    name: str
    rows: list[list[Value]]
    merges: list[Merge] = field(default_factory=list)


def write_workbook(path: Path, sheets: Iterable[Sheet]) -> None:
    """The sheets as an .xlsx; a text stays text, whatever it looks like."""
    with xlsxwriter.Workbook(
        str(path), {f"strings_to_{kind}": False for kind in ("numbers", "formulas", "urls")}
    ) as book:
        book.set_properties({"created": MADE_ON})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            for number, row in enumerate(sheet.rows):
                for column, cell in enumerate(row):
                    if cell != "":
                        page.write(number, column, cell)
            for (top, left), (bottom, right) in sheet.merges:
                page.merge_range(top, left, bottom, right, sheet.rows[top][left])


def write_old_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """The sheets as an .xls."""
    path.write_bytes(xls_bytes([(sheet.name, sheet.rows, sheet.merges) for sheet in sheets]))


def write_text(path: Path, sheet: Sheet, encoding: str) -> None:
    """One sheet as a .csv."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(sheet.rows)
    path.write_bytes(buffer.getvalue().encode(encoding))


def headed(top: Sequence[tuple[str, Sequence[str]]], first_row: int) -> tuple[list[list[Value]], list[Merge]]:
    """Two rows of header: a name over several columns, or (without parts) over both rows."""
    upper: list[Value] = []
    lower: list[Value] = []
    merges: list[Merge] = []
    for name, parts in top:
        start, width = len(upper), max(len(parts), 1)
        upper += [name, *[""] * (width - 1)]
        lower += list(parts) or [""]
        bottom = first_row if parts else first_row + 1
        if width > 1 or not parts:
            merges.append(((first_row, start), (bottom, start + width - 1)))
    return [upper, lower], merges
