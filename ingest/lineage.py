"""Where a batch stands now: the replays made on it, which of them counts, and where each row is by now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from ingest.contract import contracts

# From a batch down to the file it all began with, and from there up to every replay on it, and to the folder
# that goes on from one because a workbook came to it.
_LINEAGE = """
    with recursive batches as (
        select batch_id, coalesce(base_batch_id, continues_batch_id) as earlier_id from ops.load_batch
    ),
    down as (
        select batch_id, earlier_id from batches where batch_id = %s
        union
        select earlier.batch_id, earlier.earlier_id
        from down
        inner join batches as earlier on down.earlier_id = earlier.batch_id
    ),
    lineage as (
        select batch_id from down where earlier_id is null
        union
        select later.batch_id
        from lineage
        inner join batches as later on lineage.batch_id = later.earlier_id
    )
    select batch.*
    from lineage
    inner join ops.load_batch as batch on lineage.batch_id = batch.batch_id
    order by coalesce(batch.base_batch_id, batch.continues_batch_id) is not null, batch.decided_at nulls last
"""
# A workbook in another reading of its folder, by whatever name: the same bytes, or written anew with all that
# the record reads, which is whose it is too.
SAME_WORKBOOK = "(own.file_sha256 = there.file_sha256 or own.contents = there.contents)"
# The step of a recursive "trace": from where a mended workbook is said to come from to where that came from.
EARLIER = """
        select trace.{kept}, earlier.origin_batch_id, earlier.origin_sheet
        from trace
        inner join ops.mended_row as earlier
            on trace.at_batch_id = earlier.batch_id and trace.at_sheet = earlier.source_sheet
                and earlier.source_row = 0
"""
# Of the batches of a lineage the newest that holds a workbook and counts for its districts: a folder that was
# read again without some of its workbooks leaves those to the batch that counted before.
_HOLDING = """
    with whose as (
        select district_code from ops.rejected_key
        where batch_id = %(stamp)s and {of_workbook} and district_code is not null
        union
        select district_code from {table} where batch_id = %(stamp)s and {of_workbook}
    ),
    held as (
        select batch_id, origin_batch_id from ops.batch_part where batch_id = any(%(accepted)s)
        union
        select batch_id, batch_id from unnest(%(accepted)s) as batch_id
    ),
    same as (
        select there.batch_id
        from ops.batch_member as own
        inner join ops.batch_member as there on {same}
        where own.batch_id = %(stamp)s and own.file_name = %(member)s
        union
        select %(stamp)s
    )
    select candidate.batch_id
    from unnest(%(accepted)s) with ordinality as candidate (batch_id, place)
    where exists (
        select 1 from held
        where held.batch_id = candidate.batch_id and origin_batch_id in (select batch_id from same)
    ) and exists (
        select 1
        from {table} as held_row
        inner join ops.current_batch using (batch_id, partition_key)
        where record = %(record)s and batch_id = candidate.batch_id
            and (district_code in (select district_code from whose) or not exists (select 1 from whose))
    )
    order by place desc
    limit 1
"""
OF_WORKBOOK = "(source_sheet = %(member)s or starts_with(source_sheet, %(member)s || ' '))"
# The same workbook in another reading of its folder.
_SAME_MEMBER = """
    select there.batch_id, there.file_name
    from ops.batch_member as own
    inner join ops.batch_member as there on {same}
    where own.batch_id = %s and own.file_name = %s and there.batch_id = any(%s)
    order by there.file_sha256 <> own.file_sha256, there.file_name <> own.file_name, there.file_name
    limit 1
"""
_PARTS = """
    select first_block, origin_batch_id from ops.batch_part where batch_id = %s order by first_block
