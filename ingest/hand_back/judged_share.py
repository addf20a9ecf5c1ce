"""How many rows of a folder are set aside once it is decided which of its workbooks stay mended.

A folder that goes on from one that counts is judged only then: what stays mended is no longer bad, and what
does not stay is. One that was refused for this is judged again when more of its workbooks came back mended:
its rows are there, so nobody needs to hand it in again.
"""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

import psycopg

from ingest.contract import Contract
from ingest.database import connect
from ingest.lineage import EARLIER
from ingest.share import RULE, share_problem

# Whether a batch that counts was read from a folder with any of the same workbooks: then what came back
# mended for them may be taken over.
_CONTINUES: LiteralString = """
    select 1
    from ops.current_batch as held
    left join ops.batch_part as part on held.batch_id = part.batch_id
    inner join ops.batch_member as theirs on coalesce(part.origin_batch_id, held.batch_id) = theirs.batch_id
    inner join ops.batch_member as own on own.batch_id = %(batch)s and theirs.file_sha256 = own.file_sha256
    where held.record = %(record)s and held.batch_id <> %(batch)s
    limit 1
"""
# A mended workbook stands for one of a folder, or for one that was mended before it.
_REOPEN: LiteralString = """
    with recursive refused as (
        select batch_id, loaded_at, decided_at from ops.load_batch
        where record = %(record)s and status = 'refused' and refused_rule = %(rule)s
            and rows_dropped_at is null
    ),
    trace as (
        select replay.decided_at, mended.origin_batch_id as at_batch_id, mended.origin_sheet as at_sheet
        from ops.load_batch as replay
        inner join ops.mended_row as mended on replay.batch_id = mended.batch_id and mended.source_row = 0
        where replay.record = %(record)s and replay.status = 'accepted'
            and replay.decided_at > (select min(decided_at) from refused)
        union
        {earlier}
    ),
    mended as (
        select distinct refused.batch_id
        from trace
        inner join ops.batch_member as theirs
            on trace.at_batch_id = theirs.batch_id and trace.at_sheet = theirs.file_name
        inner join ops.batch_member as own on theirs.file_sha256 = own.file_sha256
        inner join refused on own.batch_id = refused.batch_id and trace.decided_at > refused.decided_at
    ),
    -- What counts now by file: a mended batch tells whose it is by its parts.
    newer as (
        select distinct refused.batch_id
        from refused
        inner join {table} as told on refused.batch_id = told.batch_id
        inner join ops.current_batch as held
            on held.record = %(record)s and told.partition_key = held.partition_key
        left join ops.batch_part as part on held.batch_id = part.batch_id
        inner join ops.load_batch as file on coalesce(part.origin_batch_id, held.batch_id) = file.batch_id
        where file.base_batch_id is null and file.loaded_at > refused.loaded_at
    )
    update ops.load_batch
    set status = 'loaded', reason_zh = null, reason_en = null, decided_at = null, refused_rule = null
    where status = 'refused' and batch_id in (select batch_id from mended)
        and batch_id not in (select batch_id from newer)
        and batch_id in (select batch_id from ops.seen_file where record = %(record)s)
"""


def is_judged_later(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> bool:
    """Whether the share of a folder's rows is judged once its mends are decided, not while it is read."""
    found = connection.execute(_CONTINUES, {"record": contract.record, "batch": batch_id})
    return found.fetchone() is not None


def judge(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> tuple[str, str] | None:
    """Why a waiting folder must not become current (zh, en): too many of its rows are set aside by now."""
    row = connection.execute(
        "select file_name, rows_rejected, rows_read - rows_skipped from ops.load_batch "
        "where batch_id = %s and status = 'loaded'",
        [batch_id],
    ).fetchone()
    problem = share_problem(row[0], contract, row[1], row[2]) if row else None
    connection.execute(
        "update ops.load_batch set refused_rule = %s where batch_id = %s and status = 'loaded'",
        [problem and problem.rule, batch_id],
    )
    return (problem.message_zh(), problem.message_en()) if problem else None


def reopen_mended(contract: Contract) -> int:
    """Let folders wait again that were refused for their share only and of which workbooks came back mended
    since; how many there are. One stays refused when a later file tells of its districts and years, or when
    the folder is not what it was."""
    with connect("junheng_loader") as connection:
        statement = _REOPEN.format(table=contract.table, earlier=EARLIER.format(kept="decided_at"))
        return connection.execute(statement, {"record": contract.record, "rule": RULE}).rowcount
