"""The method once more in plain Python with exact fractions, written from the documents and not from the SQL.

Covers districts without campuses under the national standard of 2017: scope, split, values, coefficients,
other measures of inequality, groups, changes from year to year, verdicts. Concessions are not claimed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from balance_cases import Landing, Row

DIGITS = 60
WEIGHTS = {
    "primary": Fraction(1),
    "junior_secondary": Fraction(11, 10),
    "senior_secondary": Fraction(132, 100),
}
EXPECTED = {
    "211": ["primary"],
    "218": ["primary"],
    "311": ["junior_secondary"],
    "312": ["primary", "junior_secondary"],
    "341": ["junior_secondary", "senior_secondary"],
    "345": ["primary", "junior_secondary", "senior_secondary"],
}
# indicator: (measure, whole school?, scale)
INDICATORS = {
    "over_qualified_teachers_per_100_students": ("over_qualified_teachers", False, 100),
    "backbone_teachers_per_100_students": ("backbone_teachers", False, 100),
    "pe_arts_teachers_per_100_students": ("pe_arts_teachers", False, 100),
    "teaching_rooms_area_m2_per_student": ("rooms", True, 1),
    "sports_area_m2_per_student": ("sports", True, 1),
    "teaching_equipment_yuan_per_student": ("teaching_equipment_yuan", True, 1),
    "multimedia_classrooms_per_100_students": ("multimedia_classrooms", True, 100),
}
# In the order of the indicators: 小学, 初中.
THRESHOLDS = {
    "primary": ("4.2", "1", "0.9", "4.5", "7.5", "2000", "2.3"),
    "junior_secondary": ("5.3", "1", "0.9", "5.8", "10.2", "2500", "2.4"),
}
FLOOR = Fraction(85, 100)
LIMITS = {"primary": Fraction(1, 2), "junior_secondary": Fraction(45, 100)}
URBAN = {"111": "urban", "121": "urban", "210": "rural", "220": "rural"}
AREA = {"111": "urban_area", "121": "town_area", "210": "rural_area", "220": "rural_area"}
ZONES = {"school_district": "school_zone", "education_group": "education_group"}
PAIRS = {"urban_rural": ("urban", "rural"), "sector": ("public", "private")}
DIMENSIONS = ("urban_rural", "area", "sector", "town", "school_zone", "education_group")
NOT_STATED = "not_stated"


class Key(NamedTuple):
    """One coefficient."""

    district: str
    year: int
    stage: str
    indicator: str


@dataclass(frozen=True)
class Part:
    """One school of scope: its amount (None when missing), pupils of the stage, groups by dimension."""

    school: str
    amount: Fraction | None
    students: int | None
    groups: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_reported(self) -> bool:
        return self.amount is not None and self.students is not None

    @property
    def value(self) -> Fraction:
        return self.amount / self.students


@dataclass(frozen=True)
class Coefficient:
    """What the national form prints for one stage and indicator, not rounded."""

    schools: int
    reported: int
    mean: Decimal | None
    coefficient: Decimal | None


def decimal(value: Fraction) -> Decimal:
    with localcontext(prec=DIGITS):
        return Decimal(value.numerator) / Decimal(value.denominator)


def root(value: Fraction) -> Decimal:
    with localcontext(prec=DIGITS):
        return decimal(value).sqrt()


@cache  # dear, and asked for the same shares again and again
def logarithm(value: Fraction) -> Decimal:
    with localcontext(prec=DIGITS):
        return decimal(value).ln()


def _students(rows: Iterable[Row]) -> dict[tuple[str, int, str, str], int]:
    totals: dict[tuple[str, int, str, str], int] = defaultdict(int)
    for row in rows:
        totals[(*_place(row), row["stage"])] += row["students"]
    return totals


def _place(row: Row) -> tuple[str, int, str]:
    return row["district_code"], row["school_year"], row["school_code"]


def _whole_school(row: Row | None, measure: str) -> Fraction | None:
    if row is None:
        return None
    rooms, indoor, ground = (
        row.get(name)
        for name in ("teaching_auxiliary_area_m2", "indoor_sports_area_m2", "sports_ground_area_m2")
    )
    if measure == "rooms":
        return None if rooms is None or indoor is None or indoor > rooms else Fraction(rooms - indoor)
    if measure == "sports":
        return None if ground is None or indoor is None else Fraction(ground + indoor)
    value = row.get(measure)
    return None if value is None else Fraction(value)


def _is_excluded(kind: str, total: int) -> bool:
    return kind in {"514", "321", "342"} or (kind == "218" and total < 50)


class Reference:
    """Schools of scope of every district, year, stage and indicator of a landing."""

    def __init__(self, landing: Landing) -> None:
        self.parts: dict[Key, list[Part]] = defaultdict(list)
        self._students = _students(landing.enrolment)
        self._staffing = {(*_place(row), row["stage"]): row for row in landing.staffing}
        self._facilities = {_place(row): row for row in landing.facilities}
        self._clusters: dict[tuple[str, int, str], list[tuple[str, str]]] = defaultdict(list)
        for row in landing.school_cluster:
            self._clusters[_place(row)].append((ZONES[row["cluster_kind"]], row["cluster_code"]))
        for school in landing.school:
            self._add(school)

    def _groups(self, school: Row) -> dict[str, frozenset[str]]:
        members = self._clusters[_place(school)]
        return {
            "urban_rural": frozenset([URBAN[school["urban_rural_code"]]]),
            "area": frozenset([AREA[school["urban_rural_code"]]]),
            "sector": frozenset(["private" if school["operator_code"] == "999" else "public"]),
            "town": frozenset([school["town_code"] or NOT_STATED]),
            **{zone: frozenset(code for kind, code in members if kind == zone) for zone in ZONES.values()},
        }

    def _add(self, school: Row) -> None:
        place, kind = _place(school), school["school_type_code"]
        district, year, code = place
        pupils = {stage: self._students.get((*place, stage)) for stage in EXPECTED.get(kind, [])}
        if _is_excluded(kind, sum(count for count in pupils.values() if count is not None)):
            return
        weighted = {stage: None if n is None else n * WEIGHTS[stage] for stage, n in pupils.items()}
        whole = None if None in weighted.values() else sum(weighted.values(), Fraction(0))
        for stage in LIMITS:
            if stage not in pupils or pupils[stage] == 0:
                continue
            share = weighted[stage] / whole if whole else None
            for indicator in INDICATORS:
                amount = self._amount(place, stage, indicator, share)
                part = Part(code, amount, pupils[stage], self._groups(school))
                self.parts[Key(district, year, stage, indicator)].append(part)

    def _amount(
        self, place: tuple[str, int, str], stage: str, indicator: str, share: Fraction | None
    ) -> Fraction | None:
        measure, is_whole, _ = INDICATORS[indicator]
        if is_whole:
            amount = _whole_school(self._facilities.get(place), measure)
            return None if amount is None or share is None else amount * share
        counted = self._staffing.get((*place, stage), {}).get(measure)
        return None if counted is None else Fraction(counted)

    def school_verdicts(self) -> dict[tuple[str, int, str, str], str]:
        """By district, year, stage and school: six of seven met and the last one at 85 % of its threshold."""
        found: dict[tuple[str, int, str, str], list[Fraction | None]] = defaultdict(list)
        for key, parts in self.parts.items():
            order = list(INDICATORS).index(key.indicator)
            threshold = Fraction(THRESHOLDS[key.stage][order])
            scale = INDICATORS[key.indicator][2]
            for part in parts:
                share = part.value * scale / threshold if part.is_reported else None
                found[key.district, key.year, key.stage, part.school].append(share)
        return {place: school_verdict(shares) for place, shares in found.items()}


def school_verdict(shares: Sequence[Fraction | None]) -> str:
    """Of the shares of the seven thresholds that a school reaches; None where one is not known."""
    known = [share for share in shares if share is not None]
    if len(known) < len(INDICATORS):
        return "no_data"
    unmet = [share for share in known if share < 1]
    return "met" if len(unmet) <= 1 and all(share >= FLOOR for share in unmet) else "not_met"


def reported(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if part.is_reported]


def mean_of(parts: Sequence[Part]) -> Fraction:
    """Weighted by pupils: all amounts over all pupils."""
    return sum((p.amount for p in parts), Fraction(0)) / sum(p.students for p in parts)


def squared(parts: Sequence[Part]) -> Fraction | None:
    """The squared coefficient, in two passes: the mean first, then the deviations from it."""
    mean, total = mean_of(parts), sum(p.students for p in parts)
    if mean == 0:
        return None
    return sum(Fraction(p.students, total) * (p.value - mean) ** 2 for p in parts) / mean**2


def coefficient_of(parts: Sequence[Part], scale: int = 1) -> Coefficient:
    """Weighted, population form."""
    found = reported(parts)
    if not found:
        return Coefficient(len(parts), 0, None, None)
    whole = squared(found) if len(found) > 1 else None
    mean = decimal(mean_of(found) * scale)
    return Coefficient(len(parts), len(found), mean, None if whole is None else root(whole))


def coefficient_verdict(key: Key, parts: Sequence[Part]) -> str:
    found = reported(parts)
    if len(found) < len(parts) or len(found) < 2 or squared(found) is None:
        return "no_data"
    return "met" if squared(found) <= LIMITS[key.stage] ** 2 else "not_met"


def theil_of(parts: Sequence[Part]) -> Decimal | None:
    """Sum of s ln(s/p) over the schools, s the share of the amount and p of the pupils."""
    amount, total = sum(p.amount for p in parts), sum(p.students for p in parts)
    if amount == 0:
        return None
    with localcontext(prec=DIGITS):
        return sum(
            (
                decimal(p.amount / amount) * logarithm(p.amount / amount / Fraction(p.students, total))
                for p in parts
                if p.amount
            ),
            Decimal(0),
        )


def gini_of(parts: Sequence[Part]) -> Fraction | None:
    """Half the mean difference between two pupils' schools, relative to the mean."""
    mean, total = mean_of(parts), sum(p.students for p in parts)
    if mean == 0:
        return None
    pairs = sum(a.students * b.students * abs(a.value - b.value) for a in parts for b in parts)
    return pairs / (2 * total**2 * mean)


