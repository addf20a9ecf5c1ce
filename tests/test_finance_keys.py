"""Amounts of a database made before tables were told apart, or came in parts: their keys get both once, and
for good."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from ingest import database
from ingest.accept import accept_batches

OLD_KEY = "990101|2022|2022|final_account|{item}|total"
SLICE = "|990101|all_stages|education_funds"
OLD_MARK = "comment on schema ops is 'before tables were told apart'"
AMOUNT: dict[str, Any] = {
    "region_code": "CN",
    "district_code": "990101",
    "entity_level": "district",
    "entity_code": "990101",
    "entity_name": "均衡区",
    "fiscal_year": 2022,
    "stage": "all_stages",
    "basis": "total",
    "vintage": "final_account",
    "edition": 2022,
    "currency_code": "CNY",
    "amount": 100,
    "source_sheet": "表1",
    "source_row": 2,
    "source_block": 0,
}


def _batch(connection: psycopg.Connection, profile: str, *, suffix: str = "", **row: Any) -> uuid.UUID:
    """A batch of one amount, loaded; with the key of old, or with a table's ``suffix``."""
    batch_id = uuid.uuid4()
    connection.execute(
        "insert into ops.load_batch (batch_id, record, profile, profile_version, file_name, file_path, "
        "file_sha256, file_bytes, file_modified_at, status, rows_read, rows_loaded, rows_rejected, "
        "rows_skipped, started_at) "
        "values (%s, 'finance', %s, 1, 'a', %s, %s, 1, now(), 'loaded', 1, 1, 0, 0, now())",
        [batch_id, profile, batch_id.hex, batch_id.hex],
    )
    _put_amount(connection, batch_id, suffix, **row)
    return batch_id


def _put_amount(connection: psycopg.Connection, batch_id: uuid.UUID, suffix: str, **row: Any) -> None:
    amount = {"item_code": "budget_education", "scope_code": "education_funds", **AMOUNT, **row}
    key = OLD_KEY.format(item=amount["item_code"]) + suffix
    amount |= {"batch_id": batch_id, "partition_key": key}
    connection.execute(
        f"insert into raw.finance ({', '.join(amount)}) values ({', '.join(['%s'] * len(amount))})",
        list(amount.values()),
    )
    connection.commit()


def _taken(connection: psycopg.Connection, profile: str, *, suffix: str = "", **row: Any) -> uuid.UUID:
    batch_id = _batch(connection, profile, suffix=suffix, **row)
    assert accept_batches("finance", batch_ids=[batch_id]).accepted == (batch_id,)
    return batch_id


def _ledger(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select partition_key, batch_id, accepted_at, superseded_at, superseded_by "
        "from ops.partition_batch order by accepted_at, partition_key"
    ).fetchall()


def _migrate(connection: psycopg.Connection) -> None:
    connection.execute(OLD_MARK)
    connection.commit()
    database.migrate()


@pytest.fixture
def connection(warehouse: str) -> psycopg.Connection:
    return database.connect()


def test_a_file_of_our_template_replaces_what_had_a_key_of_old(connection: psycopg.Connection) -> None:
    first = _taken(connection, "finance_template")
    before = _ledger(connection)
    _migrate(connection)
    ((key, *rest),) = _ledger(connection)
    assert key == OLD_KEY.format(item="budget_education") + "|not_stated" + SLICE
    assert [tuple(rest)] == [row[1:] for row in before]
    corrected = _taken(connection, "finance_template", suffix="|not_stated" + SLICE, amount=101)
    assert [(r[0] == key, r[1], r[4]) for r in _ledger(connection)] == [
        (True, first, corrected),
        (True, corrected, None),
    ]


def test_each_amount_gets_the_table_it_was_read_from(connection: psycopg.Connection) -> None:
    open_data = {"item_code": "public_funds", "scope_code": "public_funds"}
    read = [
        ("finance_statistics_4", {"item_code": "a"}, "statistics_4"),
        ("finance_bureau_by_stage", {"item_code": "b"}, "yearly"),
        ("finance_open_growth", open_data, "open_public_funds"),
        ("finance_template", {"item_code": "c"}, None),
        ("finance_statistics_5", {"item_code": "d", "fund_source_code": "all_sources"}, "statistics_5_1"),
    ]
    batches = {_taken(connection, profile, **row): table for profile, row, table in read}
    waiting = _batch(connection, "published_finance_total", item_code="e")
    _migrate(connection)
    rows = connection.execute("select batch_id, table_code, partition_key from raw.finance").fetchall()
    assert {batch: table for batch, table, _ in rows} == {**batches, waiting: "bulletin"}
    assert all(f"|total|{table or 'not_stated'}|990101|all_stages|" in key for _, table, key in rows)
    current = connection.execute("select batch_id, partition_key from ops.current_batch").fetchall()
    assert set(current) == {(batch, key) for batch, _, key in rows if batch != waiting}


def test_where_both_keys_count_the_later_file_wins(connection: psycopg.Connection) -> None:
    former = _taken(connection, "finance_template")
    latter = _taken(connection, "finance_template", suffix="|not_stated", amount=101)
    _migrate(connection)
    rows = {batch: (key, until, by) for key, batch, _, until, by in _ledger(connection)}
    key = OLD_KEY.format(item="budget_education") + "|not_stated" + SLICE
    assert rows[latter] == (key, None, None)
    assert (rows[former][0], rows[former][2]) == (key, latter)


def test_each_slice_of_a_table_that_was_replaced_whole_stays_replaced(connection: psycopg.Connection) -> None:
    first = _batch(connection, "finance_template", suffix="|not_stated")
    _put_amount(connection, first, "|not_stated", stage="primary")
    assert accept_batches("finance", batch_ids=[first]).accepted == (first,)
    second = _taken(connection, "finance_template", suffix="|not_stated", amount=101)
    _migrate(connection)
    key = OLD_KEY.format(item="budget_education") + "|not_stated"
    assert {(row[0], row[1], row[4]) for row in _ledger(connection)} == {
        (key + SLICE, first, second),
        (key + SLICE.replace("all_stages", "primary"), first, second),
        (key + SLICE, second, None),
    }
    primary = {"suffix": "|not_stated" + SLICE.replace("all_stages", "primary"), "stage": "primary"}
    part = _taken(connection, "finance_template", **primary)
    current = connection.execute("select batch_id from ops.current_batch").fetchall()
    assert {batch for (batch,) in current} == {second, part}


def test_it_is_done_whole_or_not_at_all_and_once(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    _taken(connection, "finance_statistics_1")
    _taken(connection, "finance_statistics_1", amount=101)
    before = _ledger(connection)
    connection.execute(OLD_MARK)
    connection.commit()
    # It dies after the keys were written and before the mark is.
    with monkeypatch.context() as patch:
        patch.setattr(database.sql, "Literal", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            database.migrate()
    connection.rollback()
    assert _ledger(connection) == before
    _migrate(connection)
    done = _ledger(connection)
    assert [row[1:] for row in done] == [row[1:] for row in before]
    _migrate(connection)
    assert _ledger(connection) == done
