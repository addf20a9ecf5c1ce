"""A made nine-year school in workbooks of both generations of the education statistics, and in our template.

The figures are invented; what writes the forms is what writes the made district.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.sample import workbooks as sample_workbooks
from ingest.sample.form_lines import BANDS, bands_of
from ingest.sample.report import Basics, Change, Contacts, Rooms, SchoolReport, Special, Teachers, Training
from ingest.sample.sheets import Sheet, write_workbook
from ingest.sample.workbooks import Book

CONTACTS = ("13912345678", "headmaster@example.org", "张三丰", "李填表", "113.123456", "示例路 8 号")
SCHOOL = {
    "code": "3199000001",
    "name": "示例九年一贯制学校",
    "address": "990101001005",
    "office": "990101000000",
    "type": ("九年一贯制学校", "312"),
    "operator": ("县级教育部门", "831"),
    "place": ("镇中心区", "121"),
}
# Students by grade: all, girls, boarders, migrant workers' children, left-behind children.
PRIMARY = [(101, 50, 11, 21, 5), (102, 51, 12, 22, 6), (103, 52, 13, 23, 7), (104, 53, 14, 24, 8)]
PRIMARY += [(105, 54, 15, 25, 9), (106, 55, 16, 26, 10)]
JUNIOR = [(81, 40, 31, 12, 3), (82, 41, 32, 13, 4), (83, 42, 33, 14, 5)]
PUPILS = {"primary": PRIMARY, "junior_secondary": JUNIOR}
TEACHERS = {  # total, degrees from doctor to less than senior secondary, PE, arts, music, fine art, backbone
    "primary": (30, (0, 1, 20, 8, 1, 0), (2, 0, 1, 1), 4),
    "junior_secondary": (24, (1, 3, 18, 2, 0, 0), (2, 1, 1, 0), 5),
}
ROOMS = {"auxiliary": "4200.5", "sports": "600", "ground": "9000", "equipment": "210.35", "multimedia": 31}
BOOKS, COMPUTERS = 20000, 150
# Pupils of every class by grade; they make the pupils above.
CLASSES = {1: [46, 55], 2: [51, 51], 3: [52, 51], 4: [45, 59], 5: [66, 39], 6: [36, 35, 35]}
CLASSES |= {7: [50, 31], 8: [51, 31], 9: [25, 58]}
BASICS = Basics(
    staff=61,
    full_time=54,
    established=52,
    psychology=3,
    full_time_psychology=1,
    has_counselling_room=True,
    guards=4,
    bought=None,
    bought_for_migrants=None,
    meets_sports_area=False,
    has_campus_network=True,
)
CHANGES = {
    "primary": Change(600, 101, 20, 95, 5),
    "junior_secondary": Change(240, 81, 0, 75, 0),
}
SPECIAL_CODE = "5199000001"
SPECIAL = Special(girls=19, grades=(6, 5, 4, 7, 5, 3, 4, 5, 6))
# Of the year before; by level from the nation to abroad person-times and hours.
TRAINING = {
    "primary": Training(29, ((1, 40), (3, 72), (6, 60), (29, 464), (58, 1102), (0, 0))),
    "junior_secondary": Training(23, ((2, 80), (2, 48), (4, 40), (23, 368), (46, 874), (1, 30))),
}
TITLES = {"primary": (1, 6, 12), "junior_secondary": (0, 5, 9)}  # highest, high, middle


def report(year: int, more: int = 0) -> SchoolReport:
    """What the school reports in that year; with so many entrants more, teachers and square metres too."""
    changes = {stage: replace(change, admitted=change.admitted + more) for stage, change in CHANGES.items()}
    rooms = [Decimal(ROOMS[name]) for name in ("auxiliary", "sports", "ground", "equipment")]
    return SchoolReport(
        year=year,
        code=SCHOOL["code"],
        name=SCHOOL["name"],
        address=SCHOOL["address"],
        office=SCHOOL["office"],
        kind=SCHOOL["type"],
        operator=SCHOOL["operator"],
        place=SCHOOL["place"],
        pupils={stage: _pupils(grades, more) for stage, grades in PUPILS.items()},
        classes={g: [sizes[0] + more * (g in (1, 7)), *sizes[1:]] for g, sizes in CLASSES.items()},
        changes=changes,
        teachers={
            stage: Teachers(total + more, _more_bachelors(degrees, more), courses, TITLES[stage], backbone)
            for stage, (total, degrees, courses, backbone) in TEACHERS.items()
        },
        rooms=Rooms(*(area + more for area in rooms), int(ROOMS["multimedia"]), COMPUTERS, BOOKS),
        basics=replace(BASICS, guards=BASICS.guards + more),
        training=TRAINING,
        note="毕业生多于上年六年级，说明：中途转入 1 人。电话 13912345678",
        contacts=Contacts(*CONTACTS),
    )


def _pupils(grades: list[tuple[int, ...]], more: int) -> list[tuple[Any, ...]]:
    (first, *others), *rest = grades
    return [(first + more, *others, None), *((*grade, None) for grade in rest)]


def _more_bachelors(degrees: tuple[int, ...], more: int) -> tuple[int, ...]:
    return (*degrees[:2], degrees[2] + more, *degrees[3:])


def book_2020(more: int = 0) -> Book:
    """The nine-year school in the forms of 2020/21."""
    return sample_workbooks.book_2020(report(2020, more))


def book_2021(more: int = 0) -> Book:
    """The same school in the forms of 2021/22 on."""
    return sample_workbooks.book_2021(report(2021, more))


def special_report(year: int) -> SchoolReport:
    """A special school: all its pupils in one form, its staff in another."""
    whole = report(year)
    basics = replace(BASICS, staff=20, full_time=16, established=20)
    return replace(whole, code=SPECIAL_CODE, kind=("其他特教学校", "514"), basics=basics, special=SPECIAL)


def special_book(generation: str) -> Book:
    """The special school in the forms of a generation."""
    make = sample_workbooks.book_2020 if generation == "2020" else sample_workbooks.book_2021
    return make(special_report(int(generation)))


BOOKS_OF = {"2020": book_2020, "2021": book_2021}


def write_book(path: Path, book: Book) -> Path:
    """The workbook as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_workbook(path, book.values())
    return path


