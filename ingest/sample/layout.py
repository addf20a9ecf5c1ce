"""Workbooks as offices make them: a title above the table, merged headers and cells, totals, notes below.

A sheet is written from lines, one a row of data. A header ``A/B`` stands in two rows, and neighbours with the
same A share it merged; in the columns ``merged`` equal neighbours below each other become one merged cell.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter

from ingest.loose_days import SERIAL_ZERO
from ingest.sample.files import MADE_ON
from ingest.sample.parts import Cell, Table

Lines = list[dict[str, Cell]]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its lines have the same headers in the same order."""

    name: str
    lines: Lines
    title: str | None = None
    header_rows: int = 1
    merged: tuple[str, ...] = ()
    total: str | None = None  # the word in the first column of a row of totals
    notes: tuple[str, ...] = ()


def lines_of(table: Table) -> Lines:
    """The rows of a table by their headers."""
    return [dict(zip(table.headers, row.cells, strict=True)) for row in table.rows]


def by_year(table: Table, header: str) -> dict[int, Lines]:
    """The rows of a table by the year under ``header``, in its order."""
    every = lines_of(table)
    years = sorted({int(str(line[header])) for line in every})
    return {year: [line for line in every if int(str(line[header])) == year] for year in years}


def serial_day(day: Cell) -> int | None:
    """A day (year-month-day) as the bare number by which a spreadsheet counts it."""
    return None if day is None else (date.fromisoformat(str(day)) - SERIAL_ZERO).days


def slashed(day: Cell) -> str | None:
    """A day as clerks type it: 2021/9/1."""
    return None if day is None else "{}/{}/{}".format(*map(int, str(day).split("-")))


def chinese_day(day: Cell) -> str | None:
    """A day as ledgers print it: 2021年9月1日."""
    return None if day is None else "{}年{}月{}日".format(*map(int, str(day).split("-")))


def chinese_month(day: Cell, *, edge: str) -> str | None:
    """A day that is the ``first`` or the ``last`` of its month as that month, any other as a day."""
    if day is None:
        return None
    year, month, number = map(int, str(day).split("-"))
    last = monthrange(year, month)[1]
    return f"{year}年{month}月" if number == (1 if edge == "first" else last) else chinese_day(day)


def write_book(path: Path, sheets: Sequence[Sheet]) -> Path:
    """Write the sheets; the same content gives the same bytes."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        book.set_properties({"created": MADE_ON, "title": path.stem})
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet)
    return path


def _write_sheet(page: Any, sheet: Sheet) -> None:
    headers = list(sheet.lines[0])
    row = 0
    if sheet.title:
        _merge(page, (0, 0), (0, len(headers) - 1), sheet.title)
        row = 1
    _write_header(page, row, headers, sheet.header_rows)
    row += sheet.header_rows
    first = row
    for line in sheet.lines:
        for column, (header, value) in enumerate(line.items()):
            if header not in sheet.merged:
                _put(page, row, column, value)
        row += 1
    for header in sheet.merged:
        _write_merged(page, first, headers.index(header), [line[header] for line in sheet.lines])
    if sheet.total:
        _put(page, row, 0, sheet.total)
        for column, header in enumerate(headers):
            numbers = [line[header] for line in sheet.lines]
            if column and all(isinstance(number, int) for number in numbers):
                _put(page, row, column, sum(int(str(number)) for number in numbers))
        row += 1
    for number, note in enumerate(sheet.notes):
        _put(page, row + number, 0, note)


def _write_header(page: Any, row: int, headers: list[str], height: int) -> None:
    parts = [header.split("/", height - 1) for header in headers]
    for column, own in enumerate(parts):
        if len(own) == 1:
            _merge(page, (row, column), (row + height - 1, column), own[0])
        else:
            _put(page, row + 1, column, own[1])
    column = 0
    for top, group in groupby(parts, key=lambda own: own[0] if len(own) > 1 else None):
        width = len(list(group))
        if top is not None:
            _merge(page, (row, column), (row, column + width - 1), top)
        column += width


def _write_merged(page: Any, first: int, column: int, values: list[Cell]) -> None:
    row = first
    for value, group in groupby(values):
        height = len(list(group))
        if value is not None:
            _merge(page, (row, column), (row + height - 1, column), value)
        row += height


def _merge(page: Any, start: tuple[int, int], end: tuple[int, int], value: Cell) -> None:
    if start != end:
        page.merge_range(*start, *end, "")
    _put(page, *start, value)


def _put(page: Any, row: int, column: int, value: Cell) -> None:
    if isinstance(value, str):
        page.write_string(row, column, value)
    elif isinstance(value, int | Fraction):
        page.write_number(row, column, float(value))
