"""The cells of one form: those that are found, and every one that is not where its layout says."""

from __future__ import annotations

import re

from ingest.drift.compare import SIMILAR, likeness
from ingest.forms import faults as form_faults
from ingest.forms.faults import FormFaultError
from ingest.forms.grid import FoundCell, Grid
from ingest.forms.layout import CellSpec, Form


def find_cells(form: Form, grid: Grid) -> tuple[dict[str, FoundCell], list[FormFaultError]]:
    """Cells by name, and a fault for each that differs; the same thing said of several cells once."""
    found: dict[str, FoundCell] = {}
    changed: dict[str, FormFaultError] = {}
    for spec in form.cells:
        try:
            cell = grid.find(spec)
        except FormFaultError as fault:
            changed.setdefault(fault.fault.expected_en, fault)
            continue
        if cell is not None:
            found[spec.name] = cell
        elif spec.label and spec.under is None:
            fault_ = _renamed(form, grid, spec)
            if fault_ is not None:
                changed.setdefault(fault_.fault.expected_en, fault_)
    return found, list(changed.values())


def _renamed(form: Form, grid: Grid, spec: CellSpec) -> FormFaultError | None:
    """A row that some years lack is not there, but one with a label much like it that no cell is read from:
    it may be the same row, and then its figures would be lost."""
    label = (spec.label or "").strip("^$")
    claimed = [cell.label for cell in form.cells if cell.label]
    for row in grid.row_of.values():
        there = grid.label(row)
        is_claimed = any(re.search(pattern, there) for pattern in claimed)
        if there and not is_claimed and likeness(label, there) >= SIMILAR:
            fault = form_faults.row_missing(spec, grid.sheet, grid.header_row + 1, list(grid.row_of))
            fault.cell, fault.is_optional, fault.found = spec.name, True, there
            return fault
    return None
