"""SQL of what should have come and did not: school × record × year, and stage where a record is by stage."""

from __future__ import annotations

from functools import cache

from expectations.rule_parts import check_parameter, listed, masked, seed_rows
from ingest.contract import contracts

COMPULSORY = ("primary", "junior_secondary")
_ALL_STAGES = "all_stages"  # a row of a whole school: none of its stages is then missing
# States that a written explanation settles.
_EXPLAINABLE = ("missing", "year_missing", "never_sent")


@cache
def due_records() -> list[dict[str, str]]:
    """Records that every school of the compulsory stages owes, and by which day of the year."""
    return seed_rows("record_due")


def gaps_statement() -> str:
    """SQL that writes ops.missing_record anew for a run; its parameters are ``run_id`` and ``today``."""
    due = ", ".join(_due(row) for row in due_records())
    taught = ", ".join(f"('{code}', '{stage}')" for code, stage in _taught())
    whole = ", ".join(f"('{_ALL_STAGES}', '{stage}')" for stage in COMPULSORY)
    records = listed(row["record"] for row in due_records())
    present = " union ".join(
        f"select '{row['record']}' as record, district_code, school_year, school_code, "
        f"{_stage(row['record'])} as stage, batch_id from raw.{row['record']} where {_current(row['record'])}"
        for row in due_records()
    )
    refused = " union ".join(
        f"select '{row['record']}' as record, district_code, school_year, {_stage(row['record'])} as stage, "
        f"batch_id from raw.{row['record']} where batch_id in (select batch_id from ops.load_batch "
        f"where record = '{row['record']}' and status in ('refused', 'loaded'))"
        for row in due_records()
    )
    return f"""
        insert into ops.missing_record (
            run_id, district_code, school_year, school_code, record, stage, state, explanation
        )
        with due (record, region_code, due_month, due_day, is_by_stage, generations, first_year) as (
            values {due}
        ),
        taught (school_type_code, stage) as (values {taught}),
        whole (stage, part) as (values {whole}),
        sent as (
            select distinct current.record, split_part(current.partition_key, '|', 1) as district_code,
                split_part(current.partition_key, '|', 2)::integer as school_year,
                case
                    when due.is_by_stage
                        then coalesce(whole.part, split_part(current.partition_key, '|', 3))
                    else 'all'
                end as stage
            from ops.current_batch as current
            inner join due on due.record = current.record
            left join whole on due.is_by_stage and whole.stage = split_part(current.partition_key, '|', 3)
        ),
        came as ({present}),
        -- A row that was set aside came, and is told of elsewhere.
        set_aside as (
            select distinct current.record, kept.school_code, kept.stage, kept.batch_id, kept.source_sheet,
                kept.source_row, kept.source_block,
                coalesce(kept.district_code, split_part(current.partition_key, '|', 1)) as district_code,
                coalesce(kept.school_year, split_part(current.partition_key, '|', 2)::integer) as school_year
            from ops.current_batch as current
            inner join ops.rejected_key as kept on kept.batch_id = current.batch_id
            where current.record in ({records})
        ),
        -- Schools of which a workbook came in a year whose generation of forms has the record.
        seen as (
            select district_code, school_year, school_code, batch_id from came
            union
            select district_code, school_year, school_code, batch_id from set_aside
        ),
        workbooks as (
            select distinct due.record, seen.district_code, seen.school_year, seen.school_code
            from seen
            inner join ops.load_batch as batch on batch.batch_id = seen.batch_id
            inner join due on batch.form_generation = any(due.generations)
        ),
        expected as (
            select distinct school.district_code, school.school_year, school.school_code, due.record,
                case when due.is_by_stage then taught.stage else 'all' end as stage,
                make_date(school.school_year, due.due_month, due.due_day) as due_on
            from raw.school as school
            inner join due on due.region_code = school.region_code
            inner join taught on taught.school_type_code = school.school_type_code
            where coalesce(school.counts_as_school, true) and {_current("school")}
            and school.school_year >= due.first_year
            and (
                due.generations is null
                or (due.record, school.district_code, school.school_year, school.school_code) in (
                    select record, district_code, school_year, school_code from workbooks
                )
                or (due.record, school.district_code, school.school_year) in (
                    select record, district_code, school_year from sent
                )
            )
        ),
        series as (
            select record, district_code, stage, min(school_year) as first_year from sent group by 1, 2, 3
        ),
        present as (
            select came.record, came.district_code, came.school_year, came.school_code,
                coalesce(whole.part, came.stage) as stage
            from came left join whole on whole.stage = came.stage
        ),
        -- A batch that waits or was refused tells of itself, until a later file of its district was taken.
        taken as (
            select current.record, split_part(current.partition_key, '|', 1) as district_code,
                max(batch.loaded_at) as last_loaded_at
            from ops.partition_batch as current
            inner join ops.load_batch as batch on batch.batch_id = current.batch_id
            where current.record in ({records})
            group by 1, 2
        ),
        held as ({refused}),
        refused as (
            select distinct held.record, held.district_code, held.school_year,
                coalesce(whole.part, held.stage) as stage
            from held
            inner join ops.load_batch as batch on batch.batch_id = held.batch_id
            left join whole on whole.stage = held.stage
            left join taken on taken.record = held.record and taken.district_code = held.district_code
            where batch.status = 'loaded' or taken.last_loaded_at is null
            or taken.last_loaded_at <= coalesce(batch.decided_at, batch.loaded_at)
        ),
        lacking as (
            select expected.*, series.first_year,
                (expected.record, expected.district_code, expected.school_year, expected.stage) in (
                    select record, district_code, school_year, stage from sent
                ) as is_sent
            from expected
            left join series using (record, district_code, stage)
            where not exists (
                select 1 from present where present.record = expected.record
                and present.district_code = expected.district_code
                and present.school_year = expected.school_year
                and present.school_code = expected.school_code
                and present.stage = expected.stage
            )
            and not exists (
                select 1 from set_aside where set_aside.record = expected.record
                and set_aside.district_code = expected.district_code
                and set_aside.school_year = expected.school_year
                and set_aside.school_code = expected.school_code
                and (expected.stage = 'all' or set_aside.stage is null
                    or set_aside.stage in (expected.stage, '{_ALL_STAGES}'))
            )
        ),
        judged as (
            select
                district_code, school_year, record, stage,
                case when is_sent then school_code end as school_code,
                case
                    when due_on > %(today)s then 'not_due'
                    when is_sent then 'missing'
                    when first_year is null then 'never_sent'
                    when school_year < first_year then 'before_first'
                    when (record, district_code, school_year, stage) in (
                        select record, district_code, school_year, stage from refused
                    ) then 'refused'
                    else 'year_missing'
                end as state
            from lacking
        ),
        -- Rows whose school cannot be read may be any school's, but not of more schools than rows.
        unreadable as (
            select record, district_code, school_year,
                count(distinct (batch_id, source_sheet, source_row, source_block)) as unread
            from set_aside where school_code is null group by 1, 2, 3
        ),
        covered as (
            select judged.record, judged.district_code, judged.school_year
            from judged inner join unreadable using (record, district_code, school_year)
            where judged.state = 'missing'
            group by 1, 2, 3 having count(distinct judged.school_code) <= max(unreadable.unread)
        ),
        owed as (
            select district_code, school_year, record, school_code, count(distinct stage) as stages
            from expected
            group by grouping sets (
                (district_code, school_year, record, school_code), (district_code, school_year, record)
            )
        ),
        -- The stage is told where another of the same school, or district, is there.
        gap as (
            select judged.district_code, judged.school_year, judged.record, judged.school_code, judged.state,
                case when count(distinct judged.stage) < max(owed.stages) then min(judged.stage) end as stage
            from judged
            inner join owed on owed.district_code = judged.district_code
                and owed.school_year = judged.school_year and owed.record = judged.record
                and coalesce(owed.school_code, '') = coalesce(judged.school_code, '')
            where judged.state <> 'missing'
            or (judged.record, judged.district_code, judged.school_year) not in (
                select record, district_code, school_year from covered
            )
            group by 1, 2, 3, 4, 5
        ),
        said as (
            select district_code, year, school_code, record,
                string_agg(distinct {masked("explanation")}, ' | ') as text
            from ops.explanation
            where record is not null and coalesce(field_name, 'all') = 'all'
            and length(regexp_replace(explanation, '\\s', '', 'g'))
                >= {check_parameter("explanation_least_characters")}
            group by 1, 2, 3, 4
        )
        select
            %(run_id)s, gap.district_code, gap.school_year, gap.school_code, gap.record, gap.stage,
            case
                when gap.state in ({listed(_EXPLAINABLE)}) and said.text is not null then 'explained'
                else gap.state
            end,
            said.text
        from gap
        left join said on said.district_code = gap.district_code and said.year = gap.school_year
            and said.school_code = coalesce(gap.school_code, gap.district_code) and said.record = gap.record
    """


def _due(row: dict[str, str]) -> str:
    generations = (
        f"array[{listed(row['form_generations'].split('|'))}]" if row["form_generations"] else "null"
    )
    values = (
        f"'{row['record']}'",
        f"'{row['region_code']}'",
        row["due_month"],
        row["due_day"],
        str(_is_by_stage(row["record"])),
        f"{generations}::text[]",
        row["first_school_year"] or "0",
    )
    return f"({', '.join(values)})"


def _is_by_stage(record: str) -> bool:
    """Whether the partitions of a record are of a district, a year and a stage."""
    return "stage" in contracts()[record].partition_by


def _stage(record: str) -> str:
    return "stage" if _is_by_stage(record) else "'all'"


def _current(record: str) -> str:
    return (
        "(partition_key, batch_id) in "
        f"(select partition_key, batch_id from ops.current_batch where record = '{record}')"
    )


@cache
def _taught() -> tuple[tuple[str, str], ...]:
    """Types of school by code, each with the compulsory stages that it teaches."""
    return tuple(
        (row["code"], of_group["stage"])
        for row in seed_rows("code_school_type")
        for of_group in seed_rows("type_group_stage")
        if of_group["type_group"] == row["type_group"] and of_group["stage"] in COMPULSORY
    )
