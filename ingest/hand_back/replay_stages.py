"""A workbook comes back of which some stages stayed mended, told by the file that came back before.

It is the whole workbook, and its clerk was shown only what is bad now: of the other stages it may hold what
was bad when it was first read. Where it tells all that the earlier file tells of them it takes its place;
else the earlier one stays, and what this one says of those stages is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import psycopg

from ingest.contract import Contract
from ingest.hand_back.replay_rows import remove_rows, same_key
from ingest.lineage import Lineage, Place


def replaced(
    connection: psycopg.Connection,
    contract: Contract,
    lineage: Lineage,
    batch_id: UUID,
    offset: int,
    places: Iterable[Place],
) -> list[Place]:
    """Files that came back before for stages of these workbooks and of which this one takes the place; of the
    others the stages are taken out of the new batch, whose own blocks lie below ``offset``."""
    gone = []
    for earlier, sheet, stages in _kept(connection, lineage, places):
        first, last = lineage.blocks(earlier)
        values = {
            "head": lineage.head.batch_id,
            "batch": batch_id,
            "first": first,
            "last": last,
            "offset": offset,
            "stages": stages,
        }
        if _tells_all(connection, contract, values):
            gone.append((earlier, sheet, 0))
        else:
            own = "batch_id = %(batch)s and source_block < %(offset)s"
            remove_rows(connection, contract, own, "stage = any(%(stages)s)", values)
    return gone


def _kept(
    connection: psycopg.Connection, lineage: Lineage, places: Iterable[Place]
) -> list[tuple[UUID, str, list[str]]]:
    """Files of which the rows of some stages stayed when the folder of a workbook was read again."""
    whole = [(batch, sheet) for batch, sheet, row in places if not row]
    rows = connection.execute(
        "select kept.mended_batch_id, mended.source_sheet, kept.stages from ops.kept_mend as kept "
        "inner join ops.mended_row as mended "
        "on kept.mended_batch_id = mended.batch_id and mended.source_row = 0 "
        "inner join unnest(%s::uuid[], %s::text[]) as came (batch_id, member) "
        "on kept.batch_id = came.batch_id and kept.member = came.member "
        "where kept.outcome = 'partly' and kept.mended_batch_id = any(%s) order by kept.mended_batch_id",
        [[batch for batch, _ in whole], [sheet for _, sheet in whole], [one for _, one in lineage.parts]],
    )
    return rows.fetchall()


def _tells_all(connection: psycopg.Connection, contract: Contract, values: dict[str, object]) -> bool:
    found = connection.execute(
        f"select 1 from {contract.table} as held where held.batch_id = %(head)s "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        "and held.source_block between %(first)s and %(last)s "
        f"and not exists (select 1 from {contract.table} as mended where mended.batch_id = %(batch)s "
        f"and mended.source_block < %(offset)s and {same_key(contract, 'mended', 'held')}) limit 1",
        values,
    )
    return found.fetchone() is None
