"""The demo's own input, file in, mart out: what was planted comes out, and nothing else is found."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest import database, explain_clause, night
from ingest.sample.write import write_published_finance, write_sample
from ingest.settings import PROJECT_ROOT
from tests.end_to_end.conftest import build_and_publish, load_everything, read

TRUTH_DECIMALS = Decimal("0.000001")


@pytest.fixture(scope="module")
def truths(module_warehouse: str, landing: Path) -> dict[str, Any]:
    write_sample(landing)
    write_published_finance(landing)
    assert {outcome["status"] for outcome in load_everything()} == {"loaded"}
    build_and_publish()
    manifest = json.loads((landing / "manifest.json").read_text(encoding="utf-8"))
    return dict(manifest["truths"])


def test_every_coefficient_of_the_latest_year_is_the_planted_one(truths: dict[str, Any]) -> None:
    rows = read(
        "select * from marts.mart_balance__coefficients where standard_code = 'national_2017' "
        "and district_code = '990101' and school_year = %s",
        truths["latest_school_year"],
    )
    found = {
        (row["stage"], row["indicator_code"]): (
            str(row["coefficient"].quantize(TRUTH_DECIMALS)),
            str(row["mean"].quantize(TRUTH_DECIMALS)),
            row["students"],
            row["schools_reported"],
            row["verdict"],
        )
        for row in rows
    }
    planted = {
        (truth["stage"], truth["indicator_code"]): (
            truth["coefficient"],
            truth["mean"],
            truth["students"],
            truth["schools"],
            truth["verdict"],
        )
        for truth in truths["coefficients"]
    }
    assert found == planted
    assert len(found) == 14


def test_one_indicator_is_over_its_limit_and_no_other(truths: dict[str, Any]) -> None:
    rows = read(
        "select stage, indicator_code from marts.mart_balance__coefficients "
        "where standard_code = 'national_2017' and verdict = 'not_met' and school_year = %s",
        truths["latest_school_year"],
    )
    planted = [(truth["stage"], truth["indicator_code"]) for truth in truths["over_limit"]]
    assert [(row["stage"], row["indicator_code"]) for row in rows] == planted


def test_the_verdict_lists_everything_that_breaks_it(truths: dict[str, Any]) -> None:
    place = ("national_2017", "990101", truths["latest_school_year"])
    (row,) = read(
        "select * from marts.mart_assessment__district_verdict "
        "where plan_code = %s and district_code = %s and year = %s",
        *place,
    )
    broken = read(
        "select component_zh, component_en from marts.mart_policy__clause_components "
        "where plan_code = %s and district_code = %s and year = %s "
        "and is_judged and status in ('not_met', 'met_last_year_not_now')",
        *place,
    )
    # Items of two components, both broken: the deciding one alone would be too short a list.
    assert len(broken) > row["clauses_not_met"]
    assert all(one["component_zh"] in row["breaks_zh"] for one in broken)
    assert all(one["component_en"] in row["breaks_en"] for one in broken)
    for truth in truths["over_limit"]:
        (over,) = read(
            "select * from marts.mart_balance__coefficients where standard_code = %s and district_code = %s "
            "and school_year = %s and stage = %s and indicator_code = %s",
            *place,
            truth["stage"],
            truth["indicator_code"],
        )
        name = f"{over['stage_zh']} {over['indicator_number']} {over['indicator_zh']}"
        assert f"{name} {over['coefficient_rounded']}（限值 0.5）" in row["breaks_zh"]
    failing = read(
        "select school_name, unmet_indicators from marts.mart_balance__school_verdicts "
        "where standard_code = %s and district_code = %s and school_year = %s and verdict = 'not_met' "
        "order by stage desc, school_code",
        *place,
    )
    listed = [text.split(" · ") for text in row["failing_schools"].split("；")]
    assert [(name, lacks) for name, _, lacks in listed] == [
        (one["school_name"], one["unmet_indicators"]) for one in failing
    ]


def test_years_with_faulty_rows_are_not_judged_green(truths: dict[str, Any]) -> None:
    rows = read(
        "select verdict from marts.mart_balance__coefficients where district_code = '990101' "
        "and schools_reported < schools_in_scope and standard_code = 'national_2017'"
    )
    assert rows
    assert {row["verdict"] for row in rows} == {"no_data"}


def test_the_gap_between_town_and_country_is_the_planted_one(truths: dict[str, Any]) -> None:
    for truth in truths["town_country_gap"]:
        (row,) = read(
            "select ratio from marts.mart_balance__group_gaps where dimension_code = 'urban_rural' "
            "and standard_code = 'national_2017' and school_year = %s and stage = %s and indicator_code = %s "
            "and district_code = '990101'",
            truth["school_year"],
            truth["stage"],
            truth["indicator_code"],
        )
        assert str(row["ratio"].quantize(TRUTH_DECIMALS)) == truth["urban_rural"]["ratio"]


def test_spending_falls_in_the_planted_year_while_the_total_rises(truths: dict[str, Any]) -> None:
    rows = read(
        "select fiscal_year, stage, item_code, "
        "case leg when 'total' then leg else 'per_student' end as basis "
        "from marts.mart_finance__spending_floor "
        "where district_code = '990101' and status = 'falls' and leg <> 'per_student_computed'"
    )
    names = ("fiscal_year", "stage", "item_code", "basis")
    planted = {tuple(row[name] for name in names) for row in truths["spending_falls"]}
    assert {tuple(row[name] for name in names) for row in rows} == planted
    (truth,) = [
        row
        for row in truths["spending_falls"]
        if (row["item_code"], row["stage"]) == ("budget_education", "primary")
    ]
    (total,) = read(
        "select status, change_pct from marts.mart_finance__spending_floor where leg = 'total' "
        "and district_code = '990101' and fiscal_year = %s and stage = %s",
        truth["fiscal_year"],
        truth["stage"],
    )
    assert total["status"] == "rises"
    assert total["change_pct"] == round(Decimal(truth["total_change_pct"]), 2)


@pytest.mark.parametrize(
    ("entity", "stage", "year", "status", "change_pct", "growth_pct"),
    [
        ("440000", "junior_secondary", 2022, "falls", None, "-0.84"),
        (
            "CN",
            "junior_secondary",
            2021,
            "falls_on_printed_rises_on_comparable_scope",
            "-0.18",
            "1.74",
        ),
        ("CN", "junior_secondary", 2018, "not_comparable", None, None),
        ("CN", "junior_secondary", 2017, "rises", "9.13", "9.13"),
    ],
)
def test_the_published_series_are_read_as_they_must_be(
    truths: dict[str, Any],
    entity: str,
    stage: str,
    year: int,
    status: str,
    change_pct: str | None,
    growth_pct: str | None,
) -> None:
    (row,) = read(
        "select * from marts.mart_finance__spending_floor "
        "where leg = 'per_student_published' and entity_code = %s and stage = %s and fiscal_year = %s",
        entity,
        stage,
        year,
    )
    assert row["status"] == status
    assert row["change_pct"] == (None if change_pct is None else Decimal(change_pct))
    assert row["published_growth_pct"] == (None if growth_pct is None else Decimal(growth_pct))
    if status == "not_comparable":
        assert row["reason"] == "scope_changed"


def test_special_education_is_shown_in_aggregates_with_small_counts_hidden(truths: dict[str, Any]) -> None:
    latest = max(truths["special_education"], key=lambda truth: truth["school_year"])
    rows = read(
        "select * from marts.mart_special_education__coverage where district_code = '990101' "
        "and school_year = %s",
        latest["school_year"],
    )
    (overall,) = [row for row in rows if row["breakdown"] == "overall"]
    assert (overall["children"], overall["enrolled"]) == (latest["school_age"], latest["school_age_enrolled"])
    shown = {row["category"]: row["children"] for row in rows if row["breakdown"] == "disability_category"}
    small = {name for name, count in latest["school_age_by_category"].items() if count < 10}
    assert small
    assert all(shown[name] is None for name in small)
    assert any(count is not None for count in shown.values())


def test_a_second_night_finds_nothing_new(truths: dict[str, Any]) -> None:
    assert load_everything() == []
    assert not night.is_anything_new("test")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_questions_of_the_readme_have_answers(truths: dict[str, Any], readme: str) -> None:
    text = (PROJECT_ROOT / readme).read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(select.*?);\n```", text, re.DOTALL)
    assert len(queries) == 3
    with database.connect("junheng_analyst") as connection:
        for query in queries:
            assert connection.execute(query).fetchall(), query


def test_every_clause_comes_out_as_planted(truths: dict[str, Any]) -> None:
    rows = read(
        "select clause_code, year::text as year, status from marts.mart_policy__clause_scoreboard "
        "where district_code = '990101' union all "
        "select clause_code, year::text, status from marts.mart_assessment__items "
        "where district_code = '990101'"
    )
    found = {(row["clause_code"], row["year"]): row["status"] for row in rows}
    planted = {
        (clause, year): status
        for clause, by_year in truths["clauses"].items()
        for year, status in by_year.items()
    }
    assert {key: found.get(key) for key in planted} == planted


def test_every_clause_of_the_plan_is_planted_met_in_one_year_and_broken_in_another(
    truths: dict[str, Any],
) -> None:
    expected = {f"C{number:02d}" for number in range(1, 54)}
    assert expected <= set(truths["clauses"])
    for clause, by_year in truths["clauses"].items():
        assert "met" in by_year.values(), clause
        assert {"not_met", "met_last_year_not_now"} & set(by_year.values()), clause


def test_whoever_breaks_a_clause_stands_in_its_drill_down(truths: dict[str, Any]) -> None:
    broken = read(
        "select * from marts.mart_policy__clause_components where district_code = '990101' "
        "and is_judged and status in ('not_met', 'met_last_year_not_now')"
    )
    assert len(broken) > 80
    silent = [
        (row["clause_code"], row["component_number"], row["year"])
        for row in broken
        if not explain_clause.rows_behind(row)
    ]
    assert silent == []


def test_a_count_up_to_a_year_is_the_rows_of_its_drill_down(truths: dict[str, Any]) -> None:
    rows = read(
        "select * from marts.mart_policy__clause_components where district_code = '990101' "
        "and (clause_code, component_number) in (('C15', 2), ('C18', 1), ('C18', 2)) and year >= 2019"
    )
    assert len(rows) == 12
    for row in rows:
        assert len(explain_clause.rows_behind(row)) == row["value"], (row["clause_code"], row["year"])
