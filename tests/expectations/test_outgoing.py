"""Marts that hold pass; break one figure and that check alone fails, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import made_balance_standing
import made_government_marts
import made_policy_engine
import made_policy_places
import made_school_forms
import made_school_funds_marts
import made_spending_marts
import made_teacher_marts
import psycopg
import pytest
from made_batches import make_current, put_batch
from psycopg import sql

from expectations.outgoing import MARTS, ROLE, MartsVerdict, check_marts
from expectations.promises import suite
from expectations.runner import Runner
from ingest import database

SCHEMA = "marts_build"
BY_NAME = {mart.name: mart for mart in MARTS}
DISTRICT_YEAR = {"district_code": "990101", "school_year": 2022}
STAGE = {"standard_code": "national_2017", **DISTRICT_YEAR, "stage": "primary"}


def _scope() -> list[dict[str, Any]]:
    schools = [
        {**STAGE, "school_code": f"S{n}", "is_in_scope": True, "exclusion_code": None, "students": 100}
        for n in range(1, 7)
    ]
    out = {**STAGE, "is_in_scope": False}
    return [
        *schools,
        {**out, "school_code": "S7", "exclusion_code": "no_students", "students": 0},
        {**out, "school_code": "S8", "exclusion_code": "special_school", "students": None},
    ]


def _school_indicators() -> list[dict[str, Any]]:
    row = {**STAGE, "indicator_code": "R1", "threshold": 4.2, "direction": "at_least", "reason_code": None}
    figures = [(4.2, "met"), (4.1999, "not_met"), (0, "not_met"), (5, "met"), (6, "met")]
    rows = [
        {
            **row,
            "school_code": f"S{n}",
            "value": value,
            "value_rounded": round(value, 2),
            "verdict": verdict,
            "is_turned_by_rounding": value == 4.1999,
        }
        for n, (value, verdict) in enumerate(figures, start=1)
    ]
    missing = {
        "value": None,
        "value_rounded": None,
        "verdict": "no_data",
        "reason_code": "value_missing",
        "is_turned_by_rounding": False,
    }
    return [*rows, {**row, "school_code": "S6", **missing}]


def _coefficients() -> list[dict[str, Any]]:
    row = {
        **STAGE,
        "region_code": "CN",
        "indicator_code": "R1",
        "schools_in_scope": 6,
        "schools_reported": 6,
        "reported_share": 1,
        "reason_code": None,
        "coefficient": 0.5,
        "coefficient_rounded": 0.5,
        "coefficient_limit": 0.5,
        "verdict": "met",
    }
    high = {"indicator_code": "R2", "coefficient": 0.6004, "coefficient_rounded": 0.6, "verdict": "not_met"}
    gap = {
        "indicator_code": "R3",
        "schools_reported": 5,
        "reported_share": 0.8333,
        "reason_code": "schools_missing",
        "verdict": "no_data",
    }
    return [row, {**row, **high}, {**row, **gap}]


def _group_means() -> list[dict[str, Any]]:
    rows = []
    for whole in _coefficients():
        for group, schools in (("urban", 4), ("rural", 2)):
            missing = whole["schools_in_scope"] - whole["schools_reported"] if group == "urban" else 0
            is_hidden = schools < 3
            rows.append(
                {
                    **STAGE,
                    "indicator_code": whole["indicator_code"],
                    "dimension_code": "urban_rural",
                    "group_code": group,
                    "schools_in_scope": schools,
                    "schools_reported": schools - missing,
                    "mean": None if is_hidden else 5,
                    "coefficient": None if is_hidden else 0.25,
                    "coefficient_rounded": None if is_hidden else 0.25,
                    **dict.fromkeys(["theil", "gini"], None if is_hidden else 0.1),
                    "mcloone": None if is_hidden else 0.8,
                    "reason_code": "group_too_small" if is_hidden else None,
                }
            )
    return rows


def _group_gaps() -> list[dict[str, Any]]:
    return [
        {
            **STAGE,
            "indicator_code": whole["indicator_code"],
            "dimension_code": "urban_rural",
            "first_mean": 4,
            "second_mean": 5,
            "ratio": 0.8,
            "range_ratio": 1.25,
            "between_coefficient": 0.1,
            "between_coefficient_rounded": 0.1,
            "between_squared": 0.01,
            "within_squared": round(whole["coefficient"] ** 2 - 0.01, 12),
            "coefficient_squared": round(whole["coefficient"] ** 2, 12),
            "within_share": 0.96,
            "first_schools": 4,
            "second_schools": 3,
            "theil": 0.05,
            "theil_between": 0.01,
            "theil_within": 0.04,
            "theil_within_share": 0.8,
            "is_shrunk": True,
            "change_reason_code": None,
            "previous_between_coefficient": 0.2,
            "is_shrunk_same_schools": False,
            "same_schools_reason_code": None,
            "same_between_coefficient": 0.2,
            "same_previous_between_coefficient": 0.2,
        }
        for whole in _coefficients()
    ]


def _inequality() -> list[dict[str, Any]]:
    return [
        {
            **STAGE,
            "indicator_code": whole["indicator_code"],
            "coefficient": whole["coefficient"],
            "range_ratio": 4.99,
            "theil": 0.14,
            "gini": 0.29,
            "mcloone": 0.59,
            "reason_code": None,
        }
        for whole in _coefficients()
    ]


def _coverage() -> list[dict[str, Any]]:
    row = {
        "region_code": "CN",
        **DISTRICT_YEAR,
        "breakdown": "overall",
        "category": "all",
        "children": 120,
        "enrolled": 110,
        "with_plan": 100,
        "with_visits": None,
        "enrolled_pct": 90,
        "with_plan_pct": 80,
        "with_visits_pct": None,
        "enrolled_min_pct": 95,
        "verdict": "not_met",
        "is_suppressed": False,
        "reason": None,
    }
    part = {"breakdown": "placement", "verdict": "not_applicable"}
    hidden = {
        **part,
        **dict.fromkeys(["children", "enrolled", "with_plan", "enrolled_pct", "with_plan_pct"]),
        "is_suppressed": True,
        "reason": "small_count",
    }
    shown = {"children": 78, "enrolled": 78, "with_plan": 68, "enrolled_pct": 100}
    at_home = {"children": 20, "enrolled": 20, "with_plan": 20, "with_visits": 10, "with_visits_pct": 50}
    return [
        row,
        {**row, **part, "category": "special_school", **shown},
        {**row, **part, "category": "home_teaching", **at_home},
        {**row, **hidden, "category": "regular_class"},
        {**row, **hidden, "category": "not_enrolled"},
    ]


def _shortfalls() -> list[dict[str, Any]]:
    row = {
        **STAGE,
        "indicator_code": "R1",
        "school_code": "S2",
        "threshold_share": 0.9999,
        "shortfall": 0.5,
        "units_needed": 1,
        "units_needed_for_floor": 0,
        "school_units_needed": 2,
    }
    nothing = {"threshold_share": 0, "shortfall": 4.2, "units_needed": 5, "units_needed_for_floor": 4}
    return [row, {**row, **nothing, "school_code": "S3", "school_units_needed": 5}]


def _path_to_limit() -> list[dict[str, Any]]:
    start = {
        **STAGE,
        "indicator_code": "R2",
        "target_code": "threshold",
        "step": 0,
        "school_code": None,
        "value_before": None,
        "target_value": 1,
        "units_needed": None,
        "coefficient": 0.6004,
        "coefficient_limit": 0.5,
        "is_enough": False,
        "steps_needed": 1,
        "reason_code": None,
    }
    risen = {"school_code": "S3", "value_before": 0.5, "units_needed": 2, "coefficient": 0.5}
    stuck = {"target_code": "mean", "steps_needed": None, "reason_code": "no_school_below_target"}
    return [start, {**start, **risen, "step": 1, "is_enough": True}, {**start, **stuck}]


GOOD = {
    "mart_balance__school_scope": _scope,
    "mart_balance__shortfalls": _shortfalls,
    "mart_balance__path_to_limit": _path_to_limit,
    "mart_balance__school_indicators": _school_indicators,
    "mart_balance__coefficients": _coefficients,
    "mart_balance__group_means": _group_means,
    "mart_balance__group_gaps": _group_gaps,
    "mart_balance__inequality": _inequality,
    **made_spending_marts.GOOD,
    **made_balance_standing.GOOD,
    **made_government_marts.GOOD,
    **made_policy_places.GOOD,
    **made_school_forms.GOOD,
    **made_school_funds_marts.GOOD,
    "mart_special_education__coverage": _coverage,
    **made_teacher_marts.GOOD,
    **made_policy_engine.GOOD,
}
_KINDS = {bool: "boolean", int: "numeric", float: "numeric", str: "text"}


def _create(connection: psycopg.Connection, name: str) -> None:
    """A table with the columns of its good rows; the kind of a column is that of its first figure."""
    rows = GOOD[name]()
    kinds = {c: next((_KINDS[type(r[c])] for r in rows if r[c] is not None), "text") for c in rows[0]}
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in kinds.items()
    )
    connection.execute(sql.SQL("create table {} ({})").format(sql.Identifier(SCHEMA, name), columns))


def _fill(connection: psycopg.Connection, name: str) -> None:
    table = sql.Identifier(SCHEMA, name)
    connection.execute(sql.SQL("truncate {}").format(table))
    for row in GOOD[name]():
        connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                table,
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join(sql.Placeholder() * len(row)),
            ),
            [*row.values()],
        )


def _create_seeds(connection: psycopg.Connection) -> None:
    """Seeds that promises read, as dbt would have made them."""
    for name, columns, rows in made_policy_places.SEEDS:
        table = sql.Identifier("warehouse", name)
        connection.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(columns)))
        for row in rows:
            values = sql.SQL(", ").join(sql.Placeholder() * len(row))
            connection.execute(sql.SQL("insert into {} values ({})").format(table, values), row)


@pytest.fixture(scope="module")
def built(module_warehouse: str) -> Iterator[psycopg.Connection]:
    """Marts as a night would have built them, beside the batches that they were made of."""
    place = {"region_code": "CN", **DISTRICT_YEAR}
    fiscal = {
        "region_code": "CN",
        "entity_level": "district",
        "entity_name": "区",
        "item_code": "budget_education",
        "scope_code": "education_funds",
        "stage": "junior_secondary",
        "basis": "per_student",
        "vintage": "bulletin",
        "edition": 2022,
        "currency_code": "CNY",
        "amount": 1,
    }
    made = {
        "enrolment": {**place, "school_code": "S1", "stage": "primary", "grade": "all", "students": 1},
        "finance": {**fiscal, "district_code": "440000", "entity_code": "440000", "fiscal_year": 2022},
        "special_education": {**place, "child_key": "k", "stage": "primary", "has_plan": True},
        **made_government_marts.BATCHES,
        **made_policy_places.RECORDS,
        **made_school_forms.BATCHES,
        "teacher": {**place, "school_code": "S1", "teacher_key": "k", "is_full_time": True},
        "establishment": {**place, "school_code": "S1", "subject": "all", "posts": 40},
        **made_school_funds_marts.BATCHES,
    }
    with database.connect() as owner:
        for record, row in made.items():
            make_current(owner, record, put_batch(owner, record, [row]))
    with database.connect(ROLE) as connection:
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(SCHEMA)))
        _create_seeds(connection)
        for name in GOOD:
            _create(connection, name)
            _fill(connection, name)
        connection.commit()
        yield connection


@pytest.fixture(scope="module")
def runner(built: psycopg.Connection) -> Iterator[Runner]:
    with Runner(ROLE) as opened:
        yield opened


@pytest.fixture
def change(built: psycopg.Connection) -> Iterator[Any]:
    """Run one statement on the marts; afterwards they are as they were."""
    changed: list[str] = []

    def run(name: str, statement: str) -> None:
        changed.append(name)
        built.execute(statement.replace("mart", f"{SCHEMA}.{name}"))
        built.commit()

    yield run
    for name in changed:
        _fill(built, name)
    built.commit()


@pytest.mark.parametrize(("dimension", "broken"), [("education_group", []), ("sector", ["groups_add_up"])])
def test_only_divisions_add_up_to_all_schools(
    runner: Runner, change: Any, dimension: str, broken: list[str]
) -> None:
    change(MEANS, f"update mart set schools_in_scope = 9, dimension_code = '{dimension}' {_R1}")
    outcomes = runner.run(f"select * from {SCHEMA}.{MEANS}", suite(BY_NAME[MEANS], SCHEMA))
    assert [outcome.check.name for outcome in outcomes if not outcome.is_success] == broken


def test_every_mart_of_the_border_is_tried_here() -> None:
    assert set(GOOD) == set(BY_NAME)


def test_good_marts_pass_and_leave_one_row_a_check(built: psycopg.Connection) -> None:
    assert check_marts("run-good") == MartsVerdict(True, ())
    rows = built.execute(
        "select suite, count(*), bool_and(is_success and severity = 'critical' and border = 'outgoing') "
        "from ops.quality_result where run_id = 'run-good' group by suite"
    ).fetchall()
    built.commit()
    # One more than the suite: that the table and its columns are there.
    assert {name: count for name, count, _ in rows} == {
        **{mart.name: len(suite(mart, SCHEMA)) + 1 for mart in MARTS},
        "expected_records": 3,
    }
    # Of what was never sent a night only warns.
    assert {name for name, _, is_good in rows if not is_good} <= {"expected_records"}


SCOPE, SCHOOLS = "mart_balance__school_scope", "mart_balance__school_indicators"
CVS, MEANS, GAPS = "mart_balance__coefficients", "mart_balance__group_means", "mart_balance__group_gaps"
OTHERS = "mart_balance__inequality"
LACKS, PATHS = "mart_balance__shortfalls", "mart_balance__path_to_limit"
_AT_HOME = "where category = 'home_teaching'"
FLOOR, CHILDREN = "mart_finance__spending_floor", "mart_special_education__coverage"
_AGAIN = "insert into mart select * from mart limit 1"
_R1 = "where indicator_code = 'R1'"
_FALLEN = "where status = 'falls'"

# mart, what is broken, the one check that fails, words of its messages
BROKEN = [
    *made_balance_standing.BROKEN,
    *made_government_marts.BROKEN,
    *made_policy_places.BROKEN,
    *made_teacher_marts.BROKEN,
    *made_school_forms.BROKEN,
    *made_school_funds_marts.BROKEN,
    *made_spending_marts.BROKEN,
    (
        SCOPE,
        "update mart set students = 12 where school_code = 'S8'",
        "pupils_of_special_schools_are_withheld",
        "不列特殊教育学校",
        "not shown by school",
    ),
    (LACKS, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 2 keys do not"),
    (LACKS, "delete from mart where school_code = 'S3'", "every_failing_school", "每所未达", "every school"),
    (
        LACKS,
        "insert into mart select standard_code, district_code, school_year, stage, indicator_code, 'S1', "
        "1, shortfall, 1, 0, 1 from mart limit 1",
        "only_failing_schools",
        "只有未达标准值的学校",
        "no school but those below",
    ),
    (LACKS, "update mart set threshold_share = 1.5", "threshold_share.range", "0 与 1", "between 0 and 1"),
    (
        LACKS,
        "update mart set units_needed = 4 where school_code = 'S3'",
        "units_cover_the_shortfall",
        "不少于差额",
        "cover the shortfall",
    ),
    (
        LACKS,
        "update mart set units_needed_for_floor = 6 where school_code = 'S3'",
        "floor_is_nearer",
        "底线",
        "no more than the threshold",
    ),
    (PATHS, "truncate mart", "every_coefficient_over_its_limit", "每个超限值", "over its limit"),
    (
        PATHS,
        "update mart set target_code = 'max' where target_code = 'mean'",
        "target_code.codes",
        "target_code",
        "one of",
    ),
    (
        PATHS,
        "update mart set is_enough = false",
        "enough_is_within_limit",
        "已够的那一步",
        "the step that is enough",
    ),
    (
        PATHS,
        "update mart set reason_code = null",
        "failure_is_stated",
        "写明原因",
        "the reason is given",
    ),
    (
        PATHS,
        "update mart set step = 2, steps_needed = 2 where step = 1",
        "steps_are_without_gap",
        "自 0 起连续",
        "without gap",
    ),
    (
        PATHS,
        "update mart set units_needed = -1 where step = 1",
        "nobody_is_lowered",
        "只升不降",
        "none is lowered",
    ),
    (SCOPE, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 8 keys do not"),
    (SCOPE, "truncate mart", "expected_partitions", "1 个分区中有 1 个", "1 of 1 partitions are missing"),
    (
        SCOPE,
        "insert into mart select standard_code, '990102', school_year, stage, school_code, is_in_scope, "
        "exclusion_code, students from mart limit 1",
        "only_current_partitions",
        "现行批次",
        "current batches",
    ),
    (SCOPE, "update mart set exclusion_code = null", "exclusion_is_stated", "写明原因", "have a reason"),
    (SCHOOLS, _AGAIN, "key_is_unique", "每个键只出现一行", "each key has one row"),
    (SCHOOLS, "delete from mart where school_code = 'S3'", "expected_partitions", "每所学校", "every school"),
    (SCHOOLS, "update mart set value = -1 where value = 0", "value.range", "不小于 0", "at least 0"),
    (
        SCHOOLS,
        "update mart set is_turned_by_rounding = false",
        "rounding_is_flagged",
        "都有标记",
        "is flagged",
    ),
    (SCHOOLS, "update mart set reason_code = null", "value_or_reason", "写明原因", "a reason is given"),
    (
        SCHOOLS,
        "update mart set verdict = 'pass' where value = 6",
        "verdict.codes",
        "verdict",
        "one of verdict",
    ),
    (
        SCHOOLS,
        "update mart set verdict = 'met' where value = 0",
        "met_reaches_threshold",
        "都达到",
        "reaches",
    ),
    (
        SCHOOLS,
        "update mart set verdict = 'not_met' where value = 4.2",
        "not_met_misses_threshold",
        "都未达到标准",
        "misses its threshold",
    ),
    (
        SCHOOLS,
        "update mart set verdict = 'not_met' where value is null",
        "not_met_misses_threshold",
        "缺数据不等于未达标",
        "Missing data are not a failure",
    ),
    (CVS, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 3 keys do not"),
    (CVS, "truncate mart", "expected_partitions", "每个学段", "every stage"),
    (
        CVS,
        f"update mart set coefficient = -0.1, coefficient_rounded = -0.1 {_R1}",
        "coefficient.range",
        "不小于 0",
        "at least 0",
    ),
    (
        CVS,
        f"update mart set coefficient = null, coefficient_rounded = null, verdict = 'no_data' {_R1}",
        "coefficient_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (CVS, "update mart set reported_share = 83.3", "reported_share.range", "0 与 1", "between 0 and 1"),
    (
        CVS,
        "update mart set schools_reported = 7 where indicator_code = 'R3'",
        "schools_reported_within_schools_in_scope",
        "不超过 schools_in_scope",
        "does not exceed schools_in_scope",
    ),
    (
        CVS,
        "update mart set coefficient_rounded = 0.601 where indicator_code = 'R2'",
        "coefficient_rounded_is_rounded",
        "保留 3 位小数",
        "rounded to 3 decimals",
    ),
    (
        CVS,
        "update mart set coefficient_rounded = 0.6004 where indicator_code = 'R2'",
        "coefficient_rounded_is_rounded",
        "保留 3 位小数",
        "rounded to 3 decimals",
    ),
    (CVS, f"update mart set verdict = 'green' {_R1}", "verdict.codes", "verdict", "one of"),
    (
        CVS,
        "update mart set verdict = 'met' where indicator_code = 'R3'",
        "met_is_complete",
        "学校报全",
        "every school reported",
    ),
    (
        CVS,
        "update mart set verdict = 'met' where indicator_code = 'R2'",
        "met_is_complete",
        "不超过限值",
        "within its limit",
    ),
    (
        CVS,
        f"update mart set verdict = 'not_met' {_R1}",
        "not_met_is_above_limit",
        "超过限值",
        "above its limit",
    ),
    (
        MEANS,
        "update mart set mean = 5 where schools_reported = 2",
        "small_groups_are_hidden",
        "不足 3 所",
        "fewer than 3 schools",
    ),
    (
        MEANS,
        "update mart set reason_code = null where schools_reported = 2",
        "mean_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (MEANS, f"delete from mart {_R1} and group_code = 'rural'", "groups_add_up", "学校数之和", "add up"),
    (
        MEANS,
        "update mart set coefficient_rounded = 0.26 where coefficient = 0.25",
        "coefficient_rounded_is_rounded",
        "保留 3 位小数",
        "rounded to 3 decimals",
    ),
    (GAPS, _AGAIN, "key_is_unique", "每个键只出现一行", "each key has one row"),
    (GAPS, f"delete from mart {_R1}", "expected_partitions", "组间比较", "group gaps"),
    (
        GAPS,
        f"update mart set between_squared = -0.01, within_squared = 0.26 {_R1}",
        "between_squared.range",
        "不小于 0",
        "at least 0",
    ),
    (
        GAPS,
        f"update mart set between_squared = 0.26, within_squared = -0.01 {_R1}",
        "within_squared.range",
        "不小于 0",
        "at least 0",
    ),
    (GAPS, "update mart set within_share = 96", "within_share.range", "0 与 1", "between 0 and 1"),
    (GAPS, "update mart set range_ratio = 0.8", "range_ratio.range", "不小于 1", "at least 1"),
    (GAPS, f"update mart set between_squared = 0.02 {_R1}", "parts_add_up", "组间与组内之和", "add up"),
    (
        GAPS,
        f"update mart set within_squared = 0.25, coefficient_squared = 0.26 {_R1}",
        "squares_match_coefficient",
        "系数的平方",
        "square of the coefficient",
    ),
    (GAPS, "update mart set ratio = 1.25", "ratio_is_of_means", "均值之比", "that of the two means"),
    (
        GAPS,
        "update mart set between_coefficient_rounded = null",
        "between_coefficient_rounded_is_rounded",
        "保留 3 位小数",
        "rounded to 3 decimals",
    ),
    (
        MEANS,
        "update mart set mcloone = 0.8 where schools_reported = 2",
        "small_groups_are_hidden",
        "不足 3 所",
        "fewer than 3 schools",
    ),
    (GAPS, "update mart set second_schools = 2", "small_pairs_are_hidden", "不足 3 所", "fewer than 3"),
    (
        GAPS,
        "update mart set theil_between = -0.01, theil_within = 0.06",
        "theil_between.range",
        "不小于 0",
        "at least 0",
    ),
    (
        GAPS,
        "update mart set theil_between = 0.06, theil_within = -0.01",
        "theil_within.range",
        "不小于 0",
        "at least 0",
    ),
    (GAPS, "update mart set theil_within_share = 80", "theil_within_share.range", "0 与 1", "0 and 1"),
    (GAPS, "update mart set theil_between = 0.02", "theil_parts_add_up", "泰尔指数", "Theil"),
    (GAPS, "update mart set is_shrunk = null", "is_shrunk_or_reason", "写明原因", "a reason is given"),
    (
        GAPS,
        "update mart set is_shrunk_same_schools = null",
        "is_shrunk_same_schools_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (
        GAPS,
        "update mart set previous_between_coefficient = 0.1",
        "is_shrunk_is_strictly_lower",
        "严格小于",
        "strictly lower",
    ),
    (
        GAPS,
        "update mart set is_shrunk_same_schools = true",
        "is_shrunk_same_schools_is_strictly_lower",
        "持平不是缩小",
        "has not shrunk",
    ),
    (OTHERS, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 3 keys do not"),
    (OTHERS, f"delete from mart {_R1}", "expected_partitions", "其他度量", "other measures"),
    (OTHERS, f"update mart set range_ratio = 0.2 {_R1}", "range_ratio.range", "不小于 1", "at least 1"),
    (OTHERS, f"update mart set theil = -0.1 {_R1}", "theil.range", "不小于 0", "at least 0"),
    (OTHERS, f"update mart set gini = 29 {_R1}", "gini.range", "0 与 1", "between 0 and 1"),
    (OTHERS, f"update mart set mcloone = 1.1 {_R1}", "mcloone.range", "0 与 1", "between 0 and 1"),
    (OTHERS, f"update mart set range_ratio = null {_R1}", "range_ratio_or_reason", "写明原因", "a reason"),
    (OTHERS, f"update mart set mcloone = null {_R1}", "mcloone_or_reason", "写明原因", "a reason"),
    (
        OTHERS,
        f"update mart set coefficient = 0.3 {_R1}",
        "coefficient_is_the_published_one",
        "同一个数",
        "the same figure",
    ),
    (FLOOR, _AGAIN, "key_is_unique", "每个键只出现一行", "each key has one row"),
    (
        FLOOR,
        "delete from mart where fiscal_year = 2022",
        "expected_partitions",
        "主体年度",
        "accepted finance",
    ),
    (
        FLOOR,
        "update mart set fiscal_year = 2019 where fiscal_year = 2021",
        "only_current_partitions",
        "现行批次",
        "current batches",
    ),
    (
        FLOOR,
        f"update mart set status = 'lower' {_FALLEN}",
        "status.codes",
        "finance_status",
        "finance_status",
    ),
    (FLOOR, f"update mart set verdict = 'bad' {_FALLEN}", "verdict.codes", "verdict", "verdict"),
    (
        FLOOR,
        f"update mart set verdict_strict = 'bad' {_FALLEN}",
        "verdict_strict.codes",
        "verdict",
        "verdict",
    ),
    (FLOOR, f"update mart set floor_verdict = 'bad' {_FALLEN}", "floor_verdict.codes", "verdict", "verdict"),
    (FLOOR, "update mart set reason = null", "no_comparison_has_reason", "写明原因", "a reason is given"),
    (
        FLOOR,
        "update mart set verdict = 'met', verdict_strict = 'met' where status = 'not_comparable'",
        "no_comparison_no_verdict",
        "无法比较的不作判定",
        "only what can be compared is judged",
    ),
    (
        FLOOR,
        f"update mart set verdict = 'met' {_FALLEN}",
        "verdict_follows_direction",
        "下降的不判达标",
        "a fall is not judged met",
    ),
    (
        FLOOR,
        "update mart set status = 'rises' where direction_comparable_scope = 'rises'",
        "both_directions_are_told",
        "公布数下降时状态写明",
        "a fall of the printed amounts is told",
    ),
    (
        FLOOR,
        f"update mart set change_amount = -18.60 {_FALLEN}",
        "change_is_recomputed",
        "本年与上年之差",
        "less last year's",
    ),
    (
        FLOOR,
        f"update mart set shortfall_amount = 18.60 {_FALLEN}",
        "shortfall_is_recomputed",
        "底线减同一数据版本",
        "the floor less the amount",
    ),
    (
        FLOOR,
        "update mart set direction_printed = 'rises', status = 'rises' "
        "where direction_comparable_scope = 'rises'",
        "direction_has_the_sign",
        "正负一致",
        "the sign of the change",
    ),
    (
        FLOOR,
        f"update mart set floor_verdict = 'met' {_FALLEN}",
        "floor_verdict_follows_shortfall",
        "有差额的不判达标",
        "a shortfall is not met",
    ),
    (CHILDREN, "truncate mart", "expected_partitions", "特教数据", "accepted children"),
    (
        CHILDREN,
        "update mart set enrolled = 69, enrolled_pct = 88.5 where children = 78",
        "no_small_counts",
        "1 至 9 之间",
        "between 1 and 9",
    ),
    (
        CHILDREN,
        "update mart set with_plan = 9 where children = 78",
        "no_small_counts",
        "可能指向某个孩子",
        "may point at a child",
    ),
    (
        CHILDREN,
        "update mart set children = 95, enrolled = 95, with_plan = 85 where children = 78",
        "hidden_counts_stay_hidden",
        "不能由合计减去",
        "does not follow from the total",
    ),
    (
        CHILDREN,
        "delete from mart where category = 'not_enrolled'",
        "hidden_counts_stay_hidden",
        "不能由合计减去",
        "does not follow from the total",
    ),
    (CHILDREN, "update mart set reason = null", "suppression_is_told", "都注明", "is marked"),
    (
        CHILDREN,
        f"update mart set with_visits = null {_AT_HOME}",
        "suppression_is_told",
        "都注明",
        "is marked",
    ),
    (
        CHILDREN,
        f"update mart set with_visits = 19 {_AT_HOME}",
        "no_small_counts",
        "1 至 9",
        "between 1 and 9",
    ),
    (
        CHILDREN,
        f"update mart set with_visits = 21 {_AT_HOME}",
        "with_visits_within_children",
        "不超过",
        "not exceed",
    ),
    (
        CHILDREN,
        f"update mart set with_visits_pct = 101 {_AT_HOME}",
        "with_visits_pct.range",
        "0 与 100",
        "between 0 and 100",
    ),
    (
        CHILDREN,
        "update mart set enrolled = 100 where children = 78",
        "enrolled_within_children",
        "不超过 children",
        "does not exceed children",
    ),
    (
        CHILDREN,
        "update mart set with_plan = 100 where children = 78",
        "with_plan_within_children",
        "不超过 children",
        "does not exceed children",
    ),
    (CHILDREN, "update mart set enrolled_pct = 101", "enrolled_pct.range", "0 与 100", "between 0 and 100"),
    (CHILDREN, "update mart set with_plan_pct = -1", "with_plan_pct.range", "0 与 100", "between 0 and 100"),
    (CHILDREN, "update mart set verdict = 'red'", "verdict.codes", "verdict", "one of"),
    (
        CHILDREN,
        "update mart set verdict = 'met' where breakdown = 'overall'",
        "verdict_follows_counts",
        "与公布的人数一致",
        "follows from the counts",
    ),
    *made_policy_engine.BROKEN,
]


@pytest.mark.parametrize(
    ("name", "statement", "check_name", "words_zh", "words_en"), BROKEN, ids=lambda value: str(value)[:60]
)
def test_one_broken_figure_fails_one_check(
    runner: Runner, change: Any, name: str, statement: str, check_name: str, words_zh: str, words_en: str
) -> None:
    change(name, statement)
    outcomes = runner.run(f"select * from {SCHEMA}.{name}", suite(BY_NAME[name], SCHEMA))
    (failed,) = [outcome for outcome in outcomes if not outcome.is_success]
    message = failed.message(name)
    assert failed.check.name == check_name
    assert words_zh in message.zh
    assert words_en in message.en
    assert message.zh.startswith(f"{name}：应满足：")
    assert " Mend: " in message.en


# Faults that break more than one promise by their nature: one stands for the other.
BROKEN_TWICE = [
    *made_spending_marts.BROKEN_TWICE,
    (PATHS, _AGAIN, {"key_is_unique", "steps_are_without_gap"}),
    (
        MEANS,
        _AGAIN,
        {"key_is_unique", "groups_add_up"},
    ),
    (
        MEANS,
        f"update mart set schools_reported = 5 {_R1} and group_code = 'urban'",
        {"schools_reported_within_schools_in_scope", "groups_add_up"},
    ),
    (
        FLOOR,
        f"update mart set shortfall_amount = -185.99 {_FALLEN}",
        {"shortfall_amount.range", "shortfall_is_recomputed", "floor_verdict_follows_shortfall"},
    ),
    (
        FLOOR,
        f"update mart set verdict_strict = 'no_data' {_FALLEN}",
        {"no_comparison_no_verdict"},
    ),
    (
        CHILDREN,
        "insert into mart select * from mart where breakdown = 'overall'",
        {"key_is_unique"},
    ),
    (
        CHILDREN,
        "update mart set district_code = '990102'",
        {"expected_partitions", "only_current_partitions"},
    ),
]


def _id(value: object) -> str:
    """The same name in every process: the order of a set is not."""
    return str(sorted(value) if isinstance(value, set | frozenset) else value)[:60]


@pytest.mark.parametrize(("name", "statement", "names"), BROKEN_TWICE, ids=_id)
def test_a_fault_is_found_from_both_sides(
    runner: Runner, change: Any, name: str, statement: str, names: set[str]
) -> None:
    change(name, statement)
    outcomes = runner.run(f"select * from {SCHEMA}.{name}", suite(BY_NAME[name], SCHEMA))
    assert {outcome.check.name for outcome in outcomes if not outcome.is_success} == names


def test_every_check_was_seen_to_fail() -> None:
    tried = {(name, check) for name, _, check, *_ in BROKEN}
    tried |= {(name, check) for name, _, checks in BROKEN_TWICE for check in checks}
    assert {(mart.name, check.name) for mart in MARTS for check in suite(mart, SCHEMA)} == tried


def test_a_mart_that_is_missing_is_named_and_stops_publication(built: psycopg.Connection) -> None:
    built.execute(f"alter table {SCHEMA}.{CVS} rename to elsewhere")
    built.execute(f"alter table {SCHEMA}.{GAPS} rename column ratio to quotient")
    built.commit()
    try:
        verdict = check_marts("run-missing")
    finally:
        built.execute(f"alter table {SCHEMA}.elsewhere rename to {CVS}")
        built.execute(f"alter table {SCHEMA}.{GAPS} rename column quotient to ratio")
        built.commit()
    assert not verdict.is_success
    assert [failure.check_name for failure in verdict.failures] == ["columns_are_there"] * 2
    missing, incomplete = verdict.failures
    assert missing.message_zh.startswith(f"{CVS}：应满足：表存在")
    assert "14 列中有 14 列缺失" in missing.message_zh
    assert f"{GAPS}: must hold: the table is there" in incomplete.message_en
    assert "1 of 29 columns are missing" in incomplete.message_en


def test_marts_that_contradict_each_other_are_not_published(change: Any) -> None:
    change(CVS, f"update mart set coefficient = 0.4, coefficient_rounded = 0.4 {_R1}")
    verdict = check_marts("run-contradiction")
    assert [(f.check_name, f.message_en.partition(":")[0]) for f in verdict.failures] == [
        ("squares_match_coefficient", GAPS),
        ("composite_is_the_mean", "mart_balance__composites"),
        ("coefficient_is_the_published_one", OTHERS),
    ]
