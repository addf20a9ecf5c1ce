"""A large text is copied into a table of its own; whoever reads the raw table sees no difference."""

from __future__ import annotations

import psycopg
import pytest

from ingest import batch_table, database
from ingest.accept import accept_batches
from ingest.load import load_file
from tests.ingest.conftest import Put, Query, csv_bytes, good_rows

OWN_TABLES = (
    "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'raw.enrolment'::regclass"
)
ALL_ROWS = "select * from raw.enrolment order by source_row"


def rows_with_faults() -> bytes:
    rows = good_rows(40)
    rows[3][5] = "x"
    rows[7] = rows[8]
    return csv_bytes(rows)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file counts as large."""
    monkeypatch.setattr(batch_table, "LARGE_FILE_BYTES", 1)


def test_the_same_rows_either_way(put: Put, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put("a.csv", rows_with_faults())
    plain = load_file(path, "enrolment")
    expected = query(ALL_ROWS)
    assert query(OWN_TABLES) == []
    with database.connect() as connection:
        for table in ("ops.seen_file", "ops.rejected_row", "ops.rejected_key", "ops.batch_column"):
            connection.execute(f"delete from {table}")
        connection.execute("delete from ops.load_batch")
        connection.execute("delete from raw.enrolment")
    monkeypatch.setattr(batch_table, "LARGE_FILE_BYTES", 1)
    outcome = load_file(path, "enrolment")
    assert outcome == plain
    assert (outcome.rows_loaded, outcome.rows_rejected) == (37, 3)
    assert len(query(OWN_TABLES)) == 1
    assert query("select 1 from only raw.enrolment") == []
    assert query(ALL_ROWS) == expected


def test_a_refused_file_leaves_no_table(put: Put, query: Query, large: None) -> None:
    rows = [[*row[:5], "x", *row[6:]] for row in good_rows(40)]
    assert load_file(put("a.csv", csv_bytes(rows)), "enrolment").status == "refused"
    assert query(OWN_TABLES) == []
    assert query("select 1 from pg_class where starts_with(relname, 'enrolment_') and relkind = 'r'") == []


def test_a_batch_refused_by_the_suites_is_loaded_again_when_its_reading_changes(
    put: Put, query: Query, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put("a.csv", csv_bytes(good_rows(40)))
    first = load_file(path, "enrolment")
    assert first.batch_id is not None
    accept_batches("enrolment", {first.batch_id: ("不行", "no")})
    monkeypatch.setattr("ingest.batch_ledger.reader_fingerprint", lambda *_: "changed")
    again = load_file(path, "enrolment")
    assert (again.status, again.rows_loaded) == ("loaded", 40)
    assert len(query(ALL_ROWS)) == 40


def test_the_planner_is_told_of_it(put: Put, query: Query, large: None) -> None:
    load_file(put("a.csv", csv_bytes(good_rows(40))), "enrolment")
    database.analyze("enrolment")
    ((name,),) = [row.values() for row in query(OWN_TABLES)]
    assert query("select reltuples::integer as rows from pg_class where oid = %s::regclass", name) == [
        {"rows": 40}
    ]


def test_no_other_table_becomes_part_of_the_raw_layer(warehouse: str) -> None:
    with (
        database.connect("junheng_loader") as connection,
        pytest.raises(psycopg.errors.RaiseException, match="is no table of a batch"),
    ):
        connection.execute("select ops.attach_batch_table('enrolment', 'ops.load_batch')")
