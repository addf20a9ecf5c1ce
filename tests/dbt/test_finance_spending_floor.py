"""The spending floor, from raw rows to the mart: golden figures, rules, wrong variants by name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

# The marts of spending and what they are made of; the rest of the warehouse is tested elsewhere.
FINANCE_MODELS = ["+mart_finance__spending_floor", "+mart_finance__spending_readings"]

NATIONAL = "http://mbxq.org.cn/shownews.asp?Fld_ProductId=7100"
GUANGDONG_2016 = "http://edu.gd.gov.cn/zwgknew/bmyjs/content/post_3387796.html"
GUANGDONG_2022 = "https://m.hqtbz.com/edu/zwgknew/bmyjs/content/post_4324695.html"


def _row(entity: str, year: int, amount: str | None, **changes: Any) -> dict[str, Any]:
    """A finance row of a bulletin: total, primary, education funds, in yuan, but for ``changes``."""
    values = {
        "region_code": "CN",
        "district_code": entity,
        "entity_level": "district",
        "entity_code": entity,
        "entity_name": entity,
        "fiscal_year": year,
        "stage": "primary",
        "item_code": "budget_education",
        "scope_code": "education_funds",
        "basis": "total",
        "vintage": "bulletin",
        "edition": year,
        "price_basis": "nominal",
        "amount": None if amount is None else Decimal(amount),
        "currency_code": "CNY",
    }
    numbers = {"prior_amount", "growth_pct"}
    return values | {k: Decimal(v) if k in numbers else v for k, v in changes.items()}


def _national(year: int, amount: str, prior: str, growth: str | None, growth_basis: str) -> dict[str, Any]:
    scope = "operating_funds" if year < 2018 else "education_funds"
    published = {} if growth is None else {"growth_pct": growth}
    return _row(
        "CN",
        year,
        amount,
        entity_level="nation",
        stage="junior_secondary",
        basis="per_student",
        scope_code=scope,
        prior_amount=prior,
        growth_basis=growth_basis,
        document=NATIONAL,
        **published,
    )


# The national bulletins, junior secondary, yuan per pupil.
NATION = [
    _national(2016, "13415.99", "12105.08", "10.83", "nominal"),
    _national(2017, "14641.15", "13415.99", "9.13", "nominal"),
    _national(2019, "17319.04", "16494.37", "5.00", "nominal"),
    _national(2020, "17803.60", "17319.04", None, "not_stated"),
    _national(2021, "17772.06", "17803.60", "1.74", "comparable_scope"),
    _national(2022, "18151.98", "17772.06", "2.14", "nominal"),
]
PROVINCE = [
    _row("GD", 2022, "21955.12", entity_level="province", stage="junior_secondary", basis="per_student",
         growth_pct="-0.84", growth_basis="not_stated", document=GUANGDONG_2022),
    _row("GD", 2015, "8757.95", entity_level="province", basis="per_student", edition=2016,
         scope_code="operating_funds", document=GUANGDONG_2016),
    _row("GD", 2016, "9997.31", entity_level="province", basis="per_student", growth_pct="14.15",
         growth_basis="not_stated", scope_code="operating_funds", document=GUANGDONG_2016),
    _row("佛山市", 2016, None, entity_level="city", stage="all_stages", growth_pct="-3.13",
         growth_basis="not_stated", document=GUANGDONG_2016),
]  # fmt: skip
# Made series, each for one rule. Amounts in yuan.
MADE = [
    *(_row("ratchet", 2010 + n, amount) for n, amount in enumerate(["100", "90", "95", "100.01", "100.00"])),
    _row("gap", 2010, "100"),
    _row("gap", 2012, "90"),
    _row("cents", 2010, "1000000000.00"),
    _row("cents", 2011, "999999999.99"),
    _row("equal", 2010, "100"),
    _row("equal", 2011, "100"),
    _row("restated", 2010, "100"),
    _row("restated", 2011, "90", prior_amount="80"),
    _row("budget", 2010, "100"),
    _row("budget", 2011, "90", vintage="budget"),
    _row("two_vintages", 2010, "100"),
    _row("two_vintages", 2011, "90", vintage="final_account"),
    _row("both_vintages", 2010, "100"),
    _row("both_vintages", 2011, "110"),
    _row("both_vintages", 2011, "90", vintage="final_account"),
    _row("prices", 2010, "100"),
    _row("prices", 2011, "90", price_basis="constant"),
    _row("blank", 2010, "100"),
    _row("blank", 2011, None),
    _row("blank", 2012, "90"),
    _row("swapped", 2010, "100"),
    _row("swapped", 2011, "110", growth_pct="-2.00", growth_basis="comparable_scope"),
    *(_row("actual", year, amount, vintage="final_account", edition=edition)
      for edition, year, amount in [(2016, 2014, "100"), (2016, 2015, "101"), (2017, 2015, "99"),
                                    (2017, 2016, "100")]),
    _row("actual", 2016, "50", vintage="budget", edition=2016),
    _row("actual", 2017, "60", vintage="budget", edition=2017),
]  # fmt: skip
# Spending rises by 2 % while pupils rise by 10 %: the total rises and the amount per student falls.
PUPILS = [
    _row("pupils", 2021, "10000000"),
    _row("pupils", 2022, "10200000"),
    _row("pupils", 2023, "10300000"),
    _row("pupils", 2020, "9000000"),
]


def _enrolment(year: int, students: int) -> dict[str, Any]:
    return {"region_code": "CN", "district_code": "pupils", "school_year": year, "school_code": "S",
            "stage": "primary", "grade": "all", "students": students}  # fmt: skip


ENROLMENT = [_enrolment(2020, 1000), _enrolment(2021, 1000), _enrolment(2022, 1300)]
SCHOOLS = [
    {"region_code": "CN", "district_code": "pupils", "district_name": "pupils", "school_year": year,
     "school_code": "S", "school_name": "S", "school_type_code": "211", "operator_code": "831",
     "urban_rural_code": "111"}
    for year in (2020, 2021, 2022)
]  # fmt: skip


@pytest.fixture(scope="module")
def mart(module_warehouse: str, accepted_rows: Any, build: Any, query: Any) -> dict[tuple[Any, ...], Any]:
    """The mart's rows by entity, leg, stage, fiscal year and scope."""
    accepted_rows("finance", [*NATION, *PROVINCE, *MADE, *PUPILS])
    accepted_rows("enrolment", ENROLMENT)
    accepted_rows("school", SCHOOLS)
    build(FINANCE_MODELS)
    rows = query("select * from marts_build.mart_finance__spending_floor")
    return {(r["entity_code"], r["leg"], r["stage"], r["fiscal_year"], r["scope_code"]): r for r in rows}


