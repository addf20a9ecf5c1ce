"""Workbooks handed back: a table filtered to the rows that failed, a school workbook whole; bad cells marked.

openpyxl edits the owner's own workbook, so fonts, widths, merged headers and drop-down lists stay. Formulas
become the values that were read: rows move, and what openpyxl writes has no computed values beside formulas.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence, Set
from copy import copy
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from ingest.chunks import SheetHeader
from ingest.hand_back.rejections import Rejection
from ingest.hand_back.returned_marks import (
    BATCH,
    EXTRA_CELL,
    PLACE,
    REASON,
    REPLAY_EN,
    REPLAY_ZH,
    SHEET,
    SHEET_HEADERS,
    SHEET_OF_REFUSED,
    place_text,
)
from ingest.spool import Snapshot
from ingest.workbook_limits import damaged_workbook

BAD = PatternFill("solid", fgColor="FFFFC7CE")
OURS = PatternFill("solid", fgColor="FFFFF2CC")
WIDTHS = {EXTRA_CELL: 14, BATCH: 14, PLACE: 14, REASON: 80}
COMMENT_SIZE = (160, 420)  # height and width of a comment, in points
AUTHOR = "均衡 Junheng"
Failed = Mapping[int, Sequence[Rejection]]


def open_workbook(snapshot: Snapshot) -> tuple[Workbook, bool]:
    """The workbook to be edited, and whether its look is kept; an old .xls, or one that openpyxl cannot open
    although it was read, gives a new workbook with the same cells. RefusedFileError when nothing opens it."""
    if snapshot.path.suffix.lower() != ".xls":
        # Programs write styles that openpyxl does not take; it says so in errors of every kind.
        with contextlib.suppress(Exception), snapshot.spool.open("rb") as stream:
            return load_workbook(stream, data_only=True, keep_links=False), True
    try:
        return _same_cells(CalamineWorkbook.from_path(str(snapshot.spool))), False
    except (CalamineError, OSError, ValueError) as error:
        raise damaged_workbook(snapshot.path.name) from error


def _same_cells(source: CalamineWorkbook) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name in source.sheet_names:
        sheet, read = book.create_sheet(name), source.get_sheet_by_name(name)
        for row, cells in enumerate(read.to_python(skip_empty_area=False), 1):
            for column, value in enumerate(cells, 1):
                _put_read(sheet.cell(row, column), value)
        for (top, left), (bottom, right) in read.merged_cell_ranges or ():
            sheet.merge_cells(None, top + 1, left + 1, bottom + 1, right + 1)
    return book


def same_rows(snapshot: Snapshot, wanted: Mapping[str, Set[int]]) -> Workbook:
    """A new workbook with the cells of some rows of some sheets, each where it stood. RefusedFileError when
    nothing opens the original."""
    book = Workbook()
    book.remove(book.worksheets[0])
    try:
        source = CalamineWorkbook.from_path(str(snapshot.spool))
        for name, rows in wanted.items():
            _fill_rows(book.create_sheet(name), source.get_sheet_by_name(name), rows)
    except (CalamineError, OSError, ValueError) as error:
        raise damaged_workbook(snapshot.path.name) from error
    return book


def _fill_rows(sheet: Worksheet, read: CalamineSheet, rows: Set[int]) -> None:
    areas = [
        (top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in read.merged_cell_ranges or ()
        if any(top < row <= bottom + 1 for row in rows)
    ]
    needed = {*rows, *(top for top, *_ in areas)}  # what a merged cell says stands in its first row
    offset = read.start[1] if read.start else 0
    for number, cells in enumerate(read.iter_rows(), 1):
        if number in needed:
            for column, value in enumerate(cells, offset + 1):
                _put_read(sheet.cell(number, column), value)
    for area in areas:
        sheet.merge_cells(None, area[0], area[1], area[2], area[3])


def _put_read(cell: Cell, value: Any) -> None:
    """Write what calamine read: it knows no whole numbers, and nothing is an empty text."""
    if value != "":
        is_whole = isinstance(value, float) and value.is_integer()
        _put(cell, int(value) if is_whole else value)


def _put(cell: Cell, value: Any) -> None:
    """Write a value as it is: a text that begins with = is no formula."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


