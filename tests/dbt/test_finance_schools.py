"""Three growths, money of schools, measures of finance: raw rows to marts; wrong variants by name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

DISTRICT = "990101"
YEAR = 2022


def _amount(
    item: str, scope: str, basis: str, stage: str, year: int, amount: str, **other: Any
) -> dict[str, Any]:
    """One finance row of a final account in yuan; ``other`` changes fields."""
    row = {
        "region_code": "CN",
        "district_code": DISTRICT,
        "entity_level": "district",
        "entity_code": DISTRICT,
        "entity_name": "样本区",
        "fiscal_year": year,
        "stage": stage,
        "item_code": item,
        "scope_code": scope,
        "basis": basis,
        "vintage": "final_account",
        "edition": year,
        "price_basis": "nominal",
        "amount": Decimal(amount),
        "currency_code": "CNY",
    }
    return row | other


def _spending(year: int, amount: str, **other: Any) -> dict[str, Any]:
    return _amount("budget_education", "education_funds", "total", "all_stages", year, amount, **other)


def _revenue(year: int, amount: str, **other: Any) -> dict[str, Any]:
    return _amount("recurring_revenue", "recurring_revenue", "total", "all_stages", year, amount, **other)


def _standard(place: str, stage: str, year: int, amount: str) -> dict[str, Any]:
    item = f"public_funds_standard_{place}"
    return _amount(item, "allocation_standard", "per_student", stage, year, amount)


FINANCE = [
    # Spending grows by 5, 5 and 4 %; revenue by 8, 6 and 3 %.
    *(_spending(year, amount) for year, amount in
      [(2019, "100000"), (2020, "105000"), (2021, "110250")]),
    # What is printed beside is not what revenue itself says; of 2023 it is all there is.
    _spending(2022, "114660", recurring_revenue_growth_pct=Decimal("9.50"),
              gap_percentage_points=Decimal("-5.50")),
    _spending(2023, "118099.8", recurring_revenue_growth_pct=Decimal("3.25"),
              gap_percentage_points=Decimal("-0.25")),
    *(_revenue(year, amount) for year, amount in
      [(2019, "100000"), (2020, "108000"), (2021, "114480"), (2022, "117914.4")]),
    # Another scope of the same revenue, known for one year only and far lower: never mixed in.
    _revenue(2022, "50000", scope_code="education_funds"),
    *(_amount("teacher_pay", "teacher_pay", "per_teacher", "all_stages", year, amount)
      for year, amount in [(2020, "100000"), (2021, "100000"), (2022, "99999.99")]),
    *(_amount("public_funds", "public_funds", "per_student", "primary", year, amount)
      for year, amount in [(2021, "1000"), (2022, "1100")]),
    # Falls as printed and rises on the comparable scope.
    _amount("budget_education", "education_funds", "per_student", "primary", 2022, "9900",
            prior_amount=Decimal("10000"), growth_pct=Decimal("1.50"), growth_basis="comparable_scope"),
    *(_standard(place, stage, year, amount)
      for stage, year, town, country in [("primary", 2021, "1000", "1000"), ("primary", 2022, "1100", "1000"),
                                         ("junior_secondary", 2021, "1500", "1500"),
                                         ("junior_secondary", 2022, "1500", "1500")]
      for place, amount in (("urban", town), ("rural", country))),
    _amount("special_school_public_funds", "public_funds", "per_student", "all_stages", 2022, "7999.99"),
    *(_amount("disabled_aid", "student_aid", "total", "all_stages", year, "100000") for year in (2021, 2022)),
]  # fmt: skip
# School, type, sector's operator, place, primary pupils, junior pupils, boarders of them.
SCHOOLS = [
    ("town_large", "211", "831", "111", 1000, None, 0),
    ("town_other", "211", "831", "111", 200, None, 0),
    ("village_60", "211", "831", "220", 60, None, 0),
    ("village_full", "211", "831", "220", 60, None, 0),
    ("village_nine", "312", "831", "220", 60, 30, 0),
    ("village_large", "211", "831", "220", 300, None, 0),
    ("boarders", "311", "831", "112", None, 100, 30),
    ("special", "514", "831", "111", 40, None, 0),
    ("private", "211", "999", "111", 500, None, 0),
    ("silent", "211", "831", "220", 150, None, 0),
]
# Budget of public funds, training in budget and account, special funds; the account equals the budget.
FUNDS = {
    "town_large": (1_100_000, 55_000, 55_000, 200_000),
    "town_other": (220_000, 11_000, 10_999, 10_000),
    "village_60": (60_000, 3_000, 3_000, 6_000),
    "village_full": (100_000, 5_000, 5_000, 6_000),
    "village_nine": (116_666, 6_000, 6_000, 9_000),
    "village_large": (300_000, 15_000, 15_000, 60_000),
    "boarders": (150_000, None, 8_000, 30_000),
    "special": (320_000, 16_000, 16_000, 40_000),
    "private": (0, 0, 0, 0),
    "stranger": (5_000, 250, 250, 0),
}


def _school_rows() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    place = {"region_code": "CN", "district_code": DISTRICT, "school_year": YEAR}
    register = [
        {**place, "district_name": "样本区", "school_code": code, "school_name": code,
         "school_type_code": kind, "operator_code": operator, "urban_rural_code": where}
        for code, kind, operator, where, *_ in SCHOOLS
    ]  # fmt: skip
    enrolment = [
        {**place, "school_code": code, "stage": stage, "grade": "all", "students": students,
         "boarding_students": boarders}
        for code, _, _, _, primary, junior, boarders in SCHOOLS
        for stage, students in (("primary", primary), ("junior_secondary", junior))
        if students is not None
    ]  # fmt: skip
    return register, enrolment


def _funds_rows() -> list[dict[str, Any]]:
    return [
        {"region_code": "CN", "district_code": DISTRICT, "fiscal_year": YEAR, "school_code": code,
         "public_funds_budget_yuan": budget, "public_funds_account_yuan": budget,
         "training_budget_yuan": planned, "training_account_yuan": spent, "special_funds_yuan": special,
         "allocated_students": 100}
        for code, (budget, planned, spent, special) in FUNDS.items()
    ]  # fmt: skip


def _children() -> list[dict[str, Any]]:
    """40 enrolled children in 2022, of whom 20 are taught at home; in 2021 too few to be shown."""
    return [
        {"region_code": "CN", "district_code": DISTRICT, "school_year": year, "child_key": f"{year}-{number}",
         "disability_category": "visual", "stage": "primary", "is_school_age": True, "has_plan": True,
         "placement_code": "home_teaching" if number % 2 else "special_school",
         "home_visits_required": 40 if number % 2 else None, "home_visits_made": 40 if number % 2 else None}
        for year, count in ((2021, 9), (2022, 40))
        for number in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def built(module_warehouse: str, accepted_rows: Any, build: Any, query: Any) -> Any:
    """A function: rows of a relation."""
    register, enrolment = _school_rows()
    accepted_rows("finance", FINANCE)
    accepted_rows("school", register)
    accepted_rows("enrolment", enrolment)
    accepted_rows("school_funds", _funds_rows())
    last_year = {"district_code": DISTRICT, "region_code": "CN", "school_year": YEAR - 1}
    poor = {"boarders": 10, "town_large": 1000}
    accepted_rows("school", [row | last_year for row in register if row["school_code"] in poor])
    accepted_rows("enrolment", [row | last_year for row in enrolment if row["school_code"] in poor])
    accepted_rows(
        "staffing",
        [
            {**last_year, "school_code": code, "stage": row["stage"], "full_time_teachers": count,
             "over_qualified_teachers": count, "backbone_teachers": 0 if code == "boarders" else count,
             "pe_arts_teachers": 0 if code == "boarders" else count}
            for code, count in poor.items()
            for row in enrolment if row["school_code"] == code
        ],
    )  # fmt: skip
    rooms = {"teaching_auxiliary_area_m2": 9000, "indoor_sports_area_m2": 0, "sports_ground_area_m2": 9000,
             "teaching_equipment_yuan": 900_000, "multimedia_classrooms": 90}  # fmt: skip
    accepted_rows("facilities", [{**last_year, "school_code": "boarders", **rooms}])
    accepted_rows("special_education", _children())
    build(
        [
            "+mart_finance__three_growths",
            "+mart_policy__school_funds",
            "+mart_policy__special_funds_tilt",
            "+int_policy_measures_finance",
            "+int_policy_measures_special_education",
            "+mart_finance__spending_floor",
        ]
    )
    return query


def _growth(built: Any, growth: str, year: int, stage: str = "all_stages") -> dict[str, Any]:
    (row,) = built(
        "select * from marts_build.mart_finance__three_growths "
        "where growth_code = %s and fiscal_year = %s and stage = %s",
        [growth, year, stage],
    )
    return row


def _school(built: Any, code: str) -> dict[str, Any]:
    (row,) = built("select * from marts_build.mart_policy__school_funds where school_code = %s", [code])
    return row


def _tilt(built: Any, group: str) -> dict[str, Any]:
    (row,) = built("select * from marts_build.mart_policy__special_funds_tilt where group_code = %s", [group])
    return row


def _measure(built: Any, code: str, year: int = YEAR, stage: str = "compulsory") -> dict[str, Any]:
    relation = "special_education" if code.startswith(("home_", "special_education")) else "finance"
    (row,) = built(
        f"select * from intermediate.int_policy_measures_{relation} "
        "where measure_code = %s and year = %s and stage = %s and standard_code = 'none'",
        [code, year, stage],
    )
    return row


def test_spending_is_held_against_revenue_of_the_same_year_and_scope(built: Any) -> None:
    row = _growth(built, "spending_over_revenue", 2022)
    assert (row["growth_pct"], row["revenue_growth_pct"]) == (Decimal("4.00"), Decimal("3.00"))
    assert (row["gap_points"], row["verdict"], row["verdict_strict"]) == (Decimal("1.00"), "met", "met")
    last_years_revenue_growth = _growth(built, "spending_over_revenue", 2021)["revenue_growth_pct"]
    assert row["growth_pct"] - last_years_revenue_growth < 0, "revenue of the year before turns the verdict"
    assert row["revenue_amount"] == Decimal("117914.4"), "the other scope is another series"
    assert _measure(built, "education_minus_revenue_growth_points")["value"] == 1


def test_a_slower_growth_than_revenue_is_not_met(built: Any) -> None:
    row = _growth(built, "spending_over_revenue", 2021)
    assert (row["gap_points"], row["verdict"]) == (Decimal("-1.00"), "not_met")


def test_growth_of_revenue_beside_that_of_spending_counts_where_revenue_itself_is_not_told(
    built: Any,
) -> None:
    row = _growth(built, "spending_over_revenue", 2022)
    told = ("revenue_growth_pct", "revenue_growth_source", "gap_points", "published_gap_points")
    assert [row[name] for name in told] == [3, "revenue_row", 1, Decimal("-5.50")]
    row = _growth(built, "spending_over_revenue", 2023)
    expected = [Decimal("3.25"), "beside_spending", Decimal("-0.25"), Decimal("-0.25")]
    assert [row[name] for name in told] == expected
    assert (row["verdict"], row["reason"]) == ("not_met", None)
    assert _measure(built, "education_minus_revenue_growth_points", 2023)["value"] == Decimal("-0.25")
    assert _growth(built, "teacher_pay", 2022)["revenue_growth_source"] is None


def test_equal_pay_is_met_unless_read_strictly_and_a_cent_less_is_a_fall(built: Any) -> None:
    equal = _growth(built, "teacher_pay", 2021)
    assert (equal["growth_pct"], equal["verdict"], equal["verdict_strict"]) == (0, "met", "not_met")
    less = _growth(built, "teacher_pay", 2022)
    assert (less["growth_pct"], less["verdict"], less["is_turned_by_rounding"]) == (0, "not_met", True)
    assert _measure(built, "teacher_pay_change_pct")["value"] < 0


def test_growth_on_the_comparable_scope_decides(built: Any) -> None:
    row = _growth(built, "spending_per_student", 2022, "primary")
    assert (row["growth_pct"], row["growth_source"]) == (Decimal("1.50"), "comparable_scope")
    assert row["amount"] < row["previous_amount"], "the printed amounts alone would say that it falls"
    assert _measure(built, "spending_per_student_change_pct", stage="primary")["value"] == Decimal("1.50")


def test_what_was_not_handed_in_is_told(built: Any) -> None:
    row = _growth(built, "public_funds_per_student", 2022, "junior_secondary")
    assert (row["verdict"], row["reason"]) == ("no_data", "item_missing")
    first = _growth(built, "spending_over_revenue", 2019)
    assert (first["verdict"], first["reason"]) == ("no_data", "previous_year_missing")
    measure = _measure(built, "public_funds_per_student_change_pct", stage="junior_secondary")
    assert (measure["value"], measure["reason_code"], measure["cases_reported"]) == (None, "item_missing", 0)


def test_revenue_pay_and_standards_are_not_in_the_spending_floor(built: Any) -> None:
    rows = built("select distinct item_code from marts_build.mart_finance__spending_floor")
    assert {row["item_code"] for row in rows} == {"budget_education", "public_funds"}


def test_totals_of_the_floor_are_measures(built: Any) -> None:
    assert _measure(built, "spending_total_change_pct")["value"] == 4
    assert _measure(built, "spending_total_shortfall_yuan")["value"] == 0


def test_a_standard_raised_in_town_only_is_unequal_and_does_not_rise_everywhere(built: Any) -> None:
    assert _measure(built, "public_funds_standard_yuan", stage="primary")["value"] == 1000
    assert _measure(built, "public_funds_standard_change_yuan", stage="primary")["value"] == 0
    assert _measure(built, "public_funds_standard_town_country_gap_yuan", stage="primary")["value"] == 100
    assert _measure(built, "public_funds_standard_town_country_gap_yuan")["value"] == 100
    assert (
        _measure(built, "public_funds_standard_town_country_gap_yuan", stage="junior_secondary")["value"] == 0
    )


def test_a_small_school_is_funded_as_a_hundred_pupils(built: Any) -> None:
    by_its_pupils = _school(built, "village_60")
    assert by_its_pupils["is_small"]
    assert by_its_pupils["small_school_funds_required"] == 100_000
    assert by_its_pupils["is_funded_as_full"] is False
    assert by_its_pupils["public_funds_budget_yuan"] >= 60 * 1000, "held against its own pupils it would pass"
    assert _school(built, "village_full")["is_funded_as_full"] is True
    nine = _school(built, "village_nine")
    assert nine["small_school_funds_required"] == 116_666, "(60 × 1000 + 30 × 1500) / 90 × 100, whole yuan"
    assert nine["is_funded_as_full"] is True
    special = _school(built, "special")
    assert (special["is_small"], special["is_funded_as_full"], special["small_reason_code"]) == (
        False,
        None,
        "not_small",
    )
    assert _measure(built, "small_schools")["value"] == 3
    funded = _measure(built, "small_schools_funded_as_100")
    assert (funded["value"], funded["cases_reported"], funded["cases_expected"]) == (2, 9, 9)


def test_training_is_held_against_budget_and_account(built: Any) -> None:
    exactly = _school(built, "town_large")
    assert (exactly["training_budget_pct"], exactly["is_training_met"]) == (Decimal("5.0"), True)
    account = _school(built, "town_other")
    assert (account["training_account_pct"], account["is_training_met"]) == (Decimal("5.0"), False)
    assert account["is_training_budget_met"], "the budget alone would pass"
    unknown = _school(built, "boarders")
    assert (unknown["is_training_met"], unknown["training_reason_code"]) == (None, "value_missing")
    met = _measure(built, "schools_training_share_met")
    assert (met["value"], met["cases_reported"], met["cases_expected"]) == (6, 7, 9)


def test_money_is_divided_by_the_pupils_of_all_schools_together(built: Any) -> None:
    row = _tilt(built, "favoured")
    # In: 60 + 60 + 90 + 300 + 100 + 40 pupils and 151,000 yuan; out: 1,200 pupils and 210,000 yuan.
    assert (row["group_students"], row["group_funds_yuan"]) == (650, 151_000)
    assert (row["other_students"], row["other_funds_yuan"]) == (1200, 210_000)
    assert row["tilt_ratio"] == Decimal("1.327")
    assert (row["schools_reported"], row["schools_expected"]) == (8, 9), "one school handed in nothing"
    unweighted = ((Decimal(200) + Decimal(50)) / 2, (100 + 100 + 100 + 200 + 300 + 1000) / Decimal(6))
    assert round(unweighted[1] / unweighted[0], 3) != row["tilt_ratio"]
    assert _measure(built, "special_funds_tilt_ratio")["cases_reported"] == 8


def test_private_schools_would_make_any_tilt_steep(built: Any) -> None:
    private = _school(built, "private")
    assert (private["is_expected"], private["is_reported"]) == (False, True)
    row = _tilt(built, "favoured")
    with_private = row["group_funds_per_student"] / (row["other_funds_yuan"] / (row["other_students"] + 500))
    assert with_private > row["tilt_ratio"]


def test_groups_are_read_from_the_figures(built: Any) -> None:
    assert _school(built, "boarders")["is_boarding"] is True
    assert _school(built, "village_large")["is_township"] is True
    assert _school(built, "town_large")["is_favoured"] is False
    assert _school(built, "special")["is_special"] is True
    assert _school(built, "boarders")["is_weak"] is True, "two indicators missed last year"
    assert _school(built, "town_large")["is_weak"] is None, "not judged: its rooms were not reported"
    assert _school(built, "town_large")["is_favoured"] is False, "what is not known adds no school"
    weak = _tilt(built, "weak")
    assert (weak["group_schools"], weak["group_funds_yuan"]) == (1, 30_000)


def test_a_school_that_is_silent_or_unknown_is_kept_and_told(built: Any) -> None:
    assert _school(built, "silent")["reason_code"] == "school_funds_row_missing"
    stranger = _school(built, "stranger")
    assert (stranger["reason_code"], stranger["is_expected"]) == ("not_in_register", False)


def test_aid_is_divided_only_by_a_number_that_is_published(built: Any) -> None:
    assert _measure(built, "disabled_aid_yuan_per_student")["value"] == 2500
    withheld = _measure(built, "disabled_aid_yuan_per_student", 2021)
    assert (withheld["value"], withheld["reason_code"]) == (None, "small_count")
    change = _measure(built, "disabled_aid_change_yuan")
    assert (change["value"], change["reason_code"]) == (None, "small_count")
    assert _measure(built, "special_school_public_funds_yuan_per_student")["value"] == Decimal("7999.99")


def test_measures_of_special_education_are_those_that_are_published(built: Any) -> None:
    assert _measure(built, "special_education_enrolled_pct")["value"] == 100
    assert _measure(built, "home_visits_made_pct")["value"] == 100
    for code in ("special_education_enrolled_pct", "special_education_with_plan_pct", "home_visits_made_pct"):
        row = _measure(built, code, 2021)
        assert (row["value"], row["reason_code"]) == (None, "small_count"), code
