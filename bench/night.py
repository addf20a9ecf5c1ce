"""Seconds of each stage of the demo night, warm: `python -m bench.night [--nights 3]`.

Each night runs in a process and a database of its own over the same made files, so every night has the
whole work to do. The first night warms the caches and is not counted. Printed: median of each stage, the
share of the whole, and what Airflow adds to the steps themselves (the night beside the same steps called
one after the other in one process, in the same run).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from ingest import embedded

NIGHT = """
import json, time
from ingest.airflow_run import run_night
from ingest.database import migrate
migrate()
open_steps, seconds = {}, {}
def on_step(step):
    place = (step.record, step.name, step.file_name)
    if step.state == "started":
        open_steps[place] = time.monotonic()
    else:
        taken = time.monotonic() - open_steps.pop(place)
        seconds[step.name] = seconds.get(step.name, 0.0) + taken
outcome = run_night(on_step)
assert outcome.is_published, outcome.failures
print(json.dumps({**seconds, "whole night": outcome.seconds}))
"""

STEPS = """
import json, time
from ingest import night
from ingest.contract import contracts
from ingest.database import migrate
migrate()
began = time.monotonic()
for record in contracts():
    loaded = [night.load(record, path) for path in night.list_files(record)]
    night.accept(record, night.check(record, "bench"))
night.build("bench"), night.check_marts("bench"), night.publish("bench")
print(json.dumps({"steps alone": time.monotonic() - began}))
"""


def run_once(program: str, number: int, landing: Path) -> dict[str, float]:
    """One night in a process and a database of its own; seconds by stage."""
    name = f"junheng_bench_{os.getpid()}_{number}"
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        environment = {
            **os.environ,
            "JUNHENG_DATABASE_URL": embedded.url(name),
            "JUNHENG_LANDING": str(landing),
        }
        result = subprocess.run(
            [sys.executable, "-c", program], env=environment, check=True, text=True, stdout=subprocess.PIPE
        )
    finally:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    return dict(json.loads(result.stdout.strip().splitlines()[-1]))


def print_stages(nights: list[dict[str, float]]) -> None:
    """Print the median of each stage and its share of the median night."""
    whole = statistics.median(night["whole night"] for night in nights)
    for stage in nights[0]:
        median = statistics.median(night[stage] for night in nights)
        print(f"{stage:16} {median:7.2f} s  {median / whole:6.1%}")
    print(f"median of {len(nights)} nights")


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=3)
    count = parser.parse_args().nights
    from ingest.sample.write import write_five_schools, write_published_finance, write_sample

    embedded.start()
    with tempfile.TemporaryDirectory() as folder:
        landing = Path(folder)
        write_sample(landing)
        write_five_schools(landing)
        write_published_finance(landing)
        run_once(NIGHT, 0, landing)
        nights = [run_once(NIGHT, 2 * n + 1, landing) for n in range(count)]
        steps = [run_once(STEPS, 2 * n + 2, landing) for n in range(count)]
    print_stages(nights)
    alone = statistics.median(run["steps alone"] for run in steps)
    whole = statistics.median(night["whole night"] for night in nights)
    print(f"steps alone      {alone:7.2f} s; with Airflow {whole / alone:.2f} times that")


if __name__ == "__main__":
    main()
