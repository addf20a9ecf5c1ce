"""A thousand districts and properties that hold whatever the figures, through one build of the warehouse.

The reference is plain Python with fractions, written apart from the SQL; agreement is to 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from balance_cases import Landing
from balance_districts import PATTERNS, District, add_district, any_district
from balance_reference import (
    DIMENSIONS,
    INDICATORS,
    PAIRS,
    Key,
    Part,
    Reference,
    coefficient_of,
    coefficient_verdict,
    gap_of,
    gini_of,
    mcloone_of,
    mean_of,
    median_of,
    range_ratio_of,
    reported,
    same_schools,
    shrunk,
    squared,
    theil_of,
)
from seeded import drawn

DISTRICTS = 1000
VARIED = 40  # districts that also stand in other guises
EXACT = Fraction(1, 10**28)  # what forty decimals and a few sums leave
MEASURES = ("range_ratio", "theil", "gini", "median", "mcloone")


def name(kind: str, number: int) -> str:
    return f"{kind}-{number:04}"


@pytest.fixture(scope="module")
def thousand() -> list[District]:
    return drawn(DISTRICTS, any_district)


@pytest.fixture(scope="module")
def varied() -> list[District]:
    """Primary schools alone, all of this year and with pupils, so that a school can be added at the mean."""
    found = []
    for district in drawn(VARIED, partial(any_district, kinds=("211",), most=5)):
        schools = tuple(
            replace(school, figures={2022: next(iter(school.figures.values()))})
            for school in district.schools
        )
        if all(sum(school.figures[2022].students) > 1 for school in schools):
            found.append(replace(district, schools=schools))
    assert len(found) > VARIED / 2
    return found


@pytest.fixture(scope="module")
def landing(thousand: list[District], varied: list[District]) -> Landing:
    rows = Landing()
    for number, district in enumerate(thousand):
        add_district(rows, name("drawn", number), district)
    for number, district in enumerate(varied):
        add_district(rows, name("plain", number), district)
        add_district(rows, name("scaled", number), district, scale=1000)
        _add_backwards(rows, name("backwards", number), district)
        add_district(rows, name("mean", number), district)
        _add_school_at_the_mean(rows, name("mean", number))
        add_district(rows, name("campus", number), district)
        _make_a_campus(rows, name("campus", number))
    _add_exact(rows, "tiny", [(100, "10000000000.00"), (200, "20000000000.02"), (300, "30000000000.00")])
    _add_exact(rows, "constant", [(30, "3.0"), (7, "0.7"), (1, "0.1"), (900, "90.0")])
    return rows


def _add_backwards(rows: Landing, code: str, district: District) -> None:
    """The rows in the opposite order; codes of schools change places with them."""
    add_district(rows, code, replace(district, schools=district.schools[::-1]))


def _of(rows: list[dict[str, Any]], district: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["district_code"] == district]


def _total(rows: list[dict[str, Any]], field: str) -> Any:
    values = [row.get(field) for row in rows]
    return None if None in values else sum(values)


def _add_school_at_the_mean(rows: Landing, district: str) -> None:
    """A school as large as the district, with what the district has: its value is the mean."""
    register = _of(rows.school, district)[0]
    code = f"{district}-mean"
    staffing, facilities = _of(rows.staffing, district), _of(rows.facilities, district)
    pupils = _total(_of(rows.enrolment, district), "students")
    rows.school.append({**register, "school_code": code})
    rows.add_students(district, code, "primary", pupils or 0)
    fields = [field for field in (staffing or [{}])[0] if field.endswith("_teachers")]
    rows.add_staffing(district, code, "primary", **{field: _total(staffing, field) for field in fields})
    fields = [field for field in (facilities or [{}])[0] if "_" in field and field not in register]
    rows.add_facilities(district, code, **{field: _total(facilities, field) for field in fields})


def _make_a_campus(rows: Landing, district: str) -> None:
    """The first school hands a pupil and a part of all it has to a campus that is no school of its own."""
    code = f"{district}-1"
    campus = f"{code}-campus"
    [register] = [row for row in rows.school if row["school_code"] == code]
    rows.school.append(
        {**register, "school_code": campus, "counts_as_school": False, "parent_school_code": code}
    )
    for records in (rows.enrolment, rows.staffing, rows.facilities):
        for row in [row for row in records if row["school_code"] == code]:
            moved = {field: _part(value) for field, value in row.items() if field not in register}
            records.append({**row, "school_code": campus, **moved})
            row.update({field: row[field] - value for field, value in moved.items() if _is_amount(value)})


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | Decimal)


def _part(value: Any) -> Any:
    return value // 3 if _is_amount(value) else value


def _add_exact(rows: Landing, district: str, schools: list[tuple[int, str]]) -> None:
    for number, (pupils, yuan) in enumerate(schools, start=1):
        code = f"{district}-{number}"
        rows.add_school(district, code, urban_rural_code="111" if number < 3 else "220")
        rows.add_students(district, code, "primary", pupils)
        rows.add_facilities(district, code, teaching_equipment_yuan=Decimal(yuan))


@pytest.fixture(scope="module")
def reference(landing: Landing) -> Reference:
    only = ("drawn", "plain", "tiny", "constant")
    mine = Landing(
        **{
            record: [row for row in rows if row["district_code"].split("-")[0] in only]
            for record, rows in vars(landing).items()
        }
    )
    return Reference(mine)


@pytest.fixture(scope="module")
def night(module_warehouse: str, landing: Landing, accepted_rows: Callable, build: Callable) -> None:
    for record, rows in vars(landing).items():
        accepted_rows(record, rows)
    build(
        [
            "+mart_balance__coefficients",
            "+mart_balance__coefficient_changes",
            "+mart_balance__school_contributions",
            "+mart_balance__inequality",
            "+mart_balance__group_gaps",
            "+int_policy_measures_groups",
            "+int_school_verdicts",
        ]
    )


@pytest.fixture(scope="module")
def read(night: None, query: Callable) -> Callable[..., dict[Any, dict[str, Any]]]:
    """Rows of national_2017 by district, year, stage, indicator and more."""

    def rows(table: str, *more: str, where: str = "true") -> dict[Any, dict[str, Any]]:
        found = query(f"select * from {table} where standard_code = 'national_2017' and {where}")
        key = ("district_code", "school_year", "stage", "indicator_code")
        return {
            (Key(*(row[name] for name in key)), *(row[name] for name in more))
            if more
            else Key(*(row[name] for name in key)): row
            for row in found
        }

    return rows


def agrees(found: Any, expected: Fraction | Decimal | None) -> bool:
    """To 1e-9 of the figure or of 1, whichever is more; missing where it must be."""
    if found is None or expected is None:
        return found is None and expected is None
    value = float(expected)
    return abs(float(found) - value) <= 1e-9 * max(1.0, abs(value))


def test_the_drawn_districts_hold_what_is_hard(thousand: list[District], reference: Reference) -> None:
    assert len({repr(district) for district in thousand}) == DISTRICTS
    assert {district.pattern for district in thousand} == set(PATTERNS)
    cases = [(reported(parts), parts) for parts in reference.parts.values()]
    assert any(len(parts) == 1 for _, parts in cases)
    assert any(len(found) < len(parts) for found, parts in cases)
    assert any(found and all(part.amount == 0 for part in found) for found, _ in cases)
    assert any(len(found) > 2 and len({part.value for part in found}) == 1 for found, _ in cases)
    assert any(2 < len({part.value for part in found}) < len(found) for found, _ in cases)
    assert any(
        not sum(school.figures[2022].students)
        for d in thousand
        for school in d.schools[-1:]
        if 2022 in school.figures
    )
    assert any(
        len(school.figures) == 1
        for d in thousand
        for school in d.schools
        if any(len(other.figures) == 2 for other in d.schools)
    )


def test_coefficients_means_and_verdicts_agree(read: Callable, reference: Reference) -> None:
    rows = read("marts_build.mart_balance__coefficients")
    assert reference.parts.keys() <= rows.keys()
    verdicts = set()
    for key, parts in reference.parts.items():
        row, expected = rows[key], coefficient_of(parts, INDICATORS[key.indicator][2])
        assert (row["schools_in_scope"], row["schools_reported"]) == (expected.schools, expected.reported), (
            key
        )
        assert agrees(row["mean"], expected.mean), key
        assert agrees(row["coefficient"], expected.coefficient), key
        assert row["verdict"] == coefficient_verdict(key, parts), key
        verdicts.add(row["verdict"])
    assert verdicts == {"met", "not_met", "no_data"}


def test_contributions_agree_and_sum_to_one(night: None, query: Callable, reference: Reference) -> None:
    rows = query(
        "select * from marts_build.mart_balance__school_contributions where standard_code = 'national_2017'"
    )
    found: dict[Key, dict[str, dict[str, Any]]] = {}
    for row in rows:
        key = Key(row["district_code"], row["school_year"], row["stage"], row["indicator_code"])
        found.setdefault(key, {})[row["school_code"]] = row
    shared = 0
    for key, parts in reference.parts.items():
        known = reported(parts)
        whole = squared(known) if known else None
        assert found[key].keys() == {part.school for part in parts}, key
        total = sum(part.students for part in known)
        for part in parts:
            row, is_known = found[key][part.school], part.is_reported
            assert agrees(row["weight_share"], Fraction(part.students, total) if is_known else None), key
            share = None
            if is_known and whole:
                mean = mean_of(known)
                share = Fraction(part.students, total) * (part.value / mean - 1) ** 2 / whole
            assert agrees(row["squared_share"], share), (key, part.school)
        if whole:
            assert agrees(sum(row["squared_share"] or 0 for row in found[key].values()), Fraction(1)), key
            shared += 1
        if known:
            assert agrees(sum(row["weight_share"] or 0 for row in found[key].values()), Fraction(1)), key
    assert shared > DISTRICTS


def test_changes_from_year_to_year_agree(read: Callable, reference: Reference) -> None:
    rows = read("marts_build.mart_balance__coefficient_changes")
    answers = set()
    for key, parts in reference.parts.items():
        earlier = reference.parts.get(key._replace(year=key.year - 1), [])
        for change, is_shrunk, now, then in (
            ("change", "is_shrunk", parts, earlier),
            ("same_schools_change", "is_shrunk_same_schools", *same_schools(parts, earlier)),
        ):
            expected = _change(now, then)
            assert agrees(rows[key][change], expected), (key, change)
            assert (rows[key][is_shrunk] is None) == (expected is None), (key, change)
            if expected is not None and abs(expected) > Decimal("1e-12"):
                assert rows[key][is_shrunk] is (expected < 0), (key, change)
            answers.add((change, rows[key][is_shrunk]))
    assert len(answers) == 6


def _change(now: list[Part], then: list[Part]) -> Decimal | None:
    """Between two years in which every school has a figure; None otherwise."""
    if not now or not then or len(reported(now)) < len(now) or len(reported(then)) < len(then):
        return None
    after, before = coefficient_of(now).coefficient, coefficient_of(then).coefficient
    return None if after is None or before is None else after - before


def test_schools_that_pass_agree(night: None, query: Callable, reference: Reference) -> None:
    rows = query("select * from intermediate.int_school_verdicts where standard_code = 'national_2017'")
    found = {
        (row["district_code"], row["school_year"], row["stage"], row["school_code"]): row["verdict"]
        for row in rows
    }
    expected = reference.school_verdicts()
    assert expected.items() <= found.items()
    # Not one of the three is rare: a rule that is off by one indicator or by the floor would be seen.
    for verdict in ("met", "not_met", "no_data"):
        assert sum(answer == verdict for answer in expected.values()) > VARIED, verdict


def test_other_measures_agree(read: Callable, reference: Reference) -> None:
    rows = read("marts_build.mart_balance__inequality")
    for key, parts in reference.parts.items():
        found, scale = reported(parts), INDICATORS[key.indicator][2]
        expected: dict[str, Any] = dict.fromkeys(MEASURES)
        if len(found) > 1:
            expected = {
                "range_ratio": range_ratio_of([part.value for part in found]),
                "theil": theil_of(found),
                "gini": gini_of(found),
                "median": median_of(found) * scale,
                "mcloone": mcloone_of(found),
            }
        for measure, value in expected.items():
            assert agrees(rows[key][measure], value), (key, measure)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_groups_and_both_decompositions_agree(read: Callable, reference: Reference, dimension: str) -> None:
    where = f"dimension_code = '{dimension}'"
    gaps = read("intermediate.int_group_gaps", where=where)
    groups = read("intermediate.int_group_means", "group_code", where=where)
    compared = 0
    for key, parts in reference.parts.items():
        gap, scale = gap_of(parts, dimension), INDICATORS[key.indicator][2]
        if not gap.sizes:
            assert key not in gaps
            continue
        row = gaps[key]
        for column, expected in {
            "ratio": gap.ratio,
            "range_ratio": gap.range_ratio,
            "between_coefficient": gap.between,
            "between_squared": gap.between_squared,
            "within_squared": gap.within_squared,
            "theil_between": gap.theil_between,
            "theil_within": gap.theil_within,
        }.items():
            assert agrees(row[column], expected), (key, column)
        for group, size in gap.sizes.items():
            found = groups[key, group]
            mean = gap.means.get(group)
            assert found["schools_reported"] == size, (key, group)
            assert agrees(found["mean"], None if mean is None else mean * scale), (key, group)
        compared += len(gap.means) > 1
    assert compared > DISTRICTS


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_gaps_that_have_shrunk_agree(read: Callable, reference: Reference, dimension: str) -> None:
    rows = read("intermediate.int_group_gap_changes", where=f"dimension_code = '{dimension}'")
    answers = set()
    for key, parts in reference.parts.items():
        if key not in rows:
            continue
        earlier = reference.parts.get(key._replace(year=key.year - 1), [])
        expected = shrunk(parts, earlier, dimension)
        same = shrunk(*same_schools(parts, earlier), dimension)
        assert rows[key]["is_shrunk"] is expected, key
        assert rows[key]["is_shrunk_same_schools"] is same, key
        answers.add((expected, same))
    # All schools and the schools of both years do not always say the same.
    assert {True, False, None} == {answer for answer, _ in answers}
    assert {(True, False), (False, True)} & answers


def test_weights_of_groups_sum_to_one(night: None, query: Callable) -> None:
    rows = query(
        "select sum(means.denominator_total) as parts, max(whole.denominator_total) as whole "
        "from intermediate.int_group_means as means "
        "inner join warehouse.group_dimension using (dimension_code) "
        "inner join intermediate.int_coefficients as whole "
        "using (standard_code, district_code, school_year, stage, indicator_code) where is_partition "
        "group by standard_code, district_code, school_year, stage, indicator_code, dimension_code"
    )
    assert len(rows) > DISTRICTS
    assert all(row["parts"] == row["whole"] for row in rows)


def test_between_and_within_make_the_whole(read: Callable, reference: Reference) -> None:
    wholes = read("intermediate.int_coefficients")
    theils = read("intermediate.int_inequality", where="dimension_code = 'whole'")
    found = 0
    for (key, dimension), gap in read("intermediate.int_group_gaps", "dimension_code").items():
        if dimension in ("school_zone", "education_group") or wholes[key]["coefficient"] is None:
            continue
        squared = Fraction(wholes[key]["coefficient"]) ** 2
        parts = Fraction(gap["between_squared"]) + Fraction(gap["within_squared"])
        assert abs(parts - squared) < EXACT, (key, dimension)
        theil = Fraction(gap["theil_between"]) + Fraction(gap["theil_within"])
        assert abs(theil - Fraction(theils[key]["theil"])) < EXACT, (key, dimension)
        found += gap["between_squared"] > 0 and gap["within_squared"] > 0
    assert found > DISTRICTS


@pytest.fixture(scope="module")
def guises(read: Callable, varied: list[District]) -> Callable[[str], list[tuple[dict, dict, dict]]]:
    """Pairs of rows: a district as it is and in another guise, with the other measures of both joined on."""
    coefficients = read("intermediate.int_coefficients")
    others = read("intermediate.int_inequality", where="dimension_code = 'whole'")
    gaps = read("intermediate.int_group_gaps", where="dimension_code = 'urban_rural'")
    whole = {key: {**gaps.get(key, {}), **others.get(key, {}), **row} for key, row in coefficients.items()}

    def find(guise: str) -> list[tuple[dict, dict, dict]]:
        return [
            (row, whole[key._replace(district=key.district.replace("plain", guise))], {"key": key})
            for key, row in whole.items()
            if key.district.startswith("plain-")
        ]

    return find


RELATIVE = (
    "coefficient",
    "range_ratio",
    "theil",
    "gini",
    "mcloone",
    "ratio",
    "between_squared",
    "theil_within",
)


def test_another_unit_changes_nothing(guises: Callable) -> None:
    compared = 0
    for row, scaled, place in guises("scaled"):
        # Counts are rounded to whole persons and rooms: a thousand times as many are not a thousandfold.
        if place["key"].indicator.endswith("per_100_students"):
            continue
        for measure in RELATIVE:
            found, expected = scaled.get(measure), row.get(measure)
            assert (found is None) == (expected is None), (place, measure)
            assert found is None or abs(Fraction(found) - Fraction(expected)) < EXACT, (place, measure)
            compared += found is not None
    assert compared > VARIED


def test_the_order_of_rows_changes_nothing(guises: Callable) -> None:
    for row, backwards, place in guises("backwards"):
        for measure in (*RELATIVE, "mean", "median", "spread"):
            assert backwards.get(measure) == row.get(measure), (place, measure)


def test_a_school_at_the_mean_lowers_the_coefficient(guises: Callable) -> None:
    lowered = 0
    for row, with_mean, place in guises("mean"):
        if row["schools_reported"] < row["schools_in_scope"] or row["coefficient"] is None:
            continue
        assert with_mean["schools_in_scope"] == row["schools_in_scope"] + 1
        assert abs(Fraction(with_mean["mean"]) - Fraction(row["mean"])) < EXACT, place
        if row["coefficient"]:
            # Twice the pupils, the same deviations: half of the variance.
            assert with_mean["coefficient"] < row["coefficient"], place
            assert float(2 * with_mean["coefficient"] ** 2) == pytest.approx(float(row["coefficient"] ** 2))
            lowered += 1
        else:
            assert with_mean["coefficient"] == 0, place
    assert lowered > VARIED


def test_a_campus_merged_with_its_school_changes_nothing(guises: Callable, query: Callable) -> None:
    for row, merged, place in guises("campus"):
        for measure in (*RELATIVE, "mean", "median", "schools_in_scope", "students"):
            assert merged.get(measure) == row.get(measure), (place, measure)
    # Only the register knows of one more.
    [count] = query(
        "select count(*) filter (where district_code like 'campus-%') as campuses, "
        "count(*) filter (where district_code like 'plain-%') as plain, "
        "count(distinct district_code) filter (where district_code like 'plain-%') as districts "
        "from warehouse.dim_school"
    )
    assert count["campuses"] == count["plain"] + count["districts"]


EQUIPMENT = "teaching_equipment_yuan_per_student"


def test_a_spread_of_a_ten_thousandth_in_a_hundred_million_survives(
    read: Callable, reference: Reference
) -> None:
    key = Key("tiny", 2022, "primary", EQUIPMENT)
    parts: list[Part] = reference.parts[key]
    row = read("intermediate.int_coefficients", where="district_code = 'tiny'")[key]
    assert row["coefficient"] == pytest.approx(coefficient_of(parts).coefficient, rel=Decimal("1e-15"), abs=0)
    other = read("intermediate.int_inequality", where="district_code = 'tiny' and dimension_code = 'whole'")[
        key
    ]
    # Thirty decimals are kept of it.
    assert other["theil"] == pytest.approx(theil_of(parts), rel=0, abs=Decimal("1e-30"))
    assert float(other["gini"]) == pytest.approx(float(gini_of(parts)), rel=1e-12, abs=0)
    in_floats = [float(part.amount) / part.students for part in parts]
    weights = [part.students / 600 for part in parts]
    mean = sum(w * x for w, x in zip(weights, in_floats, strict=True))
    one_pass = sum(w * x * x for w, x in zip(weights, in_floats, strict=True)) - mean * mean
    assert max(one_pass, 0) ** 0.5 / mean != pytest.approx(float(row["coefficient"]), rel=0.01, abs=0)


def test_constants_leave_exactly_nothing(read: Callable) -> None:
    key = Key("constant", 2022, "primary", EQUIPMENT)
    row = read("intermediate.int_coefficients", where="district_code = 'constant'")[key]
    where = "district_code = 'constant' and dimension_code"
    other = read("intermediate.int_inequality", where=f"{where} = 'whole'")[key]
    gap = read("intermediate.int_group_gaps", where=f"{where} = 'urban_rural'")[key]
    assert (row["coefficient"], other["theil"], other["gini"]) == (0, 0, 0)
    assert (other["mcloone"], other["range_ratio"], gap["ratio"]) == (1, 1, 1)
    assert (gap["between_squared"], gap["theil_between"], gap["theil_within"]) == (0, 0, 0)


@pytest.mark.parametrize("dimension", sorted(PAIRS))
def test_counts_of_shrunk_gaps_agree(night: None, query: Callable, read: Callable, dimension: str) -> None:
    rows = query(
        "select district_code, year, stage, measure_code, value from intermediate.int_policy_measures_groups "
        "where standard_code = 'national_2017' and measure_code = %s",
        [f"gaps_shrunk/{dimension}"],
    )
    found = {(row["district_code"], row["year"], row["stage"]): row["value"] for row in rows}
    changes = read("intermediate.int_group_gap_changes", where=f"dimension_code = '{dimension}'")
    expected: dict[tuple[str, int, str], list[bool | None]] = {}
    for key, row in changes.items():
        for stage in (key.stage, "compulsory"):
            expected.setdefault((key.district, key.year, stage), []).append(row["is_shrunk"])
    assert found.keys() == expected.keys()
    for place, answers in expected.items():
        compared = [answer for answer in answers if answer is not None]
        assert found[place] == (sum(compared) if compared else None), place
