"""Good rows of the marts of money: growths, schools and tilt; and what breaks them one by one."""

from __future__ import annotations

from typing import Any

FISCAL = {"district_code": "440000", "fiscal_year": 2022}
SCHOOL_FISCAL = {"district_code": "990101", "fiscal_year": 2022}
Rows = list[dict[str, Any]]

GROWTHS, FUNDS = "mart_finance__three_growths", "mart_policy__school_funds"
TILT, ITEMS = "mart_policy__special_funds_tilt", "mart_policy__finance_items"


def _three_growths() -> Rows:
    row = {
        **FISCAL,
        "growth_code": "spending_over_revenue",
        "stage": "all_stages",
        "growth_pct": 5.5,
        "revenue_growth_pct": 4.0,
        "revenue_growth_source": "revenue_row",
        "gap_points": 1.5,
        "verdict": "met",
        "verdict_strict": "met",
        "is_turned_by_rounding": False,
        "reason": None,
    }
    alone = {"revenue_growth_pct": None, "revenue_growth_source": None, "gap_points": None}
    pay = {"growth_code": "teacher_pay", "growth_pct": 0, **alone}
    fallen = {"stage": "primary", "growth_code": "spending_per_student", "growth_pct": -0.5}
    missing = {"stage": "primary", "growth_code": "public_funds_per_student", "growth_pct": None}
    return [
        row,
        {**row, **pay, "verdict_strict": "not_met"},
        {**row, **pay, **fallen, "verdict": "not_met", "verdict_strict": "not_met"},
        {
            **row,
            **pay,
            **missing,
            "verdict": "no_data",
            "verdict_strict": "no_data",
            "reason": "item_missing",
        },
    ]


def _school_funds() -> Rows:
    row = {
        **SCHOOL_FISCAL,
        "school_code": "S1",
        "students": 60,
        "boarding_students": 6,
        "allocated_students": 100,
        "is_special": False,
        "public_funds_budget_yuan": 100_000,
        "public_funds_account_yuan": 99_000,
        "training_budget_yuan": 5_000,
        "training_account_yuan": 4_950,
        "training_min_pct": 5,
        "is_reported": True,
        "is_small": True,
        "small_school_funds_required": 100_000,
        "is_funded_as_full": True,
        "is_training_met": True,
        "reason_code": None,
        "small_reason_code": None,
        "training_reason_code": None,
    }
    short = {"public_funds_budget_yuan": 60_000, "is_funded_as_full": False}
    silent = dict.fromkeys([name for name in row if name.endswith("_yuan") or name.startswith("is_")])
    silent_reasons = dict.fromkeys(
        [name for name in row if name.endswith("reason_code")], "school_funds_row_missing"
    )
    return [
        row,
        {**row, "school_code": "S2", **short},
        {**row, "school_code": "S3", **silent, **silent_reasons, "is_reported": False},
        {**row, "school_code": "S4", "is_special": True, "boarding_students": None},
    ]


def _tilt() -> Rows:
    row = {
        **SCHOOL_FISCAL,
        "group_code": "favoured",
        "schools_expected": 3,
        "schools_reported": 3,
        "group_schools": 2,
        "group_students": 300,
        "group_funds_yuan": 60_000,
        "group_funds_per_student": 200,
        "other_schools": 1,
        "other_students": 100,
        "other_funds_yuan": 10_000,
        "other_funds_per_student": 100,
        "tilt_ratio": 2,
        "reason_code": None,
    }
    absent = {"group_code": "weak", "group_schools": 0, "group_students": None, "group_funds_yuan": None,
              "group_funds_per_student": None, "schools_reported": 1, "tilt_ratio": None,
              "reason_code": "group_absent"}  # fmt: skip
    few = {"group_code": "special", "group_students": None, "group_funds_per_student": None, "tilt_ratio": None,
           "reason_code": "small_count"}  # fmt: skip
    return [row, {**row, **absent}, {**row, **few}]


def _finance_items() -> Rows:
    row = {
        **FISCAL,
        "item_code": "disabled_aid",
        "leg": "total",
        "stage": "all_stages",
        "compared_amount": 110,
        "previous_amount": 100,
        "change_amount": 10,
        "growth_pct": 10,
        "reason_code": None,
    }
    first = dict.fromkeys(("previous_amount", "change_amount", "growth_pct"))
    return [
        row,
        {**row, "item_code": "special_school_public_funds", **first, "reason_code": "previous_year_missing"},
        {**row, "item_code": "teacher_pay", **first, "growth_pct": -16.56},
    ]


GOOD = {GROWTHS: _three_growths, ITEMS: _finance_items, FUNDS: _school_funds, TILT: _tilt}

BATCHES = {"school_funds": {"region_code": "CN", **SCHOOL_FISCAL, "school_code": "S1"}}