def row_with(sheet: Sheet, text: str) -> int:
    """The first row that has the text in a cell."""
    return next(n for n, row in enumerate(sheet.rows) if text in row)


def insert_row(sheet: Sheet, at: int, cells: list[Any]) -> None:
    """A row more; what was there and below moves down, merges included."""
    sheet.rows.insert(at, cells)
    sheet.merges = [
        ((top + (top >= at), left), (bottom + (bottom >= at), right))
        for (top, left), (bottom, right) in sheet.merges
    ]


def unmerge(sheet: Sheet) -> None:
    """What a merged cell says stands in each of its cells."""
    for (top, left), (bottom, right) in sheet.merges:
        for row in sheet.rows[top : bottom + 1]:
            row += [""] * (right + 1 - len(row))
            row[left : right + 1] = [sheet.rows[top][left]] * (right + 1 - left)
    sheet.merges = []


def swap_columns(sheet: Sheet, first: int, second: int) -> None:
    """Two columns change places, header and all."""
    for row in sheet.rows:
        row += [""] * (max(first, second) + 1 - len(row))
        row[first], row[second] = row[second], row[first]


BASICS_FIELDS = ["staff", "full_time_teachers", "established_staff", "psychology_teachers"]
BASICS_FIELDS += ["full_time_psychology_teachers", "has_counselling_room", "security_staff"]
BASICS_FIELDS += ["bought_seats", "bought_seats_for_migrants", "meets_sports_area", "has_campus_network"]
CHANGE_FIELDS = ["last_year_students", "increase", "admitted", "resumed", "transferred_in", "other_increase"]
CHANGE_FIELDS += ["decrease", "graduated", "completed", "suspended", "dropped_out", "died"]
CHANGE_FIELDS += ["transferred_out", "other_decrease", "students"]


