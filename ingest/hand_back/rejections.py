"""What of the ledger is still to be mended: rows set aside of batches that count, each with its own file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from uuid import UUID

from ingest.duplicates import other_place
from ingest.hand_back.returned_marks import place_of
from ingest.problems import Problem
from ingest.tables import Row, read

# Of batches that are current, and of those refused as a whole of which the file still stands as it was: but
# for one whose very bytes count already, mended since. What of it is to be mended, the current batch tells.
_OPEN: LiteralString = """
    with wanted as (
        select batch.batch_id
        from ops.load_batch as batch
        where
            (%(record)s::text is null or batch.record = %(record)s)
            and (
                exists (select 1 from ops.current_batch where batch_id = batch.batch_id)
                or (
                    batch.status = 'refused' and batch.base_batch_id is null
                    and exists (select 1 from ops.seen_file where batch_id = batch.batch_id)
                    and not exists (
                        select 1
                        from ops.current_batch as held
                        inner join ops.batch_part as part on held.batch_id = part.batch_id
                        inner join ops.load_batch as root on part.origin_batch_id = root.batch_id
                        where held.record = batch.record and root.file_sha256 = batch.file_sha256
                    )
                )
            )
    )
    select
        rejected.*,
        origin.batch_id as origin_id,
        origin.profile,
        origin.file_name,
        origin.file_path,
        origin.file_sha256,
        origin.loaded_at,
        origin.status = 'refused' as is_refused
    from wanted
    inner join ops.rejected_row as rejected on wanted.batch_id = rejected.batch_id
    inner join ops.load_batch as origin
        on ops.origin_batch(rejected.batch_id, rejected.source_block) = origin.batch_id
    order by
        origin.file_name, origin.file_path, rejected.source_sheet, rejected.source_row,
        length(rejected.source_column) nulls last, rejected.source_column, rejected.rejected_row_id
"""
_OTHER_PATHS: LiteralString = """
    select distinct file_path from ops.seen_file where batch_id = any(%s) order by file_path
"""


@dataclass(frozen=True)
class Rejection:
    """One fault of one row: the batch whose file it stands in, its place, its cells and the words for it."""

    batch_id: UUID
    held_by: UUID  # the batch that counts now: a replay holds what was not mended yet of other files
    record: str
    profile: str
    problem: Problem

    @property
    def sheet(self) -> str:
        """The sheet; empty in a text file. Of a school workbook its file name and, it may be, the form."""
        return self.problem.sheet or ""

    @property
    def row(self) -> int:
        """The row of the sheet."""
        return self.problem.row or 1

    @property
    def cells(self) -> tuple[str, ...]:
        """Columns (C), or places of a form (sheet!C5); none where the row as a whole is meant."""
        column = self.problem.column
        if column is None:
            return ()
        return tuple(re.split(r"(?<=[0-9])\+", column) if "!" in column else column.split("+"))

    @property
    def other(self) -> tuple[str, int] | None:
        """Where the other row of the same key stands."""
        text = other_place(self.problem.rule, self.problem.expected_en)
        sheet, row = place_of(text) if text else ("", 0)
        return (sheet or self.sheet, row) if text else None

    @property
    def reason_zh(self) -> str:
        """The fault in Chinese, with its column."""
        problem = self.problem
        place = f"{problem.column} 列“{problem.header}”：" if problem.column else ""
        return f"{place}{problem.said_zh()}{'（行号为原文件的行号）' if self.other else ''}"

    @property
    def reason_en(self) -> str:
        """The fault in English, with its column."""
        problem = self.problem
        place = f"column {problem.column} “{problem.header}”: " if problem.column else ""
        return f"{place}{problem.said_en()}{' (row of the original file)' if self.other else ''}"


@dataclass(frozen=True)
class SourceFile:
    """A file as it was read, and all that was set aside of it, whatever record it was read for."""

    name: str
    paths: tuple[Path, ...]  # where it was read, then where else the same bytes were seen
    sha256: str
    is_refused: bool  # as a whole: nothing of it counts
    rejections: tuple[Rejection, ...]

    @property
    def profiles(self) -> tuple[str, ...]:
        """The layouts it was read by."""
        return tuple(dict.fromkeys(rejection.profile for rejection in self.rejections))


def problem_of(row: Row) -> Problem:
    """A row of ops.rejected_row, with its file's name, as a problem."""
    return Problem(
        rule=row["rule"],
        file_name=row["file_name"],
        sheet=row["source_sheet"] or None,
        row=row["source_row"],
        column=row["source_column"],
        header=row["header"],
        field_name=row["field_name"],
        found=row["found"],
        expected_zh=row["expected_zh"],
        expected_en=row["expected_en"],
        mend_zh=row["mend_zh"],
        mend_en=row["mend_en"],
    )


def rejection_of(row: Row) -> Rejection:
    """A row of ops.rejected_row, with its origin, as what is to be mended."""
    return Rejection(row["origin_id"], row["batch_id"], row["record"], row["profile"], problem_of(row))


def files_to_mend(record: str | None = None, batch: str | None = None) -> list[SourceFile]:
    """Files of which rows are set aside. ``batch`` is a batch's id (or how it begins), or 'latest': the file
    that was loaded last."""
    rows = read(_OPEN, {"record": record})
    if batch == "latest":
        last = max((row["loaded_at"] for row in rows), default=None)
        path = next((row["file_path"] for row in rows if row["loaded_at"] == last), None)
        rows = [row for row in rows if row["file_path"] == path]
    elif batch is not None:
        rows = [row for row in rows if any(str(row[c]).startswith(batch) for c in ("batch_id", "origin_id"))]
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["file_path"], row["file_sha256"]), []).append(row)
    return [_source_file(group) for group in groups.values()]


def _source_file(rows: Sequence[Row]) -> SourceFile:
    first = rows[0]
    others = read(_OTHER_PATHS, [list({row["origin_id"] for row in rows})])
    paths = dict.fromkeys([first["file_path"], *(other["file_path"] for other in others)])
    return SourceFile(
        first["file_name"],
        tuple(map(Path, paths)),
        first["file_sha256"],
        any(row["is_refused"] for row in rows),
        tuple(map(rejection_of, rows)),
    )


def by_place(rejections: Iterable[Rejection]) -> dict[tuple[str, int], list[Rejection]]:
    """Rejections by sheet and row, in the order of the file."""
    found: dict[tuple[str, int], list[Rejection]] = {}
    for rejection in rejections:
        found.setdefault((rejection.sheet, rejection.row), []).append(rejection)
    return found
