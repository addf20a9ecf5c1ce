"""What the published marts found of balance, as tables for a person: coefficients, gaps between groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table

from ingest.tables import Row, figure, number, read, table

# Places with more districts than this are shown as one line an indicator, not one a district.
MAX_DISTRICTS_SHOWN = 3
VERDICT_STYLES = {"met": "green", "not_met": "bold red", "no_data": "yellow", "not_applicable": "dim"}

COEFFICIENTS = """
    with latest as (
        select
            coefficients.*,
            indicators.decimals,
            indicators.coefficient_decimals,
            changes.change,
            changes.same_schools_change,
            max(coefficients.school_year) over (partition by coefficients.district_code) as latest_year,
            -- An indicator that nobody reported is shown as missing where others of its standard are there.
            max(coefficients.schools_reported) over (
                partition by
                    coefficients.district_code, coefficients.school_year, coefficients.standard_code
            ) > 0 as is_reported,
            coefficients.coefficient_limit is not null as is_judged
        from marts.mart_balance__coefficients as coefficients
        inner join warehouse.dim_indicator as indicators using (standard_code, stage, indicator_code)
        left join marts.mart_balance__coefficient_changes as changes
            using (standard_code, district_code, school_year, stage, indicator_code)
        where (%(district)s::text is null or coefficients.district_code = %(district)s)
    )
    select * from latest
    where school_year = coalesce(%(year)s::integer, latest_year) and is_reported
    order by region_code, district_code, bool_or(is_judged) over (partition by standard_code) desc,
        standard_code desc, stage desc, indicator_number
"""

COMPOSITES = """
    select * from marts.mart_balance__composites
    where standard_code = %(standard_code)s and district_code = %(district_code)s
        and school_year = %(school_year)s
    order by stage desc
"""

GAPS = """
    with judging as (
        select distinct standard_code
        from marts.mart_balance__coefficients
        where coefficient_limit is not null
    ),

    latest as (
        select
            gaps.*,
            max(gaps.school_year) over (partition by gaps.district_code) as latest_year,
            judging.standard_code is not null as is_judged
        from marts.mart_balance__group_gaps as gaps
        left join judging on gaps.standard_code = judging.standard_code
        where gaps.dimension_code in ('urban_rural', 'sector')
    )
    select * from latest
    where school_year = latest_year and group_count > 1 and schools_reported > 0
    order by region_code, district_code, dimension_code desc, standard_code, stage desc, indicator_number
