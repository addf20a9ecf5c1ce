"""Suites of what it would take: what schools lack, and the paths that bring a coefficient under its limit."""

from __future__ import annotations

from expectations.check import Check, Text, no_rows
from expectations.promises import REBUILD, Mart, between, holds, in_set, partitions_present

_INDICATOR = "standard_code, district_code, school_year, stage, indicator_code"
_SCHOOL = f"{_INDICATOR}, school_code"
_PATH = f"{_INDICATOR}, target_code"


def _shortfalls(schema: str) -> list[Check]:
    failing = (
        f"select {_SCHOOL} from {schema}.mart_balance__school_indicators "
        "where verdict = 'not_met' and direction = 'at_least'"
    )
    what = Text("每所未达标准值的学校都在", "every school below its threshold is there")
    return [
        partitions_present("every_failing_school", failing, _SCHOOL, what),
        no_rows(
            "only_failing_schools",
            f"select 1 as broken from {{batch}} where ({_SCHOOL}) not in ({failing})",
            what=Text("只有未达标准值的学校", "no school but those below their threshold"),
            matters=Text("已达标的学校不缺什么", "A school that reaches its threshold lacks nothing"),
            mend=REBUILD,
        ),
        between("threshold_share", 0, 1),
        holds(
            "units_cover_the_shortfall",
            "not coalesce(units_needed >= shortfall and school_units_needed >= units_needed "
            "and shortfall > 0, false)",
            Text("所需数量不少于差额", "the units needed cover the shortfall"),
            Text("舍去尾数后仍不达标", "Rounded down, the school still fails"),
            column="units_needed",
        ),
        holds(
            "floor_is_nearer",
            "units_needed_for_floor > units_needed",
            Text("达到底线所需不多于达到标准值所需", "the floor needs no more than the threshold"),
            Text("底线低于标准值", "The floor lies below the threshold"),
            column="units_needed_for_floor",
        ),
    ]


def _path_to_limit(schema: str) -> list[Check]:
    over = (
        f"select {_INDICATOR} from {schema}.mart_balance__coefficients where verdict = 'not_met' "
        f"and ({_INDICATOR}) not in (select {_INDICATOR} from {schema}.mart_balance__school_indicators "
        "where direction = 'at_most')"
    )
    what = Text("每个超限值的差异系数都在", "every coefficient over its limit is there")
    return [
        partitions_present("every_coefficient_over_its_limit", over, _INDICATOR, what),
        in_set("target_code", "rise_target"),
        holds(
            "enough_is_within_limit",
            "is_enough <> (coefficient <= coefficient_limit) "
            "or is_enough <> coalesce(step = steps_needed, false)",
            Text("标为已够的那一步不超限值，且只有它", "the step that is enough is within the limit, alone"),
            Text("名单短一所即仍超限值", "One school fewer and the limit is still exceeded"),
            column="is_enough",
        ),
        holds(
            "failure_is_stated",
            "(steps_needed is null) <> (reason_code is not null)",
            Text("全部上升仍不够时写明原因", "where no list suffices, the reason is given"),
            Text("不可让人以为名单已够", "Nobody may take the list for enough"),
            column="reason_code",
        ),
        no_rows(
            "steps_are_without_gap",
            f"select 1 as broken from {{batch}} group by {_PATH} "
            "having min(step) <> 0 or max(step) <> count(*) - 1 "
            "or count(distinct school_code) <> count(*) - 1",
            what=Text(
                "步骤自 0 起连续，每校只出现一次", "steps run from 0 without gap, each school stands once"
            ),
            matters=Text("缺一步则累计数不可核对", "Without a step the running totals cannot be checked"),
            mend=REBUILD,
            counted=Text("条路径", "paths"),
            total_query=f"select count(*) from (select 1 from {{batch}} group by {_PATH}) as paths",
        ),
        no_rows(
            "nobody_is_lowered",
            "select 1 as broken from {batch} where units_needed <= 0 or value_before >= target_value",
            what=Text("只升不降", "schools rise, none is lowered"),
            matters=Text("拉低强校不是办法", "Weakening strong schools is no way"),
            mend=REBUILD,
            column="units_needed",
        ),
    ]


MARTS = (
    Mart(
        "mart_balance__shortfalls",
        (
            *(*_SCHOOL.split(", "), "threshold_share", "shortfall", "units_needed"),
            *("units_needed_for_floor", "school_units_needed"),
        ),
        tuple(_SCHOOL.split(", ")),
        _shortfalls,
    ),
    Mart(
        "mart_balance__path_to_limit",
        (
            *(*_PATH.split(", "), "step", "school_code", "value_before", "target_value", "units_needed"),
            *("coefficient", "coefficient_limit", "is_enough", "steps_needed", "reason_code"),
        ),
        (*_PATH.split(", "), "step"),
        _path_to_limit,
    ),
)
