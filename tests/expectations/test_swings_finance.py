"""Amounts that leap against last year, of one series only; an explanation of the district lets them in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from made_batches import make_current, put_batch
from made_checks import swing_explanation
from test_incoming import finance

from expectations import check
from expectations.incoming import BatchVerdict, check_batches
from expectations.report import write_report
from expectations.rule_parts import seed_rows
from expectations.swings import reopen_explained

Row = dict[str, Any]
WARNED = date.fromisoformat(seed_rows("finance_swing_band")[0]["warn_until"])
BARE = {"prior_amount": None, "growth_pct": None}


@pytest.fixture(autouse=True)
def within_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last day on which a swing only warns, whatever today is."""
    monkeypatch.setattr(check, "today", lambda: WARNED)


@pytest.fixture(autouse=True)
def nothing_waits(connection: psycopg.Connection) -> None:
    connection.execute("update ops.load_batch set status = 'accepted'")
    connection.commit()


def amount(number: int, value: float | None, **other: Any) -> Row:
    """Spending per pupil of a stage, with nothing printed beside it."""
    return finance(number, **{**BARE, "amount": value, **other})


def last_year(connection: psycopg.Connection, *rows: Row) -> None:
    rows = tuple({**row, "fiscal_year": 2021, "edition": 2021} for row in rows)
    make_current(connection, "finance", put_batch(connection, "finance", rows))


def now(connection: psycopg.Connection, *rows: Row) -> BatchVerdict:
    batch_id = put_batch(connection, "finance", rows, order=1)
    return check_batches("finance", [batch_id], "run-1")[batch_id]


def told(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Swings of the batch that was checked last."""
    return connection.execute(
        "select school_code, value_before::int, value_now::int, band from ops.swing where batch_id = ("
        "select batch_id from ops.quality_result order by quality_result_id desc limit 1) order by 1"
    ).fetchall()


# Of spending per pupil: last year's, this year's, and the band that the step leaves (15/30, 40/80 per cent).
STEPS = [
    (10_000, 8_500, None),
    (10_000, 8_499, "inner"),
    (10_000, 6_000, "inner"),
    (10_000, 5_999, "outer"),
    (10_000, 13_000, None),
    (10_000, 18_000, "inner"),
    (10_000, 18_001, "outer"),
    (900, 400, None),  # less than the least base
    (10_000, 100_000, "outer"),
]


def test_bands_are_inclusive(connection: psycopg.Connection) -> None:
    last_year(connection, *(amount(n, before) for n, (before, *_) in enumerate(STEPS)))
    verdict = now(connection, *(amount(n, after) for n, (_, after, _) in enumerate(STEPS)))
    assert [failure.check_name for failure in verdict.failures] == ["no_unexplained_leap"]
    assert told(connection) == [
        (f"E{n}", before, after, band) for n, (before, after, band) in enumerate(STEPS) if band
    ]


def test_the_message_names_whose_amount_of_what_leaps(connection: psycopg.Connection) -> None:
    last_year(connection, amount(1, 10_000))
    (failure,) = now(connection, amount(1, 100_000)).failures
    assert "E1 2022“一般公共预算教育支出，生均，初中”" in failure.message_zh
    assert "E1 2022“General public budget spending on education, Per student, Junior secondary”" in (
        failure.message_en
    )


def test_the_page_of_quality_says_which_amount_it_is(connection: psycopg.Connection, tmp_path: Path) -> None:
    last_year(connection, amount(1, 10_000))
    now(connection, amount(1, 100_000))
    page = write_report(tmp_path / "quality.html").read_text(encoding="utf-8")
    assert "教育经费 · 一般公共预算教育支出，生均，初中" in page


@pytest.mark.parametrize(
    "other",
    [
        {"scope_code": "operating_funds"},
        {"vintage": "budget"},
        {"basis": "total"},
        {"fund_source_code": "all_sources"},
        {"stage": "primary"},
        {"item_code": "public_funds"},
        {"currency_code": "USD"},
        {"price_basis": "constant"},
        {"entity_code": "E2"},
    ],
)
def test_amounts_of_two_series_are_never_compared(connection: psycopg.Connection, other: Row) -> None:
    last_year(connection, amount(1, 10_000, **{"price_basis": "nominal", **other}))
    assert now(connection, amount(1, 100_000, price_basis="nominal")).is_success
    assert told(connection) == []


def test_last_year_of_the_same_edition_is_meant_before_that_of_another(
    connection: psycopg.Connection,
) -> None:
    """The edition of this year restates last year: the step is that from the restated amount."""
    last_year(connection, amount(1, 1_000))
    assert now(connection, amount(1, 9_500, fiscal_year=2021), amount(1, 10_000)).is_success
    assert told(connection) == []


def test_what_stands_beside_counts_where_last_year_is_not_known(connection: psycopg.Connection) -> None:
    leaping = finance(1, amount=19_000, prior_amount=10_000, growth_pct=90)
    assert [f.check_name for f in now(connection, leaping).failures] == ["no_unexplained_leap"]
    last_year(connection, amount(1, 18_500))
    assert now(connection, leaping).is_success


def test_an_amount_in_another_unit_than_the_one_beside_is_told_once(connection: psycopg.Connection) -> None:
    slipped = finance(1, amount=19_000, prior_amount=1.8, growth_pct=None)
    assert [f.check_name for f in now(connection, slipped).failures] == ["amount_keeps_its_unit"]


def test_an_item_without_a_band_may_move_as_it_likes(connection: psycopg.Connection) -> None:
    other = {"item_code": "budgetary_cost", "scope_code": "budgetary_cost"}
    last_year(connection, amount(1, 10_000, **other))
    assert now(connection, amount(1, 100_000, **other)).is_success


def test_a_batch_is_judged_again_once_the_district_has_explained(connection: psycopg.Connection) -> None:
    last_year(connection, amount(1, 10_000))
    batch_id = put_batch(connection, "finance", [amount(1, 100_000)], order=1)
    assert not check_batches("finance", [batch_id], "run-1")[batch_id].is_success
    connection.execute("update ops.load_batch set status = 'refused' where batch_id = %s", [batch_id])
    connection.commit()
    said = {**swing_explanation(1), "school_code": "E1", "year": 2022}
    for what, reopened in (
        ({"record_name": "school_funds", "field_name": None}, 0),
        ({"record_name": "finance", "field_name": "public_funds"}, 0),  # another item
        ({"record_name": "finance", "field_name": "budget_education"}, 1),
    ):
        explained = put_batch(connection, "swing_explanation", [{**said, **what}])
        make_current(connection, "swing_explanation", explained)
        assert reopen_explained("finance") == reopened
    assert check_batches("finance", [batch_id], "run-2")[batch_id].is_success


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_tables_last_years_amount_is_that_of_the_same_or_of_the_first(
    connection: psycopg.Connection, order: int
) -> None:
    """10,100 after 10,000 is no swing, though another table printed 1,000, whichever was handed in last."""
    tables = [("statistics_4", 10_000), ("yearly", 1_000)][::order]
    for table, value in tables:
        last_year(connection, amount(1, value, table_code=table))
    now(connection, amount(1, 10_100))
    assert told(connection) == []
    now(connection, amount(1, 10_100, table_code="yearly"))
    assert told(connection) == [("E1", 1_000, 10_100, "outer")]
