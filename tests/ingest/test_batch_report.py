"""The report of a batch: what came, what was taken, what not, and what is new; no value of a row."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rich.console import Console

from expectations.batch_report import BESIDE, NOT_TAKEN, OUTCOMES, TAKEN, batches_to_tell, write_batch_report
from ingest import batch_table, night, part_notes
from ingest.accept import accept_batches
from ingest.load import load_file
from tests.ingest.conftest import HEADERS, Put, csv_bytes, good_rows
from tests.ingest.test_finance_parts import amount
from tests.ingest.test_withdraw import HEADERS as FINANCE_HEADERS

STUDENTS, CLASSES = HEADERS.index("在校生数"), HEADERS.index("班级数")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(page: str) -> str:
    """What a reader sees, spaces made one."""
    parser = _Text()
    parser.feed(page)
    return " ".join(" ".join(parser.parts).split())


@pytest.fixture
def second(put: Put, warehouse: str) -> None:
    """A file that was current, and a newer one: a school new, one gone, one changed, two set aside."""
    rows = good_rows()
    rows[1][STUDENTS] = "秘密甲"
    load_file(put("旧.csv", csv_bytes(rows)), "enrolment")
    accept_batches("enrolment")
    rows = good_rows(12)
    del rows[0]
    rows[3][STUDENTS], rows[4][STUDENTS], rows[5][CLASSES] = 777, "秘密乙", "=秘密丙"
    load_file(put("新<b>.csv", csv_bytes(rows)), "enrolment")
    accept_batches("enrolment")


def test_what_came_what_was_taken_and_what_is_new(second: None, tmp_path: Path) -> None:
    (batch,) = batches_to_tell()
    page_path, sheet_path = write_batch_report([batch], tmp_path / "报告")
    page = page_path.read_text(encoding="utf-8")
    said = text_of(page)
    assert "来 11 · 入库 9 · 未入库 2 · 略过 0" in said
    assert "came 11 · taken 9 · not taken 2 · skipped 0" in said
    # New: the school that could not be read before, and the last two; gone: the first and the two set aside.
    assert "新增 3 行 · 更改 1 行 · 减少 3 行" in said
    assert "3 rows new · 1 changed · 3 gone" in said
    assert "旧.csv" in said
    assert "不是整数 not a whole number not_an_integer 在校生数 Students 1 1" in said
    assert "不是整数 not a whole number not_an_integer 班级数 Classes 1 0" in said
    assert "新&lt;b&gt;.csv" in page
    assert "秘密" not in page
    assert not re.findall(r"<script|@import|url\(|https?://", page)
    assert re.findall(r'href="([^"#d][^"]*)"', page), "the sheet is linked"

    sheet = load_workbook(sheet_path).worksheets[0]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    taken = {line[2]: line[7:12] for line in lines if line[4] == TAKEN}
    assert taken["S0004"] == [1, 1, 0, 1, 0]
    assert taken["S0000"] == [0, 1, 0, 0, 1]
    assert taken["S0011"] == [1, 0, 1, 0, 0]
    bad = [(line[2], line[6], line[13], line[14]) for line in lines if line[4] == NOT_TAKEN]
    assert bad == [("S0005", "在校生数 Students", 6, "F"), ("S0006", "班级数 Classes", 7, "H")]
    assert sheet.auto_filter.ref == f"A1:Q{len(lines) + 1}"


def test_what_a_part_meant_for_the_other_files_of_its_table_is_kept(
    put: Put, warehouse: str, tmp_path: Path
) -> None:
    """As the night's tasks leave it, which print nothing themselves."""
    for run_id, name, rows in (
        ("run-1", "全.csv", [amount("小学", 1320), amount("初中", 200)]),
        ("run-2", "小学.csv", [amount("小学", 1400)]),
    ):
        load_file(put(name, csv_bytes(rows, FINANCE_HEADERS)), "finance")
        night.accept("finance", night.check("finance", run_id))
    said, lines = report_of(tmp_path)
    replaced = "其中 1 行金额有变（101号区 小学 一般公共预算教育支出 1320 → 1400）"
    standing = "它的另外 1 行本文件未提及，仍然有效"
    for word in ("同一张表的其他文件 Other files of the same table", replaced, standing):
        assert word in said
    (note,) = [str(line[15]) for line in lines if line[4] == BESIDE]
    assert replaced in note
    assert "of its other rows this file says nothing" in note
    assert printed_of("run-1") == ""
    assert "· 1 份文件取代了同一张表其他文件的行，或与其并列：小学.csv (" in printed_of("run-2")
    (again,) = batches_to_tell()
    assert night.check("finance", "run-3")["batches_checked"] == 0
    assert BESIDE.split()[0] in text_of(write_batch_report([again], tmp_path)[0].read_text(encoding="utf-8"))


