"""Columns to the text form of COPY: one join over whole columns, no loop over rows."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

NULL = "\\N"
_SPECIAL = "[\\\\\t\n\r]"
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))


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


def _merged(columns: Sequence[pa.StringArray | str]) -> list[pa.StringArray | str]:
    """The columns with neighbours that are the same in every row joined into one."""
    merged: list[pa.StringArray | str] = []
    for column in columns:
        if isinstance(column, str) and merged and isinstance(merged[-1], str):
            merged[-1] = f"{merged[-1]}\t{column}"
        else:
            merged.append(column)
    return merged


def copy_lines(columns: Sequence[pa.StringArray | str]) -> memoryview:
    """Lines of COPY from columns of escaped texts; a plain str stands in every row.

    At least one column is an array; it gives the number of rows.
    """
    *first, last = _merged(columns)
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
