"""Suites of the balance marts: scope, schools, coefficients, groups and gaps, held against each other."""

from __future__ import annotations

import csv

from expectations.check import Check, Text, no_rows
from expectations.promises import (
    EXACT,
    REBUILD,
    Mart,
    between,
    current,
    holds,
    in_set,
    never_above,
    nothing_left_over,
    partitions_present,
    reason_stated,
    rounded,
)
from ingest.settings import SEEDS_DIR

_YEAR = "district_code, school_year"
_STAGE = f"standard_code, {_YEAR}, stage"
_INDICATOR = f"{_STAGE}, indicator_code"
_INDICATOR_KEY = tuple(_INDICATOR.split(", "))


def _any_school_record() -> str:
    tables = ("raw.school", "raw.enrolment", "raw.staffing", "raw.facilities")
    return " union ".join(current(table, _YEAR) for table in tables)


def _school_scope(schema: str) -> list[Check]:
    # The pupils of a special school as a whole are in no scope.
    enrolled = current("raw.enrolment", _YEAR, "stage <> 'special_education'")
    what = Text(
        "每个已接收在校生数据的区县与学年都在", "every district and year with accepted enrolment is there"
    )
    return [
        partitions_present("expected_partitions", enrolled, _YEAR, what),
        nothing_left_over(_any_school_record(), _YEAR),
        holds(
            "exclusion_is_stated",
            "is_in_scope = (exclusion_code is not null)",
            Text("不在范围的学校写明原因，在范围的没有", "schools out of scope have a reason, others none"),
            Text("不可无故排除学校", "No school may be left out without a reason"),
            column="exclusion_code",
        ),
        holds(
            "pupils_of_special_schools_are_withheld",
            "exclusion_code = 'special_school' and students is not null",
            Text("不列特殊教育学校的学生数", "pupils of special schools are not shown by school"),
            Text(
                "小于下限的人数可能指向某个孩子，不得公布",
                "A count this small may point at a child and must not be published",
            ),
            column="students",
        ),
    ]


def _in_scope(schema: str, columns: str) -> str:
    return f"select distinct {columns} from {schema}.mart_balance__school_scope where is_in_scope"


def _school_indicators(schema: str) -> list[Check]:
    columns = f"{_STAGE}, school_code"
    what = Text("范围内的每所学校都在", "every school of scope is there")
    return [
        partitions_present("expected_partitions", _in_scope(schema, columns), columns, what),
        between("value", 0, None),
        reason_stated("value", "reason_code"),
        in_set("verdict", "verdict"),
        holds(
            "met_reaches_threshold",
            "verdict = 'met' and not coalesce(value >= threshold and direction = 'at_least' "
            "or value <= threshold and direction = 'at_most', false)",
            Text("判为达标的都达到标准（含等于）", "what is judged met reaches its threshold (inclusive)"),
            Text("不可误报达标", "A school must not pass by mistake"),
            column="verdict",
        ),
        holds(
            "not_met_misses_threshold",
            "verdict = 'not_met' and not coalesce(value < threshold and direction = 'at_least' "
            "or value > threshold and direction = 'at_most', false)",
            Text("判为未达标的都未达到标准", "what is judged not met misses its threshold"),
            Text("缺数据不等于未达标", "Missing data are not a failure"),
            column="verdict",
        ),
        holds(
            "rounding_is_flagged",
            "is_turned_by_rounding is distinct from coalesce(case direction "
            "when 'at_least' then (value >= threshold) <> (value_rounded >= threshold) "
            "when 'at_most' then (value <= threshold) <> (value_rounded <= threshold) end, false)",
            Text("取整会改变判定的都有标记", "a verdict that the printed value would turn is flagged"),
            Text("页面上的数与判定不可看似矛盾", "A page must not seem to contradict its verdict"),
            column="is_turned_by_rounding",
        ),
    ]


def _coefficients(schema: str) -> list[Check]:
    what = Text("范围内有学校的每个学段都在", "every stage with a school in scope is there")
    return [
        partitions_present("expected_partitions", _in_scope(schema, _STAGE), _STAGE, what),
        between("coefficient", 0, None),
        reason_stated("coefficient", "reason_code"),
        between("reported_share", 0, 1),
        never_above("schools_reported", "schools_in_scope"),
        rounded("coefficient", "coefficient_rounded"),
        in_set("verdict", "verdict"),
        holds(
            "met_is_complete",
            "verdict = 'met' and (schools_reported is distinct from schools_in_scope "
            "or not coalesce(coefficient <= coefficient_limit, false))",
            Text(
                "判为达标的，学校报全且系数不超过限值",
                "what is judged met has every school reported and a coefficient within its limit",
            ),
            Text("缺校的县不可判达标", "A district that lacks schools must not be judged met"),
            column="verdict",
        ),
        holds(
            "not_met_is_above_limit",
            "verdict = 'not_met' and not coalesce(coefficient > coefficient_limit, false)",
            Text("判为未达标的，系数超过限值", "what is judged not met is above its limit"),
            Text("缺数据不等于未达标", "Missing data are not a failure"),
            column="verdict",
        ),
    ]


