"""What is counted of a roster of pupils, class by class, over all sheets of a file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from ingest.faults import Fault
from ingest.pupils import faults as pupil_faults

KEYS = ("district_code", "school_year", "school_code", "stage", "grade", "class_number")
# The key of a class in the order of KEYS; of a pupil without a place what is not known is None.
ClassKey = tuple[str | None, ...]


@dataclass(frozen=True)
class Spot:
    """A cell as a spreadsheet shows it; without a column the row as a whole."""

    sheet: str
    row: int
    column: str | None = None
    header: str | None = None
    field_name: str | None = None


@dataclass
class Tally:
    """One class: where its first pupil stands, how many there are, and how many answered yes to what."""

    number: int
    first: Spot
    students: int = 0
    yes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    unknown: set[str] = field(default_factory=set)  # of which a pupil's answer is not known
    ledger: dict[str, str] = field(default_factory=dict)  # its entry in the ledger of large classes


@dataclass
class PupilCount:
    """Everything that is kept of the pupils of a file: counts, places of faults, hashes of numbers."""

    classes: dict[ClassKey, Tally] = field(default_factory=dict)
    unplaced: list[tuple[Spot, ClassKey, Fault]] = field(default_factory=list)
    _first_unplaced: dict[ClassKey, Spot] = field(default_factory=dict)
    _faults: dict[ClassKey, list[tuple[Spot, Fault]]] = field(default_factory=lambda: defaultdict(list))
    _identifiers: list[tuple[str, np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    def tally(self, key: ClassKey, first: Spot) -> Tally:
        """The class of that key, begun where it is met first."""
        return self.classes.setdefault(key, Tally(len(self.classes), first))

    def add_unplaced(self, spot: Spot, known: ClassKey, fault: Fault) -> None:
        """A pupil of whom only a part of the key is known."""
        self.unplaced.append((spot, known, fault))
        self._first_unplaced.setdefault(known, spot)

    def add_fault(self, key: ClassKey, spot: Spot, fault: Fault) -> None:
        """A fault that sets the class aside."""
        self._faults[key].append((spot, fault))

    def add_identifiers(
        self, sheet: str, hashes: np.ndarray, rows: np.ndarray, class_numbers: np.ndarray
    ) -> None:
        """Hashes of the numbers of pupils, where each stands and in which class."""
        self._identifiers.append((sheet, hashes, rows, class_numbers))

    def find_twice(self) -> None:
        """Set aside the classes of pupils whose number stands twice; the hashes are forgotten."""
        if not self._identifiers:
            return
        hashes = np.concatenate([part[1] for part in self._identifiers])
        rows = np.concatenate([part[2] for part in self._identifiers])
        numbers = np.concatenate([part[3] for part in self._identifiers])
        sheets = np.repeat(np.arange(len(self._identifiers)), [len(part[1]) for part in self._identifiers])
        names = [part[0] for part in self._identifiers]
        self._identifiers.clear()
        keys = list(self.classes)
        order = np.argsort(hashes, kind="stable")
        for one, other in pairwise(order):
            if hashes[one] != hashes[other]:
                continue
            for here, there in ((one, other), (other, one)):
                spot = Spot(names[sheets[here]], int(rows[here]))
                fault = pupil_faults.listed_twice(names[sheets[there]], int(rows[there]))
                self.add_fault(keys[numbers[here]], spot, fault)

    def faults_of(self, key: ClassKey) -> list[tuple[Spot, Fault]]:
        """Why a class is set aside: its own faults, or a pupil without a place who may belong to it."""
        own = self._faults.get(key, [])
        if own:
            return own
        for known, spot in self._first_unplaced.items():
            if all(part is None or part == mine for part, mine in zip(known, key, strict=True)):
                return [(self.classes[key].first, pupil_faults.may_be_short(spot.sheet, spot.row))]
        return []

    def value(self, key: ClassKey, name: str) -> str:
        """What is told of a field of the class; empty where it is not known."""
        if name in KEYS:
            return key[KEYS.index(name)] or ""
        tally = self.classes[key]
        if name == "students":
            return str(tally.students)
        if name in tally.yes or name in tally.unknown:
            return "" if name in tally.unknown else str(tally.yes[name])
        return tally.ledger.get(name, "")
