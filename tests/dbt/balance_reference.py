"""The method once more in plain Python with exact fractions, written from the documents and not from the SQL.

Covers one school year of districts without campuses: scope, split, values, coefficients, groups.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

from balance_cases import Landing, Row

WEIGHTS = {
    "primary": Fraction(1),
    "junior_secondary": Fraction(11, 10),
    "senior_secondary": Fraction(132, 100),
}
EXPECTED = {
    "211": ["primary"],
    "218": ["primary"],
    "311": ["junior_secondary"],
    "312": ["primary", "junior_secondary"],
    "341": ["junior_secondary", "senior_secondary"],
    "345": ["primary", "junior_secondary", "senior_secondary"],
}
# indicator: (measure, whole school?, scale)
INDICATORS = {
    "over_qualified_teachers_per_100_students": ("over_qualified_teachers", False, 100),
    "backbone_teachers_per_100_students": ("backbone_teachers", False, 100),
    "pe_arts_teachers_per_100_students": ("pe_arts_teachers", False, 100),
    "teaching_rooms_area_m2_per_student": ("rooms", True, 1),
    "sports_area_m2_per_student": ("sports", True, 1),
    "teaching_equipment_yuan_per_student": ("teaching_equipment_yuan", True, 1),
    "multimedia_classrooms_per_100_students": ("multimedia_classrooms", True, 100),
}
URBAN = {"111": "urban", "121": "urban", "210": "rural", "220": "rural"}


@dataclass(frozen=True)
class Part:
    """One school of scope: its amount (None when missing) and its pupils of the stage."""

    amount: Fraction | None
    students: int | None
    urban_rural: str
    sector: str

    @property
    def is_reported(self) -> bool:
        return self.amount is not None and self.students is not None


@dataclass(frozen=True)
class Coefficient:
    """What the national form prints for one stage and indicator, not rounded."""

    schools: int
    reported: int
    mean: float | None
    coefficient: float | None


def _students(rows: Iterable[Row]) -> dict[tuple[str, str, str], int]:
    totals: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows:
        totals[row["district_code"], row["school_code"], row["stage"]] += row["students"]
    return totals


def _whole_school(row: Row | None, measure: str) -> Fraction | None:
    if row is None:
        return None
    rooms, indoor, ground = (
        row.get(name)
        for name in ("teaching_auxiliary_area_m2", "indoor_sports_area_m2", "sports_ground_area_m2")
    )
    if measure == "rooms":
        return None if rooms is None or indoor is None or indoor > rooms else Fraction(rooms - indoor)
    if measure == "sports":
        return None if ground is None or indoor is None else Fraction(ground + indoor)
    value = row.get(measure)
    return None if value is None else Fraction(value)


def _is_excluded(kind: str, total: int) -> bool:
    return kind in {"514", "321", "342"} or (kind == "218" and total < 50)


class Reference:
    """Expected figures of every district of a landing."""

    def __init__(self, landing: Landing) -> None:
        self.parts: dict[tuple[str, str, str], list[Part]] = defaultdict(list)
        students = _students(landing.enrolment)
        staffing = {(r["district_code"], r["school_code"], r["stage"]): r for r in landing.staffing}
        facilities = {(r["district_code"], r["school_code"]): r for r in landing.facilities}
        for school in landing.school:
            self._add(school, students, staffing, facilities)

    def _add(self, school: Row, students: dict, staffing: dict, facilities: dict) -> None:
        district, code, kind = (school[k] for k in ("district_code", "school_code", "school_type_code"))
        pupils = {stage: students.get((district, code, stage)) for stage in EXPECTED.get(kind, [])}
        known = [count for count in pupils.values() if count is not None]
        if _is_excluded(kind, sum(known)):
            return
        weighted = {stage: None if n is None else n * WEIGHTS[stage] for stage, n in pupils.items()}
        whole = None if None in weighted.values() else sum(weighted.values(), Fraction(0))
        for stage in ("primary", "junior_secondary"):
            if stage not in pupils or pupils[stage] == 0:
                continue
            for indicator, (measure, is_whole, _) in INDICATORS.items():
                if is_whole:
                    amount = _whole_school(facilities.get((district, code)), measure)
                    if amount is not None:
                        amount = amount * weighted[stage] / whole if whole else None
                else:
                    counted = staffing.get((district, code, stage), {}).get(measure)
                    amount = None if counted is None else Fraction(counted)
                sector = "private" if school["operator_code"] == "999" else "public"
                part = Part(amount, pupils[stage], URBAN[school["urban_rural_code"]], sector)
                self.parts[district, stage, indicator].append(part)


def coefficient_of(parts: list[Part], scale: int = 1) -> Coefficient:
    """Weighted, population form, in two passes: the mean first, then the deviations from it."""
    found = [part for part in parts if part.is_reported]
    if not found:
        return Coefficient(len(parts), 0, None, None)
    total = sum(part.students for part in found)
    mean = sum(part.amount for part in found) / Fraction(total)
    variance = sum(Fraction(p.students, total) * (p.amount / p.students - mean) ** 2 for p in found)
    is_defined = len(found) > 1 and mean != 0
    value = sqrt(variance / mean**2) if is_defined else None
    return Coefficient(len(parts), len(found), float(mean * scale), value)


def group_figures(parts: list[Part], dimension: str, first: str, second: str) -> dict[str, Any]:
    """Ratio of two groups and the between-group coefficient; None where a group or the mean is missing."""
    found = [part for part in parts if part.is_reported]
    groups = {g: [p for p in found if getattr(p, dimension) == g] for g in (first, second)}
    means = {
        group: sum(p.amount for p in members) / Fraction(sum(p.students for p in members))
        for group, members in groups.items()
        if members
    }
    total = sum(p.students for p in found)
    mean = sum(p.amount for p in found) / Fraction(total) if found else Fraction(0)
    between = None
    if len(means) == 2 and mean:
        weights = {g: Fraction(sum(p.students for p in groups[g]), total) for g in means}
        between = sqrt(sum(weights[g] * (means[g] / mean - 1) ** 2 for g in means))
    is_pair = len(means) == 2 and means[second] != 0
    return {
        "sizes": {group: len(members) for group, members in groups.items()},
        "ratio": float(means[first] / means[second]) if is_pair else None,
        "between": between,
    }