def filter_table(
    book: Workbook, header: SheetHeader, failed: Failed, filled: frozenset[int], *, whole: bool
) -> None:
    """Leave the header of a sheet and the rows that failed, marked; our columns come last.

    In the columns ``filled`` (0-based) a merged cell speaks for all its rows, so each row gets its value.
    ``whole``: every row stays, and only the reasons are added: nothing of the file was taken.
    """
    old = book[header.sheet]
    kept = {row: row for row in range(1, header.end_row + 1)}
    kept |= {row: header.end_row + n for n, row in enumerate(sorted(failed), 1)}
    sheet = old if whole else _with_rows(book, old, kept, filled)
    place = {row: row for row in failed} if whole else kept
    for row, reasons in failed.items():
        for reason in reasons:
            _mark(sheet, place[row], reason)
    _add_columns(sheet, header, {place[row]: (row, reasons) for row, reasons in failed.items()}, whole=whole)


def _with_rows(book: Workbook, old: Worksheet, kept: Mapping[int, int], filled: frozenset[int]) -> Worksheet:
    """A sheet in the place of the old one, with only the rows ``kept`` (old number to new)."""
    position, title = book.index(old), old.title
    sheet = book.create_sheet(title=f"{title[:20]}_", index=position)
    width = max(_last_filled(old, row) for row in kept)
    for row, target in kept.items():
        for column in range(1, width + 1):
            _copy_cell(old.cell(row, column), sheet.cell(target, column))
        if row in old.row_dimensions:
            sheet.row_dimensions[target].height = old.row_dimensions[row].height
    for area in old.merged_cells.ranges:
        _merge_again(old, sheet, area, kept, filled)
    for letter, dimension in old.column_dimensions.items():
        sheet.column_dimensions[letter] = copy(dimension)
        sheet.column_dimensions[letter].worksheet = sheet
    sheet.data_validations = copy(old.data_validations)
    sheet.freeze_panes = old.freeze_panes
    sheet.sheet_state = old.sheet_state
    book.remove(old)
    sheet.title = title
    return sheet


def _merge_again(
    old: Worksheet, sheet: Worksheet, area: Any, kept: Mapping[int, int], filled: frozenset[int]
) -> None:
    """Merged cells of which every row stays are merged; of others each row gets what it was told."""
    rows = range(area.min_row, area.max_row + 1)
    if all(row in kept for row in rows):
        sheet.merge_cells(None, kept[rows[0]], area.min_col, kept[rows[-1]], area.max_col)
    elif area.min_col - 1 in filled:
        for row in rows:
            if row in kept:
                _put(sheet.cell(kept[row], area.min_col), old.cell(area.min_row, area.min_col).value)


def _copy_cell(cell: Cell | MergedCell, target: Cell) -> None:
    if not isinstance(cell, MergedCell):
        _put(target, cell.value)
        if cell.comment:
            target.comment = copy(cell.comment)
    if cell.has_style:
        target._style = copy(cell._style)


def _mark(sheet: Worksheet, row: int, reason: Rejection) -> None:
    """Fill the bad cells and say in a comment what is wrong; the row's first cell where it is the row."""
    letters = reason.cells or ("A",)
    for letter in letters:
        _annotate(sheet.cell(row, column_index_from_string(letter)), reason)


def _annotate(cell: Cell | MergedCell, reason: Rejection) -> None:
    said = f"{reason.problem.said_zh()}\n{reason.problem.said_en()}"
    cell.fill = BAD
    if isinstance(cell, MergedCell):  # cannot hold a comment; the reason stands in the last column
        return
    before = f"{cell.comment.text}\n" if cell.comment else ""
    height, width = COMMENT_SIZE
    cell.comment = Comment(f"{before}{said}", AUTHOR, height, width)


