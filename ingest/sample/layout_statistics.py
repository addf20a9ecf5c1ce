"""The made district's schools as workbooks of the education statistics: a folder a school year.

Forms of 2020/21 stand for the first two years, the newer ones for the others. What no form carries keeps our
own template.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path

from ingest.sample.basics import basics_of, change_of
from ingest.sample.children import regular_class_counts
from ingest.sample.classes import AT_THE_STANDARD, CLASS_SIZE, LARGE, class_sizes
from ingest.sample.district import (
    DISTRICT_CODE,
    GRADES,
    OLD_FORMS,
    SPECIAL_TYPE,
    YEARS,
    District,
    School,
    schools_in,
)
from ingest.sample.layouts import LayoutFile
from ingest.sample.parts import name_zh
from ingest.sample.report import Rooms, SchoolReport, Teachers, Training
from ingest.sample.sheets import write_workbook
from ingest.sample.tables import grade_figures, special_pupils
from ingest.sample.training import training_of
from ingest.sample.workbooks import book_2020, book_2021

OFFICE = f"{DISTRICT_CODE}000000"
FORM_STAGES = ("primary", "junior_secondary")  # of which the forms that are read tell


def files(district: District) -> list[LayoutFile]:
    """One workbook a school and year."""
    return [file for year in YEARS for file in _files_of(district, year)]


def _files_of(district: District, year: int) -> Iterator[LayoutFile]:
    special = regular_class_counts(district.noise, year)
    for school in schools_in(year):
        report = report_of(district, school, year, special)
        path = f"statistics/{year}/{school.code}_{report.name}.xlsx"
        yield LayoutFile(path, partial(_write, report=report))


def _write(path: Path, report: SchoolReport) -> None:
    book = book_2020(report) if report.year in OLD_FORMS else book_2021(report)
    write_workbook(path, book.values())


def report_of(
    district: District, school: School, year: int, special: dict[tuple[str, str], int]
) -> SchoolReport:
    """What the school reports in that year."""
    stages = [stage for stage in FORM_STAGES if stage in school.stages]

    def coded(code_list_name: str, code: str) -> tuple[str, str]:
        return name_zh(code_list_name, code), code

    return SchoolReport(
        year=year,
        code=school.code,
        name=school.name_in(year),
        address=f"{school.town_code}001",
        office=OFFICE,
        kind=coded("school_type", school.type_code),
        operator=coded("operator", school.operator_in(year)),
        place=coded("urban_rural", school.urban_rural),
        pupils={
            stage: [
                grade_figures(district, school, stage, grade, year, special[school.code, stage])
                for grade in GRADES[stage]
            ]
            for stage in stages
        },
        classes={
            grade: _classes(district, school, stage, grade, year)
            for stage in stages
            for grade in GRADES[stage]
        },
        changes={stage: change_of(district, school, stage, year) for stage in school.stages},
        teachers={stage: _teachers(district.staff(school, stage, year), stage) for stage in stages},
        rooms=_rooms(district.facilities(school, year)),
        basics=basics_of(district, school, year),
        training=_training(district, school, year),
        special=special_pupils(district, school, year) if school.type_code == SPECIAL_TYPE else None,
    )


def _classes(district: District, school: School, stage: str, grade: int, year: int) -> list[int]:
    where = (year, school.code, grade)
    students = district.grade_students(school, stage, grade, year)
    return class_sizes(students, CLASS_SIZE[stage], LARGE.get(where, AT_THE_STANDARD.get(where)))


def _teachers(staff: dict[str, int], stage: str) -> Teachers:
    """The counts spread over degrees, courses and titles: their sums are what the forms must give."""
    total, over, arts = (
        staff[name] for name in ("full_time_teachers", "over_qualified_teachers", "pe_arts_teachers")
    )
    masters, titled = over // 10, staff["mid_plus_title_teachers"]
    college = (over - masters) // 4 if stage == "primary" else total - over
    bachelors = over - masters - (college if stage == "primary" else 0)
    rest = total - over if stage == "primary" else 0
    return Teachers(
        total,
        (0, masters, bachelors, college, rest, 0),
        (arts - 2 * (arts // 4), 0, arts // 4, arts // 4),
        (0, titled // 3, titled - titled // 3),
        staff["backbone_teachers"],
    )


def _training(district: District, school: School, year: int) -> dict[str, Training]:
    told = {stage: training_of(district, school, stage, year) for stage in school.stages}
    return {stage: training for stage, training in told.items() if training}


def _rooms(have: dict[str, Fraction | int]) -> Rooms:
    def exact(name: str, divisor: int = 1) -> Decimal:
        value = Fraction(have[name]) / divisor
        return Decimal(value.numerator) / Decimal(value.denominator)

    return Rooms(
        auxiliary=exact("teaching_auxiliary_area_m2"),
        sports=exact("indoor_sports_area_m2"),
        ground=exact("sports_ground_area_m2"),
        equipment=exact("teaching_equipment_yuan", 10_000),
        multimedia=int(have["multimedia_classrooms"]),
        computers=int(have["computers"]),
        books=int(have["books"]),
    )
