"""Two printed tables of one amount: a difference beyond rounding is told, a wide one holds the batch."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from made_batches import make_current, put_batch
from test_incoming import finance

from expectations.check import Failure
from expectations.incoming import check_batches

Row = dict[str, Any]
BARE = {"basis": "total", "stage": "all_stages", "prior_amount": None, "growth_pct": None}


def amount(value: str, table: str | None, **other: Any) -> Row:
    return finance(1, **{**BARE, "amount": value, "table_code": table, **other})


def held(connection: psycopg.Connection, *rows: Row, file_name: str = "分析4.xlsx") -> None:
    make_current(connection, "finance", put_batch(connection, "finance", rows, file_name=file_name))


def judged(connection: psycopg.Connection, *rows: Row) -> tuple[Failure, ...]:
    batch_id = put_batch(connection, "finance", rows, file_name="年报表.xlsx", order=1)
    return check_batches("finance", [batch_id], "run-1")[batch_id].failures


def told(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """What was found of the batch that was looked at last: the check, and whether it holds or only warns."""
    return connection.execute(
        "select check_name, severity from ops.quality_result as result where not is_success and batch_id = ("
        "select batch_id from ops.quality_result order by quality_result_id desc limit 1) order by check_name"
    ).fetchall()


NOTICED = ("tables_agree", "warning")
HELD = ("tables_agree_within_the_band", "critical")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("10004999", []),  # in yuan what is in ten thousands beside it: exact comparison tells it
        ("10005000", []),
        ("10006000", [NOTICED]),
        ("17000000", [NOTICED]),
        ("19000000", [HELD]),
        ("1000500", [HELD]),
    ],
)
def test_amounts_of_two_tables_are_held_against_each_other(
    connection: psycopg.Connection, printed: str, expected: list[tuple[str, str]]
) -> None:
    held(connection, amount("10005000", "statistics_1"))
    judged(connection, amount(printed, "yearly"))
    assert told(connection) == expected


def test_both_files_are_named_and_what_to_do(connection: psycopg.Connection) -> None:
    held(connection, amount("10005000", "statistics_1"))
    (failure,) = judged(connection, amount("1000500", "yearly"))
    assert "年报表.xlsx（教育经费年报表）与分析4.xlsx（教财分析1表）" in failure.message_zh
    assert "年报表.xlsx (Yearly table of the bureau) and 分析4.xlsx" in failure.message_en
    assert "第 2 行" in failure.message_zh
    assert "交它的更正文件，本文件下一夜重新检查" in failure.message_zh


@pytest.mark.parametrize(
    "other",
    [
        {"table_code": "statistics_1"},  # the same table: its correction
        {"fiscal_year": 2021},
        {"edition": 2023},
        {"stage": "primary"},
        {"scope_code": "operating_funds"},
        {"fund_source_code": "government_fund"},
        {"currency_code": "USD"},
        {"price_basis": "constant"},
        {"amount": None, "growth_pct": 3},
    ],
)
def test_another_amount_is_no_contradiction(connection: psycopg.Connection, other: Row) -> None:
    held(connection, amount("10005000", "statistics_1", price_basis="nominal"))
    row = amount("1000500", "yearly", price_basis="nominal") | other
    judged(connection, row)
    assert not [name for name, _ in told(connection) if name.startswith("tables_agree")]


def test_two_tables_in_one_file_and_a_file_that_waits_are_looked_at(connection: psycopg.Connection) -> None:
    rows = (amount("10005000", None), amount("1000500", "yearly"))
    judged(connection, *rows)
    assert HELD in told(connection)
    first = put_batch(connection, "finance", [amount("10005000", "statistics_1")], order=2)
    second = put_batch(connection, "finance", [amount("1000500", "account")], order=3)
    verdicts = check_batches("finance", [first, second], "run-1")
    assert verdicts[first].is_success
    assert [failure.check_name for failure in verdicts[second].failures] == [HELD[0]]
