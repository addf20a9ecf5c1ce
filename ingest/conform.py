"""Chunks of text become typed rows for COPY and rejected cells, by contract and profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest import faults
from ingest.chunks import Chunk, RaggedRow
from ingest.contract import Contract, Field
from ingest.copy_text import Coded, Column, copy_lines, escape, escape_text, joined
from ingest.database import ORIGIN_COLUMNS
from ingest.drift.codes import NewCode, count_codes
from ingest.faults import Fault
from ingest.idle_rows import idle_rows, mark
from ingest.keyhash import combine, hash_texts
from ingest.layout import BlockPlan, FieldPlan, RowRule, SheetPlan
from ingest.profile import FieldSource
from ingest.units import with_unit
from ingest.values import Typed, convert, plain_number, to_decimal

REJECTED_COLUMNS = (
    "batch_id, record, source_sheet, source_row, source_block, source_column, field_name, header, "
    "rule, found, expected_zh, expected_en, mend_zh, mend_en"
)
KEY_SEPARATOR = "\x1f"
# Of a row that was set aside, what says whose figures are not complete without it.
REJECTED_KEY_FIELDS = ("district_code", "school_year", "school_code", "stage")
REJECTED_KEY_COLUMNS = (
    "batch_id, record, source_sheet, source_row, source_block, district_code, school_year, school_code, stage"
)


@dataclass(frozen=True)
class Keys:
    """Rows whose key can be read: where each stands, a hash of its key, and whether it was loaded.

    ``texts`` holds the keys of the rows that were not loaded (the others can be asked of the table).
    """

    sheet: int
    rows: np.ndarray
    block: int
    hashes: np.ndarray
    is_loaded: np.ndarray
    texts: pa.StringArray


@dataclass(frozen=True)
class Piece:
    """What one chunk gave: lines for the raw table and for the quarantine (cells, whose), counts, keys."""

    lines: memoryview
    rejected_lines: tuple[memoryview, ...]
    rejected_key_lines: tuple[memoryview, ...]
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    rows_skipped: int
    keys: Keys | None = None


@dataclass(frozen=True)
class _Texts:
    """A column: its distinct texts, and for each row which of them (None: the first stands in every row)."""

    distinct: pa.StringArray
    indices: np.ndarray | None

    def rows(self) -> pa.StringArray | str:
        if self.indices is None:
            return str(self.distinct[0])
        return pc.take(self.distinct, pa.array(self.indices))

    def mark(self, mask: pa.BooleanArray) -> np.ndarray:
        """A mask of the distinct texts as one of the rows of a column of the file."""
        if self.indices is None:
            raise TypeError("a value that stands in every row has no rows of its own")
        return mark(mask, self.indices)


@dataclass(frozen=True)
class _Cells:
    """One field of a chunk: its plan, its typed distinct values, and for each row which of them."""

    plan: FieldPlan
    typed: Typed
    indices: np.ndarray | None

    def per_row(self, distinct: np.ndarray, count: int) -> np.ndarray:
        return np.full(count, distinct[0]) if self.indices is None else distinct.take(self.indices)

    def column(self) -> Column:
        """The typed values for COPY."""
        values = escape(self.typed.values)
        if self.indices is None:
            return escape_text(None) if values[0].as_py() is None else str(values[0])
        return Coded(values, self.indices)

    def texts(self, distinct: pa.StringArray, keep: np.ndarray | None = None) -> pa.StringArray | str | None:
        """Values of the kept rows; a single text (or None) when it stands in every row."""
        if self.indices is None:
            return distinct[0].as_py()
        return pc.take(distinct, pa.array(self.indices if keep is None else self.indices[keep]))


@dataclass
class Conformer:
    """Turns the chunks of one sheet into pieces. ``sheet_number`` tells the sheets of a file apart."""

    contract: Contract
    batch_id: UUID
    plan: SheetPlan
    null_tokens: tuple[str, ...]
    sheet_number: int = 0
    new_codes: Counter[NewCode] = field(default_factory=Counter)
    origin: tuple[str, ...] = tuple(name for name, _ in ORIGIN_COLUMNS)  # those that COPY is given
    _sheet: str = field(init=False)
    _is_in_notes: bool = False  # a note below the table has been passed

    def __post_init__(self) -> None:
        self._sheet = escape_text(self.plan.header.sheet)

    def pieces(self, chunk: Chunk) -> Iterator[Piece]:
        """The rows of a chunk, block by block; ragged and skipped rows are counted once."""
        columns = {c: _Texts(*_decoded(a)) for c, a in chunk.columns.items()}
        is_blank, is_skipped = self._idle_rows(columns, len(chunk.rows))
        keep = ~(is_blank | is_skipped)
        for rule in self.plan.set_aside:
            is_bad = keep & self._breaks(rule, columns, len(chunk.rows))
            if is_bad.any():
                yield self._set_aside(rule, _only(columns, is_bad), chunk.rows[is_bad])
                keep &= ~is_bad
        columns = _only(columns, keep)
        skipped, ragged = int((is_skipped & ~is_blank).sum()), len(chunk.ragged)
        if skipped or ragged:
            lines, whose = self._ragged_lines(chunk.ragged) if ragged else ((), ())
            yield Piece(memoryview(b""), lines, whose, skipped + ragged, 0, ragged, skipped)
        if keep.any():
            rows = chunk.rows[keep]
            for block in self.plan.blocks:
                yield self._block(block, columns, rows)
            if self.plan.needs_block is not None:
                yield from self._without_block(self.plan.needs_block, columns, rows)

    def _idle_rows(self, columns: dict[int, _Texts], count: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows without any text, and rows that are no data by the profile."""
        coded = {c: (t.distinct, t.indices) for c, t in columns.items() if t.indices is not None}
        is_blank, is_skipped, self._is_in_notes = idle_rows(
            coded, count, self.plan.skip, self.plan.notes, self._is_in_notes
        )
        return is_blank, is_skipped

    def _breaks(self, rule: RowRule, columns: dict[int, _Texts], count: int) -> np.ndarray:
        if rule.column not in columns:
            return np.zeros(count, dtype=bool)
        trimmed = pc.utf8_trim_whitespace(columns[rule.column].distinct)
        is_bad = columns[rule.column].mark(pc.match_substring_regex(trimmed, rule.matches))
        for column in rule.needs:
            if column in columns:
                is_bad &= columns[column].mark(self._missing(columns[column].distinct))
        return is_bad

    def _set_aside(self, rule: RowRule, columns: dict[int, _Texts], rows: np.ndarray) -> Piece:
        """Rows that cannot be counted, whatever their figures: one message a row, and whose it is.

        With which school it counts is what such a row does not say: its own code is not kept as if it were
        the only one whose figures are not complete without it.
        """
        block, is_bad = self.plan.blocks[0], np.ones(len(rows), dtype=bool)
        # Several blocks are several stages: the row is of all of them.
        names = {"district_code", "school_year"} | ({"stage"} if len(self.plan.blocks) == 1 else set())
        plans = [plan for plan in block.plans if plan.field.name in names]
        texts = [self._source_texts(plan, columns) for plan in plans]
        cells = [
            _Cells(plan, convert(plan.field, plan.source, text.distinct, self.null_tokens), text.indices)
            for plan, text in zip(plans, texts, strict=True)
        ]
        said, null = rule.fault, escape_text(None)
        found: pa.StringArray | str = null
        if not self.contract.is_about_persons:
            found = pc.take(escape(columns[rule.column].distinct), pa.array(columns[rule.column].indices))
        lines = copy_lines(
            [
                str(self.batch_id),
                self.contract.record,
                self._sheet,
                pc.cast(pa.array(rows), pa.string()),
                "0",
                self.plan.letter(rule.column),
                null,
                escape_text(self.plan.header.names[rule.column]),
                said.rule,
                found,
                *map(escape_text, (said.expected_zh, said.expected_en, said.mend_zh, said.mend_en)),
            ]
        )
        whose = self._rejected_keys(block, cells, rows, is_bad)
        return Piece(memoryview(b""), (lines,), (whose,), len(rows), 0, len(rows), 0)

    def _block(self, block: BlockPlan, columns: dict[int, _Texts], rows: np.ndarray) -> Piece:
        texts = {plan.field.name: self._source_texts(plan, columns) for plan in block.plans}
        if block.skip_empty:
            is_empty = np.ones(len(rows), dtype=bool)
            for name in block.skip_empty:
                is_empty &= self._is_empty(name, block, columns, len(rows))
            rows = rows[~is_empty]
            texts = {
                n: t if t.indices is None else _Texts(t.distinct, t.indices[~is_empty])
                for n, t in texts.items()
            }
        cells = [
            _Cells(p, convert(p.field, p.source, t.distinct, self.null_tokens), t.indices)
            for p, t in ((plan, texts[plan.field.name]) for plan in block.plans)
        ]
        is_bad = np.zeros(len(rows), dtype=bool)
        for cell in cells:
            if cell.typed.faults:
                is_bad |= cell.per_row(cell.typed.fault != 0, len(rows))
                header = "+".join(self.plan.header.names[c] for c in cell.plan.columns)
                count_codes(self.new_codes, cell.plan.field.name, header, cell.typed, cell.indices)
        rejected = int(is_bad.sum())
        good = ~is_bad if rejected else None
        return Piece(
            lines=self._lines(block, cells, rows, good),
            rejected_lines=tuple(self._rejected(block, cells, rows)) if rejected else (),
            rejected_key_lines=(self._rejected_keys(block, cells, rows, is_bad),) if rejected else (),
            rows_read=len(rows),
            rows_loaded=len(rows) - rejected,
            rows_rejected=rejected,
            rows_skipped=0,
            keys=self._keys(block, cells, rows, is_bad),
        )

    def _without_block(self, needed: Field, columns: dict[int, _Texts], rows: np.ndarray) -> Iterator[Piece]:
        """Rows that hold nothing in any of the repeated columns: they are told, not passed over."""
        is_empty = np.ones(len(rows), dtype=bool)
        for block in self.plan.blocks:
            for name in block.skip_empty:
                is_empty &= self._is_empty(name, block, columns, len(rows))
        fault = faults.required(needed)
        for row in rows[is_empty]:
            lines = (self._row_lines(pa.array([str(row)]), fault, needed.name),)
            yield Piece(memoryview(b""), lines, (self._key_line(0, pa.array([str(row)]), {}),), 1, 0, 1, 0)

    def _source_texts(self, plan: FieldPlan, columns: dict[int, _Texts]) -> _Texts:
        source = plan.source
        if not plan.columns:
            return _Texts(pa.array([source.constant], pa.string()), None)
        members = [columns[column] for column in plan.columns if column in columns]
        if len(members) < len(plan.columns):  # the sheet ends before this column
            return _Texts(pa.array([""], pa.string()), None)
        if source.has_unit_beside:
            return _encoded(self._with_unit(*members))
        if source.join:
            return _encoded(self._join(members, source.separator))
        return _encoded(self._sum(members)) if source.sum else members[0]

    def _is_empty(self, name: str, block: BlockPlan, columns: dict[int, _Texts], count: int) -> np.ndarray:
        """Rows in which every column that feeds the field is empty: a sum with one part given is not."""
        is_empty = np.ones(count, dtype=bool)
        plans = [plan for plan in block.plans if plan.field.name == name]
        for column in (c for p in plans for c in p.columns[: 1 if p.source.has_unit_beside else None]):
            if column in columns:
                texts = columns[column]
                if texts.indices is not None:
                    is_empty &= texts.mark(self._missing(texts.distinct))
        return is_empty

    def _missing(self, distinct: pa.StringArray) -> pa.BooleanArray:
        return pc.is_in(pc.utf8_trim_whitespace(distinct), pa.array([*self.null_tokens, ""]))

    def _with_unit(self, amount: _Texts, unit: _Texts) -> pa.StringArray:
        """Each amount with the unit that stands beside it, as one text."""
        is_missing = amount.mark(self._missing(amount.distinct))
        return with_unit(_all_rows(amount), _all_rows(unit), is_missing)

    def _join(self, members: Sequence[_Texts], separator: str) -> pa.StringArray:
        """The texts joined; missing when a part is missing."""
        parts = []
        for member in members:
            trimmed = pc.utf8_trim_whitespace(member.distinct)
            present = pc.if_else(self._missing(member.distinct), pa.scalar(None, pa.string()), trimmed)
            parts.append(_Texts(present, member.indices).rows())
        return pc.fill_null(pc.binary_join_element_wise(*parts, separator), "")

    def _sum(self, members: Sequence[_Texts]) -> pa.StringArray:
        """The exact sum; missing when a part is missing, and the faulty text where a part is no number."""
        total, faulty = None, None
        for member in members:
            trimmed = pc.utf8_trim_whitespace(member.distinct)
            present = pc.if_else(self._missing(member.distinct), pa.scalar(None, pa.string()), trimmed)
            plain = plain_number(present)
            wrong = pc.if_else(pc.is_null(plain), present, pa.scalar(None, pa.string()))
            take = pa.array(member.indices)
            amounts, wrong = pc.take(to_decimal(plain), take), pc.take(wrong, take)
            total = amounts if total is None else pc.add(total, amounts)
            faulty = wrong if faulty is None else pc.coalesce(faulty, wrong)
        return pc.coalesce(faulty, pc.fill_null(pc.cast(total, pa.string()), ""))

    def _lines(
        self, block: BlockPlan, cells: Sequence[_Cells], rows: np.ndarray, good: np.ndarray | None
    ) -> memoryview:
        if not len(rows) or (good is not None and not good.any()):
            return memoryview(b"")
        null = escape_text(None)
        by_name = {c.plan.field.name: c.column() for c in cells}
        key = _partition_key(self._partition_columns(cells))
        numbers = pc.cast(pa.array(rows), pa.string())
        values = [by_name.get(f.name, null) for f in self.contract.stored_fields]
        origin = {
            "batch_id": str(self.batch_id),
            "partition_key": key,
            "source_sheet": self._sheet,
            "source_row": numbers,
            "source_block": str(block.number),
        }
        return copy_lines([*(origin[name] for name in self.origin), *values], good)

    def _partition_columns(self, cells: Sequence[_Cells]) -> list[Column]:
        """The fields of the partition; an empty cell is what empty means, as it is in a key."""
        by_name = {c.plan.field.name: c for c in cells}
        fields = [self.contract.field(name) for name in self.contract.partition_by]
        parts = [_key_cells(field, by_name.get(field.name)) for field in fields]
        return [part.column() for part in parts if part is not None]

    def _rejected(self, block: BlockPlan, cells: Sequence[_Cells], rows: np.ndarray) -> Iterator[memoryview]:
        for cell in cells:
            fault = cell.per_row(cell.typed.fault, len(rows))
            for number, rule in enumerate(cell.typed.faults, start=1):
                at = np.flatnonzero(fault == number)
                if len(at):
                    yield self._rejected_lines(block, cell, rule, rows, at)

    def _rejected_keys(
        self, block: BlockPlan, cells: Sequence[_Cells], rows: np.ndarray, is_bad: np.ndarray
    ) -> memoryview:
        """Whose the rejected rows are, as far as it can be read; of persons nothing is kept."""
        known = {} if self.contract.is_about_persons else {c.plan.field.name: c for c in cells}
        values = {
            name: known[name].texts(escape(known[name].typed.values), is_bad)
            for name in REJECTED_KEY_FIELDS
            if name in known
        }
        return self._key_line(block.number, pc.cast(pa.array(rows[is_bad]), pa.string()), values)

    def _key_line(
        self, block: int, rows: pa.StringArray, values: Mapping[str, pa.StringArray | str | None]
    ) -> memoryview:
        null = escape_text(None)
        fields = [values.get(name) for name in REJECTED_KEY_FIELDS]
        place = [str(self.batch_id), self.contract.record, self._sheet, rows, str(block)]
        return copy_lines([*place, *(null if field is None else field for field in fields)])

    def _rejected_lines(
        self, block: BlockPlan, cell: _Cells, rule: Fault, rows: np.ndarray, at: np.ndarray
    ) -> memoryview:
        names = self.plan.header.names
        letters = "+".join(self.plan.letter(c) for c in cell.plan.columns) or None
        row = self.plan.row(cell.plan.columns)
        numbers = rows[at] if row is None else np.full(len(at), row)
        header = "+".join(names[c] for c in cell.plan.columns) or None
        found: pa.StringArray | str = escape_text(None)
        # What a child's row holds is never repeated: where cells slipped, a name stands in a public column.
        if not self.contract.is_about_persons and cell.plan.field.is_public:
            found = cell.texts(escape(cell.typed.found), at) or ""
        return copy_lines(
            [
                str(self.batch_id),
                self.contract.record,
                self._sheet,
                pc.cast(pa.array(numbers), pa.string()),
                str(block.number),
                escape_text(letters),
                cell.plan.field.name,
                escape_text(header),
                rule.rule,
                found,
                *(escape_text(t) for t in (rule.expected_zh, rule.expected_en, rule.mend_zh, rule.mend_en)),
            ]
        )

    def _row_lines(self, rows: pa.StringArray, rule: Fault, field_name: str | None = None) -> memoryview:
        texts = (rule.expected_zh, rule.expected_en, rule.mend_zh, rule.mend_en)
        null = escape_text(None)
        place = [str(self.batch_id), self.contract.record, self._sheet, rows, "0"]
        named = escape_text(field_name)
        return copy_lines([*place, null, named, null, rule.rule, null, *map(escape_text, texts)])

    def _ragged_lines(
        self, rows: Sequence[RaggedRow]
    ) -> tuple[tuple[memoryview, ...], tuple[memoryview, ...]]:
        """Lines for the quarantine, all rows of a kind at once: a file may have a million."""
        by_width: dict[tuple[int, int], list[str]] = {}
        for row in rows:
            by_width.setdefault((row.found, row.expected), []).append(str(row.row))
        lines = tuple(
            self._row_lines(pa.array(numbers), faults.ragged(*widths)) for widths, numbers in by_width.items()
        )
        return lines, (self._key_line(0, pa.array([str(row.row) for row in rows]), {}),)

    def _keys(
        self, block: BlockPlan, cells: Sequence[_Cells], rows: np.ndarray, is_bad: np.ndarray
    ) -> Keys | None:
        by_name = {c.plan.field.name: c for c in cells}
        parts = [_key_cells(self.contract.field(name), by_name.get(name)) for name in self.contract.key]
        key = [cell for cell in parts if cell is not None]
        if not len(rows) or len(key) < len(parts):
            return None
        hashes = np.zeros(len(rows), dtype=np.uint64)
        is_known = np.ones(len(rows), dtype=bool)
        for cell in key:
            hashes = combine(hashes, cell.per_row(hash_texts(cell.typed.values), len(rows)))
            if cell.typed.values.null_count:
                is_known &= cell.per_row(np.asarray(pc.is_valid(cell.typed.values)), len(rows))
        left_out = np.flatnonzero(is_bad & is_known)
        texts = pc.binary_join_element_wise(*(c.texts(c.typed.values, left_out) for c in key), KEY_SEPARATOR)
        if isinstance(texts, pa.Scalar):
            texts = pa.array([texts.as_py()] * len(left_out), pa.string())
        return Keys(
            self.sheet_number, rows[is_known], block.number, hashes[is_known], ~is_bad[is_known], texts
        )


