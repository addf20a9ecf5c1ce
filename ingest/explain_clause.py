"""How a clause of a plan, or an item of an assessment, came about: what was counted, and who is behind it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache

from psycopg import sql
from rich.console import Console
from rich.table import Table

from ingest.contract import SEEDS_DIR
from ingest.explain import plain, print_batches
from ingest.questions import QuestionError, district_of, one_of, schools_of, year_of
from ingest.tables import Row, figure, read, table

BOARDS = ("mart_policy__clause_scoreboard", "mart_assessment__items")
COMPONENTS = """
    select * from marts.mart_policy__clause_components
    where plan_code = %(plan_code)s and clause_code = %(clause_code)s
        and district_code = %(district_code)s and year = %(year)s
    order by component_number
"""
COLUMNS = """
    select attribute.attname as column_name, col_description(attribute.attrelid, attribute.attnum) as said
    from pg_attribute as attribute
    where attribute.attrelid = to_regclass('marts.' || quote_ident(%s))
        and attribute.attnum > 0 and not attribute.attisdropped
    order by attribute.attnum
"""
ROWS = """
    select *, count(*) over () as row_count from marts.{mart}
    where {equals} and ({condition}) order by {order} limit 30
"""
STATUS_STYLES = {
    "met": "green",
    "not_met": "bold red",
    "met_last_year_not_now": "bold red",
    "no_data": "yellow",
}
YEAR_COLUMNS = ("year", "school_year", "fiscal_year")
# Which column of a drill-down holds what a measure names after its slash.
MEMBER_COLUMNS = ("item_code", "dimension_code", "indicator_code")
# What every row of one answer shares, and what is said in the other columns.
UNSHOWN = {
    *("region_code", "district_code", "district_name", "plan_code", "standard_code", "town_code"),
    *("drill_down", "drill_down_condition", "source_batches", *YEAR_COLUMNS),
}
MAX_COLUMNS = 11
WHOLE_DISTRICT = "compulsory"


def boards() -> list[str]:
    """The marts with clauses and items that are published."""
    found = read("select table_name from information_schema.tables where table_schema = 'marts'")
    there = {row["table_name"] for row in found}
    return [name for name in BOARDS if name in there]


def known_clauses() -> dict[str, str | None]:
    """Every clause and item of which there is a status, with its name."""
    rows: list[Row] = []
    for board in boards():
        rows += read(
            _text("select distinct clause_code, name_zh, sort_order from marts.{} order by sort_order", board)
        )
    return {row["clause_code"]: row["name_zh"] for row in rows}


def _text(statement: str, *names: str) -> str:
    return sql.SQL(statement).format(*map(sql.Identifier, names)).as_string()


def explain_clause(
    console: Console, clause: str, school: str | None, district: str | None, year: int | None
) -> None:
    """Print a clause or item of one district and year: its components, its drill-downs, its files.

    QuestionError names the districts, years and schools there are. ``school`` narrows the drill-downs.
    """
    rows: list[Row] = []
    for board in boards():
        rows += read(_text("select * from marts.{} where lower(clause_code) = lower(%s)", board), [clause])
    in_district = district_of(district, {row["district_code"]: row["district_name"] for row in rows})
    rows = [row for row in rows if row["district_code"] == in_district]
    in_year = year_of(year, {row["year"] for row in rows})
    if school is not None:
        one_of("学校", "school of the district and year", school, schools_of(in_district, in_year))
    for row in rows:
        if row["year"] == in_year:
            _print_clause(console, row, school)


def _say(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _print_clause(console: Console, row: Row, school: str | None) -> None:
    _say(console, f"{row['clause_code']} {row['name_zh']} {row['name_en']}", style="bold")
    _say(console, f"  {row['plan_zh']} {row['plan_en']} · {row['district_code']} · {row['year']}")
    reason = f"（{row['reason_zh']} {row['reason_en']}）" if row["reason_zh"] else ""
    deadline = f" · 期限 deadline {row['deadline_year']}" if row["deadline_year"] else ""
    declared = " · 申报，非实测 declared, not measured" if row["is_declared"] else ""
    _say(
        console,
        f"  {row['status_zh']} {row['status_en']}{reason}{deadline}{declared}",
        style=STATUS_STYLES.get(row["status"]),
    )
    components = read(COMPONENTS, row)
    console.print(_components(components))
    for component in components:
        for language in ("zh", "en"):
            if component[f"reading_{language}"]:
                _say(console, f"  {component['component_number']}. {component[f'reading_{language}']}")
    for name, of_mart in _by_drill_down(components).items():
        _print_drill_down(console, row, name, of_mart, school)
    print_batches(console, [batch for batch in (row["source_batches"] or "").split(",") if batch])


def _components(rows: Sequence[Row]) -> Table:
    shown = table(
        "分项 components",
        "#",
        "计什么 what is counted",
        "学段 stage",
        "分子 numerator",
        "分母 denominator",
        "值 value",
        "目标 target",
        "上年 before",
        "上报/应报 coverage",
        "结论 status",
        right=[3, 4, 5, 6, 7],
    )
    for row in rows:
        style = STATUS_STYLES.get(row["status"], "")
        status = f"{row['status_zh']} {row['status_en']}" if row["is_judged"] else "不判定 not judged"
        status += f"（{row['reason_zh']}）" if row["reason_zh"] else ""
        shown.add_row(
            str(row["component_number"]),
            f"{row['component_zh']}\n{row['component_en']}",
            f"{row['stage_zh'] or ''}",
            plain(row["numerator"]),
            plain(row["denominator"]),
            _with_unit(row["value"], row),
            f"{row['direction_symbol'] or row['direction_zh'] or ''} {plain(row['target'])}".strip(),
            _with_unit(row["previous_value"], row),
            f"{plain_count(row['cases_reported'])}/{plain_count(row['cases_expected'])}",
            f"[{style}]{status}[/]" if style else status,
        )
    return shown


def plain_count(value: int | None) -> str:
    """A count; a dash where there is none."""
    return "–" if value is None else str(value)


def _with_unit(value: Decimal | None, row: Row) -> str:
    unit = f" {row['unit_zh']}" if value is not None and row["unit_zh"] else ""
    return f"{figure(value, row['decimals'] or 0)}{unit}"


def _by_drill_down(components: Sequence[Row]) -> dict[str, list[Row]]:
    """Components by the mart that names what is behind them."""
    found: dict[str, list[Row]] = {}
    for component in components:
        if component["drill_down"]:
            found.setdefault(component["drill_down"], []).append(component)
    return found


def columns_of(mart: str) -> dict[str, str]:
    """The columns of a published mart in their order, each with its Chinese name; none where it is not there.

    A description begins with the Chinese name and a bar; a column without one keeps its own name.
    """
    found = read(COLUMNS, [mart])
    return {row["column_name"]: _name_zh(row["said"]) or row["column_name"] for row in found}


def _name_zh(said: str | None) -> str:
    name, bar, _ = (said or "").partition(" | ")
    return name.removesuffix("（中文）") if bar else ""


def _print_drill_down(
    console: Console, row: Row, name: str, components: Sequence[Row], school: str | None
) -> None:
    columns = columns_of(name)
    if not columns:
        _say(console, f"  明细表尚未发布 the drill-down is not published: {name}")
        return
    asked: dict[tuple[str, tuple[str, ...], tuple[object, ...]], list[Row]] = {}
    for component in components:  # several components may rest on the same rows
        names, values = _conditions(row, component, [*columns], school)
        condition = component["drill_down_condition"] or "true"
        asked.setdefault((condition, names, values), []).append(component)
    for (condition, names, values), together in asked.items():
        rows = _rows_of(name, [*columns], condition, names, values)
        _print_rows(console, name, columns, rows, together)


def _rows_of(
    name: str, columns: Sequence[str], condition: str, names: Sequence[str], values: Sequence[object]
) -> list[Row]:
    statement = sql.SQL(ROWS).format(
        mart=sql.Identifier(name),
        equals=sql.SQL(" and ").join(sql.SQL("{} = %s").format(sql.Identifier(n)) for n in names),
        # SQL of a seed of the project, not of a reader.
        condition=sql.SQL(condition.replace("%", "%%")),
        order=sql.SQL(", ").join(map(sql.Identifier, _order(columns))),
    )
    return read(statement.as_string(), values)


def rows_behind(component: Row) -> list[Row]:
    """The first rows of the drill-down of a published component; none where it has no drill-down."""
    columns = columns_of(component["drill_down"])
    if not columns:
        return []
    names, values = _conditions(component, component, [*columns], None)
    condition = component["drill_down_condition"] or "true"
    return _rows_of(component["drill_down"], [*columns], condition, names, values)


def _order(columns: Sequence[str]) -> list[str]:
    return [name for name in ("school_code", "stage", *MEMBER_COLUMNS) if name in columns] or [columns[0]]


def _conditions(
    row: Row, component: Row, columns: Sequence[str], school: str | None
) -> tuple[tuple[str, ...], tuple[object, ...]]:
    """What the rows behind a component share: district, year, and what tells the component apart."""
    member = str(component["numerator_measure"]).partition("/")[2]
    stage, standard = component["stage"], component["standard_code"]
    # What is counted up to a year names it: its rows are of earlier years as well.
    names_year = re.search(rf"(?<!\w){row['year']}(?!\w)", component["drill_down_condition"] or "")
    wanted: dict[str, object] = {
        "district_code": row["district_code"],
        next((name for name in YEAR_COLUMNS if name in columns), ""): None if names_year else row["year"],
        next((name for name in MEMBER_COLUMNS if name in columns), ""): member or None,
        "stage": None if stage == WHOLE_DISTRICT else stage,
        "standard_code": None if standard == "none" else standard,
        "school_code": school,
    }
    values = {name: value for name, value in wanted.items() if name in columns and value is not None}
    return tuple(values), tuple(values.values())


def shown_columns(columns: Sequence[str], condition: str | None) -> list[str]:
    """The columns worth a reader's eye: names for codes, one language, those of the condition first."""
    there = set(columns)
    wanted = [
        name
        for name in columns
        if name not in UNSHOWN
        and not (name.endswith("_en") and f"{name[:-3]}_zh" in there)
        and f"{name}_zh" not in there
        and f"{name.removesuffix('_code')}_zh" not in there
    ]
    words = (condition or "").replace("(", " ").replace(")", " ").split()
    kept = [name for name in wanted if name in words or name in ("school_code", "school_name")]
    kept += [name for name in wanted if name not in kept]
    return [name for name in wanted if name in kept[:MAX_COLUMNS]]


