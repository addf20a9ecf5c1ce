"""Good rows of the marts of standing, and what breaks each of their promises alone."""

from __future__ import annotations

from typing import Any

Rows = list[dict[str, Any]]
STAGE = {"standard_code": "national_2017", "district_code": "990101", "school_year": 2022, "stage": "primary"}


def _school_verdicts() -> Rows:
    row = {
        **STAGE,
        "school_code": "S1",
        "min_indicators_met": 1,
        "indicators_judged": 1,
        "indicators_reported": 1,
        "indicators_met": 1,
        "indicators_near": 0,
        "unmet_indicators": None,
        "verdict": "met",
        "is_passing": True,
    }
    failing = {"indicators_met": 0, "unmet_indicators": "R1", "verdict": "not_met", "is_passing": False}
    unknown = {"indicators_reported": 0, "indicators_met": 0, "verdict": "no_data", "is_passing": False}
    return [
        row,
        {**row, **failing, "school_code": "S2", "indicators_near": 1},
        {**row, **failing, "school_code": "S3"},
        {**row, "school_code": "S4"},
        {**row, "school_code": "S5"},
        {**row, **unknown, "school_code": "S6"},
    ]


def _coefficient_changes() -> Rows:
    row = {
        **STAGE,
        "indicator_code": "R1",
        "schools_in_scope": 6,
        "coefficient": 0.5,
        "coefficient_rounded": 0.5,
        "previous_coefficient": 0.6,
        "change": -0.1,
        "is_shrunk": True,
        "reason_code": None,
        "same_schools": 5,
        "same_schools_coefficient": 0.5,
        "same_schools_previous_coefficient": 0.5,
        "same_schools_change": 0,
        "is_shrunk_same_schools": False,
        "same_schools_reason_code": None,
    }
    grown = {
        "indicator_code": "R2",
        "coefficient": 0.6004,
        "coefficient_rounded": 0.6,
        "change": 0.0004,
        "is_shrunk": False,
    }
    gap = {
        "indicator_code": "R3",
        **dict.fromkeys(["change", "is_shrunk", "same_schools_change", "is_shrunk_same_schools"]),
        "reason_code": "schools_missing",
        "same_schools_reason_code": "schools_missing",
    }
    return [row, {**row, **grown}, {**row, **gap}]


def _composites() -> Rows:
    row = {
        **STAGE,
        "indicators_averaged": 3,
        "indicators_reported": 3,
        "composite": 0.5334666666666667,
        "composite_rounded": 0.533,
        "composite_limit": 0.65,
        "verdict": "met",
        "reason_code": None,
    }
    unknown = {
        "stage": "junior_secondary",
        "indicators_reported": 2,
        "composite": None,
        "composite_rounded": None,
        "verdict": "no_data",
        "reason_code": "indicators_missing",
    }
    return [row, {**row, **unknown}]


def _school_contributions() -> Rows:
    row = {**STAGE, "indicator_code": "R1", "mean": 4, "weight_share": 0.2, "reason_code": None}
    figures = [(4.5, 0.1), (3, 0.2), (2, 0.4), (5, 0.2), (5.5, 0.1)]
    rows = [
        {
            **row,
            "school_code": f"S{n}",
            "value": value,
            "distance": value - 4,
            "is_below_mean": value < 4,
            "squared_share": share,
        }
        for n, (value, share) in enumerate(figures, start=1)
    ]
    missing = dict.fromkeys(["value", "distance", "is_below_mean", "weight_share", "squared_share"])
    return [*rows, {**row, **missing, "school_code": "S6", "reason_code": "value_missing"}]


def _area_coefficients() -> Rows:
    row = {
        "standard_code": "national_2017",
        "area_level": "city",
        "area_code": "990100",
        "school_year": 2022,
        "stage": "primary",
        "indicator_code": "R1",
        "districts": 1,
        "schools_in_scope": 6,
        "schools_reported": 6,
        "coefficient": 0.5,
        "coefficient_rounded": 0.5,
        "reason_code": None,
    }
    areas = (("city", "990100"), ("province", "990000"))
    return [
        {**row, "area_level": level, "area_code": code, "indicator_code": indicator}
        for level, code in areas
        for indicator in ("R1", "R2", "R3")
    ]


GOOD = {
    "mart_balance__school_verdicts": _school_verdicts,
    "mart_balance__coefficient_changes": _coefficient_changes,
    "mart_balance__composites": _composites,
    "mart_balance__school_contributions": _school_contributions,
    "mart_balance__area_coefficients": _area_coefficients,
}
VERDICTS, CHANGES, COMPOSITES, SHARES, AREAS = GOOD
_AGAIN = "insert into mart select * from mart limit 1"

