"""Stage, grade and class of a pupil's row, as codes; None for what is not understood, which is then no guess.

Only what is recognised here goes on to a table: where cells have slipped, a name may stand in any column.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from functools import cache

from ingest.contract import code_list
from ingest.plain import caseless
from ingest.settings import SEEDS_DIR

SCHOOL_CODE = re.compile(r"[0-9]{10}")
_NUMBER = r"([0-9]{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_GRADE = r"(?:[小初高]?[一二三四五六七八九]|[0-9]{1,4})"
# 3, 03, 3班, (3)班, 三班, 七年级3班, 七(3)班, 初一3班, 2021级三班
_CLASS = re.compile(
    rf"(?:{_GRADE}年?级)?\(?{_NUMBER}\)?班?|{_GRADE}\({_NUMBER}\)班?|[初高][一二三]{_NUMBER}班"
)
# The grade in it. 12级 is a year of entry, not a grade, and 12(3) may be one.
_GRADE_OF_CLASS = re.compile(
    rf"{_GRADE}(?=年级)|[小初高]?[一二三四五六七八九](?=级|\()|[0-9](?=\()|[初高][一二三]"
)
_DIGITS = "一二三四五六七八九"
_SENIOR = ("10", "11", "12")  # grades of the senior stage, which the seed of compulsory grades does not have

_YEARS = 3  # of the junior and of the senior stage
_EARLIER = (6, 9)  # grades before the junior stage, before the senior stage


def school_code(text: str) -> str | None:
    """A 10-digit code of a school."""
    plain = caseless(text)
    return plain if SCHOOL_CODE.fullmatch(plain) else None


def class_number(text: str) -> str | None:
    """Number of a class within its grade, in digits without leading zeros."""
    found = _CLASS.fullmatch(caseless(text))
    if found is None:
        return None
    number = next(group for group in found.groups() if group)
    return str(int(number)) if number.isdigit() else str(_chinese(number))


def grades_of_class(text: str) -> frozenset[str]:
    """The grades of which a class of this name may be; none where the name says no grade.

    一年级3班 is of grade 1, or of the first grade of its stage.
    """
    found = _GRADE_OF_CLASS.match(caseless(text)) if class_number(text) else None
    if found is None:
        return frozenset()
    said = found.group().removeprefix("小")
    code = grade(said) or grade(f"{said}年级")
    if code is None:
        return frozenset()
    is_by_stage = found.group() == said and said[0] not in "初高" and int(code) <= _YEARS
    return frozenset(str(int(code) + earlier) for earlier in ((0, *_EARLIER) if is_by_stage else (0,)))


def _chinese(number: str) -> int:
    if "十" not in number:
        return _DIGITS.index(number) + 1
    tens, ones = number.split("十")
    return 10 * (_DIGITS.index(tens) + 1 if tens else 1) + (_DIGITS.index(ones) + 1 if ones else 0)


@cache
def _codes(name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for code in code_list(name):
        for way in (code.code, code.name_zh, code.name_en, *code.aliases):
            found.setdefault(caseless(way), code.code)
    return found


def grade(text: str) -> str | None:
    """One grade by any way to write it."""
    code = _codes("grade").get(caseless(text))
    return code if code in stage_of_grade() else None


def stage(text: str) -> str | None:
    """A stage that has grades, by any way to write it."""
    code = _codes("stage").get(caseless(text))
    return code if code in stage_of_grade().values() else None


@cache
def stage_of_grade() -> dict[str, str]:
    """The one stage to which each grade belongs; a grade of two stages is left out."""
    stages: dict[str, set[str]] = defaultdict(set)
    with (SEEDS_DIR / "stage_grade.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            stages[row["grade"]].add(row["stage"])
    for grade in _SENIOR:
        stages[grade].add("senior_secondary")
    return {grade: min(found) for grade, found in stages.items() if len(found) == 1}
