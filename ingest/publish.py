"""Publication: marts are built beside, checked, then swapped in one transaction.

dbt builds into ``marts_build``. Publishing renames it to ``marts_published`` and points the views of
schema ``marts`` at it. Readers see the whole of last night or the whole of tonight; views, their grants
and whatever others built on them stay. A night that failed leaves everything as it was and says so in
``marts.publication_status``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import psycopg
from psycopg import sql

from ingest.database import connect
from ingest.fingerprint import input_fingerprint

BUILD_SCHEMA = "marts_build"
PUBLISHED_SCHEMA = "marts_published"
RETIRED_PREFIX = "marts_retired_"
READER_SCHEMA = "marts"
ROLE = "junheng_transformer"


class NothingToPublishError(RuntimeError):
    """The build left no marts, or left some that this run did not build."""


@dataclass(frozen=True)
class PublishOutcome:
    """What was published: names of the marts and the hash of all their rows."""

    run_id: str
    marts: tuple[str, ...]
    marts_fingerprint: str


def is_anything_new() -> bool:
    """Whether a build could give other marts than those that are published."""
    with connect(ROLE) as connection:
        row = connection.execute(
            "select input_fingerprint from ops.publication where status = 'published' "
            "order by publication_id desc limit 1"
        ).fetchone()
    return row is None or row[0] != input_fingerprint()


def marts_fingerprint(connection: psycopg.Connection, schema: str = PUBLISHED_SCHEMA) -> str:
    """Hash of all rows of all tables of a schema; the order of rows does not matter."""
    digest = hashlib.sha256()
    for table in _tables(connection, schema):
        row = connection.execute(
            sql.SQL("select count(*), sum(hashtextextended(t::text, 0)::numeric) from {} as t").format(
                sql.Identifier(schema, table)
            )
        ).fetchone()
        digest.update(f"{table}:{row}".encode())
    return digest.hexdigest()


def publish(run_id: str) -> PublishOutcome:
    """Swap tonight's marts in, in one transaction. Raises NothingToPublishError; then nothing has changed.

    A retry of a run whose marts are in already (its worker died after the swap) is told so again.
    """
    with connect(ROLE) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('junheng.publish'))")
        done = _published_before(connection, run_id)
        if done is not None:
            return done
        fingerprint = _built_from(connection, run_id)
        marts = _built_marts(connection, run_id)
        hashed = marts_fingerprint(connection, BUILD_SCHEMA)
        _swap_schemas(connection)
        _point_views(connection, marts)
        _record(connection, run_id, "published", fingerprint, marts_hash=hashed)
    _drop_retired()
    return PublishOutcome(run_id, marts, hashed)


def _built_from(connection: psycopg.Connection, run_id: str) -> str:
    """Fingerprint of what the run built from; another run's build since then is not this run's to publish."""
    row = connection.execute(
        "select run_id, input_fingerprint from ops.build order by build_id desc limit 1"
    ).fetchone()
    if row is None or row[0] != run_id:
        raise NothingToPublishError(
            f"the last build is not of run {run_id}; the published marts stay as they are"
        )
    return str(row[1])


def _published_before(connection: psycopg.Connection, run_id: str) -> PublishOutcome | None:
    """What the run has published, when that is the last word and nothing was built since."""
    row = connection.execute(
        "select run_id, status, marts_fingerprint from ops.publication order by publication_id desc limit 1"
    ).fetchone()
    if row is None or row[:2] != (run_id, "published") or _tables(connection, BUILD_SCHEMA):
        return None
    return PublishOutcome(run_id, tuple(_tables(connection, PUBLISHED_SCHEMA)), row[2])


def record_unchanged(run_id: str) -> None:
    """Say, after a night that failed, that a later one found the published marts to hold everything."""
    with connect(ROLE) as connection:
        row = connection.execute(
            "select status, input_fingerprint from ops.publication order by publication_id desc limit 1"
        ).fetchone()
        if row is not None and row[0] == "failed":
            _record(connection, run_id, "unchanged", row[1])
            _point_status_view(connection)


def record_failure(run_id: str, reason_zh: str, reason_en: str) -> None:
    """Say that tonight was not published and why; last night's marts stay readable."""
    fingerprint = input_fingerprint()
    with connect(ROLE) as connection:
        _record(connection, run_id, "failed", fingerprint, reason=(reason_zh, reason_en))
        _point_status_view(connection)


def _tables(connection: psycopg.Connection, schema: str) -> list[str]:
    rows = connection.execute(
        'select tablename from pg_tables where schemaname = %s order by tablename collate "C"', [schema]
    ).fetchall()
    return [name for (name,) in rows]


def _built_marts(connection: psycopg.Connection, run_id: str) -> tuple[str, ...]:
    """Tables of the build schema that this run built; leftovers of models that are gone are dropped."""
    rows = connection.execute(
        "select node_name from ops.model_outcome "
        "where run_id = %s and resource_type = 'model' and status = 'success'",
        [run_id],
    ).fetchall()
    built = {name for (name,) in rows}
    found = _tables(connection, BUILD_SCHEMA)
    for leftover in set(found) - built:
        connection.execute(sql.SQL("drop table {} cascade").format(sql.Identifier(BUILD_SCHEMA, leftover)))
    marts = tuple(name for name in found if name in built)
    if not marts:
        raise NothingToPublishError(f"run {run_id} built no mart; the published marts stay as they are")
    return marts


