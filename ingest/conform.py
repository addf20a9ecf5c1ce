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
from ingest.cells import Cells, Texts, decoded, key_cells, missing, only, source_texts
from ingest.chunks import Chunk
from ingest.contract import Contract, Field
from ingest.copy_text import Coded, Column, copy_lines, escape_text, joined
from ingest.database import ORIGIN_COLUMNS
from ingest.drift.codes import NewCode, count_codes
from ingest.idle_rows import idle_rows
from ingest.keyhash import combine, hash_texts
from ingest.layout import BlockPlan, FieldPlan, RowRule, SheetPlan
from ingest.quarantine import Quarantine
from ingest.values import convert

KEY_SEPARATOR = "\x1f"


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
    _quarantine: Quarantine = field(init=False)
    _is_in_notes: bool = False  # a note below the table has been passed

    def __post_init__(self) -> None:
        self._sheet = escape_text(self.plan.header.sheet)
        self._quarantine = Quarantine(self.contract, self.batch_id, self.plan)

    def pieces(self, chunk: Chunk) -> Iterator[Piece]:
        """The rows of a chunk, block by block; ragged and skipped rows are counted once."""
        columns = {c: Texts(*decoded(a)) for c, a in chunk.columns.items()}
        is_blank, is_skipped = self._idle_rows(columns, len(chunk.rows))
        keep = ~(is_blank | is_skipped)
        for rule in self.plan.set_aside:
            is_bad = keep & self._breaks(rule, columns, len(chunk.rows))
            if is_bad.any():
                yield self._set_aside(rule, only(columns, is_bad), chunk.rows[is_bad])
                keep &= ~is_bad
        columns = only(columns, keep)
        skipped, ragged = int((is_skipped & ~is_blank).sum()), len(chunk.ragged)
        if skipped or ragged:
            lines, whose = self._quarantine.ragged(chunk.ragged) if ragged else ((), ())
            yield Piece(memoryview(b""), lines, whose, skipped + ragged, 0, ragged, skipped)
        if keep.any():
            rows = chunk.rows[keep]
            for block in self.plan.blocks:
                yield self._block(block, columns, rows)
            if self.plan.needs_block is not None:
                yield from self._without_block(self.plan.needs_block, columns, rows)

    def _idle_rows(self, columns: dict[int, Texts], count: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows without any text, and rows that are no data by the profile."""
        coded = {c: (t.distinct, t.indices) for c, t in columns.items() if t.indices is not None}
        is_blank, is_skipped, self._is_in_notes = idle_rows(
            coded, count, self.plan.skip, self.plan.notes, self._is_in_notes
        )
        return is_blank, is_skipped

    def _breaks(self, rule: RowRule, columns: dict[int, Texts], count: int) -> np.ndarray:
        if rule.column not in columns:
            return np.zeros(count, dtype=bool)
        trimmed = pc.utf8_trim_whitespace(columns[rule.column].distinct)
        is_bad = columns[rule.column].mark(pc.match_substring_regex(trimmed, rule.matches))
        for column in rule.needs:
            if column in columns:
                is_bad &= columns[column].mark(missing(columns[column].distinct, self.null_tokens))
        return is_bad

    def _set_aside(self, rule: RowRule, columns: dict[int, Texts], rows: np.ndarray) -> Piece:
        """Rows that cannot be counted, whatever their figures: one message a row, and whose it is.

        With which school it counts is what such a row does not say: its own code is not kept as if it were
        the only one whose figures are not complete without it.
        """
        block, is_bad = self.plan.blocks[0], np.ones(len(rows), dtype=bool)
        # Several blocks are several stages: the row is of all of them.
        names = {"district_code", "school_year"} | ({"stage"} if len(self.plan.blocks) == 1 else set())
        plans = [plan for plan in block.plans if plan.field.name in names]
        texts = [source_texts(plan, columns, self.null_tokens) for plan in plans]
        cells = [
            Cells(plan, convert(plan.field, plan.source, text.distinct, self.null_tokens), text.indices)
            for plan, text in zip(plans, texts, strict=True)
        ]
        lines = self._quarantine.broken(rule, columns[rule.column], rows)
        whose = self._quarantine.keys(block, cells, rows, is_bad)
        return Piece(memoryview(b""), (lines,), (whose,), len(rows), 0, len(rows), 0)

    def _block(self, block: BlockPlan, columns: dict[int, Texts], rows: np.ndarray) -> Piece:
        texts = {plan.field.name: source_texts(plan, columns, self.null_tokens) for plan in block.plans}
        if block.skip_empty:
            is_empty = np.ones(len(rows), dtype=bool)
            for name in block.skip_empty:
                is_empty &= self._is_empty(name, block, columns, len(rows))
            rows = rows[~is_empty]
            texts = {
                n: t if t.indices is None else Texts(t.distinct, t.indices[~is_empty])
                for n, t in texts.items()
            }
        cells = self._cells(block, texts)
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
            rejected_lines=tuple(self._quarantine.cells(block, cells, rows)) if rejected else (),
            rejected_key_lines=(self._quarantine.keys(block, cells, rows, is_bad),) if rejected else (),
            rows_read=len(rows),
            rows_loaded=len(rows) - rejected,
            rows_rejected=rejected,
            rows_skipped=0,
            keys=self._keys(block, cells, rows, is_bad),
        )

    def _cells(self, block: BlockPlan, texts: Mapping[str, Texts]) -> list[Cells]:
        return [
            Cells(p, convert(p.field, p.source, t.distinct, self.null_tokens), t.indices)
            for p, t in ((plan, texts[plan.field.name]) for plan in block.plans)
        ]

    def faulty(self, block: BlockPlan, chunk: Chunk) -> tuple[list[FieldPlan], tuple[memoryview, ...]]:
        """Plans of the block with a value that cannot be taken, and the lines that tell it."""
        columns = {c: Texts(*decoded(a)) for c, a in chunk.columns.items()}
        texts = {plan.field.name: source_texts(plan, columns, self.null_tokens) for plan in block.plans}
        cells = [cell for cell in self._cells(block, texts) if cell.typed.faults]
        own = replace(block, number=self.plan.blocks[0].number)
        return [cell.plan for cell in cells], tuple(self._quarantine.cells(own, cells, chunk.rows))

    def _without_block(self, needed: Field, columns: dict[int, Texts], rows: np.ndarray) -> Iterator[Piece]:
        """Rows that hold nothing in any of the repeated columns: they are told, not passed over."""
        is_empty = np.ones(len(rows), dtype=bool)
        for block in self.plan.blocks:
            for name in block.skip_empty:
                is_empty &= self._is_empty(name, block, columns, len(rows))
        fault = faults.required(needed)
        for row in rows[is_empty]:
            number = pa.array([str(row)])
            lines = (self._quarantine.rows(number, fault, needed.name),)
            whose = (self._quarantine.key_line(0, number, {}),)
            yield Piece(memoryview(b""), lines, whose, 1, 0, 1, 0)

    def _is_empty(self, name: str, block: BlockPlan, columns: dict[int, Texts], count: int) -> np.ndarray:
        """Rows in which every column that feeds the field is empty: a sum with one part given is not."""
        is_empty = np.ones(count, dtype=bool)
        plans = [plan for plan in block.plans if plan.field.name == name]
        for column in (c for p in plans for c in p.columns[: 1 if p.source.has_unit_beside else None]):
            if column in columns:
                texts = columns[column]
                if texts.indices is not None:
                    is_empty &= texts.mark(missing(texts.distinct, self.null_tokens))
        return is_empty

    def _lines(
        self, block: BlockPlan, cells: Sequence[Cells], rows: np.ndarray, good: np.ndarray | None
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

    def _partition_columns(self, cells: Sequence[Cells]) -> list[Column]:
        """The fields of the partition; an empty cell is what empty means, as it is in a key."""
        by_name = {c.plan.field.name: c for c in cells}
        fields = [self.contract.field(name) for name in self.contract.partition_by]
        parts = [key_cells(field, by_name.get(field.name)) for field in fields]
        return [part.column() for part in parts if part is not None]

    def _keys(
        self, block: BlockPlan, cells: Sequence[Cells], rows: np.ndarray, is_bad: np.ndarray
    ) -> Keys | None:
        by_name = {c.plan.field.name: c for c in cells}
        parts = [key_cells(self.contract.field(name), by_name.get(name)) for name in self.contract.key]
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


def _partition_key(parts: Sequence[Column]) -> Column:
    key, *others = parts
    for part in others:
        both = joined(key, part, "|")
        if both is None:
            rows = [column.rows() if isinstance(column, Coded) else column for column in (key, part)]
            both = pc.binary_join_element_wise(*rows, "|")
        key = both
    return key
