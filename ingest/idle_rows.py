"""Rows of a sheet that are no data: blank ones, totals, and the notes below a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# A column as distinct texts, and for each row which of them.
Coded = tuple[pa.StringArray, np.ndarray]
FIRST_FILLED = -1  # in the place of a column: the first cell of a row that is filled


def idle_rows(
    columns: Mapping[int, Coded],
    count: int,
    skip: Sequence[tuple[int, str]],
    notes: str | None,
    is_in_notes: bool,
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Which rows are blank, which are skipped, and whether a note has begun by the last of them.

    Below the first note a row with one filled cell goes on with the notes; one with more is data again, so
    that no part of a table is lost to a note in its middle.
    """
    is_blank = _blank(columns, count)
    is_skipped = np.zeros(count, dtype=bool)
    for column, pattern in skip:
        if column == FIRST_FILLED:
            is_skipped |= _first_matches(columns, count, pattern)
        elif column in columns:
            is_skipped |= _matches(columns[column], pattern)
    if notes is not None:
        begins = _first_matches(columns, count, notes)
        has_begun = np.logical_or.accumulate(begins) | is_in_notes
        if has_begun.any():
            is_skipped |= begins | (has_begun & (_filled(columns, count) == 1))
        is_in_notes = bool(has_begun[-1]) if count else is_in_notes
    return is_blank, is_skipped, is_in_notes


def mark(mask: pa.BooleanArray, indices: np.ndarray) -> np.ndarray:
    """A mask of distinct texts as one of rows."""
    flags = np.asarray(mask)
    return flags.take(indices) if flags.any() else np.zeros(len(indices), dtype=bool)


def _is_filled(column: Coded) -> np.ndarray:
    return mark(pc.not_equal(pc.utf8_trim_whitespace(column[0]), ""), column[1])


def _blank(columns: Mapping[int, Coded], count: int) -> np.ndarray:
    is_blank = np.ones(count, dtype=bool)
    for texts, indices in columns.values():
        is_blank &= mark(pc.equal(pc.utf8_trim_whitespace(texts), ""), indices)
        if not is_blank.any():
            break
    return is_blank


def _filled(columns: Mapping[int, Coded], count: int) -> np.ndarray:
    """How many cells of each row are filled."""
    filled = np.zeros(count, dtype=np.int32)
    for column in columns.values():
        filled += _is_filled(column)
    return filled


def _matches(column: Coded, pattern: str) -> np.ndarray:
    return mark(pc.match_substring_regex(pc.utf8_trim_whitespace(column[0]), pattern), column[1])


def _first_matches(columns: Mapping[int, Coded], count: int, pattern: str) -> np.ndarray:
    """Rows whose first filled cell matches."""
    found = np.zeros(count, dtype=bool)
    is_open = np.ones(count, dtype=bool)
    for place in sorted(columns):
        is_filled = _is_filled(columns[place])
        found |= is_open & is_filled & _matches(columns[place], pattern)
        is_open &= ~is_filled
        if not is_open.any():
            break
    return found
