"""Rows of forms: what a workbook holds becomes typed rows by the contract, or is set aside with its fault.

A workbook gives one row a block of the profile. The trace is exact: the place of every cell (sheet, column,
row) is kept by block and layout, and workbooks that are laid out alike share it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
import pyarrow as pa

from ingest.chunks import Chunk, SheetHeader
from ingest.conform import Conformer, Piece
from ingest.contract import Contract
from ingest.copy_text import copy_lines, escape_text
from ingest.drift.codes import NewCode
from ingest.drift.forms import FormChanges
from ingest.forms import faults as form_faults
from ingest.forms.faults import FormFaultError
from ingest.forms.grid import FoundCell
from ingest.forms.layout import YEAR_COLUMN, FormLayout
from ingest.forms.source import FormRow
from ingest.layout import BlockPlan, FieldPlan, SheetPlan, plan_sheet
from ingest.problems import Problem, RefusedFileError, refuse
from ingest.profile import Profile

MAX_BLOCKS = 32_767  # what a smallint holds
MAX_SHOWN = 5  # problems of a batch that are told at once; the ledger holds all


def column_names(layout: FormLayout) -> tuple[str, ...]:
    """The cells of a layout as the columns of one row."""
    return (YEAR_COLUMN, *(cell.name for cell in layout.cells))


def main_forms(profile: Profile) -> frozenset[str]:
    """Forms of which a workbook must have one to say anything to the record; none: any workbook does."""
    blocks = plan_forms(profile, "").blocks
    return frozenset().union(*(_main_forms(profile, block) for block in blocks))


def plan_forms(profile: Profile, file_name: str) -> SheetPlan:
    """The profile bound to the cells of its layout."""
    return plan_sheet(file_name, profile, SheetHeader("", column_names(profile.form_layout), 0))


def _forms_of(profile: Profile, block: BlockPlan, names: tuple[str, ...] = ()) -> frozenset[str]:
    layout, columns = profile.form_layout, column_names(profile.form_layout)
    cells = [columns[c] for p in block.plans if not names or p.field.name in names for c in p.columns]
    forms = {layout.cell(name).form for name in cells if name != YEAR_COLUMN}
    return frozenset(forms - {layout.school_form})


def _main_forms(profile: Profile, block: BlockPlan) -> frozenset[str]:
    return _forms_of(profile, block, block.skip_empty[:1]) if block.skip_empty else frozenset()


@dataclass(frozen=True)
class FormNote:
    """A school's written explanation of its figures, from its page in the workbook."""

    file_name: str
    form_code: str
    district_code: str | None
    school_year: int
    school_code: str
    text: str