def median_of(parts: Sequence[Part]) -> Fraction:
    """The lowest value at or below which half of the pupils are."""
    total = sum(p.students for p in parts)
    return min(
        p.value for p in parts if sum(q.students for q in parts if q.value <= p.value) >= Fraction(total, 2)
    )


def mcloone_of(parts: Sequence[Part]) -> Fraction | None:
    """What the schools at or below the median hold, over what they would hold at the median."""
    median = median_of(parts)
    low = [p for p in parts if p.value <= median]
    return mean_of(low) / median if median else None


def range_ratio_of(values: Sequence[Fraction]) -> Fraction | None:
    return max(values) / min(values) if values and min(values) else None


def divided(parts: Iterable[Part], dimension: str) -> dict[str, list[Part]]:
    """Schools by group; a school of several groups is in each."""
    groups: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        for group in part.groups[dimension]:
            groups[group].append(part)
    return dict(groups)


@dataclass(frozen=True)
class Gap:
    """Groups of one dimension compared; None where it is not defined."""

    sizes: dict[str, int]  # reporting schools of every group with a school in scope
    means: dict[str, Fraction]
    ratio: Fraction | None
    range_ratio: Fraction | None
    between_squared: Fraction | None
    within_squared: Fraction | None
    theil_between: Decimal | None
    theil_within: Decimal | None

    @property
    def between(self) -> Decimal | None:
        """The coefficient between the groups."""
        if self.between_squared is None or len(self.means) < 2:
            return None
        return root(self.between_squared)


