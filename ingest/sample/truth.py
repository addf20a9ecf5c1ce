"""What must come out for the made district, worked out in exact fractions and without the warehouse.

The rules are those of the national method: a campus that does not count is counted with its parent; special
schools and teaching points under 50 pupils are out; areas, equipment and rooms of a school with several
stages are split by weighted pupils, teachers are not; the coefficient is student-weighted, population form.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from ingest.sample.district import (
    LATEST,
    SPECIAL_TYPE,
    TEACHING_POINT_TYPE,
    TOWNS,
    District,
    School,
    schools_in,
)

JUDGED_STAGES = ("primary", "junior_secondary")
WEIGHTS = {"primary": Fraction(1), "junior_secondary": Fraction("1.1"), "senior_secondary": Fraction("1.32")}
LIMITS = {"primary": Fraction("0.50"), "junior_secondary": Fraction("0.45")}
SMALL_TEACHING_POINT = 50


@dataclass(frozen=True)
class Indicator:
    """A measure per pupil: numerator × scale ÷ pupils."""

    code: str
    number: str
    numerator: str
    scale: int
    is_split: bool


INDICATORS = (
    Indicator("over_qualified_teachers_per_100_students", "R1", "over_qualified_teachers", 100, False),
    Indicator("backbone_teachers_per_100_students", "R2", "backbone_teachers", 100, False),
    Indicator("pe_arts_teachers_per_100_students", "R3", "pe_arts_teachers", 100, False),
    Indicator("teaching_rooms_area_m2_per_student", "R4", "teaching_rooms_area_m2", 1, True),
    Indicator("sports_area_m2_per_student", "R5", "sports_area_m2", 1, True),
    Indicator("teaching_equipment_yuan_per_student", "R6", "teaching_equipment_yuan", 1, True),
    Indicator("multimedia_classrooms_per_100_students", "R7", "multimedia_classrooms", 100, True),
)


@dataclass
class Part:
    """One school's part in one stage, campuses included."""

    school: School
    stage: str
    students: int
    numerators: dict[str, Fraction]

    def value(self, indicator: Indicator) -> Fraction:
        """The school's value of the indicator."""
        return self.numerators[indicator.numerator] * indicator.scale / self.students


def _is_in_scope(school: School, students: int) -> bool:
    if school.type_code == SPECIAL_TYPE:
        return False
    return school.type_code != TEACHING_POINT_TYPE or students >= SMALL_TEACHING_POINT


def _facility_measures(district: District, school: School, year: int) -> dict[str, Fraction]:
    have = {name: Fraction(value) for name, value in district.facilities(school, year).items()}
    return {
        "teaching_rooms_area_m2": have["teaching_auxiliary_area_m2"] - have["indoor_sports_area_m2"],
        "sports_area_m2": have["sports_ground_area_m2"] + have["indoor_sports_area_m2"],
        "teaching_equipment_yuan": have["teaching_equipment_yuan"],
        "multimedia_classrooms": have["multimedia_classrooms"],
    }


def _together(district: District, school: School, year: int) -> list[School]:
    """The school and its campuses that do not count."""
    return [school, *(other for other in schools_in(year) if other.parent == school.code)]


def parts(district: District, year: int) -> list[Part]:
    """One part for every school and judged stage of the scope."""
    found = []
    for school in schools_in(year):
        members = _together(district, school, year)
        students = {stage: sum(district.students(m, stage, year) for m in members) for stage in WEIGHTS}
        if school.parent or not _is_in_scope(school, sum(students.values())):
            continue
        weighted = sum((students[stage] * weight for stage, weight in WEIGHTS.items()), Fraction(0))
        whole: dict[str, Fraction] = defaultdict(Fraction)
        for member in members:
            for name, value in _facility_measures(district, member, year).items():
                whole[name] += value
        for stage in JUDGED_STAGES:
            if not students[stage]:
                continue
            share = students[stage] * WEIGHTS[stage] / weighted
            numerators = {name: value * share for name, value in whole.items()}
            for member in members:
                for name, count in district.staff(member, stage, year).items():
                    numerators[name] = numerators.get(name, Fraction(0)) + count
            found.append(Part(school, stage, students[stage], numerators))
    return found


