"""Taking a batch back that should not count: nothing takes its place, and the ledger says who and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg

from ingest.accept import lock_partitions
from ingest.batch_scope import scope_of
from ingest.contract import contracts

LEAST_REASON = 4  # characters, so that it says something

_COUNTING = """
    select batch.batch_id, batch.record, batch.file_name, array_agg(held.partition_key) as partition_keys
    from ops.load_batch as batch
    inner join ops.current_batch as held on held.record = batch.record and held.batch_id = batch.batch_id
    where (starts_with(batch.batch_id::text, %(name)s) and %(name)s <> '') or batch.file_name = %(name)s
    group by batch.batch_id
    order by batch.loaded_at
"""
# Files whose dropped rows are of some partitions, and what counts or waits now in any of theirs.
_DROPPED = """
    with dropped as (
        select batch_id, file_path, dropped_partitions
        from ops.load_batch
        where record = %(record)s and status = 'refused' and rows_dropped_at is not null
            and dropped_partitions && %(partitions)s::text[]
            and batch_id in (select batch_id from ops.seen_file)
    ),
    held as (
        select partition_key, batch_id from ops.current_batch where record = %(record)s
        union
        select partition_key, batch_id from {table}
        where batch_id in (
            select batch_id from ops.load_batch where record = %(record)s and status = 'loaded'
        )
    )
    select
        dropped.batch_id, dropped.file_path,
        coalesce(array_agg(distinct newer.file_name) filter (where newer.file_name is not null), '{{}}')
    from dropped
    left join held on held.partition_key = any(dropped.dropped_partitions)
    left join (select batch_id, file_name from ops.load_batch) as newer on held.batch_id = newer.batch_id
    group by 1, 2
    order by 2, 1
"""


class WithdrawError(Exception):
    """What cannot be withdrawn, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Counting:
    """A batch that counts."""

    batch_id: UUID
    record: str
    file_name: str
    partition_keys: tuple[str, ...]

    @property
    def scope(self) -> tuple[str, str]:
        """Of which years, items and tables it is all that counts (zh, en)."""
        return scope_of(contracts()[self.record], self.partition_keys)


def to_withdraw(connection: psycopg.Connection, name: str) -> Counting:
    """The one batch that counts whose id begins like this, or whose file is called so."""
    rows = connection.execute(_COUNTING, {"name": name}).fetchall()
    found = [Counting(batch_id, record, file_name, tuple(keys)) for batch_id, record, file_name, keys in rows]
    if len(found) == 1:
        return found[0]
    if not found:
        raise WithdrawError(
            f"没有计入结果的批次或文件叫“{name}”", f"no batch or file that counts is called “{name}”"
        )
    listed = ", ".join(f"{str(one.batch_id)[:8]} ({one.record})" for one in found)
    raise WithdrawError(
        f"“{name}”不止一个，请写批次编号：{listed}", f"“{name}” is several, give the batch: {listed}"
    )


@dataclass(frozen=True)
class RefusedFile:
    """A refused file of which the rows were dropped, and files that it would replace if handed in."""

    path: Path
    replaces: tuple[str, ...]


@dataclass(frozen=True)
class Withdrawn:
    """What a withdrawal came to: partitions that are empty now, and refused files that told them too."""

    partitions: int
    again: tuple[RefusedFile, ...]


def withdraw(connection: psycopg.Connection, batch: Counting, by: str, reason: str) -> Withdrawn:
    """Let the batch count no more. What it replaced does not come back; a file that was refused, and of which
    the rows were dropped because others told them all, is read by the next night where none does now."""
    if not by or len(reason) < LEAST_REASON:
        raise WithdrawError(
            f"请写明经办人和原因（原因至少 {LEAST_REASON} 个字）",
            f"say who withdraws it and why (the reason in at least {LEAST_REASON} characters)",
        )
    # Whoever is making a file current in its place comes first, or waits.
    lock_partitions(connection, contracts()[batch.record], [batch.batch_id])
    taken = connection.execute(
        "update ops.partition_batch set superseded_at = clock_timestamp() "
        "where record = %s and batch_id = %s and superseded_at is null returning partition_key",
        [batch.record, batch.batch_id],
    )
    partitions = [key for (key,) in taken]
    if not partitions:
        raise WithdrawError("它刚刚已被取代或撤回", "it was replaced or withdrawn a moment ago")
    connection.execute(
        "update ops.load_batch set withdrawn_at = clock_timestamp(), withdrawn_by = %s, "
        "withdrawn_reason = %s where batch_id = %s",
        [by, reason, batch.batch_id],
    )
    return Withdrawn(len(partitions), _to_read_again(connection, batch.record, partitions))


def _to_read_again(
    connection: psycopg.Connection, record: str, partitions: Sequence[str]
) -> tuple[RefusedFile, ...]:
    """Files whose dropped rows are of these partitions. Where nothing counts or waits in any of theirs now
    the ledger forgets that it saw the file, and no more: if it still lies in the landing folder it is judged
    anew there. Else the night would let it replace what is newer, so it comes in only by hand."""
    statement = _DROPPED.format(table=contracts()[record].table)
    values = {"record": record, "partitions": list(partitions)}
    found = connection.execute(statement, values).fetchall()
    connection.execute(
        "delete from ops.seen_file where batch_id = any(%s)",
        [[batch_id for batch_id, _, replaces in found if not replaces]],
    )
    return tuple(RefusedFile(Path(path), tuple(replaces)) for _, path, replaces in found)


def told_of_withdrawn(connection: psycopg.Connection, batch_id: str) -> tuple[str, str] | None:
    """Who took a batch back, when and why, and how its file comes in again; None where nobody did."""
    row = connection.execute(
        "select to_char(withdrawn_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD'), withdrawn_by, "
        "withdrawn_reason from ops.load_batch where batch_id = %s and withdrawn_at is not null",
        [batch_id],
    ).fetchone()
    if row is None:
        return None
    on, by, reason = row
    return (
        f"{by} 已于 {on} 撤回（{reason}），不计入结果；要重新计入，请在表格软件中另存后再交",
        f"taken back by {by} on {on} ({reason}), it does not count; to let it count again, save it anew and "
        "hand that in",
    )
