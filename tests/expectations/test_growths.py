"""Published growths against amounts, against each other and what is known; nothing printed is unsaid."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from made_batches import make_current, put_batch
from test_incoming import finance

from expectations.check import Failure
from expectations.incoming import check_batches

Row = dict[str, Any]


def failures(connection: psycopg.Connection, *rows: Row, file_name: str = "表.xlsx") -> tuple[Failure, ...]:
    batch_id = put_batch(connection, "finance", rows, file_name=file_name)
    return check_batches("finance", [batch_id], "run-1")[batch_id].failures


def names(found: tuple[Failure, ...]) -> list[str]:
    return [failure.check_name for failure in found]


def held(connection: psycopg.Connection, *rows: Row) -> None:
    make_current(connection, "finance", put_batch(connection, "finance", rows))


def spending(growth: str | None, revenue: str | None, gap: str | None, **other: Any) -> Row:
    """A growth of spending as a table of growths prints it, with nothing beside it but the other two."""
    bare = {"amount": None, "prior_amount": None, "basis": "total", "stage": "all_stages"}
    printed = {"growth_pct": growth, "recurring_revenue_growth_pct": revenue, "gap_percentage_points": gap}
    return finance(1, **{**bare, **printed, **other})


def revenue(amount: str, prior: str, growth: str | None = None) -> Row:
    """The recurring revenue itself, in the same table."""
    whole = {"item_code": "recurring_revenue", "scope_code": "recurring_revenue", "basis": "total"}
    return finance(1, **whole, stage="all_stages", amount=amount, prior_amount=prior, growth_pct=growth)


@pytest.mark.parametrize(
    ("three", "is_right"),
    [
        (("8.01", "5.30", "2.71"), True),
        (("8.01", "5.30", "2.73"), True),  # each rounded by itself: up to 0.015
        (("8.01", "5.30", "2.74"), False),
        (("8.0", "5.3", "2.8"), True),  # one decimal is printed: up to 0.15
        (("8.0", "5.3", "2.9"), False),
        (("-3.13", "5.30", "-8.43"), True),
        (("-3.13", "5.30", "8.43"), False),
        (("5.30", "8.01", "2.71"), False),  # the two growths swapped
        (("8.01", "5.30", None), True),
        (("8.01", None, "2.71"), True),
    ],
)
def test_the_gap_is_the_one_growth_less_the_other(
    connection: psycopg.Connection, three: tuple[str, str, str], is_right: bool
) -> None:
    assert names(failures(connection, spending(*three))) == ([] if is_right else ["gap_is_recomputed"])


def test_growths_that_look_swapped_are_named(connection: psycopg.Connection) -> None:
    (failure,) = failures(connection, spending("5.30", "8.01", "2.71"))
    assert "疑似两列互换：“公布增长率”与“财政经常性收入增长率”" in failure.message_zh
    assert "“Published growth” and “Published growth of recurring revenue”" in failure.message_en
    (failure,) = failures(connection, spending("2.71", "5.30", "8.01"))
    assert "疑似两列互换：“公布增长率”与“增长幅度差”" in failure.message_zh


def test_the_gap_in_the_place_of_the_growth_of_revenue_is_told_by_revenue_itself(
    connection: psycopg.Connection,
) -> None:
    """8.01 − 2.71 = 5.30 holds as well: the identity says nothing of these two columns."""
    swapped = spending("8.01", "2.71", "5.30")
    assert failures(connection, swapped) == ()
    (failure,) = failures(connection, swapped, revenue("105300", "100000"))
    assert failure.check_name == "revenue_growth_agrees"
    assert "“财政经常性收入增长率”与“增长幅度差”两列互换" in failure.message_zh
    assert "“Published gap of the two growths” are swapped" in failure.message_en
    assert failures(connection, spending("8.01", "5.30", "2.71"), revenue("105300", "100000")) == ()


LAST_YEAR = {"fiscal_year": 2021, "edition": 2021, "prior_amount": None, "growth_pct": None}
BARE = {"amount": 1051.7, "prior_amount": None}


@pytest.mark.parametrize("growth", ["0.0517", "0.05", "0.052"])
def test_a_fraction_is_told_by_last_years_amount_that_is_current(
    connection: psycopg.Connection, growth: str
) -> None:
    held(connection, finance(1, **LAST_YEAR, amount=1000))
    (failure,) = failures(connection, finance(1, **BARE, growth_pct=growth))
    assert failure.check_name == "growth_is_in_per_cent_of_known_amounts"
    assert "8.17，不是 0.0817" in failure.message_zh
    assert failures(connection, finance(1, **BARE, growth_pct="5.17")) == ()


def test_a_fraction_is_told_by_last_years_amount_in_the_same_file(connection: psycopg.Connection) -> None:
    rows = (finance(1, **LAST_YEAR, amount=1000), finance(1, **BARE, growth_pct="0.0517"))
    assert names(failures(connection, *rows)) == ["growth_is_in_per_cent_of_known_amounts"]


@pytest.mark.parametrize(
    "other",
    [
        {"scope_code": "operating_funds"},
        {"vintage": "final_account"},
        {"basis": "total"},
        {"fund_source_code": "government_fund"},
        {"currency_code": "USD"},
        {"stage": "primary"},
        {"fiscal_year": 2020},
        {"amount": 1200},  # another amount of last year than the growth was reckoned on
    ],
)
def test_an_amount_of_another_series_tells_nothing(connection: psycopg.Connection, other: Row) -> None:
    held(connection, finance(1, **{**LAST_YEAR, "amount": 1000, **other}))
    assert failures(connection, finance(1, **BARE, growth_pct="0.0517")) == ()


def test_a_small_growth_on_the_comparable_scope_is_no_fraction(connection: psycopg.Connection) -> None:
    held(connection, finance(1, **LAST_YEAR, amount=1000))
    rows = finance(1, **BARE, growth_pct="0.05", growth_basis="comparable_scope")
    assert failures(connection, rows) == ()


WITHOUT = {"prior_amount": None, "growth_pct": None}


def test_a_file_that_prints_less_does_not_unsay_what_another_document_printed(
    connection: psycopg.Connection,
) -> None:
    held(connection, *(finance(n, document="决算") for n in range(1, 11)))
    others = [finance(n, document="年报") for n in range(2, 11)]
    (failure,) = failures(connection, finance(1, document="年报", **WITHOUT), *others)
    assert failure.check_name == "printed_figures_are_kept"
    assert "第 2 行" in failure.message_zh
    assert "“来源表”" in failure.message_zh
    assert failures(connection, finance(1, document="年报", growth_pct=None), *others) != ()
    assert failures(connection, finance(1, document="年报"), *others) == ()


def test_a_document_may_take_back_some_of_what_it_printed_and_not_all(connection: psycopg.Connection) -> None:
    rows = [finance(n, document="决算") for n in range(1, 11)]
    held(connection, *rows)
    for blank, expected in ((2, []), (3, ["printed_figures_are_kept"])):
        arriving = [{**row, **WITHOUT} if n < blank else row for n, row in enumerate(rows)]
        assert names(failures(connection, *arriving)) == expected
    part = failures(connection, {**rows[0], **WITHOUT}, file_name="一.xlsx")
    assert part == (), "the one row of a small table"


def test_the_gap_is_not_unsaid_either(connection: psycopg.Connection) -> None:
    held(connection, spending("8.01", "5.30", "2.71", document="公告"))
    arriving = spending("8.01", None, None, document="年报")
    assert names(failures(connection, arriving)) == ["printed_figures_are_kept"]


def test_another_table_is_not_held_against_what_it_does_not_replace(connection: psycopg.Connection) -> None:
    held(connection, finance(1, table_code="statistics_1"))
    assert failures(connection, finance(1, table_code="yearly", **WITHOUT)) == ()


def test_one_growth_of_no_stated_basis_is_no_fraction_and_most_of_a_file_are(
    connection: psycopg.Connection,
) -> None:
    """0.03 % on a base restated by 3 %: taken for 3 % in a cell of percentages it would be held."""
    held(connection, *(finance(n, **LAST_YEAR, amount=10_000) for n in range(1, 6)))
    rows = [
        finance(n, prior_amount=None, amount="10303.09", growth_pct="0.03", growth_basis="not_stated")
        for n in range(1, 6)
    ]
    assert failures(connection, rows[0]) == ()
    assert failures(connection, *rows[:2]) == ()
    assert names(failures(connection, *rows)) == ["growth_is_in_per_cent_of_known_amounts"]
    others = [{**row, "growth_pct": "3.03"} for row in rows[3:]]
    assert names(failures(connection, *rows[:3], *others)) == ["growth_is_in_per_cent_of_known_amounts"]
    assert failures(connection, *rows[:2], *others) == ()


def test_the_growth_that_revenue_itself_prints_is_no_swap(connection: psycopg.Connection) -> None:
    """Amounts give 3.18; 5.17, on another scope that nobody marked, stands in both rows."""
    itself = {**revenue("103180", "100000", "5.17"), "growth_basis": "not_stated"}
    assert failures(connection, spending("8.01", "5.17", "2.84", growth_basis="not_stated"), itself) == ()
    assert failures(connection, spending("8.01", "3.18", "4.83", growth_basis="not_stated"), itself) == ()
    wrong = spending("8.01", "2.84", "5.17", growth_basis="not_stated")
    assert names(failures(connection, wrong, itself)) == ["revenue_growth_agrees"]


@pytest.mark.parametrize(("gap", "found"), [("5.00", []), ("-5.00", ["gap_is_recomputed"])])
def test_a_blank_growth_lets_no_wrong_gap_pass(
    connection: psycopg.Connection, gap: str, found: list[str]
) -> None:
    amounts = {"amount": 110, "prior_amount": 100, "growth_basis": "nominal"}
    assert names(failures(connection, spending(None, "5.00", gap, **amounts))) == found
