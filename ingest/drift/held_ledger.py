"""The ledger of held files: what is held and why, which content was shown, what was settled and told."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from ingest.batch_ledger import BatchFile, forget_refusal
from ingest.drift.compare import Difference, moves
from ingest.drift.held import HeldFileError
from ingest.drift.readings import sheet_drift
from ingest.opener import Opener
from ingest.problems import RefusedFileError, printable
from ingest.profile import normal_header
from ingest.readers import Recognised


def as_json(differences: tuple[Difference, ...] | list[Difference]) -> Jsonb:
    """Differences as the ledger keeps them."""
    return Jsonb([asdict(d) for d in differences], dumps=lambda v: json.dumps(v, ensure_ascii=False))


def write_held(connection: psycopg.Connection, record: str, error: RefusedFileError | None) -> int | None:
    """One row of ops.held_file, when that is what the refusal is; its number."""
    if not isinstance(error, HeldFileError):
        return None
    snapshot, drift, problem = error.snapshot, error.drift, error.problem
    row = connection.execute(
        "insert into ops.held_file (record, profile, file_name, file_path, file_sha256, differences, "
        "reason_zh, reason_en) values (%s, %s, %s, %s, %s, %s, %s, %s) returning held_file_id",
        [
            record,
            drift.profile.name,
            printable(snapshot.path.name),
            printable(str(snapshot.path)),
            snapshot.sha256,
            as_json(drift.differences),
            problem.message_zh(),
            problem.message_en(),
        ],
    ).fetchone()
    return int(row[0]) if row else None


def write_shown(connection: psycopg.Connection, path: Path, sha256: str) -> None:
    """Remember which content of a file somebody was shown."""
    connection.execute(
        "insert into ops.shown_layout (file_path, file_sha256) values (%s, %s) "
        "on conflict (file_path) do update set file_sha256 = excluded.file_sha256, "
        "shown_at = clock_timestamp()",
        [printable(str(path)), sha256],
    )


def resolve(connection: psycopg.Connection, record: str, path: Path, still: str | None = None) -> None:
    """The file is held no longer; with ``still``, only as far as it was held with other content."""
    connection.execute(
        "update ops.held_file set resolved_at = clock_timestamp() where record = %s and file_path = %s "
        "and resolved_at is null and file_sha256 is distinct from %s",
        [record, printable(str(path)), still],
    )


def settle(
    connection: psycopg.Connection, batch: BatchFile, table: str, opener: Opener, recognised: Recognised
) -> None:
    """A batch was loaded: what held it is over, and what held nothing up is told with it."""
    resolve(connection, batch.record, batch.snapshot.path)
    accepted = batch.profile.accepted
    told = [] if recognised.profile.forms else _told(connection, batch, opener, recognised)
    if accepted or told:
        connection.execute(
            "update ops.load_batch set layout_id = %s, layout_differences = %s where batch_id = %s",
            [accepted, as_json(told), batch.batch_id],
        )
    if accepted:
        _forget_earlier(connection, batch, table)


def _forget_earlier(connection: psycopg.Connection, batch: BatchFile, table: str) -> None:
    """The same bytes, as they were refused before their layout was accepted."""
    connection.execute(
        "update ops.held_file set resolved_at = clock_timestamp() "
        "where record = %s and file_sha256 = %s and resolved_at is null",
        [batch.record, batch.snapshot.sha256],
    )
    rows = connection.execute(
        "select batch_id from ops.load_batch where record = %s and profile = %s and file_sha256 = %s "
        "and status = 'refused' and batch_id <> %s",
        [batch.record, batch.profile.name, batch.snapshot.sha256, batch.batch_id],
    ).fetchall()
    for (batch_id,) in rows:
        forget_refusal(connection, batch_id, table)


def _told(
    connection: psycopg.Connection, batch: BatchFile, opener: Opener, recognised: Recognised
) -> list[Difference]:
    drift = sheet_drift(opener, recognised)
    told = [d for d in drift.differences if d.kind == "new" and not d.is_held]
    former = former_columns(connection, batch.profile.name, batch.batch_id)
    for sheet in recognised.sheets:
        told += moves(sheet, former)
    return told


def former_columns(
    connection: psycopg.Connection, profile: str, besides: UUID | None = None
) -> dict[str, str]:
    """Where each header stood in the file of this profile that was read last."""
    rows = connection.execute(
        "select header, source_column from ops.batch_column where batch_id = ("
        "select batch_id from ops.load_batch where profile = %s and batch_id is distinct from %s "
        "and status in ('loaded', 'accepted') order by loaded_at desc, batch_id limit 1)",
        [profile, besides],
    )
    return {normal_header(header): column for header, column in rows}


def shown_sha256(connection: psycopg.Connection, path: Path) -> str | None:
    """Which content of a file was shown last; None when none was."""
    row = connection.execute(
        "select file_sha256 from ops.shown_layout where file_path = %s", [printable(str(path))]
    ).fetchone()
    return row[0] if row else None
