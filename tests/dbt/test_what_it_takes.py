"""What it would take: shortfalls by hand, paths against every subset of schools, mistakes rejected."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from typing import Any

import pytest
from balance_cases import Landing

BACKBONE = "backbone_teachers_per_100_students"
EQUIPMENT = "teaching_equipment_yuan_per_student"
LIMIT = Fraction("0.50")
RANDOM_DISTRICTS = 60
# Schools of a random district; every subset of those below the target is tried.
RANDOM_SCHOOLS = 9


@dataclass(frozen=True)
class Part:
    """What one school gives to a coefficient."""

    code: str
    amount: Fraction
    students: int

    @property
    def ratio(self) -> Fraction:
        return self.amount / self.students


District = list[Part]


def squared(parts: Sequence[Part]) -> Fraction:
    """The weighted coefficient, squared: independent of the SQL, in fractions."""
    mean = Fraction(sum(p.amount for p in parts), sum(p.students for p in parts))
    spread = Fraction(sum(p.students * (p.ratio - mean) ** 2 for p in parts))
    return spread / sum(p.students for p in parts) / mean**2


def risen(parts: Sequence[Part], codes: Iterable[str], target: Fraction, step: Fraction) -> District:
    """The district after those schools have risen to the target, in whole steps; none is lowered."""
    chosen = set(codes)
    return [
        replace(p, amount=p.amount + ceil((target * p.students - p.amount) / step) * step)
        if p.code in chosen and p.ratio < target
        else p
        for p in parts
    ]


def smallest(parts: Sequence[Part], target: Fraction, step: Fraction) -> int | None:
    """Fewest schools whose rise brings the coefficient under the limit, by trying every subset."""
    below = [p.code for p in parts if p.ratio < target]
    for size in range(1, len(below) + 1):
        if any(squared(risen(parts, codes, target, step)) <= LIMIT**2 for codes in combinations(below, size)):
            return size
    return None


def _random_district(dice: random.Random, number: int) -> tuple[District, District]:
    """Backbone teachers and yuan of equipment of the same schools, both far from equal."""
    teachers, yuan = [], []
    for place in range(RANDOM_SCHOOLS):
        code, students = f"random-{number:02}-{place}", dice.randint(30, 1500)
        teachers.append(Part(code, Fraction(round(students * 3 * dice.random() ** 3 / 100)), students))
        cents = round(students * 100 * 6000 * dice.random() ** 3) + 1
        yuan.append(Part(code, Fraction(cents, 100), students))
    return teachers, yuan


def _random_districts() -> dict[str, tuple[District, District]]:
    dice = random.Random(20190063)
    return {f"random-{n:02}": _random_district(dice, n) for n in range(RANDOM_DISTRICTS)}


MADE = _random_districts()
# Two schools of backbone teachers at the threshold or above, two below; 1 per 100 pupils is the threshold.
FOUR = [
    Part("four-a", Fraction(1), 250),
    Part("four-b", Fraction(0), 60),
    Part("four-c", Fraction(3), 300),
    Part("four-d", Fraction(20), 400),
]

# Districts in which those who help most alone are not those who help most together.
TOGETHER = {
    "together-a": [(0, 43), (1, 67), (0, 99), (8, 1977), (0, 520), (3, 1148)],
    "together-b": [(3, 1518), (0, 1496), (0, 54), (3, 1660), (0, 97)],
    "together-c": [(8, 2744), (1, 401), (0, 93), (0, 76), (0, 245), (0, 404)],
}


def together(district: str) -> list[Part]:
    """Its schools: backbone teachers and pupils."""
    return [
        Part(f"{district}-{number}", Fraction(teachers), students)
        for number, (teachers, students) in enumerate(TOGETHER[district], start=1)
    ]


def land_teachers(
    landing: Landing, district: str, teachers: Sequence[Part], yuan: Sequence[Part] = ()
) -> None:
    amounts = {part.code: part.amount for part in yuan}
    for part in teachers:
        landing.add_school(district, part.code)
        landing.add_students(district, part.code, "primary", part.students)
        landing.add_staffing(district, part.code, "primary", backbone_teachers=int(part.amount))
        if part.code in amounts:
            cents = Decimal(int(amounts[part.code] * 100)).scaleb(-2)
            landing.add_facilities(district, part.code, teaching_equipment_yuan=cents)


def _landing() -> Landing:
    landing = Landing()
    land_teachers(landing, "four", FOUR)
    rich = [Part("rich-a", Fraction(2), 100), Part("rich-b", Fraction(40), 100)]
    land_teachers(landing, "rich", rich)
    for district, (teachers, yuan) in MADE.items():
        land_teachers(landing, district, teachers, yuan)
    for district in TOGETHER:
        land_teachers(landing, district, together(district))
    # 100 primary and 100 junior pupils share rooms 1 : 1.1; the primary stage has 2.1 * 100 / 210 of 2.1.
    landing.add_school("nine", "nine-1", "312")
    for stage in ("primary", "junior_secondary"):
        landing.add_students("nine", "nine-1", stage, 100)
    landing.add_facilities("nine", "nine-1", multimedia_classrooms=4, teaching_equipment_yuan="399999.99")
    return landing


@pytest.fixture(scope="module")
def night(module_warehouse: str, accepted_rows: Callable, build: Callable) -> None:
    landing = _landing()
    for record in ("school", "enrolment", "staffing", "facilities"):
        accepted_rows(record, getattr(landing, record))
    build(["+mart_balance__shortfalls", "+mart_balance__path_to_limit"])


@pytest.fixture(scope="module")
def shortfall(night: None, query: Callable) -> Callable[..., dict[str, Any]]:
    def find(school: str, indicator: str = BACKBONE, stage: str = "primary") -> dict[str, Any]:
        [row] = query(
            "select * from marts_build.mart_balance__shortfalls "
            "where school_code = %s and indicator_code = %s and stage = %s",
            [school, indicator, stage],
        )
        return row

    return find


@pytest.fixture(scope="module")
def path(night: None, query: Callable) -> Callable[..., list[dict[str, Any]]]:
    def find(district: str, target: str, indicator: str = BACKBONE) -> list[dict[str, Any]]:
        return query(
            "select * from marts_build.mart_balance__path_to_limit "
            "where district_code = %s and target_code = %s and indicator_code = %s order by step",
            [district, target, indicator],
        )

    return find


def test_teachers_are_whole(shortfall: Callable) -> None:
    row = shortfall("four-a")
    # 1 per 100 of 250 pupils is 2.5; the floor 2.125. Without rounding up 1.5 would do, rounded down 1.
    assert row["shortfall"] == Decimal("1.5")
    assert (row["units_needed"], row["units_needed_for_floor"], row["school_units_needed"]) == (2, 2, 2)
    assert row["threshold_share"] == Decimal("0.4")
    assert (row["unit_zh"], row["unit_en"]) == ("人", "teachers")
    assert floor(row["shortfall"]) != row["units_needed"] != row["shortfall"]


def test_a_school_at_its_threshold_lacks_nothing(night: None, query: Callable) -> None:
    rows = query("select school_code from marts_build.mart_balance__shortfalls where district_code = 'four'")
    assert {row["school_code"] for row in rows} == {"four-a", "four-b"}


def test_a_school_above_the_floor_needs_nothing_for_it(night: None, query: Callable) -> None:
    rows = query(
        "select * from marts_build.mart_balance__shortfalls "
        "where district_code like 'random%%' and value >= floor_value"
    )
    assert rows
    assert {row["units_needed_for_floor"] for row in rows} == {0}


def test_rooms_shared_by_two_stages_are_counted_for_the_whole_school(shortfall: Callable) -> None:
    row = shortfall("nine-1", "multimedia_classrooms_per_100_students")
    # Needs 2.3, has 4 * 100 / 210 = 1.904761…: 0.395… more, of 100 / 210 a room: 0.83 rooms, hence 1.
    assert float(row["shortfall"]) == pytest.approx(2.3 - 400 / 210)
    assert (row["units_needed"], row["school_units_needed"]) == (1, 1)
    assert float(row["school_share"]) == pytest.approx(100 / 210)
    money = shortfall("nine-1", EQUIPMENT)
    lacks = Fraction(200000) - Fraction("399999.99") * 100 / 210
    assert money["units_needed"] == Decimal(ceil(lacks * 100)).scaleb(-2)
    # 420000.00 are needed in the school; what the stage lacks would not do.
    assert money["school_units_needed"] == Decimal("20000.01")
    assert money["units_needed"] < money["school_units_needed"]


def test_the_steps_of_four_schools(path: Callable) -> None:
    rows = path("four", "threshold")
    one = risen(FOUR, ["four-a"], Fraction(1, 100), Fraction(1))
    both = risen(FOUR, ["four-a", "four-b"], Fraction(1, 100), Fraction(1))
    assert [row["school_code"] for row in rows] == [None, "four-a", "four-b"]
    assert [row["units_total"] for row in rows] == [0, 2, 3]
    for row, after in zip(rows, (FOUR, one, both), strict=True):
        assert float(row["coefficient"] ** 2) == pytest.approx(float(squared(after)), abs=1e-14)
        mean = Fraction(100 * sum(p.amount for p in after), sum(p.students for p in after))
        assert float(row["mean"]) == pytest.approx(float(mean), abs=1e-14)
    assert {(row["steps_needed"], row["reason_code"]) for row in rows} == {(None, "rises_not_enough")}
    assert not any(row["is_enough"] for row in rows)


def test_nobody_to_raise_is_said(path: Callable) -> None:
    [row] = path("rich", "threshold")
    assert (row["step"], row["school_code"], row["reason_code"]) == (0, None, "no_school_below_target")
    assert row["schools_below_target"] == 0
    # To the mean of 21 there is one to raise.
    assert [r["school_code"] for r in path("rich", "mean")] == [None, "rich-a"]


def _cases() -> Iterable[tuple[str, str, str, District, Fraction, Fraction]]:
    """District, indicator, target, schools, the target a pupil, and the smallest amount that can be added."""
    for district, made in MADE.items():
        for indicator, parts, threshold, step in (
            (BACKBONE, made[0], Fraction(1, 100), Fraction(1)),
            (EQUIPMENT, made[1], Fraction(2000), Fraction(1, 100)),
        ):
            if squared(parts) > LIMIT**2:
                mean = Fraction(sum(p.amount for p in parts), sum(p.students for p in parts))
                yield district, indicator, "threshold", parts, threshold, step
                yield district, indicator, "mean", parts, mean, step


def _assert_steps(rows: list[dict[str, Any]], parts: District, target: Fraction, step: Fraction) -> None:
    """Each step says what the fractions say, and the first within the limit is the last of the list."""
    codes: list[str] = []
    for row in rows:
        codes += [row["school_code"]] if row["school_code"] else []
        after = squared(risen(parts, codes, target, step))
        assert float(row["coefficient"] ** 2) == pytest.approx(float(after), abs=1e-12)
        assert row["is_enough"] == (after <= LIMIT**2)
        assert row["is_enough"] == (row["step"] == row["steps_needed"])
    assert not any(row["is_enough"] for row in rows[:-1])


def test_paths_are_as_short_as_any_set_of_schools(path: Callable) -> None:
    reached = shortest = 0
    for district, indicator, target_code, parts, target, step in _cases():
        rows = path(district, target_code, indicator)
        _assert_steps(rows, parts, target, step)
        best = smallest(parts, target, step)
        found = rows[-1]["steps_needed"]
        assert (found is None) == (best is None)
        reached += best is not None
        shortest += best is not None and found == best
    assert (reached, shortest) == (181, 181)


def one_after_the_other(parts: Sequence[Part], target: Fraction, step: Fraction) -> int | None:
    """A plausible mistake: whoever lowers the coefficient most by rising alone, until it is enough."""
    below = sorted(
        (p.code for p in parts if p.ratio < target),
        key=lambda code: squared(risen(parts, [code], target, step)),
    )
    sizes = range(1, len(below) + 1)
    return next((n for n in sizes if squared(risen(parts, below[:n], target, step)) <= LIMIT**2), None)


@pytest.mark.parametrize("district", TOGETHER)
def test_the_list_is_the_shortest_where_the_best_alone_are_not_the_best_together(
    path: Callable, district: str
) -> None:
    parts, target, step = together(district), Fraction(1, 100), Fraction(1)
    rows = path(district, "threshold")
    _assert_steps(rows, parts, target, step)
    best, mistaken = smallest(parts, target, step), one_after_the_other(parts, target, step)
    assert best is not None
    assert rows[-1]["steps_needed"] == len(rows) - 1 == best
    assert mistaken is not None
    assert best < mistaken
    assert rows[-1]["schools_below_target"] == len([p for p in parts if p.ratio < target])


def test_lowering_those_above_or_counting_schools_alike_gives_other_figures(path: Callable) -> None:
    lowered = [replace(p, amount=Fraction(p.students, 100)) if p.code == "four-d" else p for p in FOUR]
    alike = [replace(p, amount=p.ratio, students=1) for p in FOUR]
    start, *_, end = path("four", "threshold")
    assert float(start["coefficient"] ** 2) != pytest.approx(float(squared(alike)), abs=1e-3)
    levelled = risen(lowered, ["four-a", "four-b"], Fraction(1, 100), Fraction(1))
    assert float(end["coefficient"] ** 2) != pytest.approx(float(squared(levelled)), abs=1e-3)


def test_no_path_where_the_limit_is_kept(night: None, query: Callable) -> None:
    rows = query(
        "select 1 from marts_build.mart_balance__path_to_limit as paths "
        "inner join marts_build.mart_balance__coefficients as coefficients using "
        "(standard_code, district_code, school_year, stage, indicator_code) "
        "where coefficients.verdict <> 'not_met'"
    )
    assert not rows
