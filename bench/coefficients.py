"""Coefficients, contributions and groups of many schools: our SQL beside DuckDB, in one run.

    python -m bench.coefficients [--rows 500000] [--repeats 3]

The rows are school × year × indicator, made in the database itself, in the shape and types of
``intermediate.int_school_indicators``. Ours is the SQL that dbt compiles from the models, each model into a
table of its own, in a session with the settings of the night. DuckDB works the same measures out in double
precision, once reading the same Postgres tables (transfer included), once from copies in its own memory (the
copying is not on the clock). What ours pays for: exact numeric sums, no dependence on the order of rows,
equal schools give exactly 0.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg

from bench.coefficients_duckdb import Duck
from ingest.warehouse import PLANNER

Seconds = dict[tuple[str, str], list[float]]
YEARS, INDICATORS, SCHOOLS = 4, 7, 40
# Each reads what those before it made.
MODELS = {
    "coefficients": "int_coefficients",
    "contributions": "int_school_contributions",
    "inequality": "int_inequality",
    "group means": "int_group_means",
    "group gaps": "int_group_gaps",
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
        numerator::numeric(90, 40) as numerator,
        students::numeric(90, 40) as denominator,
        true as is_reported,
        round(100 * numerator::numeric(90, 40) / students, 40)::numeric(90, 40) as value,
        null::text as reason_code
    from (
        select n, students, (students * (0.5 + random()) * 4)::numeric(12, 2) as numerator
        from (
            select n, (100 + random() * 900)::integer as students
            from generate_series(0::bigint, {rows} - 1) as n
        ) as schools
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


def compiled(names: Sequence[str]) -> dict[str, str]:
    """The SQL of the models, as dbt would run it in the current database."""
    from dbt.cli.main import dbtRunner

    from ingest import warehouse
    from ingest.database import database_url

    command = ["compile", "--select", *names]
    with warehouse._environment(warehouse._connection_variables(database_url())):
        answer = dbtRunner().invoke(warehouse._arguments(command))
    assert answer.success, answer.exception
    # Not from the folder of compiled files: a unit test leaves its own SQL there under a model's name.
    return {result.node.name: result.node.compiled_code for result in answer.result.results}


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
    """Runs one task of ours: its model into a table of its own, analyzed as dbt would."""

    def run(task: str) -> None:
        table = f"intermediate.{MODELS[task]}"
        connection.execute(f"drop table if exists {table}")
        connection.execute(f"create table {table} as {models[MODELS[task]]}")
        connection.execute(f"analyze {table}")

    return run


def measure(own: Callable[[str], None], duck: Duck, repeats: int) -> Seconds:
    """Seconds of every method and task, one after the other in turn."""
    seconds: Seconds = {}
    for turn in range(repeats):
        for task in MODELS:
            for method, run in {"ours": own, "scan": duck.scan, "memory": duck.memory}.items():
                if method == "memory":
                    duck.copy(task)
                start = time.perf_counter()
                run(task)
                seconds.setdefault((task, method), []).append(time.perf_counter() - start)
                print(
                    f"{turn + 1}/{repeats} {task} {method}: {seconds[task, method][-1]:.2f} s",
                    file=sys.stderr,
                )
    return seconds


def report(seconds: Seconds, rows: int) -> None:
    """Print medians and how many times as long ours takes as DuckDB, by task and together."""
    print(f"{rows:,} school × year × indicator rows, {os.cpu_count()} cores; seconds are medians")
    heads = ("task", "ours", "duckdb scan", "duckdb memory", "ours / scan", "ours / memory")
    print("{:14} {:>8} {:>12} {:>14} {:>12} {:>14}".format(*heads))
    medians = {key: statistics.median(taken) for key, taken in seconds.items()}
    for task in (*MODELS, "all"):
        own, scan, memory = (
            sum(taken for (of, how), taken in medians.items() if how == method and task in (of, "all"))
            for method in ("ours", "scan", "memory")
        )
        print(
            f"{task:14} {own:>8.2f} {scan:>12.2f} {memory:>14.2f} {own / scan:>12.2f} {own / memory:>14.2f}"
        )


def main() -> None:
    """Measure every method ``--repeats`` times on the same rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with (
        scratch_database() as url,
        psycopg.connect(url, autocommit=True, options=PLANNER) as connection,
    ):
        models = compiled(list(MODELS.values()))
        make_rows(connection, arguments.rows)
        seconds = measure(ours(connection, models), Duck(url), arguments.repeats)
        report(seconds, arguments.rows)


if __name__ == "__main__":
    main()
