"""Publication: the whole of last night or the whole of tonight, and only for those who may read it."""

from __future__ import annotations

import psycopg
import pytest

from ingest import database, embedded, publish
from ingest.fingerprint import input_fingerprint


def build_marts(run_id: str, statements: dict[str, str]) -> None:
    """Stand in for a night's dbt run: tables in the build schema and their outcomes in the ledger."""
    with database.connect("junheng_transformer") as connection:
        connection.execute("drop schema if exists marts_build cascade")
        connection.execute("create schema marts_build")
        connection.execute(
            "insert into ops.build (run_id, input_fingerprint) values (%s, %s)", [run_id, input_fingerprint()]
        )
        for name, select in statements.items():
            connection.execute(f"create table marts_build.{name} as {select}")
            connection.execute(f"comment on column marts_build.{name}.value is '数值 value'")
            connection.execute(
                "insert into ops.model_outcome "
                "(run_id, node_id, resource_type, node_name, status, execution_seconds) "
                "values (%s, %s, 'model', %s, 'success', 0)",
                [run_id, f"model.junheng.{name}", name],
            )


def accept_a_batch() -> None:
    with database.connect() as connection:
        connection.execute(
            "insert into ops.load_batch (batch_id, record, profile, profile_version, file_name, file_path, "
            "file_sha256, file_bytes, file_modified_at, status, rows_read, rows_loaded, rows_rejected, "
            "rows_skipped, started_at) "
            "values (gen_random_uuid(), 'enrolment', 'p', 1, 'f', 'f', 's', 1, now(), "
            "'accepted', 1, 1, 0, 0, now())"
        )
        connection.execute(
            "insert into ops.partition_batch (record, partition_key, batch_id) "
            "select 'enrolment', '990101|2022', batch_id from ops.load_batch"
        )


def two_districts(value: int) -> str:
    return f"select d as district_code, {value} as value from unnest(array['990101', '990102']) as d"


def read(statement: str, role: str = "junheng_analyst") -> list[tuple[object, ...]]:
    with database.connect(role) as connection:
        return connection.execute(statement).fetchall()


