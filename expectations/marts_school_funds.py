"""Suites of the three growths, the items of finance, the money of schools and its tilt."""

from __future__ import annotations

import csv

from expectations.check import Check, Text
from expectations.marts_special_education import least_count
from expectations.promises import (
    CENTS,
    Mart,
    between,
    current,
    holds,
    in_set,
    nothing_left_over,
    partitions_present,
    reason_stated,
)
from ingest.settings import SEEDS_DIR

_FISCAL = "district_code, fiscal_year"
_DISTRICTS = "entity_level = 'district'"
# Growth is cut to two decimals each; their difference is at most this far off.
_POINTS = "0.015"


def _growth_items() -> str:
    """Items from which the growths are read, quoted for a list."""
    with (SEEDS_DIR / "finance_growth.csv").open(encoding="utf-8", newline="") as stream:
        items = {row["item_code"] for row in csv.DictReader(stream)} | {"recurring_revenue"}
    return ", ".join(f"'{item}'" for item in sorted(items))


def _three_growths(schema: str) -> list[Check]:
    condition = f"entity_level = 'district' and item_code in ({_growth_items()})"
    reported = current("raw.finance", _FISCAL, condition)
    known = f"{reported} union {current('raw.finance', 'district_code, fiscal_year - 1', condition)}"
    judged = "coalesce(gap_points, growth_pct)"
    what = Text(
        "每个已接收经费数据的区县年度都在", "every district and year with accepted finance data is there"
    )
    return [
        partitions_present("expected_partitions", reported, _FISCAL, what),
        nothing_left_over(known, _FISCAL),
        in_set("growth_code", "finance_growth"),
        in_set("verdict", "verdict"),
        in_set("verdict_strict", "verdict"),
        holds(
            "no_verdict_has_reason",
            "(verdict = 'no_data') <> (reason is not null) "
            "or (verdict = 'no_data') <> (verdict_strict = 'no_data')",
            Text(
                "不作判定的写明原因，写明原因的不作判定",
                "what is not judged has a reason, and nothing else has",
            ),
            Text("空白会被读成没有下降", "A blank is read as no fall"),
            column="reason",
        ),
        holds(
            "verdict_follows_growth",
            f"not is_turned_by_rounding and (verdict = 'met' and {judged} < 0 "
            f"or verdict = 'not_met' and {judged} >= 0 or verdict_strict = 'met' and {judged} <= 0)",
            Text("下降的不判达标，未下降的不判未达标", "a fall is not judged met, nor a rise not met"),
            Text("这是“三个增长”的判定本身", "This is the clause of the three growths"),
            column="verdict",
        ),
        holds(
            "gap_is_recomputed",
            f"abs(growth_pct - revenue_growth_pct - gap_points) > {_POINTS} "
            "or growth_code = 'spending_over_revenue' and verdict <> 'no_data' and gap_points is null "
            "or growth_code <> 'spending_over_revenue' and gap_points is not null",
            Text(
                "增长率之差等于教育支出增长率减财政经常性收入增长率",
                "the gap is the growth of spending less that of recurring revenue",
            ),
            Text("两年之间互减即结论颠倒", "Another year's revenue would turn the finding round"),
            column="gap_points",
        ),
        holds(
            "revenue_growth_has_a_source",
            "(revenue_growth_pct is null) <> (revenue_growth_source is null)",
            Text("财政经常性收入增长率写明增长率来源", "of a growth of revenue it is told where it was read"),
            Text(
                "印在教育支出旁的增长率无从由金额复核",
                "One that is printed beside spending cannot be recomputed from amounts",
            ),
            column="revenue_growth_source",
        ),
    ]


def _school_funds(schema: str) -> list[Check]:
    accepted = current("raw.school_funds", _FISCAL)
    what = Text(
        "每个已接收学校经费的区县年度都在", "every district and year with accepted funds of schools is there"
    )
    return [
        partitions_present("expected_partitions", accepted, _FISCAL, what),
        nothing_left_over(accepted, _FISCAL),
        between("students", 0, None),
        holds(
            "special_schools_show_no_few_pupils",
            f"is_special and (students < {least_count()} or allocated_students < {least_count()} "
            "or boarding_students is not null)",
            Text(
                f"特殊教育学校的学生数小于 {least_count()} 的不公布，寄宿生数不公布",
                f"fewer than {least_count()} pupils of a special school, or its boarders, are not shown",
            ),
            Text(
                "小于下限的人数可能指向某个孩子，不得公布",
                "A count this small may point at a child and must not be published",
            ),
            column="students",
        ),
        between("public_funds_budget_yuan", 0, None),
        holds(
            "small_schools_are_held_against_100",
            "is_funded_as_full is not null and (is_small is not true "
            "or is_funded_as_full <> (public_funds_budget_yuan >= small_school_funds_required)) "
            "or is_small and small_school_funds_required * students > 0 "
            "and small_school_funds_required < public_funds_budget_yuan and is_funded_as_full is not true",
            Text("小规模学校按100人应拨数判定", "a small school is held against the funds of 100 pupils"),
            Text("按实有人数判定会掩盖少拨", "Held against its own pupils, too little would look enough"),
            column="is_funded_as_full",
        ),
        holds(
            "training_is_held_against_both",
            "is_training_met and (training_budget_yuan * 100 < training_min_pct * public_funds_budget_yuan "
            "or training_account_yuan * 100 < training_min_pct * public_funds_account_yuan "
            "or num_nulls(training_budget_yuan, training_account_yuan) > 0)",
            Text("培训费达标的，预算与决算都达标", "training that is met is met in budget and account"),
            Text("只看预算会把未花的钱算作培训", "The budget alone counts money that was not spent"),
            column="is_training_met",
        ),
        holds(
            "missing_is_told",
            "(not is_reported or students is null) and reason_code is null "
            "or is_training_met is null and training_reason_code is null "
            "or is_funded_as_full is null and small_reason_code is null",
            Text("缺数的写明原因", "what is missing has a reason"),
            Text("空白会被读成没有问题", "A blank is read as no problem"),
            column="reason_code",
        ),
    ]


