"""The matrix of what must be there: every open school of the compulsory stages × record × school year.

A school that lacks a record its district has sent, and a year missing in a district's series, are errors.
What a district has never sent is told and holds nothing until its grace ends: a first night may begin with
a part of the records.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import psycopg

from expectations.check import Check, Grace, Outcome, Text, no_rows, today
from expectations.rule_parts import check_parameter, listed, seed_rows
from expectations.runner import Runner
from ingest.contract import contracts

SUITE = "expected_records"
_COMPULSORY = ("primary", "junior_secondary")
_GAPS = Text("处", "gaps")
_SEND = Text(
    "补交所列学校该年度的表；确实没有的，在“书面说明”表中写明原因",
    "hand in the record of the schools named; where there is none, say why in the table of explanations",
)


def check_expected(runner: Runner, connection: psycopg.Connection, run_id: str) -> list[Outcome]:
    """Write down what is missing (ops.missing_record) and judge it; both act under the same role."""
    connection.execute("delete from ops.missing_record where run_id = %s", [run_id])
    connection.execute(_statement(), {"run_id": run_id, "today": today()})
    connection.commit()
    quoted = run_id.replace("'", "''")
    return runner.run(f"select * from ops.missing_record where run_id = '{quoted}'", _checks())


@cache
def _due() -> list[dict[str, str]]:
    return seed_rows("record_due")


def _checks() -> list[Check]:
    first = min(_due(), key=lambda row: row["warn_until"])
    grace = Grace(Text(first["owner_zh"], first["owner_en"]), date.fromisoformat(first["warn_until"]))
    return [
        _check(
            "schools_have_every_record",
            "missing",
            Text(
                "名录中每所义务教育学校在区县已交的各张表中都有数据",
                "every school of the compulsory stages has rows in each record that its district has sent",
            ),
            Text(
                "缺一所学校，区县的均衡系数和达标率就不真实",
                "A district's figures are not true without a school",
            ),
        ),
        _check(
            "years_have_every_record",
            "year_missing",
            Text("已开始报送的表没有缺年", "a record that was sent before has no year missing that is due"),
            Text("缺一年，逐年比较会断开", "Without a year nothing can be compared with the year before"),
        ),
        _check(
            "records_were_ever_sent",
            "never_sent",
            Text("应交的表都已报送过", "every record that is due was sent at some time"),
            Text("从未报送的表，其指标均为缺数据", "What rests on a record never sent is shown without data"),
            grace,
        ),
    ]


def _check(name: str, state: str, what: Text, matters: Text, grace: Grace | None = None) -> Check:
    records = {row["record"]: contracts()[row["record"]] for row in _due()}
    zh = " ".join(f"when '{name}' then '{contract.name_zh}'" for name, contract in records.items())
    en = " ".join(f"when '{name}' then '{contract.name_en}'" for name, contract in records.items())
    found = f"from {{batch}} where state = '{state}'"
    subject = "coalesce(school_code, district_code) || ' · ' || school_year || ' · ' || case record"
    return no_rows(
        name,
        f"select 1 as broken {found}",
        what=what,
        matters=matters,
        mend=_SEND,
        counted=_GAPS,
        names_query=f"select {subject} {zh} end as name_zh, {subject} {en} end as name_en {found}",
        grace=grace,
    )


def _statement() -> str:
    due = ", ".join(
        f"('{row['record']}', '{row['region_code']}', {row['due_month']}, {row['due_day']})" for row in _due()
    )
    present = " union ".join(
        f"select '{row['record']}' as record, district_code, school_year, school_code "
        f"from raw.{row['record']} where {_current(row['record'])}"
        for row in _due()
    )
    refused = " union ".join(
        f"select '{row['record']}' as record, district_code, school_year from raw.{row['record']} "
        "where batch_id in (select batch_id from ops.load_batch "
        f"where record = '{row['record']}' and status in ('refused', 'loaded'))"
        for row in _due()
    )
    return f"""
        insert into ops.missing_record (
            run_id, district_code, school_year, school_code, record, state, explanation
        )
        with due (record, region_code, due_month, due_day) as (values {due}),
        expected as (
            select school.district_code, school.school_year, school.school_code, due.record,
                make_date(school.school_year, due.due_month, due.due_day) as due_on
            from raw.school as school
            inner join due on due.region_code = school.region_code
            where coalesce(school.counts_as_school, true) and school.school_type_code in ({listed(_types())})
            and {_current("school")}
        ),
        sent as (
            select distinct record, split_part(partition_key, '|', 1) as district_code,
                split_part(partition_key, '|', 2)::integer as school_year
            from ops.current_batch where record in ({listed(row["record"] for row in _due())})
        ),
        series as (select record, district_code, min(school_year) as first_year from sent group by 1, 2),
        present as ({present}),
        -- A row that was set aside came, and is told of elsewhere; what cannot be read of it may be any.
        set_aside as (
            select distinct current.record, kept.school_code,
                coalesce(kept.district_code, split_part(current.partition_key, '|', 1)) as district_code,
                coalesce(kept.school_year, split_part(current.partition_key, '|', 2)::integer) as school_year
            from ops.current_batch as current
            inner join ops.rejected_key as kept on kept.batch_id = current.batch_id
            where current.record in (select record from due)
        ),
        -- A batch that was refused tells of itself: the others go on.
        refused as ({refused}),
        lacking as (
            select expected.*, series.first_year,
                (expected.record, expected.district_code, expected.school_year) in (
                    select record, district_code, school_year from sent
                ) as is_sent
            from expected
            left join series using (record, district_code)
            where not exists (
                select 1 from present where present.record = expected.record
                and present.district_code = expected.district_code
                and present.school_year = expected.school_year
                and present.school_code = expected.school_code
            )
            and not exists (
                select 1 from set_aside where set_aside.record = expected.record
                and set_aside.district_code = expected.district_code
                and set_aside.school_year = expected.school_year
                and coalesce(set_aside.school_code, expected.school_code) = expected.school_code
            )
        ),
        gap as (
            select distinct
                district_code, school_year, record, case when is_sent then school_code end as school_code,
                case
                    when is_sent then 'missing'
                    when first_year is null or school_year < first_year then 'never_sent'
                    when due_on > %(today)s then 'not_due'
                    when (record, district_code, school_year) in (
                        select record, district_code, school_year from refused
                    ) then 'refused'
                    else 'year_missing'
                end as state
            from lacking
        ),
        said as (
            select district_code, year, school_code, record, string_agg(distinct explanation, ' | ') as text
            from ops.explanation
            where record is not null and coalesce(field_name, 'all') = 'all'
            and length(regexp_replace(explanation, '\\s', '', 'g'))
                >= {check_parameter("explanation_least_characters")}
            group by 1, 2, 3, 4
        )
        select
            %(run_id)s, gap.district_code, gap.school_year, gap.school_code, gap.record,
            case when gap.state = 'missing' and said.text is not null then 'explained' else gap.state end,
            said.text
        from gap
        left join said on said.district_code = gap.district_code and said.year = gap.school_year
            and said.school_code = gap.school_code and said.record = gap.record
    """


def _current(record: str) -> str:
    return (
        "(partition_key, batch_id) in "
        f"(select partition_key, batch_id from ops.current_batch where record = '{record}')"
    )


@cache
def _types() -> tuple[str, ...]:
    """Codes of the types of school that teach a compulsory stage."""
    groups = {row["type_group"] for row in seed_rows("type_group_stage") if row["stage"] in _COMPULSORY}
    return tuple(row["code"] for row in seed_rows("code_school_type") if row["type_group"] in groups)
