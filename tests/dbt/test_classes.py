"""Class sizes, from raw rosters to marts and measures: the limits, what is whole, wrong variants by name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

DISTRICT = {"region_code": "CN", "district_code": "D"}
Measures = dict[tuple[str, int, str, str], dict[str, Any]]


def _school(district: str, year: int, code: str, **other: Any) -> dict[str, Any]:
    row = {
        "region_code": "CN",
        "district_code": district,
        "district_name": district,
        "school_year": year,
        "school_code": code,
        "school_name": f"{code}小学",
        "school_type_code": "211",
        "operator_code": "831",
        "urban_rural_code": "111",
    }
    return {**row, **other}


def _class(district: str, year: int, code: str, number: str, students: int, **other: Any) -> dict[str, Any]:
    row = {
        "region_code": "CN",
        "district_code": district,
        "school_year": year,
        "school_code": code,
        "stage": "primary",
        "grade": "2",
        "class_number": number,
        "students": students,
    }
    return {**row, **other}


def _pupils(district: str, year: int, code: str, students: int) -> dict[str, Any]:
    return {
        "region_code": "CN",
        "district_code": district,
        "school_year": year,
        "school_code": code,
        "stage": "primary",
        "grade": "all",
        "students": students,
    }


LEDGER = {"ledger_method": "split", "ledger_planned_end_on": date(2020, 12, 31)}
LATE = {"ledger_method": "graduation", "ledger_planned_end_on": date(2021, 1, 1)}
# 2019: one class exactly at 45; 2020: 57 in the first grade and 46; 2021: 66 known to the ledger.
ROSTERS = [
    _class("D", 2019, "A", "1", 45),
    _class("D", 2019, "A", "2", 45),
    _class("D", 2020, "A", "1", 57, grade="1"),
    _class("D", 2020, "A", "2", 46, **LEDGER),
    _class("D", 2020, "A", "3", 25),
    _class("D", 2021, "A", "1", 66, grade="3", **LATE),
    _class("D", 2021, "A", "2", 47, grade="3", ledger_method="split"),
    # Another district: school B hands in no roster, school C leaves a class out.
    _class("E", 2020, "A", "1", 45),
    _class("E", 2020, "C", "1", 45),
    _class("F", 2020, "A", "1", 45),
    _class("F", 2020, "B", "1", 44),
    # School A ends its large class in the year in which school B makes one.
    _class("H", 2019, "A", "1", 46, grade="6"),
    _class("H", 2019, "B", "1", 44),
    _class("H", 2020, "A", "1", 45),
    _class("H", 2020, "B", "1", 46),
]
PUPILS = [
    _pupils("D", 2019, "A", 90),
    _pupils("D", 2020, "A", 128),
    _pupils("D", 2021, "A", 113),
    _pupils("E", 2020, "A", 45),
    _pupils("E", 2020, "B", 120),
    _pupils("E", 2020, "C", 102),
    _pupils("F", 2020, "A", 45),
    _pupils("F", 2020, "B", 44),
    _pupils("H", 2019, "A", 46),
    _pupils("H", 2019, "B", 44),
    _pupils("H", 2020, "A", 45),
    _pupils("H", 2020, "B", 46),
    # Of this district no roster came at all.
    _pupils("G", 2020, "A", 45),
]
BANDS = [(0, 25), *((low, low + 4) for low in range(26, 66, 5)), (66, 999)]


def _bands(district: str, year: int, code: str, sizes: list[int], grade: str = "all") -> dict[str, Any]:
    """The classes of a school as the statistics form prints them."""
    names = ["up_to_25", *(f"{low}_{high}" for low, high in BANDS[1:-1]), "66_and_over"]
    counts = [sum(low <= size <= high for size in sizes) for low, high in BANDS]
    return {
        **{
            name: value
            for name, value in _class(district, year, code, "", 0).items()
            if name not in ("students", "class_number")
        },
        "grade": grade,
        "all_classes": len(sizes),
        **{f"classes_{name}": count for name, count in zip(names, counts, strict=True)},
    }


# K: a roster and bands of school A; B, C and D have no roster. L: bands first, a roster in the year after.
ROSTERS += [
    _class("K", 2020, "A", "1", 45),
    _class("K", 2020, "A", "2", 45),
    _class("L", 2021, "A", "1", 46, grade="3"),
    _class("L", 2021, "A", "2", 44, grade="3"),
]
BAND_ROWS = [
    _bands("K", 2020, "A", [45, 45, 58]),
    _bands("K", 2020, "B", [45, 46, 58, 51]),
    _bands("K", 2020, "B", [46], grade="1"),
    {**_bands("K", 2020, "C", [50]), "classes_31_35": None},
    _bands("L", 2020, "A", [45, 45]),
]
PUPILS += [_pupils("K", 2020, "A", 90), _pupils("K", 2020, "B", 200), _pupils("K", 2020, "C", 50)]
PUPILS += [_pupils("K", 2020, "D", 50), _pupils("L", 2020, "A", 90), _pupils("L", 2021, "A", 90)]
# M: in 2020 school A told of its classes, school B did not, school C was not there yet.
ROSTERS += [
    _class("M", 2020, "A", "1", 46),
    *(_class("M", 2021, code, number, 47) for code in "ABC" for number in "12"),
]
PUPILS += [_pupils("M", 2020, "A", 46), _pupils("M", 2020, "B", 46)]
PUPILS += [_pupils("M", 2021, code, 94) for code in "ABC"]
# N: rosters and bands. A1 is a campus of A, whose roster holds its class; the campus F1 of F has no bands.
ROSTERS += [
    *(_class("N", 2020, "A", number, size) for number, size in (("1", 45), ("2", 45), ("3", 46))),
    *(_class("N", 2020, code, "1", 45) for code in "CDEF"),
]
BAND_ROWS += [
    _bands("N", 2020, "A1", [46]),
    _bands("N", 2020, "C", [45, 57]),
    _bands("N", 2020, "D", [45]),
    {**_bands("N", 2020, "E", [45, 57]), "classes_31_35": None},
    _bands("N", 2020, "F", [45, 57]),
]
PUPILS += [_pupils("N", 2020, "A", 90), _pupils("N", 2020, "A1", 46), _pupils("N", 2020, "D", 45)]
PUPILS += [_pupils("N", 2020, code, 102) for code in "CEF"] + [_pupils("N", 2020, "F1", 46)]
# O: in 2020 the roster of school A lacked a class, that of B was whole.
ROSTERS += [
    _class("O", 2020, "A", "1", 46),
    *(_class("O", 2021, "A", number, 46, grade="3") for number in "12"),
    _class("O", 2020, "B", "2", 45),
    _class("O", 2021, "B", "1", 46, grade="3"),
]
PUPILS += [_pupils("O", 2020, "A", 92), _pupils("O", 2021, "A", 92)]
PUPILS += [_pupils("O", 2020, "B", 45), _pupils("O", 2021, "B", 46)]
CAMPUSES = {
    code: {"counts_as_school": False, "parent_school_code": parent}
    for code, parent in (("A1", "A"), ("F1", "F"))
}
SCHOOLS = [
    _school(
        row["district_code"],
        row["school_year"],
        row["school_code"],
        **CAMPUSES.get(row["school_code"], {}),
    )
    for row in PUPILS
]
SET_ASIDE = {
    "F": {"district_code": "F", "school_year": 2020, "school_code": "B"},
    "N": {"district_code": "N", "school_year": 2020, "school_code": "D"},
}


@pytest.fixture(scope="module")
def built(module_warehouse: str, accepted_rows: Any, set_aside: Any, build: Any) -> None:
    accepted_rows("school", SCHOOLS)
    accepted_rows("enrolment", PUPILS)
    bands = accepted_rows("class_size_band", BAND_ROWS)
    set_aside("class_size_band", bands, [{"district_code": "K", "school_year": 2020}])
    for district in ("D", "E", "F", "H", "K", "L", "M", "N", "O"):
        batch = accepted_rows("class_roster", [r for r in ROSTERS if r["district_code"] == district])
        if district in SET_ASIDE:
            set_aside("class_roster", batch, [SET_ASIDE[district]])
    build(["+mart_policy__large_classes", "+int_policy_measures_classes"])


@pytest.fixture(scope="module")
def by_school(built: None, query: Any) -> dict[str, dict[str, Any]]:
    rows = query("select * from intermediate.int_class_rosters where district_code = 'K'")
    return {row["school_code"]: row for row in rows}


@pytest.fixture(scope="module")
def read_of(built: None, query: Any) -> dict[str, tuple[str, int, int, str | None]]:
    """Of district N by school: what was read, the classes, the large ones, and why it is not whole."""
    rows = query(
        "select school_code, source_code, classes, classes_over_standard, reason_code "
        "from intermediate.int_class_rosters where district_code = 'N'"
    )
    return {code: tuple(rest) for code, *rest in (row.values() for row in rows)}


@pytest.fixture(scope="module")
def measures(built: None, query: Any) -> Measures:
    rows = query("select * from intermediate.int_policy_measures_classes")
    return {(r["district_code"], r["year"], r["stage"], r["measure_code"]): r for r in rows}


@pytest.fixture(scope="module")
def large(built: None, query: Any) -> dict[tuple[int, str], dict[str, Any]]:
    rows = query("select * from marts_build.mart_policy__large_classes where district_code = 'D'")
    return {(r["school_year"], r["class_number"]): r for r in rows}


def _value(measures: Measures, year: int, code: str, district: str = "D") -> Decimal | None:
    value: Decimal | None = measures[district, year, "compulsory", code]["value"]
    return value


def test_a_class_of_exactly_45_is_not_large(measures: Measures, large: Any) -> None:
    assert _value(measures, 2019, "classes_over_standard") == 0
    assert [key for key in large if key[0] == 2019] == []
    assert _value(measures, 2019, "classes") == 2


def test_bands_include_their_first_number(measures: Measures, large: Any) -> None:
    assert set(large) == {(2020, "1"), (2020, "2"), (2021, "1"), (2021, "2")}
    assert _value(measures, 2020, "classes_over_standard") == 2
    assert _value(measures, 2020, "classes_56_and_over") == 1
    assert _value(measures, 2021, "classes_66_and_over") == 1
    assert (large[2021, "1"]["is_56_and_over"], large[2021, "1"]["is_66_and_over"]) == (True, True)


def test_a_missing_roster_is_not_zero_classes(measures: Measures) -> None:
    row = measures["E", 2020, "primary", "classes_over_standard"]
    assert (row["value"], row["cases_reported"], row["cases_expected"]) == (0, 1, 3), (
        "school B handed in nothing and school C left 57 pupils out: taken for whole, all three would report"
    )
    assert ("G", 2020, "primary", "classes_over_standard") not in measures, "no roster, no measure"


def test_a_row_set_aside_makes_its_school_not_whole(measures: Measures, query: Any) -> None:
    row = measures["F", 2020, "primary", "classes_over_standard"]
    assert (row["cases_reported"], row["cases_expected"]) == (1, 2)
    (school,) = query(
        "select * from intermediate.int_class_rosters where district_code = 'F' and school_code = 'B'"
    )
    assert (school["is_reported"], school["reason_code"]) == (False, "row_set_aside")


def test_the_ledger_needs_a_method_and_a_day(measures: Measures, large: Any) -> None:
    assert [_value(measures, year, "large_classes_in_ledger") for year in (2020, 2021)] == [1, 1]
    assert [_value(measures, year, "large_classes_without_ledger") for year in (2020, 2021)] == [1, 1]
    assert large[2021, "2"]["is_in_ledger"] is False, "a method without a planned end"
    assert _value(measures, 2020, "large_classes_planned_after_deadline") == 0, "the last day is in time"
    assert _value(measures, 2021, "large_classes_planned_after_deadline") == 1


def test_a_change_needs_a_whole_year_before(measures: Measures) -> None:
    first = measures["D", 2019, "primary", "classes_over_standard_change"]
    assert (first["value"], first["reason_code"]) == (None, "previous_year_missing")
    assert _value(measures, 2020, "classes_over_standard_change") == 2
    assert _value(measures, 2021, "classes_over_standard_change") == 0
    assert _value(measures, 2020, "entry_classes_over_standard") == 1
    assert _value(measures, 2021, "entry_classes_over_standard") == 0


def test_what_one_school_ends_does_not_make_good_what_another_adds(measures: Measures, query: Any) -> None:
    assert _value(measures, 2020, "classes_over_standard_change", "H") == 0, "summed over the district"
    assert _value(measures, 2020, "schools_with_more_large_classes", "H") == 1
    first = measures["H", 2019, "compulsory", "schools_with_more_large_classes"]
    assert (first["value"], first["reason_code"]) == (None, "previous_year_missing")
    assert _value(measures, 2020, "schools_with_more_large_classes") == 1
    assert _value(measures, 2021, "schools_with_more_large_classes") == 0, "two large classes as before"
    rows = query(
        "select school_code, school_large_classes_change from marts_build.mart_policy__large_classes "
        "where district_code = 'H' and school_year = 2020"
    )
    assert rows == [{"school_code": "B", "school_large_classes_change": 1}]


def test_a_school_that_told_nothing_last_year_did_not_have_no_large_class(built: None, query: Any) -> None:
    rows = query(
        "select school_year, school_code, school_large_classes_change as change "
        "from marts_build.mart_policy__large_classes where district_code = 'M' and class_number = '1'"
    )
    found = {(row["school_year"], row["school_code"]): row["change"] for row in rows}
    assert found == {(2020, "A"): None, (2021, "A"): 1, (2021, "B"): None, (2021, "C"): 2}


def test_what_a_grade_needs_is_counted_by_grade(large: Any) -> None:
    second = large[2020, "2"]
    assert (second["grade_students"], second["grade_classes"], second["grade_classes_needed"]) == (71, 2, 2)
    assert (second["is_solved_within_grade"], second["grade_free_seats"]) == (True, 20)
    first = large[2020, "1"]
    assert (first["grade_extra_rooms_needed"], first["grade_extra_seats_needed"]) == (1, 12)
    third = large[2021, "1"]
    assert (third["grade_students"], third["grade_classes_needed"], third["grade_extra_rooms_needed"]) == (
        113,
        3,
        1,
    )
    by_school = -(-(57 + 71) // 45) - 3
    assert by_school == 0, "pupils of two grades do not share a class: by school no room would be missing"


def test_a_class_is_followed_into_its_next_grade(large: Any) -> None:
    assert large[2020, "2"]["was_large_last_year"] is False
    assert large[2021, "2"]["was_large_last_year"] is True
    assert large[2021, "1"]["was_large_last_year"] is False, "class 1 of 2020 sat in another grade"


def test_bands_are_read_where_no_roster_is(measures: Measures, by_school: Any) -> None:
    row = measures["K", 2020, "primary", "classes_over_standard"]
    assert (row["value"], row["cases_reported"], row["cases_expected"]) == (3, 2, 4)
    assert _value(measures, 2020, "classes_56_and_over", "K") == 1, "the band from 46 is none from 56"
    assert [by_school[code]["source_code"] for code in "ABCD"] == [
        "class_roster",
        "class_size_band",
        "class_size_band",
        "none",
    ]


def test_a_roster_wins_over_the_bands_and_no_class_counts_twice(measures: Measures, by_school: Any) -> None:
    assert (by_school["A"]["classes"], by_school["A"]["classes_over_standard"]) == (2, 0)
    assert _value(measures, 2020, "classes", "K") == 2 + 4 + 1, "both sources of A would make 10"


def test_a_missing_band_and_an_unread_row_are_not_zero_classes(by_school: Any) -> None:
    reasons = {code: row["reason_code"] for code, row in by_school.items()}
    assert reasons == {"A": None, "B": None, "C": "class_bands_incomplete", "D": "row_set_aside"}
    large = {code: row["classes_over_standard"] for code, row in by_school.items()}
    assert large == {"A": 0, "B": 3, "C": None, "D": None}
    assert (by_school["C"]["classes"], by_school["C"]["entry_classes_over_standard"]) == (1, None)


def test_a_school_that_told_nothing_has_no_number_of_classes(built: None, query: Any) -> None:
    rows = query(
        "select * from intermediate.int_class_rosters where district_code = 'E' and school_code = 'B'"
    )
    counts = {name: value for name, value in rows[0].items() if "classes" in name}
    assert len(counts) == 7
    assert set(counts.values()) == {None}, "whoever reads the counts alone would take it for one without"


def test_a_class_that_a_roster_with_gaps_lacks_may_have_been_large(built: None, query: Any) -> None:
    rows = query(
        "select school_code, class_number, was_large_last_year from marts_build.mart_policy__large_classes "
        "where district_code = 'O'"
    )
    found = {(row["school_code"], row["class_number"]): row["was_large_last_year"] for row in rows}
    assert found == {("A", "1"): True, ("A", "2"): None, ("B", "1"): False}


def test_what_bands_cannot_tell_is_not_known(measures: Measures) -> None:
    for code in ("large_classes_in_ledger", "large_classes_without_ledger"):
        row = measures["K", 2020, "primary", code]
        assert (row["value"], row["reason_code"]) == (None, "class_ledger_unknown"), code
        assert _value(measures, 2020, code, "L") == 0, "where no class is large none needs the ledger"
    assert _value(measures, 2020, "entry_classes_over_standard", "K") == 1


def test_a_year_of_bands_is_compared_with_a_year_of_rosters(measures: Measures) -> None:
    assert _value(measures, 2021, "classes_over_standard_change", "L") == 1
    assert _value(measures, 2021, "schools_with_more_large_classes", "L") == 1


def test_the_roster_of_a_parent_holds_the_classes_of_its_campus(read_of: Any) -> None:
    assert read_of["A"] == ("class_roster", 3, 1, None), "the bands of the campus would make four classes"


def test_whole_bands_are_read_where_the_roster_is_not_whole(read_of: Any) -> None:
    assert read_of["C"] == ("class_size_band", 2, 1, None), "the roster lacks the large class"
    assert read_of["D"] == ("class_size_band", 1, 0, None), "a row of the roster was set aside"


def test_where_neither_is_whole_the_roster_stays_with_its_reason(read_of: Any) -> None:
    assert read_of["E"] == ("class_roster", 1, 0, "roster_incomplete"), "a band is missing"
    assert read_of["F"] == ("class_roster", 1, 0, "roster_incomplete"), "the campus has no bands"
    assert set(read_of) == set("ACDEF"), "campuses are counted with their parent"
