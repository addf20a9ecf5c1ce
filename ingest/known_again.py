"""A file that is known and comes again: what of it counts no more, why, and how it would count again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

import psycopg

from ingest.contract import Contract
from ingest.withdraw import told_of_withdrawn

MAX_NAMED = 5  # files named as those that took its place

# Partitions of a batch that count by it no more: who took them, and whether anything counts for them now.
# Rows that came back mended for the batch are its own still.
_LOST: LiteralString = """
    with own as (
        select record, partition_key, bool_or(superseded_at is null) as is_current,
            (array_agg(superseded_by order by superseded_at desc nulls last, superseded_by))[1] as taken_by
        from ops.partition_batch
        where batch_id = %(batch)s
        group by record, partition_key
    ),
    now as (
        select own.partition_key, own.is_current or exists (
            select 1 from ops.batch_part as part
            where part.batch_id = held.batch_id and part.origin_batch_id = %(batch)s
        ) as counts_by_it,
            held.batch_id is null as is_empty, coalesce(own.taken_by, held.batch_id) as taken_by
        from own
        left join ops.current_batch as held
            on held.record = own.record and held.partition_key = own.partition_key
    )
    select
        (select count(*) from now) as partitions,
        taker.file_name || ' (' || left(taker.batch_id::text, 8) || ')' as taker,
        taker.withdrawn_at is not null as is_withdrawn,
        count(*) as lost,
        count(*) filter (where now.is_empty) as emptied
    from now
    left join ops.load_batch as taker on now.taken_by = taker.batch_id
    where not now.counts_by_it
    group by taker.batch_id, taker.file_name, taker.withdrawn_at
    order by lost desc, taker
"""


def mend_of_refused(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> tuple[str, str]:
    """How a refused file comes in (zh, en): where a later one has told part of it meanwhile, it is not looked
    at again by itself, since it would take that one's place."""
    rows = connection.execute(
        f"""
        select distinct later.file_name
        from ops.load_batch as refused
        inner join ops.current_batch as held on held.record = refused.record
        inner join ops.load_batch as later on later.batch_id = held.batch_id
        where refused.batch_id = %(batch)s and later.file_modified_at > refused.file_modified_at
            and held.partition_key in (select partition_key from {contract.table} where batch_id = %(batch)s)
        order by later.file_name
        limit {MAX_NAMED}
        """,  # noqa: S608  owner: maintainers; the name is the contract's, no end
        {"batch": batch_id},
    ).fetchall()
    zh, en = "改正后重新交入", "correct it and hand it in again"
    if not rows:
        return zh, en
    names = [name for (name,) in rows]
    return (
        f"{zh}；后来的 {'、'.join(names)} 已交了其中的内容，所以本文件不再自动检查：内容无误、要取代它的，"
        "请在表格软件中另存后再交",
        f"{en}; {', '.join(names)} came later and told part of it, so it is not looked at again by itself: "
        "where it is right and is to take the place of that, save it anew and hand that in",
    )


def told_of_known(connection: psycopg.Connection, batch_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Of batches that are known: who took them back, or else what took their place (zh, en)."""
    notes = []
    for batch_id in batch_ids:
        withdrawn = told_of_withdrawn(connection, batch_id)
        notes += [withdrawn] if withdrawn else _told_of_lost(connection, batch_id)
    return list(dict.fromkeys(notes))


def _told_of_lost(connection: psycopg.Connection, batch_id: str) -> list[tuple[str, str]]:
    rows = connection.execute(_LOST, {"batch": batch_id}).fetchall()
    if not rows:
        return []
    named = [(taker, is_withdrawn) for _, taker, is_withdrawn, _, _ in rows if taker][:MAX_NAMED]
    takers_zh = "、".join(name + ("，该文件此后已撤回" if gone else "") for name, gone in named)
    takers_en = ", ".join(name + (", withdrawn since" if gone else "") for name, gone in named)
    partitions, lost, empty = rows[0][0], sum(row[3] for row in rows), sum(row[4] for row in rows)
    none_zh, none_en = (
        (f"，其中 {empty} 个现无数据", f"; for {empty} of them nothing counts now") if empty else ("", "")
    )
    by_zh, by_en = (f"，由 {takers_zh}取代", f", taken by {takers_en}") if named else ("", "")
    return [
        (
            f"它的 {partitions} 个分区中有 {lost} 个已不由本文件计入{by_zh}{none_zh}；"
            "要让它重新计入，请在表格软件中另存后再交",
            f"of its {partitions} partitions {lost} do not count by this file any more{by_en}{none_en}; to "
            "let it count again, save it anew and hand that in",
        )
    ]