def printed_of(run_id: str) -> str:
    """What the summary of that night tells of the parts of tables."""
    stream = StringIO()
    part_notes.print_told(Console(file=stream, width=400), run_id)
    return stream.getvalue()


def test_a_batch_is_found_by_what_it_is(second: None) -> None:
    (latest,) = batches_to_tell(batch="latest")
    assert batches_to_tell(record="enrolment") == [latest]
    assert batches_to_tell(batch=str(latest)[:8]) == [latest]
    assert batches_to_tell(record="school") == []


def test_of_children_nothing_is_told_by_school(put: Put, warehouse: str, tmp_path: Path) -> None:
    headers = [
        "区县代码",
        "学年",
        "学籍号",
        "残疾类别",
        "学段",
        "是否义务教育适龄",
        "安置方式",
        "是否一人一案",
    ]
    rows = [["990101", 2023, f"G{i}", "视力", "小学", "是", "随班就读", "否"] for i in range(20)]
    rows[3][5] = "秘密"
    load_file(put("儿童.csv", csv_bytes(rows, headers)), "special_education")
    accept_batches("special_education")
    page, sheet = write_batch_report(batches_to_tell(), tmp_path)
    said = text_of(page.read_text(encoding="utf-8"))
    assert "涉及个人的记录不按学校列出" in said
    assert "入库 19 · 未入库 1" in said
    assert "首次提供 the first of its kind" in said
    lines = [[cell.value for cell in row] for row in load_workbook(sheet).worksheets[0].iter_rows(min_row=2)]
    assert [(line[2], line[4], line[7]) for line in lines] == [(None, TAKEN, 19), (None, NOT_TAKEN, 1)]
    assert "秘密" not in said + str(lines)


def report_of(folder: Path) -> tuple[str, list[list[object]]]:
    """The page as it is read, and the lines of the sheet, of the batch that was loaded last."""
    page, sheet = write_batch_report(batches_to_tell(), folder)
    lines = [[cell.value for cell in row] for row in load_workbook(sheet).worksheets[0].iter_rows(min_row=2)]
    return text_of(page.read_text(encoding="utf-8")), lines


def test_a_batch_that_waits_and_one_that_was_refused_at_its_acceptance_took_nothing(
    put: Put, warehouse: str, tmp_path: Path
) -> None:
    rows = good_rows(10)
    rows[1][STUDENTS] = "x"
    outcome = load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    said, lines = report_of(tmp_path)
    assert "来 10 · 入库 0 · 未入库 1 · 略过 0" in said
    assert "待定 9" in said
    assert [line[4] for line in lines] == ["待定 waiting"] * 9 + [NOT_TAKEN]
    assert outcome.batch_id is not None
    accept_batches("enrolment", {outcome.batch_id: ("班额离谱", "classes too large")})
    said, lines = report_of(tmp_path)
    assert "来 10 · 入库 0 · 未入库 10 · 略过 0" in said
    assert "班额离谱" in said
    assert TAKEN not in {line[4] for line in lines}
    assert [line[15] for line in lines if line[4] == OUTCOMES["refused"] and line[2] is None] == [
        "班额离谱\nclasses too large"
    ]


def test_a_refused_batch_whose_rows_are_gone_says_so(
    put: Put, warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_table, "LARGE_FILE_BYTES", 1)
    refused = load_file(put("a.csv", csv_bytes(good_rows(40))), "enrolment").batch_id
    night.accept("enrolment", {"passed": [], "refused": {str(refused): ["缺说明", "lacks explanation"]}})
    later = load_file(put("b.csv", csv_bytes(good_rows(20))), "enrolment").batch_id
    assert refused is not None
    page, _ = write_batch_report([refused], tmp_path)
    assert "各行已删除" not in text_of(page.read_text(encoding="utf-8"))
    night.accept("enrolment", {"passed": [str(later)], "refused": {}})
    page, sheet = write_batch_report([refused], tmp_path)
    text = text_of(page.read_text(encoding="utf-8"))
    assert "未入库 40" in text
    assert "各行已删除" in text
    assert "a later file told all of them" in text
    assert f"请重新交入：junheng ingest {tmp_path / 'a.csv'}" in text
    by_school = text[text.index("按学校") :]
    assert "没有。" not in by_school, "forty rows are not none"
    told = [cell for row in load_workbook(sheet).worksheets[0].values for cell in row if cell]
    assert any("各行已删除" in str(cell) for cell in told)
