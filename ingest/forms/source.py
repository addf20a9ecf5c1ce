"""School workbooks as a source: a folder of them (or one) becomes rows of named cells, a workbook a row.

Only the cells that a layout names leave a sheet. Contact fields are no cells, so they never do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from ingest.chunks import Chunk, Preview
from ingest.drift.cells import find_cells
from ingest.forms import faults as form_faults
from ingest.forms.checks import apply_total, check_forms, check_refusals
from ingest.forms.faults import FormFaultError
from ingest.forms.grid import FoundCell, Grid, clean, normal
from ingest.forms.layout import YEAR_COLUMN, Form, FormLayout
from ingest.forms.members import snapshot_members
from ingest.forms.units import check_unit
from ingest.problems import RefusedFileError, refuse
from ingest.read_workbook import cell_text
from ingest.spool import Snapshot, empty_file
from ingest.workbook_limits import check_archive, damaged_workbook

WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls")
TEMPORARY_PREFIXES = (".", "~$")
ALL = slice(None)
MAX_FORM_CELLS = 200_000  # a form has some hundreds; a stray cell far out would make thousands of rows
# What could be a telephone number, an address of mail or of a page: masked where free text is kept. Python
# and Postgres read the pattern alike.
_BETWEEN = r"[\s.．·/()（）~～\-－‐-―]"  # what stands between the digits of one number
_YEARS = r"20[0-4]\d\s?[\-－‐-―~～]{1,2}\s?20[0-4]\d(?!\d)"
CONTACT = re.compile(
    rf"[\w.+-]+@[\w.-]+|https?://\S+|(?<!\d)(?!{_YEARS})[(（]?(?:\d{_BETWEEN}{{0,3}}){{6,}}\d"
)


def workbooks_in(folder: Path) -> list[Path]:
    """The workbooks that lie directly in a folder, without lock files and half-copied ones; sorted."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in WORKBOOK_SUFFIXES
        and not path.name.startswith(TEMPORARY_PREFIXES)
        and path.is_file()
    )


def folder_stamp(folder: Path) -> tuple[int, int]:
    """Size and time of a folder of workbooks: they change when a file comes, goes or is written anew."""
    stats = [path.stat() for path in workbooks_in(folder)]
    times = [folder.stat().st_mtime_ns, *(stat.st_mtime_ns for stat in stats)]
    return sum(stat.st_size for stat in stats), max(times)


def stamp_of(path: Path) -> tuple[int, int]:
    """Size and time of a file, or of a folder of workbooks: by these the ledger knows it again."""
    if path.is_dir():
        return folder_stamp(path)
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def take_folder_snapshot(folder: Path, work: Path) -> tuple[Snapshot, list[Snapshot]]:
    """Copies of all workbooks of a folder, and one snapshot that stands for the folder as a whole.

    Its hash is that of the workbooks' hashes, so the same workbooks under other names are the same batch.
    RefusedFileError when one cannot be copied: a folder is taken as a whole or not at all.
    """
    size, mtime_ns = folder_stamp(folder)
    members = snapshot_members(workbooks_in(folder), work)
    digest = hashlib.sha256("\n".join(sorted(member.sha256 for member in members)).encode())
    whole = Snapshot(folder, work, work, digest.hexdigest(), size, mtime_ns, False, None)
    return whole, members


@dataclass
class FormRow:
    """What one workbook holds: its cells by name, its forms, and what is wrong with which form.

    ``school_fault`` stands for the workbook as a whole: whose it is, or of which year, is not known.
    """

    file_name: str
    cells: dict[str, FoundCell] = field(default_factory=dict)
    forms: frozenset[str] = frozenset()
    form_faults: dict[str, FormFaultError] = field(default_factory=dict)
    broken_identities: dict[str, list[FormFaultError]] = field(default_factory=dict)
    school_fault: FormFaultError | None = None
    cell_faults: list[FormFaultError] = field(
        default_factory=list
    )  # of all cells that are not where they were
    note: str | None = None  # the school's written explanation
    note_form: str | None = None
    contents: dict[str, str] = field(default_factory=dict)  # of each form but the school's own, hashed

    def faults_of(self, code: str) -> list[FormFaultError]:
        """All that is wrong with a form, its first fault first."""
        first = self.form_faults.get(code)
        more = [fault for fault in self.broken_identities.get(code, ()) if fault is not first]
        return [first, *more] if first else more


