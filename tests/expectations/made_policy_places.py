"""Good rows of the marts of classes, seats, projects and land, and what breaks them one by one."""

from __future__ import annotations

from typing import Any

DISTRICT_YEAR = {"district_code": "990101", "school_year": 2022}


def _large_classes() -> list[dict[str, Any]]:
    row = {
        **DISTRICT_YEAR,
        "school_code": "S1",
        "stage": "primary",
        "grade": "1",
        "class_number": "1",
        "students": 57,
        "standard_students": 45,
        "students_above_standard": 12,
        "is_56_and_over": True,
        "is_66_and_over": False,
        "is_in_ledger": False,
        "ledger_method": None,
        "ledger_planned_end_on": None,
        "grade_students": 91,
        "grade_classes": 2,
        "grade_classes_needed": 3,
        "grade_extra_rooms_needed": 1,
    }
    ledger = {"is_in_ledger": True, "ledger_method": "split", "ledger_planned_end_on": "2020-12-31"}
    other = {"class_number": "2", "students": 46, "students_above_standard": 1, "is_56_and_over": False}
    return [row, {**row, **other, **ledger}]


def _admissions() -> list[dict[str, Any]]:
    row = {
        **DISTRICT_YEAR,
        "school_code": "S1",
        "stage": "primary",
        "is_zoned": True,
        "sector": "public",
        "area_group": "urban_area",
        "is_boarding": False,
        "admitted": 100,
        "admitted_in_zone": 97,
        "admitted_out_of_zone": 3,
        "reason_code": None,
    }
    missing = {"admitted": None, "admitted_in_zone": None, "admitted_out_of_zone": None}
    return [row, {**row, **missing, "school_code": "S2", "reason_code": "admission_row_missing"}]


def _places_by_town() -> list[dict[str, Any]]:
    row = {
        "district_code": "990101",
        "year": 2022,
        "town_code": "990101001",
        "stage": "primary",
        "seats": 1000,
        "seats_reason_code": None,
        "seats_per_1000_residents": 80,
        "least_seats_per_1000_residents": 80,
        "is_below_seats": False,
        "base_students": 900,
        "base_births": 950,
        "cohort_births": 1000,
        "demand_students": 948,
        "demand_reason_code": None,
        "gap_seats": -52,
        "gap_reason_code": None,
        "is_short_of_seats": False,
    }
    unknown = {
        **dict.fromkeys(["seats", "demand_students", "gap_seats", "cohort_births", "is_below_seats"]),
        "seats_per_1000_residents": None,
        "seats_reason_code": "admission_row_missing",
        "demand_reason_code": "births_missing",
        "gap_reason_code": "births_missing",
    }
    return [row, {**row, **unknown, "year": 2023}]


def _school_size() -> list[dict[str, Any]]:
    row = {
        **DISTRICT_YEAR,
        "unit_code": "S1",
        "limit_code": "national",
        "limit_students": 2000,
        "allowed_students": 2400,
        "concession_code": "g4_one_stage_built_2010",
        "students_over": 0,
        "is_over": False,
        "reason_code": None,
    }
    new = {"limit_code": "plan", "limit_students": 1500, "allowed_students": 1500, "concession_code": None}
    over = {**new, "students_over": 1, "is_over": True}
    unknown = {**new, "unit_code": "S2", "is_over": None, "reason_code": "enrolment_row_missing"}
    return [row, {**row, **over}, {**row, **unknown}]


def _projects() -> list[dict[str, Any]]:
    row = {
        "district_code": "990101",
        "project_code": "P1",
        "plans": 2,
        "is_due": True,
        "is_late": True,
        "days_late": 1,
        "seats_before": 900,
        "seats_after": 1200,
        "seats_added": 300,
    }
    to_come = {"project_code": "P2", "plans": 1, "is_due": False, "is_late": False, "days_late": None}
    return [row, {**row, **to_come}]


def _project_plans() -> list[dict[str, Any]]:
    keys = [("gaoming_2019", "P1"), ("other", "P1"), ("gaoming_2019", "P2")]
    return [{"district_code": "990101", "plan_code": plan, "project_code": project} for plan, project in keys]


