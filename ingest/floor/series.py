"""What is asked of the spending floor: whose, which leg, stage, item and years; and the rows that answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.contract import code_list
from ingest.questions import MAX_NAMES, QuestionError, one_of, stage_code
from ingest.tables import Row, read

FLOOR, READINGS = "mart_finance__spending_floor", "mart_finance__spending_readings"
RESTATED, WARNINGS = "mart_finance__restatements", "mart_finance__early_warning"
SERIES = ("leg", "item_code", "stage", "scope_code", "fund_source_code")
BUILT = (
    "select bool_and(to_regclass('marts.' || mart) is not null) as is_there from unnest(%s::text[]) as mart"
)
ENTITIES = """
    with named as (
        select region_code, district_code, entity_code, entity_name, fiscal_year
        from marts.mart_finance__spending_floor
        union all
        select region_code, district_code, entity_code, entity_name, fiscal_year
        from marts.mart_finance__early_warning
    )

    select
        region_code,
        district_code,
        entity_code,
        -- The latest name is shown; by an earlier one it is found as well.
        (array_agg(entity_name order by fiscal_year desc) filter (where entity_name is not null))[1] as name,
        array_agg(distinct entity_name) filter (where entity_name is not null) as names
    from named
    group by region_code, district_code, entity_code
    order by region_code, district_code, entity_code
"""
ROWS = """
    select marted.* {extra} from marts.{mart} as marted {joined}
    where
        marted.region_code = %(region)s and marted.district_code = %(district)s
        and marted.entity_code = %(entity)s
        and (%(leg)s::text is null or marted.leg = %(leg)s)
        and (%(stage)s::text is null or marted.stage = %(stage)s)
        and (%(item)s::text is null or marted.item_code = %(item)s)
        and (%(year_from)s::integer is null or marted.fiscal_year >= %(year_from)s)
        and (%(year_to)s::integer is null or marted.fiscal_year <= %(year_to)s)
    order by marted.fiscal_year {order}