@dataclass
class FormConformer:
    """Turns the rows of one batch into pieces. ``plans`` grows with every row, ``problems`` with the first
    few that are set aside."""

    contract: Contract
    batch_id: UUID
    profile: Profile
    file_name: str
    plans: list[SheetPlan] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    new_codes: Counter[NewCode] = field(default_factory=Counter)
    changes: FormChanges = field(default_factory=FormChanges)

    def __post_init__(self) -> None:
        self._bound = plan_forms(self.profile, self.file_name)
        self._names = column_names(self.profile.form_layout)
        self._shown = (YEAR_COLUMN, *(f"{c.name}（{c.address}）" for c in self.profile.form_layout.cells))
        self._forms = {b.number: _forms_of(self.profile, b) for b in self._bound.blocks}
        self._main = {b.number: _main_forms(self.profile, b) for b in self._bound.blocks}
        self._numbers: dict[tuple[int, tuple[str, ...]], int] = {}

    @property
    def forms(self) -> frozenset[str]:
        """The forms that the rows, the checks and the notes of this batch need."""
        notes = [f.code for f in self.profile.form_layout.forms if f.is_note and self.profile.keeps_notes]
        return frozenset().union(*self._forms.values(), self.profile.also_checks, notes)

    def pieces(self, row: FormRow) -> Iterator[Piece]:
        """The rows of one workbook, and what of it is set aside."""
        main: frozenset[str] = frozenset().union(*self._main.values())
        if row.forms and main and (not main & row.forms or self._is_registered_only(row)):
            return  # a kindergarten, say, has nothing to tell this record
        self.changes.add(row)
        broken = row.broken_identities
        also = [broken[code][0] for code in self.profile.also_checks if code in broken]
        fault = row.school_fault or next(iter(also), None)
        if fault is not None:
            yield self._set_aside(row, None, fault, is_told=True)
            return
        told: set[str] = set()
        for block in self._bound.blocks:
            needed = self._main[block.number]
            if needed and not needed & row.forms:
                continue
            beside = self._beside(row, self._forms[block.number] - needed)
            fault = self._fault(row, self._forms[block.number] - beside)
            if fault is None:
                yield from self._conform(row, block, self._optional(block))
                yield from self._tell(row, beside, told)
            else:
                yield self._set_aside(row, block, fault, is_told=str(fault) not in told)
                told.add(str(fault))

    def _is_registered_only(self, row: FormRow) -> bool:
        layout = self.profile.form_layout
        code = row.cells.get(layout.school_code)
        return code is not None and re.match(layout.register_only, code.text) is not None

    def notes(self, row: FormRow) -> list[FormNote]:
        """The school's explanation, where the profile keeps it and the workbook says whose it is."""
        code, year = (row.cells.get(n) for n in (self.profile.form_layout.school_code, YEAR_COLUMN))
        if not self.profile.keeps_notes or not row.note or not code or not code.text or not year:
            return []
        form = row.note_form or ""
        return [FormNote(row.file_name, form, self._district(row), int(year.text), code.text, row.note)]

    def content(self, row: FormRow) -> dict[str, str]:
        """A hash of all that decides the rows of a workbook, by stage; of what else it holds nothing."""
        if row.school_fault is not None:
            return {}
        parts: dict[str, dict[str, str]] = {}
        for block in self._bound.blocks:
            if self._main[block.number] and not self._main[block.number] & row.forms:
                continue
            stages = [p.source.constant for p in block.plans if p.field.name == "stage"]
            forms = self._forms[block.number] | set(self.profile.also_checks)
            parts.setdefault(stages[0] or "" if stages else "", {}).update(
                {code: row.contents.get(code, "") for code in forms}
                | {name: cell.text for name, cell in self._own_cells(row, block).items()}
            )
        return {
            stage: hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
            for stage, told in parts.items()
        }

    def _own_cells(self, row: FormRow, block: BlockPlan) -> dict[str, FoundCell]:
        """Cells of the school's own form, and the year, that the block reads."""
        layout = self.profile.form_layout
        names = {self._names[column] for plan in block.plans for column in plan.columns}
        own = [n for n in names if n == YEAR_COLUMN or layout.cell(n).form == layout.school_form]
        return {name: row.cells[name] for name in own if name in row.cells}

    def _beside(self, row: FormRow, forms: frozenset[str]) -> frozenset[str]:
        """Forms that only add to what others tell and are not understood: their figures are missing."""
        layout = self.profile.form_layout
        return frozenset(code for code in forms & row.form_faults.keys() if layout.form(code).is_optional)

    def _tell(self, row: FormRow, forms: frozenset[str], told: set[str]) -> Iterator[Piece]:
        """What is wrong with a form that holds no row up: a message, and no row that is set aside."""
        for fault in (fault for code in sorted(forms) for fault in row.faults_of(code)):
            if str(fault) not in told:
                told.add(str(fault))
                line = self._rejected_line(f"{row.file_name} {fault.sheet}", fault)
                yield Piece(memoryview(b""), (line,), (), 0, 0, 0, 0)

    def _fault(self, row: FormRow, forms: frozenset[str]) -> FormFaultError | None:
        for code in sorted(forms):
            if code in row.form_faults:
                return row.form_faults[code]
            if code not in row.forms and not self.profile.form_layout.form(code).is_optional:
                return form_faults.form_missing(code)
        return None

    def _optional(self, block: BlockPlan) -> frozenset[str]:
        """Forms that only add to what others tell in this block."""
        layout, forms = self.profile.form_layout, self._forms[block.number] - self._main[block.number]
        return frozenset(code for code in forms if layout.form(code).is_optional)

    def _conform(self, row: FormRow, block: BlockPlan, optional: frozenset[str]) -> Iterator[Piece]:
        """The row of a block. A value of an ``optional`` form that cannot be taken is told, what that form
        tells the block is missing, and the row is taken."""
        layout = self.profile.form_layout
        columns = sorted({column for plan in block.plans for column in plan.columns})
        cells = {c: row.cells[self._names[c]] for c in columns if self._names[c] in row.cells}
        form_of = {c: layout.cell(self._names[c]).form for c in cells if self._names[c] != YEAR_COLUMN}
        rows = self._row_number(block, cells)
        conformer = self._conformer(row, block, cells)
        chunk = _chunk(row, columns, cells, rows)
        plans = [p for p in block.plans if _is_fed_by(p, form_of, optional)]
        faulty, lines = conformer.faulty(replace(block, plans=tuple(plans)), chunk)
        if faulty:
            wrong = {form_of[c] for plan in faulty for c in plan.columns if c in form_of}
            kept = {c: cell for c, cell in cells.items() if form_of.get(c) not in wrong}
            yield Piece(memoryview(b""), lines, (), 0, 0, 0, 0)
            conformer, chunk = self._conformer(row, block, kept), _chunk(row, columns, kept, rows)
        self.plans.append(conformer.plan)
        yield from conformer.pieces(chunk)

    def _conformer(self, row: FormRow, block: BlockPlan, cells: Mapping[int, FoundCell]) -> Conformer:
        """For the cells of a block where they stand in this workbook; its plan is the next of the batch."""
        places = tuple(cells[c].place if c in cells else "" for c in range(len(self._names)))
        numbered = replace(block, number=self._number(block.number, places))
        header = SheetHeader(row.file_name, self._shown, 0)
        return Conformer(
            self.contract,
            self.batch_id,
            SheetPlan(header, (numbered,), (), frozenset(), (), places),
            self.profile.null_tokens,
            len(self.plans),
            new_codes=self.new_codes,
        )

    def _row_number(self, block: BlockPlan, cells: Mapping[int, FoundCell]) -> int:
        own = [cell.row for c, cell in cells.items() if self._is_figure(block, c)]
        return own[0] if own else 1

    def _is_figure(self, block: BlockPlan, column: int) -> bool:
        """Whether the column feeds the block's own fields, not those that say whose row it is."""
        name = self._names[column]
        if name == YEAR_COLUMN:
            return False
        layout = self.profile.form_layout
        return layout.cell(name).form != layout.school_form or not self._forms[block.number]

    def _number(self, block: int, places: tuple[str, ...]) -> int:
        """Workbooks whose cells stand in the same places share a number; the ledger keeps places by it."""
        number = self._numbers.setdefault((block, places), len(self._numbers))
        if number > MAX_BLOCKS:
            raise _too_many_layouts(self.file_name)
        return number

    def _set_aside(
        self, row: FormRow, block: BlockPlan | None, fault: FormFaultError, *, is_told: bool
    ) -> Piece:
        sheet = f"{row.file_name} {fault.sheet}".strip()
        if is_told and len(self.problems) < MAX_SHOWN:
            self.problems.append(_problem(self.file_name, sheet, fault))
        lines = (self._rejected_line(sheet, fault),) if is_told else ()
        return Piece(memoryview(b""), lines, (self._key_line(row, block, sheet, fault),), 1, 0, 1, 0)

    def _rejected_line(self, sheet: str, fault: FormFaultError) -> memoryview:
        null, said = escape_text(None), fault.fault
        texts = (said.expected_zh, said.expected_en, said.mend_zh, said.mend_en)
        return copy_lines(
            [
                pa.array([str(self.batch_id)]),
                self.contract.record,
                escape_text(sheet),
                str(fault.row or 1),
                "0",
                null,
                null,
                null,
                said.rule,
                escape_text(fault.found),
                *map(escape_text, texts),
            ]
        )

    def _key_line(
        self, row: FormRow, block: BlockPlan | None, sheet: str, fault: FormFaultError
    ) -> memoryview:
        """Whose row it is, as far as the school's own form says."""
        constants = {p.field.name: p.source.constant for p in block.plans} if block else {}
        code, year = (row.cells.get(n) for n in (self.profile.form_layout.school_code, YEAR_COLUMN))
        return copy_lines(
            [
                pa.array([str(self.batch_id)]),
                self.contract.record,
                escape_text(sheet),
                str(fault.row or 1),
                "0",
                escape_text(self._district(row)),
                escape_text(year.text if year else None),
                escape_text((code.text or None) if code else None),
                escape_text(constants.get("stage")),
            ]
        )

    def _district(self, row: FormRow) -> str | None:
        plan = next(p for p in self._bound.blocks[0].plans if p.field.name == "district_code")
        cell = row.cells.get(self._names[plan.columns[0]]) if plan.columns else None
        return district_of(cell.text) if cell else None


