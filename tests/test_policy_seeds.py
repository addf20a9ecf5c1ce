"""What the seeds of plans say: every clause is there and judged, and every drill-down can be asked."""

from __future__ import annotations

import csv
import re
from functools import cache

import pytest
import yaml

from ingest.contract import contracts
from ingest.settings import DBT_DIR, SEEDS_DIR

# What a condition may hold beside columns.
_WORDS = {"is", "not", "true", "and", "in", "like", "null", "distinct", "from"}
_BY_DISTRICT_AND_YEAR = ("year", "school_year", "fiscal_year")


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS_DIR / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def columns_of_marts() -> dict[str, set[str]]:
    """Columns of every mart, from the descriptions of the models."""
    found: dict[str, set[str]] = {}
    for path in (DBT_DIR / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            found[model["name"]] = {column["name"] for column in model["columns"]}
    return found


def unknown_columns(condition: str, columns: set[str]) -> set[str]:
    """Words of a condition, outside of its literals, that no column bears."""
    return set(re.findall(r"[a-z_]\w*", re.sub(r"'[^']*'", "", condition))) - _WORDS - columns


def test_the_plan_has_its_53_clauses_and_the_assessment_its_items() -> None:
    clauses = seed("plan_clause")
    assert [row["clause_code"] for row in clauses if row["plan_code"] == "gaoming_2019"] == [
        f"C{number:02}" for number in range(1, 54)
    ]
    assert {row["clause_code"] for row in clauses if row["plan_code"] == "national_2017"} == {
        *("A1", "A2", "S1"),
        *(f"G{number}" for number in range(1, 16)),
        *(f"Q{number}" for number in range(1, 10)),
        *(f"V{number}" for number in range(1, 7)),
    }
    judged = {
        (r["plan_code"], r["clause_code"]) for r in seed("clause_component") if r["is_judged"] == "true"
    }
    assert judged == {(row["plan_code"], row["clause_code"]) for row in clauses}


def test_deadlines_are_those_of_the_plan() -> None:
    dated = {row["clause_code"]: row["deadline_year"] for row in seed("plan_clause") if row["deadline_year"]}
    assert dated == {**dict.fromkeys(("C01", "C02", "C15", "C16", "C32"), "2020"), "C09": "2022"}


@pytest.mark.parametrize(
    "component",
    [row for row in seed("clause_component") if row["drill_down"]],
    ids=lambda row: f"{row['clause_code']}-{row['component_number']}",
)
def test_a_drill_down_is_a_mart_with_the_columns_of_its_condition(component: dict[str, str]) -> None:
    columns = columns_of_marts()[component["drill_down"]]
    assert "district_code" in columns
    assert columns & {*_BY_DISTRICT_AND_YEAR}
    assert not unknown_columns(component["drill_down_condition"], columns)


def test_the_reading_of_the_rotation_mart_is_the_one_that_the_clause_is_judged_by() -> None:
    (chosen,) = (
        row["value"] for row in seed("teacher_parameter") if row["parameter"] == "rotation_denominator"
    )
    judged = [
        row["denominator_measure"]
        for row in seed("clause_component")
        if (row["clause_code"], row["is_judged"]) == ("C27", "true")
    ]
    assert judged == [{"full_time": "full_time_teachers", "eligible": "eligible_teachers"}[chosen]]


def test_a_condition_on_a_column_that_is_not_there_is_found() -> None:
    assert unknown_columns("is_large and kind = 'school_year'", {"kind"}) == {"is_large"}


def test_every_judged_component_leads_somewhere() -> None:
    lost = [row["clause_code"] for row in seed("clause_component") if not row["drill_down"]]
    assert lost == []


def test_measures_draw_on_records_there_are() -> None:
    for row in seed("policy_measure"):
        assert set(row["records"].split("|")) <= set(contracts()), row["measure_code"]


def test_readings_and_names_are_in_both_languages() -> None:
    for name in (
        "plan",
        "plan_section",
        "plan_clause",
        "clause_component",
        "policy_measure",
        "clause_status",
    ):
        for row in seed(name):
            assert row["name_zh"]
            assert row["name_en"]
            assert bool(row.get("reading_zh")) == bool(row.get("reading_en")), row
