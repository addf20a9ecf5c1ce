"""What the published marts found of special education: aggregates, small counts hidden."""

from __future__ import annotations

from rich.console import Console

from ingest.findings import grouped, verdict
from ingest.tables import figure, number, read, table

CHILDREN = """
    with latest as (
        select *, max(school_year) over (partition by district_code) as latest_year
        from marts.mart_special_education__coverage
    )
    select * from latest
    where school_year = latest_year
    order by district_code, breakdown <> 'overall', breakdown, category
"""


def print_special_education(console: Console) -> None:
    """Print aggregates of special education; small counts stay hidden."""
    for code, rows in grouped(read(CHILDREN), "district_code"):
        shown = table(
            f"{code} · {rows[0]['school_year']} 学年 · 特殊教育 special education（– 未公布 withheld）",
            "分组 breakdown",
            "类别 category",
            "适龄 children",
            "在学 enrolled",
            "入学率 %",
            "一人一案 % with plan",
            "结论 verdict",
            right=range(2, 6),
        )
        for row in rows:
            shown.add_row(
                row["breakdown_zh"],
                f"{row['category_zh']} {row['category_en']}",
                number(row["children"]),
                number(row["enrolled"]),
                figure(row["enrolled_pct"], 1),
                figure(row["with_plan_pct"], 1),
                verdict(row) if row["breakdown"] == "overall" else "",
            )
        console.print(shown)
