"""One sheet of a form as a grid: cells are found by 编号 and column number, or under a heading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ingest.chunks import column_letter
from ingest.forms import faults as form_faults
from ingest.forms.faults import FormFaultError
from ingest.forms.layout import BY_HEADING, VALUE_COLUMN, CellSpec
from ingest.plain import plain

Merges = Sequence[tuple[tuple[int, int], tuple[int, int]]]
NUMBER_HEADERS = ("乙", "编号", "代码")  # over the column of row numbers, in the order of belief
VALUE_HEADERS = ("内容", "数值", "填报内容")
FORM_CODE = re.compile(r"(基础基|教基)\d+")
MAX_HEADER_ROWS = 4
SUBTOTAL = re.compile(r"(^|/)(计|合计|小计)$")
OF_WHICH = re.compile(r"其中|女|#")


@dataclass(frozen=True)
class FoundCell:
    """A cell that was found: its text, and its place as a spreadsheet shows it."""

    text: str
    sheet: str
    row: int
    letter: str

    @property
    def place(self) -> str:
        """Sheet, column and row in one."""
        return f"{self.sheet}!{self.letter}{self.row}"


def clean(text: str) -> str:
    """The text of a cell without what the export leaves in it."""
    return text.replace("_x000D_", "").strip()


@lru_cache(maxsize=1 << 16)  # the same few labels stand in every workbook
def normal(text: str) -> str:
    """A label as it is compared, without what the export leaves in it."""
    return plain(clean(text))


def whole_number(text: str) -> int | None:
    """A row's or column's number (01 is 1); None for anything else."""
    digits = normal(text)
    return int(digits) if re.fullmatch(r"[0-9]{1,4}", digits) else None


def column_index(letters: str) -> int:
    """The 0-based column of a letter."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


