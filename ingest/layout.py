"""Binding a profile to the header of a sheet: which column feeds which field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.captions import Captions
from ingest.chunks import SheetHeader, column_letter
from ingest.contract import Field
from ingest.each_header import blocks_for
from ingest.faults import Fault
from ingest.idle_rows import FIRST_FILLED
from ingest.problems import RefusedFileError, refuse
from ingest.profile import ANY_HEADER, Block, FieldSource, Profile, names_header, normal_header
from ingest.profile_files import contract_fallback
from ingest.school_register import Register, no_register, register_mark, registered_schools
from ingest.units import STATED, TOLD_IF_ANY, UNIT_EXPONENTS, UNIT_HEADERS, UNITS_OF


@dataclass(frozen=True)
class FieldPlan:
    """One field of one block: its source, and the 0-based columns that feed it (none for a constant)."""

    field: Field
    source: FieldSource
    columns: tuple[int, ...]


@dataclass(frozen=True)
class BlockPlan:
    """The stored fields of one block that have a source, in the contract's order."""

    number: int
    plans: tuple[FieldPlan, ...]
    skip_empty: tuple[str, ...]


@dataclass(frozen=True)
class RowRule:
    """Rows to be set aside: the text of ``column`` matches, and of the columns ``needs`` none is filled."""

    column: int
    matches: str
    needs: tuple[int, ...]
    fault: Fault


@dataclass(frozen=True)
class SheetPlan:
    """How one sheet is read. ``skip`` holds (column, regular expression) of rows that are no data;
    ``dropped`` the columns that never leave the reader; ``unused`` headers that feed nothing."""

    header: SheetHeader
    blocks: tuple[BlockPlan, ...]
    skip: tuple[tuple[int, str], ...]
    dropped: frozenset[int]
    unused: tuple[str, ...]
    places: tuple[str, ...] = ()  # of a form: where each column's cell stands (sheet!A1)
    filled: frozenset[int] = frozenset()  # columns of which merged cells are filled down
    notes: str | None = None  # how the first of the notes below the table begins
    needs_block: Field | None = None  # a row for which every block is empty lacks it
    marks: tuple[str, ...] = ()  # what was read outside the table: part of what the batch is
    set_aside: tuple[RowRule, ...] = ()

    def letter(self, column: int) -> str:
        """Where a column stands, as a spreadsheet shows it."""
        return self.places[column] if self.places else column_letter(column)

    def row(self, columns: Sequence[int]) -> int | None:
        """Row of the first of these cells where each has its own; None in a table."""
        found = [re.search(r"!?[A-Z]+([0-9]+)$", self.places[c]) for c in columns if self.places]
        return next((int(place.group(1)) for place in found if place), None)


def plan_sheet(
    file_name: str, profile: Profile, header: SheetHeader, register: Register = registered_schools
) -> SheetPlan:
    """Bind ``profile`` to the columns of a sheet; ``register`` gives the codes of schools by their names.

    RefusedFileError: a required field has no column, a field has two, a column would feed two fields.
    """
    binder = _Binder(file_name, profile, header, register)
    blocks = tuple(binder.block(block) for block in blocks_for(profile, header.names))
    binder.check_columns_are_not_shared(blocks)
    skip = tuple(
        (column, rule.matches)
        for rule in profile.skip_rows
        for column in ((FIRST_FILLED,) if rule.header == ANY_HEADER else binder.columns_named(rule.header))
    )
    dropped = binder.dropped()
    used = {column for b in blocks for p in b.plans for column in p.columns}
    used |= {column for column, _ in skip}
    rules = binder.row_rules()
    used |= {column for rule in rules for column in (rule.column, *rule.needs)}
    unused = tuple(n for i, n in enumerate(header.names) if n and i not in used | dropped)
    filled = frozenset(c for name in profile.fill_merged for c in binder.columns_named(name))
    needed = profile.contract.field(profile.needs_block) if profile.needs_block else None
    return SheetPlan(
        header,
        blocks,
        skip,
        dropped - used,
        unused,
        filled=filled,
        notes=profile.notes,
        needs_block=needed,
        marks=tuple(dict.fromkeys(binder.marks)),
        set_aside=rules,
    )


def filled_columns(profile: Profile, header: SheetHeader) -> frozenset[int]:
    """Columns of which a merged cell gives its value to each of its rows."""
    wanted = [normal_header(name) for name in profile.fill_merged]
    return frozenset(
        column
        for column, name in enumerate(header.names)
        if any(names_header(one, form) for one in wanted for form in profile.header_forms(name))
    )