def _nation(mart: Mapping[Any, Any], year: int, scope: str = "education_funds") -> dict[str, Any]:
    return mart["CN", "per_student_published", "junior_secondary", year, scope]


def _made(mart: Mapping[Any, Any], entity: str, year: int, leg: str = "total") -> dict[str, Any]:
    return mart[entity, leg, "primary", year, "education_funds"]


def test_national_2021_falls_as_printed_and_rises_on_the_comparable_scope(mart: Any) -> None:
    row = _nation(mart, 2021)
    assert row["status"] == "falls_on_printed_rises_on_comparable_scope"
    assert row["status_zh"] == "按公布数下降，按同口径上升"
    assert (row["change_pct"], row["published_growth_pct"]) == (Decimal("-0.18"), Decimal("1.74"))
    assert (row["direction_printed"], row["direction_comparable_scope"]) == ("falls", "rises")
    assert row["verdict"] == "met", "the clause compares amounts of the same scope"
    assert row["floor_amount"] == Decimal("17468.11"), "17,772.06 / 1.0174: 2020 on the scope of 2021"
    assert (row["floor_verdict"], row["floor_set_year"]) == ("met", 2020)
    across_scopes = row["floor_amount_nominal"]
    assert across_scopes == Decimal("17803.60"), "what a comparison across the scopes would require"
    assert (row["verdict_nominal"], row["floor_verdict_nominal"]) == ("not_met", "not_met")


def test_swapping_the_nominal_growth_for_the_comparable_one_is_a_wrong_variant(mart: Any) -> None:
    nominal_for_comparable = "falls" if _nation(mart, 2021)["change_amount"] < 0 else "rises"
    assert nominal_for_comparable == "falls"
    assert nominal_for_comparable != _nation(mart, 2021)["direction_comparable_scope"]
    swapped = _made(mart, "swapped", 2011)
    assert swapped["status"] == "rises_on_printed_falls_on_comparable_scope"
    assert (swapped["verdict"], swapped["change_pct"]) == ("not_met", Decimal("10.00"))