def test_a_night_replaces_the_night_before(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    build_marts("two", {"mart_a": two_districts(2)})
    assert read("select distinct value from marts.mart_a") == [(1,)]
    publish.publish("two")
    assert read("select distinct value from marts.mart_a") == [(2,)]


def test_views_that_others_built_survive(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    with database.connect() as connection:
        connection.execute("create view public.mine as select value from marts.mart_a")
    build_marts("two", {"mart_a": two_districts(2)})
    publish.publish("two")
    with database.connect() as connection:
        assert connection.execute("select distinct value from public.mine").fetchall() == [(2,)]


def test_a_changed_column_is_published(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    build_marts("two", {"mart_a": "select '990101' as district_code, 'two'::text as value"})
    publish.publish("two")
    assert read("select value from marts.mart_a") == [("two",)]
    assert read("select value from marts.mart_a", "junheng_analyst") == [("two",)]


def test_a_mart_that_is_gone_is_no_longer_shown(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1), "mart_b": two_districts(1)})
    publish.publish("one")
    build_marts("two", {"mart_a": two_districts(2)})
    publish.publish("two")
    with pytest.raises(psycopg.errors.UndefinedTable):
        read("select 1 from marts.mart_b")


def test_a_table_left_by_an_earlier_build_is_not_published(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    with database.connect("junheng_transformer") as connection:
        connection.execute("create table marts_build.mart_old as select 1 as value")
    assert publish.publish("one").marts == ("mart_a",)


def test_without_marts_nothing_changes(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    with pytest.raises(publish.NothingToPublishError, match="published marts stay"):
        publish.publish("two")
    assert read("select distinct value from marts.mart_a") == [(1,)]


def test_a_publication_that_is_retried_is_not_a_failure(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    first = publish.publish("one")
    assert publish.publish("one") == first
    assert read("select distinct value from marts.mart_a") == [(1,)]
    build_marts("one", {"mart_a": two_districts(2)})  # the same night built again
    assert publish.publish("one") != first
    assert read("select distinct value from marts.mart_a") == [(2,)]


def test_a_reader_in_the_middle_of_a_query_does_not_stop_the_night(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    build_marts("two", {"mart_a": two_districts(2)})
    with psycopg.connect(warehouse) as reader:
        reader.execute("select * from marts_published.mart_a")  # holds its lock until the block ends
        publish.publish("two")
    assert read("select distinct value from marts.mart_a") == [(2,)]


def test_bi_reads_only_the_districts_granted_to_it(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    assert read("select district_code from marts.mart_a", "junheng_bi") == []
    with database.connect() as connection:
        connection.execute("insert into ops.district_grant values ('junheng_bi', '990102')")
    assert read("select district_code from marts.mart_a", "junheng_bi") == [("990102",)]
    assert len(read("select district_code from marts.mart_a", "junheng_analyst")) == 2
    build_marts("two", {"mart_a": two_districts(2)})
    publish.publish("two")
    assert read("select * from marts.mart_a", "junheng_bi") == [("990102", 2)]


@pytest.mark.parametrize("schema", ["marts_published", "raw", "protected", "intermediate"])
def test_bi_cannot_go_round_the_views(warehouse: str, schema: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    with database.connect() as connection:
        connection.execute(f"create table {schema}.probe as select 1 as value")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        read(f"select * from {schema}.probe", "junheng_bi")


def test_the_views_carry_the_descriptions(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    assert read("select col_description('marts.mart_a'::regclass, 2)") == [("数值 value",)]


def test_a_failed_night_says_so_and_leaves_the_marts(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    publish.record_failure("two", "模型失败", "a model failed")
    status = read("select is_last_night_failed, last_reason_zh, last_reason_en from marts.publication_status")
    assert status == [(True, "模型失败", "a model failed")]
    assert read("select distinct value from marts.mart_a") == [(1,)]
    build_marts("three", {"mart_a": two_districts(3)})
    publish.publish("three")
    assert read("select is_last_night_failed from marts.publication_status", "junheng_bi") == [(False,)]


def test_a_good_night_with_nothing_new_ends_the_failure(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    publish.record_failure("two", "加载失败", "a load failed")
    publish.record_unchanged("three")
    assert read("select is_last_night_failed from marts.publication_status") == [(False,)]
    assert not publish.is_anything_new()


def test_marts_of_another_run_are_not_published(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    build_marts("two", {"mart_a": two_districts(2)})
    with pytest.raises(publish.NothingToPublishError, match="the last build is not of run one"):
        publish.publish("one")


def test_what_was_accepted_after_the_build_is_still_new(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    accept_a_batch()
    publish.publish("one")
    assert publish.is_anything_new()


def test_nothing_new_after_a_publication_and_new_after_a_batch(warehouse: str) -> None:
    assert publish.is_anything_new()
    build_marts("one", {"mart_a": two_districts(1)})
    publish.publish("one")
    assert not publish.is_anything_new()
    accept_a_batch()
    assert publish.is_anything_new()


def test_the_fingerprint_sees_a_changed_figure_and_not_the_order(warehouse: str) -> None:
    build_marts("one", {"mart_a": two_districts(1)})
    build_marts_hash = publish.publish("one").marts_fingerprint
    build_marts("two", {"mart_a": two_districts(1) + " order by 1 desc"})
    assert publish.publish("two").marts_fingerprint == build_marts_hash
    build_marts("three", {"mart_a": two_districts(2)})
    assert publish.publish("three").marts_fingerprint != build_marts_hash


def test_the_reader_of_the_embedded_database_reads_marts_and_nothing_more(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUNHENG_DATABASE_URL", raising=False)
    database.migrate()
    for _ in range(2):  # made once, then found
        with psycopg.connect(embedded.reader_url()) as connection:
            assert connection.execute("select current_user").fetchone() == ("junheng_reader",)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select 1 from protected.special_education")
