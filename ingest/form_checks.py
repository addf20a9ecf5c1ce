"""Printed totals of a form beside their parts: what they prove, and what they show to be wrong.

A blank cell is missing, never 0. Only where the parts that are filled in make the printed total do the blank
ones have nothing left to be: then, and only then, they are 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from ingest.faults import Fault
from ingest.form_grid import FormFaultError, FoundCell, Grid, normal
from ingest.form_layout import FormLayout, Identity, Total

NOT_APPLICABLE = "*"
BLANK = ("", NOT_APPLICABLE)


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
    raise _disagreement(whole, printed, given, (name, name))


def _parts(total: Total, whole: FoundCell, found: Mapping[str, FoundCell], grid: Grid) -> list[FoundCell]:
    if total.parts:
        return [found[name] for name in total.parts if name in found]
    row, column = whole.row - 1, _column_index(whole.letter)
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


def check_identity(identity: Identity, grid: Grid) -> None:
    """FormFaultError for the first row in which the identity does not hold; rows without figures are none."""
    for row in grid.row_of.values():
        column_of = grid.column_of
        terms = (identity.equals, *identity.plus, *identity.minus)
        missing = [term for term in terms if term not in column_of]
        if missing:
            raise _no_columns(grid, missing)
        cells = {term: grid.at(row, column_of[term]) for term in terms}
        amounts = {term: number(cell.text) for term, cell in cells.items()}
        printed = amounts[identity.equals]
        if printed is None or all(amounts[term] is None for term in terms if term != identity.equals):
            continue
        signed = [(amounts[t], 1) for t in identity.plus] + [(amounts[t], -1) for t in identity.minus]
        given = [amount * sign for amount, sign in signed if amount is not None]
        if sum(given) != printed:
            what = (f"列 {identity.equals} ", f"column {identity.equals}")
            raise _disagreement(cells[identity.equals], printed, given, what)


def check_forms(layout: FormLayout, grids: Mapping[str, Grid]) -> Iterable[tuple[str, FormFaultError]]:
    """Form and fault of every identity that does not hold."""
    for identity in layout.identities:
        grid = grids.get(identity.form)
        try:
            if grid is not None:
                check_identity(identity, grid)
        except FormFaultError as fault:
            yield identity.form, fault


def _disagreement(
    cell: FoundCell, printed: Decimal, given: Sequence[Decimal], what: tuple[str, str]
) -> FormFaultError:
    terms = "".join(f"{amount:+}" for amount in given).lstrip("+")
    fault = Fault(
        "form_total",
        f"{cell.sheet} 第 {cell.row} 行 {what[0]}等于各项之和：{terms} = {sum(given)}",
        f"{what[1]} in row {cell.row} of {cell.sheet} to be the sum of its parts: {terms} = {sum(given)}",
        "核对这一行的合计与各项，改正后重新导出",
        "compare the total of the row with its parts, correct it and export the workbook again",
    )
    return FormFaultError(fault, cell.sheet, cell.row, str(printed))


def _no_columns(grid: Grid, missing: Sequence[int]) -> FormFaultError:
    wanted = ", ".join(map(str, missing))
    fault = Fault(
        "form_column_missing",
        f"{grid.form} 表头有列 {wanted}",
        f"columns {wanted} in the header of {grid.form}",
        "从统计系统重新导出该表，不要增删表头",
        "export the form from the statistics system again, with its header as it is",
    )
    return FormFaultError(fault, grid.sheet, grid.header_row + 1)


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
