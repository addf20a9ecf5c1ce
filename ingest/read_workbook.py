"""Workbooks (.xlsx, .xls) through calamine: cells become the text a clerk would write."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from ingest.chunks import PREVIEW_CHARACTERS, PREVIEW_ROWS, Chunk, Preview, RaggedRow
from ingest.merged_cells import fill_merged
from ingest.problems import refuse
from ingest.sheet_parts import Merge, PartedSheet, open_parted
from ingest.spool import Snapshot
from ingest.workbook_limits import (
    MAX_CELLS,
    MAX_MERGES,
    MAX_SHEETS,
    check_archive,
    damaged_workbook,
    too_many,
    too_many_cells,
)

CHUNK_ROWS = 10_000
# Above this a float no longer holds every whole number.
EXACT_FLOAT = 2**53
# Of which a value may equal one of another kind (1, 1.0, true) that has another text.
_EQUAL_KINDS = {bool, int, float}


class WorkbookSource:
    """A workbook; every sheet of it is read on its own."""

    encoding: str | None = None

    def __init__(self, snapshot: Snapshot, *, is_archive: bool) -> None:
        self._name, self._path = snapshot.path.name, snapshot.spool
        outlines = check_archive(snapshot.spool, self._name, keep_large=True) if is_archive else {}
        with self._broken_is_refused():
            self._book = open_parted(snapshot.spool, outlines) or CalamineWorkbook.from_path(
                str(snapshot.spool)
            )
            names = self._book.sheet_names
            if len(names) > MAX_SHEETS:
                raise too_many(self._name, "too_many_sheets", ("张工作表", "sheets"), len(names), MAX_SHEETS)
            self._sheets = {name: self._sheet(name) for name in names}

    @contextmanager
    def _broken_is_refused(self) -> Iterator[None]:
        """What calamine cannot read is a refusal; of a sheet in parts that shows only when one is read."""
        try:
            yield
        except (CalamineError, OSError, ValueError) as error:
            raise damaged_workbook(self._name) from error

    @property
    def book(self) -> CalamineWorkbook:
        """The workbook itself, for who reads it sheet by sheet."""
        if isinstance(self._book, CalamineWorkbook):
            return self._book
        with self._broken_is_refused():
            return CalamineWorkbook.from_path(str(self._path))

    def _sheet(self, name: str) -> CalamineSheet | PartedSheet:
        sheet = self._book.get_sheet_by_name(name)
        if isinstance(sheet, CalamineSheet) and sheet.total_height * sheet.total_width > MAX_CELLS:
            raise too_many_cells(self._name, sheet.total_height, sheet.total_width)
        return sheet

    def previews(self) -> Sequence[Preview]:
        """The first rows of every sheet that holds something."""
        found = []
        for name, sheet in self._sheets.items():
            with self._broken_is_refused():
                cells = list(islice(_rows(sheet), PREVIEW_ROWS))
            rows = [[cell_text(cell)[:PREVIEW_CHARACTERS] for cell in row] for row in cells]
            if rows:
                # Without merged cells a header of several rows leaves blanks, as a text does.
                found.append(Preview(name, rows, self._merges(name, sheet) or None))
        return found

    def _merges(self, name: str, sheet: CalamineSheet | PartedSheet) -> list[Merge]:
        """The merged cells that begin in the preview."""
        merges = {merge for merge in sheet.merged_cell_ranges or () if merge[0][0] < PREVIEW_ROWS}
        if len(merges) > MAX_MERGES:
            raise too_many(
                self._name, "too_many_merges", ("处合并单元格", "merged cells"), len(merges), MAX_MERGES, name
            )
        return sorted(merges)

    def chunks(
        self,
        sheet: str,
        header_end: int,
        width: int,
        dropped: frozenset[int],
        filled: frozenset[int] = frozenset(),
    ) -> Iterator[Chunk]:
        """The rows below the header. A row with text beyond the header's last column is ragged."""
        rows: Iterator[list[Any]] = islice(_rows(self._sheets[sheet], width), header_end, None)
        if filled:
            rows = fill_merged(rows, header_end, filled, self._sheets[sheet].merged_cell_ranges or [])
        number = header_end + 1
        with self._broken_is_refused():
            while block := list(islice(rows, CHUNK_ROWS)):
                yield _chunk(sheet, _even(block), number, width, dropped)
                number += len(block)


