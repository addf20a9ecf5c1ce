"""Good rows of the records that a district writes down itself, and what breaks them one by one."""

from __future__ import annotations

from typing import Any

DISTRICT = "990101"
SCHOOL_YEAR = {"region_code": "CN", "district_code": DISTRICT, "school_year": 2022}
YEAR = {"region_code": "CN", "district_code": DISTRICT, "year": 2022}
RESPONDENTS = ("parent", "student", "teacher", "deputy", "public")


def school_cluster(number: int, **other: Any) -> dict[str, Any]:
    """A member of a school district."""
    row = {
        "school_code": f"S{number}",
        "cluster_kind": "school_district",
        "cluster_code": "XQ01",
        "cluster_name": "第一学区",
        "joined_on": "2019-09-01",
        "left_on": None,
    }
    return {**SCHOOL_YEAR, **row, **other}


def recognition(number: int, **other: Any) -> dict[str, Any]:
    """A recognised school."""
    row = {"school_code": f"S{number}", "recognised_on": "2019-06-30", "expires_on": "2024-06-30"}
    return {**SCHOOL_YEAR, **row, **other}


def pairing(number: int, **other: Any) -> dict[str, Any]:
    """A school paired with one in town."""
    row = {
        "school_code": f"S{number}",
        "pairing_kind": "pairing",
        "partner_school_code": "T1",
        "started_on": "2019-09-01",
        "ended_on": None,
    }
    return {**SCHOOL_YEAR, **row, **other}


def migrant_children(number: int, **other: Any) -> dict[str, Any]:
    """Migrant children of one stage: two stages of five years, the first stage of every year first."""
    row = {
        "school_year": 2018 + number % 5,
        "stage": "primary" if number <= 5 else "junior_secondary",
        "eligible_children": 100,
        "in_public_schools": 80,
        "in_bought_private_seats": 10,
        "bought_seats": 12,
    }
    return {**SCHOOL_YEAR, **row, **other}


def declaration(number: int, **other: Any) -> dict[str, Any]:
    """A school that has a charter."""
    row = {
        "item_code": "charter",
        "subject_code": f"S{number}",
        "answer": True,
        "declared_value": None,
        "document": "章程核准书",
        "document_date": "2020-03-01",
    }
    return {**YEAR, **row, **other}


def satisfaction(number: int, **other: Any) -> dict[str, Any]:
    """Answers of one sort of respondent: five sorts in two years."""
    row = {
        "year": 2021 + number % 2,
        "respondent_type": RESPONDENTS[(number - 1) // 2],
        "issued": 100,
        "valid": 90,
        "satisfied": 80,
        "interviewed": 20,
        "interview_satisfied": 19,
    }
    return {**YEAR, **row, **other}


def room(number: int, **other: Any) -> dict[str, Any]:
    """A music room."""
    row = {"school_code": f"S{number}", "room_kind": "music", "room_number": "101", "area_m2": 96}
    return {**SCHOOL_YEAR, **row, **other}


MAKERS = {
    "declaration": declaration,
    "migrant_children": migrant_children,
    "pairing": pairing,
    "recognition": recognition,
    "room": room,
    "satisfaction": satisfaction,
    "school_cluster": school_cluster,
}

# record, what is changed in the third row, the one check that fails, words of its messages
BROKEN_ROWS = [
    ("school_cluster", {"left_on": "2019-09-01"}, "left_on_after_joined_on", "退出日期", "is later than"),
    ("school_cluster", {"cluster_kind": "club"}, "cluster_kind.codes", "代码表 cluster_kind", "code of the"),
    ("recognition", {"expires_on": "2019-06-29"}, "expires_on_after_recognised_on", "有效期至", "is later"),
    ("pairing", {"ended_on": "2019-08-31"}, "ended_on_after_started_on", "结束日期", "is later than"),
    ("pairing", {"partner_school_code": "S3"}, "partner_is_another_school", "不是本校", "another school"),
    ("migrant_children", {"in_public_schools": 91}, "placed_within_eligible", "之和", "together do not"),
    (
        "migrant_children",
        {"in_bought_private_seats": 13},
        "in_bought_private_seats_within_bought_seats",
        "购买学位",
        "does not exceed",
    ),
    ("migrant_children", {"stage": "all_stages"}, "stage_is_compulsory", "小学或初中", "primary or junior"),
    ("declaration", {"subject_code": DISTRICT}, "item_is_of_its_subject", "学校标识码", "names a school"),
    ("declaration", {"item_code": "layout"}, "item_is_of_its_subject", "填区县代码", "names the district"),
    ("declaration", {"declared_value": 1}, "answer_fits_the_item", "只填结论", "an answer only"),
    (
        "declaration",
        {"item_code": "verified_violations", "subject_code": DISTRICT},
        "answer_fits_the_item",
        "只填数值",
        "a figure only",
    ),
    ("satisfaction", {"valid": 101}, "valid_within_issued", "有效问卷数", "does not exceed"),
    ("satisfaction", {"satisfied": 91}, "satisfied_within_valid", "满意问卷数", "does not exceed"),
    (
        "satisfaction",
        {"interview_satisfied": 21},
        "interview_satisfied_within_interviewed",
        "访谈满意人数",
        "does not exceed",
    ),
    ("room", {"area_m2": -1}, "area_m2.range", "不小于 0", "at least 0"),
]


def _survey_above_its_total(rows: Any) -> Any:
    """One year with a total that is less than its parts."""
    return [*rows, {**rows[0], "respondent_type": "all", "satisfied": 79}]


def _without(name: str, count: int) -> Any:
    return lambda rows: [{**row, name: None} if i < count else row for i, row in enumerate(rows)]


BROKEN_BATCHES = [
    ("satisfaction", _survey_above_its_total, "parts_within_total", "2 个区县年度中有 1 个", "1 of 2"),
    ("room", _without("area_m2", 3), "measure_is_present", "10 行中有 3 行", "3 of 10 rows"),
    ("declaration", _without("answer", 3), "answer_or_value_is_present", "10 行中有 3 行", "3 of 10 rows"),
]
