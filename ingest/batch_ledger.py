"""Writing the ledger of a load: the batch, its columns, its rejected rows, the files seen."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ingest.drift.accepted_layouts import reader_fingerprint
from ingest.forms.rows import FormNote
from ingest.layout import SheetPlan
from ingest.problems import Problem, printable
from ingest.profile import Profile
from ingest.quarantine import REJECTED_COLUMNS, REJECTED_KEY_COLUMNS
from ingest.spool import BLOCK_BYTES, Snapshot

# A file that could not even be read is tried again; these refusals say nothing about its content. Nor does
# the lack of a register of schools, which may come in the same night, nor a reader that ran out of time or
# memory or crashed: on a busy machine that happens to good files too.
TRANSIENT_RULES = frozenset(
    {
        "no_file",
        "is_folder",
        "unreadable_file",
        "changed_while_read",
        "no_register",
        "file_too_slow",
        "file_too_heavy",
        "reader_crashed",
    }
)


# Tables of what is kept of a batch beside its rows.
_DETAILS = (
    "ops.rejected_row",
    "ops.rejected_key",
    "ops.batch_column",
    "ops.form_note",
    "ops.swing",
    "ops.mended_row",
    "ops.batch_part",
    "ops.batch_member",
    "ops.kept_mend",
    "ops.emptied_partition",
    "ops.part_note",
)


@dataclass(frozen=True)
class BatchFile:
    """A file about to become a batch."""

    batch_id: UUID
    record: str
    profile: Profile
    encoding: str | None
    snapshot: Snapshot
    started_at: datetime


@dataclass(frozen=True)
class Spill:
    """What was set aside, as lines of COPY, until the copy of the good rows is done."""

    cells: IO[bytes]
    keys: IO[bytes]


@dataclass(frozen=True)
class KnownBatch:
    """What the ledger says of a batch that was loaded before."""

    status: str
    file_name: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    rows_skipped: int
    reason_zh: str | None
    reason_en: str | None
    reader_fingerprint: str
    has_rows: bool  # unless its table was dropped

    def is_refused_for_good(self, record: str, connection: psycopg.Connection) -> bool:
        """Refused, its rows still there to be judged anew should an explanation come, and nothing has changed
        since in how the record is read and judged."""
        return (
            self.status == "refused"
            and self.has_rows
            and self.reader_fingerprint == reader_fingerprint(record, connection)
        )


def lock_batch(connection: psycopg.Connection, batch_id: UUID) -> None:
    """Hold the batch until the transaction ends: who comes second waits."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"junheng.load/{batch_id}"])


def lock_and_find(connection: psycopg.Connection, batch: BatchFile) -> KnownBatch | None:
    """Hold the batch until the transaction ends, and what is known of it."""
    lock_batch(connection, batch.batch_id)
    row = connection.execute(
        "select status, file_name, rows_read, rows_loaded, rows_rejected, rows_skipped, reason_zh, "
        "reason_en, reader_fingerprint, rows_dropped_at is null from ops.load_batch where batch_id = %s",
        [batch.batch_id],
    ).fetchone()
    return KnownBatch(*row) if row else None


def write_batch(
    connection: psycopg.Connection,
    batch: BatchFile,
    status: str,
    counts: tuple[int, int, int, int],
    reason: tuple[str | None, str | None] = (None, None),
) -> None:
    """One row of ops.load_batch; ``counts`` are rows read, loaded, rejected, skipped."""
    snapshot = batch.snapshot
    connection.execute(
        "insert into ops.load_batch (batch_id, record, profile, profile_version, file_name, file_path, "
        "file_sha256, file_bytes, file_modified_at, encoding, status, rows_read, rows_loaded, rows_rejected, "
        "rows_skipped, reason_zh, reason_en, reader_fingerprint, form_generation, started_at, decided_at) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, "
        "case when %s = 'refused' then clock_timestamp() end)",
        [
            batch.batch_id,
            batch.record,
            batch.profile.name,
            batch.profile.version,
            snapshot.path.name,
            printable(str(snapshot.path)),
            snapshot.sha256,
            snapshot.file_bytes,
            snapshot.modified_at,
            batch.encoding,
            status,
            *counts,
            *reason,
            reader_fingerprint(batch.record, connection),
            batch.profile.form_layout.generation if batch.profile.forms else None,
            batch.started_at,
            status,
        ],
    )


def forget_refusal(connection: psycopg.Connection, batch_id: UUID, table: str) -> None:
    """Take a refused batch out, so that the same bytes may be judged anew by what has changed since."""
    for name in ("ops.quality_result", "ops.seen_file"):  # history stays, the batch it names does not
        connection.execute(
            sql.SQL("update {} set batch_id = null where batch_id = %s").format(
                sql.Identifier(*name.split("."))
            ),
            [batch_id],
        )
    for name in (table, *_DETAILS, "ops.load_batch"):
        connection.execute(
            sql.SQL("delete from {} where batch_id = %s").format(sql.Identifier(*name.split("."))),
            [batch_id],
        )


