"""Boards of clauses that hold, and each promise of theirs broken once."""

from __future__ import annotations

import csv
from typing import Any

from ingest.settings import SEEDS_DIR

BOARD, ITEMS = "mart_policy__clause_scoreboard", "mart_assessment__items"
COMPONENTS, VERDICT = "mart_policy__clause_components", "mart_assessment__district_verdict"
PLACE = {"district_code": "990101", "year": 2022}
# What differs from a clause that is met, by its place in the plan.
UNLIKE: dict[int, dict[str, Any]] = {
    0: {"status": "not_met", "value": 60, "components_met": 0},
    1: {
        "status": "no_data",
        "value": None,
        "is_complete": False,
        "reason_code": "record_missing",
        "components_met": 0,
        "components_no_data": 1,
        "coverage_share": None,
    },
    2: {"status": "met_last_year_not_now", "value": 60, "components_met": 0},
    3: {"status": "not_applicable", "value": None, "reason_code": "denominator_zero", "components_met": 0},
    4: {"direction": "rises", "target": None, "previous_value": 99},
}
NOT_DUE = {"status": "not_due", "value": 60, "components_met": 0, "deadline_year": 2023}


def _clauses(plan: str) -> list[str]:
    with (SEEDS_DIR / "plan_clause.csv").open(encoding="utf-8", newline="") as stream:
        return [row["clause_code"] for row in csv.DictReader(stream) if row["plan_code"] == plan]


def _board(plan: str) -> list[dict[str, Any]]:
    met = {
        **PLACE,
        "plan_code": plan,
        "component_number": 1,
        "status": "met",
        "direction": "at_least",
        "value": 100,
        "target": 100,
        "previous_value": None,
        "is_complete": True,
        "reason_code": None,
        "coverage_share": 1,
        "components_met": 1,
        "components_no_data": 0,
        "deadline_year": 2020 if plan == "gaoming_2019" else None,
        "source_batches": "a,b",
    }
    rows = [
        {**met, "clause_code": clause, **UNLIKE.get(place, {})} for place, clause in enumerate(_clauses(plan))
    ]
    return [*rows[:-1], {**rows[-1], **NOT_DUE}]


def _scoreboard() -> list[dict[str, Any]]:
    return _board("gaoming_2019")


def _items() -> list[dict[str, Any]]:
    return _board("national_2017")


def _components() -> list[dict[str, Any]]:
    board_only = {"coverage_share", "components_met", "components_no_data", "deadline_year", "source_batches"}
    rows = [
        {**{name: cell for name, cell in row.items() if name not in board_only}, "is_judged": True}
        for row in (*_scoreboard(), *_items())
    ]
    shown = {
        "component_number": 2,
        "direction": None,
        "target": None,
        "is_judged": False,
        "status": "not_applicable",
        "reason_code": "not_judged",
    }
    return [*rows, {**rows[0], **shown}]


def _district_verdict() -> list[dict[str, Any]]:
    row = {
        **PLACE,
        "plan_code": "national_2017",
        "verdict": "not_met",
        "clauses_judged": 32,
        "clauses_met": 28,
        "clauses_not_met": 2,
        "clauses_no_data": 2,
        "schools_passing_pct": 60,
        "schools_verdict": "not_met",
        "coefficients_verdict": "no_data",
        "government_verdict": "not_met",
        "quality_verdict": "met",
        "satisfaction_verdict": "met",
        "veto_verdict": "not_applicable",
        "breaks_zh": "甲",
        "breaks_en": "a",
        "missing_zh": "乙",
        "missing_en": "b",
    }
    met = {
        "year": 2021,
        "verdict": "met",
        "clauses_judged": 33,
        "clauses_met": 33,
        "clauses_not_met": 0,
        "clauses_no_data": 0,
        "schools_verdict": "met",
        "coefficients_verdict": "met",
        "government_verdict": "met",
        "veto_verdict": "met",
        "breaks_zh": None,
        "breaks_en": None,
        "missing_zh": None,
        "missing_en": None,
    }
    return [row, {**row, **met}]


GOOD = {BOARD: _scoreboard, ITEMS: _items, COMPONENTS: _components, VERDICT: _district_verdict}

_AGAIN = "insert into mart select * from mart limit 1"
_MET = (
    "where status = 'met' and direction = 'at_least' "
    "and (plan_code, clause_code) in (('gaoming_2019', 'C06'), ('national_2017', 'G4'))"
)