def _is_fed_by(plan: FieldPlan, form_of: Mapping[int, str], forms: frozenset[str]) -> bool:
    """Whether the field may be missing and nothing but these forms feeds it."""
    fed_by = {form_of[column] for column in plan.columns if column in form_of}
    return not plan.field.required and bool(fed_by) and fed_by <= forms


def _chunk(row: FormRow, columns: Sequence[int], cells: Mapping[int, FoundCell], number: int) -> Chunk:
    """One row of text; what was not found is blank."""
    texts = {
        c: pa.array([cells[c].text if c in cells else ""], pa.string()).dictionary_encode() for c in columns
    }
    return Chunk(row.file_name, texts, np.array([number], dtype=np.int32))


def district_of(area_code: str) -> str | None:
    """County-level unit of a 12-digit area code; None for anything else."""
    plain = area_code.strip()
    return plain[:6] if len(plain) == 12 and plain.isascii() and plain.isdigit() else None


def _problem(file_name: str, sheet: str, fault: FormFaultError) -> Problem:
    said = fault.fault
    return Problem(
        rule=said.rule,
        file_name=file_name,
        sheet=None if sheet == file_name else sheet,
        row=fault.row,
        column=None,
        header=None,
        field_name=None,
        found=fault.found,
        expected_zh=said.expected_zh,
        expected_en=said.expected_en,
        mend_zh=said.mend_zh,
        mend_en=said.mend_en,
    )


def _too_many_layouts(file_name: str) -> RefusedFileError:
    return refuse(
        "too_many_layouts",
        file_name,
        expected=("同一版式的工作簿", "workbooks that are laid out alike"),
        mend=("把工作簿分放到几个文件夹", "put the workbooks into several folders"),
    )
