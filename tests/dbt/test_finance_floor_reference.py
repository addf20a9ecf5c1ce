"""The floor on hundreds of drawn series against plain Python, and what holds whatever the figures.

What is printed agrees exactly. What is carried by products of growths and prices, or worked back from a
growth, the warehouse keeps to twelve decimals: that agrees to ``CLOSE``, its verdicts exactly.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from finance_cases import (
    ALLOWED,
    APPENDIX_E,
    BUDGETS,
    DAYS,
    EASILY_LOST,
    EXECUTIONS,
    LOADED,
    TABLES,
    WRONG,
    load_on,
    price_rows,
    school_rows,
)
from finance_reference import READINGS, Answer, answers_of
from finance_series import PRICES, Series, spending
from seeded import drawn

FINANCE_MODELS = [
    "+mart_finance__spending_floor",
    "+mart_finance__spending_readings",
    "+mart_finance__restatements",
    "+mart_finance__early_warning",
]
SERIES = 400
TWINS = 120  # series that are also loaded in another order, in parts
PARTS = 7
VARIED = 40  # no answer is rarer than this
CLOSE = Fraction(1, 10**11)
CENT = Fraction(1, 200) + CLOSE  # what rounding to a cent takes away

Row = dict[str, Any]


def name(kind: str, number: int) -> str:
    return f"{kind}-{number:04}"


def _partition(found: Row) -> tuple[Any, ...]:
    return tuple(found[field] for field in ("district_code", "fiscal_year", "edition", "vintage"))


def _in_parts(rows: list[Row], shuffler: random.Random) -> Iterable[list[Row]]:
    """Shuffled rows in several batches: what a batch holds of a partition is all of it."""
    shuffler.shuffle(rows)
    part_of: dict[tuple[Any, ...], int] = {}
    for found in rows:
        part_of.setdefault(_partition(found), shuffler.randrange(PARTS))
    for part in range(PARTS):
        yield [found for found in rows if part_of[_partition(found)] == part]


@pytest.fixture(scope="module")
def series() -> list[Series]:
    return drawn(SERIES, spending)


@pytest.fixture(scope="module")
def night(module_warehouse: str, accepted_rows: Any, build: Any, series: list[Series]) -> None:
    """One build for the whole module."""
    plain = [found for n, one in enumerate(series) for found in one.finance_rows(name("drawn", n))]
    twins = [found for n, one in enumerate(series[:TWINS]) for found in one.finance_rows(name("twin", n))]
    exceptions = [
        found
        for kind, some in (("drawn", series), ("twin", series[:TWINS]))
        for n, one in enumerate(some)
        for found in one.exception_rows(name(kind, n))
    ]
    accepted_rows("finance", [*plain, *WRONG, *EASILY_LOST, *TABLES, *BUDGETS])
    for part in _in_parts(twins, random.Random(4)):
        accepted_rows("finance", part)
    for day, rows in LOADED:
        load_on(accepted_rows, day, rows)
    schools, enrolment = school_rows()
    accepted_rows("school", schools)
    accepted_rows("enrolment", enrolment)
    accepted_rows("price_index", price_rows())
    accepted_rows("finance_exception", [*exceptions, ALLOWED])
    accepted_rows("budget_execution", EXECUTIONS)
    build(FINANCE_MODELS)


Key = tuple[str, str, str, int, str]


@pytest.fixture(scope="module")
def mart(night: None, query: Callable) -> dict[Key, Row]:
    """The readings of totals, by entity, scope, source of funds, year and reading."""
    rows = query("select * from marts_build.mart_finance__spending_readings where leg = 'total'")
    return {
        (r["entity_code"], r["scope_code"], r["fund_source_code"], r["fiscal_year"], r["reading"]): r
        for r in rows
    }


@pytest.fixture(scope="module")
def exact(night: None, query: Callable) -> dict[Key, Row]:
    """The same before anything is rounded to the cent."""
    rows = query(
        "select readings.*, entity_code, scope_code, fund_source_code "
        "from intermediate.int_spending_readings as readings "
        "inner join intermediate.int_spending_series using (district_code, series_key) "
        "where belief_axis = 'now' and leg = 'total'"
    )
    return {
        (r["entity_code"], r["scope_code"], r["fund_source_code"], r["fiscal_year"], r["reading"]): r
        for r in rows
    }


@pytest.fixture(scope="module")
def expected(series: list[Series]) -> dict[Key, Answer]:
    found = {}
    for number, one in enumerate(series):
        code = name("drawn", number)
        parts: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for told in one.finance_rows(code):
            parts[told["scope_code"], told["fund_source_code"] or "not_stated"].append(told)
        for (scope, fund), rows in parts.items():
            # Exceptions name no source of funds: they are not for what schools earn themselves.
            allowances = one.allowances if (scope, fund) == ("education_funds", "not_stated") else ()
            for (year, reading), answer in answers_of(rows, allowances, PRICES[one.region]).items():
                found[code, scope, fund, year, reading] = answer
    return found


def agrees(found: Decimal | None, expected: Fraction | None, tolerance: Fraction) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return abs(Fraction(found) - expected) <= tolerance


def test_the_same_years_are_judged(mart: dict[Key, Row], expected: dict[Key, Answer]) -> None:
    assert {key for key in mart if key[0].startswith("drawn-")} == expected.keys()
    assert len(expected) > SERIES * len(READINGS)


@pytest.mark.parametrize("reading", READINGS)
def test_floors_and_shortfalls_agree(
    mart: dict[Key, Row], exact: dict[Key, Row], expected: dict[Key, Answer], reading: str
) -> None:
    floors = 0
    for key, answer in expected.items():
        if key[-1] != reading:
            continue
        found, unrounded = mart[key], exact[key]
        assert found["floor_vintage"] == answer.floor_vintage, key
        assert found["floor_compared_amount"] == answer.amount, key
        assert (found["exception_amount"] or 0) == answer.lowered_by, key
        for column, value in (("floor_amount", answer.floor), ("shortfall_amount", answer.shortfall)):
            is_printed = reading == "nominal" and (value is None or (value * 100).denominator == 1)
            assert agrees(unrounded[column], value, Fraction(0) if is_printed else CLOSE), (
                key,
                column,
                value,
            )
            assert agrees(found[column], value, Fraction(0) if is_printed else CENT), (key, column, value)
        if reading == "nominal":
            assert found["floor_set_year"] == answer.set_year, key
        floors += answer.floor is not None
    assert floors > SERIES


@pytest.mark.parametrize("reading", READINGS)
def test_verdicts_agree(mart: dict[Key, Row], expected: dict[Key, Answer], reading: str) -> None:
    answers: Counter[tuple[str, str]] = Counter()
    for key, answer in expected.items():
        if key[-1] != reading:
            continue
        for column, value in (
            ("verdict", answer.verdict),
            ("verdict_strict", answer.verdict_strict),
            ("floor_verdict", answer.floor_verdict()),
            ("floor_verdict_strict", answer.floor_verdict(is_strict=True)),
        ):
            assert mart[key][column] == value, (key, column)
            answers[column, value] += 1
    assert len(answers) == 4 * 3
    assert min(answers.values()) > VARIED


# Whatever the figures --------------------------------------------------------------------------------------


def test_the_floor_never_falls_without_an_exception_on_record(night: None, query: Callable) -> None:
    # Where two vintages tell a series, the floor may move from the one to the other.
    rows = query(
        "select floors.* from intermediate.int_spending_floor as floors "
        "where belief_axis = 'now' and reading = 'nominal' and price_basis <> 'constant' and 1 = ("
        "select count(distinct levels.vintage) from intermediate.int_spending_vintage_levels as levels "
        "where (levels.belief_axis, levels.district_code, levels.series_key, levels.price_basis, "
        "levels.currency_code) = (floors.belief_axis, floors.district_code, floors.series_key, "
        "floors.price_basis, floors.currency_code)) "
        "order by district_code, series_key, price_basis, currency_code, fiscal_year"
    )
    tracks: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for found in rows:
        fields = ("district_code", "series_key", "price_basis", "currency_code")
        tracks[tuple(found[field] for field in fields)].append(found)
    stood: Counter[str] = Counter()
    for track, years in tracks.items():
        known = [found for found in years if found["floor_amount"] is not None]
        for before, after in itertools.pairwise(known):
            change = after["floor_amount"] - before["floor_amount"]
            if change < 0:
                assert after["exception_amount"], (track, after["fiscal_year"])
                assert after["exception_documents"], (track, after["fiscal_year"])
                # By no more than what is allowed beyond what was allowed before.
                assert -change <= after["exception_amount"] - (before["exception_amount"] or 0), track
            stood["falls" if change < 0 else "rises" if change > 0 else "stands"] += 1
    assert len(stood) == 3
    assert min(stood.values()) > VARIED // 2  # of the series told in one vintage


def _of_twins(rows: Iterable[Row], kind: str, left_out: Iterable[str]) -> Counter[str]:
    """Rows of one kind of entity, by number, without what tells the kinds apart."""
    skipped = {"district_code", "entity_code", "entity_name", "source_row", *left_out}
    found: Counter[str] = Counter()
    for one in rows:
        stem, _, number = one["entity_code"].partition("-")
        if stem == kind and int(number) < TWINS:
            found[repr((number, sorted((k, v) for k, v in one.items() if k not in skipped)))] += 1
    return found


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("mart_finance__spending_floor", "true"),
        ("mart_finance__spending_readings", "true"),
        ("mart_finance__restatements", "belief_axis = 'published'"),
        ("mart_finance__early_warning", "true"),
    ],
)
def test_the_order_and_the_batches_of_loading_change_nothing(
    night: None, query: Callable, table: str, where: str
) -> None:
    rows = query(f"select * from marts_build.{table} where {where}")
    # A batch is another one, and which of two equal rows is named is not told.
    batches = [column for column in rows[0] if column.endswith("batch_id")]
    plain = _of_twins(rows, "drawn", batches)
    assert plain == _of_twins(rows, "twin", batches)
    # Of the twins, about half have a year under way: a budget before the last account is over.
    assert plain.total() > TWINS // 3


# What was believed -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def believed(night: None, query: Callable) -> Callable[[str, int, str], list[tuple[Any, ...]]]:
    """Versions of a year on one axis: from, until, amount, verdict, verdict now, whether it turned, cause."""

    def find(code: str, year: int, axis: str = "loaded") -> list[tuple[Any, ...]]:
        rows = query(
            "select * from marts_build.mart_finance__restatements where entity_code = %s "
            "and fiscal_year = %s and belief_axis = %s and leg = 'total' order by version",
            [code, year, axis],
        )
        return [
            (r["believed_from_date"], r["believed_until_date"], r["amount"], r["verdict"], r["verdict_now"],
             r["is_verdict_turned"], r["cause"])
            for r in rows
        ]  # fmt: skip

    return find


def test_a_corrected_file_says_what_was_believed_on_each_day(believed: Callable) -> None:
    first, second, third = DAYS
    assert believed("corrected", 2013) == [
        (first, second, 110, "met", "met", False, None),
        (second, third, 95, "not_met", "met", True, "corrected_file"),
        (third, None, 105, "met", "met", False, "corrected_file"),
    ]
    # The year after it rises all the time; its floor is moved by the correction.
    assert [cause for *_, cause in believed("corrected", 2014)] == [None, "other_year", "other_year"]


def test_two_corrections_on_one_day_count_once(believed: Callable) -> None:
    first, second, _ = DAYS
    assert believed("hasty", 2013) == [
        (first, second, 110, "met", "not_met", True, None),
        (second, None, 95, "not_met", "not_met", False, "corrected_file"),
    ]
    assert believed("quiet", 2013) == [], "what was taken back the same day was never believed"


def test_an_edition_speaks_by_its_year_and_not_by_the_day_of_loading(believed: Callable) -> None:
    # Loaded last, the edition of 2014 moves nothing on the axis of loading; by publication it came first.
    assert believed("late", 2013) == []
    assert [(amount, cause) for _, _, amount, *_, cause in believed("late", 2013, "published")] == [
        (80, None),
        (100, "later_edition"),
    ]


# Wrong variants --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judged(mart: dict[Key, Row]) -> Callable[..., Row]:
    def find(code: str, year: int, reading: str = "comparable_scope", scope: str = "education_funds") -> Row:
        return mart[code, scope, "not_stated", year, reading]

    return find


def _amounts(rows: list[Row], code: str) -> dict[int, Decimal]:
    return {found["fiscal_year"]: found["amount"] for found in rows if found["district_code"] == code}


def test_lag_is_a_wrong_variant(judged: Callable) -> None:
    amounts = _amounts(WRONG, "lag")
    lagged = amounts[2014]
    assert amounts[2015] >= lagged, "lag() would call 95 after 90 a success"
    found = judged("lag", 2015)
    assert (found["verdict"], found["floor_verdict"]) == ("met", "not_met")
    assert (found["floor_amount"], found["shortfall_amount"]) == (100, 5)
    assert found["floor_amount"] != lagged


def test_a_comparison_across_scopes_is_a_wrong_variant(judged: Callable) -> None:
    amounts = _amounts(WRONG, "scopes")
    assert amounts[2014] > amounts[2013], "across the scopes 2014 would be a rise, and a floor of 100 be kept"
    for reading in READINGS:
        found = judged("scopes", 2014, reading)
        assert (found["verdict"], found["floor_verdict"], found["floor_amount"]) == (
            "no_data",
            "no_data",
            None,
        )
    assert judged("scopes", 2015)["floor_amount"] == 120
    assert judged("scopes", 2013, scope="operating_funds")["floor_amount"] is None


def test_the_nominal_growth_for_the_comparable_one_is_a_wrong_variant(judged: Callable) -> None:
    nominal, comparable = (judged("swap", 2015, reading) for reading in ("nominal", "comparable_scope"))
    assert (nominal["verdict"], nominal["floor_verdict"], nominal["floor_amount"]) == (
        "not_met",
        "not_met",
        110,
    )
    assert (comparable["verdict"], comparable["floor_verdict"]) == ("met", "met")
    assert comparable["floor_amount"] == 90, "110 on the scope of 2015: 99 / 1.10"
    assert comparable["previous_comparable_amount"] == 90


def test_an_exception_taken_as_a_level_is_a_wrong_variant(judged: Callable) -> None:
    assert (judged("allowed", 2014)["floor_amount"], judged("allowed", 2014)["floor_verdict"]) == (80, "met")
    found = judged("allowed", 2015)
    as_level = judged("allowed", 2014)["floor_amount"]
    assert _amounts(WRONG, "allowed")[2015] >= as_level, "the floor of the exception would be kept for good"
    assert (found["floor_amount"], found["floor_verdict"], found["exception_amount"]) == (
        100,
        "not_met",
        None,
    )


@pytest.mark.parametrize("code", ["gap", "blank"])
def test_a_year_without_data_that_forgives_a_fall_is_a_wrong_variant(judged: Callable, code: str) -> None:
    found = judged(code, 2015)
    assert found["verdict"] == "no_data", "starting anew after 2014 would stop here"
    assert (found["floor_amount"], found["floor_verdict"], found["floor_set_year"]) == (100, "not_met", 2013)


def test_the_latest_load_for_the_latest_edition_is_a_wrong_variant(judged: Callable) -> None:
    (last_loaded,) = _amounts(LOADED[-1][1], "late").values()
    found = judged("late", 2014)
    assert last_loaded == 80, "against it, 90 would be a rise"
    assert (found["floor_amount"], found["verdict"], found["floor_verdict"]) == (100, "not_met", "not_met")


@pytest.mark.parametrize(
    ("code", "year", "reading", "floor"),
    [
        # A growth alone does not hide the amount that the same edition prints beside the next year.
        ("beside_growth", 2015, "nominal", "95"),
        # Nor a row in prices of the year the amount that it prints in constant prices.
        ("other_prices", 2015, "nominal", "95"),
        # The index of 2013 speaks of 2012, which has none of its own.
        ("first_index", 2013, "real", "102"),
        # The budget of a year that the growth after it tells is no second amount of that year.
        ("planned", 2015, "nominal", "100"),
        # Worked back from a growth on the comparable scope, last year is no printed amount.
        ("moved_alone", 2015, "nominal", None),
        ("moved_alone", 2015, "comparable_scope", "105.26"),
    ],
)
def test_no_amount_is_lost_and_none_invented(
    judged: Callable, code: str, year: int, reading: str, floor: str | None
) -> None:
    found = judged(code, year, reading)
    assert found["floor_amount"] == (None if floor is None else Decimal(floor))
    assert found["floor_verdict"] == ("no_data" if floor is None else "not_met")


# The tables of 34 CFR 300, appendix E ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def warned(night: None, query: Callable) -> dict[tuple[str, str], Row]:
    """Years under way by entity and basis, but for own income."""
    rows = query(
        "select * from marts_build.mart_finance__early_warning "
        "where fiscal_year > 2013 and fund_source_code <> 'own_income'"
    )
    return {(found["entity_code"], found["basis"]): found for found in rows}


@pytest.mark.parametrize(
    ("table", "required"),
    [
        ("table_1", [None, 100, 100]),
        ("table_2", [None, 100, 100, 100]),
        ("table_3", [None, 100, 100, 100, 110]),
    ],
)
def test_tables_of_subsequent_years(
    judged: Callable, warned: dict[tuple[str, str], Row], table: str, required: list[int | None]
) -> None:
    *closed, open_year = required
    spent = [Decimal(amount) for amount in APPENDIX_E[table]]
    for year, (floor, amount) in enumerate(zip(closed, spent, strict=True), start=2012):
        found = judged(table, year)
        assert found["floor_amount"] == floor, year
        verdict = "no_data" if floor is None else "met" if amount >= floor else "not_met"
        assert found["floor_verdict"] == verdict, year
    found = warned[table, "total"]
    assert (found["fiscal_year"], found["floor_amount"]) == (2012 + len(closed), open_year)
    assert found["warning"] == "budget_below_floor"


# During the year -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "warning", "budget_short", "missing"),
    [
        ("below", "budget_below_floor", "0.01", None),
        ("behind", "spent_behind_pace", "0", "59863.02"),
        ("pace", "on_track", "0", "59863.01"),
        # The adjusted budget of the report goes before the original one, which would have been enough.
        ("adjusted", "budget_below_floor", "1000", "50000"),
        ("pupils", "on_track", "0", "40000"),
        ("nobody", "not_reported", "0", None),
        ("unplanned", "no_budget", None, "50000"),
        ("first", "no_floor", None, None),
    ],
)
def test_a_year_under_way_is_held_against_the_floor(
    warned: dict[tuple[str, str], Row], code: str, warning: str, budget_short: str | None, missing: str | None
) -> None:
    found = warned[code, "total"]
    assert (found["warning"], found["fiscal_year"]) == (warning, 2014)
    assert found["floor_amount"] == (None if code == "first" else 100_000)
    assert found["budget_shortfall_amount"] == (None if budget_short is None else Decimal(budget_short))
    assert found["missing_amount"] == (None if missing is None else Decimal(missing))


def test_a_report_of_execution_does_not_speak_of_own_income(night: None, query: Callable) -> None:
    (found,) = query(
        "select * from marts_build.mart_finance__early_warning "
        "where entity_code = 'adjusted' and fund_source_code = 'own_income' and basis = 'total'"
    )
    assert (found["budget_amount"], found["executed_amount"], found["warning"]) == (200, None, "not_reported")


def test_a_closed_year_is_not_under_way(warned: dict[tuple[str, str], Row], judged: Callable) -> None:
    assert not [key for key in warned if key[0] == "closed"]
    assert judged("closed", 2014)["floor_amount"] is None, (
        "no earlier account is known, and no bulletin is asked"
    )


@pytest.mark.parametrize(
    ("code", "school_year", "students", "required"),
    [("below", 2013, 100, 100_000), ("pupils", 2014, 110, 110_000)],
)
def test_the_leg_per_pupil_takes_this_school_years_pupils_or_else_the_last(
    warned: dict[tuple[str, str], Row], code: str, school_year: int, students: int, required: int
) -> None:
    found = warned[code, "per_student"]
    assert found["leg"] == "per_student_computed"
    assert (found["students_school_year"], found["students"]) == (school_year, students)
    assert (found["floor_amount"], found["required_amount"]) == (1000, required)
    assert found["warning"] == "budget_below_floor"


@pytest.mark.parametrize(
    ("code", "warning", "floor"), [("uncounted", "no_students", 1000), ("nobody", "no_floor", None)]
)
def test_without_pupils_nothing_per_pupil_is_invented(
    warned: dict[tuple[str, str], Row], code: str, warning: str, floor: int | None
) -> None:
    found = warned[code, "per_student"]
    assert (found["warning"], found["floor_amount"], found["students"]) == (warning, floor, None)
    assert (found["required_amount"], found["budget_shortfall_per_student"]) == (None, None)
    total = warned[code, "total"]
    assert (total["warning"], total["missing_per_student"]) == ("not_reported", None)