def _project_areas() -> list[dict[str, Any]]:
    row = {
        **DISTRICT_YEAR,
        "project_code": "P1",
        "stage": "primary",
        "basis": "design",
        "item_code": "sports_m2_per_student",
        "value": 7.5,
        "threshold": 7.5,
        "verdict": "met",
        "reason_code": None,
    }
    unjudged = {"item_code": "land_m2_per_student", "threshold": None, "verdict": "not_applicable"}
    unknown = {"basis": "enrolment", "value": None, "verdict": "no_data", "reason_code": "value_missing"}
    return [row, {**row, **unjudged}, {**row, **unknown}]


def _land_cases() -> list[dict[str, Any]]:
    nothing = dict.fromkeys(["location", "land_area_m2", "planned_students", "standard_document"])
    unasked = dict.fromkeys(
        ["is_site_complete", "is_without_seats", "is_granted", "is_granted_without_seats"]
    )
    row = {"district_code": "990101", "year": 2022, "kind": "planned_site", "case_code": "L1", **unasked}
    site = {"location": "东", "land_area_m2": 20000, "planned_students": 900, "standard_document": "标准"}
    parcel = {"is_without_seats": True, "is_granted": True, "is_granted_without_seats": True}
    held_back = {"is_without_seats": True, "is_granted": False, "is_granted_without_seats": False}
    return [
        {**row, **site, "is_site_complete": True},
        {**row, **nothing, "kind": "parcel", "case_code": "L2", **parcel},
        {**row, **nothing, "kind": "parcel", "case_code": "L3", **held_back},
    ]


GOOD = {
    "mart_policy__admissions": _admissions,
    "mart_policy__land_cases": _land_cases,
    "mart_policy__large_classes": _large_classes,
    "mart_policy__places_by_town": _places_by_town,
    "mart_policy__project_areas": _project_areas,
    "mart_policy__project_plans": _project_plans,
    "mart_policy__projects": _projects,
    "mart_policy__school_size": _school_size,
}

_SCHOOL = {**DISTRICT_YEAR, "region_code": "CN", "school_code": "S1", "stage": "primary"}
_PLACE = {"region_code": "CN", "district_code": "990101"}
# One row of each record, of which the marts above are made.
RECORDS = {
    "admission": {**_SCHOOL, "seats": 600, "admitted": 100, "admitted_in_zone": 97},
    "class_roster": {**_SCHOOL, "grade": "1", "class_number": "1", "students": 57},
    "land_case": {**_PLACE, "year": 2022, "kind": "planned_site", "case_code": "L1"},
    "population": {**_PLACE, "year": 2022, "town_code": "990101001", "births": 300},
    "project": {
        **_PLACE,
        "project_code": "P1",
        "plan_code": "gaoming_2019",
        "project_name": "第一小学扩建",
        "kind": "extend",
        "as_of_on": "2022-12-31",
    },
}
# What the promises read of the warehouse: (table, columns and kinds, rows).
SEEDS: list[tuple[str, str, list[tuple[Any, ...]]]] = [
    (
        "class_size_limit",
        "region_code text, stage text, max_students integer, is_assessed boolean",
        [("CN", "primary", 45, True), ("CN", "primary", 55, False)],
    ),
    ("stage_grade", "stage text", [("primary",)]),
]

CLASSES, ADMISSIONS = "mart_policy__large_classes", "mart_policy__admissions"
TOWNS, SIZES = "mart_policy__places_by_town", "mart_policy__school_size"
PROJECTS, PLANS = "mart_policy__projects", "mart_policy__project_plans"
AREAS, LAND = "mart_policy__project_areas", "mart_policy__land_cases"
_AGAIN = "insert into mart select * from mart limit 1"