"""
LAST_BLOCK = 32_767  # what a smallint holds

Place = tuple[UUID, str, int]  # batch whose file it is, sheet, row


@dataclass(frozen=True)
class Member:
    """One batch of a lineage, as the ledger has it."""

    batch_id: UUID
    record: str
    profile: str
    file_name: str
    file_sha256: str
    status: str
    rows_read: int
    rows_skipped: int
    base_batch_id: UUID | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_reason: str | None


@dataclass(frozen=True)
class Lineage:
    """A file's batch and the replays on it. ``head`` is the one that counts for the rows in question, if any
    does."""

    members: tuple[Member, ...]
    head: Member
    partitions: tuple[str, ...]  # for which the head is current
    parts: tuple[tuple[int, UUID], ...]  # of the head: first block, and whose file it is

    @property
    def root(self) -> Member:
        """The file that it began with."""
        return self.members[0]

    def taken(self, sha256: str) -> Member | None:
        """The replay of a file of these bytes that was taken before and is part of what counts, or waits."""
        origins = {origin for _, origin in self.parts} if self.partitions else set()
        replays = [m for m in self.members[1:] if m.file_sha256 == sha256]
        known = [m for m in replays if m.status == "loaded" or m.batch_id in origins]
        return known[-1] if known else None

    def blocks(self, origin: UUID) -> tuple[int, int]:
        """First and last block of the head's rows that come from a batch's own file."""
        firsts = [first for first, _ in self.parts]
        position = [batch for _, batch in self.parts].index(origin)
        last = firsts[position + 1] - 1 if position + 1 < len(firsts) else LAST_BLOCK
        return firsts[position], last


def lineage_of(connection: psycopg.Connection, batch_id: UUID, member: str = "") -> Lineage | None:
    """The lineage that a batch belongs to, as it stands for all of it or for a workbook of its folder; None
    when the ledger does not know it."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_LINEAGE, [batch_id]).fetchall()
    if not rows:
        return None
    names = Member.__dataclass_fields__
    members = tuple(Member(**{name: row[name] for name in names}) for row in rows)
    head = _head(connection, members, batch_id, member)
    partitions = connection.execute(
        "select partition_key from ops.current_batch where record = %s and batch_id = %s order by 1",
        [head.record, head.batch_id],
    ).fetchall()
    parts = connection.execute(_PARTS, [head.batch_id]).fetchall() or [(0, head.batch_id)]
    return Lineage(members, head, tuple(key for (key,) in partitions), tuple(parts))


def _head(connection: psycopg.Connection, members: tuple[Member, ...], batch_id: UUID, member: str) -> Member:
    """The batch that counts for the workbook; else the last that was accepted, else the first of all."""
    accepted = {one.batch_id: one for one in members if one.status == "accepted"}
    if member and accepted:
        table = contracts()[members[0].record].table
        row = connection.execute(
            _HOLDING.format(table=table, of_workbook=OF_WORKBOOK, same=SAME_WORKBOOK),
            {
                "record": members[0].record,
                "stamp": batch_id,
                "member": member,
                "accepted": list(accepted),
            },
        ).fetchone()
        if row is not None:
            return accepted[row[0]]
    return list(accepted.values())[-1] if accepted else members[0]


def known_places(connection: psycopg.Connection, batch_id: UUID) -> set[tuple[str, int]]:
    """Sheet and row of everything that was ever set aside of a batch's own file."""
    rows = connection.execute(
        "select distinct source_sheet, source_row from ops.rejected_row "
        "where batch_id = %s and ops.origin_batch(batch_id, source_block) = batch_id",
        [batch_id],
    )
    return {(sheet, row) for sheet, row in rows}


def moves(connection: psycopg.Connection, lineage: Lineage) -> dict[Place, Place]:
    """Where rows went that came back mended and count: from the place in one file to that in the next."""
    origins = [origin for _, origin in lineage.parts]
    rows = connection.execute(
        "select origin_batch_id, origin_sheet, origin_row, batch_id, source_sheet, source_row "
        "from ops.mended_row where batch_id = any(%s)",
        [origins],
    )
    return {(o, sheet, row): (b, own_sheet, own_row) for o, sheet, row, b, own_sheet, own_row in rows}


def kept_partly(connection: psycopg.Connection, lineage: Lineage) -> set[UUID]:
    """Mended workbooks of which what counts has some stages only: of the others its folder tells something
    newer."""
    origins = [origin for _, origin in lineage.parts]
    rows = connection.execute(
        "select mended_batch_id from ops.kept_mend "
        "where outcome = 'partly' and batch_id = any(%(origins)s) and mended_batch_id = any(%(origins)s)",
        {"origins": origins},
    )
    return {mended for (mended,) in rows}


def latest(place: Place, moved: dict[Place, Place], partly: Collection[UUID] = ()) -> Place:
    """Where a row stands by now. A workbook of which only a part stayed mended stands where it stood: what
    comes late for it is for the workbook that it was, not for the one that tells the rest since."""
    now = place
    while now in moved:
        now = moved[now]
    return place if now[0] in partly else now


def place_in_head(connection: psycopg.Connection, lineage: Lineage, place: Place) -> Place | None:
    """The place of a row or workbook in what counts: the folder may have been read again since. None when
    what counts holds nothing of it, or its workbook has changed."""
    origins = [origin for _, origin in lineage.parts]
    batch, sheet, row = place
    if batch in origins:
        return place
    found = connection.execute(_SAME_MEMBER.format(same=SAME_WORKBOOK), [batch, sheet, origins]).fetchone()
    return (found[0], found[1], row) if found else None
