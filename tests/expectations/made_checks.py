"""Good rows of written explanations, and what breaks rules of whole forms one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from made_batches import Rows


def swing_explanation(number: int, **other: Any) -> dict[str, Any]:
    """What a school writes about its pupils."""
    row = {
        "region_code": "CN",
        "district_code": "990101",
        "year": 2022,
        "school_code": f"S{number}",
        "record_name": "enrolment",
        "field_name": "students",
        "explanation": "并入邻近教学点，学生增加",
        "author_role": "school_statistician",
        "explained_on": date(2022, 10, 8),
    }
    return {**row, **other}


MAKERS = {"swing_explanation": swing_explanation}

# record, what is changed in the third row, the one check that fails, words of its messages
BROKEN_ROWS = [
    (
        "swing_explanation",
        {"explanation": "情况正常"},
        "explanation_says_something",
        "6 个字",
        "6 characters",
    ),
    (
        "swing_explanation",
        {"explanation": "请致电 57550100 询问原因"},
        "explanation_has_no_contact",
        "没有电话",
        "no telephone",
    ),
    ("swing_explanation", {"field_name": "books"}, "field_is_one_that_is_compared", "与上年比较", "compared"),
    ("enrolment", {"classes": 101, "female_students": 100}, "classes_within_students", "班级数", "classes"),
    ("enrolment", {"students": 601, "classes": 6}, "class_size_is_plausible", "平均班额", "average class"),
    ("enrolment", {"grade": "9"}, "grade_is_of_the_stage", "所填学段", "belongs to the stage"),
    ("class_roster", {"students": 101}, "class_size_is_plausible", "一个班", "a class has at most"),
    ("facilities", {"multimedia_classrooms": 61}, "classrooms_fit_in_area", "容得下", "at least 15 m²"),
    ("room", {"area_m2": 1001}, "room_is_a_single_one", "单间教室", "single room"),
    ("school", {"town_code": "990201001"}, "town_is_of_the_district", "前六位", "begins with"),
    (
        "school",
        {"school_type_code": "212"},
        "school_type_code.code_years",
        "该年度有效",
        "valid in that year",
    ),
    (
        "school",
        {"school_year": 2007},
        "urban_rural_code.code_years",
        "代码表 urban_rural",
        "list urban_rural",
    ),
]


def _second_item(**other: Any) -> Callable[[Rows], Rows]:
    """The batch with one more amount of its first entity."""
    return lambda rows: [*rows, {**rows[0], "prior_amount": None, "growth_pct": None, **other}]


def _stages(rows: Rows) -> Rows:
    total = {**rows[0], "basis": "total", "prior_amount": None, "growth_pct": None}
    amounts = {"all_stages": 100, "primary": 60, "junior_secondary": 41}
    return [*rows, *({**total, "stage": stage, "amount": amount} for stage, amount in amounts.items())]


def _campus_of_a_campus(rows: Rows) -> Rows:
    campus = {"counts_as_school": False}
    return [
        *rows[:8],
        {**rows[8], **campus, "parent_school_code": "S1"},
        {**rows[9], **campus, "parent_school_code": "S9"},
    ]


BROKEN_BATCHES = [
    (
        "finance",
        _second_item(item_code="public_funds", scope_code="public_funds", amount=21956),
        "public_funds_within_education",
        "工作表“表1”第 12 行",
        "row 12",
    ),
    (
        "finance",
        lambda rows: [
            *_second_item(basis="total", stage="all_stages", amount=3_000)(rows),
            *_second_item(
                basis="total", stage="all_stages", amount=2_999, item_code="general_budget_expenditure"
            )(rows)[-1:],
        ],
        "education_within_general_budget",
        "工作表“表1”第 12 行",
        "row 12",
    ),
    ("finance", _stages, "stages_within_all", "各学段金额之和", "stages together"),
    ("school", _campus_of_a_campus, "parent_is_no_campus", "第 11 行", "row 11"),
]