class FormSource:
    """Workbooks opened for reading by form; what a sheet holds is read once, whichever record asks."""

    encoding: str | None = None

    def __init__(
        self, members: Sequence[Snapshot], opened: Mapping[str, CalamineWorkbook] | None = None
    ) -> None:
        self._members = sorted(members, key=lambda member: member.path.name)
        self._books: dict[str, CalamineWorkbook | RefusedFileError] = dict(opened or {})

    def previews(self) -> Sequence[Preview]:
        """None: a form is not recognised by the headers of a table."""
        return ()

    def chunks(
        self,
        sheet: str,
        header_end: int,
        width: int,
        dropped: frozenset[int],
        filled: frozenset[int] = frozenset(),
    ) -> Iterator[Chunk]:
        """None: rows come from ``rows``."""
        return iter(())

    def has_layout(self, layout: FormLayout) -> bool:
        """Whether a workbook holds the form that tells whose it is."""
        return self.first_with(layout) is not None

    def has_form(self, layout: FormLayout, codes: frozenset[str]) -> bool:
        """Whether a workbook holds one of these forms."""
        forms = [layout.form(code) for code in codes]
        return any(
            _sheets_of(self.names(number), form) for number in range(len(self._members)) for form in forms
        )

    def tells_nothing(self, layout: FormLayout) -> bool:
        """Whether every workbook is of a school that feeds the school register only: a kindergarten."""
        codes = (row.cells.get(layout.school_code) for row in self.rows(layout, "", frozenset()))
        return all(code is not None and re.match(layout.register_only, code.text) for code in codes)

    def has_sheet(self, name: str) -> bool:
        """Whether a workbook has a sheet of exactly that name."""
        return any(name in self.names(number) for number in range(len(self._members)))

    def first_with(self, layout: FormLayout) -> str | None:
        """Name of the first workbook of that layout."""
        form = layout.form(layout.school_form)
        return next(
            (m.path.name for n, m in enumerate(self._members) if _sheets_of(self.names(n), form)), None
        )

    def rows(
        self, layout: FormLayout, folder_name: str, codes: frozenset[str], part: slice = ALL
    ) -> Iterator[FormRow]:
        """What each workbook holds in these forms, in the order of their names, or of a part of them.

        The forms that say whose and of which year it is are read with them.
        """
        wanted = {layout.school_form, *layout.school_year.forms, *codes}
        forms = [form for form in layout.forms if form.code in wanted]
        for member in self._members[part]:
            yield _Reader(layout, forms, member.path.name, folder_name, self._book(member)).row()

    def names(self, number: int) -> list[str]:
        """Names of the sheets of one workbook; none where it cannot be opened."""
        book = self._book(self._members[number])
        return [] if isinstance(book, RefusedFileError) else book.sheet_names

    def first_grid(self, layout: FormLayout, code: str) -> Grid | None:
        """The form in the first workbook that has it."""
        form = layout.form(code)
        for number, member in enumerate(self._members):
            found = _sheets_of(self.names(number), form)
            if found:
                reader = _Reader(layout, [form], member.path.name, "", self._book(member))
                return reader.grid(form, found[0])
        return None

    def _book(self, member: Snapshot) -> CalamineWorkbook | RefusedFileError:
        if member.sha256 not in self._books:
            self._books[member.sha256] = _open(member)
        return self._books[member.sha256]


def _open(member: Snapshot) -> CalamineWorkbook | RefusedFileError:
    """The workbook, or why it cannot be opened: one bad workbook does not hold up the folder."""
    name = member.path.name
    if not member.file_bytes:
        return empty_file(name)
    try:
        if member.path.suffix.lower() != ".xls":
            check_archive(member.spool, name)
        return CalamineWorkbook.from_path(str(member.spool))
    except RefusedFileError as error:
        return error
    except (CalamineError, OSError, ValueError):
        return damaged_workbook(name)


def _sheets_of(names: Sequence[str], form: Form) -> list[str]:
    return [name for name in names if re.search(form.sheet, normal(name))]


