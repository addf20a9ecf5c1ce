"""Lines of COPY for what is set aside: where it stands, what was found and expected, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest import faults
from ingest.cells import Cells, Texts
from ingest.chunks import RaggedRow
from ingest.contract import Contract
from ingest.copy_text import copy_lines, escape, escape_text
from ingest.faults import Fault
from ingest.layout import BlockPlan, RowRule, SheetPlan

REJECTED_COLUMNS = (
    "batch_id, record, source_sheet, source_row, source_block, source_column, field_name, header, "
    "rule, found, expected_zh, expected_en, mend_zh, mend_en"
)
# Of a row that was set aside, what says whose figures are not complete without it.
REJECTED_KEY_FIELDS = ("district_code", "school_year", "school_code", "stage")
REJECTED_KEY_COLUMNS = (
    "batch_id, record, source_sheet, source_row, source_block, district_code, school_year, school_code, stage"
)


@dataclass
class Quarantine:
    """Writes what is set aside of one sheet."""

    contract: Contract
    batch_id: UUID
    plan: SheetPlan
    _sheet: str = field(init=False)

    def __post_init__(self) -> None:
        self._sheet = escape_text(self.plan.header.sheet)

    def cells(self, block: BlockPlan, cells: Sequence[Cells], rows: np.ndarray) -> Iterator[memoryview]:
        """Lines for every faulty cell."""
        for cell in cells:
            fault = cell.per_row(cell.typed.fault, len(rows))
            for number, rule in enumerate(cell.typed.faults, start=1):
                at = np.flatnonzero(fault == number)
                if len(at):
                    yield self._cells_with(block, cell, rule, rows, at)

    def keys(
        self, block: BlockPlan, cells: Sequence[Cells], rows: np.ndarray, is_bad: np.ndarray
    ) -> memoryview:
        """Whose the rejected rows are, as far as it can be read; of persons nothing is kept."""
        known = {} if self.contract.is_about_persons else {c.plan.field.name: c for c in cells}
        values = {
            name: known[name].texts(escape(known[name].typed.values), is_bad)
            for name in REJECTED_KEY_FIELDS
            if name in known
        }
        return self.key_line(block.number, pc.cast(pa.array(rows[is_bad]), pa.string()), values)

    def key_line(
        self, block: int, rows: pa.StringArray, values: Mapping[str, pa.StringArray | str | None]
    ) -> memoryview:
        """Whose some rows are: ``values`` of the fields that say so, as far as they are known."""
        null = escape_text(None)
        fields = [values.get(name) for name in REJECTED_KEY_FIELDS]
        place = [str(self.batch_id), self.contract.record, self._sheet, rows, str(block)]
        return copy_lines([*place, *(null if field is None else field for field in fields)])

    def _cells_with(
        self, block: BlockPlan, cell: Cells, rule: Fault, rows: np.ndarray, at: np.ndarray
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

    def rows(self, rows: pa.StringArray, rule: Fault, field_name: str | None = None) -> memoryview:
        """Lines for whole rows."""
        texts = (rule.expected_zh, rule.expected_en, rule.mend_zh, rule.mend_en)
        null = escape_text(None)
        place = [str(self.batch_id), self.contract.record, self._sheet, rows, "0"]
        named = escape_text(field_name)
        return copy_lines([*place, null, named, null, rule.rule, null, *map(escape_text, texts)])

    def broken(self, rule: RowRule, texts: Texts, rows: np.ndarray) -> memoryview:
        """Lines for rows that break a rule of the profile; ``texts`` are those of its column."""
        said, null = rule.fault, escape_text(None)
        found: pa.StringArray | str = null
        if not self.contract.is_about_persons:
            found = pc.take(escape(texts.distinct), pa.array(texts.indices))
        return copy_lines(
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

    def ragged(self, rows: Sequence[RaggedRow]) -> tuple[tuple[memoryview, ...], tuple[memoryview, ...]]:
        """Lines for rows of another width and whose they are, all of a kind at once: there may be many."""
        by_width: dict[tuple[int, int], list[str]] = {}
        for row in rows:
            by_width.setdefault((row.found, row.expected), []).append(str(row.row))
        lines = tuple(
            self.rows(pa.array(numbers), faults.ragged(*widths)) for widths, numbers in by_width.items()
        )
        return lines, (self.key_line(0, pa.array([str(row.row) for row in rows]), {}),)
