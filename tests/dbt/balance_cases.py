"""Raw rows of made districts. Every school is invented; the golden figures say where they were published."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

STAFFING = ("full_time_teachers", "over_qualified_teachers", "backbone_teachers", "pe_arts_teachers")
FACILITIES = (
    "teaching_auxiliary_area_m2",
    "indoor_sports_area_m2",
    "sports_ground_area_m2",
    "teaching_equipment_yuan",
    "multimedia_classrooms",
    "computers",
    "books",
)


@dataclass
class Landing:
    """Rows of five records, as they would stand in raw tables."""

    school: list[Row] = field(default_factory=list)
    enrolment: list[Row] = field(default_factory=list)
    staffing: list[Row] = field(default_factory=list)
    facilities: list[Row] = field(default_factory=list)
    school_cluster: list[Row] = field(default_factory=list)

    def add_school(self, district: str, code: str, type_code: str = "211", **fields: Any) -> Row:
        """One register row of school year 2022: public, in town, counting as a school."""
        row = {
            **place(district, code),
            "school_name": f"样例学校{code}",
            "school_type_code": type_code,
            "operator_code": "831",
            "urban_rural_code": "111",
            "town_code": "990101001",
            **fields,
        }
        self.school.append(row)
        return row

    def add_students(self, district: str, code: str, stage: str, students: int, **fields: Any) -> None:
        """One enrolment row: the stage as a whole unless ``grade`` says otherwise."""
        row = {**place(district, code), "stage": stage, "grade": "all", "students": students, **fields}
        self.enrolment.append(row)

    def add_staffing(self, district: str, code: str, stage: str, **fields: Any) -> None:
        """One staffing row."""
        self.staffing.append({**place(district, code), "stage": stage, **fields})

    def add_facilities(self, district: str, code: str, **fields: Any) -> None:
        """One facilities row of the whole school."""
        self.facilities.append({**place(district, code), **fields})

    def add_cluster(self, district: str, code: str, kind: str, cluster: str, **fields: Any) -> None:
        """One membership of a school district (学区) or education group (集团)."""
        row = {**place(district, code), "cluster_kind": kind, "cluster_code": cluster, **fields}
        self.school_cluster.append(row)


def place(district: str, code: str) -> Row:
    return {"region_code": "CN", "district_code": district, "school_year": 2022, "school_code": code}


# Worked example of the official method: pupils and books of five primary schools, published CV 0.52
# (https://m.777doc.com/doc-2019910.html); exact 0.515257. The first two are taken as town schools.
FIVE_SCHOOLS = ((45, 279), (37, 137), (89, 935), (76, 160), (55, 402))


def add_five_schools(landing: Landing, district: str) -> None:
    for number, (students, books) in enumerate(FIVE_SCHOOLS, start=1):
        code = f"five-{number}"
        landing.add_school(district, code, urban_rural_code="111" if number <= 2 else "220")
        landing.add_students(district, code, "primary", students)
        landing.add_facilities(district, code, books=books)


def add_books(landing: Landing, district: str, books: list[tuple[int, int | None]]) -> None:
    """Primary schools with (pupils, books) each."""
    for number, (students, count) in enumerate(books, start=1):
        code = f"{district}-{number}"
        landing.add_school(district, code)
        landing.add_students(district, code, "primary", students)
        landing.add_facilities(district, code, books=count)


_STAGES = {
    "211": ("primary",),
    "218": ("primary",),
    "311": ("junior_secondary",),
    "312": ("primary", "junior_secondary"),
    "341": ("junior_secondary", "senior_secondary"),
    "342": ("senior_secondary",),
    "345": ("primary", "junior_secondary", "senior_secondary"),
    "321": ("junior_secondary",),
    "514": ("primary", "junior_secondary"),
}


def _maybe(dice: random.Random, value: int) -> int | None:
    """The value, sometimes zero, rarely missing."""
    roll = dice.random()
    return None if roll < 0.02 else 0 if roll < 0.06 else value


def _add_random_school(landing: Landing, dice: random.Random, district: str, number: int) -> None:
    code = f"{district}-{number:02}"
    kind = dice.choice(list(_STAGES) + ["211", "311", "312"] * 2)
    landing.add_school(
        district,
        code,
        kind,
        operator_code=dice.choice(["831", "832", "999"]),
        urban_rural_code=dice.choice(["111", "121", "210", "220"]),
        town_code=dice.choice(["990101001", "990101002", None]),
    )
    for stage in _STAGES[kind]:
        grades = ["all"] if dice.random() < 0.5 else ["1", "2"]
        small = kind == "218"
        for grade in grades:
            pupils = dice.randint(0, 60) if small else dice.randint(30, 900)
            landing.add_students(
                district,
                code,
                stage,
                0 if dice.random() < 0.03 else pupils,
                grade=grade,
                classes=dice.randint(1, 20),
                female_students=_maybe(dice, pupils // 2),
            )
        if dice.random() > 0.02:
            counts = {name: _maybe(dice, dice.randint(1, 60)) for name in STAFFING}
            landing.add_staffing(district, code, stage, **counts)
    if dice.random() > 0.02:
        amounts = {name: _maybe(dice, dice.randint(500, 90000)) for name in FACILITIES}
        landing.add_facilities(district, code, **amounts)


def add_random_district(landing: Landing, seed: int, district: str, schools: int = 24) -> None:
    """Schools of every type with zero, missing and absent figures; the same for the same seed."""
    dice = random.Random(seed)
    for number in range(1, schools + 1):
        _add_random_school(landing, dice, district, number)
