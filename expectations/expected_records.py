"""The matrix of what must be there: every open school of the compulsory stages × record × year (× stage).

A school that lacks a record its district has sent, and a year missing in a district's series, are errors
once the record is due. What a district has never sent is told and holds nothing until its grace ends: a
first night may begin with a part of the records. Years before a district's first are only ever told.
"""

from __future__ import annotations

import psycopg

from expectations.check import Check, Grace, Outcome, Text, no_rows, today
from expectations.missing_records import COMPULSORY, due_records, gaps_statement
from expectations.runner import Runner
from ingest.contract import code_list, contracts

SUITE = "expected_records"
_GAPS = Text("处", "gaps")
_SEND = Text(
    "补交所列学校该年度的表，学校标识码无法识别的行也可能属于这些学校；确实没有的，在“书面说明”表中写明原因",
    "hand in the record of the schools named, rows whose school code cannot be read may be theirs; "
    "where there is none, say why in the table of explanations",
)
_SEND_DISTRICT = Text(
    "补交该区县该年度的表；确实没有的，在“书面说明”表中写明原因，学校标识码一栏填区县代码",
    "hand in the record of the district; where there is none, say why in the table of explanations, "
    "with the district's code in place of a school's",
)


def check_expected(runner: Runner, connection: psycopg.Connection, run_id: str) -> list[Outcome]:
    """Write down what is missing (ops.missing_record) and judge it; both act under the same role."""
    connection.execute("delete from ops.missing_record where run_id = %s", [run_id])
    connection.execute(gaps_statement(), {"run_id": run_id, "today": today()})
    connection.commit()
    quoted = run_id.replace("'", "''")
    return runner.run(f"select * from ops.missing_record where run_id = '{quoted}'", _checks())


def _checks() -> list[Check]:
    grace = Grace.first_of(due_records())
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
    records = {row["record"]: contracts()[row["record"]] for row in due_records()}
    zh = " ".join(f"when '{name}' then '{contract.name_zh}'" for name, contract in records.items())
    en = " ".join(f"when '{name}' then '{contract.name_en}'" for name, contract in records.items())
    found = f"from {{batch}} where state = '{state}'"
    subject = "coalesce(school_code, district_code) || ' · ' || school_year || ' · ' || case record"
    stages = {code.code: code for code in code_list("stage") if code.code in COMPULSORY}
    stage_zh = " ".join(f"when '{code}' then ' · {stage.name_zh}'" for code, stage in stages.items())
    stage_en = " ".join(f"when '{code}' then ' · {stage.name_en}'" for code, stage in stages.items())
    return no_rows(
        name,
        f"select 1 as broken {found}",
        what=what,
        matters=matters,
        mend=_SEND if state == "missing" else _SEND_DISTRICT,
        counted=_GAPS,
        names_query=f"select {subject} {zh} end || case stage {stage_zh} else '' end as name_zh, "
        f"{subject} {en} end || case stage {stage_en} else '' end as name_en {found}",
        grace=grace,
    )
