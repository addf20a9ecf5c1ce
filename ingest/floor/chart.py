"""A bar a year with the floor marked, of block characters: it reads without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BLOCKS = " ▏▎▍▌▋▊▉█"
FULL, MISSING, MARK = "█", "░", "┃"
PARTS = len(BLOCKS) - 1  # of a cell
FALLS = "▼"
MIN_WIDTH, MAX_WIDTH = 10, 60  # of a bar: more is not read better


@dataclass(frozen=True)
class Point:
    """What a year came to and what it had to reach; None where that is not known."""

    year: int
    amount: Decimal | None
    floor: Decimal | None

    @property
    def is_short(self) -> bool:
        """Whether the year is known to stay below its floor."""
        return self.amount is not None and self.floor is not None and self.amount < self.floor


def bar(amount: Decimal, floor: Decimal | None, top: Decimal, width: int) -> str:
    """``width`` cells from 0 to ``top``: the amount, what is missing up to the floor, and the floor."""
    parts = int(amount * width * PARTS / top) if top else 0
    whole, rest = divmod(min(parts, width * PARTS), PARTS)
    cells = [FULL] * whole + ([BLOCKS[rest]] if rest else [])
    cells += [" "] * (width - len(cells))
    if floor is None:
        return "".join(cells)
    mark = min(width - 1, int(floor * width / top)) if top else 0
    if amount < floor:
        cells[whole + bool(rest) : mark] = [MISSING] * max(0, mark - whole - bool(rest))
    cells[mark] = MARK
    return "".join(cells)


def against(point: Point) -> str:
    """How far the year is from its floor in percent, with a mark where it is below."""
    if point.amount is None or point.floor is None:
        return ""
    mark = f"{FALLS} " if point.is_short else "  "
    if not point.floor:
        return mark.rstrip()
    far = (point.amount - point.floor) * 100 / point.floor
    # One cent below the floor is below it, however little of a percent.
    text = "-0.0" if point.is_short and round(far, 1) == 0 else f"{far:+.1f}"
    return f"{mark}{text}%"


def chart(points: Sequence[Point], width: int) -> list[str]:
    """A line a year, and one for years between of which nothing is known; none where only one is known.

    Bars begin at zero: a bar that does not would make a small fall look large.
    """
    known = {point.year: point for point in points if point.amount is not None}
    if len(known) < 2:
        return []
    top = max(value for one in known.values() for value in (one.amount, one.floor) if value is not None)
    room = min(MAX_WIDTH, max(MIN_WIDTH, width - len("2022  ▼ -100.0%")))
    lines = []
    expected = min(known)
    for year, point in sorted(known.items()):
        if year > expected:
            lines.append(f"{expected if year == expected + 1 else f'{expected}–{year - 1}'} ·")
        if point.amount is not None:
            lines.append(f"{year} {bar(point.amount, point.floor, top, room)} {against(point)}".rstrip())
        expected = year + 1
    return lines
