"""Concessions of a standard: who may count more, only on a claim, only under its conditions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from balance_cases import Landing

DISTRICT = "concede"
RURAL = {"urban_rural_code": "220"}
R3 = "pe_arts_teachers_per_100_students"
R5 = "sports_area_m2_per_student"


def _add_rural(rows: Landing, code: str, students: int, shared: int | None = 1, **fields: Any) -> None:
    """A primary school in a village with one full-time PE teacher and ``shared`` who come by."""
    rows.add_school(DISTRICT, code, **{**RURAL, "is_rural_small": True, **fields})
    rows.add_students(DISTRICT, code, "primary", students)
    rows.add_staffing(DISTRICT, code, "primary", pe_arts_teachers=1, shared_pe_arts_teachers=shared)


def _add_dense(rows: Landing, code: str, **fields: Any) -> None:
    """A nine-year school with 100 + 100 pupils, 1,000 m2 of sports areas and 210 m2 on its roof."""
    rows.add_school(DISTRICT, code, "312", **{"is_dense_inner_city": True, **fields})
    for stage in ("primary", "junior_secondary"):
        rows.add_students(DISTRICT, code, stage, 100)
    rows.add_facilities(
        DISTRICT, code, sports_ground_area_m2=900, indoor_sports_area_m2=100, shared_sports_area_m2=210
    )


@pytest.fixture(scope="module")
def landing() -> Landing:
    rows = Landing()
    for students in (49, 50, 99, 100):
        _add_rural(rows, f"rural-{students}", students)
    _add_rural(rows, "unclaimed", 60, is_rural_small=None)
    _add_rural(rows, "denied", 60, is_rural_small=False)
    _add_rural(rows, "town", 60, urban_rural_code="121")
    _add_rural(rows, "unfilled", 60, shared=None)
    # With its campus it has 100 pupils: small only as long as nobody adds the campus.
    _add_rural(rows, "with-campus", 60)
    _add_rural(rows, "campus", 40, counts_as_school=False, parent_school_code="with-campus")
    _add_dense(rows, "dense")
    _add_dense(rows, "roomy", is_dense_inner_city=None)
    _add_dense(rows, "dense-town", urban_rural_code="121")
    _add_sizes(rows)
    return rows


def _add_sizes(rows: Landing) -> None:
    for code, built, migrants in (
        ("built-2010", 2010, 0),
        ("built-2011", 2011, 0),
        ("half", None, 50),
        ("over-half", None, 51),
        ("unsaid", None, None),
    ):
        rows.add_school("sizes", code, built_year=built)
        rows.add_students("sizes", code, "primary", 100, migrant_students=migrants)


@pytest.fixture(scope="module")
def night(module_warehouse: str, landing: Landing, accepted_rows: Callable, build: Callable) -> None:
    for record in ("school", "enrolment", "staffing", "facilities"):
        accepted_rows(record, getattr(landing, record))
    build(["+mart_balance__school_indicators"])


@pytest.fixture(scope="module")
def figures(night: None, query: Callable) -> Callable[..., dict[str, Any]]:
    def find(code: str, indicator: str, stage: str = "primary", standard: str = "national_2017") -> dict:
        [row] = query(
            "select * from marts_build.mart_balance__school_indicators where school_code = %s "
            "and indicator_code = %s and stage = %s and standard_code = %s",
            [code, indicator, stage, standard],
        )
        return row

    return find


@pytest.mark.parametrize("code", ["rural-50", "rural-99"])
def test_a_small_rural_school_counts_shared_teachers(figures: Callable, code: str) -> None:
    row = figures(code, R3)
    assert (row["numerator"], row["concession_code"], row["concession_amount"]) == (
        2,
        "r3_shared_teachers",
        1,
    )
    assert (row["verdict"], row["concession_en"]) == (
        "met",
        "Small rural schools count shared PE and arts teachers",
    )
    assert row["value"] == pytest.approx(Decimal(200) / row["denominator"], rel=Decimal("1e-12"))


@pytest.mark.parametrize(
    "code",
    ["rural-49", "rural-100", "unclaimed", "denied", "town", "unfilled", "with-campus"],
)
def test_nobody_else_counts_them(figures: Callable, code: str) -> None:
    row = figures(code, R3)
    assert (row["concession_code"], row["concession_zh"], row["concession_amount"]) == (None, None, None)
    assert row["numerator"] == (2 if code == "with-campus" else 1)


def test_a_dense_school_counts_its_roof_by_stage(figures: Callable) -> None:
    primary, junior = figures("dense", R5), figures("dense", R5, "junior_secondary")
    assert float(primary["numerator"]) == pytest.approx(1210 / 2.1, rel=1e-12)
    assert float(junior["numerator"]) == pytest.approx(1210 * 1.1 / 2.1, rel=1e-12)
    assert float(primary["concession_amount"]) == pytest.approx(100, rel=1e-12)
    assert primary["concession_code"] == "r5_shared_sports_area"


@pytest.mark.parametrize("code", ["roomy", "dense-town"])
def test_a_roof_without_the_concession_is_no_sports_ground(figures: Callable, code: str) -> None:
    row = figures(code, R5)
    assert float(row["numerator"]) == pytest.approx(1000 / 2.1, rel=1e-12)
    assert row["concession_code"] is None


def test_the_older_standard_concedes_nothing(figures: Callable) -> None:
    row = figures("dense", R5, standard="national_2012")
    assert float(row["numerator"]) == pytest.approx(1000 / 2.1, rel=1e-12)
    assert row["concession_code"] is None


def test_limits_of_size_and_rooms_are_widened_for_whom_they_may(night: None, query: Callable) -> None:
    rows = query(
        "select school_code, subject, threshold from intermediate.int_school_concessions "
        "where district_code = 'sizes' and item_code = 'G4'"
    )
    found = {(row["school_code"], row["subject"], row["threshold"]) for row in rows}
    expected = {
        (code, subject, limit)
        for code in ("built-2010", "over-half")
        for subject, limit in (("one_stage", 2400), ("several_stages", 3000))
    }
    assert found == expected
    rooms = query(
        "select school_code, subject, threshold from intermediate.int_school_concessions "
        "where district_code = 'sizes' and item_code = 'G3'"
    )
    assert {(r["school_code"], r["subject"], r["threshold"]) for r in rooms} == {
        (code, subject, area)
        for code in ("built-2010", "built-2011")
        for subject, area in (("music_room", 73), ("art_room", 67))
    }


def test_the_condition_on_classes_is_handed_on(night: None, query: Callable) -> None:
    rows = query(
        "select subject, stage, threshold, largest_class_below from intermediate.int_school_concessions "
        "where school_code = 'rural-50' and item_code = 'G3'"
    )
    assert {(r["subject"], r["stage"], r["threshold"], r["largest_class_below"]) for r in rows} == {
        (subject, stage, area, 30)
        for subject in ("music_room", "art_room")
        for stage, area in (("primary", 54), ("junior_secondary", 61))
    }
