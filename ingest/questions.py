"""What a question at the command line is about: a district, a year, a stage, an indicator, a school.

A name that there is not is answered with those there are, in both languages, and nothing is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.contract import code_list
from ingest.tables import Row, read

MAX_NAMES = 80  # more than that is not read by anybody
INDICATORS = """
    select * from warehouse.dim_indicator
    where (indicator_code = %(asked)s or lower(indicator_number) = lower(%(asked)s))
        and (%(standard)s::text is null or standard_code = %(standard)s)
        and (%(stage)s::text is null or stage = %(stage)s)
    order by coefficient_limit is null, threshold is null, standard_code, stage desc
"""


class QuestionError(Exception):
    """A question that cannot be answered as it was put; ``zh`` and ``en`` say why and what could be asked."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True)
class Place:
    """Where an indicator is looked at: one standard, district, school year and stage."""

    standard_code: str
    district_code: str
    school_year: int
    stage: str
    indicator: Row  # of warehouse.dim_indicator

    @property
    def parameters(self) -> dict[str, object]:
        """The same as parameters of a query."""
        return {
            "standard": self.standard_code,
            "district": self.district_code,
            "year": self.school_year,
            "stage": self.stage,
            "indicator": self.indicator["indicator_code"],
        }


def one_of(kind_zh: str, kind_en: str, asked: object, there: Mapping[str, str | None]) -> str:
    """``asked`` when it is there; QuestionError with all codes and names there are otherwise."""
    if str(asked) in there:
        return str(asked)
    names = [f"{code} {name}" if name else code for code, name in there.items()]
    listed = "、".join(names[:MAX_NAMES]) or "–"
    rest = f" …（共 {len(names)} all together）" if len(names) > MAX_NAMES else ""
    raise QuestionError(
        f"没有{kind_zh}“{asked}”；现有：{listed}{rest}",
        f"there is no {kind_en} “{asked}”; those there are stand in the line above",
    )


def stage_code(asked: str) -> str:
    """Code of a stage that was asked for by its code or its name."""
    for code in code_list("stage"):
        if asked.casefold() in (code.code, code.name_zh, code.name_en.casefold(), *code.aliases):
            return code.code
    there: dict[str, str | None] = {code.code: code.name_zh for code in code_list("stage")}
    return one_of("学段", "stage", asked, there)


def indicators(asked: str, standard: str | None = None, stage: str | None = None) -> list[Row]:
    """Rows of an indicator by its code or number, those of a judging standard first; none when unknown."""
    return read(INDICATORS, {"asked": asked, "standard": standard, "stage": stage})


def known_indicators() -> dict[str, str | None]:
    """Every indicator with its names."""
    rows = read(
        "select distinct on (indicator_code) indicator_code, indicator_number, indicator_zh "
        "from warehouse.dim_indicator order by indicator_code, coefficient_limit is null"
    )
    return {row["indicator_code"]: f"{row['indicator_number']} {row['indicator_zh']}" for row in rows}


def schools_of(district: str, year: int) -> dict[str, str | None]:
    """Schools in the district's register of a school year with their names."""
    rows = read(
        "select school_code, school_name from warehouse.dim_school "
        "where district_code = %s and school_year = %s order by school_code",
        [district, year],
    )
    return {row["school_code"]: row["school_name"] for row in rows}


def district_of(asked: str | None, there: Mapping[str, str | None]) -> str:
    """The district asked for; without one the only one there is."""
    if asked is None and len(there) > 1:
        listed = "、".join(f"{code} {name or ''}".strip() for code, name in [*there.items()][:MAX_NAMES])
        raise QuestionError(
            f"请用 --district 指明区县；现有：{listed}",
            "say which district with --district; those there are stand in the line above",
        )
    return one_of("区县", "district", asked or next(iter(there), ""), there)


def year_of(asked: int | None, there: Iterable[int]) -> int:
    """The year asked for; without one the latest there is."""
    years = sorted(there)
    return int(one_of("年度", "year", asked or max(years, default=0), {str(year): None for year in years}))


def places(
    asked: str, district: str | None, year: int | None, stage: str | None, standard: str | None
) -> list[Place]:
    """Where an indicator is published: the district asked for, the latest year and every stage by default."""
    code = None if stage is None else stage_code(stage)
    found = indicators(asked, standard, code)
    if not found and indicators(asked, standard):
        return []
    if not found:
        one_of("指标", "indicator", asked, known_indicators())
    rows = _published(found[0])
    names = {row["district_code"]: row["district_name"] for row in rows}
    in_district = district_of(district, names)
    in_year = year_of(year, {row["school_year"] for row in rows if row["district_code"] == in_district})
    stages = {
        row["stage"] for row in rows if (row["district_code"], row["school_year"]) == (in_district, in_year)
    }
    return [
        Place(row["standard_code"], in_district, in_year, row["stage"], row)
        for row in found
        if row["standard_code"] == found[0]["standard_code"] and row["stage"] in stages
    ]


def _published(indicator: Row) -> list[Row]:
    """Districts, years and stages of which a coefficient is published."""
    return read(
        "select distinct district_code, district_name, school_year, stage "
        "from marts.mart_balance__coefficients where standard_code = %s and indicator_code = %s "
        "order by district_code, school_year, stage",
        [indicator["standard_code"], indicator["indicator_code"]],
    )


def place(district: str, year: int, stage: str, asked: str, standard: str | None = None) -> Place:
    """The one place of a published coefficient. QuestionError names what there is instead."""
    found = places(asked, district, year, stage, standard)
    if not found:
        there: dict[str, str | None] = {
            one.stage: one.indicator["stage_zh"] for one in places(asked, district, year, None, standard)
        }
        one_of("学段", "stage", stage, there)
    return found[0]
