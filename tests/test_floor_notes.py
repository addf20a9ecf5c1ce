"""What is said of single years below the table of the spending floor, and over which years."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ingest.floor.notes import notes
from ingest.money import Unit

YUAN = Unit(1, "元", "yuan")
PLAIN: dict[str, Any] = {
    "status": "rises",
    "status_zh": "上升",
    "status_en": "Rises",
    "reason": None,
    "reason_zh": None,
    "reason_en": None,
    "amount": Decimal(90),
    "compared_amount": Decimal(90),
    "compared_vintage": "final_account",
    "floor_amount": Decimal(80),
    "floor_compared_amount": Decimal(90),
    "floor_vintage": "final_account",
    "exception_amount": None,
    "exception_documents": None,
    "verdict": "met",
    "verdict_strict": "met",
    "floor_verdict": "met",
    "floor_verdict_strict": "met",
    "is_turned_by_rounding": False,
    "is_restated": False,
}
MISSING = {
    "status": "no_data",
    "status_zh": "缺数据",
    "status_en": "No data",
    "reason": "amount_missing",
    "reason_zh": "金额缺失",
    "reason_en": "The amount is missing",
}


def said(language: str, *years: tuple[int, dict[str, Any]]) -> list[str]:
    return notes([{**PLAIN, "fiscal_year": year, **changes} for year, changes in years], YUAN, language)


def test_of_a_year_that_rose_nothing_is_said() -> None:
    assert said("both", (2020, {})) == []


def test_years_of_which_the_same_is_said_share_a_line() -> None:
    years = [(year, MISSING) for year in (2014, 2018, 2019, 2020)]
    assert said("zh", *years, (2021, {})) == ["2014, 2018–2020 缺数据：金额缺失"]
    assert said("en", *years) == ["2014, 2018–2020 No data: The amount is missing"]


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        (
            {"exception_amount": Decimal(5), "exception_documents": "甲文[bis]1号"},
            "例外：底线降低 5.00 元，依据 甲文\\[bis]1号",
            "exception: floor lowered by 5.00 yuan, by 甲文\\[bis]1号",
        ),
        (
            {"compared_amount": Decimal(110), "compared_vintage": "bulletin"},
            "† 与上年比较时取同一版本（公告）的 110.00",
            "† held against last year with 110.00 of the same vintage (Bulletin)",
        ),
        (
            {"floor_compared_amount": Decimal(110), "floor_vintage": "bulletin"},
            "与底线比较时取底线所用版本（公告）的 110.00",
            "held against the floor with 110.00 of its vintage (Bulletin)",
        ),
        ({"verdict_strict": "not_met"}, "严格读法（须有增长）未达标", "not met where equal is not enough"),
        (
            {"is_turned_by_rounding": True},
            "按精确值判定；只看公布位数结论相反",
            "judged on exact amounts; rounded ones say otherwise",
        ),
        ({"is_restated": True}, "各年版公布的金额不同", "editions print different amounts"),
    ],
)
def test_what_is_out_of_the_ordinary_is_said_in_each_language(
    changes: dict[str, Any], zh: str, en: str
) -> None:
    assert said("zh", (2020, changes)) == [f"2020 {zh}"]
    assert said("en", (2020, changes)) == [f"2020 {en}"]
