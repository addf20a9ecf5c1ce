"""Around the spending floor: what is planted holds for every seed, and is read from the files as planted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from expectations.incoming import check_batches
from ingest.load import LoadOutcome, load_file
from ingest.sample.district import District
from ingest.sample.write import DEFAULT_SEED, Manifest, truths, write_published_finance, write_sample

SPENDING = ("finance", "finance_exception", "budget_execution")
Row = dict[str, Any]


@pytest.fixture(scope="module", params=[DEFAULT_SEED, 1, 2, 3])
def planted(request: pytest.FixtureRequest) -> dict[str, Any]:
    return truths(District(request.param))


def test_the_bulletin_prints_a_fall_and_the_final_account_a_rise(planted: dict[str, Any]) -> None:
    rows = planted["spending_restatements"]
    assert [(row["fiscal_year"], row["stage"], row["basis"]) for row in rows] == [
        (2020, "junior_secondary", "total"),
        (2020, "junior_secondary", "per_student"),
    ]
    for row in rows:
        prior = Decimal(row["prior_amount"])
        assert Decimal(row["bulletin_amount"]) < prior < Decimal(row["final_account_amount"])
        assert (row["bulletin_verdict"], row["final_account_verdict"]) == ("not_met", "met")
        assert Decimal(row["bulletin_change_pct"]) < 0 < Decimal(row["final_account_change_pct"])


def test_the_bulletin_is_no_fall_of_the_truths(planted: dict[str, Any]) -> None:
    """Final accounts take precedence: what falls is what they say."""
    assert {row["fiscal_year"] for row in planted["spending_falls"]} == {2022}


def test_the_exception_excuses_three_fifths_of_the_fall(planted: dict[str, Any]) -> None:
    row = planted["spending_exception"]
    (fall,) = [
        fall
        for fall in planted["spending_falls"]
        if (fall["stage"], fall["basis"]) == ("senior_secondary", "total")
    ]
    assert (row["amount"], row["floor_without_exception"]) == (fall["amount"], fall["prior_amount"])
    missing = Decimal(fall["prior_amount"]) - Decimal(fall["amount"])
    assert Decimal(row["shortfall_without_exception"]) == missing > 0
    assert Decimal(row["lowered_by"]) == missing * Decimal("0.6")
    assert Decimal(row["shortfall_amount"]) == missing * Decimal("0.4")
    floor = Decimal(row["floor_without_exception"]) - Decimal(row["lowered_by"])
    assert Decimal(row["floor_amount"]) == floor


def test_the_next_budget_rises_and_is_below_the_floor(planted: dict[str, Any]) -> None:
    """Who compares with last year alone sees nothing."""
    row = planted["spending_early_warning"]
    assert (row["fiscal_year"], row["floor_since_year"]) == (2023, 2021)
    budget, floor = Decimal(row["budget_amount"]), Decimal(row["floor_amount"])
    assert Decimal(row["last_year_amount"]) < budget < floor
    assert Decimal(row["budget_shortfall"]) == floor - budget
    spent = [Decimal(day["executed_amount"]) for day in row["executed"]]
    assert spent == sorted(spent)
    assert spent[-1] < budget
    assert [Decimal(day["missing_to_floor"]) for day in row["executed"]] == [floor - one for one in spent]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("landing")
    return folder, write_sample(folder)


@pytest.fixture(scope="module")
def outcomes(sample: tuple[Path, Manifest], module_warehouse: str) -> dict[Path, LoadOutcome]:
    """Files of the spending records, those of the district and the published ones."""
    folder, manifest = sample
    paths = [folder / file.path for file in manifest.files if file.record in SPENDING]
    paths += write_published_finance(folder)
    return {path: load_file(path, path.parent.name) for path in paths}


@pytest.fixture(scope="module")
def read(outcomes: dict[Path, LoadOutcome], module_warehouse: str) -> Any:
    def query(statement: str) -> list[Row]:
        with psycopg.connect(module_warehouse, row_factory=psycopg.rows.dict_row) as connection:
            return connection.execute(statement).fetchall()

    return query


def test_no_check_refuses_a_file(outcomes: dict[Path, LoadOutcome]) -> None:
    for path, outcome in outcomes.items():
        assert outcome.status == "loaded", (path.name, outcome.problems)
        assert outcome.batch_id is not None
        verdict = check_batches(path.parent.name, [outcome.batch_id], "run-spending")[outcome.batch_id]
        assert verdict.failures == (), path.name


def test_the_bulletin_stands_beside_the_final_account(read: Any, sample: tuple[Path, Manifest]) -> None:
    for truth in sample[1].truths["spending_restatements"]:
        rows = read(
            "select vintage, edition, amount, prior_amount, fund_source_code from raw.finance "
            "where district_code = '990101' and fiscal_year = 2020 and stage = 'junior_secondary' "
            f"and item_code = 'budget_education' and basis = '{truth['basis']}' order by vintage"
        )
        assert [(row["vintage"], row["edition"]) for row in rows] == [
            ("bulletin", 2020),
            ("final_account", 2020),
        ]
        for row in rows:
            assert row["amount"] == Decimal(truth[f"{row['vintage']}_amount"])
            assert row["prior_amount"] == Decimal(truth["prior_amount"])
            assert row["fund_source_code"] == "general_public_budget"


def test_the_exception_is_read_with_its_document(read: Any, sample: tuple[Path, Manifest]) -> None:
    truth = sample[1].truths["spending_exception"]
    (row,) = read("select * from raw.finance_exception")
    assert row["amount"] == Decimal(truth["lowered_by"])
    assert (row["first_fiscal_year"], row["last_fiscal_year"]) == (2022, 2022)
    assert (row["stage"], row["basis"], row["item_code"]) == ("senior_secondary", "total", "budget_education")
    assert (row["document"], row["document_date"]) == (truth["document"], date(2022, 12, 20))
    assert row["reason"]


def test_budget_and_its_execution_are_read(read: Any, sample: tuple[Path, Manifest]) -> None:
    truth = sample[1].truths["spending_early_warning"]
    (planned,) = read("select * from raw.finance where vintage = 'budget'")
    assert (planned["fiscal_year"], planned["amount"]) == (2023, Decimal(truth["budget_amount"]))
    assert planned["prior_amount"] is None
    rows = read("select * from raw.budget_execution order by through_date")
    assert [row["through_date"] for row in rows] == [date(2023, 6, 30), date(2023, 9, 30)]
    assert {row["budget_amount"] for row in rows} == {planned["amount"]}
    same = ("entity_code", "item_code", "stage", "scope_code", "currency_code")
    assert {tuple(row[name] for name in same) for row in rows} == {tuple(planned[name] for name in same)}
    for row, day in zip(rows, truth["executed"], strict=True):
        assert str(row["through_date"]) == day["through_date"]
        assert row["executed_amount"] == Decimal(day["executed_amount"])


def test_the_nations_prices_are_a_whole_series_that_says_what_it_is(read: Any) -> None:
    rows = read("select * from raw.price_index order by fiscal_year")
    assert [row["fiscal_year"] for row in rows] == list(range(2013, 2024))
    assert {(row["region_code"], row["district_code"], row["index_code"]) for row in rows} == {
        ("CN", "CN", "cpi")
    }
    assert all(f"{row['fiscal_year']}年国民经济和社会发展统计公报" in row["document"] for row in rows)
    assert all("monthly year-on-year indices" in row["document"] for row in rows)
    index = {row["fiscal_year"]: row["index_previous_year_100"] for row in rows}
    assert (index[2013], index[2021], index[2023]) == (Decimal("102.6"), Decimal("100.9"), Decimal("100.2"))
    (nation,) = read("select distinct region_code, district_code from raw.finance where entity_code = 'CN'")
    assert (nation["region_code"], nation["district_code"]) == ("CN", "CN")


def test_published_series_say_out_of_which_funds(read: Any) -> None:
    rows = read("select distinct fund_source_code from raw.finance where district_code <> '990101'")
    assert [row["fund_source_code"] for row in rows] == ["general_public_budget"]
