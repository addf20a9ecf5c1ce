"""Suites of the clause scoreboard, its components and the assessment: no green light without its figures."""

from __future__ import annotations

import csv
from functools import cache

from expectations.check import Check, Text
from expectations.promises import (
    Mart,
    between,
    current,
    holds,
    in_set,
    partitions_present,
)
from ingest.settings import SEEDS_DIR

_YEAR = "district_code, year"
_CLAUSE = f"plan_code, clause_code, {_YEAR}"
_CLAUSE_KEY = tuple(_CLAUSE.split(", "))
_COMPONENT = f"plan_code, clause_code, component_number, {_YEAR}"
_NOT_NOW = "('not_met', 'met_last_year_not_now')"
# The value against the line that the judgement names; the line of a trend is last year's value.
_REACHED = (
    "case direction when 'at_least' then value >= target when 'at_most' then value <= target "
    "when 'every_one' then value >= target "
    "when 'more_than' then value > target when 'less_than' then value < target "
    "when 'equals' then value = target when 'rises' then value > previous_value "
    "when 'falls' then value < previous_value when 'does_not_fall' then value >= previous_value "
    "when 'does_not_rise' then value <= previous_value when 'is_declared' then value = 1 "
    "when 'follows_plan' then value = target end"
)


@cache
def _rows(seed: str) -> tuple[dict[str, str], ...]:
    with (SEEDS_DIR / f"{seed}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _district_years(plan: dict[str, str]) -> str:
    """District-years with accepted enrolment that a plan is judged on."""
    places = []
    for row in _rows("plan_district"):
        if row["plan_code"] == plan["plan_code"]:
            district = f" and district_code = {_literal(row['district_code'])}" * bool(row["district_code"])
            places.append(f"(region_code = {_literal(row['region_code'])}{district})")
    years = f"school_year between {plan['first_year']} and {plan['last_year'] or 9999}"
    return current("raw.enrolment", "district_code, school_year", f"{years} and ({' or '.join(places)})")


def _expected(kind: str, *, with_clauses: bool) -> str:
    """Every plan × clause × district × year of a kind of plans (without clauses: plan × district × year)."""
    selects = []
    for plan in _rows("plan"):
        code = plan["plan_code"]
        if plan["kind"] != kind:
            continue
        clauses = [row["clause_code"] for row in _rows("plan_clause") if row["plan_code"] == code]
        values = ", ".join(f"({_literal(clause)})" for clause in clauses)
        clause = "clauses.clause_code, " if with_clauses else ""
        joined = f", (values {values}) as clauses (clause_code)" if with_clauses else ""
        selects.append(
            f"select {_literal(code)} as plan_code, {clause}known.district_code, known.school_year as year "
            f"from ({_district_years(plan)}) as known{joined}"
        )
    return " union all ".join(selects)


def _board(kind: str) -> list[Check]:
    what = Text(
        "每个区县与年度都列出方案的全部条款", "every clause of the plan is there for each district and year"
    )
    return [
        partitions_present("every_clause_is_there", _expected(kind, with_clauses=True), _CLAUSE, what),
        in_set("status", "clause_status"),
        in_set("direction", "judgement"),
        between("coverage_share", 0, 1),
        holds(
            "met_has_all_components",
            "status = 'met' and (components_no_data > 0 or components_met = 0)",
            Text("判为达标的条款没有缺数据的计量", "a clause that is met lacks no component"),
            Text("缺数据不可判达标", "Missing data must not be judged met"),
            column="status",
        ),
        *_judged_rows(),
        holds(
            "not_due_before_its_deadline",
            "(status = 'not_due') <> (status in ('not_due', 'not_met', 'met_last_year_not_now') "
            "and coalesce(year < deadline_year, false))",
            Text("只在期限之前标为未到期", "only what is not met before its deadline is not due"),
            Text("过期的条款不可再写未到期", "A clause whose deadline has passed must be judged"),
            column="status",
        ),
        holds(
            "judged_has_batches",
            "status not in ('no_data', 'not_applicable') and source_batches is null",
            Text("有判定的条款写明来源批次", "what is judged names its batches"),
            Text("看板上的数须能追到文件", "A figure of the board must lead to a file"),
            column="source_batches",
        ),
    ]


def _judged_rows() -> list[Check]:
    """Promises of the board and of its components alike."""
    return [
        holds(
            "met_is_complete",
            "status = 'met' and not (is_complete and value is not null)",
            Text("判为达标的，有值且报全", "what is judged met has a value and full coverage"),
            Text("部分单位未报时不可判达标", "Partial coverage must never show a green light"),
            column="status",
        ),
        holds(
            "status_follows_value",
            f"status = 'met' and not coalesce({_REACHED}, false) "
            f"or status in {_NOT_NOW} and direction <> 'follows_plan' and coalesce({_REACHED}, true)",
            Text("状态与值、目标一致", "the status follows from value and target (inclusive)"),
            Text("看板的颜色即结论", "The colour of the board is the finding"),
            column="status",
        ),
        holds(
            "no_data_has_reason",
            "status = 'no_data' and reason_code is null",
            Text("缺数据时写明原因", "where data are missing, a reason is given"),
            Text("空白会被读成没有问题", "A blank is read as no problem"),
            column="reason_code",
        ),
    ]


def _scoreboard(schema: str) -> list[Check]:
    return _board("plan")


def _items(schema: str) -> list[Check]:
    return _board("assessment")


def _components(schema: str) -> list[Check]:
    boards = " union all ".join(
        f"select {_COMPONENT} from {schema}.{name}"
        for name in ("mart_policy__clause_scoreboard", "mart_assessment__items")
    )
    what = Text("看板上的每个数都在", "every figure of the boards is there")
    return [
        partitions_present("every_board_figure_is_there", boards, _COMPONENT, what),
        in_set("status", "clause_status"),
        *_judged_rows(),
        holds(
            "only_judged_has_status",
            "not is_judged and status <> 'not_applicable'",
            Text("只列出的数不判定", "what is only shown is not judged"),
            Text("对照用的读法不可左右结论", "A reading shown beside must not decide"),
            column="status",
        ),
    ]


def _district_verdict(schema: str) -> list[Check]:
    what = Text("每个区县与年度都有总判定", "every district and year has a verdict")
    parts = ("schools", "coefficients", "government", "quality", "satisfaction", "veto")
    verdicts = ", ".join(f"{part}_verdict" for part in parts)
    return [
        partitions_present(
            "every_district_is_there",
            _expected("assessment", with_clauses=False),
            f"plan_code, {_YEAR}",
            what,
        ),
        in_set("verdict", "clause_status"),
        between("schools_passing_pct", 0, 100),
        holds(
            "verdict_follows_items",
            "(verdict = 'not_met') <> (clauses_not_met > 0) "
            "or (verdict = 'no_data') <> (clauses_not_met = 0 and clauses_no_data > 0) "
            "or verdict = 'met' and clauses_met <> clauses_judged",
            Text("总判定取最差的一项", "the verdict is that of the worst item"),
            Text("一项未达标即不通过", "One item that is not met fails the district"),
            column="verdict",
        ),
        holds(
            "verdict_follows_parts",
            f"verdict = 'met' and 'met' <> any (array_remove(array[{verdicts}], 'not_applicable')) "
            f"or verdict = 'not_met' and not coalesce('not_met' = any (array[{verdicts}]), false)",
            Text("总判定与各部分判定一致", "the verdict agrees with those of the parts"),
            Text("页面先看部分再看整体", "A page shows the parts beside the whole"),
            column="verdict",
        ),
        holds(
            "what_breaks_it_is_told",
            "(clauses_not_met > 0) <> (breaks_zh is not null) or (breaks_zh is null) <> (breaks_en is null) "
            "or clauses_no_data > 0 and missing_zh is null "
            "or (missing_zh is null) <> (missing_en is null)",
            Text(
                "未通过时列出原因，缺数据时列出缺项", "what breaks the verdict and what is missing is listed"
            ),
            Text("督导须知道差在哪里", "An inspector must see what breaks it"),
            column="breaks_zh",
        ),
    ]


_FIGURES = ("status", "direction", "value", "target", "previous_value", "is_complete", "reason_code")
_BOARD = (
    *(*_CLAUSE_KEY, "component_number", *_FIGURES, "coverage_share", "components_met", "components_no_data"),
    *("deadline_year", "source_batches"),
)

MARTS = (
    Mart("mart_policy__clause_scoreboard", _BOARD, _CLAUSE_KEY, _scoreboard),
    Mart("mart_assessment__items", _BOARD, _CLAUSE_KEY, _items),
    Mart(
        "mart_policy__clause_components",
        (*_COMPONENT.split(", "), *_FIGURES, "is_judged"),
        tuple(_COMPONENT.split(", ")),
        _components,
    ),
    Mart(
        "mart_assessment__district_verdict",
        (
            *("plan_code", "district_code", "year", "verdict", "clauses_judged", "clauses_met"),
            *("clauses_not_met", "clauses_no_data", "schools_passing_pct", "schools_verdict"),
            *("coefficients_verdict", "government_verdict", "quality_verdict", "satisfaction_verdict"),
            *("veto_verdict", "breaks_zh", "breaks_en", "missing_zh", "missing_en"),
        ),
        ("plan_code", "district_code", "year"),
        _district_verdict,
    ),
)
