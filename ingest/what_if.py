"""What a move between schools, or a rise of one, would do to their values and to the coefficient.

Computed from the published marts in exact fractions; nothing is written. Amounts are units of the numerator
(teachers, rooms, m2, yuan) that count for the stage; the pupils stay where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction

from rich.console import Console

from ingest.questions import Place, QuestionError, one_of
from ingest.tables import Row, figure, read, table

PRECISION = 60  # digits of a square root; marts keep 16 decimals
DECIMALS = 16
SCHOOLS = """
    select school_code, school_name, numerator, denominator, value, threshold, direction, reason_zh, reason_en
    from marts.mart_balance__school_indicators
    where standard_code = %(standard)s and district_code = %(district)s and school_year = %(year)s
        and stage = %(stage)s and indicator_code = %(indicator)s
    order by school_code
"""
COEFFICIENT = """
    select * from marts.mart_balance__coefficients
    where standard_code = %(standard)s and district_code = %(district)s and school_year = %(year)s
        and stage = %(stage)s and indicator_code = %(indicator)s
"""
UNIT = """
    select measure_unit.*, measure.is_split_by_stage
    from warehouse.measure
    inner join warehouse.measure_unit on measure.unit = measure_unit.unit
    where measure.measure_code = %s
"""
VERDICTS = "select verdict, name_zh, name_en from warehouse.verdict"


@dataclass(frozen=True)
class School:
    """What one school gives to the coefficient. ``numerator`` is None where it is not known."""

    code: str
    name: str | None
    numerator: Fraction | None
    denominator: Fraction | None
    reason: tuple[str, str]  # why it is not known (zh, en)

    @property
    def is_known(self) -> bool:
        """Whether the school enters the coefficient."""
        return self.numerator is not None and bool(self.denominator)


@dataclass(frozen=True)
class Figures:
    """The coefficient of some schools: None for one school, none, or a mean of zero."""

    mean: Fraction | None
    coefficient: Decimal | None


@dataclass(frozen=True)
class Answer:
    """Both states of a district: its schools, mean and coefficient before and after."""

    schools_before: Mapping[str, School]
    schools_after: Mapping[str, School]
    before: Figures
    after: Figures


def changes(
    giver: str | None,
    getter: str | None,
    moved: Decimal | None,
    raised: str | None,
    amount: Decimal | None,
) -> dict[str, Decimal] | None:
    """Change of each school's numerator for a move or for a rise; None when it is neither, or both."""
    match (giver, getter, moved, raised, amount):
        case (str(), str(), Decimal(), None, None) if giver != getter:
            return {giver: -moved, getter: moved}
        case (None, None, None, str(), Decimal()):
            return {raised: amount}
    return None


def figures(schools: Sequence[School], scale: Fraction) -> Figures:
    """Mean and coefficient, weighted by the denominator, population form; fractions up to the last root."""
    known = [s for s in schools if s.is_known]
    whole = sum((s.denominator or Fraction(0) for s in known), Fraction(0))
    total = sum((s.numerator or Fraction(0) for s in known), Fraction(0))
    if not whole:
        return Figures(None, None)
    mean = total * scale / whole
    if len(known) < 2 or not total:
        return Figures(mean, None)
    squares = sum((_square(s) for s in known), Fraction(0))
    return Figures(mean, _root(squares * whole / total**2 - 1))


def _square(school: School) -> Fraction:
    return (school.numerator or Fraction(0)) ** 2 / (school.denominator or Fraction(1))


