"""A batch taken back by hand: what it told counts no more, and the ledger says who and why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from expectations.incoming import check_batches
from expectations.reopened import reopen_changed
from ingest import exit_codes
from ingest.accept import accept_batches
from ingest.cli import app
from ingest.contract import contracts
from ingest.load import LoadOutcome, load_file
from tests.ingest.conftest import Put, Query, csv_bytes
from tests.ingest.test_finance_layouts import open_data
from tests.ingest.test_finance_tables import CURRENT, taken
from tests.ingest.test_fund_source import OLD_HEADERS, amount

HEADERS = [*OLD_HEADERS, "来源表"]


def row(stage: str, value: int, table: str | None = None) -> list[Any]:
    """An amount of the district's, per pupil, with its table or none."""
    one = amount(101, table)
    one[5], one[10] = stage, value
    one[0] = one[2] = "990101"
    return one


def hand_in(put: Put, name: str, *rows: list[Any]) -> tuple[LoadOutcome, list[str]]:
    """A file that is checked and, where nothing holds it, becomes current; what was told of it."""
    outcome = load_file(put(name, csv_bytes(rows, HEADERS)), "finance")
    assert outcome.rows_rejected == 0, outcome.problems
    failures = check_batches("finance", [outcome.batch_id], "run-1")[outcome.batch_id].failures
    accept_batches("finance", {outcome.batch_id: ("", "")} if failures else {})
    return outcome, [failure.message_zh for failure in failures]


def command(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["batch", "withdraw", *words, "--by", "李明"])
    return result.exit_code, result.output


def test_amounts_without_a_table_are_told_when_left_over_and_taken_back(put: Put, query: Query) -> None:
    """300 stood under 高中; the correction names its table and has it under 初中."""
    first, _ = hand_in(put, "模板.csv", row("小学", 100), row("高中", 300))
    hand_in(put, "年报.csv", row("小学", 100, "yearly"), row("初中", 300, "yearly"))
    (told,) = query(
        "select severity, message_zh from ops.quality_result "
        "where check_name = 'no_unnamed_amount_is_left_over' and not is_success"
    )
    assert told["severity"] == "warning"
    number = str(first.batch_id)[:8]
    assert f"模板.csv {number}" in told["message_zh"]
    assert command(number, "--reason", "已由年报表取代", "--yes")[0] == exit_codes.DONE
    assert [(r["stage"], r["table_code"]) for r in query(CURRENT)] == [
        ("junior_secondary", "yearly"),
        ("primary", "yearly"),
    ]
    (ledger,) = query(f"select * from ops.load_batch where batch_id = '{first.batch_id}'")
    assert (ledger["withdrawn_by"], ledger["withdrawn_reason"]) == ("李明", "已由年报表取代")
    assert ledger["withdrawn_at"] is not None


def test_what_covers_or_has_nothing_in_common_is_not_told(put: Put, query: Query) -> None:
    hand_in(put, "模板.csv", row("小学", 100), row("高中", 300))
    rows = (row(stage, value, "yearly") for stage, value in (("小学", 100), ("高中", 300), ("初中", 200)))
    hand_in(put, "年报.csv", *rows)
    hand_in(put, "公告.csv", row("幼儿园", 50, "bulletin"))
    hand_in(put, "两区.csv", *([*amount(number), None] for number in (7, 8)))
    hand_in(put, "一区.csv", [*amount(7), "yearly"])  # of the other district it says nothing
    assert not query(
        "select 1 as told from ops.quality_result "
        "where check_name = 'no_unnamed_amount_is_left_over' and not is_success"
    )


def test_a_file_that_is_refused_for_what_is_void_goes_in_as_its_message_says(put: Put, query: Query) -> None:
    hand_in(put, "一.csv", row("小学", 100), row("高中", 300))
    outcome, (message,) = hand_in(put, "二.csv", row("小学", 100), row("初中", 300))
    assert "用 junheng batch withdraw 加所列编号撤回旧文件，本文件下一夜重新检查" in message
    assert reopen_changed("finance") == 0, "nothing has changed"
    assert command("一.csv", "--reason", "学段填错", "--yes")[0] == exit_codes.DONE
    assert reopen_changed("finance") == 1
    assert check_batches("finance", [outcome.batch_id], "run-2")[outcome.batch_id].is_success
    accept_batches("finance")
    assert [r["stage"] for r in query(CURRENT)] == ["junior_secondary", "primary"]


