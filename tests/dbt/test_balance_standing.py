"""Schools judged as a whole, coefficients from year to year, composites, contributions and areas.

Golden figures and hand-made cases through the whole of dbt, each beside what a known mistake would give.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from balance_cases import FIVE_SCHOOLS, Landing, Row, add_five_schools

THRESHOLDS = {"R1": "4.2", "R2": "1", "R3": "0.9", "R4": "4.5", "R5": "7.5", "R6": "2000", "R7": "2.3"}
FIELDS = {
    "R1": "over_qualified_teachers",
    "R2": "backbone_teachers",
    "R3": "pe_arts_teachers",
    "R4": "teaching_auxiliary_area_m2",
    "R5": "sports_ground_area_m2",
    "R6": "teaching_equipment_yuan",
    "R7": "multimedia_classrooms",
}
STUDENTS = 1000  # of a made primary school: a thousandth of each figure is its value per pupil


def add_primary(rows: Landing, district: str, code: str, **shares: str | None) -> None:
    """A primary school with so much of each threshold (all of it by default; None leaves the field empty)."""
    have: Row = {}
    for number, threshold in THRESHOLDS.items():
        share = shares.get(number, "1")
        is_counted = number in ("R1", "R2", "R3", "R7")
        pupils = STUDENTS // 100 if is_counted else STUDENTS
        amount = None if share is None else Decimal(threshold) * Decimal(share) * pupils
        have[FIELDS[number]] = int(amount) if is_counted and amount is not None else amount
    rows.add_school(district, code)
    rows.add_students(district, code, "primary", STUDENTS)
    teachers = {name: have.pop(name) for name in ("over_qualified_teachers", "backbone_teachers")}
    rows.add_staffing(district, code, "primary", **teachers, pe_arts_teachers=have.pop("pe_arts_teachers"))
    rows.add_facilities(district, code, **have, indoor_sports_area_m2=0)


# Published coefficients of the eight indicators of 2012 and their composite
# (https://max.book118.com/html/2015/0816/23463879.shtm).
COMPOSITES = {
    ("庐阳", "primary"): ("0.881 1.299 0.977 0.379 0.170 0.334 0.286 0.408", "0.592"),
    ("庐阳", "junior_secondary"): ("0.353 0.784 0.146 0.491 0.037 0.226 0.223 0.253", "0.314"),
    ("蜀山", "primary"): ("0.711 0.649 0.472 0.338 0.235 0.274 0.260 0.396", "0.417"),
    ("蜀山", "junior_secondary"): ("0.505 0.484 0.325 0.275 0.199 0.715 0.421 1.021", "0.493"),
}
OF_2012 = (
    *("teaching_auxiliary_area_m2", "sports_ground_area_m2", "teaching_equipment_yuan", "computers", "books"),
    *("full_time_teachers", "over_qualified_teachers", "mid_plus_title_teachers"),
)


def add_spread(rows: Landing, district: str, stage: str, coefficients: list[str]) -> None:
    """Two schools of 200 and 800 pupils whose figures have exactly these coefficients, in the form's order.

    With a fifth of the pupils at m(1 + 2c) and the others at m(1 - c/2), the weighted coefficient is c.
    """
    for code, students, slope in (("small", 200, Decimal(2)), ("large", 800, Decimal("-0.5"))):
        amounts = {
            name: int(10 * students * (1 + slope * Decimal(c)))
            for name, c in zip(OF_2012, coefficients, strict=False)
        }
        code = f"{district}-{stage}-{code}"
        rows.add_school(district, code, "211" if stage == "primary" else "311")
        rows.add_students(district, code, stage, students)
        teachers = {name: amounts.pop(name) for name in OF_2012[5:] if name in amounts}
        rows.add_staffing(district, code, stage, **teachers)
        rows.add_facilities(district, code, **amounts, indoor_sports_area_m2=0)


def _add_composites(rows: Landing) -> None:
    for (district, stage), (coefficients, _) in COMPOSITES.items():
        add_spread(rows, district, stage, coefficients.split())
    add_spread(rows, "limit", "primary", ["0.65"] * 8)
    add_spread(rows, "limit", "junior_secondary", ["0.55"] * 8)
    add_spread(rows, "over", "primary", ["0.65"] * 7 + ["0.652"])
    add_spread(rows, "over", "junior_secondary", ["0.55"] * 7 + ["0.552"])
    add_spread(rows, "excused", "primary", ["0.6"] + ["0.1"] * 7)
    # The mean of the seven that are known would pass.
    add_spread(rows, "seven", "primary", ["0.1"] * 7)


def _add_verdicts(rows: Landing) -> None:
    add_primary(rows, "judged", "all")
    add_primary(rows, "judged", "floor", R6="0.85")
    add_primary(rows, "judged", "under-floor", R6="0.849")
    add_primary(rows, "judged", "two-near", R4="0.95", R6="0.9")
    add_primary(rows, "judged", "two-one-low", R4="0.5", R5="0.9")
    add_primary(rows, "judged", "zero", R6="0")
    # 4.4964 m2 a pupil, printed as 4.50.
    add_primary(rows, "printed", "rounds", R4="0.9992")
    add_primary(rows, "printed", "rounds-over", R4="0.9992", R6="0.9")
    add_primary(rows, "judged", "unknown", R6="0.5", R5=None)
    rows.add_school("judged", "special", "514")
    rows.add_students("judged", "special", "primary", 80)


def in_year(rows: Landing, year: int, add: Callable[[Landing], None]) -> None:
    """Add rows that belong to another school year than the usual one."""
    made = Landing()
    add(made)
    for record in ("school", "enrolment", "staffing", "facilities"):
        getattr(rows, record).extend({**row, "school_year": year} for row in getattr(made, record))


def _add_books(district: str, schools: dict[str, tuple[int, int | None]]) -> Callable[[Landing], None]:
    def add(rows: Landing) -> None:
        for code, (students, books) in schools.items():
            rows.add_school(district, code)
            rows.add_students(district, code, "primary", students)
            rows.add_facilities(district, code, books=books)

    return add


def _add_years(rows: Landing) -> None:
    # The poorest school closes: all schools draw together, the two that stay draw apart.
    in_year(rows, 2021, _add_books("closes", {"a": (100, 1000), "b": (100, 900), "c": (100, 100)}))
    in_year(rows, 2022, _add_books("closes", {"a": (100, 1000), "b": (100, 800)}))
    in_year(rows, 2021, _add_books("same", {"a": (100, 1000), "b": (100, 500)}))
    in_year(rows, 2022, _add_books("same", {"a": (200, 2000), "b": (200, 1000)}))
    # Closer by a hair: to three decimals nothing changed.
    in_year(rows, 2021, _add_books("hair", {"a": (100, 1000000), "b": (100, 500000)}))
    in_year(rows, 2022, _add_books("hair", {"a": (100, 1000000), "b": (100, 500001)}))
    in_year(rows, 2020, _add_books("gap", {"a": (100, 1000), "b": (100, 500)}))
    in_year(rows, 2022, _add_books("gap", {"a": (100, 1000), "b": (100, 600)}))
    in_year(rows, 2021, _add_books("hole", {"a": (100, 1000), "b": (100, 500), "c": (100, None)}))
    in_year(rows, 2022, _add_books("hole", {"a": (100, 1000), "b": (100, 900), "c": (100, 950)}))
    in_year(rows, 2021, _add_books("moved", {"a": (100, 1000), "b": (100, 500)}))
    in_year(rows, 2022, _add_books("moved", {"c": (100, 1000), "d": (100, 900)}))


def _add_areas(rows: Landing) -> None:
    # The five schools in two districts of one city, and a third district of the province.
    schools = {f"s{n}": figures for n, figures in enumerate(FIVE_SCHOOLS)}
    _add_books("440681", {code: schools[code] for code in ("s0", "s1")})(rows)
    _add_books("440682", {code: schools[code] for code in ("s2", "s3", "s4")})(rows)
    _add_books("440101", {"far": (100, 500)})(rows)


@pytest.fixture(scope="module")
def landing() -> Landing:
    rows = Landing()
    _add_verdicts(rows)
    _add_composites(rows)
    _add_years(rows)
    _add_areas(rows)
    add_five_schools(rows, "five")
    _add_books("equal", {"a": (30, 10), "b": (60, 20)})(rows)
    _add_books("lone", {"a": (30, 10)})(rows)
    return rows


@pytest.fixture(scope="module")
def night(module_warehouse: str, landing: Landing, accepted_rows: Callable, build: Callable) -> None:
    for record in ("school", "enrolment", "staffing", "facilities"):
        accepted_rows(record, getattr(landing, record))
    build(
        [
            "+mart_balance__school_verdicts",
            "+mart_balance__school_indicators",
            "+mart_balance__coefficient_changes",
            "+mart_balance__coefficients",
            "+mart_balance__composites",
            "+mart_balance__school_contributions",
            "+mart_balance__area_coefficients",
            "+int_policy_measures_balance",
        ]
    )


@pytest.fixture(scope="module")
def verdict(night: None, query: Callable) -> Callable[[str], dict[str, Any]]:
    def find(code: str) -> dict[str, Any]:
        [row] = query(
            "select * from marts_build.mart_balance__school_verdicts "
            "where district_code in ('judged', 'printed') and school_code = %s",
            [code],
        )
        return row

    return find


@pytest.mark.parametrize(
    ("code", "expected", "met", "unmet", "near", "lowest"),
    [
        ("all", "met", 7, None, None, None),
        ("floor", "met", 6, "R6", "R6", "0.85"),
        ("under-floor", "not_met", 6, "R6", None, "0.849"),
        ("two-near", "not_met", 5, "R4,R6", "R4,R6", "0.9"),
        ("two-one-low", "not_met", 5, "R4,R5", "R5", "0.5"),
        ("zero", "not_met", 6, "R6", None, "0"),
    ],
)
def test_six_of_seven_and_the_other_at_its_floor(
    verdict: Callable, code: str, expected: str, met: int, unmet: str, near: str, lowest: str | None
) -> None:
    row = verdict(code)
    assert (row["verdict"], row["is_passing"]) == (expected, expected == "met")
    assert (row["indicators_judged"], row["indicators_reported"], row["indicators_met"]) == (7, 7, met)
    assert (row["unmet_indicators"], row["near_indicators"]) == (unmet, near)
    assert row["lowest_share"] == (None if lowest is None else Decimal(lowest))


@pytest.mark.parametrize(
    ("code", "expected", "indicators", "is_turned"),
    [
        ("all", "met", None, False),
        ("two-near", "not_met", None, False),
        ("rounds", "met", "R4", False),
        ("rounds-over", "not_met", "R4", True),
        ("unknown", "no_data", None, False),
    ],
)
def test_a_printed_value_that_would_be_judged_otherwise_is_flagged(
    verdict: Callable, query: Callable, code: str, expected: str, indicators: str | None, is_turned: bool
) -> None:
    row = verdict(code)
    assert (row["verdict"], row["indicators_turned_by_rounding"]) == (expected, indicators)
    assert row["is_turned_by_rounding"] is is_turned
    found = query(
        "select indicator_number, value, value_rounded, threshold, verdict "
        "from marts_build.mart_balance__school_indicators where district_code in ('judged', 'printed') "
        "and school_code = %s and is_turned_by_rounding",
        [code],
    )
    assert [one["indicator_number"] for one in found] == ([indicators] if indicators else [])
    for one in found:
        assert (one["value"] < one["threshold"] <= one["value_rounded"], one["verdict"]) == (True, "not_met")


def test_a_missing_value_gives_no_verdict(verdict: Callable) -> None:
    row = verdict("unknown")
    assert (row["verdict"], row["is_passing"], row["reason_code"]) == ("no_data", False, "indicators_missing")
    assert (row["missing_indicators"], row["unmet_indicators"], row["indicators_met"]) == ("R5", "R6", 5)


def test_schools_out_of_scope_are_not_judged(night: None, query: Callable) -> None:
    rows = query("select school_code, standard_code from marts_build.mart_balance__school_verdicts")
    assert "special" not in {row["school_code"] for row in rows}
    assert {row["standard_code"] for row in rows} == {"national_2017"}


@pytest.fixture(scope="module")
def change(night: None, query: Callable) -> Callable[..., dict[str, Any]]:
    def find(district: str, year: int = 2022) -> dict[str, Any]:
        [row] = query(
            "select * from marts_build.mart_balance__coefficient_changes where district_code = %s "
            "and school_year = %s and indicator_code = 'books_per_student' and stage = 'primary'",
            [district, year],
        )
        return row

    return find


def test_a_closure_draws_all_schools_together_and_the_same_ones_apart(change: Callable) -> None:
    row = change("closes")
    assert (row["is_shrunk"], row["is_shrunk_same_schools"]) == (True, False)
    assert (row["previous_schools_in_scope"], row["schools_in_scope"], row["same_schools"]) == (3, 2, 2)
    assert float(row["coefficient"]) == pytest.approx(1 / 9, rel=1e-12)
    assert float(row["same_schools_previous_coefficient"]) == pytest.approx(50 / 950, rel=1e-12)
    assert row["change"] == row["coefficient"] - row["previous_coefficient"]


def test_what_stays_the_same_has_not_shrunk(change: Callable) -> None:
    row = change("same")
    assert (row["change"], row["is_shrunk"], row["is_shrunk_same_schools"]) == (0, False, False)
    assert row["coefficient"] == row["previous_coefficient"]


def test_shrinking_is_judged_before_rounding(change: Callable) -> None:
    row = change("hair")
    assert row["coefficient_rounded"] == row["previous_coefficient_rounded"] == Decimal("0.333")
    assert (row["is_shrunk"], row["is_shrunk_same_schools"]) == (True, True)


@pytest.mark.parametrize(
    ("district", "reason", "same_reason"),
    [
        ("gap", "previous_year_missing", "previous_year_missing"),
        ("hole", "previous_year_incomplete", "schools_missing"),
        ("moved", None, "no_same_school"),
        ("lone", "previous_year_missing", "previous_year_missing"),
    ],
)
def test_no_comparison_without_two_whole_years(
    change: Callable, district: str, reason: str | None, same_reason: str
) -> None:
    row = change(district)
    assert (row["reason_code"], row["same_schools_reason_code"]) == (reason, same_reason)
    assert (row["change"] is None, row["is_shrunk"] is None) == (reason is not None, reason is not None)
    assert (row["same_schools_change"], row["is_shrunk_same_schools"]) == (None, None)


def _contributions(query: Callable, district: str, table: str) -> list[dict[str, Any]]:
    return query(
        f"select * from {table} where district_code = %s and indicator_code = 'books_per_student' "
        "and standard_code = 'national_2012' order by school_code",
        [district],
    )


def test_shares_of_five_schools_make_the_published_whole(night: None, query: Callable) -> None:
    rows = _contributions(query, "five", "marts_build.mart_balance__school_contributions")
    pupils, books = sum(p for p, _ in FIVE_SCHOOLS), sum(b for _, b in FIVE_SCHOOLS)
    mean = Fraction(books, pupils)
    # Terms of the worked example (https://m.777doc.com/doc-2019910.html): 0.003, 0.85, 5.13, 4.50, 0.17.
    terms = [Fraction(p, pupils) * (Fraction(b, p) - mean) ** 2 for p, b in FIVE_SCHOOLS]
    assert [round(float(term), 3) for term in terms] == [0.003, 0.849, 5.127, 4.501, 0.173]
    for row, term, (p, b) in zip(rows, terms, FIVE_SCHOOLS, strict=True):
        assert float(row["squared_share"]) == pytest.approx(float(term / sum(terms)), rel=1e-12)
        assert float(row["weight_share"]) == pytest.approx(p / pupils, rel=1e-12)
        assert float(row["distance"]) == pytest.approx(float(Fraction(b, p) - mean), rel=1e-12)
        assert row["is_below_mean"] is (Fraction(b, p) < mean)
        # Not the share that an unweighted coefficient would give.
        assert float(row["squared_share"]) != pytest.approx(
            float((Fraction(b, p) - mean) ** 2 / sum((Fraction(y, x) - mean) ** 2 for x, y in FIVE_SCHOOLS)),
            rel=1e-3,
        )
    assert [row["share_rank"] for row in rows] == [5, 3, 1, 2, 4]
    exact = _contributions(query, "five", "intermediate.int_school_contributions")
    assert abs(sum(row["squared_share"] for row in exact) - 1) < Decimal("1e-35")


@pytest.mark.parametrize("district", ["equal", "lone"])
def test_where_nothing_differs_nobody_contributes(night: None, query: Callable, district: str) -> None:
    rows = _contributions(query, district, "marts_build.mart_balance__school_contributions")
    assert {(r["squared_share"], r["share_rank"], r["reason_code"]) for r in rows} == {
        (None, None, "no_spread")
    }
    assert {r["distance"] for r in rows} == {0}


def test_a_school_without_a_figure_has_no_share(night: None, query: Callable) -> None:
    rows = query(
        "select * from marts_build.mart_balance__school_contributions where district_code = 'hole' "
        "and school_year = 2021 and indicator_code = 'books_per_student' order by school_code"
    )
    assert [(r["squared_share"], r["weight_share"], r["reason_code"]) for r in rows] == [
        (Decimal("0.5"), Decimal("0.5"), None),
        (Decimal("0.5"), Decimal("0.5"), None),
        (None, None, "value_missing"),
    ]


def test_a_city_is_one_set_of_schools_not_a_mean_of_districts(night: None, query: Callable) -> None:
    rows = query(
        "select * from marts_build.mart_balance__area_coefficients "
        "where indicator_code = 'books_per_student' and standard_code = 'national_2012'"
    )
    found = {(row["area_level"], row["area_code"]): row for row in rows}
    assert set(found) == {("city", "440600"), ("city", "440100"), ("province", "440000")}
    city = found["city", "440600"]
    assert float(city["coefficient"]) == pytest.approx(0.515257, abs=5e-7)
    assert (city["coefficient_rounded"], city["districts"], city["schools_reported"]) == (
        Decimal("0.515"),
        2,
        5,
    )
    own = query(
        "select coefficient from intermediate.int_coefficients where district_code in ('440681', '440682') "
        "and indicator_code = 'books_per_student'"
    )
    assert float(city["coefficient"]) != pytest.approx(
        sum(float(row["coefficient"]) for row in own) / 2, abs=0.01
    )
    assert (found["province", "440000"]["schools_reported"], found["province", "440000"]["districts"]) == (
        6,
        3,
    )
    assert found["city", "440100"]["reason_code"] == "one_school"


def _measures(query: Callable, district: str, year: int = 2022) -> dict[tuple[str, ...], dict[str, Any]]:
    rows = query(
        "select * from intermediate.int_policy_measures_balance where district_code = %s and year = %s",
        [district, year],
    )
    return {(row["standard_code"], row["stage"], row["measure_code"]): row for row in rows}


def test_measures_count_what_is_judged_and_say_how_much_was(night: None, query: Callable) -> None:
    found = _measures(query, "judged")
    for stage in ("primary", "compulsory"):
        passing = found["national_2017", stage, "schools_passing"]
        assert (passing["value"], passing["cases_reported"], passing["cases_expected"]) == (2, 6, 7)
        assert found["national_2017", stage, "schools_assessed"]["value"] == 6
        limited = found["national_2017", stage, "coefficients_limited"]
        assert (limited["value"], limited["cases_reported"], limited["cases_expected"]) == (6, 6, 7)
        assert found["national_2017", stage, "coefficients_within_limit"]["value"] == 6
    meeting = found["national_2017", "primary", "schools_meeting/teaching_equipment_yuan_per_student"]
    assert (meeting["value"], meeting["cases_reported"], meeting["cases_expected"]) == (2, 7, 7)
    sports = found["national_2017", "primary", "schools_compared/sports_area_m2_per_student"]
    assert (sports["value"], sports["cases_reported"], sports["cases_expected"]) == (6, 6, 7)


def test_measures_of_change(night: None, query: Callable) -> None:
    found = _measures(query, "closes")
    for code, value in (
        ("coefficients_shrunk", 1),
        ("coefficients_compared", 1),
        ("coefficients_shrunk_same_schools", 0),
        ("coefficients_compared_same_schools", 1),
    ):
        row = found["national_2012", "primary", code]
        assert (row["value"], row["cases_reported"], row["cases_expected"]) == (value, 1, 8), code
    first = _measures(query, "closes", 2021)["national_2012", "primary", "coefficients_shrunk"]
    assert (first["value"], first["reason_code"], first["cases_reported"]) == (
        None,
        "previous_year_missing",
        0,
    )


def test_nothing_is_measured_as_zero_where_nothing_is_known(night: None, query: Callable) -> None:
    found = _measures(query, "equal")
    books = found["national_2012", "primary", "coefficient/books_per_student"]
    assert (books["value"], books["reason_code"]) == (0, None)
    for code in ("schools_passing", "schools_assessed"):
        row = found["national_2017", "primary", code]
        assert (row["value"], row["reason_code"], row["cases_expected"]) == (None, "no_school_reported", 2)
    assert found["national_2012", "primary", "composite_coefficient"]["reason_code"] == "indicators_missing"
    assert {key[0] for key in found} == {"national_2012", "national_2017"}
    rows = query("select value, reason_code from intermediate.int_policy_measures_balance")
    assert all((row["value"] is None) == (row["reason_code"] is not None) for row in rows)


@pytest.fixture(scope="module")
def composite(night: None, query: Callable) -> Callable[..., dict[str, Any]]:
    def find(district: str, stage: str = "primary") -> dict[str, Any]:
        [row] = query(
            "select * from marts_build.mart_balance__composites where district_code = %s and stage = %s",
            [district, stage],
        )
        return row

    return find


@pytest.mark.parametrize(("district", "stage"), list(COMPOSITES))
def test_published_composites_come_out(
    composite: Callable, query: Callable, district: str, stage: str
) -> None:
    printed, published = COMPOSITES[district, stage]
    rows = query(
        "select coefficient_rounded from marts_build.mart_balance__coefficients where district_code = %s "
        "and stage = %s and standard_code = 'national_2012' order by indicator_number",
        [district, stage],
    )
    assert [str(row["coefficient_rounded"]) for row in rows] == printed.split()
    row = composite(district, stage)
    assert float(row["composite"]) == pytest.approx(float(published), abs=0.001)
    assert (row["composite_rounded"], row["verdict"]) == (Decimal(published), "met")
    assert (row["indicators_averaged"], row["indicators_reported"]) == (8, 8)


def test_the_composite_is_not_held_against_the_limit_of_each_indicator(
    composite: Callable, query: Callable
) -> None:
    row = composite("庐阳")
    limits = query(
        "select distinct coefficient_limit from warehouse.dim_indicator "
        "where standard_code = 'national_2017' and stage = 'primary'"
    )
    each = Decimal(limits[0]["coefficient_limit"])
    # Held against that limit it would fail, and so would three of the eight, each alone.
    assert row["composite"] > each
    assert sum(Decimal(c) > each for c in COMPOSITES["庐阳", "primary"][0].split()) == 3
    assert (row["verdict"], row["composite_limit"]) == ("met", Decimal("0.65"))
    alone = query(
        "select distinct verdict from marts_build.mart_balance__coefficients "
        "where district_code = '庐阳' and standard_code = 'national_2012'"
    )
    assert [r["verdict"] for r in alone] == ["not_applicable"]


def test_the_mean_does_not_excuse_one_indicator_where_each_is_limited(night: None, query: Callable) -> None:
    rows = query(
        "select c.coefficient, m.verdict from marts_build.mart_balance__coefficients as m "
        "inner join intermediate.int_coefficients as c "
        "using (standard_code, district_code, school_year, stage, indicator_code) "
        "where district_code = 'excused' and standard_code = 'national_2017' "
        "and c.coefficient is not null"
    )
    mean = sum(row["coefficient"] for row in rows) / len(rows)
    assert mean <= Decimal("0.5")
    assert {row["verdict"] for row in rows} == {"met", "not_met"}


@pytest.mark.parametrize(
    ("district", "stage", "verdict", "is_borderline"),
    [
        ("limit", "primary", "met", True),
        ("limit", "junior_secondary", "met", True),
        ("over", "primary", "not_met", True),
        ("over", "junior_secondary", "not_met", True),
    ],
)
def test_the_limit_of_the_composite_is_inclusive_and_unrounded(
    composite: Callable, district: str, stage: str, verdict: str, is_borderline: bool
) -> None:
    row = composite(district, stage)
    assert (row["verdict"], row["is_borderline"]) == (verdict, is_borderline)
    assert row["composite_rounded"] == row["composite_limit"]


def test_no_composite_of_seven(composite: Callable) -> None:
    row = composite("seven")
    assert (row["composite"], row["verdict"], row["reason_code"]) == (None, "no_data", "indicators_missing")
    assert (row["indicators_reported"], row["indicators_averaged"]) == (7, 8)
