"""Coefficients, contributions and groups of many schools: our SQL beside DuckDB, in one run.

    python -m bench.coefficients [--rows 10000000] [--repeats 3]

The rows are school × year × indicator, made in the database itself, in the shape and types of
``intermediate.int_school_indicators``. Ours is the SQL that dbt compiles from the models, each model into a
table of its own. DuckDB works the same figures out in double precision, once reading the same Postgres
table (transfer included), once from a copy in its own memory (the copy is not on the clock). What ours pays
for: exact numeric sums, no dependence on the order of rows, equal schools give exactly 0.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

YEARS, INDICATORS, SCHOOLS = 4, 7, 40
MODELS = (
    "int_coefficients",
    "int_inequality",
    "int_group_means",
    "int_group_gaps",
    "int_school_contributions",
)
TASKS = ("coefficients", "groups", "contributions")
OURS = {
    "coefficients": ("int_coefficients",),
    "groups": ("int_inequality", "int_group_means", "int_group_gaps"),
    "contributions": ("int_school_contributions",),
}
MAKE_ROWS = """
    create table intermediate.int_school_indicators as
    select
        'national_2017'::text as standard_code,
        'D' || lpad((n / {block})::text, 6, '0') as district_code,
        (2019 + n / {of_year} % {years})::integer as school_year,
        'primary'::text as stage,
        'S' || lpad((n / {block} * {schools} + n % {schools})::text, 9, '0') as school_code,
        'indicator_' || (n / {schools} % {indicators}) as indicator_code,
        100::numeric(12, 4) as scale,
        students::numeric(38, 0) as students,
        (students * (0.5 + random()) * 4)::numeric(12, 2)::numeric(90, 40) as numerator,
        students::numeric(90, 40) as denominator,
        true as is_reported,
        null::numeric(90, 40) as value,
        null::text as reason_code
    from (
        select n, (100 + random() * 900)::integer as students
        from generate_series(0::bigint, {rows} - 1) as n
    ) as made
"""
MAKE_SCHOOLS = """
    create table warehouse.dim_school as
    select
        district_code,
        school_year,
        school_code,
        case when right(school_code, 1) < '4' then 'rural' else 'urban' end as urban_rural_group,
        case when right(school_code, 1) < '4' then 'rural_area' else 'town_area' end as area_group,
        case when right(school_code, 1) = '9' then 'private' else 'public' end as sector,
        district_code || right(school_code, 1) as town_code,
        true as is_registered
    from intermediate.int_school_indicators
    group by district_code, school_year, school_code
"""
MAKE_GROUPS = """
    create table intermediate.int_school_groups as
    select district_code, school_year, school_code, dimension_code, group_code
    from warehouse.dim_school
    cross join lateral (
        values
        ('urban_rural', urban_rural_group), ('area', area_group), ('sector', sector), ('town', town_code)
    ) as groups (dimension_code, group_code)
