"""The source of funds tells amounts apart; without the column, or where it is empty, it is not stated."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.load import LoadOutcome, load_file
from tests.ingest.conftest import Put, Query, Rows, csv_bytes

OLD_HEADERS = [
    *("区县代码", "主体层级", "主体代码", "主体名称", "财政年度", "学段", "项目", "口径", "计量方式"),
    *("数据版本", "金额", "币种"),
]
HEADERS = [*OLD_HEADERS, "资金来源"]
LOADED = "select source_row, fund_source_code from raw.finance order by source_row"
REJECTED = "select source_row, rule from ops.rejected_row order by source_row, rule"


def amount(number: int, *source: str | None) -> list[Any]:
    """An amount of the n-th district, with its source of funds or without the column."""
    code = f"99{number:04d}"
    what = (2022, "全学段", "budget_education", "education_funds", "总额", "决算")
    return [code, "区县级", code, f"{number}号区", *what, 100 + number, "CNY", *source]


def of_different_districts(*source: str | None) -> Rows:
    """Enough good rows for a few bad ones not to refuse the file."""
    return [amount(number, *source) for number in range(10, 30)]


def load(put: Put, rows: Rows, headers: list[str]) -> LoadOutcome:
    return load_file(put("a.csv", csv_bytes(rows, headers)), "finance")


def test_a_file_without_the_column_is_read_as_ever(put: Put, query: Query) -> None:
    outcome = load(put, of_different_districts(), OLD_HEADERS)
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 20, 0)
    assert {row["fund_source_code"] for row in query(LOADED)} == {None}


def test_without_the_column_the_same_key_is_still_found_twice(put: Put, query: Query) -> None:
    outcome = load(put, [amount(1), amount(1), *of_different_districts()], OLD_HEADERS)
    assert (outcome.rows_loaded, outcome.rows_rejected) == (20, 2)
    assert [tuple(r.values()) for r in query(REJECTED)] == [(2, "duplicate_key"), (3, "duplicate_key")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("一般公共预算", "general_public_budget"),
        ("公共财政预算", "general_public_budget"),
        ("政府性基金", "government_fund"),
        ("教育费附加", "education_surcharge"),
        ("事业收入", "own_income"),
        ("举办者投入/捐赠", "private_contribution"),
        ("捐赠", "private_contribution"),
        ("全部来源", "all_sources"),
        ("未注明", "not_stated"),
        ("", None),
    ],
)
def test_a_source_by_any_of_its_names(put: Put, query: Query, text: str, code: str | None) -> None:
    assert load(put, [amount(1, text)], HEADERS).rows_rejected == 0
    assert query(LOADED) == [{"source_row": 2, "fund_source_code": code}]


def test_amounts_that_differ_in_the_source_alone_are_two_rows(put: Put, query: Query) -> None:
    rows = [amount(1, "一般公共预算"), amount(1, "政府性基金"), amount(1, "")]
    assert load(put, rows, HEADERS).rows_rejected == 0
    assert [row["fund_source_code"] for row in query(LOADED)] == [
        "general_public_budget",
        "government_fund",
        None,
    ]


def test_empty_and_not_stated_are_one_key(put: Put, query: Query) -> None:
    rows = [amount(1, ""), amount(1, "未注明"), amount(1, "全部来源"), *of_different_districts("")]
    outcome = load(put, rows, HEADERS)
    assert (outcome.rows_loaded, outcome.rows_rejected) == (21, 2)
    assert [tuple(r.values()) for r in query(REJECTED)] == [(2, "duplicate_key"), (3, "duplicate_key")]


def test_a_source_that_cannot_be_read_is_not_one_that_is_not_stated(put: Put, query: Query) -> None:
    """The other amount must not leave the batch for it."""
    outcome = load(put, [amount(1, ""), amount(1, "彩票"), *of_different_districts("")], HEADERS)
    assert (outcome.rows_loaded, outcome.rows_rejected) == (21, 1)
    assert [tuple(r.values()) for r in query(REJECTED)] == [(3, "unknown_code")]


def test_a_rejected_row_without_a_source_is_the_twin_of_one_not_stated(put: Put, query: Query) -> None:
    broken = amount(1, "")
    broken[OLD_HEADERS.index("金额")] = "若干"
    outcome = load(put, [broken, amount(1, "未注明"), *of_different_districts("")], HEADERS)
    assert (outcome.rows_loaded, outcome.rows_rejected) == (20, 2)
    assert [tuple(r.values()) for r in query(REJECTED)] == [
        (2, "duplicate_key"),
        (2, "not_a_number"),
        (3, "duplicate_key"),
    ]