def _only(columns: dict[int, _Texts], keep: np.ndarray) -> dict[int, _Texts]:
    """The columns with the rows that are kept."""
    if keep.all():
        return columns
    return {c: _Texts(t.distinct, t.indices[keep]) for c, t in columns.items() if t.indices is not None}


def _key_cells(field: Field, cells: _Cells | None) -> _Cells | None:
    """A field of the key as it identifies a row: an empty cell is what empty means; None when it has none."""
    if field.empty_means is None:
        return cells
    if cells is None:
        source = FieldSource(constant=field.empty_means)
        typed = convert(field, source, pa.array([field.empty_means]), ())
        return _Cells(FieldPlan(field, source, ()), typed, None)
    # A cell that cannot be read is not empty: the row's key is not known.
    is_empty = pc.and_(pc.is_null(cells.typed.values), pa.array(cells.typed.fault == 0))
    values = pc.if_else(is_empty, field.empty_means, cells.typed.values)
    return replace(cells, typed=replace(cells.typed, values=values))


def _partition_key(parts: Sequence[Column]) -> Column:
    key, *others = parts
    for part in others:
        both = joined(key, part, "|")
        if both is None:
            rows = [column.rows() if isinstance(column, Coded) else column for column in (key, part)]
            both = pc.binary_join_element_wise(*rows, "|")
        key = both
    return key


def _decoded(array: pa.DictionaryArray) -> tuple[pa.StringArray, np.ndarray]:
    # numpy takes by intp: converted once here, not with every column that is taken.
    return array.dictionary, np.asarray(array.indices).astype(np.intp)


def _encoded(texts: pa.StringArray) -> _Texts:
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    return _Texts(*_decoded(texts.dictionary_encode()))


def _all_rows(texts: _Texts) -> pa.StringArray:
    return pc.take(texts.distinct, pa.array(texts.indices))
