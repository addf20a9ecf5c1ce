"""What the published marts found of spending: the years in which it fell, what alarms, what was restated."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from ingest.findings import grouped, stage
from ingest.floor import series as floor_series
from ingest.tables import Row, figure, number, read, table

# Regions with more falls than this are shown as one line a year, not one a fall.
MAX_FALLS_SHOWN = 40

FALLS = """
    select * from marts.mart_finance__spending_floor
    where direction_printed = 'falls' or direction_comparable_scope = 'falls'
    order by region_code, entity_code, leg, stage, fiscal_year
"""

COMPARED = """
    select
        region_code,
        fiscal_year,
        count(*) filter (where status not in ('not_comparable', 'no_data')) as compared,
        count(*) filter (where status = 'falls') as falls,
        count(*) filter (where status in ('not_comparable', 'no_data')) as not_compared,
        count(*) filter (where is_restated) as restated
    from marts.mart_finance__spending_floor
    where region_code = %s
    group by region_code, fiscal_year
    order by fiscal_year
"""

ALARMS = """
    select * from marts.mart_finance__early_warning
    where is_alarm
    order by region_code, district_code, entity_code, fiscal_year, leg <> 'total', leg, stage
"""

TURNED = """
    select count(*) as verdicts, count(distinct entity_code) as entities
    from (
        select distinct
            district_code, entity_code, leg, item_code, stage, scope_code, fund_source_code, fiscal_year
        from marts.mart_finance__restatements
        where is_verdict_turned or is_floor_verdict_turned
    ) as turned
"""


def print_spending(console: Console) -> None:
    """Print the years in which spending fell: one by one, or counted by year where there are many."""
    for region, falls in grouped(read(FALLS), "region_code"):
        if len(falls) > MAX_FALLS_SHOWN:
            console.print(_falls_by_year(region))
        else:
            console.print(_falls(region, falls))


def _falls(region: str, rows: list[Row]) -> Table:
    shown = table(
        f"{region} · 经费下降的年份 years in which spending fell",
        "主体 entity",
        "计量 leg",
        "学段 stage",
        "年度 year",
        "上年 before",
        "本年 amount",
        "按公布数 printed %",
        "公布增长 published %",
        "底线 floor",
        "结论 verdict",
        right=[4, 5, 6, 7, 8],
    )
    for row in rows:
        shown.add_row(
            row["entity_name"],
            f"{row['leg_zh']}\n{row['leg_en']}",
            stage(row),
            str(row["fiscal_year"]),
            figure(row["previous_amount"], 2),
            figure(row["amount"], 2),
            figure(row["change_pct"], 2),
            figure(row["published_growth_pct"], 2),
            figure(row["floor_amount"], 2),
            f"{row['status_zh']}\n{row['status_en']}",
        )
    return shown


def _falls_by_year(region: str) -> Table:
    shown = table(
        f"{region} · 各年度经费下降的主体数 how many entities fell, by fiscal year",
        "年度 year",
        "可比 compared",
        "下降 falls",
        "不可比 not comparable",
        "后经重述 restated later",
        right=range(1, 5),
    )
    for row in read(COMPARED, [region]):
        shown.add_row(
            str(row["fiscal_year"]),
            *(number(row[name]) for name in ("compared", "falls", "not_compared", "restated")),
        )
    return shown


def print_outlook(console: Console) -> None:
    """Print in a line each what alarms in a year under way, and how many verdicts restatements turned."""
    if not floor_series.is_built():
        return
    alarms = read(ALARMS)
    if alarms:
        first = alarms[0]
        rest = f" …（共 {len(alarms)} all together）" if len(alarms) > 1 else ""
        _line(
            console,
            f"⚠ 年中预警 early warning：{first['entity_name'] or first['entity_code']} "
            f"{first['fiscal_year']} {first['leg_zh'] or first['basis_zh']} {first['stage_zh']}："
            f"{first['warning_zh']} {first['warning_en']}{rest}",
        )
    (turned,) = read(TURNED)
    if turned["verdicts"]:
        _line(
            console,
            f"↺ 重述翻转的判定 verdicts that restatements turned：{turned['verdicts']}"
            f"（{turned['entities']} 个主体 entities）",
        )


def _line(console: Console, text: str) -> None:
    console.print(text, style="yellow", markup=False, highlight=False)