def test_2018_is_not_compared_with_2017_across_the_scopes(mart: Any) -> None:
    row = _nation(mart, 2018)
    assert row["amount_origin"] == "printed_as_previous_year"
    assert (row["amount"], row["edition"]) == (Decimal("16494.37"), 2019)
    assert (row["status"], row["reason"], row["verdict"]) == ("not_comparable", "scope_changed", "no_data")
    assert row["previous_amount"] is None
    across_scopes = row["amount"] - _nation(mart, 2017, "operating_funds")["amount"]
    assert across_scopes == Decimal("1853.22"), "what a comparison across scopes would call a rise"


def test_a_changed_name_of_the_same_scope_is_compared(mart: Any) -> None:
    row = _nation(mart, 2017, "operating_funds")
    assert (row["status"], row["previous_amount"], row["change_pct"]) == (
        "rises",
        Decimal("13415.99"),
        Decimal("9.13"),
    )
    assert row["previous_source"] == "printed_beside"


def test_guangdong_junior_2022_falls_by_the_published_growth_alone(mart: Any) -> None:
    row = mart["GD", "per_student_published", "junior_secondary", 2022, "education_funds"]
    assert (row["status"], row["verdict"], row["reason"]) == ("falls", "not_met", "published_growth_only")
    assert row["published_growth_pct"] == Decimal("-0.84")
    assert row["previous_amount"] is None
    assert row["change_amount"] is None


def test_a_city_with_a_growth_and_no_amount_falls(mart: Any) -> None:
    row = mart["佛山市", "total", "all_stages", 2016, "education_funds"]
    assert (row["amount"], row["status"], row["verdict"]) == (None, "falls", "not_met")


def test_a_year_printed_in_the_same_edition_is_the_year_before(mart: Any) -> None:
    row = mart["GD", "per_student_published", "primary", 2016, "operating_funds"]
    assert (row["previous_amount"], row["previous_source"]) == (Decimal("8757.95"), "same_edition")
    assert row["change_pct"] == row["published_growth_pct"] == Decimal("14.15")


@pytest.mark.parametrize(
    ("year", "floor", "shortfall", "status", "floor_verdict"),
    [
        (2010, None, None, "not_comparable", "no_data"),
        (2011, "100", "10", "falls", "not_met"),
        (2012, "100", "5", "rises", "not_met"),
        (2013, "100", "0", "rises", "met"),
        (2014, "100.01", "0.01", "falls", "not_met"),
    ],
)
def test_the_floor_is_a_ratchet(
    mart: Any, year: int, floor: str | None, shortfall: str | None, status: str, floor_verdict: str
) -> None:
    row = _made(mart, "ratchet", year)
    assert row["floor_amount"] == (None if floor is None else Decimal(floor))
    assert row["shortfall_amount"] == (None if shortfall is None else Decimal(shortfall))
    assert (row["status"], row["floor_verdict"]) == (status, floor_verdict)


def test_lag_is_a_wrong_variant(mart: Any, query: Any) -> None:
    lagged = query(
        """
        select
            entity_code, fiscal_year,
            lag(amount) over (partition by entity_code order by fiscal_year) as floor
        from marts_build.mart_finance__spending_floor
        where leg = 'total' and entity_code in ('ratchet', 'gap')
        """
    )
    floors = {(row["entity_code"], row["fiscal_year"]): row["floor"] for row in lagged}
    assert floors["ratchet", 2012] == Decimal("90")
    assert _made(mart, "ratchet", 2012)["floor_amount"] == Decimal("100")
    assert floors["gap", 2012] == Decimal("100"), "lag() takes 2010 for the year before 2012"
    gap = _made(mart, "gap", 2012)
    assert (gap["previous_amount"], gap["reason"]) == (None, "previous_year_missing")
    assert (gap["verdict"], gap["floor_verdict"]) == ("no_data", "not_met"), "the floor of 2010 still stands"


def test_a_fall_of_one_cent_in_a_thousand_million_is_a_fall(mart: Any) -> None:
    row = _made(mart, "cents", 2011)
    assert (row["status"], row["change_amount"]) == ("falls", Decimal("-0.01"))
    assert row["change_pct"] == 0, "rounded, the growth shows nothing"


def test_equal_is_met_unless_read_strictly(mart: Any) -> None:
    row = _made(mart, "equal", 2011)
    assert (row["status"], row["verdict"], row["verdict_strict"]) == ("unchanged", "met", "not_met")


def test_a_later_edition_restates_the_year_before(mart: Any) -> None:
    row = _made(mart, "restated", 2011)
    assert (row["previous_amount"], row["status"]) == (Decimal("80"), "rises")
    assert (row["floor_amount"], row["floor_set_year"]) == (Decimal("80"), 2010)
    before = _made(mart, "restated", 2010)
    assert (before["amount"], before["is_restated"]) == (Decimal("80"), True)


