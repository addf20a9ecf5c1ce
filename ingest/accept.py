"""Making loaded batches current: one transaction, under locks; the later file supersedes the earlier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg

from ingest import standing
from ingest.contract import Contract, contracts
from ingest.database import connect
from ingest.hand_back.held_mends import unsettled
from ingest.hand_back.told_since import partitions_of_others
from ingest.lineage import lineage_of

# Above this many partitions one lock on the record is taken instead: the server's lock table is finite.
MAX_PARTITION_LOCKS = 256

# Why a replay is not made current: the rows that it holds beside the mended ones are no longer the last word.
BASE_SUPERSEDED = (
    "原批次已被更新的文件取代，改正的行未入库；请在新文件中改正",
    "a newer file has taken the place of the batch it mends; the mended rows were not taken: "
    "mend them in the newer file",
)

# Rows that came back mended for the very file that a batch was read from, and that count now.
_MENDS_UNDONE = """
    select mended.file_name
    from ops.load_batch as batch
    inner join ops.current_batch as held on held.record = batch.record
    inner join ops.batch_part as first_part on first_part.batch_id = held.batch_id
    inner join ops.load_batch as root on root.batch_id = first_part.origin_batch_id
        and root.base_batch_id is null and root.file_sha256 = batch.file_sha256
    inner join ops.batch_part as part on part.batch_id = held.batch_id
    inner join ops.load_batch as mended on mended.batch_id = part.origin_batch_id
        and mended.base_batch_id is not null
    where batch.batch_id = %(batch)s and batch.base_batch_id is null
        -- Of a folder of which it is known what it held each workbook is decided on alone: see kept_mends.
        and not exists (select 1 from ops.batch_member as member where member.batch_id = root.batch_id)
        and held.partition_key in (select partition_key from {table} where batch_id = %(batch)s)
    group by mended.batch_id, mended.file_name, mended.decided_at
    order by mended.decided_at, mended.batch_id
"""
MAX_NAMED = 5  # replays named in a reason


@dataclass(frozen=True)
class AcceptOutcome:
    """What became of the batches that were decided."""

    record: str
    accepted: tuple[UUID, ...]
    refused: tuple[UUID, ...]
    partitions: int  # partitions whose current batch changed
    reasons: Mapping[UUID, tuple[str, str]]  # of those that were refused (zh, en)


def pending_batches(record: str) -> list[UUID]:
    """Batches that are loaded and not yet decided, in the order in which they are to become current."""
    with connect("junheng_loader") as connection:
        return _pending(connection, record)


def _pending(connection: psycopg.Connection, record: str) -> list[UUID]:
    rows = connection.execute(
        "select batch_id from ops.load_batch where record = %s and status = 'loaded' "
        "order by file_modified_at, file_path, batch_id",
        [record],
    )
    return [batch_id for (batch_id,) in rows]


def batches_that_undo(record: str, batch_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Those of the batches that hold the same bytes as a file that was mended since; with each, why (zh, en)
    it must not become current."""
    table = contracts()[record].table
    with connect("junheng_loader") as connection:
        told = {batch: _undone(connection, table, batch) for batch in batch_ids}
    return {batch: reason for batch, reason in told.items() if reason is not None}


def _undone(connection: psycopg.Connection, table: str, batch_id: UUID) -> tuple[str, str] | None:
    rows = connection.execute(_MENDS_UNDONE.format(table=table), {"batch": batch_id}).fetchall()
    if not rows:
        return None
    row = connection.execute("select file_name from ops.load_batch where batch_id = %s", [batch_id])
    (name,) = row.fetchone() or ("",)
    more = len(rows) - MAX_NAMED
    mended = "、".join(file for (file,) in rows[:MAX_NAMED]) + (f" … +{more}" if more > 0 else "")
    return (
        f"{name}：与已入库的原文件内容相同，入库会抹去之后交回的改正件（{mended}）。"
        "请把改正写入完整的文件，用 junheng ingest 交入",
        f"{name}: the same content as the original that was taken; taken again it would undo what came back "
        f"mended since ({mended}). Mend: make the corrections in the whole file and hand that in with "
        "junheng ingest",
    )