@dataclass
class Grid:
    """The text of one sheet of a form, from its first cell on."""

    form: str
    sheet: str
    rows: list[list[str]]
    merges: Merges
    _labels: dict[int, str] = field(default_factory=dict)
    _headings: dict[int, str] = field(default_factory=dict)

    def find(self, spec: CellSpec) -> FoundCell | None:
        """The cell; None where the layout says that some years lack it. FormFaultError says what differs."""
        try:
            return self._find(spec)
        except FormFaultError as fault:
            fault.cell = spec.name
            raise

    def _find(self, spec: CellSpec) -> FoundCell | None:
        if spec.under is not None:
            return self._under(spec)
        row = self._row(spec)
        if row is None:
            return None
        column = self._column(spec)
        if column is None:
            return None
        self._check_label(spec, row)
        self._check_heading(spec, row, column)
        return self.at(row, column)

    def at(self, row: int, column: int) -> FoundCell:
        """The cell at a place counted from 0."""
        cells = self.rows[row]
        text = clean(cells[column]) if column < len(cells) else ""
        return FoundCell(text, self.sheet, row + 1, column_letter(column))

    @cached_property
    def header_row(self) -> int:
        """The row 甲 | 乙 | 1 | 2 …, or the one that names the column of row numbers."""
        for wanted in NUMBER_HEADERS:
            for number, cells in enumerate(self.rows):
                texts = [normal(cell) for cell in cells]
                if wanted in texts and (wanted != "乙" or "甲" in texts):
                    return number
        raise form_faults.no_header(self.form, self.sheet)

    @cached_property
    def number_column(self) -> int:
        """The column that holds the numbers of the rows."""
        texts = [normal(cell) for cell in self.rows[self.header_row]]
        return next(texts.index(wanted) for wanted in NUMBER_HEADERS if wanted in texts)

    @cached_property
    def row_of(self) -> dict[int, int]:
        """Rows by their 编号. FormFaultError when two rows have the same."""
        found: dict[int, int] = {}
        for row in range(self.header_row + 1, len(self.rows)):
            number = whole_number(self.at(row, self.number_column).text)
            if number is None:
                continue
            if number in found:
                raise form_faults.row_twice(self.form, self.sheet, number, found[number] + 1, row + 1)
            found[number] = row
        return found

    @cached_property
    def column_of(self) -> dict[int, int]:
        """Columns by their number in the header. FormFaultError when two have the same."""
        found: dict[int, int] = {}
        for column in range(self.number_column + 1, len(self.rows[self.header_row])):
            number = whole_number(self.rows[self.header_row][column])
            if number is None:
                continue
            if number in found:
                raise form_faults.column_twice(self.form, self.sheet, number, self.header_row + 1)
            found[number] = column
        return found

    def label(self, row: int) -> str:
        """What stands left of the row's number, without the numbers of the frame."""
        if row not in self._labels:
            left = [normal(cell) for cell in self.rows[row][: self.number_column]]
            self._labels[row] = "".join(text for text in left if text and whole_number(text) is None)
        return self._labels[row]

    def heading(self, column: int) -> str:
        """The header over a column, from its top down, its parts joined with '/'."""
        if column not in self._headings:
            parts: list[str] = []
            for row in self._header_rows:
                text = self._merged_text(row, column)
                if text and text not in parts[-1:]:
                    parts.append(text)
            self._headings[column] = "/".join(parts)
        return self._headings[column]

    @cached_property
    def _header_rows(self) -> list[int]:
        """The rows over the numbers of the columns, down from the code of the form, or from the first that
        has more than the title's one cell."""
        rows: list[int] = []
        for row in range(self.header_row - 1, max(self.header_row - 1 - MAX_HEADER_ROWS, -1), -1):
            if any(FORM_CODE.search(normal(cell)) for cell in self.rows[row]):
                break
            rows.insert(0, row)
        while rows and self._filled(rows[0]) < 2:
            rows.pop(0)
        return rows

    def _filled(self, row: int) -> int:
        texts = [normal(cell) for cell in self.rows[row]]
        return sum(1 for text in texts if text and whole_number(text) is None)

    def _merged_text(self, row: int, column: int) -> str:
        for (top, left), (bottom, right) in self.merges:
            if top <= row <= bottom and left <= column <= right:
                return normal(self.at(top, left).text)
        return normal(self.at(row, column).text)

    def _row(self, spec: CellSpec) -> int | None:
        if spec.row is not None:
            if spec.row not in self.row_of:
                raise self._no_row(spec)
            return self.row_of[spec.row]
        rows = iter(self.row_of.values() or range(self.header_row + 1, len(self.rows)))
        if spec.after is not None:
            next((row for row in rows if re.search(spec.after, self.label(row))), None)
        for row in rows:
            if re.search(spec.label or "", self.label(row)):
                return row
        if spec.is_optional:
            return None
        raise self._no_row(spec)

    def _no_row(self, spec: CellSpec) -> FormFaultError:
        return form_faults.row_missing(spec, self.sheet, self.header_row + 1, list(self.row_of))

    def _column(self, spec: CellSpec) -> int | None:
        if spec.column == VALUE_COLUMN:
            return self._value_column()
        if spec.column == BY_HEADING:
            fits = [c for c in self.column_of.values() if re.search(spec.heading or "", self.heading(c))]
            found = next(iter(fits), None)
        else:
            found = self.column_of.get(int(spec.column))
        if found is not None or spec.is_optional:
            return found
        wanted, row = (spec.column,), self.header_row + 1
        raise form_faults.column_missing(spec.form, wanted, spec.name, self.sheet, row, self.column_of)

    def _value_column(self) -> int:
        texts = [normal(cell) for cell in self.rows[self.header_row]]
        named = [texts.index(wanted) for wanted in VALUE_HEADERS if wanted in texts]
        return named[0] if named else self.column_of.get(1, self.number_column + 1)

    def _check_label(self, spec: CellSpec, row: int) -> None:
        if spec.label and not re.search(spec.label, self.label(row)):
            raise form_faults.wrong_label(spec, self.sheet, row + 1, self.label(row))

    def _check_heading(self, spec: CellSpec, row: int, column: int) -> None:
        if spec.heading and not re.search(spec.heading, self.heading(column)):
            raise form_faults.wrong_heading(spec, self.sheet, self.header_row + 1, self.heading(column))
        told = f"{self.label(row)} {self.heading(column)}"
        if spec.says and not re.search(spec.says, told):
            raise form_faults.not_said(spec, self.sheet, row + 1, told)

    def _under(self, spec: CellSpec) -> FoundCell | None:
        """The cell below a heading: in the row named by the spec's line, else in the next row."""
        pattern = re.compile(spec.under or "")
        for row, cells in enumerate(self.rows):
            for column, cell in enumerate(cells):
                if pattern.search(normal(cell)):
                    return self._below(spec, row, column)
        if spec.is_optional:
            return None
        raise self._no_heading(spec, None)

    def _below(self, spec: CellSpec, row: int, column: int) -> FoundCell:
        if spec.line is None:
            if row + 1 < len(self.rows):
                return self.at(row + 1, column)
            raise self._no_heading(spec, row + 1)
        for below in range(row + 1, len(self.rows)):
            left = [normal(cell) for cell in self.rows[below][:column]]
            if spec.line in left:
                return self.at(below, column)
            if "续" in left:  # the next part of the form
                break
        raise self._no_heading(spec, row + 1)

    def _no_heading(self, spec: CellSpec, row: int | None) -> FormFaultError:
        return form_faults.heading_missing(spec, self.sheet, row)

    def part_rows(self, start: int, until: str) -> list[int]:
        """Rows below ``start`` up to the first whose label fits ``until``; those of which others are part
        are left out."""
        rows = [row for row in self.row_of.values() if row > start]
        parts: list[int] = []
        for row in rows:
            if re.search(until, self.label(row)):
                break
            if not OF_WHICH.search(self.label(row)):
                parts.append(row)
        return parts

    def part_columns(self, total: int) -> list[int]:
        """The other numbered columns, without those that only repeat others."""
        return [
            column
            for column in self.column_of.values()
            if column != total
            and not SUBTOTAL.search(self.heading(column))
            and not OF_WHICH.search(self.heading(column))
        ]
