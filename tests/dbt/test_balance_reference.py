"""Raw rows in, marts out, held against the method written once more in plain Python, to 1e-9."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from balance_cases import Landing, add_random_district
from balance_reference import INDICATORS, Key, Reference, coefficient_of, gap_of, school_verdict

DISTRICTS = {"990101": 1, "990102": 2, "990103": 3}
MIN_GROUP_SCHOOLS = 3


@pytest.fixture(scope="module")
def landing() -> Landing:
    rows = Landing()
    for district, seed in DISTRICTS.items():
        add_random_district(rows, seed, district)
    return rows


@pytest.fixture(scope="module")
def reference(landing: Landing) -> Reference:
    return Reference(landing)


@pytest.fixture(scope="module")
def night(module_warehouse: str, landing: Landing, accepted_rows: Callable, build: Callable) -> None:
    for record in ("school", "enrolment", "staffing", "facilities"):
        accepted_rows(record, getattr(landing, record))
    build(["+path:models/marts/balance"])


def near(expected: Any) -> Any:
    return None if expected is None else pytest.approx(float(expected), rel=1e-9, abs=1e-9)


def _key(row: dict[str, Any]) -> Key:
    return Key(row["district_code"], row["school_year"], row["stage"], row["indicator_code"])


def test_the_made_districts_hold_what_is_hard(reference: Reference) -> None:
    cases = [coefficient_of(parts) for parts in reference.parts.values()]
    assert any(case.reported < case.schools for case in cases)
    assert any(part.amount == 0 for parts in reference.parts.values() for part in parts)
    assert {key.stage for key in reference.parts} == {"primary", "junior_secondary"}


def test_coefficients_agree_with_the_reference(night: None, query: Callable, reference: Reference) -> None:
    rows = query("select * from marts_build.mart_balance__coefficients where standard_code = 'national_2017'")
    found = {_key(row): row for row in rows}
    assert set(found) == set(reference.parts)
    for key, parts in reference.parts.items():
        expected = coefficient_of(parts, INDICATORS[key.indicator][2])
        row = found[key]
        assert (row["schools_in_scope"], row["schools_reported"]) == (expected.schools, expected.reported)
        assert (None if row["mean"] is None else float(row["mean"])) == near(expected.mean), key
        assert (None if row["coefficient"] is None else float(row["coefficient"])) == near(
            expected.coefficient
        ), key
        is_complete = expected.reported == expected.schools and expected.coefficient is not None
        assert (row["verdict"] == "no_data") is not is_complete, key


@pytest.mark.parametrize(
    ("dimension", "first", "second"), [("urban_rural", "urban", "rural"), ("sector", "public", "private")]
)
def test_group_gaps_agree_with_the_reference(
    night: None, query: Callable, reference: Reference, dimension: str, first: str, second: str
) -> None:
    rows = query(
        "select * from marts_build.mart_balance__group_gaps "
        "where standard_code = 'national_2017' and dimension_code = %s",
        [dimension],
    )
    found = {_key(row): row for row in rows}
    assert set(found) == set(reference.parts)
    shown = 0
    for key, parts in reference.parts.items():
        expected = gap_of(parts, dimension)
        row = found[key]
        is_shown = min(expected.sizes.get(group, 0) for group in (first, second)) >= MIN_GROUP_SCHOOLS
        shown += is_shown
        ratio = expected.ratio if is_shown else None
        assert (None if row["ratio"] is None else float(row["ratio"])) == near(ratio), key
        between = row["between_coefficient"]
        assert (None if between is None else float(between)) == near(expected.between), key
    assert shown > 0


def test_school_values_carry_numerator_and_denominator(night: None, query: Callable) -> None:
    rows = query(
        "select * from marts_build.mart_balance__school_indicators where standard_code <> 'descriptive'"
    )
    assert rows
    for row in rows:
        has_both = row["numerator"] is not None and row["denominator"] is not None
        assert (row["value"] is not None) == has_both
        assert (row["reason_code"] in (None, "no_limit")) == has_both
        if row["threshold"] is not None:
            expected = "no_data" if not has_both else "met" if row["value"] >= row["threshold"] else "not_met"
            assert row["verdict"] == expected


def test_building_again_gives_the_same_marts(night: None, query: Callable, build: Callable) -> None:
    digest = (
        "select md5(string_agg(t::text, '' order by t::text)) as digest "
        "from marts_build.mart_balance__{} as t"
    )
    marts = ("school_indicators", "coefficients", "group_means", "group_gaps", "school_scope")
    before = [query(digest.format(mart)) for mart in marts]
    build(["+path:models/marts/balance"])
    assert [query(digest.format(mart)) for mart in marts] == before


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [
        (["1"] * 7, "met"),
        (["1"] * 6 + ["0.85"], "met"),
        (["1"] * 6 + ["0.8499"], "not_met"),
        (["2"] * 5 + ["0.99"] * 2, "not_met"),
        (["1"] * 6, "no_data"),
    ],
)
def test_the_reference_passes_six_of_seven_with_the_last_at_its_floor(
    shares: list[str], verdict: str
) -> None:
    known: list[Fraction | None] = [Fraction(share) for share in shares]
    assert school_verdict([*known, *[None] * (7 - len(known))]) == verdict
