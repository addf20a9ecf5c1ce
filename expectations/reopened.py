"""Batches that were held only for what counted beside them are judged again once that has changed."""

from __future__ import annotations

from expectations.rule_parts import listed
from ingest import database
from ingest.contract import contracts

# Checks that hold a batch against what counts: the file may be right and what counts be wrong.
HELD_AGAINST_OTHERS = (
    "keys_are_kept",
    "printed_figures_are_kept",
    "tables_agree_within_the_band",
    # Of a table that comes in several files.
    "stages_within_all",
    "public_funds_within_education",
    "education_within_general_budget",
    "revenue_growth_agrees",
)


def reopen_changed(record: str) -> int:
    """Let batches wait again that failed no other check, where what counts for one of their districts and
    years was replaced or withdrawn since; how many there are.

    A batch stays refused when a later file has taken the place of any of its partitions.
    """
    with database.connect("junheng_loader") as connection:
        return len(connection.execute(_reopening(record), {"record": record}).fetchall())


def _reopening(record: str) -> str:
    table = contracts()[record].table
    return f"""
        with refused as (
            select batch_id, decided_at, file_modified_at from ops.load_batch
            where record = %(record)s and status = 'refused' and rows_dropped_at is null
        ),
        answer as (
            select batch_id, check_name, is_success, severity, row_number() over (
                partition by batch_id, check_name order by quality_result_id desc
            ) as place
            from ops.quality_result
            where border = 'incoming' and batch_id in (select batch_id from refused)
        ),
        held as (
            select batch_id from answer where place = 1 and not is_success and severity <> 'warning'
            group by batch_id having bool_and(check_name in ({listed(HELD_AGAINST_OTHERS)}))
        ),
        keys as (
            select distinct refused.batch_id, refused.decided_at, refused.file_modified_at, rows.partition_key
            from refused inner join {table} as rows on rows.batch_id = refused.batch_id
            where refused.batch_id in (select batch_id from held)
        ),
        -- What it would empty may be of other years.
        touched as (
            select batch_id, decided_at, partition_key from keys
            union
            select keys.batch_id, keys.decided_at, empty.partition_key
            from keys inner join ops.emptied_partition as empty on empty.batch_id = keys.batch_id
        ),
        changed as (
            select distinct touched.batch_id from touched
            inner join ops.partition_batch as part
                on part.record = %(record)s
                and split_part(part.partition_key, '|', 1) = split_part(touched.partition_key, '|', 1)
                and split_part(part.partition_key, '|', 2) = split_part(touched.partition_key, '|', 2)
                and greatest(part.accepted_at, part.superseded_at) > touched.decided_at
        ),
        replaced as (
            select distinct keys.batch_id from keys
            inner join ops.current_batch as current
                on current.record = %(record)s and current.partition_key = keys.partition_key
            inner join ops.load_batch as later on later.batch_id = current.batch_id
            where later.file_modified_at > keys.file_modified_at
        )
        update ops.load_batch
        set status = 'loaded', reason_zh = null, reason_en = null, decided_at = null
        where status = 'refused' and batch_id in (select batch_id from changed)
        and batch_id not in (select batch_id from replaced)
        returning batch_id
    """
