"""Suites of the marts of standing: schools as a whole, changes, composites, contributions, areas."""

from __future__ import annotations

import csv

from expectations.check import Check, Text, no_rows
from expectations.promises import (
    EXACT,
    REBUILD,
    Mart,
    between,
    holds,
    in_set,
    never_above,
    partitions_present,
    reason_stated,
    rounded,
)
from ingest.settings import SEEDS_DIR

_STAGE = "standard_code, district_code, school_year, stage"
_INDICATOR = f"{_STAGE}, indicator_code"
_SCHOOL = f"{_STAGE}, school_code"
_AREA = "standard_code, area_level, area_code, school_year, stage, indicator_code"
_COEFFICIENTS = "{schema}.mart_balance__coefficients"


def _key(columns: str) -> tuple[str, ...]:
    return tuple(columns.split(", "))


def _judging_standards() -> str:
    """Standards that judge a school as a whole, quoted for SQL."""
    with (SEEDS_DIR / "standard.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["min_indicators_met"]]
    return ", ".join(f"'{row['standard_code']}'" for row in rows)


def _school_verdicts(schema: str) -> list[Check]:
    judged = (
        f"select distinct {_SCHOOL} from {schema}.mart_balance__school_indicators "
        f"where threshold is not null and standard_code in ({_judging_standards()})"
    )
    own = (
        f"select {_SCHOOL}, count(*) filter (where verdict = 'met') as met "
        f"from {schema}.mart_balance__school_indicators where threshold is not null group by {_SCHOOL}"
    )
    return [
        partitions_present(
            "expected_partitions",
            judged,
            _SCHOOL,
            Text("范围内的每所学校都有综合判定", "every school of scope is judged as a whole"),
        ),
        in_set("verdict", "verdict"),
        never_above("indicators_reported", "indicators_judged"),
        never_above("indicators_met", "indicators_reported"),
        holds(
            "met_meets_the_rule",
            "verdict = 'met' and (indicators_reported < indicators_judged "
            "or indicators_met < min_indicators_met or indicators_met + indicators_near < indicators_judged)",
            Text(
                "判为达标的学校项项有值、达标项数足够、其余都到底线",
                "a school that passes has every value, enough indicators met, the others at their floor",
            ),
            Text("不可误报学校达标", "No school may pass by mistake"),
            column="verdict",
        ),
        holds(
            "not_met_is_known",
            "verdict = 'not_met' and (indicators_reported < indicators_judged or unmet_indicators is null)",
            Text(
                "判为未达标的学校项项有值且写明差在哪项",
                "a school that fails has every value and says what it misses",
            ),
            Text("缺数据不等于未达标", "Missing data are not a failure"),
            column="verdict",
        ),
        holds(
            "passing_is_met",
            "is_passing <> (verdict = 'met')",
            Text("是否达标与判定一致", "the flag says what the verdict says"),
            Text("下钻条件用的是这一列", "Drill-downs filter by it"),
            column="is_passing",
        ),
        no_rows(
            "met_is_counted_alike",
            f"select 1 as broken from {{batch}}, ({own}) as own "
            f"where {_same('subselect', 'own', _SCHOOL)} and subselect.indicators_met <> own.met",
            what=Text(
                "达标项数与逐项判定的结果相同",
                "as many indicators are met as the mart of single indicators says",
            ),
            matters=Text("两张表须说同一个数", "Two marts must tell the same figure"),
            mend=REBUILD,
            column="indicators_met",
        ),
    ]


def _coefficient_changes(schema: str) -> list[Check]:
    what = Text("有差异系数的每个指标都在", "every indicator with a coefficient is there")
    return [
        partitions_present(
            "expected_partitions", f"select {_INDICATOR} from {_in(schema)}", _INDICATOR, what
        ),
        reason_stated("change", "reason_code"),
        reason_stated("same_schools_change", "same_schools_reason_code"),
        rounded("coefficient", "coefficient_rounded"),
        never_above("same_schools", "schools_in_scope"),
        holds(
            "change_is_of_both",
            f"abs(change - (coefficient - previous_coefficient)) > {EXACT} or abs(same_schools_change - "
            f"(same_schools_coefficient - same_schools_previous_coefficient)) > {EXACT}",
            Text("变化等于本学年减上学年", "the change is this year minus the year before"),
            Text("方向颠倒会把扩大说成缩小", "Upside down, growing apart reads as drawing together"),
            column="change",
        ),
        # Equal in all decimals that are published and yet lower in those that are not: either may be said.
        holds(
            "shrunk_means_lower",
            "(is_shrunk and change > 0) or (not is_shrunk and change < 0) "
            "or (is_shrunk_same_schools and same_schools_change > 0) "
            "or (not is_shrunk_same_schools and same_schools_change < 0)",
            Text("判为缩小的确实更低", "what is said to have shrunk is lower"),
            Text("计划要求进一步缩小", "The plan asks for coefficients to shrink"),
            column="is_shrunk",
        ),
    ]


def _composites(schema: str) -> list[Check]:
    sums = (
        f"select {_STAGE}, sum(coefficient) / count(*) as composite from {_in(schema)} group by {_STAGE} "
        "having count(coefficient) = count(*)"
    )
    return [
        reason_stated("composite", "reason_code"),
        rounded("composite", "composite_rounded"),
        never_above("indicators_reported", "indicators_averaged"),
        holds(
            "verdict_follows_the_limit",
            "verdict <> case when composite is null then 'no_data' "
            "when composite <= composite_limit then 'met' else 'not_met' end",
            Text("判定由综合系数与限值得出", "the verdict follows from composite and limit"),
            Text("缺一项就没有综合系数，也没有判定", "Without every indicator there is no verdict"),
            column="verdict",
        ),
        no_rows(
            "composite_is_the_mean",
            f"select 1 as broken from {{batch}}, ({sums}) as sums "
            f"where {_same('subselect', 'sums', _STAGE)} "
            f"and abs(subselect.composite - sums.composite) > {EXACT}",
            what=Text(
                "综合系数是各项系数的算术平均", "the composite is the arithmetic mean of the coefficients"
            ),
            matters=Text("两张表须说同一个数", "Two marts must tell the same figure"),
            mend=REBUILD,
            column="composite",
        ),
    ]


def _school_contributions(schema: str) -> list[Check]:
    whole = (
        f"select 1 as broken from {{batch}} group by {_INDICATOR} "
        "having abs(sum({column}) - 1) > 0.000000001 or sum({column}) is null and count({column}) > 0"
    )
    compared = f"select {_INDICATOR}, school_code from {schema}.mart_balance__school_indicators"
    return [
        partitions_present(
            "expected_partitions",
            compared,
            f"{_INDICATOR}, school_code",
            Text("每所学校的每个指标都在", "every indicator of every school is there"),
        ),
        between("squared_share", 0, 1),
        between("weight_share", 0, 1),
        reason_stated("squared_share", "reason_code"),
        *(
            no_rows(
                f"{column}s_add_up",
                whole.format(batch="{batch}", column=column),
                what=Text(f"各校 {column} 之和为 1", f"{column} of all schools add up to 1"),
                matters=Text("否则有学校漏算或重复", "Otherwise a school is missing or counted twice"),
                mend=REBUILD,
                column=column,
                counted=Text("个指标", "indicators"),
                total_query=f"select count(*) from (select 1 from {{batch}} group by {_INDICATOR}) as g",
            )
            for column in ("squared_share", "weight_share")
        ),
        holds(
            "distance_is_from_the_mean",
            f"abs(distance - (value - mean)) > {EXACT} * greatest(abs(mean), 1) "
            "or is_below_mean <> (distance < 0)",
            Text("与均值之差等于值减均值", "the distance is the value minus the mean"),
            Text("正负颠倒会把强弱说反", "Upside down, strong and weak change places"),
            column="distance",
        ),
    ]


def _area_coefficients(schema: str) -> list[Check]:
    columns = "standard_code, area_code, school_year, stage, indicator_code"
    cities = (
        "select distinct standard_code, rpad(left(district_code, 4), 6, '0') as area_code, school_year, "
        f"stage, indicator_code from {_in(schema)} "
        "where region_code = 'CN' and length(district_code) = 6 and district_code !~ '[^0-9]'"
    )
    return [
        partitions_present(
            "expected_partitions",
            cities,
            columns,
            Text("每个有六位代码的区县都归入其市", "every district with a code of six digits is in its city"),
        ),
        between("coefficient", 0, None),
        reason_stated("coefficient", "reason_code"),
        rounded("coefficient", "coefficient_rounded"),
        never_above("schools_reported", "schools_in_scope"),
        never_above("districts", "schools_in_scope"),
        no_rows(
            "provinces_hold_their_cities",
            "select 1 as broken from {batch} "
            "group by standard_code, left(area_code, 2), school_year, stage, indicator_code "
            "having sum(schools_in_scope) filter (where area_level = 'city') "
            "is distinct from sum(schools_in_scope) filter (where area_level = 'province')",
            what=Text("省的学校数等于所辖各市之和", "a province has the schools of its cities"),
            matters=Text("否则有学校漏分或重分", "Otherwise a school is in no area or in two"),
            mend=REBUILD,
            column="schools_in_scope",
        ),
    ]


def _in(schema: str) -> str:
    return _COEFFICIENTS.format(schema=schema)


def _same(left: str, right: str, key: str) -> str:
    return " and ".join(f"{left}.{name} = {right}.{name}" for name in _key(key))


MARTS = (
    Mart(
        "mart_balance__school_verdicts",
        (
            *(*_key(_SCHOOL), "min_indicators_met", "indicators_judged", "indicators_reported"),
            *("indicators_met", "indicators_near", "unmet_indicators", "verdict", "is_passing"),
        ),
        _key(_SCHOOL),
        _school_verdicts,
    ),
    Mart(
        "mart_balance__coefficient_changes",
        (
            *(*_key(_INDICATOR), "coefficient", "coefficient_rounded", "previous_coefficient", "change"),
            *("is_shrunk", "reason_code", "schools_in_scope", "same_schools", "same_schools_coefficient"),
            *("same_schools_previous_coefficient", "same_schools_change", "is_shrunk_same_schools"),
            "same_schools_reason_code",
        ),
        _key(_INDICATOR),
        _coefficient_changes,
    ),
    Mart(
        "mart_balance__composites",
        (
            *(*_key(_STAGE), "indicators_averaged", "indicators_reported", "composite"),
            *("composite_rounded", "composite_limit", "verdict", "reason_code"),
        ),
        _key(_STAGE),
        _composites,
    ),
    Mart(
        "mart_balance__school_contributions",
        (
            *(*_key(_INDICATOR), "school_code", "value", "mean", "distance", "is_below_mean"),
            *("weight_share", "squared_share", "reason_code"),
        ),
        (*_key(_INDICATOR), "school_code"),
        _school_contributions,
    ),
    Mart(
        "mart_balance__area_coefficients",
        (
            *(*_key(_AREA), "districts", "schools_in_scope", "schools_reported", "coefficient"),
            *("coefficient_rounded", "reason_code"),
        ),
        _key(_AREA),
        _area_coefficients,
    ),
)
