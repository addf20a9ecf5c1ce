"""Golden figures through the whole of dbt, each beside the wrong figure that a known mistake would give."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import log, sqrt
from statistics import median
from typing import Any

import pytest
from balance_cases import FIVE_SCHOOLS, Landing, add_books, add_five_schools, place

Figures = list[tuple[float, float]]  # (pupils, amount) of each school


@pytest.fixture(scope="module")
def landing() -> Landing:
    rows = Landing()
    add_five_schools(rows, "five")
    # With a school without books: it is the worst of the district and must stay in.
    add_books(rows, "zero", [(100, 1000), (100, 500), (100, 0)])
    add_books(rows, "one", [(100, 1000)])
    add_books(rows, "mean", [(100, 0), (50, 0)])
    add_books(rows, "null", [(100, 1000), (100, 500), (100, None)])
    add_books(rows, "empty", [(100, 1000), (100, 500), (0, 700)])
    add_books(rows, "equal", [(30, 10), (60, 20), (7, None)])
    rows.facilities = [r for r in rows.facilities if r["school_code"] != "equal-3"]
    _add_split_schools(rows)
    _add_limits(rows)
    _add_rooms(rows)
    _add_flagged_schools(rows)
    _add_schools_with_rows_set_aside(rows)
    _add_conditions_set_aside(rows)
    rows.enrolment.append(
        {
            **place("abroad", "far"),
            "region_code": "XX",
            "stage": "primary",
            "grade": "all",
            "students": 100,
            "classes": 5,
        }
    )
    return rows


def _add_split_schools(rows: Landing) -> None:
    # 166 primary and 210 junior pupils, 23,226 books (https://www.dyhzdl.cn/k/doc/da4bfb8403d8ce2f0166234d.html)
    rows.add_school("split", "nine", "312")
    rows.add_students("split", "nine", "primary", 166)
    rows.add_students("split", "nine", "junior_secondary", 210)
    rows.add_facilities("split", "nine", books=23226)
    rows.add_school("split", "twelve", "345")
    rows.add_school("split", "complete", "341")
    rows.add_school("split", "half", "312")
    for stage in ("primary", "junior_secondary", "senior_secondary"):
        rows.add_students("split", "twelve", stage, 100)
        rows.add_staffing("split", "twelve", stage, full_time_teachers=12)
    for stage in ("junior_secondary", "senior_secondary"):
        rows.add_students("split", "complete", stage, 100)
    rows.add_students("split", "half", "primary", 100)
    for code, books in (("twelve", 3420), ("complete", 2200), ("half", 900)):
        rows.add_facilities("split", code, books=books)


def _add_limits(rows: Landing) -> None:
    # Two schools of equal size with mean 10,000 yuan: the coefficient is the distance of each from 1.
    for district, low, high in (
        ("limit-exact", 5000, 15000),
        ("limit-rounds", 4996, 15004),
        ("limit-near", 4960, 15040),
        ("limit-over", 4900, 15100),
    ):
        for number, amount in enumerate((low, high), start=1):
            code = f"{district}-{number}"
            rows.add_school(district, code)
            rows.add_students(district, code, "primary", 1)
            rows.add_facilities(district, code, teaching_equipment_yuan=amount)

    # A hundredth of a yuan in a hundred million: one pass of float8 gives a negative variance here.
    for number, amount in enumerate(("100000000.00", "100000000.01"), start=1):
        rows.add_school("tiny", f"tiny-{number}")
        rows.add_students("tiny", f"tiny-{number}", "primary", 1)
        rows.add_facilities("tiny", f"tiny-{number}", teaching_equipment_yuan=Decimal(amount))


def _add_rooms(rows: Landing) -> None:
    parts = {"teaching_auxiliary_area_m2": 550, "indoor_sports_area_m2": 100, "sports_ground_area_m2": 650}
    rows.add_school("rooms", "whole")
    rows.add_students("rooms", "whole", "primary", 100)
    rows.add_facilities("rooms", "whole", **parts)
    rows.add_school("rooms", "part")
    rows.add_students("rooms", "part", "primary", 100)
    rows.add_facilities("rooms", "part", **{**parts, "indoor_sports_area_m2": None})
    rows.add_school("rooms", "odd")
    rows.add_students("rooms", "odd", "primary", 100)
    rows.add_facilities("rooms", "odd", **{**parts, "indoor_sports_area_m2": 600})


def _add_flagged_schools(rows: Landing) -> None:
    rows.add_school("flags", "main", "312")
    rows.add_students("flags", "main", "primary", 100)
    rows.add_facilities("flags", "main", books=1000)
    rows.add_school("flags", "campus", "312", counts_as_school=False, parent_school_code="main")
    rows.add_students("flags", "campus", "primary", 50)
    rows.add_students("flags", "campus", "junior_secondary", 100)
    rows.add_facilities("flags", "campus", books=1600)
    rows.add_school("flags", "lost", counts_as_school=False, parent_school_code="nowhere")
    rows.add_students("flags", "lost", "primary", 60)
    rows.add_students("flags", "unknown", "primary", 70)
    rows.add_school("flags", "silent")
    rows.add_school("flags", "special", "514")
    rows.add_students("flags", "special", "primary", 80)
    rows.add_school("flags", "vocational", "321")
    rows.add_students("flags", "vocational", "junior_secondary", 80)
    for pupils in (49, 50):
        rows.add_school("flags", f"point-{pupils}", "218")
        rows.add_students("flags", f"point-{pupils}", "primary", pupils)
    rows.add_school("flags", "senior", "342")
    rows.add_students("flags", "senior", "senior_secondary", 300)
    rows.add_school("flags", "private", operator_code="999")
    rows.add_students("flags", "private", "primary", 300)
    # Grades and their printed sum: 40 pupils, not 80.
    rows.add_school("flags", "grades")
    rows.add_students("flags", "grades", "primary", 15, grade="1")
    rows.add_students("flags", "grades", "primary", 25, grade="2")
    rows.add_students("flags", "grades", "primary", 40)


def _add_schools_with_rows_set_aside(rows: Landing) -> None:
    # Two grades of 50 pupils were sent for every school; what was set aside of them stands in SET_ASIDE.
    books = [(100, 1000), (100, 500), (100, 700)]
    for district in ("aside-one", "aside-any", "aside-old", "aside-only", "aside-stage"):
        add_books(rows, district, books)
    rows.enrolment = [r for r in rows.enrolment if r["school_code"] != "aside-one-1"]
    rows.add_students("aside-one", "aside-one-1", "primary", 50, grade="1", female_students=20, classes=1)
    # A teaching point of 40 pupils and a grade more is not known to be small.
    rows.add_school("aside-one", "aside-point", "218")
    rows.add_students("aside-one", "aside-point", "primary", 40, grade="1")


def _add_conditions_set_aside(rows: Landing) -> None:
    """Schools of which rows of staffing and facilities were set aside: CONDITIONS_SET_ASIDE says which."""
    for code in ("complete", "own", "parent", "other", "none"):
        rows.add_school("conditions", code)
        rows.add_students("conditions", code, "primary", 100)
    rows.add_school("conditions", "campus", counts_as_school=False, parent_school_code="parent")
    rows.add_students("conditions", "campus", "primary", 100)
    for code in ("complete", "own", "parent", "other"):
        rows.add_staffing("conditions", code, "primary", full_time_teachers=5)
        rows.add_facilities("conditions", code, books=1000)


_PRIMARY = {"district_code": "conditions", "school_year": 2022, "stage": "primary"}
CONDITIONS_SET_ASIDE: dict[str, list[dict[str, Any]]] = {
    "staffing": [
        {**_PRIMARY, "school_code": "own"},
        {**_PRIMARY, "school_code": "campus"},
        {**_PRIMARY, "school_code": "other", "stage": "junior_secondary"},
        _PRIMARY,
    ],
    "facilities": [
        {"district_code": "conditions", "school_year": 2022, "school_code": "own"},
        {"district_code": "conditions", "school_year": 2022, "school_code": "campus"},
        {"district_code": "conditions", "school_year": 2021, "school_code": "other"},
        {"district_code": "conditions"},
    ],
}

SET_ASIDE = [
    {"district_code": "aside-one", "school_year": 2022, "school_code": "aside-one-1", "stage": "primary"},
    {"district_code": "aside-one", "school_year": 2022, "school_code": "aside-point", "stage": "primary"},
    {"district_code": "aside-any", "school_year": 2022, "stage": "primary"},
    {"district_code": "aside-only", "school_year": 2022, "school_code": "aside-new", "stage": "primary"},
    {"district_code": "aside-stage", "school_year": 2022, "school_code": "aside-stage-2"},
    {"district_code": "aside-old", "school_year": 2021, "school_code": "aside-old-1", "stage": "primary"},
    {
        "district_code": "aside-old",
        "school_year": 2022,
        "school_code": "aside-old-1",
        "stage": "senior_secondary",
    },
]


@pytest.fixture(scope="module")
def night(
    module_warehouse: str, landing: Landing, accepted_rows: Callable, set_aside: Callable, build: Callable
) -> None:
    older = [row for row in landing.enrolment if row["district_code"] == "aside-old"]
    older_batch = accepted_rows("enrolment", older)
    set_aside("enrolment", older_batch, [{**place("aside-old", "aside-old-1"), "stage": "primary"}])
    batches = {
        record: accepted_rows(record, getattr(landing, record))
        for record in ("school", "enrolment", "staffing", "facilities")
    }
    set_aside("enrolment", batches["enrolment"], SET_ASIDE)
    set_aside("staffing", batches["staffing"], [place("aside-old", "aside-old-2")])
    for record, keys in CONDITIONS_SET_ASIDE.items():
        set_aside(record, batches[record], keys)
    build(["+path:models/marts/balance"])


@pytest.fixture(scope="module")
def coefficient(night: None, query: Callable) -> Callable[..., dict[str, Any]]:
    def find(
        district: str, indicator: str = "books_per_student", standard: str = "national_2012"
    ) -> dict[str, Any]:
        rows = query(
            "select * from marts_build.mart_balance__coefficients where stage = 'primary' "
            "and district_code = %s and indicator_code = %s and standard_code = %s",
            [district, indicator, standard],
        )
        assert len(rows) == 1
        return rows[0]

    return find


@pytest.fixture(scope="module")
def school(night: None, query: Callable) -> Callable[..., dict[str, Any]]:
    def find(
        code: str, indicator: str = "books_per_student", stage: str = "primary", district: str = "split"
    ) -> dict[str, Any]:
        rows = query(
            "select * from marts_build.mart_balance__school_indicators "
            "where district_code = %s and school_code = %s and indicator_code = %s and stage = %s",
            [district, code, indicator, stage],
        )
        assert len(rows) == 1
        return rows[0]

    return find


def unweighted(figures: Figures, degrees_lost: int) -> float:
    values = [amount / pupils for pupils, amount in figures]
    mean = sum(values) / len(values)
    return sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - degrees_lost)) / mean


def weighted(figures: Figures) -> float:
    pupils = sum(p for p, _ in figures)
    mean = sum(a for _, a in figures) / pupils
    return sqrt(sum(p / pupils * (a / p - mean) ** 2 for p, a in figures)) / mean


def rounded_first(figures: Figures) -> float:
    return weighted([(p, p * round(a / p, 2)) for p, a in figures])


def test_five_schools_give_the_published_coefficient(coefficient: Callable) -> None:
    row = coefficient("five")
    assert float(row["mean"]) == pytest.approx(6.334437, abs=5e-7)
    assert float(row["coefficient"]) == pytest.approx(0.515257, abs=5e-7)
    assert (float(row["mean_rounded"]), float(row["coefficient_rounded"])) == (6.334, 0.515)
    assert (row["schools_in_scope"], row["schools_reported"], row["students"]) == (5, 5, 302)
    assert (row["numerator_total"], row["verdict"], row["reason_code"]) == (
        1913,
        "not_applicable",
        "no_limit",
    )
    assert (row["stage_zh"], row["indicator_zh"], row["verdict_en"]) == ("小学", "生均图书册数", "Not judged")


@pytest.mark.parametrize(
    ("mistake", "published"),
    [
        (lambda figures: unweighted(figures, 0), 0.488771),
        (lambda figures: unweighted(figures, 1), 0.546462),
        (rounded_first, 0.5151),
    ],
    ids=["unweighted", "sample form", "rounded first"],
)
def test_wrong_forms_of_the_coefficient_do_not_come_out(
    coefficient: Callable, mistake: Callable[[Figures], float], published: float
) -> None:
    wrong = mistake(list(FIVE_SCHOOLS))
    assert wrong == pytest.approx(published, abs=5e-5)
    assert float(coefficient("five")["coefficient"]) != pytest.approx(wrong, abs=1e-5)


def test_a_school_with_nothing_stays_in(coefficient: Callable) -> None:
    found = float(coefficient("zero")["coefficient"])
    assert found == pytest.approx(weighted([(100, 1000), (100, 500), (100, 0)]), rel=1e-12)
    assert found != pytest.approx(weighted([(100, 1000), (100, 500)]), rel=0.01)
    assert coefficient("zero")["schools_reported"] == 3


@pytest.mark.parametrize(
    ("district", "scope", "reported", "reason", "coefficient_is_null"),
    [
        ("one", 1, 1, "one_school", True),
        ("mean", 2, 2, "mean_zero", True),
        ("null", 3, 2, "schools_missing", False),
        ("empty", 2, 2, "no_limit", False),
        ("equal", 3, 2, "schools_missing", False),
    ],
)
def test_what_is_missing_is_said_and_never_zero(
    coefficient: Callable,
    district: str,
    scope: int,
    reported: int,
    reason: str,
    coefficient_is_null: bool,
) -> None:
    row = coefficient(district)
    assert (row["schools_in_scope"], row["schools_reported"]) == (scope, reported)
    assert float(row["reported_share"]) == pytest.approx(reported / scope)
    assert row["reason_code"] == reason
    assert (row["coefficient"] is None) is coefficient_is_null


def test_equal_schools_give_exactly_zero(coefficient: Callable) -> None:
    assert coefficient("equal")["coefficient"] == 0


def test_a_missing_facilities_row_is_named(school: Callable) -> None:
    row = school("equal-3", district="equal")
    assert (row["value"], row["reason_code"], row["reason_zh"]) == (
        None,
        "facilities_row_missing",
        "缺办学条件数据",
    )
    assert school("null-3", district="null")["reason_code"] == "value_missing"


@pytest.mark.parametrize(
    ("district", "verdict", "is_borderline", "rounded"),
    [
        ("limit-exact", "met", True, 0.5),
        ("limit-rounds", "not_met", True, 0.5),
        ("limit-near", "not_met", True, 0.504),
        ("limit-over", "not_met", False, 0.51),
    ],
)
def test_limits_are_inclusive_and_rounding_is_flagged(
    coefficient: Callable, district: str, verdict: str, is_borderline: bool, rounded: float
) -> None:
    row = coefficient(district, "teaching_equipment_yuan_per_student", standard="national_2017")
    assert (row["verdict"], row["is_borderline"]) == (verdict, is_borderline)
    assert (float(row["coefficient_rounded"]), float(row["coefficient_limit"])) == (rounded, 0.5)


def test_a_tiny_spread_survives(night: None, query: Callable) -> None:
    [row] = query(
        "select coefficient from intermediate.int_coefficients where district_code = 'tiny' "
        "and indicator_code = 'teaching_equipment_yuan_per_student' and standard_code = 'national_2017'"
    )
    assert row["coefficient"] == pytest.approx(
        Decimal("0.005") / Decimal("100000000.005"), rel=Decimal("1e-15")
    )


def test_a_nine_year_school_is_split_as_published(school: Callable) -> None:
    primary, junior = school("nine"), school("nine", stage="junior_secondary")
    assert float(primary["value"]) == pytest.approx(58.503778, abs=5e-7)
    assert float(primary["numerator"]) == pytest.approx(9711.627, abs=5e-4)
    assert float(junior["numerator"]) == pytest.approx(13514.373, abs=5e-4)
    assert float(junior["value"] / primary["value"]) == pytest.approx(1.1, rel=1e-12)


def test_the_senior_part_is_taken_out(school: Callable) -> None:
    primary, junior = school("twelve"), school("twelve", stage="junior_secondary")
    assert (primary["numerator"], junior["numerator"]) == (1000, 1100)
    without_senior, senior_as_primary = 3420 / 2.1, 3420 / 3.1
    assert float(primary["numerator"]) not in (
        pytest.approx(without_senior, rel=0.01),
        pytest.approx(senior_as_primary, rel=0.01),
    )
    complete = school("complete", stage="junior_secondary")
    assert float(complete["numerator"]) == pytest.approx(1000, rel=1e-12)


def test_teachers_are_not_split(school: Callable) -> None:
    row = school("twelve", "full_time_teachers_per_student", "junior_secondary")
    assert (row["numerator"], row["denominator"]) == (12, 100)


def test_a_school_of_two_stages_with_one_reported_has_no_share(school: Callable) -> None:
    primary, junior = school("half"), school("half", stage="junior_secondary")
    assert (primary["value"], primary["reason_code"]) == (None, "split_students_missing")
    assert (junior["value"], junior["reason_code"]) == (None, "enrolment_row_missing")


@pytest.fixture(scope="module")
def judged(night: None, query: Callable) -> Callable[..., dict[str, Any]]:
    """Rows of national_2017, by school."""

    def find(code: str, indicator: str) -> dict[str, Any]:
        rows = query(
            "select * from marts_build.mart_balance__school_indicators where standard_code = 'national_2017' "
            "and school_code = %s and indicator_code = %s",
            [code, indicator],
        )
        assert len(rows) == 1
        return rows[0]

    return find


def test_indoor_sports_rooms_count_once(judged: Callable) -> None:
    rooms = judged("whole", "teaching_rooms_area_m2_per_student")
    sports = judged("whole", "sports_area_m2_per_student")
    assert (rooms["numerator"], sports["numerator"]) == (450, 750)
    counted_twice, counted_never = 550, 650
    assert (rooms["numerator"], sports["numerator"]) != (counted_twice, counted_never)
    # 4.5 and 7.5 m2 are the thresholds themselves: thresholds are inclusive.
    assert (rooms["verdict"], sports["verdict"]) == ("met", "met")
    assert (float(rooms["threshold"]), float(rooms["floor_value"])) == (4.5, 3.825)


def test_a_missing_or_impossible_part_leaves_no_area(judged: Callable) -> None:
    rooms = judged("part", "teaching_rooms_area_m2_per_student")
    assert (rooms["value"], rooms["reason_code"], rooms["verdict"]) == (None, "part_missing", "no_data")
    odd = judged("odd", "teaching_rooms_area_m2_per_student")
    assert (odd["value"], odd["reason_code"]) == (None, "part_exceeds_whole")
    assert judged("odd", "sports_area_m2_per_student")["numerator"] == 1250


def test_a_campus_is_split_by_its_own_pupils_and_added_to_its_parent(school: Callable) -> None:
    primary = school("main", district="flags")
    assert (primary["denominator"], primary["students"]) == (150, 150)
    # The parent holds primary pupils only (1000 books); the campus is split 50 : 110.
    assert float(primary["numerator"]) == pytest.approx(1000 + 1600 * 50 / 160)
    junior = school("main", stage="junior_secondary", district="flags")
    assert float(junior["numerator"]) == pytest.approx(1600 * 110 / 160)


def test_who_is_out_of_scope_and_why(night: None, query: Callable) -> None:
    rows = query(
        "select school_code, stage, is_in_scope, exclusion_code, note_code, students "
        "from marts_build.mart_balance__school_scope "
        "where district_code = 'flags' and standard_code = 'national_2017'"
    )
    found = {
        (r["school_code"], r["stage"]): (r["is_in_scope"], r["exclusion_code"], r["note_code"]) for r in rows
    }
    assert found == {
        ("main", "primary"): (True, None, None),
        ("main", "junior_secondary"): (True, None, None),
        ("lost", "primary"): (True, None, "campus_without_parent"),
        ("unknown", "primary"): (True, None, "not_in_register"),
        ("silent", "primary"): (True, None, None),
        ("special", "primary"): (False, "special_school", None),
        ("vocational", "junior_secondary"): (False, "vocational_school", None),
        ("point-49", "primary"): (False, "small_teaching_point", None),
        ("point-50", "primary"): (True, None, None),
        ("senior", "senior_secondary"): (False, "senior_only", None),
        ("private", "primary"): (True, None, None),
        ("grades", "primary"): (True, None, None),
    }
    assert {r["students"] for r in rows if r["school_code"] in ("grades", "silent")} == {40, None}


def test_national_standards_hold_in_their_region_only(night: None, query: Callable) -> None:
    rows = query("select distinct standard_code, region_code from marts_build.mart_balance__coefficients")
    assert {(r["standard_code"], r["region_code"]) for r in rows} == {
        ("national_2017", "CN"),
        ("national_2012", "CN"),
        ("descriptive", "CN"),
        ("descriptive", "XX"),
    }


def test_groups_of_the_five_schools(night: None, query: Callable) -> None:
    where = "where district_code = 'five' and indicator_code = 'books_per_student'"
    groups = {
        r["group_code"]: (float(r["mean"]), float(r["coefficient"]))
        for r in query(
            f"select * from intermediate.int_group_means {where} and dimension_code = 'urban_rural'"
        )
    }
    assert groups["urban"] == (pytest.approx(5.073171, abs=5e-7), pytest.approx(0.244954, abs=5e-7))
    assert groups["rural"] == (pytest.approx(6.804545, abs=5e-7), pytest.approx(0.534618, abs=5e-7))
    [gap] = query(f"select * from intermediate.int_group_gaps {where} and dimension_code = 'urban_rural'")
    assert float(gap["ratio"]) == pytest.approx(0.745556, abs=5e-7)
    assert float(gap["between_coefficient"]) == pytest.approx(0.121561, abs=5e-7)
    assert float(gap["between_squared"]) == pytest.approx(0.014777, abs=5e-7)
    assert float(gap["within_squared"]) == pytest.approx(0.250712, abs=5e-7)
    assert float(gap["between_squared"] + gap["within_squared"]) == pytest.approx(0.265489, abs=1e-6)
    assert float(gap["theil_between"]) == pytest.approx(0.007738, abs=5e-7)
    assert float(gap["theil_within"]) == pytest.approx(0.135891, abs=5e-7)
    assert (gap["first_schools"], gap["second_schools"]) == (2, 3)
    assert (gap["first_students"], gap["second_students"]) == (82, 220)


def test_five_schools_in_other_measures(night: None, query: Callable) -> None:
    [row] = query(
        "select * from marts_build.mart_balance__inequality "
        "where district_code = 'five' and indicator_code = 'books_per_student'"
    )
    found = {name: float(row[name]) for name in ("range_ratio", "theil", "gini", "median", "mcloone")}
    assert found == {
        "range_ratio": pytest.approx(4.990169, abs=5e-7),
        "theil": pytest.approx(0.143630, abs=5e-7),
        "gini": pytest.approx(0.288377, abs=5e-7),
        "median": pytest.approx(6.2, abs=1e-12),
        "mcloone": pytest.approx(0.5880, abs=5e-5),
    }
    values = [amount / pupils for pupils, amount in FIVE_SCHOOLS]
    for measure, wrong in {
        "theil": unweighted_theil(values),
        "gini": unweighted_gini(values),
        "mcloone": unweighted_mcloone(values),
    }.items():
        assert found[measure] != pytest.approx(wrong, rel=0.01), measure


def unweighted_theil(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return sum(v / mean * log(v / mean) for v in values) / len(values)


def unweighted_gini(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return sum(abs(v - w) for v in values for w in values) / (2 * len(values) ** 2 * mean)


def unweighted_mcloone(values: list[float]) -> float:
    low = [v for v in values if v <= median(values)]
    return sum(low) / (median(values) * len(low))


def test_a_between_coefficient_needs_the_pupils_of_the_groups(night: None, query: Callable) -> None:
    [gap] = query(
        "select * from intermediate.int_group_gaps where district_code = 'five' "
        "and indicator_code = 'books_per_student' and dimension_code = 'urban_rural'"
    )
    means = (5.073171, 6.804545)
    groups_as_equals = abs(means[0] - means[1]) / (means[0] + means[1])
    ratio_upside_down = means[1] / means[0]
    groups_as_schools = sqrt(sum((m - 6.334437) ** 2 for m in means) / 2) / 6.334437
    assert float(gap["between_coefficient"]) != pytest.approx(groups_as_equals, rel=0.01)
    assert float(gap["between_coefficient"]) != pytest.approx(groups_as_schools, rel=0.01)
    assert float(gap["ratio"]) != pytest.approx(ratio_upside_down, rel=0.01)
    # Inside the groups, the squares of their coefficients are weighted by pupils and by means, not averaged.
    plain = (82 * 0.244954**2 + 220 * 0.534618**2) / 302
    assert float(gap["within_squared"]) != pytest.approx(plain, rel=0.01)
    theil_by_pupils = (82 * 0.0308198 + 220 * 0.1650894) / 302
    assert float(gap["theil_within"]) != pytest.approx(theil_by_pupils, rel=0.01)


def test_schools_without_books_leave_no_lowest_value(night: None, query: Callable) -> None:
    rows = query(
        "select * from marts_build.mart_balance__inequality where indicator_code = 'books_per_student' "
        "and district_code in ('zero', 'one', 'mean', 'equal')"
    )
    found = {row["district_code"]: row for row in rows}
    assert (found["zero"]["range_ratio"], found["zero"]["reason_code"]) == (None, "lowest_value_zero")
    # 1000, 500 and 0 books for 100 pupils each: a third holds two thirds, a third one third.
    assert float(found["zero"]["theil"]) == pytest.approx(2 / 3 * log(2) + 0)
    assert float(found["zero"]["gini"]) == pytest.approx(4 / 9)
    assert float(found["zero"]["mcloone"]) == pytest.approx(0.5)
    measures = ("range_ratio", "theil", "gini", "median", "mcloone")
    assert {found["one"][name] for name in measures} == {None}
    assert [found["mean"][name] for name in ("theil", "gini", "mcloone")] == [None] * 3
    assert [found["equal"][name] for name in ("theil", "gini", "mcloone", "range_ratio")] == [0, 0, 1, 1]


def test_a_group_of_two_schools_is_not_shown(night: None, query: Callable) -> None:
    where = "where district_code = 'five' and indicator_code = 'books_per_student'"
    where += " and dimension_code = 'urban_rural'"
    shown = {
        r["group_code"]: r for r in query(f"select * from marts_build.mart_balance__group_means {where}")
    }
    assert (shown["urban"]["mean"], shown["urban"]["reason_code"]) == (None, "group_too_small")
    assert (shown["urban"]["schools_reported"], shown["urban"]["group_zh"]) == (2, "城镇")
    assert float(shown["rural"]["mean"]) == pytest.approx(6.804545, abs=5e-7)
    [gap] = query(f"select * from marts_build.mart_balance__group_gaps {where}")
    assert (gap["ratio"], gap["range_ratio"], gap["first_mean"]) == (None, None, None)
    assert gap["reason_code"] == "group_too_small"
    assert float(gap["between_coefficient"]) == pytest.approx(0.121561, abs=5e-7)


def _equipment_verdict(coefficient: Callable, district: str) -> tuple[str, str]:
    row = coefficient(district, "teaching_equipment_yuan_per_student", standard="national_2017")
    return row["verdict"], row["reason_code"]


def test_a_row_set_aside_does_not_make_its_school_smaller(school: Callable, coefficient: Callable) -> None:
    row = school("aside-one-1", district="aside-one")
    assert (row["value"], row["students"], row["denominator"]) == (None, None, None)
    assert row["reason_code"] == "row_set_aside"
    # The grade that is left would have made 20 books a pupil, twice what the school has.
    assert school("aside-one-2", district="aside-one")["value"] == 5
    books = coefficient("aside-one")
    assert (books["schools_in_scope"], books["schools_reported"]) == (4, 2)
    assert books["reason_code"] == "schools_missing"
    assert _equipment_verdict(coefficient, "aside-one")[0] == "no_data"


def test_every_enrolment_measure_of_such_a_school_is_missing(night: None, query: Callable) -> None:
    rows = query(
        "select measure_code, value, reason_code from intermediate.int_school_measures "
        "where school_code = 'aside-one-1' and measure_code in "
        "(select measure_code from warehouse.measure where record = 'enrolment')"
    )
    assert len(rows) == 6
    assert {(row["value"], row["reason_code"]) for row in rows} == {(None, "row_set_aside")}
    [row] = query(
        "select is_reported, students, female_students, classes "
        "from intermediate.int_school_stage_students where school_code = 'aside-one-1'"
    )
    assert tuple(row.values()) == (True, None, None, None)


def test_a_teaching_point_with_a_row_set_aside_is_not_called_small(school: Callable) -> None:
    assert school("aside-point", district="aside-one")["reason_code"] == "row_set_aside"


def test_a_row_of_no_known_school_may_be_of_any(school: Callable, coefficient: Callable) -> None:
    for number in (1, 2, 3):
        assert school(f"aside-any-{number}", district="aside-any")["reason_code"] == "row_set_aside"
    assert coefficient("aside-any")["reason_code"] == "no_school_reported"


def test_a_school_of_which_every_row_was_set_aside_is_missed(school: Callable, coefficient: Callable) -> None:
    row = school("aside-new", district="aside-only")
    assert (row["value"], row["reason_code"]) == (None, "row_set_aside")
    found = coefficient("aside-only")
    assert (found["schools_in_scope"], found["schools_reported"]) == (4, 3)


def test_a_row_of_no_known_stage_is_of_the_stages_of_its_school(school: Callable, query: Callable) -> None:
    assert school("aside-stage-2", district="aside-stage")["reason_code"] == "row_set_aside"
    stages = query(
        "select stage from intermediate.int_school_stage_students where school_code = 'aside-stage-2'"
    )
    assert [row["stage"] for row in stages] == ["primary"]


@pytest.mark.parametrize("measure", ["full_time_teachers", "books"])
def test_a_school_of_which_a_row_of_a_record_was_set_aside_has_no_figure_of_it(
    night: None, query: Callable, measure: str
) -> None:
    rows = query(
        "select school_code, value, reason_code from intermediate.int_school_measures "
        "where district_code = 'conditions' and measure_code = %s",
        [measure],
    )
    figure = 5 if measure == "full_time_teachers" else 1000
    assert {row["school_code"]: (row["value"], row["reason_code"]) for row in rows} == {
        "complete": (figure, None),
        "own": (None, "row_set_aside"),
        "parent": (None, "row_set_aside"),  # its campus would be missing from the sum
        "other": (figure, None),
        "none": (None, "row_set_aside"),  # the row of no known school may be its own
    }


def test_rows_of_older_batches_other_years_and_other_stages_change_nothing(school: Callable) -> None:
    assert school("aside-old-1", district="aside-old")["value"] == 10
    assert school("aside-old-2", district="aside-old")["value"] == 5


def test_a_school_outside_the_register_is_not_judged(night: None, query: Callable) -> None:
    rows = query(
        "select standard_code, value, verdict, reason_code from marts_build.mart_balance__school_indicators "
        "where school_code = 'unknown'"
    )
    judged = [row for row in rows if row["standard_code"] == "national_2017"]
    assert {(r["value"], r["verdict"], r["reason_code"]) for r in judged} == {
        (None, "no_data", "not_in_register")
    }
    described = [row for row in rows if row["standard_code"] == "descriptive"]
    assert described
    assert not [row for row in described if row["reason_code"] == "not_in_register"]


@pytest.mark.parametrize("record", ["enrolment", "staffing", "facilities"])
def test_a_figure_can_be_traced_to_its_row(night: None, query: Callable, record: str) -> None:
    untraced = (
        f"select fct.* from warehouse.fct_{record} as fct left join raw.{record} as raw_rows "
        "using (batch_id, source_sheet, source_row, source_block, district_code, school_year, school_code) "
        "where raw_rows.batch_id is null"
    )
    assert query(f"select 1 from warehouse.fct_{record}")
    assert not query(untraced)


def test_small_counts_of_disability_stay_in_raw(night: None, query: Callable) -> None:
    rows = query(
        "select distinct table_schema from information_schema.columns "
        "where column_name = 'regular_class_special_students'"
    )
    assert {row["table_schema"] for row in rows} <= {"raw", "staging"}