def _smallest_group() -> int:
    """Fewest schools of a group whose mean is shown, from the standards."""
    with (SEEDS_DIR / "standard.csv").open(encoding="utf-8", newline="") as stream:
        return min(int(row["min_group_schools"]) for row in csv.DictReader(stream))


def _divisions() -> str:
    """Dimensions in which every school is in exactly one group, quoted for SQL."""
    with (SEEDS_DIR / "group_dimension.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["is_partition"] == "true"]
    return ", ".join(f"'{row['dimension_code']}'" for row in rows)


def _group_means(schema: str) -> list[Check]:
    fewest = _smallest_group()
    divisions = _divisions()
    grouping = f"{_INDICATOR}, dimension_code"
    whole = (
        f"select {_INDICATOR}, schools_in_scope, schools_reported from {schema}.mart_balance__coefficients"
    )
    return [
        never_above("schools_reported", "schools_in_scope"),
        reason_stated("mean", "reason_code"),
        rounded("coefficient", "coefficient_rounded"),
        holds(
            "small_groups_are_hidden",
            f"schools_reported < {fewest} and (mean is not null or coefficient is not null "
            "or theil is not null or gini is not null or mcloone is not null)",
            Text(
                f"不足 {fewest} 所学校的组不公布均值", f"groups of fewer than {fewest} schools show no mean"
            ),
            Text(
                "一两所学校的均值就是学校自己的数",
                "The mean of one or two schools gives away their own figures",
            ),
            column="mean",
        ),
        no_rows(
            "groups_add_up",
            f"select 1 as broken from (select {grouping}, "
            "sum(schools_in_scope) as schools_in_scope, sum(schools_reported) as schools_reported "
            f"from {{batch}} where dimension_code in ({divisions}) "
            f"group by {_INDICATOR}, dimension_code) as groups "
            f"where ({_INDICATOR}, schools_in_scope, schools_reported) not in ({whole})",
            what=Text(
                "各组学校数之和等于全部学校数",
                "the schools of the groups add up to all schools of the coefficient",
            ),
            matters=Text("不相等说明有学校漏分或重分组", "Otherwise a school is in no group or in two"),
            mend=REBUILD,
            counted=Text("个分组方式", "groupings"),
            total_query="select count(*) from (select 1 from {batch} "
            f"where dimension_code in ({divisions}) group by {grouping}) as g",
        ),
    ]


def _group_gaps(schema: str) -> list[Check]:
    fewest = _smallest_group()
    # The square of a coefficient is rounded on both sides: a few units of the 16th decimal.
    exact = f"select {_INDICATOR}, coefficient from {schema}.mart_balance__coefficients"
    what = Text("有差异系数的每个指标都有组间比较", "every indicator with a coefficient has its group gaps")
    return [
        partitions_present(
            "expected_partitions",
            f"select {_INDICATOR} from {schema}.mart_balance__coefficients",
            _INDICATOR,
            what,
        ),
        between("between_squared", 0, None),
        between("within_squared", 0, None),
        between("within_share", 0, 1),
        between("range_ratio", 1, None),
        holds(
            "parts_add_up",
            f"abs(between_squared + within_squared - coefficient_squared) > {EXACT}",
            Text("组间与组内之和等于总差异", "between and within add up to the whole"),
            Text("分解不成立则组间占比无意义", "Otherwise the share between groups means nothing"),
            column="coefficient_squared",
        ),
        no_rows(
            "squares_match_coefficient",
            f"select 1 as broken from {{batch}}, ({exact}) as whole "
            f"where subselect.dimension_code in ({_divisions()}) and {_same('subselect', 'whole')} "
            f"and abs(subselect.coefficient_squared - whole.coefficient * whole.coefficient) > {EXACT}",
            what=Text(
                "总差异等于校际差异系数的平方", "the whole is the square of the coefficient between schools"
            ),
            matters=Text("两张表须说同一个数", "Two marts must tell the same figure"),
            mend=REBUILD,
            column="coefficient_squared",
        ),
        holds(
            "ratio_is_of_means",
            f"abs(ratio * second_mean - first_mean) > {EXACT} * greatest(abs(first_mean), 1)",
            Text("比值等于两组均值之比", "the ratio is that of the two means"),
            Text("比值颠倒会把强弱说反", "A ratio upside down turns strong and weak round"),
            column="ratio",
        ),
        rounded("between_coefficient", "between_coefficient_rounded"),
        holds(
            "small_pairs_are_hidden",
            f"least(first_schools, second_schools) < {fewest} "
            "and (ratio is not null or first_mean is not null or second_mean is not null)",
            Text(
                f"任一组不足 {fewest} 所学校的不公布比值",
                f"no ratio of groups of fewer than {fewest} schools",
            ),
            Text(
                "一两所学校的均值就是学校自己的数",
                "The mean of one or two schools gives away their own figures",
            ),
            column="ratio",
        ),
        between("theil_between", 0, None),
        between("theil_within", 0, None),
        between("theil_within_share", 0, 1),
        holds(
            "theil_parts_add_up",
            f"abs(theil_between + theil_within - theil) > {EXACT}",
            Text("泰尔指数组间与组内之和等于总数", "Theil's between and within add up to the whole"),
            Text("分解不成立则组间占比无意义", "Otherwise the share between groups means nothing"),
            column="theil",
        ),
        *_shrinking("is_shrunk", "change_reason_code", "between_coefficient", "previous_between_coefficient"),
        *_shrinking(
            "is_shrunk_same_schools",
            "same_schools_reason_code",
            "same_between_coefficient",
            "same_previous_between_coefficient",
        ),
    ]


def _shrinking(flag: str, reason: str, later: str, earlier: str) -> list[Check]:
    return [
        reason_stated(flag, reason),
        holds(
            f"{flag}_is_strictly_lower",
            f"{flag} is not null and ({flag} is distinct from ({later} < {earlier}) or {reason} is not null)",
            Text("严格小于上年才算缩小", "only strictly lower than last year is shrunk"),
            Text("持平不是缩小", "A gap that stays has not shrunk"),
            column=flag,
        ),
    ]


def _same(left: str, right: str) -> str:
    return " and ".join(f"{left}.{name} = {right}.{name}" for name in _INDICATOR_KEY)


MARTS = (
    Mart(
        "mart_balance__school_scope",
        (*_STAGE.split(", "), "school_code", "is_in_scope", "exclusion_code", "students"),
        (*_STAGE.split(", "), "school_code"),
        _school_scope,
    ),
    Mart(
        "mart_balance__school_indicators",
        (
            *(*_INDICATOR_KEY, "school_code", "value", "value_rounded", "reason_code", "verdict"),
            *("threshold", "direction", "is_turned_by_rounding"),
        ),
        (*_INDICATOR_KEY, "school_code"),
        _school_indicators,
    ),
    Mart(
        "mart_balance__coefficients",
        (
            *(*_INDICATOR_KEY, "schools_in_scope", "schools_reported", "reported_share", "reason_code"),
            *("region_code", "coefficient", "coefficient_rounded", "coefficient_limit", "verdict"),
        ),
        _INDICATOR_KEY,
        _coefficients,
    ),
    Mart(
        "mart_balance__group_means",
        (
            *(*_INDICATOR_KEY, "dimension_code", "group_code", "schools_in_scope", "schools_reported"),
            *("mean", "coefficient", "coefficient_rounded", "theil", "gini", "mcloone", "reason_code"),
        ),
        (*_INDICATOR_KEY, "dimension_code", "group_code"),
        _group_means,
    ),
    Mart(
        "mart_balance__group_gaps",
        (
            *(*_INDICATOR_KEY, "dimension_code", "first_mean", "second_mean", "ratio", "range_ratio"),
            *("between_coefficient", "between_coefficient_rounded", "between_squared", "within_squared"),
            *("coefficient_squared", "within_share", "first_schools", "second_schools"),
            *("theil", "theil_between", "theil_within", "theil_within_share"),
            *("is_shrunk", "change_reason_code", "previous_between_coefficient"),
            *("is_shrunk_same_schools", "same_schools_reason_code"),
            *("same_between_coefficient", "same_previous_between_coefficient"),
        ),
        (*_INDICATOR_KEY, "dimension_code"),
        _group_gaps,
    ),
)