def accept_batches(
    record: str,
    refused: Mapping[UUID, tuple[str, str]] | None = None,
    *,
    batch_ids: list[UUID] | None = None,
) -> AcceptOutcome:
    """Decide the pending batches of a record in one transaction: all of it holds, or nothing.

    ``refused`` maps a batch to its reason (zh, en); every other pending batch becomes current for its
    partitions. ``batch_ids`` limits the decision to those batches (those that were checked), so that one
    loaded meanwhile stays pending. KeyError when no contract has that record.
    """
    reasons = dict(refused or {})
    contract = contracts()[record]
    with connect("junheng_loader") as connection:
        wanted = [b for b in _pending(connection, record) if batch_ids is None or b in batch_ids]
        # A second night waits here and then finds nothing pending.
        lock_partitions(connection, contract, wanted)
        pending = [b for b in _pending(connection, record) if b in wanted]
        good = [batch_id for batch_id in pending if batch_id not in reasons]
        bad = [batch_id for batch_id in pending if batch_id in reasons]
        changed: set[str] = set()
        for batch_id in good[:]:
            if unsettled(connection, contract, batch_id):
                good.remove(batch_id)  # mended since it was checked: it waits for the next night
                continue
            reason = _why_not(connection, contract, batch_id)
            if reason is None:
                emptied = standing.emptied_as_checked(connection, contract, batch_id)
                if emptied is None:
                    good.remove(batch_id)  # so does one beside which other files stand by now
                else:
                    changed |= _make_current(connection, contract, batch_id, emptied)
                continue
            good.remove(batch_id)
            bad.append(batch_id)
            reasons[batch_id] = reason
        for batch_id in bad:
            connection.execute(
                "update ops.load_batch set status = 'refused', reason_zh = %s, reason_en = %s, "
                "decided_at = clock_timestamp() where batch_id = %s",
                [*reasons[batch_id], batch_id],
            )
    said = {batch_id: reasons[batch_id] for batch_id in bad}
    return AcceptOutcome(record, tuple(good), tuple(bad), len(changed), said)


def _why_not(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> tuple[str, str] | None:
    """Why a batch that passed its checks must not become current after all (zh, en)."""
    if not _is_base_current(connection, contract, batch_id):
        return BASE_SUPERSEDED
    return _undone(connection, contract.table, batch_id)


def _is_base_current(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> bool:
    """Whether a replay still stands on what is current; true of every batch that is no replay."""
    row = connection.execute(
        "select base_batch_id from ops.load_batch where batch_id = %s", [batch_id]
    ).fetchone()
    if row is None or row[0] is None:
        return True
    base = lineage_of(connection, row[0])
    return base is None or not partitions_of_others(connection, contract, base, row[0], batch_id)


def _lock(connection: psycopg.Connection, name: str, *, shared: bool = False) -> None:
    kind = "_shared" if shared else ""
    connection.execute(f"select pg_advisory_xact_lock{kind}(hashtextextended(%s, 0))", [name])


def lock_partitions(connection: psycopg.Connection, contract: Contract, batch_ids: list[UUID]) -> None:
    """Exclusive locks on every partition of the batches, sorted so that two nights cannot deadlock; where a
    table comes in parts on all of it, and on those of which they empty something."""
    record = contract.record
    rows = connection.execute(
        f"select {standing.table_key(contract)} from {contract.table} where batch_id = any(%(batches)s) "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        f"union select {standing.table_key(contract)} from ops.emptied_partition "
        "where batch_id = any(%(batches)s) order by 1",
        {"batches": batch_ids},
    ).fetchall()
    if len(rows) > MAX_PARTITION_LOCKS:
        _lock(connection, f"junheng.accept/{record}/all")
        return
    _lock(connection, f"junheng.accept/{record}/all", shared=True)
    for (partition_key,) in rows:
        _lock(connection, f"junheng.accept/{record}/{partition_key}")


def _make_current(
    connection: psycopg.Connection, contract: Contract, batch_id: UUID, emptied: set[str]
) -> set[str]:
    """Put the batch in the place of whatever was current for its partitions, and of what it empties; all of
    those partitions."""
    connection.execute(
        f"create temp table if not exists accepting on commit drop as "  # noqa: S608  owner: maintainers; the name is the contract's, no end
        f"select partition_key, true as is_held from {contract.table} where false"
    )
    connection.execute("truncate accepting")
    connection.execute(
        f"insert into accepting select distinct partition_key, true from {contract.table} "  # noqa: S608  owner: maintainers; the name is the contract's, no end
        "where batch_id = %s union all select unnest(%s::text[]), false",
        [batch_id, sorted(emptied)],
    )
    connection.execute(
        "update ops.partition_batch p set superseded_at = clock_timestamp(), superseded_by = %s "
        "from accepting a "
        "where p.record = %s and p.partition_key = a.partition_key and p.superseded_at is null",
        [batch_id, contract.record],
    )
    connection.execute(
        "insert into ops.partition_batch (record, partition_key, batch_id) "
        "select %s, partition_key, %s from accepting where is_held",
        [contract.record, batch_id],
    )
    connection.execute(
        "update ops.load_batch set status = 'accepted', decided_at = clock_timestamp() where batch_id = %s",
        [batch_id],
    )
    return {key for (key,) in connection.execute("select partition_key from accepting")}
