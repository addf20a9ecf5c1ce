"""Seats, demand, school size, projects and land, from raw rows to measures; wrong variants by name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

CN = {"region_code": "CN", "district_code": "D"}
YEARS = (2019, 2020)


def _school(year: int, code: str, **other: Any) -> dict[str, Any]:
    row = {
        "district_name": "D",
        "school_year": year,
        "school_code": code,
        "school_name": f"{code}小学",
        "school_type_code": "211",
        "operator_code": "831",
        "urban_rural_code": "111",
        "town_code": "T1",
    }
    return {**CN, **row, **other}


def _pupils(year: int, code: str, students: int, stage: str = "primary", **other: Any) -> dict[str, Any]:
    row = {"school_year": year, "school_code": code, "stage": stage, "grade": "all", "students": students}
    return {**CN, **row, **other}


def _seats(year: int, code: str, seats: int | None, **other: Any) -> dict[str, Any]:
    row = {"school_year": year, "school_code": code, "stage": "primary", "seats": seats}
    return {**CN, "admitted": 100, "admitted_in_zone": 97, **row, **other}


def _project(code: str, plan: str = "gaoming_2019", **other: Any) -> dict[str, Any]:
    row = {
        "project_code": code,
        "plan_code": plan,
        "project_name": code,
        "kind": "extend",
        "as_of_on": date(2020, 12, 31),
        "school_type_code": "211",
        "town_code": "T1",
        "school_code": "A",
        "planned_completion_on": date(2020, 8, 31),
        "completed_on": date(2020, 8, 31),
        "seats_before": 0,
        "seats_after": 100,
        "design_students": 1000,
        "land_area_m2": 20000,
        "building_area_m2": 9000,
        "teaching_rooms_area_m2": 4500,
        "sports_area_m2": 7500,
    }
    return {**CN, **row, **other}


def _case(kind: str, code: str, **other: Any) -> dict[str, Any]:
    return {**CN, "year": 2020, "kind": kind, "case_code": code, **other}


# Town T1: 600 births a year, 570 pupils of the six years' cohorts. T2: births of 2011 are missing.
BIRTHS = {
    "T1": {year: 120 if year == 2014 else 100 for year in range(2004, 2026)},
    "T2": {year: 100 for year in range(2004, 2026) if year != 2011},
}
POPULATION = [
    {**CN, "year": year, "town_code": town, "births": births, "residents": 10000 if year >= 2019 else None}
    for town, by_year in BIRTHS.items()
    for year, births in by_year.items()
]
SCHOOLS = [
    *(_school(year, code) for year in YEARS for code in ("A", "B")),
    *(_school(year, "P", operator_code="999") for year in YEARS),
    *(_school(year, "R", urban_rural_code="220", town_code="T2") for year in YEARS),
    *(_school(year, "N", school_type_code="312", town_code="T2", built_year=2009) for year in YEARS),
    _school(2020, "L"),
    _school(2020, "O", built_year=2010),
]
PUPILS = [
    *(_pupils(year, code, students) for year in YEARS for code, students in (("A", 1000), ("B", 140))),
    *(_pupils(year, "P", 0) for year in YEARS),
    *(_pupils(year, "R", 60) for year in YEARS),
    *(_pupils(year, "N", 1500) for year in YEARS),
    *(_pupils(year, "N", 1100, "junior_secondary") for year in YEARS),
    _pupils(2020, "L", 2001),
    _pupils(2020, "O", 2400),
]
ADMISSIONS = [
    _seats(2019, "A", 1000),
    _seats(2019, "B", 145, admitted_in_zone=100),
    _seats(2019, "R", 800, admitted_in_zone=10),
    _seats(2019, "N", 1600),
    _seats(2020, "A", 1000),
    # B tells no seats; P is private, R in the country, O boards: only A, B and L are asked.
    _seats(2020, "B", None),
    _seats(2020, "P", 10, admitted_in_zone=0),
    _seats(2020, "O", 100, admitted_in_zone=0, is_boarding=True),
]
PROJECTS = [
    _project("both"),
    _project("both", "other", planned_completion_on=date(2020, 7, 1)),
    _project("other_only", "other", school_code=None),
    _project("late", completed_on=date(2020, 9, 1), teaching_rooms_area_m2=Decimal("4499.99")),
    _project("not_finished", completed_on=None, school_code=None),
    _project("to_come", planned_completion_on=date(2021, 6, 1), completed_on=None, school_code=None),
    _project("new_large", kind="new", school_code=None, design_students=1501),
    _project("new_right", kind="new", school_code=None, design_students=1500),
]
LAND = [
    _case("planned_site", "S1", location="东", land_area_m2=1, planned_students=1, standard_document="标准"),
    _case("planned_site", "S2", location="西", land_area_m2=1, planned_students=1),
    _case("residential_project", "H1", has_own_school=True, has_education_consent=True),
    _case("residential_project", "H2", has_own_school=True),
    _case("residential_project", "H3", has_own_school=False),
    _case("parcel", "L1", is_without_seats=True, granted_on=date(2020, 5, 1)),
    _case("parcel", "L2", is_without_seats=True),
    _case("parcel", "L3", is_without_seats=False, granted_on=date(2020, 5, 1)),
]
SELECTED = [
    *("+mart_policy__admissions", "+mart_policy__project_plans"),
    *("+int_policy_measures_places", "+int_policy_measures_projects"),
]


@pytest.fixture(scope="module")
def built(module_warehouse: str, accepted_rows: Any, build: Any) -> None:
    rows = {
        "school": SCHOOLS,
        "enrolment": PUPILS,
        "population": POPULATION,
        "admission": ADMISSIONS,
        "project": PROJECTS,
        "land_case": LAND,
    }
    for record, made in rows.items():
        accepted_rows(record, made)
    build(SELECTED)


@pytest.fixture(scope="module")
def measures(built: None, query: Any) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows = query(
        "select * from intermediate.int_policy_measures_places "
        "union all select * from intermediate.int_policy_measures_projects"
    )
    return {(r["measure_code"], r["year"], r["stage"], r["standard_code"]): r for r in rows}


@pytest.fixture(scope="module")
def towns(built: None, query: Any) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows = query("select * from marts_build.mart_policy__places_by_town")
    return {(r["town_code"], r["year"], r["stage"]): r for r in rows}


def _of(measures: Any, code: str, year: int = 2020, stage: str = "compulsory", standard: str = "none") -> Any:
    row = measures[code, year, stage, standard]
    return row["value"], row["cases_reported"], row["cases_expected"]


def test_a_project_in_two_plans_counts_once_in_the_district_and_once_a_plan(measures: Any) -> None:
    # both, other_only, late, new_large and new_right are finished.
    assert _of(measures, "projects_completed")[0] == 5
    assert _of(measures, "projects_completed", standard="gaoming_2019")[0] == 4
    assert _of(measures, "projects_completed", standard="other")[0] == 2
    assert _of(measures, "project_schools_completed", standard="gaoming_2019")[0] == 3, (
        "school A has two of the four finished projects: counted by projects there would be four schools"
    )
    assert _of(measures, "project_schools_completed")[0] == 4
    assert _of(measures, "seats_added")[0] == 500
    finished = [row for row in PROJECTS if row["completed_on"]]
    assert sum(row["seats_after"] for row in finished) == 600, "a sum over the rows counts it twice"


def test_late_is_told_against_the_day_of_the_plan_and_of_the_report(measures: Any, query: Any) -> None:
    assert _of(measures, "projects_late", standard="gaoming_2019") == (2, 6, 6)
    assert _of(measures, "projects_late", standard="other") == (1, 2, 2), "a month after the other plan's day"
    assert _of(measures, "projects_due", standard="gaoming_2019")[0] == 5, "what is to come is not due"
    assert _of(measures, "projects_late", 2019)[0] == 0
    rows = query("select project_code, is_late, days_late from marts_build.mart_policy__projects")
    days = {row["project_code"]: (row["is_late"], row["days_late"]) for row in rows}
    assert days["late"] == (True, 1)
    assert days["other_only"] == (False, 0), "the day itself is in time"
    assert days["not_finished"] == (True, (date(2020, 12, 31) - date(2020, 8, 31)).days + 1)
    assert days["to_come"] == (False, None)


def test_areas_are_held_at_design_and_at_enrolment(measures: Any, query: Any) -> None:
    rows = query("select * from marts_build.mart_policy__project_areas where school_year = 2020")
    found = {(r["project_code"], r["basis"], r["item_code"]): r for r in rows}
    exact = found["both", "design", "teaching_rooms_m2_per_student"]
    assert (exact["value"], exact["threshold"], exact["verdict"]) == (Decimal("4.5"), Decimal("4.5"), "met")
    assert found["both", "design", "land_m2_per_student"]["verdict"] == "not_applicable"
    assert found["both", "enrolment", "land_m2_per_student"]["value"] == 20
    rooms = found["both", "enrolment", "teaching_rooms_m2_per_student"]
    assert (rooms["verdict"], rooms["reason_code"]) == ("no_data", "facilities_row_missing")
    assert found["late", "design", "teaching_rooms_m2_per_student"]["verdict"] == "not_met", "4.49999"
    value, reported, expected = _of(measures, "rebuilt_schools_meeting_areas")
    assert (value, reported, expected) == (0, 0, 4), "unknown areas are not met"


def test_missing_births_are_not_zero_demand(towns: Any) -> None:
    row = towns["T2", 2020, "primary"]
    assert (row["demand_students"], row["demand_reason_code"]) == (None, "births_missing")
    known = sum(births for year, births in BIRTHS["T2"].items() if 2009 <= year <= 2014)
    assert known == 500, "what a sum over the known births would have made the demand of"
    assert row["is_short_of_seats"] is False
    assert row["gap_seats"] is None


def test_demand_carries_births_forward_by_the_share_in_school(towns: Any) -> None:
    # 1140 pupils of 600 births in 2019; the cohort of 2014 enters in 2020: 620 births.
    first = towns["T1", 2019, "primary"]
    assert (first["base_year"], first["demand_students"]) == (2019, 1140)
    row = towns["T1", 2020, "primary"]
    assert (row["base_year"], row["cohort_births"], row["demand_students"]) == (2019, 620, 1178)
    assert max(year for _, year, _ in towns) == 2026
    assert towns["T1", 2026, "primary"]["base_year"] == 2020


def test_unknown_seats_of_one_school_leave_its_town_unknown(towns: Any, measures: Any) -> None:
    row = towns["T1", 2020, "primary"]
    assert (row["seats"], row["seats_reason_code"]) == (None, "admission_row_missing")
    earlier = towns["T1", 2019, "primary"]
    assert (earlier["seats"], earlier["gap_seats"]) == (1145, -5)
    assert earlier["seats_per_1000_residents"] == Decimal("114.5")
    value, reported, expected = _of(measures, "seats", 2020, "primary")
    # A, P and O of A, B, P, O, L, N and R.
    assert (value, reported, expected) == (1110, 3, 7)


def test_towns_under_the_least_are_counted_where_they_are_known(measures: Any, towns: Any) -> None:
    assert _of(measures, "towns_below_seats", 2019, "primary") == (0, 2, 2)
    assert towns["T1", 2019, "primary"]["least_seats_per_1000_residents"] == 80
    # No junior seats were told of N; town T1 teaches no junior pupils and so has no seat.
    assert _of(measures, "towns_below_seats", 2019, "junior_secondary") == (1, 1, 2)
    assert _of(measures, "residents", 2019, "primary") == (20000, 2, 2)


def test_admission_by_zone_is_asked_of_public_schools_in_town(measures: Any) -> None:
    assert _of(measures, "admitted", 2019, "primary")[0] == 300, "A, B and N; not R in the country"
    assert _of(measures, "admitted_in_zone", 2019, "primary")[0] == 294
    assert _of(measures, "admitted_in_zone", 2020, "primary") == (194, 2, 4), "L and N told nothing"


def test_new_schools_are_held_to_the_plan_and_standing_ones_to_the_nation(measures: Any, query: Any) -> None:
    assert _of(measures, "new_schools") == (2, 2, 2)
    assert _of(measures, "new_schools_over_size")[0] == 1, "1500 is within the limit"
    assert _of(measures, "schools_over_size")[0] == 1, "L; N and O were built by 2010"
    rows = query(
        "select school_code, allowed_students, concession_code, is_over from "
        "marts_build.mart_policy__school_size where school_year = 2020 and limit_code = 'national'"
    )
    found = {row["school_code"]: row for row in rows}
    assert (found["O"]["allowed_students"], found["O"]["is_over"]) == (2400, False)
    assert (found["N"]["allowed_students"], found["N"]["concession_code"]) == (
        3000,
        "g4_several_stages_built_2010",
    )
    assert (found["L"]["allowed_students"], found["L"]["is_over"]) == (2000, True)


def test_land_cases_are_judged_by_their_kind(measures: Any) -> None:
    assert (_of(measures, "sites_planned")[0], _of(measures, "sites_complete")[0]) == (2, 1)
    assert _of(measures, "residential_projects") == (2, 2, 3)
    value, reported, expected = _of(measures, "residential_projects_with_consent")
    assert (value, reported, expected) == (1, 2, 3), "consent that is not stated is neither given nor refused"
    assert _of(measures, "parcels_granted")[0] == 2
    assert _of(measures, "parcels_granted_without_seats")[0] == 1, "a parcel held back was not granted"
    assert ("sites_planned", 2019, "compulsory", "none") not in measures
