"""Loading one big file: ours beside ``psql \\copy`` and ``pandas.to_sql``, interleaved in one run.

    python -m bench.ingest [--rows 1000000] [--repeats 5] [--pandas-rows 50000]

The file holds enrolment rows, 1 % of them bad. Ours reads, types, quarantines, finds duplicate keys, copies
and writes the ledger. ``\\copy`` takes the same file, bad cells and all, into a table of text columns, so it
does less. ``to_sql`` takes the first rows only, as text: the whole would take minutes.
Every run is a process of its own against a fresh database; the clock includes reading the file, not imports.
CPU seconds of the client (with its children) and of the server are told beside: of a shared machine they can
be trusted, its clock cannot.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HEADERS = (
    "区县代码,学年,学校标识码,学段,年级,在校生数,女生数,寄宿生数,随迁子女数,留守儿童数,随班就读数,班级数"
)
BAD_SHARE = 0.01
BAD_CELLS = ("x", "十五人", "", "9999999999")
GRADES, YEARS = 6, 4
METHODS = ("ours", "copy", "copy_typed", "to_sql")
CLEAN = "clean.csv"


def write_file(path: Path, rows: int, seed: int = 1, bad_share: float = BAD_SHARE) -> None:
    """Enrolment of made schools: one row a school, year and grade; every hundredth has a bad count."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(HEADERS + "\n")
        for i in range(rows):
            school, grade, year = i // (GRADES * YEARS), 1 + i % GRADES, 2020 + i // GRADES % YEARS
            students = rng.choice(BAD_CELLS) if rng.random() < bad_share else str(rng.randint(20, 300))
            others = [str(rng.randint(0, limit)) for limit in (150, 50, 80, 40, 5, 8)]
            stream.write(
                f"99{school // 800:04d},{year},S{school:08d},小学,{grade},{students},{','.join(others)}\n"
            )


def time_ours(path: Path, limit: int) -> float:
    """``load_file``: snapshot, hash, profile, types, quarantine, duplicates, COPY, ledger."""
    from ingest.load import load_file

    start = time.perf_counter()
    outcome = load_file(path, "enrolment")
    seconds = time.perf_counter() - start
    assert outcome.status == "loaded", outcome.problems
    assert outcome.rows_rejected > 0
    return seconds


def time_copy(path: Path, limit: int) -> float:
    """``psql \\copy`` of the same file, bad cells and all, into a table of text columns without an index."""
    columns = [f'"{name}" text' for name in HEADERS.split(",")]
    return _copy(path, columns)


def time_copy_typed(path: Path, limit: int) -> float:
    """``psql \\copy`` of the same rows without bad cells into a table of the contract's types, no index."""
    from ingest.contract import contracts

    kinds = {f.name_zh: f.physical_type for f in contracts()["enrolment"].fields}
    return _copy(path.with_name(CLEAN), [f'"{name}" {kinds[name]}' for name in HEADERS.split(",")])


def _copy(path: Path, columns: list[str]) -> float:
    import psycopg

    from ingest import database, embedded

    url = database.database_url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create table raw.bench ({', '.join(columns)})")
    psql = embedded._binaries() / "psql"
    start = time.perf_counter()
    subprocess.run(
        [str(psql), "-q", url, "-c", f"\\copy raw.bench from '{path}' with (format csv, header)"], check=True
    )
    return time.perf_counter() - start


def time_to_sql(path: Path, limit: int) -> float:
    """``pandas.read_csv`` and ``DataFrame.to_sql`` of the first ``limit`` rows, as text."""
    import pandas as pd
    from sqlalchemy import create_engine

    from ingest import database

    engine = create_engine(database.database_url().replace("postgresql://", "postgresql+psycopg2://"))
    start = time.perf_counter()
    frame = pd.read_csv(path, dtype=str, nrows=limit)
    frame.to_sql("bench_to_sql", engine, schema="raw", index=False)
    return time.perf_counter() - start


RUNS: dict[str, Callable[[Path, int], float]] = {
    "ours": time_ours,
    "copy": time_copy,
    "copy_typed": time_copy_typed,
    "to_sql": time_to_sql,
}


@dataclass(frozen=True)
class Run:
    """One measurement: seconds on the clock, peak memory in MB, CPU seconds of client and server."""

    seconds: float
    peak: float
    client: float
    server: float


