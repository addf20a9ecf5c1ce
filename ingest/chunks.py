"""What readers hand on: previews for finding the header, and chunks of text columns with source rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa

# The forms in which a header is compared.
HeaderForms = Callable[[str], set[str]]
# The header is searched in this many rows.
PREVIEW_ROWS = 30
# A header is never longer; a cell may hold megabytes.
PREVIEW_CHARACTERS = 1000
# As many as a sheet has.
MAX_COLUMNS = 16_384


@dataclass(frozen=True)
class RaggedRow:
    """A row whose number of cells is not that of the header."""

    row: int
    found: int
    expected: int


@dataclass(frozen=True)
class Chunk:
    """Rows of one sheet: ``columns`` maps the 0-based column of the file to its text (dictionary-encoded,
    blank cells are empty texts), ``rows`` holds the 1-based row in the sheet of each."""

    sheet: str
    columns: dict[int, pa.DictionaryArray]
    rows: np.ndarray
    ragged: tuple[RaggedRow, ...] = ()


@dataclass(frozen=True)
class Preview:
    """The first rows of a sheet. ``sheet`` is empty for a text file. ``merges`` are 0-based, inclusive
    ((row, column), (row, column)); None where the format knows no merged cells."""

    sheet: str
    rows: Sequence[Sequence[str]]
    merges: Sequence[tuple[tuple[int, int], tuple[int, int]]] | None = None
    # Dozens of profiles ask for the same headers, and a sheet may be thousands of columns wide.
    _headers: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _compared: dict[tuple[int, int, HeaderForms], frozenset[str]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def header(self, first: int, height: int) -> tuple[str, ...]:
        """Names of the columns when the header spans ``height`` rows from 0-based row ``first``.

        Merged cells are filled to the right and down; the parts of a column are joined with '/'.
        """
        if (first, height) not in self._headers:
            self._headers[first, height] = self._read_header(first, height)
        return self._headers[first, height]

    def compared(self, first: int, height: int, forms: HeaderForms) -> frozenset[str]:
        """The same names in the forms in which they are compared."""
        key = (first, height, forms)
        if key not in self._compared:
            names = self.header(first, height)
            self._compared[key] = frozenset(form for name in names for form in forms(name))
        return self._compared[key]

    def _read_header(self, first: int, height: int) -> tuple[str, ...]:
        rows = [list(row) for row in self.rows[first : first + height]]
        if self.merges is not None:
            self._fill_merged(rows, first)
        elif height > 1:
            _fill_right(rows)
        width = max((len(row) for row in rows), default=0)
        return tuple(_joined([row[c] if c < len(row) else "" for row in rows]) for c in range(width))

    def caption(self, first: int) -> tuple[str, ...]:
        """The texts above 0-based row ``first``, cell by cell."""
        return tuple(cell.strip() for row in self.rows[:first] for cell in row if cell.strip())

    def _fill_merged(self, rows: list[list[str]], first: int) -> None:
        for (top, left), (bottom, right) in self.merges or ():
            if top >= len(self.rows) or left >= len(self.rows[top]):
                continue
            value = self.rows[top][left]
            for r in range(max(top, first), min(bottom, first + len(rows) - 1) + 1):
                row = rows[r - first]
                row[left : right + 1] = [value] * len(row[left : right + 1])


def _fill_right(rows: list[list[str]]) -> None:
    """Fill all rows but the last to the right, as far as nothing new begins there or in a row above."""
    begins: set[int] = set()
    for row in rows[:-1]:
        begins |= {column for column, value in enumerate(row) if value.strip()}
        last = ""
        for column, value in enumerate(row):
            last = value.strip() if column in begins else last
            row[column] = last


def _joined(parts: list[str]) -> str:
    kept: list[str] = []
    for part in (" ".join(part.replace("\0", " ").split()) for part in parts):
        if part and part not in kept[-1:]:
            kept.append(part)
    return "/".join(kept)


@dataclass(frozen=True)
class SheetHeader:
    """A sheet whose header was recognised: its columns' names, the last row of the header (1-based) and what
    stands above it."""

    sheet: str
    names: tuple[str, ...]
    end_row: int
    caption: tuple[str, ...] = ()  # the filled cells above the header
    height: int = 1


class Source(Protocol):
    """A file opened for reading, whatever its format."""

    encoding: str | None

    def previews(self) -> Sequence[Preview]:
        """The first rows of every sheet."""

    def chunks(
        self,
        sheet: str,
        header_end: int,
        width: int,
        dropped: frozenset[int],
        filled: frozenset[int] = frozenset(),
    ) -> Iterator[Chunk]:
        """The data of a sheet below row ``header_end`` (1-based, the header's last), ``width`` cells a row,
        without the columns in ``dropped``. In the columns ``filled`` a merged cell gives its value to each
        of its rows, as far as the format knows which cells are merged."""


def column_letter(index: int) -> str:
    """Name of a 0-based column as a spreadsheet shows it: A … Z, AA …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