_GAP = "where growth_code = 'spending_over_revenue'"
_S1, _S2, _S3 = (f"where school_code = 'S{number}'" for number in (1, 2, 3))
_FAVOURED = "where group_code = 'favoured'"
_OTHER_GROWTH = "update mart set growth_code = 'more' where growth_code = 'teacher_pay'"
_OTHER_YEAR = "update mart set fiscal_year = 2015 where stage = 'primary'"
_OTHER_FUNDS_YEAR = f"update mart set fiscal_year = 2015 {_S3}"
_OTHER_GROUP = f"update mart set group_code = 'rich' {_FAVOURED}"
_AGAIN = "insert into mart select * from mart"

# mart, what is done to it, the check that fails, words of its messages
BROKEN = [
    *((name, _AGAIN, "key_is_unique", "每个键只出现一行", "each key has one row") for name in GOOD),
    (GROWTHS, "delete from mart", "expected_partitions", "区县年度", "accepted finance"),
    (GROWTHS, _OTHER_YEAR, "only_current_partitions", "现行批次", "current batches"),
    (
        GROWTHS,
        _OTHER_GROWTH,
        "growth_code.codes",
        "finance_growth",
        "finance_growth",
    ),
    (GROWTHS, f"update mart set verdict = 'bad' {_GAP}", "verdict.codes", "verdict", "verdict"),
    (GROWTHS, f"update mart set verdict_strict = 'bad' {_GAP}", "verdict_strict.codes", "verdict", "verdict"),
    (GROWTHS, "update mart set reason = null", "no_verdict_has_reason", "写明原因", "has a reason"),
    (
        GROWTHS,
        "update mart set verdict = 'met' where growth_pct < 0",
        "verdict_follows_growth",
        "下降的不判达标",
        "a fall is not judged met",
    ),
    (
        GROWTHS,
        f"update mart set revenue_growth_source = null {_GAP}",
        "revenue_growth_has_a_source",
        "增长率来源",
        "where it was read",
    ),
    (GROWTHS, f"update mart set gap_points = 2.5 {_GAP}", "gap_is_recomputed", "增长率之差", "the gap is"),
    (ITEMS, "update mart set fiscal_year = 2015", "only_current_partitions", "现行批次", "current batches"),
    (
        ITEMS,
        "update mart set item_code = 'gold' where change_amount = 10",
        "item_code.codes",
        "code_finance_item",
        "code_finance_item",
    ),
    (ITEMS, "update mart set leg = 'half'", "leg.codes", "finance_leg", "finance_leg"),
    (ITEMS, "update mart set reason_code = null", "change_has_reason", "写明原因", "a reason is given"),
    (
        ITEMS,
        "update mart set change_amount = -10 where change_amount = 10",
        "change_is_recomputed",
        "可比金额减上年金额",
        "the change is",
    ),
    (FUNDS, "delete from mart", "expected_partitions", "学校经费", "funds of schools"),
    *(
        (
            FUNDS,
            f"update mart set {column} = 9 where school_code = 'S4'",
            "special_schools_show_no_few_pupils",
            "小于 10 的不公布",
            "fewer than 10 pupils",
        )
        for column in ("students", "allocated_students", "boarding_students")
    ),
    (
        FUNDS,
        f"update mart set fiscal_year = 2015 {_S3}",
        "only_current_partitions",
        "现行批次",
        "current batches",
    ),
    (FUNDS, f"update mart set students = -1 {_S3}", "students.range", "不小于 0", "at least 0"),
    (
        FUNDS,
        f"update mart set public_funds_budget_yuan = -1 {_S2}",
        "public_funds_budget_yuan.range",
        "不小于 0",
        "at least 0",
    ),
    (
        FUNDS,
        f"update mart set is_funded_as_full = true {_S2}",
        "small_schools_are_held_against_100",
        "100人",
        "100 pupils",
    ),
    (
        FUNDS,
        f"update mart set training_account_yuan = 4949 {_S1}",
        "training_is_held_against_both",
        "预算与决算都达标",
        "budget and account",
    ),
    (FUNDS, f"update mart set reason_code = null {_S3}", "missing_is_told", "写明原因", "has a reason"),
    (TILT, "update mart set fiscal_year = 2015", "only_current_partitions", "现行批次", "current batches"),
    (
        TILT,
        _OTHER_GROUP,
        "group_code.codes",
        "tilt_group",
        "tilt_group",
    ),
    (
        TILT,
        f"update mart set tilt_ratio = null {_FAVOURED}",
        "tilt_ratio_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (TILT, f"update mart set tilt_ratio = -1 {_FAVOURED}", "tilt_ratio.range", "不小于 0", "at least 0"),
    (
        TILT,
        f"update mart set schools_reported = 4 {_FAVOURED}",
        "schools_reported_within_expected",
        "两组之和",
        "both sides",
    ),
    (
        TILT,
        "update mart set group_students = 9 where group_code = 'special'",
        "special_schools_show_no_few_pupils",
        "小于 10 的不公布",
        "fewer than 10",
    ),
    (
        TILT,
        f"update mart set group_funds_per_student = 150 {_FAVOURED}",
        "shares_are_sums_over_sums",
        "经费合计除以学生合计",
        "sum of funds",
    ),
]