def _finance_items(schema: str) -> list[Check]:
    reported = current("raw.finance", _FISCAL, _DISTRICTS)
    known = f"{reported} union {current('raw.finance', 'district_code, fiscal_year - 1', _DISTRICTS)}"
    return [
        nothing_left_over(known, _FISCAL),
        in_set("item_code", "code_finance_item"),
        in_set("leg", "finance_leg"),
        # Where only a growth is published, that is what is told.
        holds(
            "change_has_reason",
            "num_nonnulls(change_amount, growth_pct, reason_code) = 0",
            Text("没有增减和增长率时写明原因", "where neither change nor growth is known, a reason is given"),
            Text("空白会被读成没有问题", "A blank is read as no problem"),
            column="change_amount",
        ),
        holds(
            "change_is_recomputed",
            "change_amount <> compared_amount - previous_amount",
            Text("增减等于可比金额减上年金额", "the change is the comparable amount less that of last year"),
            Text("条款按增减判定", "Clauses are judged by the change"),
            column="change_amount",
        ),
    ]


def _tilt(schema: str) -> list[Check]:
    accepted = current("raw.school_funds", _FISCAL)
    return [
        nothing_left_over(accepted, _FISCAL),
        in_set("group_code", "tilt_group"),
        reason_stated("tilt_ratio", "reason_code"),
        between("tilt_ratio", 0, None),
        holds(
            "special_schools_show_no_few_pupils",
            f"group_code = 'special' and group_students between 1 and {least_count()} - 1",
            Text(
                f"特殊教育学校合计学生数小于 {least_count()} 的不公布",
                f"fewer than {least_count()} pupils of special schools are not shown",
            ),
            Text(
                "小于下限的人数可能指向某个孩子，不得公布",
                "A count this small may point at a child and must not be published",
            ),
            column="group_students",
        ),
        holds(
            "schools_reported_within_expected",
            "schools_reported > schools_expected or group_schools + other_schools <> schools_reported",
            Text(
                "已报学校数等于两组之和，且不超过应报数",
                "schools reported are those of both sides and no more",
            ),
            Text("缺校时比值不可作为达标依据", "Where schools lack, the ratio must not be called met"),
            column="schools_reported",
        ),
        holds(
            "shares_are_sums_over_sums",
            f"abs(group_funds_yuan / nullif(group_students, 0) - group_funds_per_student) > {CENTS} "
            f"or abs(other_funds_yuan / nullif(other_students, 0) - other_funds_per_student) > {CENTS}",
            Text("生均数等于经费合计除以学生合计", "the share is the sum of funds over the sum of pupils"),
            Text("各校生均数的简单平均会偏向小校", "A plain mean of schools leans to small schools"),
            column="group_funds_per_student",
        ),
    ]


_ITEM_KEY = ("district_code", "fiscal_year", "item_code", "leg", "stage")
_GROWTH_KEY = ("district_code", "fiscal_year", "growth_code", "stage")
_SCHOOL_KEY = ("district_code", "fiscal_year", "school_code")
_TILT_KEY = ("district_code", "fiscal_year", "group_code")

MARTS = (
    Mart(
        "mart_finance__three_growths",
        (
            *(*_GROWTH_KEY, "growth_pct", "revenue_growth_pct", "revenue_growth_source", "gap_points"),
            *("verdict", "verdict_strict", "is_turned_by_rounding", "reason"),
        ),
        _GROWTH_KEY,
        _three_growths,
    ),
    Mart(
        "mart_policy__finance_items",
        (*_ITEM_KEY, "compared_amount", "previous_amount", "change_amount", "growth_pct", "reason_code"),
        _ITEM_KEY,
        _finance_items,
    ),
    Mart(
        "mart_policy__school_funds",
        (
            *(*_SCHOOL_KEY, "students", "boarding_students", "allocated_students", "is_special"),
            *("public_funds_budget_yuan", "public_funds_account_yuan"),
            *("training_budget_yuan", "training_account_yuan", "training_min_pct", "is_reported", "is_small"),
            *("small_school_funds_required", "is_funded_as_full", "is_training_met"),
            *("reason_code", "small_reason_code", "training_reason_code"),
        ),
        _SCHOOL_KEY,
        _school_funds,
    ),
    Mart(
        "mart_policy__special_funds_tilt",
        (
            *(*_TILT_KEY, "schools_expected", "schools_reported", "group_schools", "group_students"),
            *("group_funds_yuan", "group_funds_per_student", "other_schools", "other_students"),
            *("other_funds_yuan", "other_funds_per_student", "tilt_ratio", "reason_code"),
        ),
        _TILT_KEY,
        _tilt,
    ),
)
