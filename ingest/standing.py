"""Which batches stand: the one place that says what counts, once those that wait count too.

A batch counts partition by partition: the last one that holds a partition stands. Where a contract lets one
table come in several files (``partsBy``: a file a stage, a town, a unit), a partition is a slice of a table,
and slices that a later file does not mention stand beside it. That alone would be wrong for a file that is
an earlier one again with a row moved to another stage: the old row would count on. So a batch *empties* what
is left of an earlier file's slices

- in a table of which it holds some of that file's slices and also one that nobody holds: so a row looks that
  has moved, and so does another part that repeats a few rows. Which of them it is cannot be known from the
  files: it is held with both ways out, whichever of the two came first;
- in every table, where it is that very file written anew in its place: the file as it is now is all that it
  says. (One that has no year and edition in common with what stood there is another file by the same name,
  as that of the next year often is.) What vanishes so goes within the contract's share and is told, and
  beyond it the batch is held. Where rows of it were set aside it is held at once: what it lacks may be among
  them.

The check is ``keys_are_kept``, which names the files. A file that brings only new slices is a part; one that
brings only slices that are there corrects just those: what the earlier file holds beside them stands, and
is told too. Which of it is right nobody can know from the files: a slice that was taken out of a corrected
file of another name stands until its batch is withdrawn.

The source of funds is no slice: a file that states what was not stated takes the place of it.

What a waiting batch empties is written down when it is checked, so that what is checked after it sees it.
When it is accepted that is reckoned anew under locks; where it differs the batch waits to be checked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import psycopg

from ingest.contract import Contract


def array_of(batch_ids: Sequence[UUID]) -> str:
    """The batches as an array in SQL."""
    listed = ", ".join(f"'{batch_id}'" for batch_id in batch_ids)
    return f"array[{listed}]::uuid[]"


def table_key(contract: Contract, partition_key: str = "partition_key") -> str:
    """In SQL: the table that a partition is of; where no table is divided, the partition itself."""
    if not contract.parts_by:
        return partition_key
    return f"array_to_string((string_to_array({partition_key}, '|'))[:{len(contract.table_by)}], '|')"


def edition_key(contract: Contract) -> str:
    """In SQL: the year, the edition and the printed table that a partition is of, whatever its item."""
    places = [n for n, name in enumerate(contract.table_by, 1) if name not in ("item_code", "basis")]
    parts = ", ".join(f"split_part(partition_key, '|', {n})" for n in places)
    return f"concat_ws('|', {parts})"


def last_word(
    contract: Contract, earlier: Sequence[UUID], name: str, *, current: str = "true", waiting: str = "true"
) -> str:
    """Common table expressions up to ``name``: for each partition the batch that will count for it.

    It is the last of ``earlier`` (batches that will become current before, in order) that holds or empties
    it, or else the current one. ``current`` and ``waiting`` are conditions on the partition_key of either.
    """
    before = array_of(earlier)
    place = f"array_position({before}, batch_id)"
    emptied = f"""
            union all
            select partition_key, batch_id, {place} from ops.emptied_partition
            where batch_id = any({before}) and {waiting}
    """  # noqa: S608  owner: maintainers; the ids are the ledger's, no end
    return f"""
        candidate as (
            select partition_key, batch_id, 0 as place from ops.current_batch
            where record = '{contract.record}' and {current}
            union all
            select distinct partition_key, batch_id, {place}
            from {contract.table} where batch_id = any({before}) and {waiting}
            {emptied if contract.parts_by else ""}
        ),
        {name} as (
            select partition_key, batch_id from candidate
            where (partition_key, place) in (select partition_key, max(place) from candidate group by 1)
        )
    """  # noqa: S608  owner: maintainers; the names are the contract's, no end


def _written_anew(contract: Contract) -> str:
    """Common table expression: the batches that were read from the file in whose place a batch was written,
    and the replays on them."""
    return f"""
        written_anew as (
            with earlier_file as (
                select file.batch_id
                from ops.load_batch as own_file
                inner join ops.load_batch as file on own_file.file_path = file.file_path
                where own_file.batch_id = %(batch)s and file.batch_id <> own_file.batch_id
                    and file.record = '{contract.record}'
                    and file.base_batch_id is null and own_file.base_batch_id is null
            )
            select batch_id from earlier_file
            union
            select part.batch_id
            from ops.batch_part as part
            inner join earlier_file on part.origin_batch_id = earlier_file.batch_id
        )
    """  # noqa: S608  owner: maintainers; the name is the contract's, no end


def emptied(
    connection: psycopg.Connection, contract: Contract, batch_id: UUID, earlier: Sequence[UUID] = ()
) -> dict[str, bool]:
    """Partitions that a batch empties when it becomes current after ``earlier``; none of them is its own.
    With each whether it may go, within the contract's share: else the batch is held for it."""
    if not contract.parts_by:
        return {}
    table = table_key(contract)
    edition = edition_key(contract)
    of_table = f"{table} in (select printed_table from asked)"  # noqa: S608  owner: maintainers; the names are ours, no end
    rows = connection.execute(
        f"""
        with own as (
            select distinct partition_key, {table} as printed_table, {edition} as edition
            from {contract.table} where batch_id = %(batch)s
        ),
        {_written_anew(contract)},
        asked as (
            select printed_table from own
            union
            select {table} from ops.current_batch
            where record = '{contract.record}' and batch_id in (select batch_id from written_anew)
            union
            select {table} from {contract.table}
            where batch_id = any({array_of(earlier)}) and batch_id in (select batch_id from written_anew)
        ),
        {last_word(contract, earlier, "standing", current=of_table, waiting=of_table)},
        holding as (
            select partition_key, batch_id, {table} as printed_table, {edition} as edition from standing
            where batch_id <> %(batch)s and not exists (
                select 1 from ops.emptied_partition as empty
                where empty.batch_id = standing.batch_id and empty.partition_key = standing.partition_key
            )
        ),
        fresh as (
            select printed_table from own where partition_key not in (select partition_key from holding)
        ),
        told_again as (
            select printed_table, batch_id from holding
            where partition_key in (select partition_key from own)
                and printed_table in (select printed_table from fresh)
            union
            select printed_table, batch_id from holding
            where batch_id in (select batch_id from written_anew)
                and batch_id in (select batch_id from holding where edition in (select edition from own))
        )
        select partition_key, batch_id in (select batch_id from written_anew) and not exists (
            select 1 from ops.rejected_key as aside where aside.batch_id = %(batch)s
        )
        from holding
        where (printed_table, batch_id) in (select printed_table, batch_id from told_again)
            and partition_key not in (select partition_key from own)
        """,  # noqa: S608  owner: maintainers; the names are the contract's, no end
        {"batch": batch_id},
    )
    return dict(rows.fetchall())


def write_emptied(
    connection: psycopg.Connection, contract: Contract, batch_id: UUID, earlier: Sequence[UUID]
) -> None:
    """Write down what a batch that is being checked empties, in the place of what was written before."""
    if not contract.parts_by:
        return
    connection.execute("delete from ops.emptied_partition where batch_id = %s", [batch_id])
    found = emptied(connection, contract, batch_id, earlier)
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.emptied_partition (batch_id, partition_key, may_go) values (%s, %s, %s)",
            [(batch_id, key, may_go) for key, may_go in sorted(found.items())],
        )


def emptied_as_checked(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> set[str] | None:
    """What a batch empties that becomes current now; None where it was something else when it was checked."""
    rows = connection.execute(
        "select partition_key, may_go from ops.emptied_partition where batch_id = %s", [batch_id]
    )
    now = emptied(connection, contract, batch_id)
    return set(now) if dict(rows.fetchall()) == now else None