def test_a_table_that_is_contradicted_goes_in_once_the_other_is_corrected(put: Put, query: Query) -> None:
    hand_in(put, "一.csv", row("小学", 2_000_000, "account"))
    _, (message,) = hand_in(put, "二.csv", row("小学", 20_000_000, "yearly"))
    assert "交它的更正文件，本文件下一夜重新检查" in message
    hand_in(put, "无关.csv", *([*amount(number), "account"] for number in (7, 8)))  # of other districts
    assert reopen_changed("finance") == 0
    hand_in(put, "一（改）.csv", row("小学", 20_000_000, "account"))
    assert reopen_changed("finance") == 1
    accept_batches("finance")
    assert {r["amount"] for r in query(CURRENT)} == {20_000_000}


def test_a_file_that_broke_another_promise_stays_refused(put: Put, query: Query) -> None:
    hand_in(put, "一.csv", row("小学", 1000), row("高中", 300))
    blank = row("初中", 300)
    blank[10] = ""
    _, messages = hand_in(put, "二.csv", row("小学", 1000), blank)
    assert len(messages) == 2
    assert command("一.csv", "--reason", "学段填错", "--yes")[0] == exit_codes.DONE
    assert reopen_changed("finance") == 0


def test_a_file_a_stage_stands_beside_the_others_where_files_tell_their_table_themselves(
    tmp_path: Path, query: Query
) -> None:
    def stages(*names: str) -> list[Any]:
        header, one, *_ = open_data()
        item = "生均一般公共预算教育经费"
        return [header, *([*one[:3], item, name, "元", 1000, "", "", *one[9:]] for name in names)]

    for stage in ("小学", "初中"):
        taken(tmp_path, stages(stage), f"{stage}.csv")
    assert [r["stage"] for r in query(CURRENT)] == ["junior_secondary", "primary"]


def test_two_tables_in_one_file_of_our_template(put: Put, query: Query) -> None:
    outcome, failures = hand_in(put, "模板.csv", row("小学", 100, "yearly"), row("小学", 100, "account"))
    assert (outcome.rows_loaded, failures) == (2, [])
    twice = load_file(put("b.csv", csv_bytes([row("初中", 1, "yearly")] * 2, HEADERS)), "finance")
    assert twice.status == "refused"


def test_nothing_is_withdrawn_twice_unasked_or_without_a_reason(put: Put, query: Query) -> None:
    outcome, _ = hand_in(put, "模板.csv", row("小学", 100))
    number = str(outcome.batch_id)[:8]
    void = ("--reason", "作废的表", "--yes")
    for words in ((number, "--reason", "错", "--yes"), ("没有.csv", *void), ("", *void)):
        assert command(*words)[0] == exit_codes.WRONG_USAGE
    assert command(number, "--reason", "作废的表")[0] != exit_codes.DONE, "nobody said yes"
    assert len(query(CURRENT)) == 1
    code, output = command(number, "--reason", "作废的表", "--yes")
    assert code == exit_codes.DONE
    assert re.search(r"1 个分区不再有数据", output)
    assert command(number, "--reason", "作废的表", "--yes")[0] == exit_codes.WRONG_USAGE
    assert query(CURRENT) == []


def test_what_else_goes_with_a_batch_is_said_before_it_goes(put: Put, query: Query) -> None:
    years = [[*row("小学", 100, table)] for table in ("yearly", "account") for _ in range(2)]
    for place, one in enumerate(years):
        one[4] = 2019 + place
    hand_in(put, "四年.csv", *years)
    asked = CliRunner().invoke(
        app, ["batch", "withdraw", "四年.csv", "--by", "李明", "--reason", "作废"], input="n\n"
    )
    said, question, _ = asked.output.partition("撤回 withdraw 四年.csv")
    assert question
    assert (
        "财政年度 2019、2020、2021、2022；项目 一般公共预算教育支出；来源表 教育经费决算表、教育经费年报表"
        in said
    )
    assert "Fiscal year 2019, 2020, 2021, 2022" in said
    assert "请在原处交改正后的完整文件" in said
    assert len(query(CURRENT)) == 4


