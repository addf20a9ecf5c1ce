"""A large text is copied into a table of its own; whoever reads the raw table sees no difference."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from ingest import batch_ledger, batch_table, database, night
from ingest.accept import accept_batches
from ingest.cli import app
from ingest.landing import pending_files
from ingest.load import LoadOutcome, load_file
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


def decide(batch: LoadOutcome, *, refuse: bool = False) -> UUID:
    """Let the night accept or refuse a batch."""
    assert (batch.status, batch.batch_id is None) == ("loaded", False)
    refused = {str(batch.batch_id): ["不行", "no"]} if refuse else {}
    passed = [] if refuse else [str(batch.batch_id)]
    night.accept("enrolment", {"passed": passed, "refused": refused})
    assert batch.batch_id is not None
    return batch.batch_id


def own_tables(query: Query) -> set[str]:
    return {row["name"].rpartition("_")[2] for row in query(OWN_TABLES)}


def test_a_refused_batchs_table_goes_once_a_later_file_has_told_what_it_told(
    put: Put, query: Query, large: None
) -> None:
    two_years = good_rows(40)
    for row in two_years[20:]:
        row[1] = 2022
    refused = decide(load_file(put("a.csv", csv_bytes(two_years)), "enrolment"), refuse=True)
    first = decide(load_file(put("b.csv", csv_bytes(two_years[:20])), "enrolment"))
    assert own_tables(query) == {refused.hex, first.hex}, "of 2022 only the refused batch tells"
    # While somebody loads it anew it stays, and so it does while somebody reads it.
    last = load_file(put("c.csv", csv_bytes(two_years[20:])), "enrolment")
    with database.connect("junheng_loader") as other:
        batch_ledger.lock_batch(other, refused)
        decide(last)
        assert refused.hex in own_tables(query)
    with database.connect("junheng_loader") as other:
        other.execute("select count(*) from raw.enrolment")
        assert batch_table.drop_unread("enrolment") == 0
    assert batch_table.drop_unread("enrolment") == 1
    assert last.batch_id is not None
    assert own_tables(query) == {first.hex, last.batch_id.hex}
    assert query("select 1 from raw.enrolment where batch_id = %s", refused) == []
    assert query(
        "select status, rows_dropped_at is not null as gone from ops.load_batch order by file_name"
    ) == [
        {"status": "refused", "gone": True},
        {"status": "accepted", "gone": False},
        {"status": "accepted", "gone": False},
    ]


def test_what_was_ever_current_keeps_its_table(put: Put, query: Query, large: None) -> None:
    first = decide(load_file(put("a.csv", csv_bytes(good_rows(40))), "enrolment"))
    second = decide(load_file(put("b.csv", csv_bytes(good_rows(39))), "enrolment"))
    with database.connect() as connection:  # whatever the ledger came to say of it
        connection.execute("update ops.load_batch set status = 'refused' where batch_id = %s", [first])
    assert batch_table.drop_unread("enrolment") == 0
    assert own_tables(query) == {first.hex, second.hex}


def test_a_table_that_no_batch_has_is_of_a_load_that_did_not_end(query: Query) -> None:
    batch = uuid4()
    with database.connect("junheng_loader") as connection:
        connection.execute("select ops.open_batch_table('enrolment', %s, '', 0::smallint)", [batch])
    assert batch_table.drop_unread("enrolment") == 1
    assert query("select to_regclass(%s)::text as found", f"raw.enrolment_{batch.hex}") == [{"found": None}]


def test_a_night_does_not_fail_for_a_table_that_somebody_reads(put: Put, query: Query, large: None) -> None:
    refused = decide(load_file(put("a.csv", csv_bytes(good_rows(40))), "enrolment"), refuse=True)
    load = load_file(put("b.csv", csv_bytes(good_rows(20))), "enrolment")
    with database.connect("junheng_loader") as other, ThreadPoolExecutor(1) as pool:
        other.execute("select count(*) from raw.enrolment")
        night_ends = pool.submit(decide, load)
        time.sleep(0.7)  # by now it waits for the table that is being read
        # Who reads the table goes on to the batch that the night has in hand.
        other.execute("update ops.load_batch set reason_zh = 'x' where batch_id = %s", [refused])
        assert night_ends.result() == load.batch_id
    assert refused.hex in own_tables(query)
    assert batch_table.drop_unread("enrolment") == 1


def test_a_refused_batch_comes_in_again_though_its_table_is_gone(put: Put, query: Query, large: None) -> None:
    first = put("a.csv", csv_bytes(good_rows(40)))
    refused = decide(load_file(first, "enrolment"), refuse=True)
    assert load_file(first, "enrolment").status == "known"
    decide(load_file(put("b.csv", csv_bytes(good_rows(20))), "enrolment"))
    assert refused.hex not in own_tables(query)
    again = load_file(first, "enrolment")
    assert (again.status, again.batch_id, again.rows_loaded) == ("loaded", refused, 40)


def taken_back(file_name: str) -> str:
    """Withdraw what counts of a file; what the clerk was told."""
    asked = ["batch", "withdraw", file_name, "--by", "李明", "--reason", "交错了年份", "--yes"]
    return CliRunner().invoke(app, asked).output


@pytest.mark.parametrize("is_landed", [True, False])
def test_a_refused_file_comes_back_once_what_told_its_rows_is_withdrawn(
    put: Put, query: Query, large: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_landed: bool
) -> None:
    (tmp_path / "enrolment").mkdir()
    first = put("enrolment/a 1.csv", csv_bytes(good_rows(40)))
    refused = decide(load_file(first, "enrolment"), refuse=True)
    decide(load_file(put("enrolment/b.csv", csv_bytes(good_rows(20))), "enrolment"))
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path if is_landed else tmp_path / "landing"))
    assert pending_files("enrolment") == []
    told = taken_back("b.csv")
    assert (
        f"a 1.csv：此前被拒收，各行因其他文件已提供而删除；{'下一次' if is_landed else '请重新交入'}" in told
    )
    assert f"junheng ingest '{first}'" in told
    assert pending_files("enrolment") == ([first] if is_landed else [])
    again = load_file(first, "enrolment")
    assert (again.status, again.batch_id, again.rows_loaded) == ("loaded", refused, 40)


def test_a_refused_file_does_not_come_back_over_what_a_newer_one_tells(
    put: Put, query: Query, large: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It told two years: one is empty once its file is withdrawn, the other still counts."""
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    (tmp_path / "enrolment").mkdir()
    one_year, other_year = ([[row[0], year, *row[2:]] for row in good_rows(20)] for year in (2023, 2022))
    old = put("enrolment/old.csv", csv_bytes(one_year + other_year))
    refused = decide(load_file(old, "enrolment"), refuse=True)
    first = decide(load_file(put("enrolment/b.csv", csv_bytes(one_year)), "enrolment"))
    last = decide(load_file(put("enrolment/c.csv", csv_bytes(other_year)), "enrolment"))
    assert own_tables(query) == {first.hex, last.hex}
    told = taken_back("b.csv")
    assert (
        f"其余数据现由 c.csv 提供，夜间不再读取它；交入会连这些一并取代，确需如此再交：junheng ingest {old}"
        in told
    )
    assert pending_files("enrolment") == [], "the night would let it replace the other year without a word"
    # By hand it still comes in, and so it does by night once nothing newer counts.
    assert "下一次 junheng nightly 重新读取" in taken_back("c.csv")
    assert pending_files("enrolment") == [old]
    assert load_file(old, "enrolment").batch_id == refused


def test_a_refused_batch_that_is_newer_than_what_counts_keeps_its_table(
    put: Put, query: Query, large: None
) -> None:
    newer = put("a.csv", csv_bytes(good_rows(40)))
    refused = decide(load_file(newer, "enrolment"), refuse=True)
    older = put("b.csv", csv_bytes(good_rows(20)))
    os.utime(older, (newer.stat().st_mtime - 60,) * 2)
    decide(load_file(older, "enrolment"))
    assert refused.hex in own_tables(query), "an explanation may still let it in"
