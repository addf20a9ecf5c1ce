"""What a question at the command line is about: a district, a year, a stage, an indicator, a school.

A name that there is not is answered with those there are, in both languages, and nothing is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def place(district: str, year: int, stage: str, asked: str, standard: str | None = None) -> Place:
    """The place of a published coefficient. QuestionError names what there is instead."""
    code = stage_code(stage)
    found = indicators(asked, standard, code)
    if not found:
        one_of("指标", "indicator", asked, {} if indicators(asked) else known_indicators())
    indicator = found[0]
    rows = read(
        "select distinct district_code, district_name, school_year, stage "
        "from marts.mart_balance__coefficients where standard_code = %s and indicator_code = %s "
        "order by district_code, school_year, stage",
        [indicator["standard_code"], indicator["indicator_code"]],
    )
    one_of("区县", "district", district, {row["district_code"]: row["district_name"] for row in rows})
    rows = [row for row in rows if row["district_code"] == district]
    one_of("学年", "school year", year, {str(row["school_year"]): None for row in rows})
    rows = [row for row in rows if row["school_year"] == year]
    one_of("学段", "stage", code, {row["stage"]: None for row in rows})
    return Place(indicator["standard_code"], district, year, code, indicator)
