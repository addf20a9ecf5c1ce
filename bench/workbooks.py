"""Workbooks and memory: a large .xlsx beside calamine alone, a folder of school workbooks, what it takes.

    python -m bench.workbooks [--rows 100000] [--books 50] [--repeats 3]

``calamine`` opens the workbook and makes its rows, and does nothing with them; ours loads them. The folder
holds made school workbooks of 19 sheets; the CPU of all processes but the database's is told per workbook.
Memory is the peak of the process and of the one that reads for it, beyond what an idle one has.
"""

from __future__ import annotations

import argparse
import importlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.ingest import HEADERS, fresh_database, write_file


def write_xlsx(path: Path, rows: int) -> None:
    """The table of bench.ingest as a workbook."""
    import xlsxwriter

    text = path.with_suffix(".csv")
    write_file(text, rows)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book, text.open() as lines:
        sheet = book.add_worksheet("表1")
        for number, line in enumerate(lines):
            cells = line.rstrip("\n").split(",")
            sheet.write_row(number, 0, [int(c) if c.isdigit() and len(c) < 10 else c for c in cells])


def write_books(folder: Path, count: int) -> None:
    """School workbooks, each with a code of its own."""
    from tests.ingest.made_workbooks import SCHOOL, Sheet, book_2021, write_book

    for number in range(count):
        book = book_2021()
        for sheet in book.values():
            for row in sheet.rows:
                row[:] = [f"{3_199_100_000 + number}" if cell == SCHOOL["code"] else cell for cell in row]
        for extra in range(19 - len(book)):
            book[f"x{extra}"] = Sheet(
                f"教基9{extra:03d}", [[f"{r * c}" for c in range(12)] for r in range(40)]
            )
        write_book(folder / f"{number:04d}.xlsx", book)


def calamine(path: Path) -> None:
    """What the reader of workbooks takes by itself."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        for _ in book.get_sheet_by_name(name).iter_rows():
            pass


def ours(path: Path) -> None:
    """The load."""
    from ingest.load import load_file

    outcome = load_file(path, "enrolment")
    assert outcome.status == "loaded", outcome.problems


RUNS: dict[str, Callable[[Path], None]] = {"calamine": calamine, "ours": ours}


def run_one(method: str, path: Path) -> None:
    """One measurement in this process: seconds, CPU seconds, peak MB beyond those of an idle process."""
    importlib.import_module("ingest.load")  # what is measured begins with it loaded
    from ingest.contract import contracts
    from ingest.profile_files import profiles

    contracts()
    profiles()
    idle = _peaks()[0]
    start, used = time.perf_counter(), _cpu()
    RUNS[method](path)
    own, child = _peaks()
    print(time.perf_counter() - start, _cpu() - used, max(own - idle, 0) + max(child - idle, 0))


def _peaks() -> tuple[float, float]:
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    own, child = (resource.getrusage(w).ru_maxrss / 1024 for w in who)
    return own, child


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def measure(method: str, path: Path) -> tuple[float, float, float]:
    """One measurement in a fresh process against a fresh database."""
    with fresh_database() as environment:
        command = [sys.executable, "-m", "bench.workbooks", "--one", method, str(path)]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    seconds, cpu, peak = map(float, done.stdout.split())
    return seconds, cpu, peak


def medians(cases: dict[str, tuple[str, Path]], repeats: int) -> dict[str, tuple[float, float, float]]:
    """Every case measured in turn; the median of seconds and of CPU seconds, the highest peak."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, (method, path) in cases.items():
            found[name].append(measure(method, path))
    return {
        name: (
            statistics.median(r[0] for r in runs),
            statistics.median(r[1] for r in runs),
            max(r[2] for r in runs),
        )
        for name, runs in found.items()
    }


def main() -> None:
    """Make the files, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--books", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("METHOD", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        run_one(arguments.one[0], Path(arguments.one[1]))
        return
    with tempfile.TemporaryDirectory() as made:
        book, books = Path(made) / "a.xlsx", Path(made) / "2021学年"
        large_book = Path(made) / "large.xlsx"
        small, large = Path(made) / "small.csv", Path(made) / "large.csv"
        write_xlsx(book, arguments.rows)
        write_xlsx(large_book, arguments.rows * 5)
        write_books(books, arguments.books)
        write_file(small, arguments.rows)
        write_file(large, arguments.rows * 5)
        cases = {
            "xlsx calamine": ("calamine", book),
            "xlsx ours": ("ours", book),
            "xlsx × 5": ("ours", large_book),
            "folder": ("ours", books),
            "csv": ("ours", small),
            "csv × 5": ("ours", large),
        }
        found = medians(cases, arguments.repeats)
        print(f"{arguments.rows:,} rows × {len(HEADERS.split(','))} columns, {os.cpu_count()} cores, medians")
        for name, (seconds, cpu, peak) in found.items():
            size = cases[name][1].stat().st_size / 1e6 if cases[name][1].is_file() else 0
            ratio = f", {peak / size:.1f} × file" if size else ""
            print(f"{name:14} {seconds:6.2f} s  {cpu:6.2f} CPU-s  peak +{peak:.0f} MB{ratio}")
        (alone, alone_cpu, alone_peak), (us, us_cpu, us_peak) = found["xlsx calamine"], found["xlsx ours"]
        print(
            f"xlsx: {alone / us:.2f} of the speed of calamine alone by the clock, "
            f"{alone_cpu / us_cpu:.2f} by CPU; {us_peak / alone_peak:.2f} × its memory"
        )
        seconds, cpu, _ = found["folder"]
        print(f"folder: {cpu / arguments.books:.3f} CPU-s a workbook, {seconds / arguments.books:.3f} s")


if __name__ == "__main__":
    main()
