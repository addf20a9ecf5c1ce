"""Good rows of the marts of the spending floor, and what breaks them one by one."""

from __future__ import annotations

from typing import Any


def _spending_floor() -> list[dict[str, Any]]:
    fallen = {
        "region_code": "CN",
        "district_code": "440000",
        "entity_code": "440000",
        "leg": "per_student_published",
        "item_code": "budget_education",
        "stage": "junior_secondary",
        "scope_code": "education_funds",
        "fund_source_code": "general_public_budget",
        "fiscal_year": 2022,
        "amount": 21955.12,
        "compared_amount": 21955.12,
        "previous_amount": 22141.11,
        "change_amount": -185.99,
        "floor_amount": 22141.11,
        "floor_compared_amount": 21955.12,
        "judged_on": "comparable_scope",
        "verdict_nominal": "not_met",
        "verdict_comparable_scope": "not_met",
        "verdict_real": "no_data",
        "floor_verdict_nominal": "not_met",
        "floor_verdict_comparable_scope": "not_met",
        "floor_verdict_real": "no_data",
        "shortfall_amount": 185.99,
        "direction_printed": "falls",
        "direction_comparable_scope": None,
        "status": "falls",
        "reason": None,
        "verdict": "not_met",
        "verdict_strict": "not_met",
        "floor_verdict": "not_met",
        "is_turned_by_rounding": False,
    }
    # The nation's junior schools in 2021: down as printed, up on the comparable scope.
    both = {
        "entity_code": "000000",
        "amount": 17772.06,
        "floor_compared_amount": 17772.06,
        "compared_amount": 17772.06,
        "previous_amount": 17803.60,
        "change_amount": -31.54,
        "floor_amount": 17468.11,
        "shortfall_amount": 0,
        "direction_comparable_scope": "rises",
        "status": "falls_on_printed_rises_on_comparable_scope",
        "verdict": "met",
        "verdict_strict": "met",
        "floor_verdict": "met",
    }
    unknown = {
        **both,
        "fiscal_year": 2021,
        "previous_amount": None,
        "change_amount": None,
        "direction_printed": None,
        "direction_comparable_scope": None,
        "status": "not_comparable",
        "reason": "scope_changed",
        "verdict": "no_data",
        "verdict_strict": "no_data",
        "floor_amount": None,
        "shortfall_amount": None,
        "floor_verdict": "no_data",
    }
    return [fallen, {**fallen, **both}, {**fallen, **unknown}]


def _readings() -> list[dict[str, Any]]:
    rows = []
    for year in _spending_floor():
        key = {name: year[name] for name in _KEY}
        for reading in ("nominal", "comparable_scope", "real"):
            judged = reading == year["judged_on"]
            rows.append(
                {
                    **key,
                    "reading": reading,
                    "is_judged": judged,
                    "direction": _direction(year) if judged else None,
                    "verdict": year["verdict"] if judged else "no_data",
                    "verdict_strict": year["verdict_strict"] if judged else "no_data",
                    "floor_verdict": year["floor_verdict"] if judged else "no_data",
                    "floor_verdict_strict": year["floor_verdict"] if judged else "no_data",
                    "floor_amount": year["floor_amount"] if judged else None,
                    "floor_set_year": 2020 if judged and year["floor_amount"] else None,
                    "shortfall_amount": year["shortfall_amount"] if judged else None,
                    "exception_amount": 12.5 if judged and year["floor_amount"] else None,
                    "exception_documents": "A" if judged and year["floor_amount"] else None,
                }
            )
    return rows


def _direction(year: dict[str, Any]) -> str | None:
    return year["direction_comparable_scope"] or year["direction_printed"]


def _restatements() -> list[dict[str, Any]]:
    key = {name: _spending_floor()[0][name] for name in _KEY}
    believed = {
        **key,
        "belief_axis": "published",
        "version": 2,
        "is_believed_now": True,
        "cause": "later_vintage",
        "amount": 21955.12,
        "amount_now": 21955.12,
        "is_verdict_turned": False,
        "is_floor_verdict_turned": False,
    }
    first = {
        "version": 1,
        "is_believed_now": False,
        "cause": None,
        "amount": 22200.0,
        "is_verdict_turned": True,
    }
    return [{**believed, **first}, believed]


def _early_warning() -> list[dict[str, Any]]:
    total = {
        **{name: _spending_floor()[0][name] for name in _KEY if name not in ("leg", "fiscal_year")},
        "currency_code": "CNY",
        "fiscal_year": 2023,
        "basis": "total",
        "required_amount": 1000.0,
        "budget_amount": 990.0,
        "executed_amount": 450.0,
        "elapsed_pct": 49.6,
        "budget_shortfall_amount": 10.0,
        "missing_amount": 550.0,
        "warning": "budget_below_floor",
    }
    reached = {"required_amount": 980.0, "budget_shortfall_amount": 0.0, "missing_amount": 530.0}
    return [total, {**total, **reached, "basis": "per_student", "warning": "on_track"}]


_KEY = (
    *("region_code", "district_code", "entity_code", "leg", "item_code", "stage", "scope_code"),
    *("fund_source_code", "fiscal_year"),
)


def _budget_share() -> list[dict[str, Any]]:
    key = {name: _spending_floor()[0][name] for name in _KEY if name not in ("leg", "item_code", "stage")}
    return [
        {
            **key,
            "currency_code": "CNY",
            "education_amount": 3217.77,
            "general_budget_amount": 17297.85,
            "share_pct": 18.60,
        }
    ]


