"""Form layouts: one YAML a generation of the ministry's workbooks, saying which cells its forms have.

A cell is named by form code, 编号 (the number of its row, in column 乙) and the number of its column (the row
1, 2, 3 … of the header): the names by which the statistics themselves speak of it. What row and column must
say is written beside, so that a form of another year is refused where it differs, never read wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ingest.read_yaml import read_yaml
from ingest.settings import FORMS_DIR

VALUE_COLUMN = "value"  # of a form with one column of answers
BY_HEADING = "heading"  # the first column whose heading fits, whatever its number


class BadFormLayoutError(ValueError):
    """A form layout that contradicts itself."""


@dataclass(frozen=True)
class CellSpec:
    """Where one cell stands. In a grid: ``row`` (编号) or, without one, the first row that ``label`` fits
    (below a row that ``after`` fits), and ``column``. In the school's own form: ``under`` its heading, in the
    row named ``line`` if given."""

    name: str
    form: str
    row: int | None = None
    column: int | str = VALUE_COLUMN
    label: str | None = None
    heading: str | None = None
    under: str | None = None
    line: str | None = None
    is_optional: bool = False  # a row or column that only some years have
    after: str | None = None
    unit: str | None = None  # of an amount: a form that tells another unit is refused
    says: str | None = None  # must stand in the row's label or in the heading

    @property
    def address(self) -> str:
        """The cell as the statistics name it."""
        if self.under:
            return self.form
        row = f" 编号 {self.row}" if self.row else ""
        column = f" 列 {self.column}" if isinstance(self.column, int) else ""
        return f"{self.form}{row}{column}"


@dataclass(frozen=True)
class Total:
    """A printed total beside its parts. Parts are cells, the rows down to one whose label fits
    ``rows_until``, or (``is_row``) the other columns of its row.

    ``proves_zero``: where the parts that are filled in make the total, the blank ones are shown to be 0.
    ``is_withheld``: figures so small that no message may say them.
    """

    total: str
    parts: tuple[str, ...] = ()
    rows_until: str | None = None
    is_row: bool = False
    proves_zero: bool = True
    is_withheld: bool = False


@dataclass(frozen=True)
class Identity:
    """In every row of a form: the column ``equals`` is the sum of ``plus`` without ``minus``."""

    form: str
    equals: int
    plus: tuple[int, ...]
    minus: tuple[int, ...] = ()


@dataclass(frozen=True)
class RowIdentity:
    """In every column of a form: the row ``whole`` (编号) is the sum of ``parts``, or, where
    ``is_of_which``, none of them exceeds it."""

    form: str
    whole: int
    parts: tuple[int, ...]
    is_of_which: bool = False


@dataclass(frozen=True)
class Refusal:
    """A cell that must hold no pupils: where it does, the layout does not read such a school."""

    cell: str
    rule: str
    expected: tuple[str, str]  # (zh, en)
    mend: tuple[str, str]


@dataclass(frozen=True)
class Form:
    """One form: how its sheet is named, its cells, and what stands for nothing in it beside blank and *.

    ``is_optional``: a workbook without it lacks its figures only, not the rows that they complete.
    ``schools``: codes of the schools of which it is read; of any other its figures never leave the sheet.
    """

    code: str
    sheet: str
    cells: tuple[CellSpec, ...]
    not_filled: tuple[str, ...]
    is_note: bool  # a page of free text
    is_optional: bool = False
    schools: str = ""


@dataclass(frozen=True)
class YearSource:
    """Where the school year stands: in the text of a form, else in the name of the folder or file."""

    forms: tuple[str, ...]
    pattern: str
    name_pattern: str

    def year_in(self, name: str) -> str | None:
        """The year that a name says, None when it says none."""
        found = re.search(self.name_pattern, name)
        return found.group(1) if found else None


@dataclass(frozen=True)
class FormLayout:
    """The workbooks of one generation. ``school_form`` says whose workbook it is."""

    name: str
    generation: str
    title_zh: str
    title_en: str
    school_form: str
    school_code: str  # the cell that tells it
    school_year: YearSource
    forms: tuple[Form, ...]
    totals: tuple[Total, ...]
    identities: tuple[Identity, ...]
    row_identities: tuple[RowIdentity, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    register_only: str = r"(?!)"  # codes of schools that no record but the register counts; none by default

    @property
    def cells(self) -> tuple[CellSpec, ...]:
        """Every named cell, in order."""
        return tuple(cell for form in self.forms for cell in form.cells)

    @property
    def all_identities(self) -> tuple[Identity | RowIdentity, ...]:
        """Those of columns, then those of rows."""
        return (*self.identities, *self.row_identities)

    def blocks_of(self, identity: Identity | RowIdentity) -> tuple[frozenset[int] | None, ...]:
        """Blocks of rows (编号) that say nothing of each other: what row identities of a form hold together.
        An identity of rows is of its own block, one of columns of each; None: the form is one block."""
        blocks: dict[int, frozenset[int]] = {}
        for own in self.row_identities:
            if own.form == identity.form:
                blocks[own.whole] = blocks.get(own.whole, frozenset({own.whole})) | set(own.parts)
        if isinstance(identity, RowIdentity):
            return (blocks[identity.whole],)
        return tuple(blocks.values()) or (None,)

    def form(self, code: str) -> Form:
        """The form of that code; KeyError when the layout has none."""
        return next(form for form in self.forms if form.code == code)

    def cell(self, name: str) -> CellSpec:
        """The cell of that name; KeyError when the layout has none."""
        found = next((cell for cell in self.cells if cell.name == name), None)
        if found is None:
            raise KeyError(f"form layout {self.name} has no cell {name}")
        return found


# What a profile may name beside the cells: it is no cell but stands in a text or in the folder's name.
YEAR_COLUMN = "学年"


@cache
def form_layout(name: str) -> FormLayout:
    """The layout of that name. BadFormLayoutError or KeyError says what is wrong with it."""
    return read_form_layout(form_layout_path(name))


def form_layout_path(name: str) -> Path:
    """The file of a layout."""
    return FORMS_DIR / f"{name}.yaml"


def read_form_layout(path: Path) -> FormLayout:
    """Read one layout file."""
    node = read_yaml(path)
    layout = FormLayout(
        name=path.stem,
        generation=node["generation"],
        title_zh=node["title"]["zh"],
        title_en=node["title"]["en"],
        school_form=node["school_form"],
        school_code=node["school_code"],
        school_year=YearSource(
            tuple(node["school_year"]["forms"]),
            node["school_year"]["pattern"],
            node["school_year"]["name_pattern"],
        ),
        forms=tuple(_form(code, form) for code, form in node["forms"].items()),
        totals=tuple(_total(total) for total in node.get("totals", ())),
        identities=tuple(_identity(identity) for identity in node.get("identities", ())),
        row_identities=tuple(_row_identity(identity) for identity in node.get("row_identities", ())),
        refusals=tuple(_refusal(refusal) for refusal in node.get("refusals", ())),
        register_only=node.get("register_only", r"(?!)"),
    )
    _check(layout)
    return layout


def _form(code: str, node: dict[str, Any]) -> Form:
    cells = tuple(_cell(name, code, cell) for name, cell in node.get("cells", {}).items())
    return Form(
        code,
        node["sheet"],
        cells,
        tuple(node.get("not_filled", ())),
        node.get("is_note", False),
        node.get("optional", False),
        node.get("schools", ""),
    )


def _cell(name: str, form: str, node: dict[str, Any]) -> CellSpec:
    return CellSpec(
        name=name,
        form=form,
        row=node.get("row"),
        column=node.get("column", VALUE_COLUMN),
        label=node.get("label"),
        heading=node.get("heading"),
        under=node.get("under"),
        line=node.get("line"),
        is_optional=node.get("optional", False),
        after=node.get("after"),
        unit=node.get("unit"),
        says=node.get("says"),
    )


def _refusal(node: dict[str, Any]) -> Refusal:
    expected, mend = node["expected"], node["mend"]
    return Refusal(node["cell"], node["rule"], (expected["zh"], expected["en"]), (mend["zh"], mend["en"]))


def _total(node: dict[str, Any]) -> Total:
    return Total(
        node["total"],
        tuple(node.get("parts", ())),
        node.get("rows_until"),
        node.get("other_columns", False),
        node.get("proves_zero", True),
        node.get("withheld", False),
    )


def _identity(node: dict[str, Any]) -> Identity:
    return Identity(node["form"], node["equals"], tuple(node["plus"]), tuple(node.get("minus", ())))


def _row_identity(node: dict[str, Any]) -> RowIdentity:
    return RowIdentity(node["form"], node["whole"], tuple(node["parts"]), node.get("of_which", False))


def _check(layout: FormLayout) -> None:
    names = [cell.name for cell in layout.cells]
    twice = sorted({name for name in names if names.count(name) > 1 or name == YEAR_COLUMN})
    if twice:
        raise BadFormLayoutError(f"{layout.name}: names given twice: {', '.join(twice)}")
    codes = {form.code for form in layout.forms}
    unknown = {layout.school_form, *(identity.form for identity in layout.all_identities)} - codes
    if unknown:
        raise BadFormLayoutError(f"{layout.name}: no form {', '.join(sorted(unknown))}")
    _check_blocks(layout)
    for total in layout.totals:
        for name in (total.total, *total.parts):
            layout.cell(name)
    for name in (layout.school_code, *(refusal.cell for refusal in layout.refusals)):
        layout.cell(name)
    for cell in layout.cells:
        if cell.under is None and cell.row is None and cell.label is None:
            raise BadFormLayoutError(f"{layout.name}: {cell.name} needs under, row or label")
        if cell.column == BY_HEADING and cell.heading is None:
            raise BadFormLayoutError(f"{layout.name}: {cell.name} needs a heading")
        for pattern in (cell.label, cell.heading, cell.under, cell.after, cell.says):
            re.compile(pattern or "")


def _check_blocks(layout: FormLayout) -> None:
    """Where a form is told in blocks, each cell is of one: else no identity would hold for it."""
    for code in {identity.form for identity in layout.row_identities}:
        wholes = [identity for identity in layout.row_identities if identity.form == code]
        blocks = {rows for identity in wholes for rows in layout.blocks_of(identity) if rows}
        for cell in layout.form(code).cells:
            if sum(cell.row in rows for rows in blocks) != 1:
                raise BadFormLayoutError(f"{layout.name}: {cell.name} is not of one block of {code}")