# mart, what is broken, the one check that fails, words of its messages
BROKEN = [
    (CLASSES, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 2 keys do not"),
    (CLASSES, "delete from mart where students = 57", "every_large_class", "每个超过标准", "every class"),
    (
        CLASSES,
        "update mart set students_above_standard = students_above_standard + 1",
        "excess_is_recomputed",
        "超额数",
        "the excess",
    ),
    (CLASSES, "update mart set is_56_and_over = false", "bands_lie_within", "56、66", "from 56"),
    (
        CLASSES,
        "update mart set grade_classes_needed = 2, grade_extra_rooms_needed = 0",
        "rooms_seat_the_grade",
        "容纳全年级",
        "seat the grade",
    ),
    (CLASSES, "update mart set is_in_ledger = true", "ledger_entry_is_whole", "台账", "in the ledger"),
    (ADMISSIONS, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 2 keys do not"),
    (
        ADMISSIONS,
        "delete from mart where school_code = 'S1'",
        "expected_rows",
        "每个已接收",
        "every school's",
    ),
    (
        ADMISSIONS,
        "update mart set reason_code = null",
        "admitted_in_zone_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (
        ADMISSIONS,
        "update mart set sector = 'private' where school_code = 'S1'",
        "zones_are_of_public_schools_in_town",
        "公办学校",
        "public day schools",
    ),
    (
        ADMISSIONS,
        "update mart set admitted_out_of_zone = 4 where school_code = 'S1'",
        "out_of_zone_is_recomputed",
        "片外招生数",
        "out of zone",
    ),
    (TOWNS, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 2 keys do not"),
    (TOWNS, "update mart set town_code = '990101100'", "expected_towns", "每个已接收人口", "every town"),
    (TOWNS, "update mart set seats_reason_code = null", "seats_or_reason", "写明原因", "a reason"),
    (TOWNS, "update mart set demand_reason_code = null", "demand_students_or_reason", "写明原因", "a reason"),
    (TOWNS, "update mart set gap_reason_code = null", "gap_seats_or_reason", "写明原因", "a reason"),
    (
        TOWNS,
        "update mart set demand_students = 947, gap_seats = -53 where year = 2022",
        "demand_needs_births",
        "不舍去尾数",
        "never rounded down",
    ),
    (
        TOWNS,
        "update mart set gap_seats = 52, is_short_of_seats = true where year = 2022",
        "gap_is_recomputed",
        "缺口等于",
        "the gap is",
    ),
    (
        TOWNS,
        "update mart set is_below_seats = true where year = 2022",
        "below_the_least_is_recomputed",
        "低于下限",
        "per 1000 residents",
    ),
    (SIZES, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 3 keys do not"),
    (SIZES, "update mart set reason_code = null", "is_over_or_reason", "写明原因", "a reason is given"),
    (
        SIZES,
        "update mart set is_over = true where limit_code = 'national'",
        "over_agrees_with_the_excess",
        "超出人数",
        "above the limit",
    ),
    (
        SIZES,
        "update mart set concession_code = null",
        "plan_limits_have_no_concession",
        "放宽只用于",
        "national limit alone",
    ),
    (PROJECTS, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 2 keys do not"),
    (
        PROJECTS,
        "delete from mart where project_code = 'P1'",
        "expected_projects",
        "每个已接收",
        "every accepted",
    ),
    (
        PLANS,
        "update mart set plan_code = 'gaoming_2019' where plan_code = 'other'",
        "key_is_unique",
        "每个键只出现一行",
        "1 of 2 keys do not",
    ),
    (PROJECTS, "update mart set is_late = false", "late_has_days", "逾期天数", "days after the plan"),
    (PROJECTS, "update mart set seats_added = 1200", "seats_are_recomputed", "新增学位等于", "seats added"),
    (
        PLANS,
        "update mart set plan_code = 'new' where project_code = 'P1' and plan_code = 'gaoming_2019'",
        "expected_memberships",
        "每个规划",
        "each of its plans",
    ),
    (PLANS, "delete from mart where plan_code = 'other'", "plans_are_counted", "规划数", "number of plans"),
    (AREAS, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 3 keys do not"),
    (AREAS, "update mart set reason_code = null", "value_or_reason", "写明原因", "a reason is given"),
    (
        AREAS,
        "update mart set verdict = 'not_met' where verdict = 'met'",
        "verdict_follows_threshold",
        "判定与限值",
        "follows the threshold",
    ),
    (LAND, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 3 keys do not"),
    (LAND, "delete from mart where case_code = 'L1'", "expected_cases", "用地事项", "every accepted land"),
    (
        LAND,
        "update mart set location = null",
        "site_is_complete_with_four",
        "四项齐全",
        "all four attributes",
    ),
    (
        LAND,
        "update mart set is_granted_without_seats = true where case_code = 'L3'",
        "grant_without_seats_is_a_grant",
        "无学位仍出让",
        "granted without seats",
    ),
]
