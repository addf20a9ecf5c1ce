"""Good rows of the records of teachers, and what breaks them one by one."""

from __future__ import annotations

from typing import Any

DISTRICT = {"region_code": "CN", "district_code": "990101"}
# Written out so that a search of everything a check leaves behind cannot find it by chance.
TEACHER = "a71e44b09c5d3f1862d0"


def teacher(number: int, **other: Any) -> dict[str, Any]:
    """A teacher of the roster, invented."""
    row = {
        "school_year": 2022,
        "school_code": f"S{number}",
        "teacher_key": f"{TEACHER}{number:02}",
        "stage": "primary",
        "subject": "science",
        "has_licence": True,
        "backbone_level": "county",
        "backbone_document": "样教〔2019〕8号",
        "backbone_valid_from": "2019-09-01",
        "backbone_valid_to": "2024-08-31",
        "employment": "establishment",
        "is_full_time": True,
        "started_at_school_on": "2015-09-01",
        "annual_pay_yuan": 100_000,
    }
    return {**DISTRICT, **row, **other}


def rotation(number: int, **other: Any) -> dict[str, Any]:
    """A move to another school."""
    row = {
        "school_year": 2022,
        "teacher_key": f"{TEACHER}{number:02}",
        "from_school_code": "S1",
        "to_school_code": "S2",
        "kind": "regular",
    }
    return {**DISTRICT, **row, **other}


def training(number: int, **other: Any) -> dict[str, Any]:
    """A teacher's hours of a year."""
    row = {
        "year": 2022,
        "teacher_key": f"{TEACHER}{number:02}",
        "is_special_education": False,
        "hours": 72,
    }
    return {**DISTRICT, **row, **other}


def establishment(number: int, **other: Any) -> dict[str, Any]:
    """The posts of a school."""
    row = {"school_year": 2022, "school_code": f"S{number}", "subject": "all", "posts": 40}
    return {**DISTRICT, **row, **other}


MAKERS = {
    "establishment": establishment,
    "teacher": teacher,
    "teacher_rotation": rotation,
    "teacher_training": training,
}

# record, what is changed in the third row, the one check that fails, words of its messages
BROKEN_ROWS = [
    ("teacher", {"backbone_document": None}, "recognition_is_documented", "认定文件", "document"),
    ("teacher", {"backbone_valid_from": None}, "recognition_is_documented", "起始日期", "first day"),
    (
        "teacher",
        {"backbone_valid_to": "2019-08-31"},
        "recognition_ends_after_it_starts",
        "不早于起始日期",
        "does not end before",
    ),
    (
        "teacher",
        {"started_at_school_on": "2032-09-01"},
        "start_is_not_in_the_future",
        "到本校工作日期",
        "began no later",
    ),
    ("teacher", {"subject": "all"}, "teachers_have_one_subject", "具体学科", "a single one"),
    ("teacher", {"backbone_level": "town"}, "backbone_level.codes", "代码表 backbone_level", "code of the"),
    ("teacher_rotation", {"to_school_code": "S1"}, "moves_are_between_schools", "派出学校", "two schools"),
    ("teacher_training", {"hours": -1}, "hours.range", "不小于 0", "at least 0"),
    (
        "establishment",
        {"subject": "pe"},
        "posts_of_the_whole_school",
        "10 所学校中",
        "1 of 10 schools",
    ),
]


Rows = list[dict[str, Any]]


def full_time_twice(rows: Rows) -> Rows:
    """The first teacher is full-time at a second school too."""
    return [*rows, {**rows[0], "school_code": "S99"}]


def hours_of_a_cycle(rows: Rows) -> Rows:
    """Three of ten rows hold the total of five years."""
    return [{**row, "hours": 361} if place < 3 else row for place, row in enumerate(rows)]


def more_posts_than_all(rows: Rows) -> Rows:
    """Two subjects of a school together have a post more than the school."""
    return [
        *rows,
        {**rows[0], "subject": "pe", "posts": 20},
        {**rows[0], "subject": "music", "posts": 21},
    ]


# record, what is changed in the batch, the one check that fails, words of its messages
BROKEN_BATCHES = [
    ("teacher", full_time_twice, "full_time_at_one_school", "10 名教师中有 1 名教师", "1 of 10 teachers"),
    ("teacher_training", hours_of_a_cycle, "hours_are_of_one_year", "超过 360 的行", "more than 360"),
    ("establishment", more_posts_than_all, "posts_of_subjects_within_all", "全校编制数", "all of them"),
]

# What real tables hold: a teacher who helps out at a second school, one year of very many hours.
REAL_ROWS = [
    ("teacher", [teacher(1), teacher(1, school_code="S99", is_full_time=False)]),
    ("teacher", [teacher(1, backbone_level="none", backbone_document=None, backbone_valid_from=None)]),
    ("teacher", [teacher(1, backbone_valid_to=None, started_at_school_on=None)]),
    ("teacher_training", [training(1, hours=400), *(training(number) for number in range(2, 7))]),
    ("establishment", [establishment(1), establishment(1, subject="pe", posts=40)]),
]