"""


def judged(rows: list[Row]) -> list[Row]:
    """Rows of standards that judge, of each district; all its rows where no standard judges them."""
    districts = {row["district_code"] for row in rows if row["is_judged"]}
    return [row for row in rows if row["is_judged"] or row["district_code"] not in districts]


def coefficients(district_code: str | None = None, year: int | None = None) -> list[Row]:
    """Coefficients of a school year, the latest of each district when ``year`` is None."""
    with_names = {"district": district_code, "year": year}
    return read(COEFFICIENTS, with_names)


def print_coefficients(console: Console, rows: list[Row]) -> None:
    """Print coefficients: a table a district, or one a region where there are many districts."""
    for _, of_region in grouped(rows, "region_code"):
        districts = {row["district_code"] for row in of_region}
        if len(districts) > MAX_DISTRICTS_SHOWN:
            console.print(_regional_coefficients(of_region))
            continue
        for _, of_district in grouped(of_region, "district_code"):
            for _, of_standard in grouped(of_district, "standard_code"):
                console.print(_district_coefficients(of_standard))


def _district_coefficients(rows: list[Row]) -> Table:
    first = rows[0]
    shown = table(
        f"{district(first)} · {first['school_year']} 学年 · "
        f"{first['standard_zh']} {first['standard_code']} · 校际差异系数 coefficients between schools",
        "学段 stage",
        "指标 indicator",
        "均值 mean",
        "差异系数 CV",
        "限值 limit",
        "比上年 change\n同校 same schools",
        "上报/应报 schools",
        "结论 verdict",
        right=[2, 3, 4, 5, 6],
    )
    for row in rows:
        decimals = row["coefficient_decimals"]
        shown.add_row(
            stage(row),
            indicator(row),
            figure(row["mean"], row["decimals"]),
            figure(row["coefficient"], decimals),
            figure(row["coefficient_limit"], 2),
            f"{signed(row['change'], decimals)}\n{signed(row['same_schools_change'], decimals)}",
            f"{row['schools_reported']}/{row['schools_in_scope']}",
            f"{verdict(row)}{borderline(row)}",
        )
    for row in read(COMPOSITES, first):
        shown.add_row(
            stage(row),
            "综合差异系数（各项平均）\nComposite (mean of the coefficients)",
            "",
            figure(row["composite"], first["coefficient_decimals"]),
            figure(row["composite_limit"], 2),
            "",
            f"{row['indicators_reported']}/{row['indicators_averaged']} 项",
            f"{verdict(row)}{borderline(row)}",
        )
    return shown


def _regional_coefficients(rows: list[Row]) -> Table:
    shown = table(
        f"{rows[0]['region_code']} · 各区县校际差异系数 coefficients between schools, by district",
        "学段 stage",
        "指标 indicator",
        "区县 districts",
        "学校 schools",
        "中位 median",
        "最大 largest",
        "在 where",
        right=[2, 3, 4, 5],
    )
    for _, group in grouped(rows, "stage", "indicator_code"):
        known = sorted(
            (row for row in group if row["coefficient"] is not None), key=lambda row: row["coefficient"]
        )
        shown.add_row(
            stage(group[0]),
            indicator(group[0]),
            number(len(group)),
            number(sum(row["schools_in_scope"] for row in group)),
            figure(known[len(known) // 2]["coefficient"] if known else None, 3),
            figure(known[-1]["coefficient"] if known else None, 3),
            known[-1]["district_name"] or known[-1]["district_code"] if known else "–",
        )
    return shown


def print_gaps(console: Console) -> None:
    """Print town against country and public against private, of districts that are shown one by one."""
    for _, of_region in grouped(judged(read(GAPS)), "region_code"):
        if len({row["district_code"] for row in of_region}) > MAX_DISTRICTS_SHOWN:
            console.print(_regional_gaps(of_region))
            continue
        for _, of_district in grouped(of_region, "district_code", "dimension_code"):
            console.print(_district_gaps(of_district))


PAIRS = {"urban_rural": ("城镇 urban", "乡村 rural"), "sector": ("公办 public", "民办 private")}


def _district_gaps(rows: list[Row]) -> Table:
    first = rows[0]
    one, other = PAIRS[first["dimension_code"]]
    shown = table(
        f"{district(first)} · {first['school_year']} 学年 · {first['dimension_zh']} {first['dimension_en']}",
        "学段 stage",
        "指标 indicator",
        one,
        other,
        "比 ratio",
        "组间系数 between",
        "组内占比 within share",
        "说明 note",
        right=[2, 3, 4, 5, 6],
    )
    for row in rows:
        shown.add_row(
            stage(row),
            indicator(row),
            figure(row["first_mean"], 2),
            figure(row["second_mean"], 2),
            figure(row["ratio"], 3),
            figure(row["between_coefficient"], 3),
            figure(row["within_share"], 3),
            row["reason_zh"] or "",
        )
    return shown


def _regional_gaps(rows: list[Row]) -> Table:
    shown = table(
        f"{rows[0]['region_code']} · 城乡与公民办之比 ratios, median of districts",
        "对比 dimension",
        "学段 stage",
        "指标 indicator",
        "区县 districts",
        "可比 comparable",
        "比之中位 median ratio",
        right=[3, 4, 5],
    )
    for _, group in grouped(rows, "dimension_code", "stage", "indicator_code"):
        known = sorted(row["ratio"] for row in group if row["ratio"] is not None)
        shown.add_row(
            f"{group[0]['dimension_zh']}\n{group[0]['dimension_en']}",
            stage(group[0]),
            indicator(group[0]),
            number(len(group)),
            number(len(known)),
            figure(known[len(known) // 2] if known else None, 3),
        )
    return shown


def district(row: Row) -> str:
    """A district by name, where one was printed, and code."""
    return " ".join(text for text in (row["district_name"], row["district_code"]) if text)


def stage(row: Row) -> str:
    """A stage of education in both languages."""
    return f"{row['stage_zh']}\n{row['stage_en']}"


def indicator(row: Row) -> str:
    """An indicator with its number in the standard, in both languages."""
    return f"{row['indicator_number']} {row['indicator_zh']}\n   {row['indicator_en']}"


def verdict(row: Row) -> str:
    """A verdict with its colour and, where there is one, its reason."""
    style = VERDICT_STYLES.get(row["verdict"], "")
    reason = f"（{row['reason_zh']}）" if row.get("reason_zh") else ""
    text = f"{row['verdict_zh']} {row['verdict_en']}{reason}"
    return f"[{style}]{text}[/]" if style else text


def borderline(row: Row) -> str:
    """A note beside a verdict that is near its limit, or that rounding would turn."""
    return " · 临界 borderline" if row["is_borderline"] else ""


def signed(value: Any, decimals: int) -> str:
    """A change with its sign; a dash where two years cannot be compared."""
    return "–" if value is None else f"{value:+.{decimals}f}"


def grouped(rows: Iterable[Row], *names: str) -> list[tuple[Any, list[Row]]]:
    """Rows in groups of the same values, in the order in which they come."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        key = row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)
        groups.setdefault(key, []).append(row)
    return list(groups.items())