GOOD = {
    "mart_finance__budget_share": _budget_share,
    "mart_finance__spending_floor": _spending_floor,
    "mart_finance__spending_readings": _readings,
    "mart_finance__restatements": _restatements,
    "mart_finance__early_warning": _early_warning,
}

_READINGS, _VERSIONS, _WARNINGS = (
    "mart_finance__spending_readings",
    "mart_finance__restatements",
    "mart_finance__early_warning",
)
_NAMES = ("nominal", "comparable_scope", "real")
_SHARES = "mart_finance__budget_share"
_JUDGED = "where is_judged and verdict = 'met'"

# mart, what is broken, the one check that fails, words of its messages
BROKEN = [
    (
        _SHARES,
        "insert into mart select * from mart",
        "key_is_unique",
        "每个键只出现一行",
        "each key has one row",
    ),
    (
        _SHARES,
        "update mart set share_pct = 18.61",
        "share_is_recomputed",
        "占比等于",
        "the share is education",
    ),
    (
        _READINGS,
        "delete from mart where reading = 'real' and fiscal_year = 2021",
        "every_reading_of_every_year",
        "三种读法",
        "three readings",
    ),
    (
        _READINGS,
        "update mart set floor_verdict = 'met' where is_judged and verdict = 'not_met'",
        "judged_reading_is_the_verdict",
        "总表的结论",
        "the verdict of the floor",
    ),
    (
        _READINGS,
        f"update mart set direction = 'falls', verdict_strict = 'not_met' {_JUDGED}",
        "verdict_follows_direction",
        "下降不判达标",
        "a fall is not met",
    ),
    (
        _READINGS,
        "update mart set floor_verdict_strict = 'met' where not is_judged and reading = 'real'",
        "strict_is_never_kinder",
        "不宽于一般读法",
        "never the kinder",
    ),
    (
        _READINGS,
        "update mart set exception_documents = null",
        "exception_has_its_document",
        "必有文件",
        "has a document",
    ),
    (
        _READINGS,
        "update mart set floor_set_year = fiscal_year where floor_set_year is not null",
        "floor_has_the_year_that_set_it",
        "哪一年形成",
        "which earlier year",
    ),
    (
        _VERSIONS,
        "delete from mart where version = 1",
        "versions_follow_each_other",
        "从 1 连续",
        "run from 1",
    ),
    (_VERSIONS, "update mart set cause = null", "cause_is_stated", "写明重述原因", "says why it came"),
    (
        _VERSIONS,
        "update mart set amount_now = 1 where is_believed_now",
        "what_is_believed_now_has_not_turned",
        "与现行数一致",
        "what stands now",
    ),
    (
        _WARNINGS,
        "update mart set missing_amount = 1",
        "missing_is_recomputed",
        "应达总额减",
        "the required less",
    ),
    (
        _WARNINGS,
        "update mart set warning = 'on_track'",
        "warning_follows_the_budget",
        "低于底线的都报警",
        "below the floor is told",
    ),
    (
        _WARNINGS,
        "insert into mart select * from mart limit 1",
        "key_is_unique",
        "每个键只出现一行",
        "each key has one row",
    ),
    *(
        (
            _READINGS,
            f"update mart set {column} = -1 where {column} is not null",
            f"{column}.range",
            "不小于 0",
            "at least 0",
        )
        for column in ("shortfall_amount", "exception_amount")
    ),
    (
        _READINGS,
        "update mart set floor_verdict = 'bad' where reading = 'real'",
        "floor_verdict.codes",
        "之内",
        "one of",
    ),
    (_VERSIONS, "update mart set belief_axis = 'bad'", "belief_axis.codes", "之内", "one of"),
    (_WARNINGS, "update mart set elapsed_pct = 101", "elapsed_pct.range", "0 与 100", "between 0 and 100"),
    (
        _WARNINGS,
        "update mart set warning = 'bad' where basis = 'per_student'",
        "warning.codes",
        "之内",
        "one of",
    ),
    *(
        (
            "mart_finance__spending_floor",
            f"update mart set {column} = 'bad'",
            f"{column}.codes",
            "之内",
            "one of",
        )
        for column in (f"{kind}_{reading}" for kind in ("verdict", "floor_verdict") for reading in _NAMES)
    ),
]

# mart, what is broken, the checks that fail together
BROKEN_TWICE = [
    (_SHARES, "update mart set share_pct = 101", {"share_pct.range", "share_is_recomputed"}),
    (
        _READINGS,
        "insert into mart select * from mart limit 1",
        {"key_is_unique", "every_reading_of_every_year"},
    ),
    (
        _VERSIONS,
        "insert into mart select * from mart limit 1",
        {"key_is_unique", "versions_follow_each_other"},
    ),
    (
        _READINGS,
        "update mart set reading = 'bad' where reading = 'real' and fiscal_year = 2022",
        {"reading.codes"},
    ),
    (
        _READINGS,
        "update mart set verdict = 'bad' where reading = 'real'",
        {"verdict.codes", "verdict_follows_direction"},
    ),
    (_READINGS, "update mart set verdict_strict = 'bad' where reading = 'real'", {"verdict_strict.codes"}),
    (
        _READINGS,
        "update mart set floor_verdict_strict = 'bad' where reading = 'real'",
        {"floor_verdict_strict.codes"},
    ),
    (_WARNINGS, "update mart set missing_amount = -1", {"missing_amount.range", "missing_is_recomputed"}),
    (
        _WARNINGS,
        "update mart set budget_shortfall_amount = -1",
        {"budget_shortfall_amount.range", "missing_is_recomputed"},
    ),
]
