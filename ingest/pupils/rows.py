"""Rosters of pupils become rosters of classes: rows are counted while they pass, and nothing else is kept.

Of a row only school, stage, grade, class and the answers that are counted are looked at; the number that no
two pupils share is hashed to find it twice, in memory. A class is counted whole or not at all: a row that
cannot be read sets aside every class to which the pupil may belong.

A class row points to the file, the sheet and the row of its first pupil, and to the columns counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import numpy as np
import pyarrow as pa

from ingest.chunks import Chunk, SheetHeader, Source
from ingest.class_ledger import add_ledger
from ingest.conform import Conformer, Piece
from ingest.contract import Contract
from ingest.copy_text import copy_lines, escape_text
from ingest.faults import Fault
from ingest.layout import BlockPlan, FieldPlan, SheetPlan
from ingest.profile import FieldSource, Profile
from ingest.pupils.count import KEYS, ClassKey, PupilCount, Spot
from ingest.pupils.sheet import PupilSheet

MAX_LINES = 1_000  # faults told one by one; whoever has more has another problem


def count_pupils(
    contract: Contract,
    batch_id: UUID,
    profile: Profile,
    file_name: str,
    source: Source,
    plans: list[SheetPlan],
) -> Iterator[Piece]:
    """The classes of a file. ``plans`` become those of the class rows.

    RefusedFileError when a pupil's school, or whose a row is, cannot be known.
    """
    count = PupilCount()
    sheets = [PupilSheet(file_name, plan, profile, count) for plan in plans]
    for sheet in sheets:
        header = sheet.header
        for chunk in source.chunks(header.sheet, header.end_row, len(header.names), frozenset()):
            sheet.add(chunk)
    count.find_twice()
    rule = sheets[0].ledger
    places = add_ledger(file_name, source, contract, rule, count) if rule else {}
    plans[:] = [_class_plan(contract, sheet, places) for sheet in sheets]
    for number, (sheet, plan) in enumerate(zip(sheets, plans, strict=True)):
        writer = _Writer(contract, batch_id, profile, sheet, plan, number)
        yield from writer.classes(count)
        yield from writer.unplaced(count)


def _class_plan(contract: Contract, sheet: PupilSheet, ledger: dict[str, tuple[str, str]]) -> SheetPlan:
    """The plan of the class rows: each stored field under the column it is read from, of the pupils' sheet
    or of the ledger beside it."""
    plans: list[FieldPlan] = []
    names: list[str] = []
    places: list[str] = []
    for field in contract.stored_fields:
        if field.name in sheet.constants:
            plans.append(FieldPlan(field, FieldSource(constant=sheet.constants[field.name]), ()))
        elif field.name in sheet.columns:
            column = sheet.columns[field.name]
            plans.append(FieldPlan(field, FieldSource(headers=(field.name,)), (len(names),)))
            names.append(sheet.header.names[column])
            places.append(sheet.plan.letter(column))
        elif field.name in ledger:
            plans.append(FieldPlan(field, FieldSource(headers=(field.name,)), (len(names),)))
            places.append(ledger[field.name][0])
            names.append(ledger[field.name][1])
    header = SheetHeader(sheet.header.sheet, tuple(names), sheet.header.end_row)
    block = BlockPlan(0, tuple(plans), ())
    return SheetPlan(header, (block,), (), frozenset(), (), places=tuple(places), marks=sheet.plan.marks)


class _Writer:
    """Turns what was counted on one sheet into pieces."""

    def __init__(
        self,
        contract: Contract,
        batch_id: UUID,
        profile: Profile,
        sheet: PupilSheet,
        plan: SheetPlan,
        number: int,
    ) -> None:
        self._contract, self._batch_id, self._sheet = contract, batch_id, sheet
        self._plan = plan
        self._conformer = Conformer(contract, batch_id, plan, profile.null_tokens, number)

    def classes(self, count: PupilCount) -> Iterator[Piece]:
        """The classes that begin on this sheet: those that are whole, and those that are set aside."""
        own = [key for key, tally in count.classes.items() if tally.first.sheet == self._sheet.header.sheet]
        whole = [key for key in own if not count.faults_of(key)]
        if whole:
            yield from self._conformer.pieces(self._chunk(whole, count))
        for key in own:
            faults = count.faults_of(key)
            if faults:
                yield self._set_aside(key, faults)

    def unplaced(self, count: PupilCount) -> Iterator[Piece]:
        """Pupils of this sheet who may belong to several classes."""
        for spot, known, fault in count.unplaced:
            if spot.sheet == self._sheet.header.sheet:
                yield self._set_aside(known, [(spot, fault)])

    def _chunk(self, keys: list[ClassKey], count: PupilCount) -> Chunk:
        columns: dict[int, pa.DictionaryArray] = {}
        for plan in self._plan.blocks[0].plans:
            if plan.columns:
                texts = [count.value(key, plan.field.name) for key in keys]
                columns[plan.columns[0]] = pa.array(texts, pa.string()).dictionary_encode()
        rows = np.array([count.classes[key].first.row for key in keys], dtype=np.int32)
        return Chunk(self._sheet.header.sheet, columns, rows)

    def _set_aside(self, key: ClassKey, faults: list[tuple[Spot, Fault]]) -> Piece:
        lines = tuple(self._line(spot, fault) for spot, fault in faults[:MAX_LINES])
        return Piece(memoryview(b""), lines, (self._key_line(key, faults[0][0]),), 1, 0, 1, 0)

    def _line(self, spot: Spot, fault: Fault) -> memoryview:
        """A fault at its place; what stands there is a pupil's and is not told."""
        null = escape_text(None)
        texts = (fault.expected_zh, fault.expected_en, fault.mend_zh, fault.mend_en)
        where = map(escape_text, (spot.column, spot.field_name, spot.header))
        place = [escape_text(spot.sheet), str(spot.row), "0", *where]
        return copy_lines(
            [
                pa.array([str(self._batch_id)]),
                self._contract.record,
                *place,
                fault.rule,
                null,
                *map(escape_text, texts),
            ]
        )

    def _key_line(self, key: ClassKey, spot: Spot) -> memoryview:
        """Whose the class is, so that its school does not count as complete."""
        known = dict(zip(KEYS, key, strict=True))
        texts = [known["district_code"], known["school_year"], known["school_code"], known["stage"]]
        place = [self._contract.record, escape_text(spot.sheet), str(spot.row), "0"]
        return copy_lines([pa.array([str(self._batch_id)]), *place, *map(escape_text, texts)])