"""
KEYS = "standard_code, district_code, school_year, stage, indicator_code"
PARTS = "select *, numerator::double as x, denominator::double as w from {table} where is_reported"
DUCKDB = {
    "coefficients": f"""
        with parts as ({PARTS}),
        totals as (select {KEYS}, sum(x) as sx, sum(w) as sw from parts group by all)
        select {KEYS},
            sqrt(sum(w * (x / w - sx / sw) ** 2) / any_value(sw)) / any_value(sx / sw) as coefficient
        from parts join totals using ({KEYS}) group by all
    """,
    "groups": f"""
        with parts as ({PARTS}),
        placed as (
            select parts.*, unnest(['urban_rural', 'area', 'sector', 'town']) as dimension,
                unnest([urban_rural_group, area_group, sector, town_code]) as group_code
            from parts join {{schools}} as schools using (district_code, school_year, school_code)
        ),
        means as (
            select {KEYS}, dimension, group_code,
                sum(x) as gx, sum(w) as gw, sum(x * x / w) as sxx, count(*) as n
            from placed group by all
        ),
        wholes as (select {KEYS}, dimension, sum(gx) as sx, sum(gw) as sw from means group by all)
        select {KEYS}, dimension,
            sqrt(sum(gw * (gx / gw - sx / sw) ** 2) / any_value(sw)) / any_value(sx / sw) as between_groups,
            sum(sxx - gx * gx / gw) as within_spread
        from means join wholes using ({KEYS}, dimension) group by all
    """,
    "contributions": f"""
        with parts as ({PARTS}),
        totals as (select {KEYS}, sum(x) as sx, sum(w) as sw from parts group by all),
        spread as (
            select parts.*, w * (x / w - sx / sw) ** 2 as term from parts join totals using ({KEYS})
        )
        select *, term / sum(term) over (partition by {KEYS}) as share from spread
    """,
}


def compiled(names: tuple[str, ...]) -> dict[str, str]:
    """The SQL of the models that the project has, as dbt would run it in the current database."""
    from dbt.cli.main import dbtRunner

    from ingest import warehouse
    from ingest.database import database_url
    from ingest.settings import home

    command = ["compile", "--select", *names]
    with warehouse._environment(warehouse._connection_variables(database_url())):
        answer = dbtRunner().invoke(warehouse._arguments(command))
    assert answer.success, answer.exception
    folder = home() / "dbt" / "target" / "compiled" / "junheng" / "models"
    return {
        path.stem: path.read_text(encoding="utf-8") for path in folder.rglob("*.sql") if path.stem in names
    }


@contextmanager
def scratch_database() -> Iterator[str]:
    """A database of its own on the embedded server, to which JUNHENG_DATABASE_URL points meanwhile."""
    from ingest import database, embedded

    name = f"junheng_bench_{os.getpid()}"
    embedded.start()
    os.environ["JUNHENG_DATABASE_URL"] = database.ensure_database(name)
    try:
        database.migrate()
        yield os.environ["JUNHENG_DATABASE_URL"]
    finally:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as admin:
            admin.execute(f"drop database if exists {name} with (force)")


def make_rows(connection: psycopg.Connection, rows: int) -> None:
    """``rows`` rows of made schools, in the shape and types of the model."""
    sizes = {"schools": SCHOOLS, "indicators": INDICATORS, "years": YEARS, "of_year": SCHOOLS * INDICATORS}
    connection.execute("select setseed(0.5)")
    connection.execute(MAKE_ROWS.format(rows=rows, block=SCHOOLS * INDICATORS * YEARS, **sizes))
    connection.execute(MAKE_SCHOOLS)
    connection.execute(MAKE_GROUPS)
    connection.execute(
        "create table warehouse.group_dimension as select * from (values "
        "('urban_rural', 'urban', 'rural', true), ('area', null, null, true), "
        "('sector', 'public', 'private', true), ('town', null, null, true)"
        ") as dimensions (dimension_code, first_group, second_group, is_partition)"
    )
    connection.execute("analyze")


def ours(connection: psycopg.Connection, models: dict[str, str]) -> Callable[[str], None]:
    """Runs one task of ours: each model into a table of its own, as dbt would."""

    def run(task: str) -> None:
        for name in OURS[task]:
            connection.execute(f"drop table if exists intermediate.{name}")
            connection.execute(f"create table intermediate.{name} as {models[name]}")

    return run


def duckdb_runs(url: str) -> tuple[Callable[[str], None], Callable[[str], None]]:
    """Runs one task in DuckDB: reading the Postgres tables, and from a copy in memory."""
    import duckdb
    import duckdb_extension_postgres_scanner as extension

    session: Any = duckdb.connect(config={"allow_unsigned_extensions": True, "threads": os.cpu_count() or 2})
    library = next(Path(extension.__file__).parent.rglob("*.duckdb_extension"))
    session.execute(f"load '{library}'")
    session.execute(f"attach '{url}' as pg (type postgres, read_only)")
    session.execute("create table rows_here as select * from pg.intermediate.int_school_indicators")
    session.execute("create table schools_here as select * from pg.warehouse.dim_school")
    places = {
        "scan": {"table": "pg.intermediate.int_school_indicators", "schools": "pg.warehouse.dim_school"},
        "memory": {"table": "rows_here", "schools": "schools_here"},
    }

    def runner(place: str) -> Callable[[str], None]:
        def run(task: str) -> None:
            session.execute(f"create or replace temp table result as {DUCKDB[task].format(**places[place])}")

        return run

    return runner("scan"), runner("memory")


def measure(
    runs: dict[str, Callable[[str], None]], tasks: list[str], repeats: int
) -> dict[tuple[str, str], list[float]]:
    """Seconds of every method and task, one after the other in turn."""
    seconds: dict[tuple[str, str], list[float]] = {}
    for turn in range(repeats):
        for task in tasks:
            for method, run in runs.items():
                start = time.perf_counter()
                run(task)
                seconds.setdefault((task, method), []).append(time.perf_counter() - start)
                print(
                    f"{turn + 1}/{repeats} {task} {method}: {seconds[task, method][-1]:.2f} s",
                    file=sys.stderr,
                )
    return seconds


def report(seconds: dict[tuple[str, str], list[float]], rows: int) -> None:
    """Print medians and how many times as long ours takes as DuckDB reading the same table."""
    print(f"{rows:,} school × year × indicator rows, {os.cpu_count()} cores; seconds are medians")
    print(
        "{:14} {:>8} {:>12} {:>14} {:>12} {:>14}".format(
            "task", "ours", "duckdb scan", "duckdb memory", "ours / scan", "ours / memory"
        )
    )
    for task in dict.fromkeys(task for task, _ in seconds):
        own, scan, memory = (statistics.median(seconds[task, m]) for m in ("ours", "scan", "memory"))
        print(
            f"{task:14} {own:>8.2f} {scan:>12.2f} {memory:>14.2f} {own / scan:>12.2f} {own / memory:>14.2f}"
        )


def main() -> None:
    """Measure every method ``--repeats`` times on the same rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with scratch_database() as url, psycopg.connect(url, autocommit=True) as connection:
        models = compiled(MODELS)
        make_rows(connection, arguments.rows)
        connection.execute("set work_mem = '256MB'")
        scan, memory = duckdb_runs(url)
        tasks = [task for task in TASKS if all(name in models for name in OURS[task])]
        seconds = measure(
            {"ours": ours(connection, models), "scan": scan, "memory": memory}, tasks, arguments.repeats
        )
        report(seconds, arguments.rows)


if __name__ == "__main__":
    main()
