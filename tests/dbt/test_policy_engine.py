"""The engine of clauses: what is counted over what becomes a status, for plans that stand in CSV only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingest.contract import contracts

BOARDS = [
    "+mart_policy__clause_scoreboard",
    "+mart_policy__clause_components",
    "+mart_assessment__items",
    "+mart_assessment__district_verdict",
]
YEARS = (2018, 2019, 2021)


def _children(year: int, enrolled: int) -> list[dict[str, Any]]:
    """100 children with disabilities, so many of them enrolled, all with a plan but one in ten."""
    return [
        {
            "region_code": "CN",
            "district_code": "990101",
            "school_year": year,
            "child_key": f"{year}-{number}",
            "disability_category": "hearing",
            "stage": "primary",
            "is_school_age": True,
            "placement_code": "regular_class" if number < enrolled else "not_enrolled",
            "has_plan": number >= 10,
        }
        for number in range(100)
    ]


@pytest.fixture(scope="module")
def boards(
    module_warehouse: str, accepted_rows: Callable[..., Any], build: Callable[..., Any]
) -> dict[str, str]:
    """Boards built once; ids of the accepted batches by record and year."""
    school = {"region_code": "CN", "school_code": "s", "stage": "primary", "grade": "all", "students": 100}
    batches = {}
    for district in ("990101", "111111"):
        for year in YEARS:
            row = {**school, "district_code": district, "school_year": year}
            batches[f"{district}/{year}"] = str(accepted_rows("enrolment", [row]))
    accepted_rows(
        "enrolment", [{**school, "region_code": "XX", "district_code": "abroad", "school_year": 2021}]
    )
    for year, enrolled in ((2019, 100), (2021, 80)):
        batches[f"children/{year}"] = str(accepted_rows("special_education", _children(year, enrolled)))
    build(BOARDS)
    return batches


def test_every_clause_stands_for_every_year_of_the_plan(
    boards: dict[str, str], query: Callable[..., Any]
) -> None:
    rows = query(
        "select district_code, year, count(*) from marts_build.mart_policy__clause_scoreboard "
        "group by district_code, year order by 1, 2"
    )
    # 2018 is before the plan and only compared with; in 2020 nothing came and everything is missing.
    assert [tuple(row.values()) for row in rows] == [("990101", year, 53) for year in (2019, 2020, 2021)]


def test_an_assessment_is_for_every_district_of_its_region(
    boards: dict[str, str], query: Callable[..., Any]
) -> None:
    rows = query(
        "select district_code, count(distinct clause_code), min(year), max(year) "
        "from marts_build.mart_assessment__items group by district_code order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [("111111", 33, 2018, 2021), ("990101", 33, 2018, 2021)]


def test_a_clause_shows_what_it_counted_and_of_which_batches(
    boards: dict[str, str], query: Callable[..., Any]
) -> None:
    rows = query(
        "select * from marts_build.mart_policy__clause_scoreboard where clause_code = 'C21' order by year"
    )
    figures = [(row["year"], row["value"], row["status"], row["reason_code"]) for row in rows]
    assert figures == [
        (2019, 90, "not_met", None),
        (2020, None, "no_data", "record_missing"),
        (2021, 90, "not_met", None),
    ]
    assert rows[0]["source_batches"] == boards["children/2019"]
    assert rows[1]["source_batches"] is None
    assert (rows[0]["direction"], rows[0]["target"], rows[0]["coverage_share"]) == ("at_least", 100, 1)
    assert rows[0]["drill_down"] == "mart_special_education__coverage"


def test_one_broken_item_fails_the_district_and_is_named(
    boards: dict[str, str], query: Callable[..., Any]
) -> None:
    rows = query(
        "select year, verdict, clauses_not_met, quality_verdict, breaks_zh, breaks_en "
        "from marts_build.mart_assessment__district_verdict where district_code = '990101' and year > 2018 "
        "order by year"
    )
    assert [(row["year"], row["verdict"], row["clauses_not_met"]) for row in rows] == [
        (2019, "no_data", 0),
        (2020, "no_data", 0),
        (2021, "not_met", 1),
    ]
    assert rows[0]["breaks_zh"] is None
    assert rows[2]["breaks_zh"] == "Q2 残疾儿童少年入学率：残疾儿童少年入学率 80 %（应不低于 95）"
    assert rows[2]["breaks_en"].endswith("Children with disabilities enrolled 80 % (asked: at least 95)")
    assert rows[2]["quality_verdict"] == "not_met"


def test_the_clause_that_asks_for_the_assessment_follows_it(
    boards: dict[str, str], query: Callable[..., Any]
) -> None:
    rows = query(
        "select year, status, numerator, denominator, reason_code "
        "from marts_build.mart_policy__clause_scoreboard where clause_code = 'C53' order by year"
    )
    assert [tuple(row.values()) for row in rows] == [
        (2019, "no_data", 1, 33, "items_missing"),
        (2020, "no_data", 0, 33, "items_missing"),
        (2021, "not_met", 0, 33, None),
    ]


def test_batches_of_every_record_can_be_told_by_district_and_year() -> None:
    years = {"school_year", "fiscal_year", "year"}
    for contract in contracts().values():
        first, *rest = contract.partition_by
        has_year = years & {field.name for field in contract.fields}
        assert first == "district_code", contract.record
        assert bool(has_year) == bool(rest and rest[0] in years), contract.record
