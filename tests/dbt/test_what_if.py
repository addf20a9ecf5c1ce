"""What a move would do, from the published marts: against fractions and the path, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import Any

import pytest
from balance_cases import Landing
from test_what_it_takes import BACKBONE, FOUR, Part, land_teachers, squared
from typer.testing import CliRunner, Result

from ingest import cli, exit_codes, questions, what_if

PLACE = ("--district", "four", "--year", "2022", "--stage", "小学", "--indicator", "R2")


@pytest.fixture(scope="module")
def published(
    module_warehouse: str, accepted_rows: Callable, build: Callable, publish_part: Callable
) -> None:
    landing = Landing()
    land_teachers(landing, "four", FOUR)
    # One school without staff figures: the district's coefficient is of those that reported.
    land_teachers(landing, "gap", FOUR[:3])
    landing.add_school("gap", "gap-silent")
    landing.add_students("gap", "gap-silent", "primary", 100)
    for record in ("school", "enrolment", "staffing"):
        accepted_rows(record, getattr(landing, record))
    build(["+mart_balance__path_to_limit", "+mart_balance__school_indicators"])
    publish_part()


def junheng(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["what-if", *map(str, arguments)], env={"COLUMNS": "200"})


def _after(changes: dict[str, int]) -> list[Part]:
    return [replace(p, amount=p.amount + changes.get(p.code, 0)) for p in FOUR]


def _answer(changes: dict[str, Decimal]) -> what_if.Answer:
    return what_if.answer(questions.place("four", 2022, "primary", BACKBONE), changes)


def test_a_move_before_and_after(published: None) -> None:
    found = _answer({"four-d": Decimal(-4), "four-a": Decimal(4)})
    before, after = squared(FOUR), squared(_after({"four-d": -4, "four-a": 4}))
    assert float(found.before.coefficient or 0) == pytest.approx(sqrt(before), abs=1e-15)
    assert float(found.after.coefficient or 0) == pytest.approx(sqrt(after), abs=1e-15)
    # Nobody comes or goes: the mean stays.
    assert found.before.mean == found.after.mean == Fraction(2400, 1010)
    # Counted alike, the schools would give another coefficient.
    alike = squared([replace(p, amount=p.ratio, students=1) for p in FOUR])
    assert abs(sqrt(alike) - float(found.before.coefficient or 0)) > 1e-3


def test_before_is_what_the_mart_says(published: None, query: Callable) -> None:
    [row] = query(
        "select coefficient from marts.mart_balance__coefficients where district_code = 'four' "
        f"and standard_code = 'national_2017' and stage = 'primary' and indicator_code = '{BACKBONE}'"
    )
    assert _answer({}).before.coefficient == row["coefficient"]


def test_a_rise_is_a_step_of_the_path(published: None, query: Callable) -> None:
    [step] = query(
        "select * from marts.mart_balance__path_to_limit where district_code = 'four' "
        f"and target_code = 'threshold' and indicator_code = '{BACKBONE}' and step = 1"
    )
    found = _answer({step["school_code"]: step["units_needed"]})
    assert found.after.coefficient == step["coefficient"]


def test_what_is_printed(published: None) -> None:
    result = junheng(*PLACE, "--from", "four-d", "--to", "four-a", "--move", 4)
    assert result.exit_code == exit_codes.DONE, result.output
    expected: list[Any] = ["1 → 5", "20 → 16", "0.40 → 2.00", "未达标 Not met → 达标 Met", "0.50"]
    expected += [f"{sqrt(squared(FOUR)):.3f}", f"{sqrt(squared(_after({'four-d': -4, 'four-a': 4}))):.3f}"]
    assert not [text for text in expected if text not in result.output]


def test_a_rise_is_printed(published: None) -> None:
    result = junheng(*PLACE, "--raise", "four-b", "--by", 1)
    assert (result.exit_code, "0 → 1" in result.output) == (exit_codes.DONE, True)


def test_a_district_that_lacks_a_school_is_not_called_met(published: None) -> None:
    place = [*PLACE]
    place[1] = "gap"
    result = junheng(*place, "--raise", "four-a", "--by", 30)
    assert "3/4" in result.output
    assert "缺数据 No data" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*PLACE, "--raise", "four-x", "--by", 1), "没有学校“four-x”；现有：four-a 样例学校four-a、four-b"),
        ((*PLACE, "--from", "four-a", "--to", "four-b", "--move", 2), "学校 four-a 只有 1，不能调出 2"),
        ((*PLACE, "--raise", "four-a", "--by", "0.5"), "teachers have at most 0 decimals, found 0.5"),
        (("--district", "nowhere", *PLACE[2:], "--raise", "four-a", "--by", 1), "现有：four"),
        ((*PLACE[:3], "1999", *PLACE[4:], "--raise", "four-a", "--by", 1), "没有年度“1999”；现有：2022"),
        ((*PLACE[:5], "大学", *PLACE[6:], "--raise", "four-a", "--by", 1), "没有学段“大学”"),
        ((*PLACE[:7], "R99", "--raise", "four-a", "--by", 1), "没有指标“R99”；现有：backbone_teachers"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_message(
    published: None, arguments: tuple[object, ...], words: str
) -> None:
    result = junheng(*arguments)
    assert result.exit_code == exit_codes.WRONG_USAGE
    assert words in result.output
    assert result.output.count("✗") == 1


def test_a_school_without_a_value_is_refused(published: None) -> None:
    place = [*PLACE]
    place[1] = "gap"
    result = junheng(*place, "--raise", "gap-silent", "--by", 1)
    assert result.exit_code == exit_codes.WRONG_USAGE
    assert "gap-silent 该指标无值（缺教职工数据）" in result.output


@pytest.mark.parametrize(
    "changes",
    [
        (),
        ("--from", "four-a", "--move", 1),
        ("--from", "four-a", "--to", "four-a", "--move", 1),
        ("--raise", "four-a"),
        ("--raise", "four-a", "--by", 1, "--move", 1),
        ("--raise", "four-a", "--by", -1),
        ("--raise", "four-a", "--by", "many"),
    ],
)
def test_neither_a_move_nor_a_rise_is_wrong_usage(changes: tuple[object, ...]) -> None:
    assert junheng(*PLACE, *changes).exit_code == exit_codes.WRONG_USAGE


def test_nothing_published_yet(warehouse: str) -> None:
    assert junheng(*PLACE, "--raise", "four-a", "--by", 1).exit_code == exit_codes.NOTHING_PUBLISHED
