"""What other files have told since a file that is mended counted: a row of it must not undo that."""

from __future__ import annotations

from uuid import UUID

import psycopg

from ingest.contract import Contract
from ingest.lineage import Lineage
from ingest.standing import edition_key, table_key

# What other files have told since the first batch of a lineage counted, but for those that were withdrawn;
# tables of which one of them told all that the lineage ever held; and files written in the first one's place
# that have a year and edition in common with it.
_TOLD_SINCE = """
        held_once as (
            select partition_key, {table} as printed_table, min(accepted_at) as accepted_at
            from ops.partition_batch where record = '{record}' and batch_id = any(%(members)s)
            group by partition_key
        ),
        other_file as (
            select batch_id, file_path, base_batch_id, decided_at from ops.load_batch
            where record = '{record}' and status = 'accepted' and withdrawn_at is null
                and batch_id <> all(%(members)s)
                and decided_at > (select min(accepted_at) from held_once)
        ),
        told_since as (
            select batch_id, partition_key, false as is_emptied
            from ops.partition_batch inner join other_file using (batch_id)
            union
            select batch_id, partition_key, true
            from ops.emptied_partition inner join other_file using (batch_id)
        ),
        held_of_table as (
            select printed_table, count(*) as partitions from held_once group by printed_table
        ),
        told_of_table as (
            select held_once.printed_table, told_since.batch_id, count(*) as partitions
            from held_once inner join told_since using (partition_key)
            group by held_once.printed_table, told_since.batch_id
        ),
        told_wholly as (
            select held_of_table.printed_table
            from held_of_table inner join told_of_table using (printed_table, partitions)
        ),
        in_place as (
            select batch_id from told_since inner join other_file using (batch_id)
            where {edition} in (select {edition} from held_once) and base_batch_id is null
                and file_path = (select file_path from ops.load_batch where batch_id = %(root)s)
        )
"""


def partitions_of_others(
    connection: psycopg.Connection, contract: Contract, lineage: Lineage, base_id: UUID, batch_id: UUID
) -> list[str]:
    """Partitions of the mended rows of which another file has the last word: they would lose its rows, or
    come back beside it.

    It holds them, or emptied them and was not withdrawn since; or (where a table may come in parts) has told
    all that the mended file ever held of the table, or was written in its place.
    """
    edition = edition_key(contract)
    rows = connection.execute(
        f"""
        with mended as (
            select distinct partition_key, {table_key(contract)} as printed_table
            from {contract.table} where batch_id = %(batch)s
        ),
        {_TOLD_SINCE.format(table=table_key(contract), edition=edition, record=contract.record)}
        select mended.partition_key from mended
        inner join ops.current_batch as held on held.record = %(record)s
            and held.partition_key = mended.partition_key and held.batch_id <> %(base)s
        union
        select mended.partition_key from mended
        inner join ops.partition_batch as gone on gone.record = %(record)s
            and gone.partition_key = mended.partition_key and gone.batch_id = any(%(members)s)
        inner join told_since on gone.superseded_by = told_since.batch_id
            and gone.partition_key = told_since.partition_key and told_since.is_emptied
        union
        select partition_key from mended
        where %(in_parts)s
            and (printed_table in (select printed_table from told_wholly) or exists (select 1 from in_place))
        order by 1
        """,  # noqa: S608  owner: maintainers; the name is the contract's, no end
        {
            "record": contract.record,
            "root": lineage.root.batch_id,
            "base": base_id,
            "batch": batch_id,
            "members": [member.batch_id for member in lineage.members],
            "in_parts": bool(contract.parts_by),
        },
    )
    return [key for (key,) in rows]