def _add_columns(
    sheet: Worksheet,
    header: SheetHeader,
    failed: Mapping[int, tuple[int, Sequence[Rejection]]],
    *,
    whole: bool,
) -> None:
    """Batch, place and reasons after the last cell that any of the rows has."""
    last = max([len(header.names), *(_last_filled(sheet, row) for row in failed)])
    names = [EXTRA_CELL] * (last - len(header.names)) + ([REASON] if whole else [BATCH, PLACE, REASON])
    style = sheet.cell(header.end_row, len(header.names))
    for column, name in enumerate(names, len(header.names) + 1):
        # In each row of the header: a blank one would be taken for a part of the group to its left.
        for row in range(header.end_row - header.height + 1, header.end_row + 1):
            cell = sheet.cell(row, column, name)
            cell.font, cell.fill, cell.alignment = Font(bold=True), OURS, copy(style.alignment)
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS[name]
    for row, (number, reasons) in failed.items():
        values = [] if whole else [_batches(reasons), place_text(header.sheet, number)]
        for column, value in enumerate([*values, _said(reasons)], last + 1):
            cell = sheet.cell(row, column)
            _put(cell, value)
            cell.alignment = Alignment(vertical="top", wrap_text=column == last + len(values) + 1)


def _last_filled(sheet: Worksheet, row: int) -> int:
    (values,) = sheet.iter_rows(min_row=row, max_row=row, values_only=True)
    return max((column for column, value in enumerate(values, 1) if value not in (None, "")), default=0)


def _batches(reasons: Sequence[Rejection]) -> str:
    return " ".join(dict.fromkeys(str(reason.batch_id) for reason in reasons))


def _said(reasons: Sequence[Rejection]) -> str:
    return "\n".join(f"{reason.reason_zh}\n{reason.reason_en}" for reason in reasons)


def mark_forms(book: Workbook, member: str, rejections: Sequence[Rejection], *, whole: bool) -> None:
    """Mark the bad cells of a school workbook, and list them with their reasons on a sheet of its own."""
    lines = []
    for reason in rejections:
        form = reason.sheet.removeprefix(member).strip()
        places = [place.rpartition("!")[::2] for place in reason.cells] or [(form, f"A{reason.row}")]
        for sheet, address in places:
            if sheet in book.sheetnames:
                _annotate(book[sheet][address], reason)
        shown = "+".join(address for _, address in places)
        sheets = "+".join(dict.fromkeys(sheet for sheet, _ in places if sheet))
        lines.append((str(reason.batch_id), member, sheets, shown, _said([reason])))
    _list_reasons(book, lines, whole=whole)


def _list_reasons(book: Workbook, lines: Sequence[tuple[str, ...]], *, whole: bool) -> None:
    sheet = book.create_sheet(SHEET_OF_REFUSED if whole else SHEET)
    for column, (name, width) in enumerate(zip(SHEET_HEADERS, (38, 24, 16, 14, 100), strict=True), 1):
        cell = sheet.cell(1, column, name)
        cell.font, cell.fill = Font(bold=True), OURS
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, line in enumerate(lines, 2):
        for column, value in enumerate(line, 1):
            _put(sheet.cell(row, column), value)
            sheet.cell(row, column).alignment = Alignment(vertical="top", wrap_text=True)
    if not whole:
        note = sheet.cell(len(lines) + 3, 5)
        _put(note, f"{REPLAY_ZH}；不要删除本表\n{REPLAY_EN}; leave this sheet in")
        note.alignment = Alignment(wrap_text=True)
    sheet.freeze_panes = "A2"


def save(book: Workbook, target: Path) -> None:
    """Write the workbook to a file."""
    book.save(target)
