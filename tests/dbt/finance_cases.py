"""Made series of spending, each for one rule: wrong variants, the tables of 34 CFR 300, beliefs, warnings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from finance_reference import Allowance
from finance_series import PRICES, Row, entity, exception_row

from ingest import database

REGION = "XA"
NUMBERS = {"prior_amount", "growth_pct"}


def row(code: str, year: int, amount: str | None, **changes: Any) -> Row:
    """A row of a bulletin of the year in nominal yuan, but for ``changes``."""
    values = {
        **entity(REGION, code),
        "scope_code": "education_funds",
        "fiscal_year": year,
        "vintage": "bulletin",
        "edition": year,
        "price_basis": "nominal",
        "amount": None if amount is None else Decimal(amount),
        "currency_code": "CNY",
    }
    return values | {name: Decimal(v) if name in NUMBERS else v for name, v in changes.items()}


def _years(code: str, first: int, *amounts: str, **changes: Any) -> list[Row]:
    return [row(code, first + n, amount, **changes) for n, amount in enumerate(amounts)]


# Rules with a wrong variant that a reader might take for right.
WRONG = [
    *_years("lag", 2013, "100", "90", "95"),
    row("scopes", 2013, "100", scope_code="operating_funds"),
    *_years("scopes", 2014, "120", "115"),
    *_years("swap", 2013, "100", "110"),
    row("swap", 2015, "99", prior_amount="110", growth_pct="10.00", growth_basis="comparable_scope"),
    *_years("allowed", 2013, "100", "80", "80"),
    row("gap", 2013, "100"),
    row("gap", 2015, "90"),
    row("blank", 2013, "100"),
    row("blank", 2014, None),
    row("blank", 2015, "90"),
]
# Amounts that are easily lost: beside a growth alone, in other prices, before an index, of another scope.
EASILY_LOST = [
    row("beside_growth", 2014, None, edition=2015, growth_pct="5.00", growth_basis="nominal"),
    row("beside_growth", 2015, "90", prior_amount="95"),
    row("other_prices", 2014, "80", edition=2015),
    row("other_prices", 2015, "90", price_basis="constant", prior_amount="95"),
    *_years("first_index", 2012, "100", "101"),
    row("planned", 2013, "100"),
    row("planned", 2014, "99", vintage="budget"),
    row("planned", 2015, "90", growth_pct="-5.00", growth_basis="nominal"),
    row("moved_alone", 2015, "100", growth_pct="-5.00", growth_basis="comparable_scope"),
]
ALLOWED = exception_row(REGION, "allowed", Allowance(2014, 2014, Decimal(20), "CNY"))
# The later edition comes first, the earlier one days after it.
LATER_EDITION = [row("late", 2013, "100", edition=2015), row("late", 2014, "90", edition=2015)]
EARLIER_EDITION = [row("late", 2013, "80", edition=2014)]

# 34 CFR 300, appendix E, tables 1 to 3; the last year of each is open, its budget below what is required.
APPENDIX_E = {
    "table_1": ("100", "90"),
    "table_2": ("100", "90", "90"),
    "table_3": ("100", "90", "90", "110"),
}
TABLES = [
    found
    for code, amounts in APPENDIX_E.items()
    for found in (*_years(code, 2012, *amounts), row(code, 2012 + len(amounts), "99", vintage="budget"))
]

# What is loaded on which day, each in the place of what was loaded for its year before.
DAYS = (date(2020, 3, 1), date(2020, 5, 1), date(2020, 9, 1))
LOADED: list[tuple[date, list[Row]]] = [
    (DAYS[0], _years("corrected", 2012, "100", "110", "120")),
    (DAYS[1], [row("corrected", 2013, "95")]),
    (DAYS[2], [row("corrected", 2013, "105")]),
    (DAYS[0], _years("hasty", 2012, "100", "110")),
    # Twice on one day: only the second stands at its end.
    (DAYS[1], [row("hasty", 2013, "1")]),
    (DAYS[1], [row("hasty", 2013, "95")]),
    # And one that is taken back the same day.
    (DAYS[0], _years("quiet", 2012, "100", "110")),
    (DAYS[1], [row("quiet", 2013, "1")]),
    (DAYS[1], [row("quiet", 2013, "110")]),
    (DAYS[0], LATER_EDITION),
    (DAYS[1], EARLIER_EDITION),
]


def load_on(accepted_rows: Callable[..., Any], day: date, rows: Sequence[Row]) -> None:
    """One batch that began to count on a day, and what it took the place of ceased to."""
    batch = accepted_rows("finance", rows)
    noon = f"{day} 12:00+08"
    with database.connect() as connection:
        connection.execute(
            "update ops.partition_batch set accepted_at = %s where batch_id = %s", [noon, batch]
        )
        connection.execute(
            "update ops.partition_batch set superseded_at = %s where superseded_by = %s", [noon, batch]
        )


# Years under way: 100,000 yuan for 100 pupils in 2013; 2014 is open.
WARNED = {
    "below": "99999.99",
    "behind": "100000",
    "pace": "100000",
    "adjusted": "120000",
    "closed": "90000",
    "pupils": "100000",
    "nobody": "100000",
    "uncounted": "100000",
}
BUDGETS = [
    *(row(code, year, "100000") for code in WARNED for year in (2012, 2013)),
    *(row(code, 2014, budget, vintage="budget") for code, budget in WARNED.items()),
    row("closed", 2014, "95000", vintage="final_account"),
    # Own income of the same district: the report of execution does not speak of it.
    row("adjusted", 2013, "100", fund_source_code="own_income"),
    row("adjusted", 2014, "200", vintage="budget", fund_source_code="own_income"),
    *(row("unplanned", year, "100000") for year in (2012, 2013)),
    row("first", 2014, "100000", vintage="budget"),
]
# District: pupils of the school years 2011, 2012, 2013 and, where they are counted already, 2014.
COUNTED = {
    **dict.fromkeys(WARNED, (100, 100, 100)),
    "pupils": (100, 100, 100, 110),
    "uncounted": (100, 100),
    "nobody": (),
}


def _execution(code: str, day: date, executed: str, budget: str | None = None) -> Row:
    place = {name: value for name, value in entity(REGION, code).items() if name != "basis"}
    return {**place, "fiscal_year": 2014, "scope_code": "education_funds", "through_date": day,
            "budget_amount": None if budget is None else Decimal(budget),
            "executed_amount": Decimal(executed), "currency_code": "CNY"}  # fmt: skip


HALF = date(2014, 7, 2)  # 183 of 365 days
EXECUTIONS = [
    _execution("behind", HALF, "40136.98"),
    # An earlier report is not the last word.
    _execution("pace", date(2014, 3, 31), "1"),
    _execution("pace", HALF, "40136.99"),
    _execution("adjusted", HALF, "50000", budget="99000"),
    _execution("closed", HALF, "50000"),
    _execution("pupils", HALF, "60000"),
    _execution("unplanned", HALF, "50000"),
]


def school_rows() -> tuple[list[Row], list[Row]]:
    """The register and the enrolment of one school a district."""
    schools, enrolment = [], []
    for code, counts in COUNTED.items():
        for year, students in enumerate(counts, start=2011):
            place = {"region_code": REGION, "district_code": code, "school_year": year, "school_code": code}
            schools.append({**place, "district_name": code, "school_name": code, "school_type_code": "211",
                            "operator_code": "831", "urban_rural_code": "111"})  # fmt: skip
            enrolment.append({**place, "stage": "primary", "grade": "all", "students": students})
    return schools, enrolment


def price_rows() -> list[Row]:
    return [
        {"region_code": region, "district_code": region, "index_code": "cpi", "fiscal_year": year,
         "index_previous_year_100": index, "document": "made"}
        for region, prices in PRICES.items()
        for year, index in prices.items()
    ]  # fmt: skip
