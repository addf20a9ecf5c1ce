"""Printed totals of a form beside their parts: what they prove, and what they show to be wrong.

A blank cell is missing, never 0. Only where the parts that are filled in make the printed total do the blank
ones have nothing left to be: then, and only then, they are 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.forms import faults as form_faults
from ingest.forms.faults import FormFaultError
from ingest.forms.grid import FoundCell, Grid, column_index, normal
from ingest.forms.layout import FormLayout, Identity, RowIdentity, Total

NOT_APPLICABLE = "*"
BLANK = ("", NOT_APPLICABLE)
FIGURE_RULES = ("form_total", "form_part")  # the form is as it should be, a figure of it is not


@dataclass(frozen=True)
class BrokenForm:
    """An identity of a form that does not hold: ``rows`` (编号) are those it is told of, None all of them."""

    form: str
    fault: FormFaultError
    rows: frozenset[int] | None


def number(text: str) -> Decimal | None:
    """A figure of a form; None for blank, not applicable and anything that is no number."""
    plain = normal(text).replace(",", "")
    return Decimal(plain) if plain.isascii() and plain.replace(".", "", 1).isdigit() else None


def _is_blank(cell: FoundCell) -> bool:
    return normal(cell.text) in BLANK


def apply_total(total: Total, found: Mapping[str, FoundCell], grid: Grid) -> dict[str, FoundCell]:
    """The cells of a total that it proves to be 0. FormFaultError where total and parts disagree."""
    whole = found.get(total.total)
    if whole is None:
        return {}
    printed, cells = number(whole.text), _parts(total, whole, found, grid)
    given = [amount for amount in (number(cell.text) for cell in cells) if amount is not None]
    if printed is None or not given or any(not _is_blank(c) and number(c.text) is None for c in cells):
        return {}
    has_blank = len(given) < len(cells)
    if sum(given) == printed:
        return _zeros(total, found, cells) if total.proves_zero else {}
    if total.is_row or total.rows_until or (has_blank and total.proves_zero and sum(given) < printed):
        return {}  # nothing is proved, and what is blank stays missing
    name = f"“{total.total}”"
    shown = [] if total.is_withheld else given
    raise form_faults.disagreement(whole.sheet, whole.row, printed, shown, (name, name))


def _parts(total: Total, whole: FoundCell, found: Mapping[str, FoundCell], grid: Grid) -> list[FoundCell]:
    if total.parts:
        return [found[name] for name in total.parts if name in found]
    row, column = whole.row - 1, column_index(whole.letter)
    if total.is_row:
        return [grid.at(row, part) for part in grid.part_columns(column)]
    return [grid.at(part, column) for part in grid.part_rows(row, total.rows_until or "")]


def _zeros(total: Total, found: Mapping[str, FoundCell], cells: Sequence[FoundCell]) -> dict[str, FoundCell]:
    places = {cell.place for cell in cells}
    return {
        name: replace(cell, text="0")
        for name, cell in found.items()
        if cell.place in places and not cell.text and name != total.total
    }


def check_refusals(layout: FormLayout, found: Mapping[str, FoundCell]) -> None:
    """FormFaultError where a cell is filled that only schools have which the layout does not read."""
    for refusal in layout.refusals:
        cell = found.get(refusal.cell)
        if cell is not None and number(cell.text):
            raise form_faults.not_read(refusal, cell.sheet, cell.row, cell.text)


def check_identity(identity: Identity, grid: Grid, numbers: Iterable[int] | None = None) -> None:
    """FormFaultError for the first row (of those with these 编号) in which the identity does not hold; rows
    without figures are none."""
    for row in [row for number, row in grid.row_of.items() if numbers is None or number in numbers]:
        column_of = grid.column_of
        terms = (identity.equals, *identity.plus, *identity.minus)
        missing = [term for term in terms if term not in column_of]
        if missing:
            place = (grid.sheet, grid.header_row + 1, column_of)
            raise form_faults.column_missing(grid.form, missing, None, *place)
        cells = {term: grid.at(row, column_of[term]) for term in terms}
        amounts = {term: number(cell.text) for term, cell in cells.items()}
        printed = amounts[identity.equals]
        if printed is None or all(amounts[term] is None for term in terms if term != identity.equals):
            continue
        signed = [(amounts[t], 1) for t in identity.plus] + [(amounts[t], -1) for t in identity.minus]
        given = [amount * sign for amount, sign in signed if amount is not None]
        if sum(given) != printed:
            what = (f"列 {identity.equals} ", f"column {identity.equals}")
            raise form_faults.disagreement(grid.sheet, row + 1, printed, given, what)


def check_row_identity(identity: RowIdentity, grid: Grid) -> None:
    """FormFaultError for the first column in which the rows do not make, or exceed, their whole."""
    missing = [number for number in (identity.whole, *identity.parts) if number not in grid.row_of]
    if missing:
        raise form_faults.rows_missing(grid.form, missing, grid.sheet, grid.header_row + 1)
    row, parts = grid.row_of[identity.whole], [grid.row_of[part] for part in identity.parts]
    for number, column in grid.column_of.items():
        printed = number_at(grid, row, column)
        given = [(part, amount) for part in parts if (amount := number_at(grid, part, column)) is not None]
        if printed is None or not given:
            continue
        of = (grid.label(row), printed)
        for part, amount in given:
            if amount > printed and identity.is_of_which:
                raise form_faults.part_exceeds(grid.sheet, part + 1, (grid.label(part), amount), of, number)
        amounts = [amount for _, amount in given]
        if not identity.is_of_which and sum(amounts) != printed:
            what = (f"“{of[0]}”列 {number} ", f"“{of[0]}” in column {number}")
            raise form_faults.disagreement(grid.sheet, row + 1, printed, amounts, what)


def number_at(grid: Grid, row: int, column: int) -> Decimal | None:
    """The figure at a place counted from 0."""
    return number(grid.at(row, column).text)


def check_forms(layout: FormLayout, grids: Mapping[str, Grid]) -> Iterable[BrokenForm]:
    """Every identity that does not hold: the form as a whole, or each block of rows by itself."""
    for identity in layout.all_identities:
        grid = grids.get(identity.form)
        for rows in layout.blocks_of(identity) if grid else ():
            broken = _broken(identity, grid, rows) if grid else None
            if broken is not None:
                yield broken


def _broken(identity: Identity | RowIdentity, grid: Grid, rows: frozenset[int] | None) -> BrokenForm | None:
    try:
        if isinstance(identity, RowIdentity):
            check_row_identity(identity, grid)
        else:
            check_identity(identity, grid, rows)
    except FormFaultError as fault:
        # Where a row or a column is not there, nothing says that the other rows are what they seem.
        is_figure = fault.fault.rule in FIGURE_RULES
        return BrokenForm(identity.form, fault, rows if is_figure else None)
    return None