def _root(square: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = PRECISION
        root = (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()
        return root.quantize(Decimal(1).scaleb(-DECIMALS))


def changed(schools: Mapping[str, School], changes: Mapping[str, Decimal]) -> dict[str, School]:
    """The schools after ``changes`` of their numerators.

    QuestionError: a school that there is not or that has no value, or one left with less than nothing.
    """
    after = dict(schools)
    names = {code: school.name for code, school in schools.items()}
    for code, amount in changes.items():
        school = schools[one_of("学校", "school of the district, year and stage", code, names)]
        if school.numerator is None or not school.is_known:
            raise QuestionError(
                f"学校 {code} 该指标无值（{school.reason[0]}），无法推算",
                f"school {code} has no value ({school.reason[1]}): nothing can be computed",
            )
        numerator = school.numerator + Fraction(amount)
        if numerator < 0:
            has = _decimal(school.numerator)
            raise QuestionError(
                f"学校 {code} 只有 {has:f}，不能调出 {-amount:f}",
                f"school {code} has {has:f} only, {-amount:f} cannot leave it",
            )
        after[code] = replace(school, numerator=numerator)
    return after


def _decimal(number: Fraction) -> Decimal:
    return (Decimal(number.numerator) / Decimal(number.denominator)).normalize()


def check_amount(amount: Decimal, unit: Row) -> None:
    """QuestionError when the amount cuts what cannot be divided."""
    if amount != round(amount, unit["decimals"]):
        raise QuestionError(
            f"“{unit['name_zh']}”最多 {unit['decimals']} 位小数，现为 {amount}",
            f"{unit['name_en']} have at most {unit['decimals']} decimals, found {amount}",
        )


def answer(place: Place, changes: Mapping[str, Decimal]) -> Answer:
    """What the changes would do. QuestionError says what cannot be asked."""
    schools = {row["school_code"]: _school(row) for row in read(SCHOOLS, place.parameters)}
    after = changed(schools, changes)
    scale = Fraction(place.indicator["scale"])
    return Answer(schools, after, figures([*schools.values()], scale), figures([*after.values()], scale))


def _school(row: Row) -> School:
    # A numerator may stand in the mart although the school is not judged: what has no value stays out.
    known = row["value"] is not None
    return School(
        row["school_code"],
        row["school_name"],
        Fraction(row["numerator"]) if known else None,
        Fraction(row["denominator"]) if known else None,
        (row["reason_zh"] or "", row["reason_en"] or ""),
    )


def verdict_of(coefficient: Decimal | None, row: Row) -> str:
    """Verdict on a coefficient as the mart of coefficients gives it: limit inclusive, no school missing."""
    limit = row["coefficient_limit"]
    if limit is None:
        return "not_applicable"
    if coefficient is None or row["schools_reported"] < row["schools_in_scope"]:
        return "no_data"
    return "met" if coefficient <= limit else "not_met"


def _school_verdict(value: Fraction, indicator: Row) -> str:
    threshold = indicator["threshold"]
    if threshold is None:
        return "not_applicable"
    reached = round(value, DECIMALS)
    is_met = reached >= threshold if indicator["direction"] == "at_least" else reached <= threshold
    return "met" if is_met else "not_met"


def print_answer(console: Console, place: Place, changes: Mapping[str, Decimal]) -> None:
    """Print the schools that change and the coefficient, before and after, with limit and verdict."""
    [unit] = read(UNIT, [place.indicator["numerator_measure"]])
    for amount in changes.values():
        check_amount(amount, unit)
    found = answer(place, changes)
    [row] = read(COEFFICIENT, place.parameters)
    names = {r["verdict"]: f"{r['name_zh']} {r['name_en']}" for r in read(VERDICTS)}
    _print_schools(console, place, found, list(changes), unit, names)
    _print_coefficient(console, place, found, row, names)
    if unit["is_split_by_stage"]:
        console.print(
            "数量按本学段计：多学段学校的房屋、设备按折算学生数分摊 "
            "amounts count for this stage; a school of several stages shares its rooms by weighted pupils",
            markup=False,
        )


def _print_schools(
    console: Console, place: Place, found: Answer, codes: Sequence[str], unit: Row, names: Mapping[str, str]
) -> None:
    indicator = place.indicator
    scale, decimals = Fraction(indicator["scale"]), indicator["decimals"]
    shown = table(
        f"{place.district_code} · {place.school_year} 学年 · {indicator['stage_zh']} {indicator['stage_en']}"
        f" · {indicator['indicator_number']} {indicator['indicator_zh']} {indicator['indicator_en']}",
        "学校 school",
        f"{indicator['numerator_zh']} ({unit['name_zh']} {unit['name_en']})",
        f"{indicator['denominator_zh']}",
        "指标值 value",
        "标准 threshold",
        "结论 verdict",
        right=[1, 2, 3, 4],
    )
    for code in codes:
        one, other = found.schools_before[code], found.schools_after[code]
        values = [(s.numerator or 0) * scale / (s.denominator or 1) for s in (one, other)]
        shown.add_row(
            f"{code}\n{one.name or ''}",
            f"{_decimal(one.numerator or Fraction(0)):f} → {_decimal(other.numerator or Fraction(0)):f}",
            f"{_decimal(one.denominator or Fraction(0)):f}",
            " → ".join(figure(_decimal(Fraction(v)), decimals) for v in values),
            figure(indicator["threshold"], decimals),
            " → ".join(names[_school_verdict(Fraction(v), indicator)] for v in values),
        )
    console.print(shown)


def _print_coefficient(
    console: Console, place: Place, found: Answer, row: Row, names: Mapping[str, str]
) -> None:
    shown = table(
        "差异系数 coefficient between schools · "
        f"{row['schools_reported']}/{row['schools_in_scope']} 校 schools",
        "",
        "均值 mean",
        "差异系数 CV",
        "未舍入 exact",
        "限值 limit",
        "结论 verdict",
        right=[1, 2, 3, 4],
    )
    for label, state in (("之前 before", found.before), ("之后 after", found.after)):
        mean = None if state.mean is None else _decimal(state.mean)
        shown.add_row(
            label,
            figure(mean, place.indicator["decimals"]),
            figure(state.coefficient, place.indicator["coefficient_decimals"]),
            figure(state.coefficient, DECIMALS),
            figure(row["coefficient_limit"], 2),
            names[verdict_of(state.coefficient, row)],
        )
    console.print(shown)