def _change_row(change: Change) -> list[Any]:
    """What the form proves to be nobody is 0; what does not apply to it (结业) is missing."""
    came = [change.admitted + change.moved_in, change.admitted, 0, change.moved_in, 0]
    went = [change.graduated + change.moved_out, change.graduated, "", 0, 0, 0, change.moved_out, 0]
    return [change.before, *came, *went, change.now]


def own_rows(record: str, year: int) -> tuple[list[str], list[list[Any]]]:
    """The same school in our own template: headers and rows."""
    s = SCHOOL
    base = ["990101", year, s["code"]]
    headers = ["district_code", "school_year", "school_code"]
    if record == "school":
        names = ["school_name", "school_type_code", "operator_code", "urban_rural_code", "town_code"]
        return [*headers, *names], [
            [*base, s["name"], s["type"][1], s["operator"][1], s["place"][1], "990101001"]
        ]
    if record == "enrolment":
        names = ["stage", "grade", "students", "female_students", "boarding_students", "migrant_students"]
        rows = [[*base, "primary", n, *grade, len(CLASSES[n])] for n, grade in enumerate(PRIMARY, start=1)]
        rows += [
            [*base, "junior_secondary", n, *grade, len(CLASSES[n])] for n, grade in enumerate(JUNIOR, start=7)
        ]
        return [*headers, *names, "left_behind_students", "classes"], rows
    if record == "staffing":
        names = [
            "stage",
            "full_time_teachers",
            "over_qualified_teachers",
            "pe_arts_teachers",
            "backbone_teachers",
            "mid_plus_title_teachers",
        ]
        rows = []
        for stage, (total, degrees, courses, backbone) in TEACHERS.items():
            enough = degrees[:4] if stage == "primary" else degrees[:3]
            rows.append([*base, stage, total, sum(enough), sum(courses), backbone, sum(TITLES[stage])])
        if year == 2020:  # the newer forms do not tell it
            names += ["training_teachers", "training_person_times", "training_hours"]
            told = (TRAINING[stage] for stage in TEACHERS)
            rows = [[*row, t.teachers, t.person_times, t.hours] for row, t in zip(rows, told, strict=True)]
        return [*headers, *names], rows
    if record == "school_basics":
        return [*headers, *BASICS_FIELDS], [[*base, 61, 54, 52, 3, 1, "是", 4, "", "", "否", "是"]]
    if record == "pupil_change":
        rows = [[*base, stage, *_change_row(change)] for stage, change in CHANGES.items()]
        return [*headers, "stage", *CHANGE_FIELDS], rows
    if record == "class_size_band":
        names = ["classes_up_to_25", *(f"classes_{low}_{high}" for low, high in BANDS[1:-1])]
        spans = {"primary": range(1, 7), "junior_secondary": range(7, 10)}
        rows = [
            [*base, stage, "all", *bands_of([s for g in span for s in CLASSES[g]])]
            for stage, span in spans.items()
        ]
        rows += [
            [*base, stage, grade, *bands_of(CLASSES[grade])]
            for stage, span in spans.items()
            for grade in span
        ]
        return [*headers, "stage", "grade", "all_classes", *names, "classes_66_and_over"], rows
    names = ["teaching_auxiliary_area_m2", "indoor_sports_area_m2", "sports_ground_area_m2"]
    names += ["teaching_equipment_yuan", "multimedia_classrooms", "computers", "books"]
    figures = [ROOMS["auxiliary"], ROOMS["sports"], ROOMS["ground"], "2103500", ROOMS["multimedia"]]
    return [*headers, *names], [[*base, *figures, COMPUTERS, BOOKS]]
