"""The made district's money and children with special needs, from its files to the measures."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from expectations.incoming import check_batches
from ingest.accept import accept_batches
from ingest.load import load_file
from ingest.sample.district import DISTRICT_CODE, District
from ingest.sample.files import CSV_BOM, write_table
from ingest.sample.school_funds import CLAUSE_TRUTHS
from ingest.sample.tables import tables
from ingest.sample.write import DEFAULT_SEED

# Without planted faults: what is asked here is what the figures say, not which rows are set aside.
BASE = ("school", "enrolment", "staffing", "facilities")
OWN = ("finance", "school_funds", "special_education")
MODELS = ["+int_policy_measures_finance", "+int_policy_measures_special_education"]
Measure = Callable[[str, int, str], Decimal]
Rule = Callable[[Measure, int], bool]
BOTH = ("primary", "junior_secondary")
DISTRICT = ("compulsory",)


@pytest.fixture(scope="module")
def built(module_warehouse: str, tmp_path_factory: pytest.TempPathFactory, build: Any) -> None:
    folder = tmp_path_factory.mktemp("made")
    found = [table for table in tables(District(DEFAULT_SEED)) if table.record in (*BASE, *OWN)]
    for number, table in enumerate(found):
        _accept(write_table(table, CSV_BOM, folder, number)[0], table.record)
    build(MODELS)


def _accept(path: Path, record: str) -> None:
    outcome = load_file(path, record)
    assert (outcome.status, outcome.rows_rejected) == ("loaded", 0), (record, outcome.problems)
    verdict = check_batches(record, [outcome.batch_id], "run-made")[outcome.batch_id]
    assert verdict.failures == (), record
    accept_batches(record, batch_ids=[outcome.batch_id])


@pytest.fixture(scope="module")
def measure(built: None, query: Any) -> Measure:
    """A measure by code, year and stage, of which every school reported."""
    rows = [
        row
        for family in ("finance", "special_education")
        for row in query(
            f"select * from intermediate.int_policy_measures_{family} where district_code = %s",
            [DISTRICT_CODE],
        )
    ]
    found = {(row["measure_code"], row["year"], row["stage"]): row for row in rows}

    def of(code: str, year: int, stage: str) -> Decimal:
        row = found[code, year, stage]
        assert row["cases_reported"] == row["cases_expected"], (code, year, stage)
        assert row["value"] is not None, (code, year, stage, row["reason_code"])
        return Decimal(row["value"])

    return of


def _least(code: str, least: str, stages: tuple[str, ...] = DISTRICT) -> Rule:
    return lambda measure, year: all(measure(code, year, stage) >= Decimal(least) for stage in stages)


def _more(code: str, than: str, stages: tuple[str, ...] = DISTRICT) -> Rule:
    return lambda measure, year: all(measure(code, year, stage) > Decimal(than) for stage in stages)


def _every(part: str, whole: str) -> Rule:
    return lambda measure, year: measure(part, year, "compulsory") == measure(whole, year, "compulsory") > 0


def _both(*rules: Rule) -> Rule:
    return lambda measure, year: all(rule(measure, year) for rule in rules)


def _equal_standard(measure: Measure, year: int) -> bool:
    return measure("public_funds_standard_town_country_gap_yuan", year, "compulsory") == 0


_ENROLLED = _least("special_education_enrolled_pct", "95")
_SPECIAL_FUNDS = _least("special_school_public_funds_yuan_per_student", "8000")
RULES: dict[str, Rule] = {
    "C20": _ENROLLED,
    "C21": _least("special_education_with_plan_pct", "100"),
    "C22": _least("home_visits_made_pct", "100"),
    "C25": _both(_more("disabled_aid_change_yuan", "0"), _SPECIAL_FUNDS),
    "C48": _least("spending_total_change_pct", "0"),
    "C49": _least("spending_per_student_change_pct", "0", (*BOTH, *DISTRICT)),
    "C50": _both(
        _more("education_minus_revenue_growth_points", "0"),
        _more("spending_per_student_change_pct", "0"),
        _more("teacher_pay_change_pct", "0"),
        _more("public_funds_per_student_change_pct", "0", BOTH),
    ),
    "C51": _both(_least("public_funds_standard_change_yuan", "0", BOTH), _equal_standard),
    "C52": _more("special_funds_tilt_ratio", "1"),
    "G2": _equal_standard,
    "G6": _every("small_schools_funded_as_100", "small_schools"),
    "G7": _SPECIAL_FUNDS,
    "Q2": _ENROLLED,
    "Q4": _every("schools_training_share_met", "schools_with_budget"),
}


def test_every_truth_is_tried_here() -> None:
    assert set(RULES) == set(CLAUSE_TRUTHS)


@pytest.mark.parametrize("clause", RULES)
def test_the_good_year_meets_it_and_the_next_does_not(measure: Measure, clause: str) -> None:
    is_met = {"met": True, "met_last_year_not_now": False}
    for year, status in CLAUSE_TRUTHS[clause].items():
        assert RULES[clause](measure, year) is is_met[status], (clause, year)


def test_each_part_of_the_three_growths_and_of_c49_breaks_by_itself(measure: Measure) -> None:
    parts = (
        *(("spending_per_student_change_pct", stage) for stage in (*BOTH, *DISTRICT)),
        *(("public_funds_per_student_change_pct", stage) for stage in BOTH),
        ("education_minus_revenue_growth_points", "compulsory"),
        ("teacher_pay_change_pct", "compulsory"),
    )
    for code, stage in parts:
        assert measure(code, 2020, stage) > 0, (code, stage)
        assert measure(code, 2021, stage) > 0 > measure(code, 2022, stage), (code, stage)


def test_money_leans_more_from_year_to_year_until_the_good_one(measure: Measure) -> None:
    ratios = [measure("special_funds_tilt_ratio", year, "compulsory") for year in (2020, 2021, 2022)]
    assert ratios[0] < ratios[1] > 1 > ratios[2]