@pytest.mark.parametrize(
    ("entity", "year", "status", "reason"),
    [
        ("budget", 2011, "not_comparable", "vintage_is_budget"),
        ("two_vintages", 2011, "not_comparable", "vintage_differs"),
        ("prices", 2011, "not_comparable", "price_or_currency_differs"),
        ("blank", 2011, "no_data", "amount_missing"),
        ("blank", 2012, "not_comparable", "previous_amount_missing"),
        ("gap", 2010, "not_comparable", "previous_year_missing"),
    ],
)
def test_what_cannot_be_compared_says_why(
    mart: Any, entity: str, year: int, status: str, reason: str
) -> None:
    row = _made(mart, entity, year)
    assert (row["status"], row["reason"]) == (status, reason)
    assert (row["verdict"], row["verdict_strict"]) == ("no_data",) * 2
    # A year without data forgives nothing: 2010 still sets the floor of 2012.
    assert row["floor_verdict"] == ("not_met" if (entity, year) == ("blank", 2012) else "no_data")
    assert row["previous_amount"] is None
    assert row["reason_zh"]
    assert row["reason_en"]


def test_the_highest_vintage_known_of_both_years_is_compared(mart: Any) -> None:
    row = _made(mart, "both_vintages", 2011)
    assert (row["amount"], row["vintage"]) == (Decimal("90"), "final_account")
    assert (row["compared_amount"], row["compared_vintage"]) == (Decimal("110"), "bulletin")
    assert (row["previous_amount"], row["status"]) == (Decimal("100"), "rises")
    assert (row["floor_vintage"], row["floor_amount"]) == ("bulletin", Decimal("100"))
    assert row["floor_compared_amount"] == Decimal("110"), "no account is held against the bulletins' floor"


def test_actual_years_are_compared_within_one_edition(mart: Any) -> None:
    row = _made(mart, "actual", 2015)
    assert (row["amount"], row["edition"], row["is_restated"]) == (Decimal("99"), 2017, True)
    assert (row["compared_amount"], row["compared_edition"]) == (Decimal("101"), 2016)
    assert (row["previous_amount"], row["status"]) == (Decimal("100"), "rises")
    newest = _made(mart, "actual", 2016)
    assert (newest["vintage"], newest["previous_amount"], newest["status"]) == (
        "final_account",
        Decimal("99"),
        "rises",
    )
    assert _made(mart, "actual", 2017)["reason"] == "vintage_is_budget"


def test_the_total_rises_and_the_computed_amount_per_student_falls(mart: Any) -> None:
    assert _made(mart, "pupils", 2022)["status"] == "rises"
    row = _made(mart, "pupils", 2022, "per_student_computed")
    assert row["students"] == Decimal("1100"), "1000 × 8/12 + 1300 × 4/12"
    assert (row["amount"], row["previous_amount"]) == (Decimal("9272.73"), Decimal("10000.00"))
    assert (row["status"], row["verdict"]) == ("falls", "not_met")
    assert "8个月、4个月" in row["method_zh"]
    this_school_year_only = Decimal("10200000") / 1300
    plain_mean = Decimal("10200000") / 1150
    assert row["amount"] not in {round(this_school_year_only, 2), round(plain_mean, 2)}


@pytest.mark.parametrize("year", [2020, 2023])
def test_without_both_school_years_nothing_is_computed(mart: Any, year: int) -> None:
    row = _made(mart, "pupils", year, "per_student_computed")
    assert (row["amount"], row["status"], row["reason"]) == (None, "no_data", "enrolment_missing")


def test_no_amount_per_student_is_computed_above_the_district(mart: Any) -> None:
    assert not [key for key in mart if key[0] == "佛山市" and key[1] == "per_student_computed"]


def test_every_figure_leads_to_its_row(mart: Any, query: Any) -> None:
    raw = {(row["batch_id"], row["source_row"]) for row in query("select * from raw.finance")}
    assert {(row["batch_id"], row["source_row"]) for row in mart.values()} <= raw
    assert _nation(mart, 2018)["document"] == NATIONAL
    # The bulletin of 2019 prints 2018 beside its own year, that of 2020 prints 2019 again.
    assert _nation(mart, 2018)["edition"] == 2019
    assert _nation(mart, 2019)["edition"] == 2020