def write_details(
    connection: psycopg.Connection, batch: BatchFile, plans: list[SheetPlan], spill: Spill
) -> None:
    """Where each field came from, and the rejected rows of ``spill``: their cells and whose they are."""
    _write_columns(connection, batch, plans)
    for lines, table in (
        (spill.cells, f"ops.rejected_row ({REJECTED_COLUMNS})"),
        (spill.keys, f"ops.rejected_key ({REJECTED_KEY_COLUMNS})"),
    ):
        lines.seek(0)
        with connection.cursor().copy(f"copy {table} from stdin") as copy:
            shutil.copyfileobj(lines, copy, BLOCK_BYTES)


def write_members(
    connection: psycopg.Connection,
    batch_id: UUID,
    members: Sequence[Snapshot],
    contents: Mapping[str, Mapping[str, str]],
) -> None:
    """The workbooks of a folder by name, with hashes of their bytes and of what the record reads of them."""
    rows = [(member.path.name, member.sha256) for member in members]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.batch_member (batch_id, file_name, file_sha256, contents) "
            "values (%s, %s, %s, %s)",
            [(batch_id, *row, Jsonb(contents[row[0]]) if contents.get(row[0]) else None) for row in rows],
        )


def write_notes(connection: psycopg.Connection, batch: BatchFile, notes: list[FormNote]) -> None:
    """What schools wrote in explanation of their figures."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.form_note (batch_id, source_sheet, form_code, district_code, school_year, "
            "school_code, note) values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    batch.batch_id,
                    note.file_name,
                    note.form_code,
                    note.district_code,
                    note.school_year,
                    note.school_code,
                    note.text,
                )
                for note in notes
            ],
        )


def _write_columns(connection: psycopg.Connection, batch: BatchFile, plans: list[SheetPlan]) -> None:
    rows = {
        (batch.batch_id, block.number, plan.field.name, sheet.letter(column)): sheet.header.names[column]
        for sheet in plans
        for block in sheet.blocks
        for plan in block.plans
        for column in plan.columns
    }
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.batch_column (batch_id, source_block, field_name, source_column, header) "
            "values (%s, %s, %s, %s, %s)",
            [(*key, header) for key, header in rows.items()],
        )


def write_seen(
    connection: psycopg.Connection, record: str, path: Path, batch_id: UUID | None, stamp: Snapshot
) -> None:
    """Remember a file by path, size and time, so that the next night does not open it."""
    _write_seen(connection, record, path, batch_id, (stamp.file_bytes, stamp.mtime_ns))


def write_seen_mended(connection: psycopg.Connection, name: str, path: Path, stamp: tuple[int, int]) -> None:
    """Remember a mended file, whatever record its rows are of, so that the next night does not open it."""
    connection.execute(
        "insert into ops.seen_file (record, file_path, file_bytes, file_mtime_ns, reader_fingerprint) "
        "values (%s, %s, %s, %s, '') on conflict (record, file_path) do update set "
        "file_bytes = excluded.file_bytes, file_mtime_ns = excluded.file_mtime_ns, "
        "seen_at = clock_timestamp()",
        [name, printable(str(path)), *stamp],
    )


def _write_seen(
    connection: psycopg.Connection, record: str, path: Path, batch_id: UUID | None, stamp: tuple[int, int]
) -> None:
    connection.execute(
        "insert into ops.seen_file "
        "(record, file_path, file_bytes, file_mtime_ns, reader_fingerprint, batch_id) "
        "values (%s, %s, %s, %s, %s, %s) on conflict (record, file_path) do update set "
        "file_bytes = excluded.file_bytes, file_mtime_ns = excluded.file_mtime_ns, "
        "reader_fingerprint = excluded.reader_fingerprint, batch_id = excluded.batch_id, "
        "seen_at = clock_timestamp()",
        [record, printable(str(path)), *stamp, reader_fingerprint(record, connection), batch_id],
    )


def write_nothing(
    connection: psycopg.Connection, record: str, path: Path, stamp: tuple[int, int] | None
) -> None:
    """Remember a folder that says nothing to the record, so that the next night does not open it."""
    if stamp is not None:
        _write_seen(connection, record, path, None, stamp)


def write_refused_file(
    connection: psycopg.Connection,
    record: str,
    path: Path,
    problem: Problem,
    stamp: tuple[int, int] | None,
    held_file_id: int | None = None,
) -> None:
    """One row of ops.refused_file; ``stamp`` (size, time) remembers the file unless it may be tried again."""
    said = (problem.message_zh(), problem.message_en())
    connection.execute(
        "insert into ops.refused_file "
        "(record, file_name, file_path, rule, reason_zh, reason_en, held_file_id) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        [record, printable(path.name), printable(str(path)), problem.rule, *said, held_file_id],
    )
    if stamp is not None and problem.rule not in TRANSIENT_RULES:
        _write_seen(connection, record, path, None, stamp)