def _schema_exists(connection: psycopg.Connection, schema: str) -> bool:
    return (
        connection.execute("select 1 from pg_namespace where nspname = %s", [schema]).fetchone() is not None
    )


def _swap_schemas(connection: psycopg.Connection) -> None:
    if _schema_exists(connection, PUBLISHED_SCHEMA):
        row = connection.execute("select count(*) from ops.publication").fetchone()
        retired = f"{RETIRED_PREFIX}{row[0] if row else 0}"
        connection.execute(
            sql.SQL("alter schema {} rename to {}").format(
                sql.Identifier(PUBLISHED_SCHEMA), sql.Identifier(retired)
            )
        )
    connection.execute(
        sql.SQL("alter schema {} rename to {}").format(
            sql.Identifier(BUILD_SCHEMA), sql.Identifier(PUBLISHED_SCHEMA)
        )
    )


def _point_views(connection: psycopg.Connection, marts: tuple[str, ...]) -> None:
    for mart in marts:
        _point_view(connection, mart)
    _point_status_view(connection)
    views = connection.execute(
        "select viewname from pg_views where schemaname = %s and viewname <> 'publication_status'",
        [READER_SCHEMA],
    ).fetchall()
    for (view,) in views:
        if view not in marts:
            connection.execute(sql.SQL("drop view {}").format(sql.Identifier(READER_SCHEMA, view)))


def _columns(connection: psycopg.Connection, mart: str) -> list[tuple[str, str | None]]:
    return connection.execute(
        """
        select attribute.attname, col_description(attribute.attrelid, attribute.attnum)
        from pg_attribute as attribute
        where attribute.attrelid = to_regclass(%s) and attribute.attnum > 0 and not attribute.attisdropped
        order by attribute.attnum
        """,
        [f"{PUBLISHED_SCHEMA}.{mart}"],
    ).fetchall()


def _point_view(connection: psycopg.Connection, mart: str) -> None:
    columns = _columns(connection, mart)
    names = [name for name, _ in columns]
    definition = sql.SQL(
        "view {view} with (security_barrier = true) as select {columns} from {table} where {rows}"
    ).format(
        view=sql.Identifier(READER_SCHEMA, mart),
        columns=sql.SQL(", ").join(map(sql.Identifier, names)),
        table=sql.Identifier(PUBLISHED_SCHEMA, mart),
        rows=_row_rule() if "district_code" in names else sql.SQL("true"),
    )
    try:
        with connection.transaction():
            connection.execute(sql.SQL("create or replace {}").format(definition))
    except (psycopg.errors.InvalidTableDefinition, psycopg.errors.FeatureNotSupported):
        # A column was dropped, renamed or retyped: the view itself must be made anew.
        connection.execute(sql.SQL("drop view {}").format(sql.Identifier(READER_SCHEMA, mart)))
        connection.execute(sql.SQL("create {}").format(definition))
    _describe(connection, mart, columns)


def _row_rule() -> sql.SQL:
    return sql.SQL(
        "(select ops.reads_every_district(current_user)) "
        "or district_code = any ((select ops.granted_districts(current_user))::text[])"
    )


def _describe(connection: psycopg.Connection, mart: str, columns: list[tuple[str, str | None]]) -> None:
    view = sql.Identifier(READER_SCHEMA, mart)
    row = connection.execute(
        "select obj_description(to_regclass(%s), 'pg_class')", [f"{PUBLISHED_SCHEMA}.{mart}"]
    ).fetchone()
    connection.execute(sql.SQL("comment on view {} is {}").format(view, sql.Literal(row[0] if row else None)))
    for name, comment in columns:
        column = sql.Identifier(READER_SCHEMA, mart, name)
        connection.execute(sql.SQL("comment on column {} is {}").format(column, sql.Literal(comment)))


def _point_status_view(connection: psycopg.Connection) -> None:
    connection.execute(
        """
        create or replace view marts.publication_status as
        select
            max(decided_at) filter (where status = 'published') as last_published_at,
            max(decided_at) filter (where status = 'failed') as last_failed_at,
            coalesce((array_agg(status order by publication_id desc))[1] = 'failed', false)
                as is_last_night_failed,
            (array_agg(reason_zh order by publication_id desc))[1] as last_reason_zh,
            (array_agg(reason_en order by publication_id desc))[1] as last_reason_en
        from ops.publication
        """
    )


def _record(
    connection: psycopg.Connection,
    run_id: str,
    status: str,
    fingerprint: str,
    *,
    marts_hash: str | None = None,
    reason: tuple[str, str] | tuple[None, None] = (None, None),
) -> None:
    connection.execute(
        """
        insert into ops.publication
            (run_id, status, input_fingerprint, marts_fingerprint, reason_zh, reason_en)
        values (%s, %s, %s, %s, %s, %s)
        """,
        [run_id, status, fingerprint, marts_hash, *reason],
    )


def _drop_retired() -> None:
    """Drop marts of earlier nights; one that somebody still reads is dropped another night."""
    with connect(ROLE, autocommit=True) as connection:
        rows = connection.execute(
            "select nspname from pg_namespace where starts_with(nspname, %s)", [RETIRED_PREFIX]
        ).fetchall()
        connection.execute("set lock_timeout = '5s'")
        for (schema,) in rows:
            try:
                connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
            except psycopg.errors.LockNotAvailable:
                continue