class _Binder:
    """Looks fields up in one header."""

    def __init__(self, file_name: str, profile: Profile, header: SheetHeader, register: Register) -> None:
        self._file_name = file_name
        self._profile = profile
        self._header = header
        self._captions = Captions(file_name, header)
        self._register = register
        self.marks: list[str] = []
        self._groups = profile.file_name_groups(file_name) or ()
        self._columns: dict[str, list[int]] = {}
        for column, name in enumerate(header.names):
            for form in profile.header_forms(name) if name else ():
                self._columns.setdefault(form, []).append(column)

    def columns_named(self, header: str) -> list[int]:
        wanted = normal_header(header)
        if "*" not in wanted:
            return self._columns.get(wanted, [])
        found = (columns for name, columns in self._columns.items() if names_header(wanted, name))
        return sorted(column for columns in found for column in columns)

    def row_rules(self) -> tuple[RowRule, ...]:
        """The rules whose column the sheet has; a column that must be filled may be missing."""
        return tuple(
            RowRule(
                column,
                rule.matches,
                tuple(c for header in rule.needs for c in self.columns_named(header)),
                rule.fault,
            )
            for rule in self._profile.set_aside
            for column in self.columns_named(rule.header)
        )

    def dropped(self) -> frozenset[int]:
        """Columns under any name of a field that is dropped, whatever the profile says."""
        fields = [f for f in self._profile.contract.fields if not f.is_stored]
        return frozenset(c for f in fields for h in f.headers for c in self.columns_named(h))

    def block(self, block: Block) -> BlockPlan:
        plans = []
        for field in self._profile.contract.stored_fields:
            source = block.sources.get(field.name)
            plan = self._plan(field, source, block) if source else None
            if plan is None and field.required and not self._is_counted(field):
                raise self._no_column(field, source)
            if plan is not None:
                plans.append(plan)
        return BlockPlan(block.number, tuple(plans), block.skip_empty)

    def _is_counted(self, field: Field) -> bool:
        """Whether counting pupils gives the field: its figures, and the stage, which a grade has."""
        return self._profile.counted is not None and field.name in ("stage", "students")

    def _plan(self, field: Field, source: FieldSource, block: Block) -> FieldPlan | None:
        if source.copy_of:
            copied = block.sources[source.copy_of]
            source = replace(copied, add=copied.add + source.add)
        if source.file_name_group:
            source = replace(source, constant=self._groups[source.file_name_group - 1], file_name_group=None)
        if source.constant is not None:
            return FieldPlan(field, source, ())
        if source.join or source.sum:
            return FieldPlan(field, source, self._all(field, source.join or source.sum))
        column = self._one(field, source.headers)
        if column is not None:
            return self._with_unit(field, source, column)
        if source.registered or source.caption:
            return self._outside(field, source, block)
        fallback = contract_fallback(field.name) if self._profile.follows_contract else None
        return self._plan(field, fallback, block) if fallback else None

    def _with_unit(self, field: Field, source: FieldSource, column: int) -> FieldPlan:
        """The column, in the unit that the file tells where the profile leaves it to the file."""
        if source.unit_told is None:
            return FieldPlan(field, source, (column,))
        if source.unit_told != STATED:
            return FieldPlan(field, self._header_unit(field, source, column), (column,))
        beside = [c for header in UNIT_HEADERS for c in self.columns_named(header)]
        unit = self._captions.unit(column, beside)
        if unit is None:
            return FieldPlan(field, replace(source, has_unit_beside=True), (column, *beside))
        return FieldPlan(field, replace(source, exponent=UNIT_EXPONENTS[unit]), (column,))

    def _header_unit(self, field: Field, source: FieldSource, column: int) -> FieldSource:
        """The source with the unit that its header says in brackets, where the profile reads it there."""
        told = re.findall(r"\(([^()]*)\)", normal_header(self._header.names[column]))
        units = UNITS_OF.get(field.unit or "", UNIT_EXPONENTS)
        known = [units[text] for text in told if text in units]
        if len(known) == 1:
            return replace(source, exponent=known[0])
        if not told and source.unit_told == TOLD_IF_ANY:
            return source
        raise self._no_unit(field, column, list(units))

    def _outside(self, field: Field, source: FieldSource, block: Block) -> FieldPlan | None:
        """A field without a column of its own: a school named, or what is said of all rows."""
        if source.registered:
            column = self._one(field, source.registered)
            return None if column is None else self._named_school(field, source, column, block)
        if source.caption is None:
            return None
        value = self._captions.value(source.caption, field)
        if not source.caption.is_in_content:
            self.marks.append(f"{field.name}={value}")
        return FieldPlan(field, replace(source, caption=None, headers=(), constant=value), ())

    def _named_school(self, field: Field, source: FieldSource, column: int, block: Block) -> FieldPlan:
        """The school of a name by the register of the district and school year that are said of all rows."""
        contract = self._profile.contract
        keys = [
            self._plan(contract.field(name), block.sources[name], block)
            for name in ("district_code", "school_year")
        ]
        district, year = (None if key is None else key.source.constant for key in keys)
        codes = self._register(district, year) if district and year else {}
        if not codes:
            raise no_register(self._file_name, self._header, district, year)
        self.marks.append(f"register={register_mark(codes)}")
        return FieldPlan(field, replace(source, codes=tuple(sorted(codes.items()))), (column,))

    def _all(self, field: Field, headers: Sequence[str]) -> tuple[int, ...]:
        columns = []
        for header in headers:
            column = self._one(field, (header,))
            if column is None:
                raise self._missing(header)
            columns.append(column)
        return tuple(columns)

    def _one(self, field: Field, headers: Sequence[str]) -> int | None:
        """The column under one of the headers. Our own layouts have one name too many when two are there;
        other profiles list their headers in order of preference."""
        found = [self.columns_named(header) for header in headers]
        if self._profile.follows_contract:
            found = [sorted({column for columns in found for column in columns})]
        columns = next((columns for columns in found if columns), [])
        if len(columns) > 1:
            raise self._two_columns(field, columns)
        return columns[0] if columns else None

    def check_columns_are_not_shared(self, blocks: Sequence[BlockPlan]) -> None:
        """In our own layouts a column feeds one field (an edition that copies its year aside)."""
        if not self._profile.follows_contract:
            return
        owner: dict[int, Field] = {}
        for plan in blocks[0].plans:
            fallback = contract_fallback(plan.field.name)
            own = {normal_header(h) for h in plan.field.headers}
            for column in plan.columns:
                if fallback and normal_header(self._header.names[column]) not in own:
                    continue
                if column in owner:
                    raise self._shared(column, owner[column], plan.field)
                owner[column] = plan.field

    def _refuse(self, rule: str, expected: tuple[str, str], mend: tuple[str, str]) -> RefusedFileError:
        return refuse(
            rule,
            self._file_name,
            sheet=self._header.sheet or None,
            row=self._header.end_row,
            expected=expected,
            mend=mend,
        )

    def _place(self, column: int) -> str:
        return f"{column_letter(column)} “{self._header.names[column]}”"

    def _no_column(self, field: Field, source: FieldSource | None) -> RefusedFileError:
        return self._missing(source.headers[0] if source and source.headers else field.name_zh)

    def _missing(self, header: str) -> RefusedFileError:
        name = self._profile.name
        return self._refuse(
            "missing_header",
            (f"表头含“{header}”（版式 {name}）", f"a header with “{header}” (layout {name})"),
            ("补上所缺的列，或把列名改为所示名称", "add the missing column, or name it as shown"),
        )

    def _no_unit(self, field: Field, column: int, units: Sequence[str]) -> RefusedFileError:
        place = self._place(column)
        return self._refuse(
            "no_unit",
            (
                f"{place} 的表头在括号中写明“{field.name_zh}”的单位：{'、'.join(units)} 之一",
                f"the header of {place} to say the unit of “{field.name_en}” in brackets: {', '.join(units)}",
            ),
            (
                "在列名后的括号中写明单位，如“(万元)”",
                "write the unit in brackets after the name of the column",
            ),
        )

    def _two_columns(self, field: Field, columns: Sequence[int]) -> RefusedFileError:
        places = ", ".join(self._place(column) for column in columns)
        return self._refuse(
            "two_columns_for_field",
            (
                f"“{field.name_zh}”只有一列，现有：{places}",
                f"one column for “{field.name_en}”, there are: {places}",
            ),
            ("只保留其中一列", "keep one of them"),
        )

    def _shared(self, column: int, first: Field, second: Field) -> RefusedFileError:
        return self._refuse(
            "two_fields_on_column",
            (
                f"{self._place(column)} 只表示一个字段，它可指“{first.name_zh}”或“{second.name_zh}”",
                f"{self._place(column)} to mean one field; it may be “{first.name_en}” or “{second.name_en}”",
            ),
            ("用字段的全称作列名", "name the column by the field's full name"),
        )
