"""Spending of the made district: final accounts by stage, and the year in which spending falls.

Everything rises up to 2021, the good year. In 2022 the district spends less in all; its primary stage gets a
little more, but its pupils grow faster, so that spending per pupil falls while the stage's total rises.
Totals are in 万元 with two decimals, as accounts print them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from ingest.sample.district import STAGES, YEARS, District
from ingest.sample.truth import to_decimal

FALL_YEAR, FALL_STAGE = 2022, "primary"
FIRST_YEAR = YEARS[0] - 1  # the year that 2019 is compared with; its accounts are not among the files
YUAN_PER_WAN = 10_000
# Yuan per pupil in 2018.
START = {"primary": 12_300, "junior_secondary": 17_900, "senior_secondary": 19_400}
PUBLIC_FUNDS_START = {"primary": 1_310, "junior_secondary": 2_120, "senior_secondary": 2_480}
# Growth of the total over the year before, in percent.
TOTAL_GROWTH = {
    "primary": {2019: "7.2", 2020: "6.8", 2021: "8.4", 2022: "1.2"},
    "junior_secondary": {2019: "6.1", 2020: "6.6", 2021: "7.4", 2022: "-2.4"},
    "senior_secondary": {2019: "5.2", 2020: "5.6", 2021: "6.1", 2022: "-1.5"},
}
# Kindergartens, vocational schools and the bureau itself, as a share of the three stages.
OTHER_SHARE = {2018: "0.210", 2019: "0.215", 2020: "0.220", 2021: "0.230", 2022: "0.220"}
# Public funds per pupil, as a multiple of those of 2018.
PUBLIC_FUNDS_GROWN = {2018: "1.00", 2019: "1.05", 2020: "1.10", 2021: "1.16", 2022: "1.12"}
# Recurring revenue, yuan: it grows more slowly than spending up to 2021, and faster than spending in 2022.
RECURRING_REVENUE = {
    2018: 4_120_000_000,
    2019: 4_310_000_000,
    2020: 4_460_000_000,
    2021: 4_630_000_000,
    2022: 4_810_000_000,
}
# All spending of the general public budget, yuan: the share of education rises up to 2021 and sinks in 2022.
GENERAL_BUDGET = {
    2018: 2_260_000_000,
    2019: 2_390_000_000,
    2020: 2_520_000_000,
    2021: 2_690_000_000,
    2022: 2_745_000_000,
}
# Yuan a year: average pay of public compulsory teachers; money for pupils with disabilities.
TEACHER_PAY = {2018: 109_800, 2019: 114_200, 2020: 119_600, 2021: 126_500, 2022: 124_900}
DISABLED_AID = {2018: 342_000, 2019: 362_000, 2020: 389_000, 2021: 431_000, 2022: 305_000}
SPECIAL_SCHOOL_PUBLIC_FUNDS = {2018: 7_200, 2019: 7_600, 2020: 8_000, 2021: 8_500, 2022: 7_800}
# Allocation standard per pupil, yuan. In 2022 the country is cut while the town goes on: both are broken.
PUBLIC_FUNDS_STANDARD = {
    ("primary", "urban"): {2018: 1_050, 2019: 1_100, 2020: 1_150, 2021: 1_200, 2022: 1_250},
    ("primary", "rural"): {2018: 1_050, 2019: 1_100, 2020: 1_150, 2021: 1_200, 2022: 1_150},
    ("junior_secondary", "urban"): {2018: 1_450, 2019: 1_550, 2020: 1_650, 2021: 1_750, 2022: 1_850},
    ("junior_secondary", "rural"): {2018: 1_450, 2019: 1_550, 2020: 1_650, 2021: 1_750, 2022: 1_650},
}


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
        """Public funds per pupil, yuan and cents; they rise up to 2021."""
        return round(PUBLIC_FUNDS_START[stage] * Fraction(PUBLIC_FUNDS_GROWN[year]), 2)

    def per_student_of_all(self, year: int) -> Fraction:
        """Education spending per pupil of the three stages together, yuan and cents."""
        students = sum((self.average_students(stage, year) for stage in STAGES), Fraction(0))
        return round(self.totals[year, "all_stages"] / students, 2)

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

    def per_student_of_all_of(self, year: int) -> Amount:
        """Spending per pupil of the whole district in one fiscal year."""
        return Amount(
            year,
            "all_stages",
            "budget_education",
            "education_funds",
            "per_student",
            self.per_student_of_all(year),
            self.per_student_of_all(year - 1),
        )


def other_items_of(year: int) -> list[Amount]:
    """What is no spending by stage: revenue, pay, aid, special education and allocation standards."""
    whole = (
        ("recurring_revenue", "recurring_revenue", "total", RECURRING_REVENUE),
        ("general_budget_expenditure", "general_budget", "total", GENERAL_BUDGET),
        ("teacher_pay", "teacher_pay", "per_teacher", TEACHER_PAY),
        ("disabled_aid", "student_aid", "total", DISABLED_AID),
        ("special_school_public_funds", "public_funds", "per_student", SPECIAL_SCHOOL_PUBLIC_FUNDS),
    )
    standards = (
        (stage, f"public_funds_standard_{place}", "allocation_standard", "per_student", values)
        for (stage, place), values in PUBLIC_FUNDS_STANDARD.items()
    )
    return [
        Amount(year, stage, item, scope, basis, Fraction(values[year]), Fraction(values[year - 1]))
        for stage, item, scope, basis, values in (*(("all_stages", *line) for line in whole), *standards)
    ]


def growths_beside(amount: Amount) -> tuple[Fraction, Fraction] | None:
    """What tables print beside the growth of all spending: that of recurring revenue, and the gap."""
    if (amount.item, amount.basis, amount.stage) != ("budget_education", "total", "all_stages"):
        return None
    revenue = next(a for a in other_items_of(amount.fiscal_year) if a.item == "recurring_revenue")
    return round(revenue.growth_pct, 2), round(amount.growth_pct - revenue.growth_pct, 2)


def _hundreds(amount: Fraction) -> Fraction:
    return Fraction(round(amount, -2))


def falls_truth(accounts: Accounts) -> list[dict[str, Any]]:
    """Every figure of education spending that is lower than the year before, with the total beside it."""
    rows = []
    for year in YEARS:
        printed = (*accounts.account_of(year), *accounts.per_student_of(year))
        for amount in (*printed, accounts.per_student_of_all_of(year)):
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
