"""Class rosters of the made district: even classes, and the large ones that are planted.

Six large classes of 2019 become three in 2020 and none in 2021, each in the ledger; in 2022 an entry class of
57 stands in no ledger. Pupils of a grade are those of the enrolment, only seated unevenly.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.sample.district import GRADES, YEARS, District, School, schools_in
from ingest.sample.parts import Cell, Table, name_zh, school_cells, table_of

STAGE_ZH = {"primary": "小学", "junior_secondary": "初中"}
# As the enrolment forms its classes: no class above these unless planted.
CLASS_SIZE = {"primary": 44, "junior_secondary": 48}
FIRST_PRIMARY, SECOND_PRIMARY, FIRST_JUNIOR = "2199000001", "2199000002", "3199000001"
# (year, school, grade) -> pupils of its first class.
LARGE = {
    (2019, FIRST_PRIMARY, 2): 58,
    (2019, FIRST_PRIMARY, 4): 56,
    (2019, FIRST_PRIMARY, 6): 46,
    (2019, SECOND_PRIMARY, 3): 57,
    (2019, FIRST_JUNIOR, 8): 62,
    (2019, FIRST_JUNIOR, 9): 68,
    (2020, FIRST_PRIMARY, 3): 58,
    (2020, SECOND_PRIMARY, 4): 57,
    (2020, FIRST_JUNIOR, 9): 62,
    (2022, FIRST_PRIMARY, 1): 57,
}
# Exactly at the standard: large to nobody who reads the rule.
AT_THE_STANDARD = {(2021, FIRST_PRIMARY, 1): 45, (2021, FIRST_JUNIOR, 7): 50}
LEDGER_YEARS = {2019, 2020}

_BROKEN = {2021: "met", 2022: "met_last_year_not_now"}
CLAUSE_TRUTHS: dict[str, dict[int, str]] = {
    "C02": _BROKEN,  # 2022: a class of 57; 2021: classes of exactly 45 and 50, which are within the standard
    "C03": _BROKEN,  # 2022: one large class more than in 2021, and in an entry grade
    "C04": _BROKEN,  # 2022: the large class stands in no ledger
    "G5": _BROKEN,  # as C02
}


def class_sizes(students: int, size: int, first: int | None = None) -> list[int]:
    """Pupils of each class of a grade: as even as they go, but for a ``first`` class that is given."""
    classes = max(1, -(-students // size))
    given = [] if first is None else [first]
    left, rest = classes - len(given), students - sum(given)
    return [*given, *(rest // left + (place < rest % left) for place in range(left))]


def tables(district: District) -> list[Table]:
    """One table: every class of the compulsory stages in every year."""
    lines = (
        line
        for year in YEARS
        for school in schools_in(year)
        for stage in STAGE_ZH
        if stage in school.stages
        for grade in GRADES[stage]
        for line in _grade_lines(district, school, stage, grade, year)
    )
    return [table_of("class_roster", f"{YEARS[0]}-{YEARS[-1]}学年", lines)]


def _grade_lines(
    district: District, school: School, stage: str, grade: int, year: int
) -> Iterator[dict[str, Cell]]:
    where = (year, school.code, grade)
    students = district.grade_students(school, stage, grade, year)
    boarding_pct = 45 if school.is_rural and stage != "primary" else 4
    sizes = class_sizes(students, CLASS_SIZE[stage], LARGE.get(where, AT_THE_STANDARD.get(where)))
    for number, size in enumerate(sizes, start=1):
        in_ledger = where in LARGE and number == 1 and year in LEDGER_YEARS
        yield {
            **school_cells(school, year),
            "学段": STAGE_ZH[stage],
            "年级": name_zh("grade", str(grade)),
            "班号": str(number),
            "班级学生数": size,
            "寄宿生数": size * boarding_pct // 100,
            "台账化解方式": name_zh("class_ledger_method", "split") if in_ledger else None,
            "台账计划完成日期": "2020-12-31" if in_ledger else None,
            "台账文件": f"大班额台账（{year}）" if in_ledger else None,
        }
