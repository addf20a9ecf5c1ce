"""The made district: its schools, pupils, staff and buildings, drawn from a seed and nothing else.

Everything is invented. No province has the code 99, so no code here can meet a real one. Shapes are
chosen, not drawn: which schools are rich, which are rural, how fast they grow. The seed only adds noise, so
the planted truths hold for every seed.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil
from pathlib import Path

DATA_DIR = Path(__file__).parents[1] / "data"
DISTRICT_CODE = "990101"
DISTRICT_NAME = "示例省样本市均衡区"
YEARS = (2019, 2020, 2021, 2022)
LATEST = YEARS[-1]
OLD_FORMS = YEARS[:2]  # told in the forms 基础基, later ones in the forms 教基
TOWNS = {"990101001": "均衡街道", "990101100": "样本镇", "990101101": "示例镇", "990101102": "远山镇"}
STAGES = ("primary", "junior_secondary", "senior_secondary")
STAGE_ZH = {"primary": "小学", "junior_secondary": "初中", "senior_secondary": "普通高中"}
SPECIAL_STAGE = "special_education"  # all pupils, or all staff, of a special school
GRADES = {
    "primary": tuple(range(1, 7)),
    "junior_secondary": tuple(range(7, 10)),
    "senior_secondary": tuple(range(10, 13)),
}
RURAL_CODES = {"210", "220"}
PRIVATE_OPERATOR = "999"
SPECIAL_TYPE = "514"
TEACHING_POINT_TYPE = "218"
MULTI_STAGE_TYPES = {"312", "341", "345"}

# Pupils of a year as a multiple of those of 2018, by stage.
GROWTH = {
    "primary": {2018: "1.00", 2019: "1.02", 2020: "1.05", 2021: "1.09", 2022: "1.11"},
    "junior_secondary": {2018: "1.00", 2019: "1.01", 2020: "1.03", 2021: "1.05", 2022: "1.07"},
    "senior_secondary": {2018: "1.00", 2019: "1.01", 2020: "1.02", 2021: "1.03", 2022: "1.04"},
}
# A school beside a new estate: in 2022 it passes the 2000 pupils that a primary school may have.
SURGE = {("2199000001", 2022): "1.25"}
# Teachers per 100 pupils: stage -> field -> (town, country). Backbone teachers hold the planted gap.
STAFF_PER_100 = {
    "primary": {
        "full_time_teachers": ("5.6", "6.3"),
        "over_qualified_teachers": ("5.1", "5.0"),
        "backbone_teachers": ("1.50", "0.75"),
        "pe_arts_teachers": ("1.10", "1.02"),
        "mid_plus_title_teachers": ("2.8", "2.5"),
    },
    "junior_secondary": {
        "full_time_teachers": ("7.8", "8.2"),
        "over_qualified_teachers": ("6.5", "6.3"),
        "backbone_teachers": ("1.50", "0.80"),
        "pe_arts_teachers": ("1.10", "1.05"),
        "mid_plus_title_teachers": ("4.2", "3.8"),
    },
    "senior_secondary": {
        "full_time_teachers": ("8.6", "8.8"),
        "over_qualified_teachers": ("1.2", "1.0"),
        "backbone_teachers": ("1.60", "1.20"),
        "pe_arts_teachers": ("0.90", "0.90"),
        "mid_plus_title_teachers": ("4.8", "4.4"),
    },
}
# Per primary pupil, or per pupil weighted as the national split does.
FACILITIES = {
    "teaching_rooms_m2": "5.90",
    "sports_m2": "9.90",
    "equipment_yuan": "2750",
    "multimedia_classrooms": "0.0290",
    "computers": "0.14",
    "books": "27",
}
# A school with junior pupils only needs more than 1.1 times a primary pupil's share to meet its thresholds.
JUNIOR_ONLY_FACTOR = Fraction("1.22")
# Equipment of schools with primary pupils only, in turns: the planted spread that breaks the limit.
EQUIPMENT_SPREAD = ("2.20", "0.50", "0.55", "0.65", "1.90", "0.52")
# The spread opens over the years, save the good one: share of the distance to 1 that is there already.
SPREAD_OPENED = {2019: "0.55", 2020: "0.70", 2021: "0.05", 2022: "1.00"}
# The year in which the district passes the whole assessment; in the next it fails again.
GOOD_YEAR = 2021
# How far schools stand apart: share of every difference between them that is there in a year.
APART = {2019: "1", 2020: "1", 2021: "0.05", 2022: "1"}
# What country schools and private schools lack of everything in the years before they were levelled up.
BEHIND = {2019: "0.24", 2020: "0.22", 2021: "0", 2022: "0"}
# What the national assessment asks per 100 pupils: in the good year no rounding leaves a school under it.
NEEDED_PER_100 = {
    "primary": {"over_qualified_teachers": "4.2", "backbone_teachers": "1", "pe_arts_teachers": "0.9"},
    "junior_secondary": {
        "over_qualified_teachers": "5.3",
        "backbone_teachers": "1",
        "pe_arts_teachers": "0.9",
    },
}


@dataclass(frozen=True)
class School:
    """One school of the made register; pupils are those of one grade in 2018."""

    code: str
    name: str
    type_code: str
    operator: str
    town_code: str
    urban_rural: str
    per_grade: dict[str, int]  # stage -> pupils a grade
    first_year: int
    parent: str | None
    number: int  # place in the register, from 0

    @property
    def is_rural(self) -> bool:
        """True in the country."""
        return self.urban_rural in RURAL_CODES

    @property
    def is_private(self) -> bool:
        """True when not run by the public."""
        return self.operator == PRIVATE_OPERATOR

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages the school teaches, youngest first."""
        return tuple(stage for stage in STAGES if stage in self.per_grade)

    def operator_in(self, year: int) -> str:
        """Who runs it in that year: one village school is run by a collective in 2022."""
        return "894" if self.code == "2199000013" and year > GOOD_YEAR else self.operator

    def name_in(self, year: int) -> str:
        """The name in that year: one school is renamed in 2021 and keeps its code."""
        return "示例实验小学" if self.code == "2199000017" and year >= 2021 else self.name