def _judged(mart: str) -> list[tuple[str, str, str, str, str]]:
    """Faults of rows with a status, on the boards and their components alike."""
    return [
        (mart, _AGAIN, "key_is_unique", "每个键只出现一行", "each key has one row"),
        (
            mart,
            f"update mart set status = 'green' {_MET}",
            "status.codes",
            "clause_status",
            "one of clause_status",
        ),
        (mart, f"update mart set is_complete = false {_MET}", "met_is_complete", "报全", "full coverage"),
        (mart, f"update mart set value = 99.99 {_MET}", "status_follows_value", "一致", "follows from value"),
        (
            mart,
            "update mart set value = 100 where status = 'not_met'",
            "status_follows_value",
            "与值、目标一致",
            "(inclusive)",
        ),
        (
            mart,
            "update mart set previous_value = 100 where direction = 'rises'",
            "status_follows_value",
            "与值、目标一致",
            "(inclusive)",
        ),
        (
            mart,
            "update mart set reason_code = null where status = 'no_data'",
            "no_data_has_reason",
            "写明原因",
            "a reason is given",
        ),
    ]


def _of_a_board(mart: str) -> list[tuple[str, str, str, str, str]]:
    return [
        *_judged(mart),
        (
            mart,
            f"delete from mart {_MET}",
            "every_clause_is_there",
            "全部条款",
            "every clause of the plan",
        ),
        (
            mart,
            "update mart set direction = 'up' where status = 'not_applicable'",
            "direction.codes",
            "judgement",
            "one of judgement",
        ),
        (
            mart,
            f"update mart set coverage_share = 1.1 {_MET}",
            "coverage_share.range",
            "0 与 1",
            "between 0 and 1",
        ),
        (
            mart,
            f"update mart set components_no_data = 1 {_MET}",
            "met_has_all_components",
            "缺数据",
            "lacks no component",
        ),
        (
            mart,
            "update mart set deadline_year = 2022 where status = 'not_due'",
            "not_due_before_its_deadline",
            "期限",
            "before its deadline",
        ),
        (
            mart,
            "update mart set deadline_year = 2023 where status = 'met_last_year_not_now'",
            "not_due_before_its_deadline",
            "期限",
            "before its deadline",
        ),
        (
            mart,
            f"update mart set source_batches = null {_MET}",
            "judged_has_batches",
            "来源批次",
            "names its batches",
        ),
    ]


# mart, what is broken, the one check that fails, words of its messages
BROKEN = [
    *_of_a_board(BOARD),
    *_of_a_board(ITEMS),
    *_judged(COMPONENTS),
    (
        COMPONENTS,
        "delete from mart where clause_code = 'C07'",
        "every_board_figure_is_there",
        "看板上的每个数",
        "every figure of the boards",
    ),
    (
        COMPONENTS,
        "update mart set is_judged = false where status = 'not_met'",
        "only_judged_has_status",
        "不判定",
        "only shown",
    ),
    (VERDICT, _AGAIN, "key_is_unique", "每个键只出现一行", "each key has one row"),
    (
        VERDICT,
        "delete from mart where year = 2022",
        "every_district_is_there",
        "都有总判定",
        "every district and year",
    ),
    (
        VERDICT,
        "update mart set verdict = 'pass' where year = 2021",
        "verdict.codes",
        "clause_status",
        "one of",
    ),
    (
        VERDICT,
        "update mart set schools_passing_pct = 101",
        "schools_passing_pct.range",
        "0 与 100",
        "between 0 and 100",
    ),
    (
        VERDICT,
        "update mart set clauses_met = 32 where year = 2021",
        "verdict_follows_items",
        "最差的一项",
        "the worst item",
    ),
    (
        VERDICT,
        "update mart set veto_verdict = 'not_met' where year = 2021",
        "verdict_follows_parts",
        "各部分",
        "of the parts",
    ),
    (
        VERDICT,
        "update mart set schools_verdict = 'met', government_verdict = 'met' where year = 2022",
        "verdict_follows_parts",
        "各部分",
        "of the parts",
    ),
    (
        VERDICT,
        "update mart set breaks_en = null where year = 2022",
        "what_breaks_it_is_told",
        "列出原因",
        "is listed",
    ),
    (
        VERDICT,
        "update mart set missing_zh = null, missing_en = null where year = 2022",
        "what_breaks_it_is_told",
        "列出原因",
        "is listed",
    ),
]