def _rows(sheet: CalamineSheet | PartedSheet, width: int = 0) -> Iterator[list[Any]]:
    """The rows from the first on, each from column A: calamine leaves the empty first columns out."""
    if isinstance(sheet, PartedSheet):
        return sheet.rows(width)
    empty: list[Any] = [""] * (sheet.start[1] if sheet.start else 0)
    return ([*empty, *row] for row in sheet.iter_rows()) if empty else sheet.iter_rows()


def _even(block: list[list[Any]]) -> list[list[Any]]:
    """The rows as wide as the last of them: parts of a sheet may be wider than the one before."""
    widest = len(block[-1])
    if len(block[0]) == widest:
        return block
    return [[*row, *[""] * (widest - len(row))] for row in block]


def _chunk(sheet: str, block: list[list[Any]], number: int, width: int, dropped: frozenset[int]) -> Chunk:
    numbers = np.arange(number, number + len(block), dtype=np.int32)
    cells = list(zip(*block, strict=True))
    beyond = cells[width:]
    is_ragged = np.zeros(len(block), dtype=bool)
    for column in beyond:
        is_ragged |= np.array([cell != "" for cell in column], dtype=bool)
    columns = {
        index: _column(cells[index]) for index in range(min(width, len(cells))) if index not in dropped
    }
    if is_ragged.any():
        keep = pa.array(~is_ragged)
        columns = {index: column.filter(keep) for index, column in columns.items()}
    ragged = tuple(RaggedRow(int(row), len(cells), width) for row in numbers[is_ragged])
    return Chunk(sheet, columns, numbers[~is_ragged], ragged)


def _column(cells: Sequence[Any]) -> pa.DictionaryArray:
    """Text of a column, converted once a distinct value."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        return pa.array(cells, pa.string()).dictionary_encode()
    if kinds == {float}:  # the usual column of figures
        # -0 becomes 0, which has the same text: all others have one of their own.
        coded = pc.add(pa.array(cells, pa.float64()), 0.0).dictionary_encode()
        texts = pa.array(map(cell_text, coded.dictionary.to_pylist()), pa.string())
        return pa.DictionaryArray.from_arrays(coded.indices, texts)
    if len(kinds & _EQUAL_KINDS) < 2:
        plain = {cell: cell_text(cell) for cell in set(cells)}
        return pa.array(list(map(plain.__getitem__, cells)), pa.string()).dictionary_encode()
    told = {key: cell_text(key[1]) for key in {(type(cell), cell) for cell in cells}}
    return pa.array([told[type(cell), cell] for cell in cells], pa.string()).dictionary_encode()


def cell_text(cell: Any) -> str:
    """A cell as text: whole numbers without a decimal point, dates in ISO form, no exponent."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _float_text(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    return "" if cell is None else str(cell)


def _float_text(number: float) -> str:
    if number.is_integer() and abs(number) < EXACT_FLOAT:
        return str(int(number))
    # Shortest text that reads back as the same number, written out.
    return format(Decimal(repr(number)), "f")


def check_no_zero_byte(snapshot: Snapshot) -> None:
    """RefusedFileError when what should be text holds a zero byte."""
    if snapshot.nul_offset is not None:
        raise refuse(
            "not_text",
            snapshot.path.name,
            found=f"\\x00 @ {snapshot.nul_offset}",
            expected=("文本文件（UTF-8 或 GB18030）", "a text file (UTF-8 or GB18030)"),
            mend=("用“CSV UTF-8”格式重新另存", "save it again as “CSV UTF-8”"),
        )
