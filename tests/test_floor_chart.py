"""The chart of the spending floor and its amounts: lengths that can be counted, digits that are not lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rich.cells import cell_len

from ingest import money
from ingest.floor.chart import FALLS, MARK, MISSING, Point, against, bar, chart

TEN = Decimal(10)


@pytest.mark.parametrize(
    ("amount", "floor", "drawn"),
    [
        ("10", None, "██████████"),
        ("5", None, "█████     "),
        ("5.5", None, "█████▌    "),
        ("0", None, "          "),
        ("10", "5", "█████┃████"),
        ("5", "8", "█████░░░┃ "),
        ("5.5", "8", "█████▌░░┃ "),
        ("9.99", "10", "█████████┃"),
        ("0", "10", "░░░░░░░░░┃"),
        ("10", "0", "┃█████████"),
    ],
)
def test_a_bar_shows_the_amount_the_floor_and_what_is_missing(
    amount: str, floor: str | None, drawn: str
) -> None:
    assert bar(Decimal(amount), None if floor is None else Decimal(floor), TEN, 10) == drawn
    assert cell_len(drawn) == 10


def test_bars_begin_at_zero_so_that_a_small_fall_looks_small() -> None:
    lines = chart([Point(2020, Decimal(100), None), Point(2021, Decimal(90), Decimal(100))], 60)
    room = lines[0].count("█")
    cut_axis = 0  # what a bar would be whose axis began at the smallest amount
    assert lines[1].count("█") == room * 9 // 10 != cut_axis
    assert MISSING in lines[1]
    assert lines[1].endswith(f"{FALLS} -10.0%")


def test_a_year_of_which_nothing_is_known_is_a_gap_and_no_zero() -> None:
    lines = chart(
        [
            Point(2017, Decimal(90), None),
            Point(2018, None, Decimal(90)),
            Point(2020, Decimal(95), Decimal(90)),
        ],
        60,
    )
    assert [line[:6] for line in lines] == ["2017 █", "2018–2", "2020 █"]
    assert lines[1] == "2018–2019 ·"
    assert chart([Point(2017, TEN, None), Point(2019, TEN, TEN)], 60)[1] == "2018 ·"


def test_one_year_makes_no_chart() -> None:
    assert chart([Point(2020, TEN, TEN)], 60) == []
    assert chart([Point(2020, TEN, TEN), Point(2021, None, TEN)], 60) == []


@pytest.mark.parametrize("width", [30, 76, 200])
def test_every_line_has_room(width: int) -> None:
    points = [Point(2020, Decimal("0.01"), None), Point(2021, Decimal(0), Decimal("0.01"))]
    lines = chart(points, width)
    assert max(cell_len(line) for line in lines) <= width
    assert all(MARK in line for line in lines[1:])


def test_a_cent_below_the_floor_is_marked() -> None:
    floor = Decimal("1000000000.00")
    assert against(Point(2021, floor - Decimal("0.01"), floor)) == f"{FALLS} -0.0%"
    assert against(Point(2021, floor, floor)) == "  +0.0%"
    assert against(Point(2021, floor, None)) == ""
    assert against(Point(2021, TEN, Decimal(0))) == ""


@pytest.mark.parametrize(
    ("largest", "basis", "zh", "shown"),
    [
        ("999999.99", "total", "元", "999,999.99"),
        ("1000000", "total", "万元", "100.00"),
        ("9999999999", "total", "万元", "1,000,000.00"),
        ("3925696000000", "total", "亿元", "39,256.96"),
        ("18151.98", "per_student", "元/生", "18,151.98"),
    ],
)
def test_the_unit_fits_the_largest_amount(largest: str, basis: str, zh: str, shown: str) -> None:
    unit = money.unit_of([None, Decimal(1), Decimal(largest)], "CNY", basis)
    assert (unit.zh, unit.show(Decimal(largest))) == (zh, shown)


def test_what_is_too_small_for_the_unit_is_not_shown_as_nothing() -> None:
    unit = money.unit_of([Decimal("1000000000")], "CNY", "total")
    assert [unit.show(value) for value in (None, Decimal(0), Decimal("0.01"), Decimal("-0.01"))] == [
        "–",
        "0",
        "<0.01",
        ">-0.01",
    ]
    assert money.change(Decimal("0.00"), Decimal("-0.01")) == "-0.00"
    assert money.change(Decimal("0.00"), Decimal(0)) == "+0.00"
    assert money.change(None, Decimal(1)) == "–"


def test_exact_amounts_keep_every_digit() -> None:
    unit = money.unit_of([Decimal("3925696000000.00")], "CNY", "total", is_exact=True)
    assert unit.name("both") == "元 yuan"
    assert [unit.show(Decimal(text)) for text in ("3925696000000.00", "999999999.99", "0.10", "-100")] == [
        "3,925,696,000,000",
        "999,999,999.99",
        "0.1",
        "-100",
    ]


def test_another_currency_keeps_its_code() -> None:
    unit = money.unit_of([Decimal("25000000")], "USD", "per_student")
    assert (unit.zh, unit.en) == ("万 USD/生", "ten thousand USD per pupil")