def _print_rows(
    console: Console, name: str, columns: Mapping[str, str], rows: Sequence[Row], components: Sequence[Row]
) -> None:
    condition = components[0]["drill_down_condition"]
    names = shown_columns([*columns], condition)
    numbers = ", ".join(str(component["component_number"]) for component in components)
    count = rows[0]["row_count"] if rows else 0
    only = f" · {condition}" if condition else ""
    _say(console, f"{name}{only} · 分项 components {numbers} · {count} 行 rows", style="bold")
    if not rows:
        return
    right = [n for n, column in enumerate(names) if any(_is_number(row[column]) for row in rows)]
    shown = table("", *(f"{columns[name]}\n{name}" for name in names), right=right)
    for row in rows:
        shown.add_row(*(_cell(row[column], column) for column in names))
    console.print(shown)
    if count > len(rows):
        _say(console, f"  …只列前 {len(rows)} 行，全部见 the first rows only, all of them in marts.{name}")


def _is_number(value: object) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool)


@cache
def _group_names() -> dict[tuple[str, str], str]:
    """Chinese names of the groups of schools by column and code; they stand in no column of their own."""
    dimensions = {"urban_rural": "urban_rural_group", "area": "area_group", "sector": "sector"}
    with (SEEDS_DIR / "school_group.csv").open(encoding="utf-8", newline="") as stream:
        return {
            (dimensions[row["dimension_code"]], row["group_code"]): row["name_zh"]
            for row in csv.DictReader(stream)
            if row["dimension_code"] in dimensions
        }


def _cell(value: object, column: str) -> str:
    if value is None:
        return "–"
    if (column, value) in _group_names():
        return _group_names()[column, str(value)]
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    return plain(value) if isinstance(value, Decimal) else str(value).replace("[", "\\[")


def known(asked: str) -> bool:
    """Whether a clause or item of that code is published."""
    return asked.casefold() in {code.casefold() for code in known_clauses()}


def not_known(asked: str, indicators: Mapping[str, str | None]) -> QuestionError:
    """Neither a clause nor an indicator: both lists."""
    clauses = "、".join(known_clauses()) or "–"
    listed = "、".join(f"{code} {name or ''}".strip() for code, name in indicators.items())
    return QuestionError(
        f"没有条款或指标“{asked}”；现有条款：{clauses}；现有指标：{listed}",
        f"there is no clause or indicator “{asked}”; those there are stand in the line above",
    )
