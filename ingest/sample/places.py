"""Seats, admission and population of the made district.

Seats grow until 2021, when every town has more than 80 primary and 40 junior secondary seats per 1000
residents and a seat for every pupil foreseen. In 2022 a tenth more residents have come, the children of a
new estate (births of 2016 in one town) reach grade 1, and schools take pupils from outside their zones.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ingest.sample.district import (
    DISTRICT_CODE,
    GRADES,
    SPECIAL_TYPE,
    TOWNS,
    YEARS,
    District,
    School,
    register,
    schools_in,
)
from ingest.sample.parts import Cell, Table, flag, school_cells, table_of

STAGE_ZH = {"primary": "小学", "junior_secondary": "初中"}
# Seats per pupil of 2018, and the year whose seats the residents are measured by.
SEATS = {2019: "1.10", 2020: "1.18", 2021: "1.30", 2022: "1.30"}
FULL_YEAR = 2021
# Residents per 1000 of 2021: seats per 1000 residents are 82 and 41 at least in 2021, and less in 2022.
RESIDENTS = {2022: "1.10"}
SEATS_PER_1000 = {"primary": "82", "junior_secondary": "41"}
FIRST_BIRTHS, LAST_BIRTHS = 2005, 2022
BOOM_TOWN, BOOM_YEAR, BOOM = "990101100", 2016, "2.8"
# In zone, percent of the admitted, in public schools in town.
IN_ZONE_PCT = {
    "primary": {2019: 97, 2020: 99, 2021: 100, 2022: 96},
    "junior_secondary": {2019: 92, 2020: 94, 2021: 98, 2022: 92},
}
PRIVATE_IN_ZONE_PCT = 60

_BROKEN = {2021: "met", 2022: "met_last_year_not_now"}
CLAUSE_TRUTHS: dict[str, dict[int, str]] = {
    "C05": _BROKEN,  # 2022: 96 % and 92 % in zone; 2021: 100 % and 98 %
    "C08": _BROKEN,  # 2022: a tenth more residents, under 80 primary seats per 1000 of them
    "C09": _BROKEN,  # 2022: the town of the new estate lacks primary seats
    "G13": _BROKEN,  # as C05
    "G4": _BROKEN,  # 2022: 示例第一小学 with its campus passes 2000 pupils (sample_district.SURGE)
}


def seats_of(school: School, stage: str, year: int) -> int:
    """Seats of a school's stage: whole seats, rounded up; 0 when it does not teach it."""
    exact = school.per_grade.get(stage, 0) * len(GRADES[stage]) * Fraction(SEATS[year])
    return -(-exact.numerator // exact.denominator)


def residents_of(town: str, year: int) -> int:
    """Residents of a town: as many as its seats of the good year bear, from 2022 on a tenth more."""
    bears = [
        sum(seats_of(s, stage, FULL_YEAR) for s in schools_in(FULL_YEAR) if _is_planned_for(s, town))
        * 1000
        / Fraction(per_1000)
        for stage, per_1000 in SEATS_PER_1000.items()
    ]
    return int(min(bears) * Fraction(RESIDENTS.get(year, "1")))


def births_of(town: str, year: int) -> int:
    """Births of a town: somewhat more than the pupils of a grade, but for the year of the new estate."""
    cohort = sum(s.per_grade.get("primary", 0) for s in register() if _is_planned_for(s, town))
    boom = Fraction(BOOM) if (town, year) == (BOOM_TOWN, BOOM_YEAR) else Fraction(1)
    return int(cohort * Fraction("1.05") * boom)


def _is_planned_for(school: School, town: str) -> bool:
    return school.town_code == town and school.type_code != SPECIAL_TYPE


def tables(district: District) -> list[Table]:
    """Seats and admission of every year, and population of all years whose births are needed."""
    return [
        table_of("admission", f"{YEARS[0]}-{YEARS[-1]}学年", _admission_lines(district)),
        table_of("population", f"{FIRST_BIRTHS}-{LAST_BIRTHS}", _population_lines()),
    ]


def _admission_lines(district: District) -> Iterator[dict[str, Cell]]:
    for year in YEARS:
        for school in schools_in(year):
            if school.type_code == SPECIAL_TYPE:
                continue
            for stage, zh in STAGE_ZH.items():
                if stage in school.stages:
                    yield _admission_line(district, school, stage, zh, year)


def _admission_line(district: District, school: School, stage: str, zh: str, year: int) -> dict[str, Cell]:
    admitted = district.grade_students(school, stage, GRADES[stage][0], year)
    is_boarding = school.is_rural and stage == "junior_secondary"
    return {
        **school_cells(school, year),
        "学段": zh,
        "学位数": seats_of(school, stage, year),
        "招生数": admitted,
        "片内招生数": admitted * _in_zone_pct(school, stage, year) // 100,
        "是否寄宿制": flag(is_boarding),
    }


def _in_zone_pct(school: School, stage: str, year: int) -> int:
    if school.is_private:
        return PRIVATE_IN_ZONE_PCT
    return 100 if school.is_rural else IN_ZONE_PCT[stage][year]


def _population_lines() -> Iterator[dict[str, Cell]]:
    for year in range(FIRST_BIRTHS, LAST_BIRTHS + 1):
        for code, name in TOWNS.items():
            yield {
                "年度": year,
                "区县代码": DISTRICT_CODE,
                "镇街代码": code,
                "镇街名称": name,
                "常住人口数": residents_of(code, year),
                "出生人口数": births_of(code, year),
            }
