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
class Withdrawn:
    """What a withdrawal came to: partitions that are empty now, and files to be read again."""

    partitions: int
    again: tuple[Path, ...]


def withdraw(connection: psycopg.Connection, batch: Counting, by: str, reason: str) -> Withdrawn:
    """Let the batch count no more. What it replaced does not come back; a file that was refused, and of which
    the rows were dropped because this one told them all, is read again by the next night."""
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
) -> tuple[Path, ...]:
    """Files whose dropped rows are of these partitions: the ledger forgets that it saw them, and no more: one
    that still lies in the landing folder is judged anew there."""
    rows = connection.execute(
        "delete from ops.seen_file as seen using ops.load_batch as dropped "
        "where seen.batch_id = dropped.batch_id and dropped.record = %s and dropped.status = 'refused' "
        "and dropped.rows_dropped_at is not null and dropped.dropped_partitions && %s::text[] "
        "returning dropped.file_path",
        [record, list(partitions)],
    )
    return tuple(sorted({Path(path) for (path,) in rows}))


def told_of_withdrawn(connection: psycopg.Connection, batch_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Of each of the batches that somebody took back: who, when and why, and how its file comes in again."""
    rows = connection.execute(
        "select to_char(withdrawn_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD'), withdrawn_by, "
        "withdrawn_reason from ops.load_batch where batch_id = any(%s::uuid[]) and withdrawn_at is not null "
        "order by record",
        [list(batch_ids)],
    )
    return [
        (
            f"{by} 已于 {on} 撤回（{reason}），不计入结果；要重新计入，请在表格软件中另存后再交",
            f"taken back by {by} on {on} ({reason}), it does not count; to let it count again, save it anew "
            "and hand that in",
        )
        for on, by, reason in rows
    ]
