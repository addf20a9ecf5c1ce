"""The engine of clauses: what is counted over what becomes a status, for plans that stand in CSV only."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from ingest import warehouse
from ingest.contract import contracts
from ingest.settings import DBT_DIR

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


# An indicator, a standard and a district's plan that nobody knows: lines of seeds and nothing else.
INVENTED = {
    "indicator": "invented_teachers,虚构,Invented,full_time_teachers,students,100,2,人,teachers,test",
    "standard": "invented_standard,虚构标准,Invented standard,CN,2018,,3,0.005,3,1,0,true,true,无,test",
    "standard_threshold": "invented_standard,invented_teachers,primary,X1,at_least,5,0.85,0.5,1,无,test",
    "plan": "invented_plan,虚构方案,Invented plan,plan,2020,,test",
    "plan_district": "invented_plan,CN,111111",
    "plan_section": "invented_plan,1,虚构,Invented,",
    "plan_clause": (
        "invented_plan,X1,1,1,虚构条款,Invented clause,,,false,measured\n"
        "invented_plan,X2,1,2,以国家评估为准,As the nation judges,,,false,measured"
    ),
    "clause_component": (
        "invented_plan,X1,1,达标学校,Schools that meet it,schools_meeting/invented_teachers,"
        "schools_compared/invented_teachers,,invented_standard,primary,100,1,%,%,at_least,50,true,,,,\n"
        "invented_plan,X2,1,国家评估,National assessment,,,national_2017,none,compulsory,1,0,项,items,"
        "follows_plan,,true,,,,"
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A copy of the dbt project with invented lines in its seeds; no model differs."""
    copy = tmp_path_factory.mktemp("project") / "dbt_project"
    shutil.copytree(DBT_DIR, copy, ignore=shutil.ignore_patterns("target", "logs"))
    for seed, lines in INVENTED.items():
        with (copy / "seeds" / f"{seed}.csv").open("a", encoding="utf-8") as stream:
            stream.write(f"{lines}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse, "DBT_DIR", copy)
        yield


@pytest.fixture(scope="module")
def boards(
    module_warehouse: str, project: None, accepted_rows: Callable[..., Any], build: Callable[..., Any]
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
    _hand_in_schools(accepted_rows)
    _declare(accepted_rows)
    build(BOARDS, are_seeds_changed=True)
    return batches


def _declare(accepted_rows: Callable[..., Any]) -> None:
    """In 2021 a plan is proven by a document; of the special school two of six items are."""
    place = {
        "region_code": "CN",
        "district_code": "990101",
        "subject_code": "990101",
        "year": 2021,
        "answer": True,
    }
    items = ("special_education_plan", "special_school_site", "special_school_staff")
    accepted_rows(
        "declaration",
        [
            {
                **place,
                "district_code": "111111",
                "subject_code": "111111",
                "item_code": "layout",
                "answer": False,
            }
        ],
    )
    accepted_rows(
        "declaration",
        [
            {
                **place,
                "item_code": item,
                "document": f"甲文〔2021〕{number}号",
                "document_date": f"2021-0{number}-01",
            }
            for number, item in enumerate(items, start=1)
        ],
    )


def _hand_in_schools(accepted_rows: Callable[..., Any]) -> None:
    """In 2021 a district has three schools with 6, 5 and 4 teachers to 100 pupils."""
    keys = [
        {"region_code": "CN", "district_code": "111111", "school_year": 2021, "school_code": f"x{number}"}
        for number in (6, 5, 4)
    ]
    kind = {"school_type_code": "211", "operator_code": "831", "urban_rural_code": "111"}
    accepted_rows(
        "school",
        [{**key, **kind, "school_name": key["school_code"], "counts_as_school": True} for key in keys],
    )
    count = {"stage": "primary", "grade": "all", "students": 100}
    accepted_rows("enrolment", [{**key, **count} for key in keys])
    accepted_rows(
        "staffing",
        [{**key, "stage": "primary", "full_time_teachers": int(str(key["school_code"])[1])} for key in keys],
    )


def test_every_clause_stands_for_every_year_of_the_plan(
    boards: dict[str, str], query: Callable[..., Any]
) -> None:
    rows = query(
        "select district_code, year, count(*) from marts_build.mart_policy__clause_scoreboard "
        "where plan_code = 'gaoming_2019' group by district_code, year order by 1, 2"
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
    (declared,) = query(
        "select breaks_zh, breaks_en, government_verdict from marts_build.mart_assessment__district_verdict "
        "where district_code = '111111' and year = 2021"
    )
    assert declared == {
        "breaks_zh": "G1 学校规划布局合理：规划布局合理（申报为否）",
        "breaks_en": "G1 Sites of schools are planned well: Planned well (declared as no)",
        "government_verdict": "not_met",
    }


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


def test_what_is_declared_stands_with_its_documents(
    boards: dict[str, str], query: Callable[..., Any]
) -> None:
    rows = query(
        "select clause_code, component_number, status, is_declared, documents, document_date::text "
        "from marts_build.mart_policy__clause_components "
        "where clause_code in ('C20', 'C24') and district_code = '990101' and year = 2021 order by 1, 2"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("C20", 1, "met", True, "甲文〔2021〕1号", "2021-01-01"),
        ("C20", 2, "not_met", False, None, None),
        ("C24", 1, "no_data", True, "甲文〔2021〕2号；甲文〔2021〕3号", "2021-03-01"),
    ]


def test_an_invented_indicator_and_plan_need_lines_of_csv_only(
    boards: dict[str, str], query: Callable[..., Any]
) -> None:
    rows = query(
        "select clause_code, year, status, numerator, denominator, value_rounded, reason_code "
        "from marts_build.mart_policy__clause_scoreboard where plan_code = 'invented_plan' order by 1, 2"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("X1", 2020, "no_data", None, None, None, "record_missing"),
        ("X1", 2021, "met", 2, 3, Decimal("66.7"), None),
        ("X2", 2020, "no_data", 0, 33, 0, "items_missing"),
        # The sizes of its schools (G4) are met, what it declares (G1) is not; no other item can be judged.
        ("X2", 2021, "not_met", 1, 33, 1, None),
    ]