def test_a_file_taken_back_that_comes_again_is_told_so(put: Put, warehouse: str) -> None:
    path = put("模板.csv", csv_bytes([row("小学", 100)], HEADERS))
    assert CliRunner().invoke(app, ["ingest", str(path)]).exit_code == exit_codes.DONE
    assert "撤回" not in CliRunner().invoke(app, ["ingest", str(path)]).output
    assert command("模板.csv", "--reason", "交错了区县", "--yes")[0] == exit_codes.DONE
    again = CliRunner().invoke(app, ["ingest", str(path)]).output
    assert re.search(r"李明 已于 \d{4}-\d\d-\d\d 撤回（交错了区县），不计入结果", again)
    assert "save it anew" in again


def test_a_refused_file_that_a_later_one_told_in_part_is_told_to_be_saved_anew(
    put: Put, query: Query
) -> None:
    hand_in(put, "一.csv", row("小学", 100), row("高中", 300))
    rows = (row("小学", 100), row("初中", 300))
    held, (message,) = hand_in(put, "二.csv", *rows)
    assert "其间另有文件交来其中内容的，另存后再交" in message
    again = load_file(put("二.csv", csv_bytes(rows, HEADERS)), "finance")
    assert "另存" not in again.problems[0].mend_zh
    hand_in(put, "三.csv", row("初中", 9))
    assert command("一.csv", "--reason", "照提示撤回", "--yes")[0] == exit_codes.DONE
    assert reopen_changed("finance") == 0
    again = load_file(put("二.csv", csv_bytes(rows, HEADERS)), "finance")
    assert again.batch_id == held.batch_id
    assert "后来的 三.csv 已交了其中的内容" in again.problems[0].mend_zh
    assert "save it anew" in again.problems[0].mend_en
    # As it says: the content in other bytes.
    hand_in(put, "二（另存）.csv", *reversed(rows))
    assert [(one["stage"], int(one["amount"])) for one in query(CURRENT)] == [
        ("junior_secondary", 300),
        ("primary", 100),
    ]


def test_a_file_whose_place_was_taken_and_given_up_is_told_how_it_counts_again(
    put: Put, query: Query
) -> None:
    def given(name: str, *rows: list[Any]) -> str:
        path = put(name, csv_bytes(rows, HEADERS))
        return str(CliRunner().invoke(app, ["ingest", str(path)]).output)

    stages = ("学前", "小学", "初中", "高中", "中职", "特教")
    first = [row(stage, 100 + number) for number, stage in enumerate(stages)]
    given("一.csv", *first)
    assert "分区" not in given("一.csv", *first)
    given("小学.csv", row("小学", 7))
    partly = given("一.csv", *first)
    assert re.search(r"它的 6 个分区中有 1 个已不由本文件计入，由 小学\.csv \([0-9a-f]{8}\)取代；", partly)
    given("二.csv", *(row(stage, 200 + number) for number, stage in enumerate(stages)))
    assert command("二.csv", "--reason", "交错了文件", "--yes")[0] == exit_codes.DONE
    told = given("一.csv", *first)
    assert "它的 6 个分区中有 6 个已不由本文件计入，由 二.csv (" in told
    assert "小学.csv (" in told
    assert "，该文件此后已撤回" in told
    assert "其中 6 个现无数据" in told
    assert "save it anew and hand that in" in told
    given("一（另存）.csv", *first, row("高等教育", 1))
    assert len(query(CURRENT)) == 7


def test_every_record_can_be_asked_what_waits_again(query: Query) -> None:
    assert {record: reopen_changed(record) for record in contracts()} == dict.fromkeys(contracts(), 0)