def mean(group: list[Part], indicator: Indicator) -> Fraction:
    """Student-weighted mean of a group of schools."""
    total = sum((part.numerators[indicator.numerator] for part in group), Fraction(0))
    return total * indicator.scale / sum(part.students for part in group)


def squared_coefficient(group: list[Part], indicator: Indicator) -> Fraction:
    """Square of the student-weighted coefficient of variation, population form: two passes, no rounding."""
    centre = mean(group, indicator)
    students = sum(part.students for part in group)
    spread = sum((part.students * (part.value(indicator) - centre) ** 2 for part in group), Fraction(0))
    return spread / students / centre**2


def to_decimal(value: Fraction, places: int = 6) -> str:
    """A fraction as text, rounded half up as the national form rounds."""
    scaled = abs(value) * 10**places + Fraction(1, 2)
    digits = str(int(scaled)).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def root(value: Fraction, places: int = 6) -> str:
    """Square root as text, worked with 50 digits."""
    with localcontext() as context:
        context.prec = 50
        exact = (Decimal(value.numerator) / Decimal(value.denominator)).sqrt()
        return str(exact.quantize(Decimal(1).scaleb(-places)))


def _groups(
    group: list[Part], indicator: Indicator, names: tuple[str, str], is_second: Any
) -> dict[str, Any]:
    halves = [[part for part in group if bool(is_second(part.school)) is side] for side in (False, True)]
    means = [mean(half, indicator) for half in halves]
    result: dict[str, Any] = {}
    for name, half, value in zip(names, halves, means, strict=True):
        result[name] = {
            "schools": len(half),
            "students": sum(part.students for part in half),
            "mean": to_decimal(value),
        }
    return {**result, "ratio": to_decimal(means[0] / means[1])}


def coefficients(district: District, year: int = LATEST) -> list[dict[str, Any]]:
    """Mean, coefficient, verdict and groups of every indicator and stage of the 2017 standard."""
    every = parts(district, year)
    rows = []
    for stage in JUDGED_STAGES:
        group = [part for part in every if part.stage == stage]
        for indicator in INDICATORS:
            squared = squared_coefficient(group, indicator)
            rows.append(
                {
                    "district_code": group[0].school.town_code[:6],
                    "school_year": year,
                    "stage": stage,
                    "indicator_code": indicator.code,
                    "indicator_number": indicator.number,
                    "schools": len(group),
                    "students": sum(part.students for part in group),
                    "mean": to_decimal(mean(group, indicator)),
                    "coefficient": root(squared),
                    "limit": to_decimal(LIMITS[stage], 2),
                    "verdict": "met" if squared <= LIMITS[stage] ** 2 else "not_met",
                    "urban_rural": _groups(group, indicator, ("urban", "rural"), lambda s: s.is_rural),
                    "sector": _groups(group, indicator, ("public", "private"), lambda s: s.is_private),
                    "towns": {
                        code: to_decimal(mean([p for p in group if p.school.town_code == code], indicator))
                        for code in TOWNS
                    },
                }
            )
    return rows


def school_values(district: District, year: int = LATEST) -> list[dict[str, Any]]:
    """Every school's pupils, numerators and values, one row a school, stage and indicator."""
    return [
        {
            "school_code": part.school.code,
            "school_year": year,
            "stage": part.stage,
            "indicator_code": indicator.code,
            "students": part.students,
            "numerator": to_decimal(part.numerators[indicator.numerator]),
            "value": to_decimal(part.value(indicator)),
        }
        for part in parts(district, year)
        for indicator in INDICATORS
    ]
