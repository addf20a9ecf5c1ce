"""Small districts of every shape that makes the method hard, drawn from a seed; all are invented."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from balance_cases import Landing

YEARS = (2021, 2022)
STAGES = {
    "211": ("primary",),
    "218": ("primary",),
    "311": ("junior_secondary",),
    "312": ("primary", "junior_secondary"),
    "341": ("junior_secondary", "senior_secondary"),
    "345": ("primary", "junior_secondary", "senior_secondary"),
}
STAFF = ("over_qualified_teachers", "backbone_teachers", "pe_arts_teachers")
# Of one pupil, in thousandths: what a primary school needs to reach its thresholds exactly.
NEEDED = {
    "over_qualified_teachers": 42,
    "backbone_teachers": 10,
    "pe_arts_teachers": 9,
    "teaching_rooms": 4500,
    "sports": 7500,
    "teaching_equipment_yuan": 2_000_000,
    "multimedia_classrooms": 23,
}
MEASURES = tuple(NEEDED)
LEVELS = (0, 80, 85, 90, 100, 110, 130, 160, 300)
PATTERNS = ("plain",) * 6 + ("one_school", "zero_mean", "all_equal", "ties", "missing", "no_pupils")


@dataclass(frozen=True)
class Figures:
    """One school in one year: pupils by stage, each measure in per cent of what it needs, what is missing."""

    students: tuple[int, ...]
    levels: tuple[int, ...]
    missing: str | None = None  # a measure, staffing, facilities or enrolment


@dataclass(frozen=True)
class School:
    """One school; a year in which it is closed has no figures."""

    kind: str
    operator: str
    place: str
    town: str | None
    clusters: tuple[tuple[str, str], ...]
    figures: dict[int, Figures]


@dataclass(frozen=True)
class District:
    """Schools in the order of their rows, and the pattern they were drawn by."""

    pattern: str
    schools: tuple[School, ...]


OPERATORS = ("831", "832", "999")
PLACES = ("111", "121", "210", "220")
TOWNS = ("990101001", "990101002", None)
SHARED, OPEN_ONE_YEAR, IN_CLUSTER, BOTH_YEARS = 0.3, 0.2, 0.5, 1 / 3
CLUSTERS = tuple((kind, name) for kind in ("school_district", "education_group") for name in "xyz")


# Sizes that many schools share, and those of teaching points that count or do not.
SIZES = (1, 49, 50, 100, 200)


def _figures(random: Random, stages: int) -> Figures:
    """Most measures at one level, one or two at another."""
    levels = [random.choice(LEVELS[3:8])] * len(MEASURES)
    for _ in range(2):
        levels[random.randrange(len(MEASURES))] = random.choice(LEVELS)
    shared = [random.random() < SHARED for _ in range(stages)]
    students = tuple(random.choice(SIZES) if one else random.randrange(300, 1000) for one in shared)
    return Figures(students, tuple(levels))


def _school(random: Random, years: tuple[int, ...], kinds: tuple[str, ...]) -> School:
    kind = random.choice(kinds)
    open_in = (random.choice(years),) if random.random() < OPEN_ONE_YEAR else years
    return School(
        kind,
        random.choice(OPERATORS),
        random.choice(PLACES),
        random.choice(TOWNS),
        tuple(cluster for cluster in CLUSTERS if random.random() < IN_CLUSTER),
        {year: _figures(random, len(STAGES[kind])) for year in open_in},
    )


def _each(schools: Iterable[School], change: Any) -> tuple[School, ...]:
    return tuple(
        replace(school, figures={year: change(school, figures) for year, figures in school.figures.items()})
        for school in schools
    )


def _as_first(schools: tuple[School, ...]) -> tuple[School, ...]:
    """Per pupil, two kinds of schools: the figures of the first, or of the last."""
    ends = [next(iter(school.figures.values())).levels for school in (schools[0], schools[-1])]
    return _each(schools, lambda school, f: replace(f, levels=ends[len(school.clusters) % 2]))


_SHAPES = {
    "zero_mean": lambda schools: _each(schools, lambda _, f: replace(f, levels=(0,) * len(MEASURES))),
    "all_equal": lambda schools: _each(schools, lambda _, f: replace(f, levels=(100,) * len(MEASURES))),
    "ties": _as_first,
    "no_pupils": lambda schools: (
        *schools[:-1],
        *_each(schools[-1:], lambda _, f: replace(f, students=(0,) * len(f.students))),
    ),
}
MAY_MISS = (*MEASURES, "staffing", "facilities", "enrolment")


def any_district(random: Random, kinds: tuple[str, ...] = tuple(STAGES), most: int = 6) -> District:
    """A district of a drawn pattern; schools open and close between the years where there are two."""
    pattern = random.choice(PATTERNS)
    years = YEARS if random.random() < BOTH_YEARS else YEARS[1:]
    if pattern == "all_equal":
        kinds = ("211",)
    size = 1 if pattern == "one_school" else random.randint(2, most)
    schools = tuple(_school(random, years, kinds) for _ in range(size))
    if pattern == "missing":
        missing = random.choice(MAY_MISS[:-1] if schools[0].kind == "218" else MAY_MISS)
        schools = (*_each(schools[:1], lambda _, f: replace(f, missing=missing)), *schools[1:])
    return District(pattern, _SHAPES.get(pattern, lambda same: same)(schools))


def amounts(school: School, figures: Figures) -> dict[str, Fraction]:
    """What the whole school has: a school without pupils has what fifty would need."""
    pupils = sum(figures.students) or 50
    return {
        name: Fraction(NEEDED[name] * level * pupils, 100_000)
        for name, level in zip(MEASURES, figures.levels, strict=True)
    }


def add_district(landing: Landing, code: str, district: District, scale: int = 1) -> None:
    """Rows of a district; every amount but pupils is multiplied by ``scale``."""
    for number, school in enumerate(district.schools, start=1):
        for year, figures in school.figures.items():
            _add_year(landing, code, f"{code}-{number}", school, year, figures, scale)


def _add_year(
    landing: Landing, district: str, code: str, school: School, year: int, figures: Figures, scale: int
) -> None:
    at: dict[str, Any] = {"school_year": year}
    landing.add_school(
        district,
        code,
        school.kind,
        operator_code=school.operator,
        urban_rural_code=school.place,
        town_code=school.town,
        **at,
    )
    for kind, cluster in school.clusters:
        landing.add_cluster(district, code, kind, cluster, **at)
    for stage, pupils in zip(STAGES[school.kind], figures.students, strict=True):
        if figures.missing != "enrolment":
            landing.add_students(district, code, stage, pupils, **at)
    _add_amounts(landing, district, code, school, figures, scale, at)


def _add_amounts(
    landing: Landing,
    district: str,
    code: str,
    school: School,
    figures: Figures,
    scale: int,
    at: dict[str, Any],
) -> None:
    have = {name: amount * scale for name, amount in amounts(school, figures).items()}
    missing = figures.missing
    if missing != "staffing":
        for stage in STAGES[school.kind]:
            counts = {name: None if name == missing else round(have[name]) for name in STAFF}
            landing.add_staffing(district, code, stage, **counts, **at)
    if missing != "facilities":
        # Within the rooms, and taken out of them again.
        indoor = min(7 * scale, have["sports"])
        landing.add_facilities(
            district,
            code,
            teaching_auxiliary_area_m2=_exact(have["teaching_rooms"] + indoor),
            indoor_sports_area_m2=None if missing == "teaching_rooms" else _exact(indoor),
            sports_ground_area_m2=None if missing == "sports" else _exact(have["sports"] - indoor),
            **{
                name: None if name == missing else round(have[name])
                for name in ("teaching_equipment_yuan", "multimedia_classrooms")
            },
            **at,
        )


def _exact(amount: Fraction) -> Decimal:
    """Square metres have three decimals here: nothing is rounded."""
    return Decimal(round(amount * 1000)) / 1000
