"""Batches put straight into the raw tables: whether checks hold does not depend on how rows were read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from ingest.contract import contracts

Rows = Sequence[dict[str, Any]]

_FIRST_FILE = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8)))
_BATCH = """
    insert into ops.load_batch
        (batch_id, record, profile, profile_version, file_name, file_path, file_sha256, file_bytes,
         file_modified_at, status, rows_read, rows_loaded, rows_rejected, rows_skipped, started_at)
    values (%s, %s, 'test', 1, %s, %s, %s, 1, %s, 'loaded', %s, %s, 0, 0, clock_timestamp())
"""


def put_batch(
    connection: psycopg.Connection, record: str, rows: Rows, *, file_name: str = "表.xlsx", order: int = 0
) -> UUID:
    """Write a loaded batch; ``order`` is its place among files by time of change."""
    contract = contracts()[record]
    batch_id = uuid4()
    connection.execute(
        _BATCH,
        [
            *(batch_id, record, file_name, f"/{file_name}", batch_id.hex),
            *(_FIRST_FILE + timedelta(days=order), len(rows), len(rows)),
        ],
    )
    for number, row in enumerate(rows, start=2):
        parts = [row.get(name) or contract.field(name).empty_means for name in contract.partition_by]
        key = "|".join(map(str, parts))
        columns = ["batch_id", "partition_key", "source_sheet", "source_row", "source_block", *row]
        connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier(contract.schema, record),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(sql.Placeholder() * len(columns)),
            ),
            [batch_id, key, "表1", number, 0, *row.values()],
        )
    connection.commit()
    return batch_id


def make_current(connection: psycopg.Connection, record: str, batch_id: UUID) -> None:
    """Make a batch current for its partitions, as acceptance does."""
    contract = contracts()[record]
    partitions = sql.SQL("select distinct partition_key from {} where batch_id = %s").format(
        sql.Identifier(contract.schema, record)
    )
    connection.execute(
        sql.SQL("delete from ops.partition_batch where record = %s and partition_key in ({})").format(
            partitions
        ),
        [record, batch_id],
    )
    connection.execute(
        sql.SQL(
            "insert into ops.partition_batch (record, partition_key, batch_id) "
            "select %s, partition_key, %s from ({}) as touched"
        ).format(partitions),
        [record, batch_id, batch_id],
    )
    connection.commit()
