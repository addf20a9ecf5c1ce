"""Spending of the made district: final accounts by stage, and the year in which spending per pupil falls.

Totals grow every year. In 2021 the pupils of the primary stage grow faster than its money, so that its
spending per pupil falls while the total rises. Totals are in 万元 with two decimals, as accounts print them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from ingest.sample_district import STAGES, YEARS, District
from ingest.sample_truth import to_decimal

FALL_YEAR, FALL_STAGE = 2021, "primary"
FIRST_YEAR = YEARS[0] - 1  # the year that 2019 is compared with; its accounts are not among the files
YUAN_PER_WAN = 10_000
# Yuan per pupil in 2018.
START = {"primary": 12_300, "junior_secondary": 17_900, "senior_secondary": 19_400}
PUBLIC_FUNDS_START = {"primary": 1_310, "junior_secondary": 2_120, "senior_secondary": 2_480}
# Growth of the total over the year before, in percent.
TOTAL_GROWTH = {
    "primary": {2019: "7.2", 2020: "6.8", 2021: "1.5", 2022: "8.4"},
    "junior_secondary": {2019: "6.1", 2020: "6.6", 2021: "6.0", 2022: "5.9"},
    "senior_secondary": {2019: "5.2", 2020: "5.6", 2021: "5.1", 2022: "4.9"},
}
# Kindergartens, vocational schools and the bureau itself, as a share of the three stages.
OTHER_SHARE = {2018: "0.210", 2019: "0.215", 2020: "0.220", 2021: "0.250", 2022: "0.255"}


@dataclass(frozen=True)
class Amount:
    """One printed figure with the one of the year before; yuan."""

    fiscal_year: int
    stage: str
    item: str
    scope: str
    basis: str
    value: Fraction
    prior: Fraction

    @property
    def growth_pct(self) -> Fraction:
        """Growth over the year before, from the printed amounts."""
        return (self.value - self.prior) * 100 / self.prior


class Accounts:
    """All figures of the made district, worked out from its pupils."""

    def __init__(self, district: District) -> None:
        self.district = district

    def average_students(self, stage: str, fiscal_year: int) -> Fraction:
        """Pupils of a calendar year: eight months of the school year before, four of this one."""
        before = self.district.district_students(stage, max(FIRST_YEAR, fiscal_year - 1))
        return Fraction(before * 8 + self.district.district_students(stage, fiscal_year) * 4, 12)

    @cached_property
    def totals(self) -> dict[tuple[int, str], Fraction]:
        """Total by fiscal year and stage, yuan, whole hundreds as two decimals of 万元 allow."""
        found: dict[tuple[int, str], Fraction] = {}
        for stage in STAGES:
            found[FIRST_YEAR, stage] = _hundreds(START[stage] * self.average_students(stage, FIRST_YEAR))
            for year in YEARS:
                growth = 1 + Fraction(TOTAL_GROWTH[stage][year]) / 100
                found[year, stage] = _hundreds(found[year - 1, stage] * growth)
        for year in (FIRST_YEAR, *YEARS):
            three = sum((found[year, stage] for stage in STAGES), Fraction(0))
            found[year, "all_stages"] = _hundreds(three * (1 + Fraction(OTHER_SHARE[year])))
        return found

    def per_student(self, stage: str, year: int) -> Fraction:
        """Education spending per pupil, yuan and cents."""
        return round(self.totals[year, stage] / self.average_students(stage, year), 2)

    def public_funds(self, stage: str, year: int) -> Fraction:
        """Public funds per pupil, yuan and cents; they rise every year."""
        return round(PUBLIC_FUNDS_START[stage] * (1 + Fraction(year - FIRST_YEAR, 20)), 2)

    def account_of(self, year: int) -> list[Amount]:
        """Totals of one fiscal year, by stage and altogether."""
        return [
            Amount(
                year,
                stage,
                "budget_education",
                "education_funds",
                "total",
                self.totals[year, stage],
                self.totals[year - 1, stage],
            )
            for stage in (*STAGES, "all_stages")
        ]

    def per_student_of(self, year: int) -> list[Amount]:
        """Figures per pupil of one fiscal year: education spending and public funds."""
        found = []
        for stage in STAGES:
            spent, before = self.per_student(stage, year), self.per_student(stage, year - 1)
            funds, funds_before = self.public_funds(stage, year), self.public_funds(stage, year - 1)
            found += [
                Amount(year, stage, "budget_education", "education_funds", "per_student", spent, before),
                Amount(year, stage, "public_funds", "public_funds", "per_student", funds, funds_before),
            ]
        return found


def _hundreds(amount: Fraction) -> Fraction:
    return Fraction(round(amount, -2))


def falls_truth(accounts: Accounts) -> list[dict[str, Any]]:
    """Every figure of education spending that is lower than the year before, with the total beside it."""
    rows = []
    for year in YEARS:
        for amount in (*accounts.account_of(year), *accounts.per_student_of(year)):
            if amount.value < amount.prior:
                total = {a.stage: a for a in accounts.account_of(year)}[amount.stage]
                rows.append(
                    {
                        "fiscal_year": year,
                        "stage": amount.stage,
                        "item_code": amount.item,
                        "basis": amount.basis,
                        "amount": to_decimal(amount.value, 2),
                        "prior_amount": to_decimal(amount.prior, 2),
                        "change_pct": to_decimal(amount.growth_pct),
                        "total_amount": to_decimal(total.value, 2),
                        "total_prior_amount": to_decimal(total.prior, 2),
                        "total_change_pct": to_decimal(total.growth_pct),
                    }
                )
    return rows
