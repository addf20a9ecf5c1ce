"""What bench.coefficients measures ours against: the same measures by DuckDB, in double precision."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

TABLES = {
    "rows": "intermediate.int_school_indicators",
    "groups": "intermediate.int_school_groups",
    "inequality": "intermediate.int_inequality",
    "means": "intermediate.int_group_means",
    "dimensions": "warehouse.group_dimension",
}
KEYS = "standard_code, district_code, school_year, stage, indicator_code"
PARTS = "select *, numerator::double as x, denominator::double as w from {rows} where is_reported"
TOTALS = f"select {KEYS}, sum(x) as sx, sum(w) as sw from parts group by all"
PLACED = "select * from parts join {groups} as groups using (district_code, school_year, school_code)"
GROUP = f"{KEYS}, dimension_code, group_code"
# The measures of our models, from the same tables, in double precision.
SQL = {
    "coefficients": f"""
        with parts as ({PARTS}), totals as ({TOTALS})
        select {KEYS}, count(*) as schools, sum(students) as students, any_value(sx) as sx,
            any_value(sw) as sw,
            sum(w * (x / w - sx / sw) ** 2) as spread, any_value(sx / sw * scale) as mean,
            sqrt(sum(w * (x / w - sx / sw) ** 2) / any_value(sw)) / any_value(sx / sw) as coefficient
        from parts join totals using ({KEYS}) group by all
    """,
    "contributions": f"""
        with parts as ({PARTS}), totals as ({TOTALS}),
        terms as (
            select parts.*, sx, sw, w * (x / w - sx / sw) ** 2 as term from parts join totals using ({KEYS})
        )
        select {KEYS}, school_code, students, x, w, value::double as figure,
            sx / sw * scale as mean, figure - mean as distance, w / sw as weight_share,
            term / sum(term) over (partition by {KEYS}) as share
        from terms
    """,
    "inequality": f"""
        with parts as ({PARTS}), placed as ({PLACED}),
        members as (
            select {GROUP}, school_code, x, w, x / w as v from placed
            union all
            select {KEYS}, 'whole', 'all', school_code, x, w, x / w from parts
        ),
        ranked as (
            select *, sum(x) over below as x_to, sum(w) over below as w_to, sum(w) over whole as sw
            from members
            window whole as (partition by {GROUP}),
                below as (partition by {GROUP} order by v, school_code rows unbounded preceding)
        ),
        middle as (
            select *, min(v) filter (where 2 * w_to >= sw) over (partition by {GROUP}) as median from ranked
        )
        select {GROUP}, count(*) as schools, max(v) / min(v) as range_ratio,
            sum(case when x > 0 then x * ln(v) else 0 end) / sum(x) - ln(sum(x) / sum(w)) as theil,
            1 - sum(w * (2 * x_to - x)) / (sum(w) * sum(x)) as gini, any_value(median) as median_value,
            sum(x) filter (where v <= median) / (median_value * sum(w) filter (where v <= median)) as mcloone
        from middle group by all
    """,
    "group means": f"""
        with parts as ({PARTS}), placed as ({PLACED}),
        totals as (select {GROUP}, sum(x) as sx, sum(w) as sw from placed group by all)
        select {GROUP}, count(*) as schools, sum(students) as students, any_value(sx) as sx,
            any_value(sw) as sw,
            sum(w * (x / w - sx / sw) ** 2) as spread, any_value(sx / sw * scale) as mean,
            sqrt(spread / any_value(sw)) / any_value(sx / sw) as coefficient, any_value(theil) as theil,
            any_value(gini) as gini, any_value(mcloone) as mcloone
        from placed join totals using ({GROUP}) left join {{inequality}} using ({GROUP}) group by all
    """,
    "group gaps": f"""
        with groups as (
            select {GROUP}, schools_in_scope, schools_reported, students,
                numerator_total::double as gx,
                denominator_total::double as gw,
                spread::double / denominator_total::double ** 2 as inner_spread,
                mean::double as mean, theil::double as theil
            from {{means}}
        ),
        wholes as (select *, sum(gx) over whole as sx, sum(gw) over whole as sw from groups
            window whole as (partition by {KEYS}, dimension_code)),
        dimensions as (select dimension_code, first_group, second_group from {{dimensions}})
        select {KEYS}, dimension_code, any_value(sx) as nx, any_value(sw) as nw,
            sum(schools_in_scope) as schools, sum(schools_reported) as reported,
            min(schools_reported) as smallest, sum(students) as pupils,
            max(mean) filter (where group_code = first_group)
            / max(mean) filter (where group_code = second_group) as ratio,
            max(mean) / min(mean) as range_ratio,
            sum(gw * (gx / gw - sx / sw) ** 2) / nw / (nx / nw) ** 2 as between_squared,
            sqrt(between_squared) as between_cv,
            sum(inner_spread) * nw / nx ** 2 as within_squared,
            within_squared / (between_squared + within_squared) as within_share,
            sum(case when gx > 0 then gx * ln(gx * sw / (gw * sx)) end) / nx as theil_between,
            sum(gx * theil) / nx as theil_within
        from wholes join dimensions using (dimension_code) group by all
    """,
}


class Duck:
    """A session of DuckDB that is attached to our database."""

    def __init__(self, url: str) -> None:
        import duckdb
        import duckdb_extension_postgres_scanner as extension

        settings = {"allow_unsigned_extensions": True, "threads": os.cpu_count() or 2}
        self.session: Any = duckdb.connect(config=settings)
        library = next(Path(extension.__file__).parent.rglob("*.duckdb_extension"))
        self.session.execute(f"load '{library}'")
        self.session.execute(f"attach '{url}' as pg (type postgres, read_only)")

    def scan(self, task: str) -> None:
        """Work the task out while reading the Postgres tables."""
        self._run(task, {name: f"pg.{table}" for name, table in TABLES.items()})

    def memory(self, task: str) -> None:
        """Work the task out from the copies in memory."""
        self._run(task, {name: f"{name}_here" for name in TABLES})

    def copy(self, task: str) -> None:
        """Copy the tables of the task into memory, if they are not there yet."""
        for name, table in TABLES.items():
            if f"{{{name}}}" in SQL[task]:
                self.session.execute(f"create table if not exists {name}_here as select * from pg.{table}")

    def _run(self, task: str, places: dict[str, str]) -> None:
        self.session.execute(f"create or replace temp table result as {SQL[task].format(**places)}")
