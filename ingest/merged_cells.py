"""Merged cells below a header: their value stands in the first cell only, and holds for all of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Range = tuple[tuple[int, int], tuple[int, int]]  # 0-based, inclusive ((row, column), (row, column))


def fill_merged(
    rows: Iterable[list[Any]], first: int, columns: frozenset[int], merges: Sequence[Range]
) -> Iterator[list[Any]]:
    """The rows, of which the first is 0-based row ``first``, with merged cells of ``columns`` filled down.

    Only what the sheet itself says is merged is filled: a blank cell beside it stays blank.
    """
    starts: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in merges:
        if left in columns and bottom > top >= first:
            starts.setdefault(top, []).append((left, bottom))
    running: dict[int, tuple[int, Any]] = {}
    for number, row in enumerate(rows, start=first):
        for column, (last, value) in list(running.items()):
            if number > last:
                del running[column]
            elif column < len(row):
                row[column] = value
        for column, last in starts.get(number, ()):
            if column < len(row):
                running[column] = (last, row[column])
        yield row