"""
FILES = "left join ops.load_batch as batches on marted.batch_id = batches.batch_id"
# The mart of restatements names no currency: it is that of the series.
FILE_AND_CURRENCY = """, batches.file_name, (
        select max(floors.currency_code) from marts.mart_finance__spending_floor as floors
        where
            floors.region_code = marted.region_code and floors.district_code = marted.district_code
            and floors.entity_code = marted.entity_code and floors.leg = marted.leg
            and floors.item_code = marted.item_code and floors.stage = marted.stage
            and floors.scope_code = marted.scope_code
            and floors.fund_source_code = marted.fund_source_code
    ) as currency_code"""
READING_ORDER = ", array_position(array['nominal', 'comparable_scope', 'real'], marted.reading)"


@dataclass(frozen=True)
class Asked:
    """What is wanted of an entity; None is everything there is."""

    entity: str
    district: str | None = None
    leg: str | None = None
    stage: str | None = None
    item: str | None = None
    year_from: int | None = None
    year_to: int | None = None


@dataclass(frozen=True)
class Entity:
    """Whose spending it is."""

    region: str
    district: str
    code: str
    name: str | None

    @property
    def title(self) -> str:
        """Name and code as a heading."""
        return " ".join(text for text in (self.name, self.code) if text)


@dataclass(frozen=True)
class Answer:
    """Rows of one entity by mart, in the order of years."""

    entity: Entity
    floor: list[Row]
    readings: list[Row]
    restated: list[Row]
    warnings: list[Row]


def is_built() -> bool:
    """Whether what is published holds the marts of the floor: a night before there were any has none."""
    (row,) = read(BUILT, [[FLOOR, READINGS, RESTATED, WARNINGS]])
    return bool(row["is_there"])


def answer(asked: Asked) -> Answer:
    """The rows asked for. QuestionError names what there is instead of what there is not."""
    entity = entity_of(asked.entity, asked.district)
    where: dict[str, object] = {
        "region": entity.region,
        "district": entity.district,
        "entity": entity.code,
        "leg": None,
        "stage": None,
        "item": None,
        "year_from": None,
        "year_to": None,
    }
    known = [*_rows(FLOOR, where), *_rows(WARNINGS, where)]
    stage = None if asked.stage is None else stage_code(asked.stage)
    where["leg"] = _chosen("计量分支", "leg", asked.leg, _names(known, "leg", "leg"))
    where["stage"] = _chosen("学段", "stage", stage, _names(known, "stage", "stage"))
    where["item"] = _chosen("项目", "item", asked.item, _names(known, "item_code", "item"))
    where["year_from"], where["year_to"] = _years(asked, known)
    found = Answer(
        entity,
        sorted(_rows(FLOOR, where), key=_place_in_order),
        _rows(READINGS, where, order=READING_ORDER),
        sorted(_rows(RESTATED, where, FILES, ", belief_axis, version"), key=_place_in_order),
        sorted(_rows(WARNINGS, where), key=_place_in_order),
    )
    if not found.floor and not found.warnings:
        raise QuestionError(
            f"没有这样的组合；现有：{'、'.join(_series_there(known))}",
            "there is no such combination; those there are stand in the line above",
        )
    return found


def _rows(mart: str, where: dict[str, object], joined: str = "", order: str = "") -> list[Row]:
    extra = FILE_AND_CURRENCY if joined else ""
    return read(ROWS.format(mart=mart, extra=extra, joined=joined, order=order), where)


def entity_of(asked: str, district: str | None) -> Entity:
    """The entity of a code, of a name, or of a part of a name that only one has."""
    rows = [row for row in read(ENTITIES) if district in (None, row["district_code"])]
    if district is not None and not rows:
        one_of("区县", "district", district, {row["district_code"]: None for row in read(ENTITIES)})
    wanted = asked.strip().casefold()
    named = [(row, [name.casefold() for name in row["names"] or ()]) for row in rows]
    ways = (
        [row for row, _ in named if row["entity_code"].casefold() == wanted],
        [row for row, names in named if wanted in names],
        [row for row, names in named if wanted and any(wanted in name for name in names)],
    )
    found: list[Row] = next((way for way in ways if way), [])
    if len(found) == 1:
        (row,) = found
        return Entity(row["region_code"], row["district_code"], row["entity_code"], row["name"])
    if not found:
        one_of("主体", "entity", asked, {row["entity_code"]: row["name"] for row in rows})
    listed = "、".join(
        f"{row['entity_code']} {row['name'] or ''}（--district {row['district_code']}）"
        for row in found[:MAX_NAMES]
    )
    raise QuestionError(
        f"“{asked}”不止一个：{listed}",
        f"“{asked}” is more than one; say which by its code, and --district where codes are the same",
    )


def _names(known: Iterable[Row], code: str, name: str) -> dict[str, tuple[str, str]]:
    found = {row[code]: (row[f"{name}_zh"] or "", row[f"{name}_en"] or "") for row in known if row[code]}
    return dict(sorted(found.items()))


def _chosen(zh: str, en: str, asked: str | None, there: dict[str, tuple[str, str]]) -> str | None:
    """The code of what was asked for by code or by name in either language."""
    if asked is None:
        return None
    for code, names in there.items():
        if asked.casefold() in (code, *(name.casefold() for name in names)):
            return code
    return one_of(zh, en, asked, {code: names[0] for code, names in there.items()})


def _years(asked: Asked, known: Iterable[Row]) -> tuple[int | None, int | None]:
    years = {str(row["fiscal_year"]): None for row in sorted(known, key=lambda row: int(row["fiscal_year"]))}
    first, last = asked.year_from, asked.year_to
    if first is not None and last is not None and first > last:
        raise QuestionError(
            f"起始年 {first} 晚于终止年 {last}", f"--year-from {first} is later than --year-to {last}"
        )
    kept = [year for year in years if (first or 0) <= int(year) <= (last or 9999)]
    if not kept:
        one_of("年度", "year", f"{first or ''}–{last or ''}", dict.fromkeys(years))
    return first, last


def _series_there(known: Iterable[Row]) -> list[str]:
    names = ("leg_zh", "item_zh", "stage_zh")
    return list(dict.fromkeys(" · ".join(str(row[name]) for name in names if row[name]) for row in known))


def _place_in_order(row: Row) -> tuple[object, ...]:
    """Totals before what is by pupil, items and stages as their code lists have them."""
    items = [code.code for code in code_list("finance_item")]
    stages = [code.code for code in code_list("stage")]
    return (
        row["leg"] != "total",
        [-ord(letter) for letter in row["leg"] or ""],
        items.index(row["item_code"]),
        stages.index(row["stage"]),
        row["scope_code"],
        row["fund_source_code"],
    )


def series(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows by leg, item, stage, scope and source of funds: what is compared stands together."""
    found: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in SERIES), []).append(row)
    return list(found.values())
