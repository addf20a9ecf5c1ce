"""The warehouse's database: its address, its connection, its ledger and its roles."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg
from psycopg import sql

from ingest import embedded
from ingest.contract import Contract, contracts
from ingest.settings import database_url_from_environment

SQL_DIR = Path(__file__).parent / "sql"

# Columns that every raw table carries beside the contract's own: where a row came from.
ORIGIN_COLUMNS: tuple[tuple[str, str], ...] = (
    ("batch_id", "uuid not null"),
    ("partition_key", "text not null"),
    ("source_sheet", "text not null"),
    ("source_row", "integer not null"),
    ("source_block", "smallint not null"),
)


def database_url() -> str:
    """Address of the warehouse: JUNHENG_DATABASE_URL, or the embedded server, started when it is not up."""
    return database_url_from_environment() or _embedded_url()


def _embedded_url() -> str:
    embedded.start()
    ensure_database(embedded.DATABASE)
    return embedded.url()


def ensure_database(name: str) -> str:
    """Create a database of the embedded server when it is missing; its URL."""
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if not known:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return embedded.url(name)


def connect(role: str | None = None, *, autocommit: bool = False) -> psycopg.Connection:
    """A connection to the warehouse, acting as ``role`` (junheng_loader, junheng_transformer, …)."""
    connection = psycopg.connect(database_url(), autocommit=autocommit, application_name="junheng")
    connection.execute("set time zone 'Asia/Shanghai'")
    if role:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    if not autocommit:
        connection.commit()
    return connection


def raw_table_ddl(contract: Contract) -> str:
    """Create statement and later columns of a raw table, from its contract. Columns are never dropped."""
    table = contract.table
    fields = [(field.name, field.physical_type) for field in contract.stored_fields]
    columns = ",\n  ".join(f"{name} {kind}" for name, kind in (*ORIGIN_COLUMNS, *fields))
    later = "\n".join(f"alter table {table} add column if not exists {n} {k};" for n, k in fields)
    # Rows of a batch lie together, so a block range index finds them; a btree would double the cost of COPY.
    index = f"{contract.record}_batch_id_range_index"
    return (
        f"create table if not exists {table} (\n  {columns}\n);\n{later}\n"
        f"create index if not exists {index} on {table} using brin (batch_id) "
        "with (pages_per_range = 32, autosummarize = on);\n"
    )


def migrate() -> None:
    """Bring schemas, roles, ledger and raw tables up to date. Safe to run again.

    Where these very scripts ran already nothing is touched: even a change that finds nothing to do would
    wait for every load that is running, and all that begins later would wait behind it.
    """
    scripts = {path.stem: path.read_text(encoding="utf-8") for path in SQL_DIR.glob("*.sql")}
    tables = "\n".join(raw_table_ddl(contract) for contract in contracts().values())
    finance = ("finance_tables", "finance_parts")
    order = ("roles", "ledger", "tables", *finance, "explanations", "grants", "access")
    statements = [tables if name == "tables" else scripts[name] for name in order]
    digest = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    with connect() as connection:
        if _is_migrated(connection, digest):
            return
        # Two processes may start at once: the second waits and finds everything done.
        connection.execute("select pg_advisory_xact_lock(hashtext('junheng.migrate'))")
        if _is_migrated(connection, digest):
            return
        for statement in statements:
            connection.execute(statement)
        mark = sql.Literal(_mark(connection, digest))
        connection.execute(sql.SQL("comment on schema ops is {}").format(mark))


def _is_migrated(connection: psycopg.Connection, digest: str) -> bool:
    """Whether the database bears the mark of these scripts."""
    row = connection.execute(
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'ops'"
    ).fetchone()
    return row is not None and row[0] == _mark(connection, digest)


def _mark(connection: psycopg.Connection, digest: str) -> str:
    """What was run, where and for whom: a copy or a restored dump has other roles or another database."""
    row = connection.execute(
        "select concat_ws('/', current_user, "
        "(select oid from pg_database where datname = current_database()), "
        "(select string_agg(oid::text, ',' order by oid) from pg_roles "
        "where starts_with(rolname, 'junheng_')))"
    ).fetchone()
    return f"{digest}/{row[0] if row else ''}"


def analyze(record: str) -> None:
    """Tell the planner what a load has changed: without, joins on fresh rows are many times slower."""
    with connect("junheng_loader") as connection:
        connection.execute("select ops.analyze_record(%s)", [record])
