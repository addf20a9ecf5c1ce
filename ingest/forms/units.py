"""The unit in which a form says an amount is: told by its row, its heading or the line above the table.

A layout knows in which unit a form prints an amount; a form that says another would be read wrong by powers
of ten, so it is refused. Where a form says nothing of money, the layout's unit stands.
"""

from __future__ import annotations

import re

from ingest.forms import faults as form_faults
from ingest.forms.grid import FoundCell, Grid, column_index, normal
from ingest.forms.layout import CellSpec

UNIT_HEADERS = ("计量单位", "单位", "丙")
MONEY = re.compile(r"亿元|百万元|万元|千元|元")
IN_BRACKETS = re.compile(r"\(([^()]*)\)")
UNIT_LINE = re.compile(r"单位[::]?(.+)$")


def check_unit(spec: CellSpec, grid: Grid, cell: FoundCell) -> None:
    """FormFaultError when the nearest place that names a unit of money names another than the layout."""
    if spec.unit is None:
        return
    for told, place in _told(grid, cell.row - 1, column_index(cell.letter)):
        units = MONEY.findall(told)
        if units:
            if spec.unit not in units:
                raise form_faults.wrong_unit(spec, grid.sheet, place + 1, units[0])
            return


def _told(grid: Grid, row: int, column: int) -> list[tuple[str, int]]:
    """What may name the unit, and its row: beside the figure, over it, then for the whole sheet."""
    beside = [(normal(grid.at(row, c).text), row) for c in _unit_columns(grid, column)]
    label, heading = grid.label(row), grid.heading(column)
    brackets = [(" ".join(IN_BRACKETS.findall(label)), row)]
    brackets += [(" ".join(IN_BRACKETS.findall(heading)), grid.header_row)]
    lines = [
        (found.group(1), number)
        for number, cells in enumerate(grid.rows[: grid.header_row])
        for cell in cells
        if (found := UNIT_LINE.search(normal(cell)))
    ]
    return [*beside, *brackets, *lines]


def _unit_columns(grid: Grid, figure: int) -> list[int]:
    width = len(grid.rows[grid.header_row])
    headers = [normal(grid.at(grid.header_row, c).text) for c in range(width)]
    return [c for c in range(width) if c != figure and headers[c] in UNIT_HEADERS]