def _school(number: int, row: dict[str, str]) -> School:
    columns = {"primary": "primary", "junior_secondary": "junior", "senior_secondary": "senior"}
    return School(
        code=row["code"],
        name=row["name"],
        type_code=row["type"],
        operator=row["operator"],
        town_code=row["town"],
        urban_rural=row["urban_rural"],
        per_grade={stage: int(row[column]) for stage, column in columns.items() if row[column]},
        first_year=int(row["first_year"]),
        parent=row["parent"] or None,
        number=number,
    )


@cache
def register() -> tuple[School, ...]:
    """Every school of the district, in the order of its codes."""
    with (DATA_DIR / "sample_schools.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(_school(number, row) for number, row in enumerate(csv.DictReader(stream)))


def schools_in(year: int) -> list[School]:
    """Schools that are open in that school year."""
    return [school for school in register() if school.first_year <= year]


@dataclass(frozen=True)
class Noise:
    """Random numbers that depend on the seed and on what they are for, not on the order of the calls."""

    seed: int

    def share(self, *what: object) -> Fraction:
        """A number from 0 up to 1, in ten-thousandths, always the same for the same ``what``."""
        draw = random.Random(f"{self.seed}/{'/'.join(map(str, what))}").random()
        return Fraction(int(draw * 10_000), 10_000)

    def around_one(self, spread: str, *what: object) -> Fraction:
        """A factor from ``1 - spread`` to ``1 + spread``."""
        return 1 + Fraction(spread) * (2 * self.share(*what) - 1)


def to_count(value: Fraction) -> int:
    """The nearest whole number; halves go up."""
    return int(value + Fraction(1, 2))


class District:
    """The made district under one seed. Counts are persons, rooms or books; areas m², equipment yuan."""

    def __init__(self, seed: int) -> None:
        self.noise = Noise(seed)

    def grade_students(self, school: School, stage: str, grade: int, year: int) -> int:
        """Pupils of one grade. A cohort stays small or large as it moves up."""
        if year < school.first_year:
            return 0
        factor = self.noise.around_one("0.06", school.code, "cohort", year - grade)
        growth = Fraction(GROWTH[stage][year]) * Fraction(SURGE.get((school.code, year), "1"))
        return max(1, to_count(school.per_grade[stage] * growth * factor))

    def students(self, school: School, stage: str, year: int) -> int:
        """Pupils of one stage; 0 when the school does not teach it."""
        if stage not in school.per_grade:
            return 0
        return sum(self.grade_students(school, stage, grade, year) for grade in GRADES[stage])

    def district_students(self, stage: str, year: int) -> int:
        """Pupils of one stage in the whole district, special school included."""
        return sum(self.students(school, stage, year) for school in register())

    def staff(self, school: School, stage: str, year: int) -> dict[str, int]:
        """Counts of one school and stage, parts never above the full-time teachers."""
        students = self.students(school, stage, year)
        counts: dict[str, int] = {}
        for field, by_place in STAFF_PER_100[stage].items():
            own = self.noise.around_one("0.20", school.code, stage, field) * _private_factor(school, field)
            common = Fraction(by_place[False])
            per_100 = common + (Fraction(by_place[school.is_rural]) * own - common) * Fraction(APART[year])
            counts[field] = to_count(students * per_100 * level(school, year) / 100)
        if year == GOOD_YEAR:
            for field, needed in NEEDED_PER_100.get(stage, {}).items():
                counts[field] = max(counts[field], ceil(students * Fraction(needed) / 100))
        full_time = max(2, counts["full_time_teachers"])
        counts = {field: min(count, full_time) for field, count in counts.items()}
        return {"staff": full_time + max(1, full_time // 9), **counts, "full_time_teachers": full_time}

    def weighted_students(self, school: School, year: int) -> Fraction:
        """Pupils weighted 1 : 1.1 : 1.32, the measure by which a school was built."""
        weights = {
            "primary": Fraction(1),
            "junior_secondary": Fraction("1.1"),
            "senior_secondary": Fraction("1.32"),
        }
        total = sum(
            (self.students(school, stage, year) * weight for stage, weight in weights.items()), Fraction(0)
        )
        is_built_larger = school.type_code == "311" and year != GOOD_YEAR
        return total * JUNIOR_ONLY_FACTOR if is_built_larger else total

    def _own_factor(self, school: School, name: str, year: int) -> Fraction:
        """What makes a school's buildings and equipment its own, drawn in towards 1 in the good year."""
        own = self.noise.around_one("0.10" if name == "equipment_yuan" else "0.30", school.code, name)
        return 1 + (own - 1) * Fraction(APART[year])

    def facilities(self, school: School, year: int) -> dict[str, Fraction | int]:
        """Rooms, grounds, equipment and books of the whole school, built for its pupils of 2020."""
        built_for = self.weighted_students(school, max(2020, school.first_year))
        if year == GOOD_YEAR:
            built_for = self.weighted_students(school, year)
        have = {
            name: built_for * Fraction(share) * level(school, year) * self._own_factor(school, name, year)
            for name, share in FACILITIES.items()
        }
        age = year - YEARS[0]
        rooms = round(have["teaching_rooms_m2"] * (1 + Fraction(age, 100)), 2)
        hall = round(have["sports_m2"] * Fraction("0.08"), 2) if built_for > 400 else Fraction(0)
        return {
            "teaching_auxiliary_area_m2": rooms + hall,
            "indoor_sports_area_m2": hall,
            "sports_ground_area_m2": round(have["sports_m2"] * (1 + Fraction(age, 100)), 2) - hall,
            "teaching_equipment_yuan": round(
                have["equipment_yuan"] * equipment_spread(school, year) * (1 + Fraction(age, 25)), -2
            ),
            "multimedia_classrooms": max(1, to_count(have["multimedia_classrooms"])),
            "computers": to_count(have["computers"] * (1 + Fraction(age, 20))),
            "books": to_count(have["books"] * (1 + Fraction(age, 33))),
        }


def _private_factor(school: School, field: str) -> Fraction:
    if not school.is_private:
        return Fraction(1)
    return {"backbone_teachers": Fraction("0.70"), "over_qualified_teachers": Fraction("0.92")}.get(
        field, Fraction("0.97")
    )


def level(school: School, year: int) -> Fraction:
    """Share of the district's common level that a school has; country and private schools lag behind."""
    return 1 - Fraction(BEHIND[year]) * (school.is_rural or school.is_private)


def equipment_spread(school: School, year: int) -> Fraction:
    """The school's equipment against the common level: only schools with primary pupils alone differ."""
    if set(school.stages) != {"primary"} or school.parent:
        return Fraction(1)
    target = Fraction(EQUIPMENT_SPREAD[school.number % len(EQUIPMENT_SPREAD)])
    return 1 + (target - 1) * Fraction(SPREAD_OPENED[year])
