"""The form on the training of full-time teachers (442) as the made schools fill it in."""

from __future__ import annotations

from typing import Any

from ingest.sample.forms import Line
from ingest.sample.report import JUNIOR, PRIMARY, SENIOR, SchoolReport, Training

NOT_APPLICABLE = "*"
_COUNTED = ("专任教师（人次）", "培训时间（学时）")
_AT_HOME = tuple(f"国内/{level}" for level in ("计", "国家级", "省级", "地市级", "县级", "校级"))
TRAINING_HEADINGS = (
    "专任教师（人）",
    *(f"{place}/{counted}" for place in ("合计", *_AT_HOME, "国（境）外") for counted in _COUNTED),
)
# The levels from the nation to abroad, as these trainings of the made district are given.
KINDS = (("集中培训", (0, 4)), ("远程培训", (1, 3)), ("跟岗实践", (2, 5)))
ROWS = (("幼儿园", None), ("小学", PRIMARY), ("初中", JUNIOR), ("高中", SENIOR))


def training_lines(report: SchoolReport) -> list[Line]:
    """For each stage all, the women and the kinds of training; what nobody had is blank, as in the forms."""
    lines: list[Line] = []
    for name, stage in ROWS:
        told = report.training.get(stage) if stage else None
        first = len(lines) + 1
        lines.append((name, first, _figures(told.teachers, told) if told else []))
        women = told.of_women() if told else None
        lines.append(("女", first + 1, _figures(women.teachers, women) if women else []))
        for number, (kind, levels) in enumerate(KINDS, start=first + 2):
            given = _figures(NOT_APPLICABLE, told.of_levels(levels)) if told else [NOT_APPLICABLE]
            lines.append((kind, number, given))
    return lines


def _figures(teachers: int | str, told: Training) -> list[Any]:
    *at_home, abroad = told.levels
    sums = [tuple(map(sum, zip(*levels, strict=True))) for levels in (told.levels, at_home)]
    return [teachers, *(figure or None for pair in (*sums, *at_home, abroad) for figure in pair)]