# mart, what is broken, the one check that fails, words of its messages
BROKEN = [
    (VERDICTS, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 6 keys do not"),
    (CHANGES, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 3 keys do not"),
    (COMPOSITES, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 2 keys do not"),
    (
        SHARES,
        "insert into mart select * from mart where school_code = 'S6'",
        "key_is_unique",
        "每个键只出现一行",
        "1 of 6 keys do not",
    ),
    (
        AREAS,
        "insert into mart select * from mart",
        "key_is_unique",
        "每个键只出现一行",
        "6 of 6 keys do not",
    ),
    (
        VERDICTS,
        "delete from mart where school_code = 'S6'",
        "expected_partitions",
        "6 个分区中有 1 个",
        "1 of 6 partitions are missing",
    ),
    (
        VERDICTS,
        "update mart set verdict = 'maybe' where school_code = 'S6'",
        "verdict.codes",
        "verdict",
        "one of",
    ),
    (
        VERDICTS,
        "update mart set indicators_judged = 0 where school_code = 'S1'",
        "indicators_reported_within_indicators_judged",
        "不超过",
        "does not exceed",
    ),
    (
        VERDICTS,
        "update mart set indicators_judged = 0, indicators_reported = 0 where school_code = 'S1'",
        "indicators_met_within_indicators_reported",
        "不超过",
        "does not exceed",
    ),
    (
        VERDICTS,
        "update mart set verdict = 'met', is_passing = true where school_code = 'S2'",
        "met_meets_the_rule",
        "达标项数足够",
        "enough indicators met",
    ),
    (
        VERDICTS,
        "update mart set unmet_indicators = null where school_code = 'S2'",
        "not_met_is_known",
        "差在哪项",
        "what it misses",
    ),
    (
        VERDICTS,
        "update mart set is_passing = false where school_code = 'S1'",
        "passing_is_met",
        "与判定一致",
        "says what the verdict says",
    ),
    (
        VERDICTS,
        "update mart set indicators_met = 2, indicators_reported = 2, indicators_judged = 2 "
        "where school_code = 'S4'",
        "met_is_counted_alike",
        "逐项判定",
        "single indicators",
    ),
    (
        CHANGES,
        "delete from mart where indicator_code = 'R3'",
        "expected_partitions",
        "每个指标都在",
        "1 of 3 partitions are missing",
    ),
    (CHANGES, "update mart set reason_code = null", "change_or_reason", "写明原因", "a reason is given"),
    (
        CHANGES,
        "update mart set same_schools_reason_code = null",
        "same_schools_change_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (
        CHANGES,
        "update mart set coefficient_rounded = 0.6",
        "coefficient_rounded_is_rounded",
        "保留 3 位小数",
        "rounded to 3 decimals",
    ),
    (
        CHANGES,
        "update mart set same_schools = 7",
        "same_schools_within_schools_in_scope",
        "不超过",
        "does not exceed",
    ),
    (
        CHANGES,
        "update mart set change = -0.2 where indicator_code = 'R1'",
        "change_is_of_both",
        "本学年减上学年",
        "minus the year before",
    ),
    (
        CHANGES,
        "update mart set is_shrunk = false where indicator_code = 'R1'",
        "shrunk_means_lower",
        "确实更低",
        "is lower",
    ),
    (
        COMPOSITES,
        "update mart set reason_code = null",
        "composite_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (
        COMPOSITES,
        "update mart set composite_rounded = 0.534 where composite is not null",
        "composite_rounded_is_rounded",
        "保留 3 位小数",
        "rounded to 3 decimals",
    ),
    (
        COMPOSITES,
        "update mart set indicators_reported = 4",
        "indicators_reported_within_indicators_averaged",
        "不超过",
        "does not exceed",
    ),
    (
        COMPOSITES,
        "update mart set verdict = 'not_met' where verdict = 'met'",
        "verdict_follows_the_limit",
        "综合系数与限值",
        "composite and limit",
    ),
    (
        COMPOSITES,
        "update mart set composite = 0.54, composite_rounded = 0.54 where composite is not null",
        "composite_is_the_mean",
        "算术平均",
        "arithmetic mean",
    ),
    (
        SHARES,
        "delete from mart where school_code = 'S6'",
        "expected_partitions",
        "6 个分区中有 1 个",
        "1 of 6 partitions are missing",
    ),
    (
        SHARES,
        "update mart set squared_share = case school_code when 'S1' then -0.7 else 1 end "
        "where school_code in ('S1', 'S2')",
        "squared_share.range",
        "0 与 1",
        "between 0 and 1",
    ),
    (
        SHARES,
        "update mart set weight_share = case school_code when 'S1' then -0.1 else 0.5 end "
        "where school_code in ('S1', 'S2')",
        "weight_share.range",
        "0 与 1",
        "between 0 and 1",
    ),
    (
        SHARES,
        "update mart set reason_code = null",
        "squared_share_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (
        SHARES,
        "update mart set squared_share = 0.3 where school_code = 'S1'",
        "squared_shares_add_up",
        "之和为 1",
        "add up to 1",
    ),
    (
        SHARES,
        "update mart set weight_share = 0.3 where school_code = 'S1'",
        "weight_shares_add_up",
        "之和为 1",
        "add up to 1",
    ),
    (
        SHARES,
        "update mart set distance = -distance, is_below_mean = not is_below_mean where school_code = 'S3'",
        "distance_is_from_the_mean",
        "值减均值",
        "minus the mean",
    ),
    (
        AREAS,
        "delete from mart where indicator_code = 'R2'",
        "expected_partitions",
        "归入其市",
        "in its city",
    ),
    (
        AREAS,
        "update mart set coefficient = -0.5, coefficient_rounded = -0.5",
        "coefficient.range",
        "不小于 0",
        "at least 0",
    ),
    (
        AREAS,
        "update mart set coefficient = null, coefficient_rounded = null",
        "coefficient_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (
        AREAS,
        "update mart set coefficient_rounded = 0.6",
        "coefficient_rounded_is_rounded",
        "保留 3 位小数",
        "rounded to 3 decimals",
    ),
    (
        AREAS,
        "update mart set schools_reported = 7",
        "schools_reported_within_schools_in_scope",
        "不超过",
        "does not exceed",
    ),
    (
        AREAS,
        "update mart set districts = 7",
        "districts_within_schools_in_scope",
        "不超过",
        "does not exceed",
    ),
    (
        AREAS,
        "update mart set schools_in_scope = 7 where area_level = 'province'",
        "provinces_hold_their_cities",
        "所辖各市之和",
        "the schools of its cities",
    ),
]
