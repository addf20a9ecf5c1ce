"""Helpers of the dbt tests: raw rows in through an accepted batch, marts out as rows.

``accepted_rows(record, rows)`` puts rows (dicts of contract fields; absent fields are NULL) into the raw
table under one accepted batch, which supersedes what its partitions held before.
``build(select=None)`` runs dbt and fails the test when a node fails; dbt's unit tests hold the SQL, not the
data: they run in the one build of everything (test_special_education_coverage) and in no build of a part.
So do the tests of the seeds: a part is built on seeds that are loaded once and copied with the template.
``publish_part()`` publishes what was built. ``query(sql)`` gives dicts.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from ingest import database, publish, warehouse
from ingest.contract import Contract, contracts
from ingest.fingerprint import input_fingerprint
from tests.conftest import copied, fresh_warehouse

SEEDS = "resource_type:seed"
Rows = Sequence[Mapping[str, Any]]
_numbers = itertools.count(1)


def _partition_key(contract: Contract, row: Mapping[str, Any]) -> str:
    parts = ((row.get(name), contract.field(name).empty_means) for name in contract.partition_by)
    return "|".join(str(empty if value is None else value) for value, empty in parts)


def _insert_batch(connection: Connection, record: str, batch_id: uuid.UUID, rows: int) -> None:
    connection.execute(
        """
        insert into ops.load_batch
            (batch_id, record, profile, profile_version, file_name, file_path, file_sha256, file_bytes,
             file_modified_at, status, rows_read, rows_loaded, rows_rejected, rows_skipped, started_at)
        values (%s, %s, 'test', 1, 'test.csv', 'test.csv', %s, 1, now(), 'accepted', %s, %s, 0, 0, now())
        """,
        [batch_id, record, str(batch_id), rows, rows],
    )


def _insert_rows(connection: Connection, contract: Contract, batch_id: uuid.UUID, rows: Rows) -> None:
    origin = [name for name, _ in database.ORIGIN_COLUMNS]
    fields = [field.name for field in contract.stored_fields]
    unknown = {name for row in rows for name in row} - set(fields)
    assert not unknown, f"no fields of {contract.record}: {sorted(unknown)}"
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in (*origin, *fields))
    table = sql.Identifier(contract.schema, contract.record)
    statement = sql.SQL("copy {} ({}) from stdin").format(table, columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for number, row in enumerate(rows, start=2):
            place = (batch_id, _partition_key(contract, row), "Sheet1", number, 0)
            copy.write_row((*place, *(row.get(name) for name in fields)))


def _make_current(connection: Connection, record: str, batch_id: uuid.UUID, keys: set[str]) -> None:
    connection.execute(
        "update ops.partition_batch set superseded_at = now(), superseded_by = %s "
        "where record = %s and partition_key = any(%s) and superseded_at is null",
        [batch_id, record, sorted(keys)],
    )
    for key in sorted(keys):
        connection.execute(
            "insert into ops.partition_batch (record, partition_key, batch_id) values (%s, %s, %s)",
            [record, key, batch_id],
        )


def insert_accepted(record: str, rows: Rows) -> uuid.UUID:
    """Insert rows of a record as one accepted, current batch; its id."""
    contract = contracts()[record]
    batch_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{record}/{next(_numbers)}")
    with database.connect() as connection:
        _insert_batch(connection, record, batch_id, len(rows))
        _insert_rows(connection, contract, batch_id, rows)
        keys = {_partition_key(contract, row) for row in rows}
        _make_current(connection, record, batch_id, keys)
    return batch_id


def insert_set_aside(record: str, batch_id: uuid.UUID, keys: Rows) -> None:
    """Rows of a batch that were set aside: what could be read of each (absent fields could not)."""
    fields = ("district_code", "school_year", "school_code", "stage")
    with database.connect() as connection:
        for number, key in enumerate(keys, start=1001):
            connection.execute(
                "insert into ops.rejected_key (batch_id, record, source_sheet, source_row, source_block, "
                "district_code, school_year, school_code, stage) "
                "values (%s, %s, 'Sheet1', %s, 0, %s, %s, %s, %s)",
                [batch_id, record, number, *(key.get(name) for name in fields)],
            )


def run_query(text: str, parameters: Sequence[Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a query as dicts, as the owner of the database."""
    with database.connect() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        return cursor.execute(text, parameters).fetchall()


def run_build(
    select: Sequence[str] | None = None, *, are_seeds_changed: bool = False
) -> warehouse.BuildOutcome:
    """Run dbt; AssertionError naming the nodes that failed."""
    exclude = [SEEDS] if select and not are_seeds_changed else ()
    outcome = warehouse.build("test", select, exclude=exclude, unit_tests=not select)
    assert outcome.is_success, [(node.node_name, node.message) for node in outcome.failures]
    return outcome


@pytest.fixture(scope="session")
def template_database(server: str, template_database: str) -> Iterator[str]:
    """In this folder the warehouse that others are copied from has its seeds."""
    with ExitStack() as kept:
        with fresh_warehouse(server, template_database) as url:
            outcome = warehouse.build("seeds", [SEEDS], data_tests=False)
            assert outcome.is_success, outcome.failures
            seeded = str(conninfo_to_dict(url)["dbname"])
            name = kept.enter_context(copied(server, seeded, f"{template_database}_seeded"))
        yield name


def publish_built() -> None:
    """Publish what ``run_build`` left of some models: for that it counts as the build of a night."""
    with database.connect() as connection:
        connection.execute(
            "insert into ops.build (run_id, input_fingerprint) values ('test', %s)", [input_fingerprint()]
        )
    publish.publish("test")


@pytest.fixture(scope="session")
def accepted_rows() -> Callable[[str, Rows], uuid.UUID]:
    return insert_accepted


@pytest.fixture(scope="session")
def set_aside() -> Callable[[str, uuid.UUID, Rows], None]:
    return insert_set_aside


@pytest.fixture(scope="session")
def query() -> Callable[..., list[dict[str, Any]]]:
    return run_query


@pytest.fixture(scope="session")
def build() -> Callable[..., warehouse.BuildOutcome]:
    return run_build


@pytest.fixture(scope="session")
def publish_part() -> Callable[[], None]:
    return publish_built
