"""Bad files through the real reader: one clear outcome each, no traceback, no hang, nothing half loaded.

    python -m bench.bad_files [--files 10000] [--seed 1] [--load-share 0.05] [--cut]

Every file is a good one that a mutation broke (``bad_text``, ``bad_workbook``, ``bad_forms``), made from the
seed and its number alone. All are read, typed and judged; a share is loaded into a database of its own, where
the ledger and the raw table are looked at. What is no clear outcome is a fault; with one, the run fails.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench.bad_forms import FORMS
from bench.bad_text import HEAVY_TEXT, TEXT, Mutation
from bench.bad_workbook import HEAVY_WORKBOOKS, WORKBOOKS
from ingest import database, embedded, load, sheet_parts, workbook_limits
from ingest.batch_table import raw_table
from ingest.contract import contracts
from ingest.drift.readings import recognise_or_hold
from ingest.opener import open_path
from ingest.problems import Problem, RefusedFileError, printable
from ingest.row_stream import RowTally, pieces_of
from ingest.spool import working_folder
from ingest.watched import Watched

HEAVY_SHARE, FORMS_SHARE = 0.002, 0.06
FORM_RECORDS = ("school", "enrolment", "staffing", "facilities")
# The reader's own limit here, and that of the process in which all of it runs.
READER_SECONDS, FILE_SECONDS, READER_MEMORY_MB = "60", "300", "1024"
HEAVY = {**HEAVY_TEXT, **HEAVY_WORKBOOKS}
LIGHT = {**TEXT, **WORKBOOKS}
MUTATIONS: dict[str, Mutation] = {**LIGHT, **HEAVY, **FORMS}


@dataclass(frozen=True)
class Case:
    """One file to be made: by which mutation, and of which record it is handed in."""

    number: int
    mutation: str
    record: str
    in_folder: bool
    is_loaded: bool


@dataclass(frozen=True)
class Verdict:
    """What became of a file: ``outcome`` for counting, what is wrong with that (None: nothing)."""

    outcome: str
    fault: str | None = None
    peak_mb: float = 0


def cases(count: int, seed: int, load_share: float, *, with_heavy: bool = True) -> Iterator[Case]:
    """The files of a run, the same for the same seed."""
    rng = random.Random(seed)
    for number in range(count):
        draw = rng.random()
        if draw < HEAVY_SHARE and with_heavy:
            name, record = rng.choice(sorted(HEAVY)), "enrolment"
        elif draw < HEAVY_SHARE + FORMS_SHARE:
            name, record = rng.choice(sorted(FORMS)), rng.choice(FORM_RECORDS)
        else:
            name, record = rng.choice(sorted(LIGHT)), "enrolment"
        yield Case(number, name, record, rng.random() < 0.5, rng.random() < load_share)


def write_case(case: Case, seed: int, folder: Path) -> Path | None:
    """The file, or the folder that holds it; None where this system has no file of that name."""
    rng = random.Random(f"{seed}/{case.number}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of archives with a name twice
        name, content = MUTATIONS[case.mutation](rng)
    place = folder / str(case.number)
    if case.mutation in FORMS and case.in_folder:
        place /= name.split(".")[0]
    place.mkdir(parents=True)
    try:
        (place / name).write_bytes(content)
    except (OSError, UnicodeEncodeError):
        return None
    return place if case.mutation in FORMS and case.in_folder else place / name


class Judge:
    """Reads or loads one file after the other; lives in a watched process."""

    def __init__(self) -> None:
        os.environ["JUNHENG_READER_SECONDS"] = READER_SECONDS
        os.environ["JUNHENG_READER_MEMORY_MB"] = READER_MEMORY_MB

    def judge(self, path: Path, record: str, is_loaded: bool) -> Verdict:
        """The outcome of one file; an exception that is none of ours is a fault."""
        try:
            outcome, fault = _loaded(path, record) if is_loaded else _read(path, record)
        except Exception as error:  # whatever it is, it is what is looked for
            outcome, fault = "raised", f"{type(error).__name__}: {error}"
        used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return Verdict(outcome, fault, max(used) / 1024)


def _read(path: Path, record: str) -> tuple[str, str | None]:
    """Everything a load does before the database."""
    contract, tally = contracts()[record], RowTally()
    try:
        with working_folder() as folder, closing(open_path(path, folder)) as opener:
            recognised = recognise_or_hold(opener, record)
            batch, plans = load.plan(opener, contract, recognised, datetime.now(UTC))
            for piece in pieces_of(contract, batch, recognised, plans, tally, raw_table(contract).origin):
                tally.add(piece)
    except RefusedFileError as error:
        return f"refused {error.problem.rule}", message_fault(error.problem)
    if tally.rows_read == tally.rows_skipped:
        return "refused no_rows", None
    if tally.rejected_share > contract.max_rejected_share:
        return "refused too_many_rejected", None
    return ("taken in part" if tally.rows_rejected else "taken"), None


def _loaded(path: Path, record: str) -> tuple[str, str | None]:
    """The load itself, and whether the ledger and the raw table say the same as its outcome."""
    contract = contracts()[record]
    done = load.load_file(path, record)
    with database.connect() as connection:
        (rows,) = connection.execute(
            f"select count(*) from {contract.table} where batch_id = %s", [done.batch_id]
        ).fetchone()
        (left,) = connection.execute(
            f"select count(*) from {contract.table} t where not exists "
            "(select 1 from ops.load_batch b where b.batch_id = t.batch_id and b.status <> 'refused')"
        ).fetchone()
        (ledger,) = connection.execute(
            "select count(*) from ops.refused_file where file_path = %s", [printable(str(path))]
        ).fetchone()
    if left:
        return "loaded in part", f"{left} rows of no batch"
    if done.status == "refused":
        wrong = [fault for problem in done.problems if (fault := message_fault(problem))]
        if done.batch_id is None and not ledger:
            wrong.append("not in the ledger")
        return f"refused {done.problems[0].rule}", "; ".join(wrong) or None
    if rows != done.rows_loaded:
        return "loaded in part", f"{rows} rows, {done.rows_loaded} told"
    return ("taken in part" if done.rows_rejected else "taken"), None


def message_fault(problem: Problem) -> str | None:
    """What is wrong with the message of a refusal."""
    crashed = problem.rule == "reader_crashed" and not (problem.found or "").startswith(("Panic", "SIG"))
    texts = (problem.message_zh(), problem.message_en())
    if crashed:
        return f"the reader raised {problem.found}"
    if any(printable(text) != text for text in texts):
        return f"a message of more than one line or with control characters: {texts[1]!r}"
    if any(printable(problem.file_name) not in text for text in texts):
        return f"the message does not name the file: {texts[1]}"
    return None if problem.mend_zh and problem.mend_en else "the message does not say how to mend it"


def judged(case: Case, path: Path, process: Watched) -> Verdict:
    """The verdict on one file; a process that hangs, balloons or dies is a fault."""
    try:
        verdict: Verdict = process.call("judge", path, case.record, case.is_loaded)
    except RefusedFileError as error:
        return Verdict(error.problem.rule, f"the whole program: {error.problem.found}")
    return verdict


def run(made: Iterator[Case], seed: int) -> dict[str, Any]:
    """Make and judge the files; counts by mutation and outcome, faults, the slowest file, peak memory."""
    counts: dict[str, Counter[str]] = {}
    faults: list[str] = []
    slowest, peak, started = (0.0, ""), 0.0, time.monotonic()
    process = Watched(Judge, "the bench")
    with tempfile.TemporaryDirectory() as folder, closing(process):
        for number, case in enumerate(made, start=1):
            path = write_case(case, seed, Path(folder))
            if path is None:
                counts.setdefault(case.mutation, Counter())["no such name here"] += 1
                continue
            begun = time.monotonic()
            verdict = judged(case, path, process)
            slowest = max(slowest, (time.monotonic() - begun, f"{case.number} {case.mutation}"))
            peak = max(peak, verdict.peak_mb)
            counts.setdefault(case.mutation, Counter())[verdict.outcome] += 1
            if verdict.fault:
                faults.append(f"{case.number} {case.mutation} ({verdict.outcome}): {verdict.fault}")
                print(faults[-1], file=sys.stderr)
            if number % 500 == 0:
                seconds = time.monotonic() - started
                print(f"{number} files, {len(faults)} faults, {seconds:.0f} s", file=sys.stderr)
            _remove(Path(folder) / str(case.number))
    return {
        "counts": counts,
        "faults": faults,
        "slowest": slowest,
        "peak_mb": peak,
        "seconds": time.monotonic() - started,
    }


def _remove(place: Path) -> None:
    for file in sorted(place.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    place.rmdir()


def report(found: dict[str, Any], seed: int) -> None:
    """Print what became of the files."""
    outcomes: Counter[str] = Counter()
    for mutation, counted in sorted(found["counts"].items()):
        outcomes.update(counted)
        listed = ", ".join(f"{outcome} {n}" for outcome, n in counted.most_common())
        print(f"{mutation:24} {counted.total():>6}  {listed}")
    print(
        f"\n{outcomes.total():,} files, seed {seed}: "
        + ", ".join(f"{o} {n}" for o, n in outcomes.most_common())
    )
    seconds, slow = found["slowest"]
    print(
        f"{found['seconds']:.0f} s in all; the slowest {seconds:.1f} s ({slow}); "
        f"peak {found['peak_mb']:.0f} MB"
    )
    print(f"{len(found['faults'])} faults")
    for fault in found["faults"]:
        print("  " + fault)


def main() -> int:
    """Run against a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--load-share", type=float, default=0.05)
    parser.add_argument("--part", default="1/1", help="K/N: only every Nth file, from the Kth on")
    parser.add_argument("--only", help="only the files of one mutation")
    parser.add_argument("--cut", action="store_true", help="read every .xlsx as if it were large, in parts")
    arguments = parser.parse_args()
    if arguments.cut:
        workbook_limits.LARGE_SHEET_BYTES = 300
        sheet_parts.PART_BYTES, sheet_parts.PART_PER_SHARED, sheet_parts.MIN_PARTS = 700, 0, 0
    os.environ["JUNHENG_READER_SECONDS"] = FILE_SECONDS
    name = f"junheng_bad_files_{os.getpid()}"
    embedded.start()
    os.environ["JUNHENG_DATABASE_URL"] = database.ensure_database(name)
    try:
        database.migrate()
        part, parts = map(int, arguments.part.split("/"))
        made = cases(arguments.files, arguments.seed, arguments.load_share)
        mine = (case for case in made if case.number % parts == part - 1)
        found = run((c for c in mine if arguments.only in (None, c.mutation)), arguments.seed)
    finally:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as admin:
            admin.execute(f"drop database if exists {name} with (force)")
    report(found, arguments.seed)
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
