"""Good rows of what the spending floor rests on, and what breaks them one by one."""

from __future__ import annotations

from datetime import date
from typing import Any


def _entity(number: int) -> dict[str, Any]:
    return {
        "region_code": "CN",
        "district_code": "990101",
        "entity_level": "district",
        "entity_code": f"E{number}",
        "entity_name": f"{number}号区",
        "item_code": "budget_education",
        "stage": "all_stages",
        "scope_code": "education_funds",
        "currency_code": "CNY",
    }


def finance_exception(number: int, **other: Any) -> dict[str, Any]:
    """One entity's floor of one year, lowered by a document."""
    row = {
        "basis": "total",
        "first_fiscal_year": 2022,
        "last_fiscal_year": None,
        "amount": 1_200_000,
        "reason": "一次性校舍建设完成",
        "document": "样本府〔2022〕8号",
        "document_date": date(2022, 12, 1),
    }
    return {**_entity(number), **row, **other}


def price_index(number: int, **other: Any) -> dict[str, Any]:
    """One year of a region's series."""
    row = {
        "region_code": "CN",
        "district_code": "CN",
        "index_code": "cpi",
        "fiscal_year": 2010 + number,
        "index_previous_year_100": 102.5,
        "document": "公报",
    }
    return {**row, **other}


def budget_execution(number: int, **other: Any) -> dict[str, Any]:
    """One entity's spending up to the end of June."""
    row = {
        "fiscal_year": 2023,
        "through_date": date(2023, 6, 30),
        "budget_amount": 90_000_000,
        "executed_amount": 41_000_000,
        "document": None,
    }
    return {**_entity(number), **row, **other}


MAKERS = {
    "budget_execution": budget_execution,
    "finance_exception": finance_exception,
    "price_index": price_index,
}

# record, what is changed in the third row, the one check that fails, words of its messages
BROKEN_ROWS = [
    ("finance_exception", {"last_fiscal_year": 2021}, "years_are_in_order", "不早于", "is not before"),
    ("finance_exception", {"amount": 0}, "amount.range", "不小于 0.01", "at least 0.01"),
    ("finance_exception", {"document_date": None}, "document_date.required", "不得为空", "is present"),
    (
        "finance_exception",
        {"item_code": "recurring_revenue"},
        "exception_is_to_spending",
        "支出类项目",
        "the item is spending",
    ),
    ("finance_exception", {"basis": "per_teacher"}, "exception_is_to_spending", "总额或生均", "per student"),
    # The change of prices in the place of the index.
    (
        "price_index",
        {"index_previous_year_100": 2.5},
        "index_is_of_the_previous_year",
        "填写上年=100的指数",
        "2.5 for 102.5",
    ),
    (
        "price_index",
        {"district_code": "440000"},
        "index_is_of_the_whole_region",
        "区县代码等于地域代码",
        "the region's own code",
    ),
    (
        "budget_execution",
        {"through_date": date(2024, 1, 1)},
        "through_date_is_in_fiscal_year",
        "截止日期在财政年度内",
        "lies in the fiscal year",
    ),
    (
        "budget_execution",
        {"executed_amount": 135_000_000.01},
        "executed_within_budget",
        "元与万元混用",
        "at most 1.5 times",
    ),
    # The third row becomes a later day of the second row's entity: a month's sum in the place of the year's.
    (
        "budget_execution",
        {"entity_code": "E2", "through_date": date(2023, 9, 30), "executed_amount": 40_999_999.99},
        "executed_cumulates",
        "填写自年初累计的执行数",
        "not less than up to an earlier day",
    ),
]

# What real tables hold: no budget beside the spending, nothing spent yet, more spent than was budgeted.
REAL_ROWS = [
    ("budget_execution", [budget_execution(1, budget_amount=None)]),
    ("budget_execution", [budget_execution(1, executed_amount=0)]),
    ("budget_execution", [budget_execution(1, executed_amount=135_000_000)]),
    (
        "budget_execution",
        [
            budget_execution(1),
            budget_execution(1, through_date=date(2023, 12, 31), executed_amount=41_000_000),
        ],
    ),
    # Another year starts at nothing.
    (
        "budget_execution",
        [
            budget_execution(1),
            budget_execution(1, fiscal_year=2024, through_date=date(2024, 3, 31), executed_amount=1),
        ],
    ),
    ("finance_exception", [finance_exception(1, last_fiscal_year=2022)]),
    ("price_index", [price_index(1, index_previous_year_100=98.6)]),
]
