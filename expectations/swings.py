"""Figures that leap against the year before, written down with what a school says about them.

What is compared is a school together with its campuses of either year, so a campus that was merged or made a
school of its own is no leap. New and closed schools, and schools with rows set aside, are not compared.
A row set aside of which nobody can read whose it is may be any school's: what it would explain (a fall when
it is of this year, a rise when it is of last year) is told, and holds nothing up.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import psycopg

from expectations.last_year import inner_keys, year_pairs
from expectations.rule_parts import listed
from expectations.swing_bands import LIMITS, bands, explanations, outside, speaks_of
from expectations.swings_finance import finance_swings
from ingest import database
from ingest.contract import Contract, contracts

ROLE = "junheng_loader"
# Checks that a written explanation settles.
HOLDING = ("no_unexplained_leap", "no_unexplained_swing")


def write_swings(
    connection: psycopg.Connection, contract: Contract, batch_id: UUID, earlier: Sequence[UUID] = ()
) -> None:
    """Write anew into ops.swing what leaps in a batch; ``earlier`` as in ``table_checks``."""
    connection.execute("delete from ops.swing where batch_id = %s", [batch_id])
    if not bands(contract.record):
        return
    statement = finance_swings if contract.record == "finance" else _statement
    connection.execute(statement(contract, batch_id, earlier))


def _statement(contract: Contract, batch_id: UUID, earlier: Sequence[UUID]) -> str:
    fields = [row["field"] for row in bands(contract.record)]
    rows = f"(select * from {contract.table} where batch_id = '{batch_id}') as batch_rows"
    paired = year_pairs(contract, earlier, fields).replace("{batch}", rows)
    stage = "stage" if "stage" in inner_keys(contract) else "'all'"
    sums = ", ".join(f"{_sum(field, '')}, {_sum(field, 'not ')}" for field in fields)
    pairs = ", ".join(f"('{field}', {field}_now, {field}_before)" for field in fields)
    limits = ", ".join(
        f"('{row['field']}', {', '.join(row[name] for name in LIMITS)})" for row in bands(contract.record)
    )
    return f"""
        insert into ops.swing (
            batch_id, record, district_code, year, school_code, stage, field_name, value_before, value_now,
            band, explanation, explained_by, source_sheet, source_row, school_codes
        )
        with {paired},
        link as (
            select district_code, school_year, school_code, parent_school_code from raw.school
            where parent_school_code is not null and district_code in (select district_code from wanted)
            and batch_id in (
                select batch_id from ops.current_batch where record = 'school'
                union all
                select batch_id from ops.load_batch where record = 'school' and status = 'loaded'
            )
        ),
        family as (
            select district_code, link.school_year + later.years as year, school_code,
                min(parent_school_code) as parent_school_code
            from link cross join (values (0), (1)) as later (years)
            group by 1, 2, 3
        ),
        set_aside as (
            select district_code, school_code from ops.rejected_key
            where school_code is not null and batch_id in (select batch_id from paired)
        ),
        unplaced as (
            select distinct paired.is_now, key.district_code, key.stage,
                key.school_year + case when paired.is_now then 0 else 1 end as year
            from paired inner join ops.rejected_key as key using (batch_id)
            where key.school_code is null
        ),
        placed as (
            select paired.*, {stage} as part,
                coalesce(family.parent_school_code, paired.school_code) as subject
            from paired left join family using (district_code, year, school_code)
        ),
        summed as (
            select
                district_code, year, subject, part, array_agg(distinct school_code) as members,
                min(source_sheet) filter (where is_now) as source_sheet,
                min(source_row) filter (where is_now) as source_row, {sums}
            from placed group by district_code, year, subject, part
            having bool_or(is_now) and bool_or(not is_now)
            and not bool_or(
                (district_code, school_code) in (select district_code, school_code from set_aside)
            )
        ),
        measured as (
            select summed.*, pair.field_name, pair.value_now, pair.value_before,
                {outside("pair.value_now", "pair.value_before")}
            from summed
            cross join lateral (values {pairs}) as pair (field_name, value_now, value_before)
            inner join (values {limits}) as limits (field_name, {", ".join(LIMITS)})
                on pair.field_name = limits.field_name
        )
        select
            '{batch_id}'::uuid, '{contract.record}', measured.district_code, measured.year, measured.subject,
            measured.part, measured.field_name, measured.value_before, measured.value_now,
            case when measured.is_far_outside and not exists (
                select 1 from unplaced
                where unplaced.is_now = (measured.value_now < measured.value_before)
                and coalesce(unplaced.district_code, measured.district_code) = measured.district_code
                and coalesce(unplaced.year, measured.year) = measured.year
                and (measured.part = 'all' or coalesce(unplaced.stage, measured.part) = measured.part)
            ) then 'outer' else 'inner' end,
            said.explanation, said.explained_by, measured.source_sheet, measured.source_row,
            measured.members || measured.subject
        from measured
        left join lateral (
            {explanations(contract, "measured", "measured.members || measured.subject")}
        ) as said on true
        where measured.is_large and measured.is_outside
    """


def _sum(field: str, is_before: str) -> str:
    """A sum that is missing where any of its parts is."""
    which = f"filter (where {is_before}is_now)"
    name = f"{field}_before" if is_before else f"{field}_now"
    return f"case when bool_and({field} is not null) {which} then sum({field}) {which} end as {name}"


def reopen_explained(record: str) -> int:
    """Let batches that only lacked an explanation be checked again once it has come; how many there are.

    A batch stays refused when a later file has taken the place of any of its partitions. No time is asked:
    the explanation may have been loaded, and even taken, while the batch was being judged.
    """
    if not bands(record):
        return 0
    with database.connect(ROLE) as connection:
        return len(connection.execute(_reopening(record), {"record": record}).fetchall())


def _reopening(record: str) -> str:
    return f"""
        with answer as (
            select batch_id, check_name, is_success, severity, row_number() over (
                partition by batch_id, check_name order by quality_result_id desc
            ) as place
            from ops.quality_result
            where record = %(record)s and border = 'incoming' and batch_id in (
                select batch_id from ops.load_batch where record = %(record)s and status = 'refused'
            )
        ),
        lacking as (
            select batch_id from answer where place = 1 and not is_success
            group by batch_id having bool_and(severity = 'warning' or check_name in ({listed(HOLDING)}))
        ),
        explained as (
            select distinct swing.batch_id from ops.swing as swing
            inner join lacking on lacking.batch_id = swing.batch_id
            inner join ops.explanation as found
                on found.school_code = any(coalesce(swing.school_codes, array[swing.school_code]))
                and {speaks_of(contracts()[record], "swing")}
            where swing.explanation is null
        )
        update ops.load_batch as batch
        set status = 'loaded', reason_zh = null, reason_en = null, decided_at = null
        from explained
        where batch.batch_id = explained.batch_id and batch.status = 'refused'
        and batch.rows_dropped_at is null and not exists (
            select 1 from ops.current_batch as current
            inner join ops.load_batch as later on later.batch_id = current.batch_id
            where current.record = %(record)s and later.file_modified_at > batch.file_modified_at
            and current.partition_key in (
                select partition_key from raw.{record} where batch_id = batch.batch_id
            )
        )
        returning batch.batch_id
    """
