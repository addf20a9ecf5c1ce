"""Where the rows of a batch are copied to: the record's raw table, or for a large text a table of its own.

A batch's name, its sheet and its block are the same in every row of a text. In a table of its own they are
defaults, so they are neither written, sent nor parsed a million times: a third of the work of the server.
Attached to the raw table (it inherits), its rows are rows of that table for whoever reads it.

What was ever current keeps its table: raw does not forget. That of a refused batch goes once a later file has
told all that it told.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import psycopg

from ingest.batch_ledger import BatchFile
from ingest.contract import Contract
from ingest.database import ORIGIN_COLUMNS, connect
from ingest.layout import SheetPlan

# Some 300,000 rows. Below it a table more is not worth the seconds it saves.
LARGE_FILE_BYTES = 16 << 20
CONSTANT = frozenset({"batch_id", "source_sheet", "source_block"})
# Who reads the raw table while one of its batches' tables goes is not made to wait behind it.
DROP_LOCK_TIMEOUT = "2s"
_OWN_TABLES = """
    select substring(pg_class.relname from '[0-9a-f]{32}$')
    from pg_class
    inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname in ('raw', 'protected') and pg_class.relkind = 'r'
        and pg_class.relname ~ ('^' || %s || '_[0-9a-f]{32}$')
    order by 1
"""


@dataclass(frozen=True)
class Target:
    """A table that takes the rows of one batch; ``origin`` are the columns of origin it must be given."""

    table: str
    origin: tuple[str, ...]
    is_own: bool = False

    def copy_statement(self, contract: Contract) -> str:
        """The COPY that takes the lines."""
        names = [*self.origin, *(field.name for field in contract.stored_fields)]
        return f"copy {self.table} ({', '.join(names)}) from stdin"


def raw_table(contract: Contract) -> Target:
    """The raw table itself, which is told everything."""
    return Target(contract.table, tuple(name for name, _ in ORIGIN_COLUMNS))


def open_target(
    connection: psycopg.Connection, contract: Contract, batch: BatchFile, plans: list[SheetPlan]
) -> Target:
    """The table for the rows of this batch; one of its own is seen by nobody before the transaction ends."""
    if not _is_large(batch, plans):
        return raw_table(contract)
    (plan,) = plans
    (block,) = plan.blocks
    ((table,),) = connection.execute(
        "select ops.open_batch_table(%s, %s, %s, %s::smallint)",
        [contract.record, batch.batch_id, plan.header.sheet, block.number],
    ).fetchall()
    origin = tuple(name for name, _ in ORIGIN_COLUMNS if name not in CONSTANT)
    return Target(table, origin, is_own=True)


def _is_large(batch: BatchFile, plans: list[SheetPlan]) -> bool:
    is_table = batch.encoding is not None and batch.profile.counted is None
    return (
        is_table
        and batch.snapshot.file_bytes >= LARGE_FILE_BYTES
        and len(plans) == 1
        and len(plans[0].blocks) == 1
    )


def attach(connection: psycopg.Connection, contract: Contract, target: Target) -> None:
    """Make the rows of a table of its own rows of the raw table."""
    if target.is_own:
        connection.execute("select ops.attach_batch_table(%s, %s::regclass)", [contract.record, target.table])


def drop_unread(record: str) -> int:
    """Drop the tables of batches of a record that nobody will read again; how many.

    Each goes in a transaction of its own, so a night may be cut off anywhere; one that is in use, or needed,
    is left for the next.
    """
    dropped = 0
    with connect("junheng_loader", autocommit=True) as connection:
        connection.execute(f"set lock_timeout = '{DROP_LOCK_TIMEOUT}'")
        for (batch,) in connection.execute(_OWN_TABLES, [record]).fetchall():
            try:
                row = connection.execute(
                    "select ops.drop_batch_table(%s, %s)", [record, UUID(batch)]
                ).fetchone()
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                continue
            dropped += bool(row and row[0])
    return dropped
