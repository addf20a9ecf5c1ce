"""Good rows of classes, seats, population, projects and land, and what breaks them one by one."""

from __future__ import annotations

from typing import Any

DISTRICT = {"region_code": "CN", "district_code": "990101"}


def class_roster(number: int, **other: Any) -> dict[str, Any]:
    """A class that is not large."""
    row = {
        "school_year": 2022,
        "school_code": f"S{number}",
        "stage": "primary",
        "grade": "1",
        "class_number": "1",
        "students": 45,
        "boarding_students": 45,
        "ledger_method": None,
    }
    return {**DISTRICT, **row, **other}


def class_size_band(number: int, **other: Any) -> dict[str, Any]:
    """Four classes of a school's primary stage, one of them large."""
    names = ("up_to_25", *(f"{low}_{low + 4}" for low in range(26, 66, 5)), "66_and_over")
    row = {
        "school_year": 2022,
        "school_code": f"S{number}",
        "stage": "primary",
        "grade": "all",
        "all_classes": 4,
        **{f"classes_{name}": {"41_45": 3, "46_50": 1}.get(name, 0) for name in names},
    }
    return {**DISTRICT, **row, **other}


def admission(number: int, **other: Any) -> dict[str, Any]:
    """A school's primary stage: everyone admitted lives in the zone."""
    row = {
        "school_year": 2022,
        "school_code": f"S{number}",
        "stage": "primary",
        "seats": 270,
        "admitted": 45,
        "admitted_in_zone": 45,
        "is_boarding": False,
    }
    return {**DISTRICT, **row, **other}


def population(number: int, **other: Any) -> dict[str, Any]:
    """A town's residents and births."""
    row = {"year": 2022, "town_code": f"99010100{number}", "residents": 30000, "births": 300}
    return {**DISTRICT, **row, **other}


def project(number: int, **other: Any) -> dict[str, Any]:
    """An extension, finished on the day of the report."""
    row = {
        "project_code": f"P{number}",
        "plan_code": "gaoming_2019",
        "project_name": f"第{number}小学扩建",
        "kind": "extend",
        "as_of_on": "2022-12-31",
        "completed_on": "2022-12-31",
        "seats_before": 900,
        "seats_after": 1200,
        "primary_seats_before": 900,
        "primary_seats_after": 1200,
        "design_students": 1200,
        "design_primary_students": 1200,
    }
    return {**DISTRICT, **row, **other}


def land_case(number: int, **other: Any) -> dict[str, Any]:
    """A residential project with the education bureau's consent."""
    row = {
        "year": 2022,
        "kind": "residential_project",
        "case_code": f"L{number}",
        "has_own_school": True,
        "has_education_consent": True,
    }
    return {**DISTRICT, **row, **other}


MAKERS = {
    "admission": admission,
    "class_roster": class_roster,
    "class_size_band": class_size_band,
    "land_case": land_case,
    "population": population,
    "project": project,
}

# record, what is changed in the third row, the one check that fails, words of its messages
BROKEN_ROWS = [
    ("class_roster", {"boarding_students": 46}, "boarding_students_within_students", "寄宿生数", "Boarding"),
    ("class_roster", {"ledger_document": "台账1"}, "ledger_names_its_method", "写明化解方式", "has a method"),
    ("class_roster", {"students": None}, "students.required", "班级学生数", "Students in the class"),
    ("class_size_band", {"classes_41_45": 2}, "bands_make_the_classes", "各班额段", "bands of class sizes"),
    (
        "class_size_band",
        {"classes_41_45": 5, "classes_26_30": None},
        "bands_make_the_classes",
        "各班额段",
        "bands",
    ),
    ("class_size_band", {"grade": "1"}, "stage_is_told_as_a_whole", "“全部”一行", "row for all grades"),
    (
        "class_size_band",
        {"school_code": "S1", "grade": "1", "all_classes": 5, "classes_41_45": 4},
        "grades_lie_within_the_stage",
        "不超过全学段",
        "do not exceed the stage",
    ),
    ("admission", {"admitted_in_zone": 46}, "admitted_in_zone_within_admitted", "片内招生数", "in zone"),
    ("population", {"births": 30001}, "births_within_residents", "出生人口数", "Births"),
    ("project", {"completed_on": "2023-01-01"}, "completion_is_past", "统计截止日期", "day of the report"),
    ("project", {"kind": "new"}, "new_school_has_no_seats_before", "建设前学位数为 0", "no seats before"),
    ("project", {"primary_seats_after": 1201}, "primary_seats_after_within_seats_after", "小学", "Primary"),
    (
        "project",
        {"seats_after": -1, "primary_seats_after": None},
        "seats_after.range",
        "不小于 0",
        "at least 0",
    ),
    (
        "project",
        {"primary_seats_before": 901},
        "primary_seats_before_within_seats_before",
        "建设前小学学位数",
        "Primary seats before",
    ),
    (
        "project",
        {"design_primary_students": 1201},
        "design_primary_students_within_design_students",
        "设计规模",
        "Design primary",
    ),
    ("land_case", {"kind": "parcel"}, "consent_is_of_a_residential_project", "住宅项目", "residential"),
    ("land_case", {"granted_on": "2022-05-01"}, "grant_is_of_a_parcel", "地块", "parcels"),
]


def _without(first: str, second: str) -> Any:
    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        empty = [{**row, first: None, second: None} for row in rows[:3]]
        return [*empty, *rows[3:]]

    return change


def _admissions_without(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "admitted_in_zone": None} for row in _without("seats", "admitted")(rows)]


BROKEN_BATCHES = [
    ("population", _without("residents", "births"), "measure_is_present", "不超过 20%", "at most 20%"),
    ("admission", _admissions_without, "measure_is_present", "不超过 20%", "at most 20%"),
]