class _Reader:
    """Reads one workbook by one layout."""

    def __init__(
        self,
        layout: FormLayout,
        forms: Sequence[Form],
        file_name: str,
        folder_name: str,
        book: CalamineWorkbook | RefusedFileError,
    ) -> None:
        self._layout, self._forms, self._book = layout, forms, book
        self._folder_name = folder_name
        self._row = FormRow(file_name)
        self._grids: dict[str, Grid] = {}

    def row(self) -> FormRow:
        row = self._row
        try:
            self._open_grids()
            self._read_form(self._layout.form(self._layout.school_form))
            self._leave_out_forms()
            row.cells[YEAR_COLUMN] = self._school_year()
        except FormFaultError as fault:
            row.school_fault = fault
            return row
        for form in self._forms:
            if form.code in self._grids and form.code != self._layout.school_form:
                self._read_beside(form)
        own = self._layout.school_form
        row.contents = {code: _content(grid) for code, grid in self._grids.items() if code != own}
        self._check_identities()
        return row

    def _check_identities(self) -> None:
        row, blocks = self._row, set()
        for broken in check_forms(self._layout, self._grids):
            code = broken.form
            # One figure breaks several identities of its block: the first that is told finds it.
            if (code, broken.rows) not in blocks:
                blocks.add((code, broken.rows))
                row.broken_identities.setdefault(code, []).append(broken.fault)
                row.form_faults.setdefault(code, broken.fault)
            # Where the form only completes a row, the row is taken without these figures.
            for spec in self._layout.form(code).cells:
                if broken.rows is None or spec.row in broken.rows:
                    row.cells.pop(spec.name, None)

    def grid(self, form: Form, name: str) -> Grid:
        """One sheet as a grid."""
        if isinstance(self._book, RefusedFileError):
            raise form_faults.unreadable(self._book)
        return self._grid(self._book, form, name)

    def _open_grids(self) -> None:
        if isinstance(self._book, RefusedFileError):
            raise form_faults.unreadable(self._book)
        for form in self._forms:
            names = _sheets_of(self._book.sheet_names, form)
            if len(names) > 1:
                raise form_faults.two_sheets(form, names)
            if names:
                self._grids[form.code] = self._grid(self._book, form, names[0])
        if self._layout.school_form not in self._grids:
            raise form_faults.no_school_form(self._layout, self._book.sheet_names)
        self._row.forms = frozenset(self._grids)

    def _leave_out_forms(self) -> None:
        """Forms that are read of other schools only."""
        code = self._row.cells[self._layout.school_code].text
        kept = {form.code for form in self._layout.forms if re.match(form.schools, code)}
        self._grids = {form: grid for form, grid in self._grids.items() if form in kept}
        self._row.forms = frozenset(self._grids)

    def _grid(self, book: CalamineWorkbook, form: Form, name: str) -> Grid:
        try:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height * sheet.total_width > MAX_FORM_CELLS:
                found = f"{sheet.total_height} × {sheet.total_width}"
                raise form_faults.too_large(form, name, found, MAX_FORM_CELLS)
            cells = sheet.to_python(skip_empty_area=False)
        except (CalamineError, OSError, ValueError) as error:
            raise form_faults.unreadable(damaged_workbook(self._row.file_name)) from error
        rows = [[cell_text(cell) for cell in row] for row in cells]
        return Grid(form.code, name, rows, sheet.merged_cell_ranges or ())

    def _read_beside(self, form: Form) -> None:
        if form.is_note:
            self._row.note, self._row.note_form = _note(self._grids[form.code]), form.code
            return
        try:
            self._read_form(form)
        except FormFaultError as fault:
            self._row.form_faults[form.code] = fault

    def _read_form(self, form: Form) -> None:
        """The cells of a form, all or none: a form of which one cell is not found is not understood."""
        grid, found = self._grids[form.code], {}
        cells, changed = find_cells(form, grid)
        self._row.cell_faults += changed
        required = [fault for fault in changed if not fault.is_optional]
        if required:
            raise required[0]
        for spec in form.cells:
            cell = cells.get(spec.name)
            if cell is not None:
                check_unit(spec, grid, cell)
                is_filled = normal(cell.text) not in form.not_filled
                found[spec.name] = cell if is_filled else replace(cell, text="")
        check_refusals(self._layout, found)
        for total in self._layout.totals:
            found |= apply_total(total, found, grid)
        self._row.cells |= found

    def _school_year(self) -> FoundCell:
        """The year that the forms print, else the one in the name of what was handed in: folder or file."""
        source = self._layout.school_year
        for code in source.forms:
            grid = self._grids.get(code)
            for number, cells in enumerate(grid.rows if grid else ()):
                for column, text in enumerate(cells):
                    found = re.search(source.pattern, normal(text))
                    if found and grid:
                        return replace(grid.at(number, column), text=found.group(1))
        year = source.year_in(self._folder_name)
        if year is not None:
            return FoundCell(year, self._grids[self._layout.school_form].sheet, 1, "A")
        raise form_faults.no_year(self._grids[self._layout.school_form].sheet)


def _content(grid: Grid) -> str:
    """A hash of all that a form says."""
    rows = ("\x1f".join(cells) for cells in grid.rows)
    return hashlib.sha256("\x1e".join(rows).encode()).hexdigest()


def _note(grid: Grid) -> str | None:
    """The free text of a page: everything but its title, its code and the frame; contacts masked."""
    texts = [clean(cell) for cells in grid.rows for cell in cells]
    kept = [text for text in texts if re.search(r"\w{2}", text) and not _is_frame(text, grid.form)]
    text = "\n".join(kept).replace("\r\n", "\n")
    return masked(text) or None


def masked(text: str) -> str:
    """The text without what could be a contact; the years of a school year are none."""
    return CONTACT.sub("***", text)


def _is_frame(text: str, form: str) -> bool:
    plain = normal(text)
    return plain == form or plain.isdigit() or plain == "数据核查结果说明及建议"


def check_one_layout(source: FormSource, layouts: Mapping[str, FormLayout], name: str) -> None:
    """RefusedFileError when a folder holds workbooks of two generations."""
    there = [(layout, first) for layout in layouts.values() if (first := source.first_with(layout))]
    if len(there) > 1:
        found = "; ".join(f"{layout.generation}: {first}" for layout, first in there)
        raise refuse(
            "two_form_generations",
            name,
            found=found,
            expected=("一个文件夹只放同一代表式的工作簿", "workbooks of one generation of forms in a folder"),
            mend=("按学年分放到不同的文件夹", "put each school year into a folder of its own"),
        )
