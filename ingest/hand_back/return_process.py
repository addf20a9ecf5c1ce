"""Workbooks handed back are written in a process of its own, with the limits of time and memory of a reader.

openpyxl takes some fifty times the size of a file in memory and a minute for a few million cells. Of a large
table only the header and the rows that failed are looked at: the same cells without their look.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook

from ingest.chunks import SheetHeader
from ingest.hand_back.rejections import Rejection
from ingest.hand_back.return_workbook import (
    Failed,
    filter_table,
    mark_forms,
    open_workbook,
    same_rows,
    save,
)
from ingest.problems import RefusedFileError, refuse
from ingest.spool import Snapshot
from ingest.watched import Watched

# Sheets of this size in XML are some million cells: above it the rows that failed are taken out alone.
MAX_EDITED_BYTES = 48 << 20
_LIMITS = ("file_too_slow", "file_too_heavy", "reader_crashed")


@dataclass(frozen=True)
class MarkedTable:
    """A sheet of a table: its header, what failed by row, the columns in which a merged cell tells all."""

    header: SheetHeader
    failed: Failed
    filled: frozenset[int]


def write_table(snapshot: Snapshot, target: Path, tables: Sequence[MarkedTable], *, whole: bool) -> bool:
    """Write the table filtered to what failed (``whole``: marked only); whether it keeps its look."""
    is_large = not whole and _sheet_bytes(snapshot) > MAX_EDITED_BYTES
    ways = ["rows"] if is_large else ["edited"] if whole else ["edited", "rows"]
    return _first_within_limits(snapshot, ways, str(target), tuple(tables), whole)


def write_forms(snapshot: Snapshot, target: Path, own: Sequence[Rejection], *, whole: bool) -> bool:
    """Write a school workbook with its bad cells marked; whether it keeps its look."""
    return _first_within_limits(snapshot, ["forms"], str(target), tuple(own), whole)


def _sheet_bytes(snapshot: Snapshot) -> int:
    """How large the sheets of a workbook are when unpacked; of an old .xls as large as the file."""
    if not zipfile.is_zipfile(snapshot.spool):
        return snapshot.file_bytes
    with zipfile.ZipFile(snapshot.spool) as archive:
        return sum(m.file_size for m in archive.infolist() if m.filename.startswith("xl/worksheets/"))


def _first_within_limits(snapshot: Snapshot, ways: Sequence[str], *arguments: object) -> bool:
    """What the first way that keeps within the limits says. RefusedFileError when none does."""
    name = snapshot.path.name
    last: RefusedFileError | None = None
    for way in ways:
        with closing(Watched(lambda: _Writer(snapshot), name)) as process:
            try:
                return bool(process.call(way, *arguments))
            except RefusedFileError as error:
                if error.problem.rule not in _LIMITS:
                    raise
                last = error
    if last is None:
        raise ValueError("no way to write a workbook was named")
    raise _too_large(name, last) from last


class _Writer:
    """In the other process."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        # openpyxl writes each sheet to a file first, which stays when this process is killed: names in clear.
        # Of what lies here nothing stays, even of a parent that was killed.
        tempfile.tempdir = str(snapshot.folder)

    def edited(self, target: str, tables: Sequence[MarkedTable], whole: bool) -> bool:
        book, keeps_look = open_workbook(self._snapshot)
        self._filter(book, target, tables, whole=whole)
        return keeps_look

    def rows(self, target: str, tables: Sequence[MarkedTable], whole: bool) -> bool:
        wanted = {t.header.sheet: {*range(1, t.header.end_row + 1), *t.failed} for t in tables}
        self._filter(same_rows(self._snapshot, wanted), target, tables, whole=whole)
        return False

    def forms(self, target: str, own: Sequence[Rejection], whole: bool) -> bool:
        book, keeps_look = open_workbook(self._snapshot)
        mark_forms(book, self._snapshot.path.name, own, whole=whole)
        save(book, Path(target))
        return keeps_look

    def _filter(self, book: Workbook, target: str, tables: Sequence[MarkedTable], *, whole: bool) -> None:
        for table in tables:
            filter_table(book, table.header, table.failed, table.filled, whole=whole)
        save(book, Path(target))


def _too_large(name: str, error: RefusedFileError) -> RefusedFileError:
    problem = error.problem
    return refuse(
        "too_large_to_hand_back",
        name,
        found=problem.found,
        expected=(
            f"规定的时间和内存内能写出的工作簿（{problem.expected_zh}）",
            f"a workbook that can be written within its time and memory ({problem.expected_en})",
        ),
        mend=(
            "按 junheng rejected 所列在原文件中改正，整份用 junheng ingest 交入；或另存为 CSV 后重新交入",
            "correct the original as junheng rejected lists it and hand it in whole with junheng ingest; "
            "or save it as CSV and hand that in",
        ),
    )
