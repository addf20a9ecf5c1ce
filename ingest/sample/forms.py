"""Forms of the education statistics as the system prints them: a title, the code, merged headers, the row
甲 | 乙 | 1 | 2 …, numbers as text; in 2020/21 framed by letters and row numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.sample.sheets import Sheet, Value

# Label, 编号 and figures of one row; what is None is left blank.
Line = tuple[str, int, Sequence[Any]]
FIRST_HEADER_ROW = 2


@dataclass(frozen=True)
class Style:
    """How a form is printed: framed as in 2020/21, how many columns hold the label, a column of units."""

    is_framed: bool
    label_columns: int = 1
    has_units: bool = False


def grid(name: str, title: str, headings: Sequence[str], lines: Sequence[Line], style: Style) -> Sheet:
    """A form; a heading is a path with '/', of which equal neighbours share their cells."""
    paths = [heading.split("/") for heading in headings]
    depth, labels = max(map(len, paths)), style.label_columns
    blank, units = [""] * (labels - 1), int(style.has_units)
    rows: list[list[Value]] = [[title], [f"{name.split('_')[0]}                    单位：人"]]
    for level in range(depth):
        lead = (
            ["指标名称", *blank, "编号", *["计量单位"] * units] if level == 0 else [""] * (labels + 1 + units)
        )
        rows.append([*lead, *(path[level] if level < len(path) else "" for path in paths)])
    rows.append(["甲", *blank, "乙", *["丙"] * units, *map(str, range(1, len(headings) + 1))])
    for label, number, figures in lines:
        rows.append([label, *blank, str(number), *["个"] * units, *map(as_text, figures)])
    sheet = Sheet(name, rows)
    _merge_headings(sheet, paths, labels + 1 + units, depth)
    return framed(sheet) if style.is_framed else sheet


def as_text(value: Any) -> Value:
    """A figure as the forms print it: as text, blank where there is none."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _merge_headings(sheet: Sheet, paths: list[list[str]], before: int, depth: int) -> None:
    for level in range(depth - 1):
        column, row = 0, FIRST_HEADER_ROW + level
        while column < len(paths):
            end = column
            while end + 1 < len(paths) and paths[end + 1][: level + 1] == paths[column][: level + 1]:
                end += 1
            is_leaf = len(paths[column]) == level + 1
            if end > column or is_leaf:
                bottom = FIRST_HEADER_ROW + depth - 1 if is_leaf else row
                sheet.merges.append(((row, before + column), (bottom, before + end)))
                for repeated in range(column + 1, end + 1):
                    sheet.rows[row][before + repeated] = ""
            column = end + 1


def framed(sheet: Sheet) -> Sheet:
    """The sheet with the frame of the 2020/21 export: letters above, row numbers on the left."""
    width = max(map(len, sheet.rows)) + 1
    letters: list[Value] = [chr(ord("A") + n % 26) for n in range(width)]
    rows = [letters, *([float(n), *row] for n, row in enumerate(sheet.rows, start=1))]
    merges = [((t + 1, x + 1), (b + 1, r + 1)) for (t, x), (b, r) in sheet.merges]
    return Sheet(sheet.name, rows, merges)
