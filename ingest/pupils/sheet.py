"""One sheet of pupils: which columns are looked at, and how its rows are counted, a chunk at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingest import class_names
from ingest.chunks import Chunk, SheetHeader
from ingest.count_rule import Answers
from ingest.idle_rows import Coded, idle_rows
from ingest.keyhash import hash_texts
from ingest.layout import SheetPlan
from ingest.plain import caseless
from ingest.problems import RefusedFileError
from ingest.profile import Profile, normal_header
from ingest.pupils import faults as pupil_faults
from ingest.pupils.count import KEYS, ClassKey, PupilCount, Spot, Tally

PLACED_BY = ("stage", "grade", "class_number")  # what a pupil needs to have a class, beside the school
YES, NO, UNCLEAR, FAULTY = 1, 0, -1, -2
Reader = Callable[[str], str | None]


@dataclass(frozen=True)
class _Placed:
    """Pupils of a chunk that have a class: their rows, and for each which of ``keys`` it is."""

    at: np.ndarray  # their places among the rows of the chunk
    rows: np.ndarray
    group: np.ndarray
    keys: list[ClassKey]
    tallies: list[Tally]

    def add(self, name: str, said: np.ndarray) -> None:
        """Count who said yes; of a class of which one said nothing the count is not known."""
        counts = np.bincount(self.group[said == YES], minlength=len(self.tallies))
        for tally, yes in zip(self.tallies, counts, strict=True):
            tally.yes[name] += int(yes)
        for number in np.unique(self.group[said == UNCLEAR]):
            self.tallies[number].unknown.add(name)


class PupilSheet:
    """A sheet and what of it is counted. ``constants`` are the fields that the heading gives, ``columns``
    those of the columns from which the class rows are made."""

    def __init__(self, file_name: str, plan: SheetPlan, profile: Profile, count: PupilCount) -> None:
        if profile.counted is None:
            raise ValueError(f"{profile.name} counts no pupils")
        self.plan, self._count, self._rule = plan, count, profile.counted
        self._file_name = file_name
        self.ledger = profile.counted.ledger
        self.header: SheetHeader = plan.header
        plans = {p.field.name: p for p in plan.blocks[0].plans}
        self.constants = {n: str(p.source.constant) for n, p in plans.items() if not p.columns}
        self.columns = {n: p.columns[0] for n, p in plans.items() if p.columns}
        self._readers = {n: self._reader(n, dict(plans[n].source.codes)) for n in self.columns}
        self._identifier = self._column(self._rule.identifier)
        self._answers = {name: (self._column(a.headers), a) for name, a in self._rule.fields}
        self._left_out = [(self._column(a.headers), a) for a in self._rule.left_out]
        self.columns.setdefault("stage", self.columns["grade"])
        self.columns["students"] = self.columns["class_number"]
        self.columns |= {name: column for name, (column, _) in self._answers.items() if column is not None}
        self._is_in_notes = False

    def _column(self, headers: Iterable[str]) -> int | None:
        names = [normal_header(name) for name in self.header.names]
        wanted = (normal_header(header) for header in headers)
        return next((names.index(header) for header in wanted if header in names), None)

    @staticmethod
    def _reader(name: str, codes: dict[str, str]) -> Reader:
        """How the texts of a key are understood; what is not understood is no text to go on with."""
        if name == "school_code":
            by_name = {caseless(text): code for text, code in codes.items()}
            return (lambda text: by_name.get(caseless(text))) if codes else class_names.school_code
        if name == "class_number":
            return class_names.class_number
        return class_names.grade if name == "grade" else class_names.stage

    def add(self, chunk: Chunk) -> None:
        """Count the rows of a chunk. RefusedFileError where it is not known whose a row is."""
        if chunk.ragged:
            first = chunk.ragged[0]
            raise pupil_faults.ragged_pupil(
                self._file_name, self.header.sheet, first.row, first.found, first.expected
            )
        coded = {c: (a.dictionary, np.asarray(a.indices)) for c, a in chunk.columns.items()}
        is_blank, is_skipped, self._is_in_notes = idle_rows(
            coded, len(chunk.rows), self.plan.skip, self.plan.notes, self._is_in_notes
        )
        keep = np.flatnonzero(~(is_blank | is_skipped))
        rows = chunk.rows[keep]
        cells = {c: (distinct, indices[keep]) for c, (distinct, indices) in coded.items()}
        if len(rows):
            self._count_rows(cells, rows)

    def _cell(self, cells: dict[int, Coded], column: int, count: int) -> Coded:
        return cells.get(column, (pa.array([""]), np.zeros(count, dtype=np.int64)))

    def _count_rows(self, cells: dict[int, Coded], rows: np.ndarray) -> None:
        is_out, doubts = self._who_is_out(cells, rows)
        keys = self._keys(cells, len(rows))
        self._check_schools(keys["school_code"], rows, is_out)
        is_placed = ~is_out
        for name in PLACED_BY:
            is_placed &= _is_told(keys[name])
        for at in np.flatnonzero(~is_placed & ~is_out):
            self._add_unplaced({name: keys[name][at] for name in keys}, int(rows[at]))
        if is_placed.any():
            placed = self._place(rows, np.flatnonzero(is_placed), keys)
            for column, answers, is_doubtful in doubts:
                self._add_doubts(placed, is_doubtful[placed.at], None, column, answers)
            self._count_placed(cells, placed, len(rows))

    def _keys(self, cells: dict[int, Coded], count: int) -> dict[str, np.ndarray]:
        """Codes of each row by key field, None where they are not understood."""
        found: dict[str, np.ndarray] = {}
        for name, reader in self._readers.items():
            distinct, indices = self._cell(cells, self.columns[name], count)
            codes = np.array([reader(text) for text in distinct.to_pylist()] or [None], dtype=object)
            found[name] = codes[indices]
        of_grade = class_names.stage_of_grade()
        stages = np.array([of_grade.get(str(grade)) for grade in found["grade"]], dtype=object)
        if "stage" not in found:
            found["stage"] = stages
        else:  # 一年级 of a junior school is not grade 1 of it
            is_other = _is_told(stages) & _is_told(found["stage"]) & (stages != found["stage"])
            found["grade"][is_other] = None
        self._doubt_other_grades(cells, found, count)
        return found

    def _doubt_other_grades(self, cells: dict[int, Coded], found: dict[str, np.ndarray], count: int) -> None:
        """七年级3班 in grade 8: nobody knows which of the two is wrong, so the pupil has neither."""
        distinct, indices = self._cell(cells, self.columns["class_number"], count)
        for number, text in enumerate(distinct.to_pylist()):
            grades = class_names.grades_of_class(text)
            if not grades:
                continue
            is_other = (indices == number) & _is_told(found["grade"])
            is_other &= ~np.isin(found["grade"].astype(str), list(grades))
            for name in ("grade", "class_number", *(() if "stage" in self._readers else ("stage",))):
                found[name][is_other] = None

    def _check_schools(self, schools: np.ndarray, rows: np.ndarray, is_out: np.ndarray) -> None:
        lost = [at for at in np.flatnonzero(~is_out) if schools[at] is None]
        if lost:
            header = self.header.names[self.columns["school_code"]]
            raise self._no_school(int(rows[lost[0]]), header)

    def _no_school(self, row: int, header: str) -> RefusedFileError:
        return pupil_faults.no_school(self._file_name, self.header.sheet, row, header)

    def _key(self, parts: dict[str, str | None]) -> ClassKey:
        known = {**self.constants, **parts}
        return tuple(known[name] for name in KEYS)

    def _spot(self, row: int, name: str | None, column: int | None) -> Spot:
        if column is None:
            return Spot(self.header.sheet, row)
        letter, header = self.plan.letter(column), self.header.names[column]
        return Spot(self.header.sheet, row, letter, header, name)

    def _add_unplaced(self, parts: dict[str, str | None], row: int) -> None:
        name = next(name for name in PLACED_BY if parts[name] is None)
        if name not in self._readers:  # the stage is that of the grade
            name = "grade"
        header = self.header.names[self.columns[name]]
        fault = pupil_faults.not_placed(header, header)
        self._count.add_unplaced(self._spot(row, name, self.columns[name]), self._key(parts), fault)

    def _who_is_out(
        self, cells: dict[int, Coded], rows: np.ndarray
    ) -> tuple[np.ndarray, list[tuple[int, Answers, np.ndarray]]]:
        """Rows of pupils who are not in class, and for each column the rows whose mark is not understood."""
        is_out = np.zeros(len(rows), dtype=bool)
        doubts = []
        for column, answers in self._left_out:
            if column is None:
                continue
            said = _said(self._cell(cells, column, len(rows)), answers, empty=NO)
            is_out |= said == YES
            doubts.append((column, answers, said == FAULTY))
        return is_out, doubts

    def _place(self, rows: np.ndarray, at: np.ndarray, keys: dict[str, np.ndarray]) -> _Placed:
        """The pupils of rows ``at``, each with his class."""
        names = [name for name in KEYS if name in keys]
        numbers: dict[tuple[str, ...], int] = {}
        parts = zip(*(keys[name][at] for name in names), strict=True)
        group = np.array([numbers.setdefault(part, len(numbers)) for part in parts])
        found = [self._key(dict(zip(names, part, strict=True))) for part in numbers]
        first = np.full(len(found), np.iinfo(np.int32).max)
        np.minimum.at(first, group, rows[at])
        spots = [self._spot(int(row), None, None) for row in first]
        tallies = [self._count.tally(key, spot) for key, spot in zip(found, spots, strict=True)]
        return _Placed(at, rows[at], group, found, tallies)

    def _count_placed(self, cells: dict[int, Coded], placed: _Placed, count: int) -> None:
        for tally, students in zip(placed.tallies, np.bincount(placed.group), strict=True):
            tally.students += int(students)
        for name, (column, answers) in self._answers.items():
            if column is None:
                for tally in placed.tallies:
                    tally.unknown.add(name)
            else:
                said = _said(self._cell(cells, column, count), answers, empty=UNCLEAR)[placed.at]
                placed.add(name, said)
                self._add_doubts(placed, said == FAULTY, name, column, answers)
        if self._identifier is not None:
            self._add_identifiers(self._cell(cells, self._identifier, count), placed)

    def _add_doubts(
        self, placed: _Placed, is_doubtful: np.ndarray, name: str | None, column: int, answers: Answers
    ) -> None:
        fault = pupil_faults.unknown_answer((*answers.yes, *answers.no))
        for at in np.flatnonzero(is_doubtful):
            spot = self._spot(int(placed.rows[at]), name, column)
            self._count.add_fault(placed.keys[placed.group[at]], spot, fault)

    def _add_identifiers(self, cell: Coded, placed: _Placed) -> None:
        distinct = pa.array([caseless(text) for text in cell[0].to_pylist()], pa.string())
        indices = cell[1][placed.at]
        is_given = np.asarray(pc.not_equal(distinct, ""))[indices]
        numbers = np.array([tally.number for tally in placed.tallies])[placed.group]
        self._count.add_identifiers(
            self.header.sheet,
            hash_texts(distinct)[indices][is_given],
            placed.rows[is_given],
            numbers[is_given],
        )


def _said(cell: Coded, answers: Answers, *, empty: int) -> np.ndarray:
    """What each row answers; ``empty`` is what a cell without text says."""
    words = {caseless(word): YES for word in answers.yes} | {caseless(word): NO for word in answers.no}
    words |= {caseless(word): UNCLEAR for word in answers.unclear}
    words[""] = empty
    said = np.array([words.get(caseless(text), FAULTY) for text in cell[0].to_pylist()], dtype=np.int8)
    return said[cell[1]]


def _is_told(codes: np.ndarray) -> np.ndarray:
    """Of each code whether it is there."""
    return np.asarray(pd.notna(codes), dtype=bool)