def gap_of(parts: Sequence[Part], dimension: str) -> Gap:
    """Means, ratios and both decompositions of the schools that reported."""
    sizes = {group: len(reported(members)) for group, members in divided(parts, dimension).items()}
    groups = divided(reported(parts), dimension)
    means = {group: mean_of(members) for group, members in groups.items()}
    stated = [mean for group, mean in means.items() if group != NOT_STATED]
    first, second = (means.get(group) for group in PAIRS.get(dimension, (None, None)))
    ratio = first / second if first is not None and second else None
    high_low = range_ratio_of(stated) if len(stated) > 1 else None
    everyone = [part for members in groups.values() for part in members]
    if not everyone or mean_of(everyone) == 0:
        return Gap(sizes, means, ratio, high_low, None, None, None, None)
    return Gap(sizes, means, ratio, high_low, *_taken_apart(groups, everyone))


def _taken_apart(
    groups: dict[str, list[Part]], everyone: Sequence[Part]
) -> tuple[Fraction, Fraction, Decimal, Decimal]:
    total, amount, mean = (
        sum(p.students for p in everyone),
        sum(p.amount for p in everyone),
        mean_of(everyone),
    )
    between = within = Fraction(0)
    with localcontext(prec=DIGITS):
        theil_between = theil_within = Decimal(0)
        for members in groups.values():
            share = Fraction(sum(p.students for p in members), total)
            relative = mean_of(members) / mean
            between += share * (relative - 1) ** 2
            if relative:
                within += share * relative**2 * squared(members)
                held = sum(p.amount for p in members) / amount
                theil_between += decimal(held) * logarithm(held / share)
                theil_within += decimal(held) * theil_of(members)
    return between, within, theil_between, theil_within


def between_of(parts: Sequence[Part], dimension: str) -> Decimal | None:
    """The coefficient between the groups where it can be compared with that of another year.

    None unless every school has a value, two groups or more are stated, and the mean is not zero.
    """
    groups = divided(parts, dimension)
    members = [part for group in groups.values() for part in group]
    if len(reported(members)) < len(members) or len(groups.keys() - {NOT_STATED}) < 2:
        return None
    total, mean = sum(p.students for p in members), mean_of(members)
    if mean == 0:
        return None
    return root(
        sum(
            Fraction(sum(p.students for p in group), total) * (mean_of(group) / mean - 1) ** 2
            for group in groups.values()
        )
    )


def same_schools(later: Sequence[Part], earlier: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """Schools of both years with the figures of each year, all in the groups of the later one."""
    before = {part.school: part for part in earlier}
    both = [part for part in later if part.school in before]
    pairs: list[tuple[Part, Any]] = [(part, before[part.school]) for part in both]
    is_known = {part.school: part.is_reported and old.is_reported for part, old in pairs}
    now = [part if is_known[part.school] else Part(part.school, None, None, part.groups) for part in both]
    then = [
        Part(old.school, *((old.amount, old.students) if is_known[old.school] else (None, None)), part.groups)
        for part, old in pairs
    ]
    return now, then


def shrunk(later: Sequence[Part], earlier: Sequence[Part], dimension: str) -> bool | None:
    """Whether the gap between the groups is strictly smaller; None when the years cannot be compared."""
    now, then = between_of(later, dimension), between_of(earlier, dimension)
    return None if now is None or then is None else round(now, 16) < round(then, 16)
