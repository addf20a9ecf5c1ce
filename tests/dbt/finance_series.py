"""Series of spending of every shape that makes the floor hard, drawn from a seed; all are invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from finance_reference import Allowance

Row = dict[str, Any]

FIRST_YEAR, YEARS = 2008, 9
# Two regions of made prices: in one of them an index is missing, in the other all are.
PRICES = {
    "XA": {year: Decimal(index) for year, index in zip(
        (2008, 2009, 2010, 2011, 2013, 2014, 2015, 2016),
        ("101.5", "99.3", "100", "102.6", "102", "101.4", "100.9", "103.1"), strict=True)},
    "XB": {},
}  # fmt: skip
SIZES = ("100", "9876.54", "1000000000000")
# To last year's amount, in per cent and cents.
STEPS = ((0, 0), (0, -1), (0, 1), (-10, 0), (5, 0), (12, 0), (-1, 0), (2, 0))
VINTAGES = ("bulletin", "bulletin", "bulletin", "final_account", "budget")
LAGS = (0, 0, 1, 2)
GROWTHS = (None, None, None, "0.00", "-0.01", "1.74", "-2.5", "10", "4.00")
BASES = ("comparable_scope", "comparable_scope", "nominal", "not_stated", None)
PRIORS = ("none", "none", "last", "restated")
ABSENT = ("amount",) + ("nothing",) * 7
PRICE_BASES = ("nominal",) * 6 + ("constant", None)
CURRENCIES = ("CNY",) * 9 + ("USD",)
FUNDS = (None,) * 7 + ("own_income",)
SCOPES = ("education_funds",) * 6 + ("operating_funds",)
WORDS = (0, 1, 1, 1, 1, 2, 2, 3)  # how many rows speak of a year


@dataclass(frozen=True)
class Series:
    """Rows of one entity in the order in which they were drawn, and what is allowed it by document."""

    region: str
    rows: tuple[tuple[tuple[str, Any], ...], ...]
    allowances: tuple[Allowance, ...]

    def finance_rows(self, code: str) -> list[Row]:
        return [{**entity(self.region, code), **dict(row)} for row in self.rows]

    def exception_rows(self, code: str) -> list[Row]:
        return [exception_row(self.region, code, a, number) for number, a in enumerate(self.allowances)]


def entity(region: str, code: str) -> Row:
    """A district that reports its own amounts."""
    return {
        "region_code": region,
        "district_code": code,
        "entity_level": "district",
        "entity_code": code,
        "entity_name": code,
        "stage": "primary",
        "item_code": "budget_education",
        "basis": "total",
    }


def exception_row(region: str, code: str, allowance: Allowance, number: int = 0) -> Row:
    """An exception as it is handed in."""
    return {
        **entity(region, code),
        "scope_code": "education_funds",
        "first_fiscal_year": allowance.first,
        "last_fiscal_year": allowance.last,
        "amount": allowance.amount,
        "currency_code": allowance.currency,
        "reason": "made",
        "document": f"made {number}",
        "document_date": "2008-01-01",
    }


def _picked(random: Random, *choices: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(random.choice(choice) for choice in choices)


def _moved(amount: Decimal, step: tuple[int, int]) -> Decimal:
    percent, cents = step
    changed = amount * (100 + percent) / 100 + Decimal(cents) / 100
    return max(changed, Decimal(0)).quantize(Decimal("0.01"))


def _row(random: Random, year: int, last: Decimal, amount: Decimal) -> Row:
    vintage, lag, prior, restated = _picked(random, VINTAGES, LAGS, PRIORS, STEPS)
    growth, basis, absent = _picked(random, GROWTHS, BASES, ABSENT)
    prices, currency, fund, scope = _picked(random, PRICE_BASES, CURRENCIES, FUNDS, SCOPES)
    beside = {"none": None, "last": last, "restated": _moved(last, restated)}[prior]
    return {
        "fiscal_year": year,
        "scope_code": scope,
        "fund_source_code": fund,
        "vintage": vintage,
        "edition": year + lag,
        "price_basis": prices,
        "currency_code": currency,
        "amount": None if absent == "amount" else _moved(amount, restated) if lag else amount,
        "prior_amount": beside,
        "growth_pct": None if growth is None else Decimal(growth),
        "growth_basis": basis,
    }


def spending(random: Random) -> Series:
    """A walk that tells something: of some, nobody tells any year."""
    while not (series := _walk(random)).rows:
        continue
    return series


def _walk(random: Random) -> Series:
    """A walk of amounts; editions that restate it, years that nobody tells, growths without amounts."""
    region, size, allowed = _picked(random, ("XA", "XA", "XA", "XB"), SIZES, (0, 0, 0, 1, 1, 2))
    amount = Decimal(size)
    rows: dict[tuple[Any, ...], Row] = {}
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        step, words = _picked(random, STEPS, WORDS)
        last, amount = amount, _moved(amount, step)
        for _ in range(words):
            row = _row(random, year, last, amount)
            key = ("fiscal_year", "vintage", "edition", "scope_code", "fund_source_code")
            rows.setdefault(tuple(row[name] for name in key), row)
    return Series(
        region,
        tuple(tuple(row.items()) for row in rows.values()),
        tuple(_allowance(random, Decimal(size)) for _ in range(allowed)),
    )


def _allowance(random: Random, size: Decimal) -> Allowance:
    first, lasts, share, currency = _picked(
        random,
        range(FIRST_YEAR, FIRST_YEAR + YEARS),
        (None, 0, 1, 2),
        (1, 5, 20, 150),
        ("CNY",) * 4 + ("USD",),
    )
    last = None if lasts is None else first + lasts
    return Allowance(first, last, (size * share / 100).quantize(Decimal("0.01")), currency)