def run_one(method: str, path: Path, limit: int) -> None:
    """One measurement in this process: prints seconds, peak MB and CPU seconds, with those of children."""
    importlib.import_module("ingest.load")  # what is measured begins with it loaded

    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    before = [resource.getrusage(w) for w in who]
    seconds = RUNS[method](path, limit)
    after = [resource.getrusage(w) for w in who]
    cpu = sum(a.ru_utime + a.ru_stime - b.ru_utime - b.ru_stime for a, b in zip(after, before, strict=True))
    print(seconds, max(a.ru_maxrss for a in after) / 1024, cpu)


def server_cpu() -> float:
    """CPU seconds of the embedded server so far, with those of its processes that have ended."""
    from ingest import embedded

    postmaster = (embedded.data_dir() / "postmaster.pid").read_text().split()[0]
    ticks = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if status.parent.name == postmaster:
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == postmaster:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def fresh_database() -> Iterator[dict[str, str]]:
    """The environment of a process that has a new, migrated warehouse; it is dropped afterwards."""
    import psycopg

    from ingest import database, embedded

    name = f"junheng_bench_{os.getpid()}"
    embedded.start()
    environment = {**os.environ, "JUNHENG_DATABASE_URL": database.ensure_database(name)}
    try:
        subprocess.run(
            [sys.executable, "-c", "from ingest import database; database.migrate()"],
            env=environment,
            check=True,
        )
        yield environment
    finally:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as admin:
            admin.execute(f"drop database if exists {name} with (force)")
            admin.execute("checkpoint")  # so that no run pays for the one before it


def measure(method: str, path: Path, limit: int) -> Run:
    """One measurement in a fresh process against a fresh database."""
    with fresh_database() as environment:
        command = [sys.executable, "-m", "bench.ingest", "--one", method, str(path), str(limit)]
        before = server_cpu()
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        server = server_cpu() - before
    seconds, peak, client = map(float, done.stdout.split())
    return Run(seconds, peak, client, server)


def report(results: dict[str, list[Run]], rows: dict[str, int], size: int) -> None:
    """Print rows per second (median), the ratios to ``\\copy``, CPU seconds and peak memory."""
    speed = {m: rows[m] / statistics.median(r.seconds for r in runs) for m, runs in results.items()}
    print(f"{rows['ours']:,} rows, {size / 1e6:.0f} MB, {BAD_SHARE:.0%} bad, {os.cpu_count()} cores")
    titles = ("method", "rows", "rows/s", "x copy", "x typed", "client", "server", "peak MB")
    print("{:10} {:>10} {:>10} {:>7} {:>8} {:>7} {:>7} {:>8}  seconds (median; all)".format(*titles))
    for method, runs in results.items():
        times = [r.seconds for r in runs]
        listed = f"{statistics.median(times):.2f}; " + " ".join(f"{s:.2f}" for s in times)
        plain, typed = speed[method] / speed["copy"], speed[method] / speed["copy_typed"]
        client, server = (statistics.median(getattr(r, name) for r in runs) for name in ("client", "server"))
        print(
            f"{method:10} {rows[method]:>10,} {speed[method]:>10,.0f} {plain:>7.2f} {typed:>8.2f} "
            f"{client:>7.2f} {server:>7.2f} {max(r.peak for r in runs):>8.0f}  {listed}"
        )
    print("client, server: CPU seconds (median).")
    print(
        "copy: the same file into text columns, no index, nothing checked. to_sql: its first rows, as text."
    )
    print(
        "copy_typed: the same rows without bad cells into the contract's types; no index, no origin columns."
    )


def main() -> None:
    """Measure every method ``--repeats`` times, one after the other in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--pandas-rows", type=int, default=50_000)
    parser.add_argument("--one", nargs=3, metavar=("METHOD", "FILE", "ROWS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        method, path, limit = arguments.one
        run_one(method, Path(path), int(limit))
        return
    limit = min(arguments.pandas_rows, arguments.rows)
    results: dict[str, list[Run]] = {method: [] for method in METHODS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "enrolment.csv"
        write_file(path, arguments.rows)
        write_file(path.with_name(CLEAN), arguments.rows, bad_share=0)
        for turn in range(arguments.repeats):
            for method in METHODS:
                results[method].append(measure(method, path, limit))
                print(
                    f"{turn + 1}/{arguments.repeats} {method}: {results[method][-1].seconds:.2f} s",
                    file=sys.stderr,
                )
        rows = {**dict.fromkeys(METHODS, arguments.rows), "to_sql": limit}
        report(results, rows, path.stat().st_size)


if __name__ == "__main__":
    main()
