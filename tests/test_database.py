"""The ledger and the roles: made once, made again without harm, and no wider than they must be."""

from __future__ import annotations

import psycopg
import pytest

from ingest import database
from ingest.contract import contracts


def test_migrating_again_changes_nothing(warehouse: str) -> None:
    with database.connect() as connection:
        before = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns order by 1, 2, 3"
        ).fetchall()
    database.migrate()
    with database.connect() as connection:
        after = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns order by 1, 2, 3"
        ).fetchall()
    assert after == before


def test_migrating_again_waits_for_no_load(warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database.migrate()
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=300")
    with database.connect() as loading:
        loading.execute("lock table ops.load_batch, ops.refused_file, raw.enrolment in row exclusive mode")
        loading.execute("lock table ops.current_batch in access share mode")
        database.migrate()


def test_a_script_that_changed_is_run(warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database.migrate()
    made = database.raw_table_ddl
    monkeypatch.setattr(
        database,
        "raw_table_ddl",
        lambda contract: f"{made(contract)}alter table {contract.table} add column if not exists more text;",
    )
    database.migrate()
    with database.connect() as connection:
        assert connection.execute("select more from raw.enrolment").fetchall() == []


def test_a_role_that_was_made_anew_gets_its_rights_again(warehouse: str) -> None:
    database.migrate()
    with database.connect() as connection:
        connection.execute("create role junheng_another nologin")  # the roles are others than they were
        connection.execute("revoke select on all tables in schema ops from junheng_loader")
    try:
        database.migrate()
        with database.connect("junheng_loader") as connection:
            assert connection.execute("select 1 from ops.load_batch").fetchall() == []
    finally:
        with database.connect() as connection:
            connection.execute("drop role junheng_another")


def test_raw_tables_have_the_columns_of_their_contracts(warehouse: str) -> None:
    with database.connect() as connection:
        for contract in contracts().values():
            columns = connection.execute(
                "select column_name from information_schema.columns "
                "where table_schema = %s and table_name = %s",
                [contract.schema, contract.record],
            ).fetchall()
            origin = {name for name, _ in database.ORIGIN_COLUMNS}
            expected = origin | {field.name for field in contract.stored_fields}
            assert {name for (name,) in columns} == expected


def test_no_dropped_field_has_a_column(warehouse: str) -> None:
    with database.connect() as connection:
        names = connection.execute(
            "select column_name from information_schema.columns where table_schema = 'protected'"
        ).fetchall()
    assert not {name for (name,) in names} & {
        "child_name",
        "guardian_name",
        "phone",
        "address",
        "teacher_name",
    }


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("junheng_analyst", "select 1 from protected.special_education"),
        ("junheng_analyst", "select 1 from protected.teacher"),
        ("junheng_bi", "select 1 from protected.teacher_rotation"),
        ("junheng_bi", "select 1 from protected.teacher_training"),
        ("junheng_analyst", "select 1 from raw.enrolment"),
        ("junheng_bi", "select 1 from ops.rejected_row"),
        ("junheng_transformer", "delete from raw.enrolment"),
        ("junheng_loader", "create table raw.own_table (a integer)"),
    ],
)
def test_a_role_cannot_do_more_than_it_must(warehouse: str, role: str, statement: str) -> None:
    with database.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_loader_may_have_its_table_analyzed_and_nothing_else(warehouse: str) -> None:
    database.analyze("enrolment")
    with database.connect() as connection:
        (analyzed,) = connection.execute(
            "select reltuples >= 0 from pg_class where oid = 'raw.enrolment'::regclass"
        ).fetchone()
    assert analyzed
    with pytest.raises(psycopg.errors.NoDataFound):
        database.analyze("load_batch")
