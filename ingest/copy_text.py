"""Columns to the text form of COPY: one join over whole columns, no loop over rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NULL = "\\N"
_SPECIAL = r"[\\\t\n\r\x00]"
# A text of Postgres holds no zero byte. No value has one (values.py); a cell shown as found may.
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "␀"))


# Columns are joined by their distinct values while there are this many rows for each pair of values.
_ROWS_PER_PAIR = 4


@dataclass(frozen=True)
class Coded:
    """A column as its distinct texts (escaped) and which of them stands in each row."""

    distinct: pa.StringArray
    indices: np.ndarray

    def rows(self) -> pa.StringArray:
        """The text of every row."""
        return pc.take(self.distinct, pa.array(self.indices))


Column: TypeAlias = pa.StringArray | Coded | str


def escape(texts: pa.StringArray) -> pa.StringArray:
    """Texts with what COPY would take for structure written as escapes; NULL stays NULL."""
    if not pc.any(pc.match_substring_regex(texts, _SPECIAL)).as_py():
        return texts
    for character, escaped in _ESCAPES:
        texts = pc.replace_substring(texts, character, escaped)
    return texts


def escape_text(text: str | None) -> str:
    """One text of COPY; NULL for None."""
    return NULL if text is None else str(escape(pa.array([text]))[0])


def joined(first: Column, second: Column, separator: str) -> Column | None:
    """Two columns as one, as long as that takes no work for each row; else None. NULL is written out."""
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}{separator}{second}"
    if isinstance(first, str) and isinstance(second, Coded):
        return Coded(_join(first, second.distinct, separator), second.indices)
    if isinstance(first, Coded) and isinstance(second, str):
        return Coded(_join(first.distinct, second, separator), first.indices)
    if isinstance(first, Coded) and isinstance(second, Coded):
        return _paired(first, second, separator)
    return None


def _paired(first: Coded, second: Coded, separator: str) -> Coded | None:
    height, width = len(first.distinct), len(second.distinct)
    if height * width * _ROWS_PER_PAIR > len(first.indices):
        return None
    left = pc.take(first.distinct, pa.array(np.repeat(np.arange(height), width)))
    right = pc.take(second.distinct, pa.array(np.tile(np.arange(width), height)))
    return Coded(_join(left, right, separator), first.indices * width + second.indices)


def _join(first: pa.StringArray | str, second: pa.StringArray | str, separator: str) -> pa.StringArray:
    return pc.binary_join_element_wise(
        first, second, separator, null_handling="replace", null_replacement=NULL
    )


def _merged(columns: Sequence[Column]) -> list[Column]:
    """The columns, with neighbours joined where their distinct values are few."""
    merged: list[Column] = []
    for column in columns:
        both = joined(merged[-1], column, "\t") if merged else None
        if both is None:
            merged.append(column)
        else:
            merged[-1] = both
    return merged


def copy_lines(columns: Sequence[Column], keep: np.ndarray | None = None) -> memoryview:
    """Lines of COPY from columns of escaped texts; a plain str stands in every row.

    At least one column is no str; it gives the number of rows. ``keep`` marks the rows to be written.
    """
    rows = [_rows(column, keep) for column in _merged(columns)]
    *first, last = rows
    ended = pc.binary_join_element_wise(last, "", "\n", null_handling="replace", null_replacement=NULL)
    lines = pc.binary_join_element_wise(*first, ended, "\t", null_handling="replace", null_replacement=NULL)
    if isinstance(lines, pa.ChunkedArray):
        lines = lines.combine_chunks()
    _, offsets, data = lines.buffers()
    if data is None or not len(lines):
        return memoryview(b"")
    start, end = pa.Array.from_buffers(pa.int32(), len(lines) + 1, [None, offsets], offset=lines.offset)[
        :: len(lines)
    ].to_pylist()
    return memoryview(data)[start:end]


def _rows(column: Column, keep: np.ndarray | None) -> pa.StringArray | str:
    if isinstance(column, str):
        return column
    if isinstance(column, Coded):
        return (column if keep is None else Coded(column.distinct, column.indices[keep])).rows()
    return column if keep is None else column.filter(pa.array(keep))
