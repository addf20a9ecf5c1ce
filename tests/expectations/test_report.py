"""The page of results: complete, readable without internet, free of values."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import psycopg
import pytest
from made_batches import make_current, put_batch
from made_checks import swing_explanation

from expectations.check import Outcome, Text, no_rows
from expectations.incoming import check_batches
from expectations.report import write_report
from expectations.runner import write_outcomes
from ingest import database

CHILD = "3f9d0c7e5b1a4d2688c1"
PLACE = {"region_code": "CN", "district_code": "990101", "school_year": 2022}
BOOKS = no_rows(
    "books_are_counted",
    "select 1 as broken from {batch} where false",
    what=Text("图书已清点", "books are counted"),
    matters=Text("年度清点", "Every year"),
    mend=Text("清点图书", "count them"),
)


def _facilities(number: int, area: int) -> dict[str, object]:
    return {
        **PLACE,
        "school_code": f"S{number}",
        "teaching_auxiliary_area_m2": 900,
        "indoor_sports_area_m2": area,
    }


def _child(number: int) -> dict[str, object]:
    return {
        **PLACE,
        "child_key": f"{CHILD}{number}",
        "disability_category": "秘密类别",
        "stage": "primary",
        "is_school_age": True,
        "placement_code": "not_enrolled",
        "school_code": "秘密学校",
        "has_plan": False,
    }


def _reject(connection: psycopg.Connection, batch_id: object) -> None:
    """A row that reading set aside; the ledger of a public record holds what was found."""
    connection.execute(
        """
        insert into ops.rejected_row
            (batch_id, record, source_sheet, source_row, source_block, field_name, rule, found,
             expected_zh, expected_en, mend_zh, mend_en)
        values (%s, 'facilities', '表1', 17, 0, 'books', 'not_an_integer', '四千册<img src=x>',
                '“图书册数”为整数', 'a whole number', '只填数字', 'give digits only')
        """,
        [batch_id],
    )
    connection.execute(
        "insert into ops.refused_file (record, file_name, file_path, rule, reason_zh, reason_en) "
        "values ('staffing', '空表.csv', '/空表.csv', 'empty_file', '文件为空', 'the file is empty')"
    )


def _leap(connection: psycopg.Connection) -> None:
    """Two schools of which one lost most of its books and says why, the other some and says nothing."""
    last = [
        {**_facilities(n, 200), "books": books, "school_year": 2021} for n, books in ((7, 8123), (8, 8124))
    ]
    make_current(connection, "facilities", put_batch(connection, "facilities", last, file_name="上年.xlsx"))
    written = swing_explanation(
        7, record_name="facilities", field_name="books", explanation="图书<b>移交</b>区馆"
    )
    told = put_batch(connection, "swing_explanation", [written], file_name="说明.xlsx")
    make_current(connection, "swing_explanation", told)
    connection.execute(
        "insert into ops.missing_record "
        "(run_id, district_code, school_year, school_code, record, stage, state) "
        "values ('run-1', '440608', 2022, 'S9', 'staffing', null, 'missing'), "
        "('run-1', '440608', 2022, 'S8', 'staffing', 'primary', 'missing'), "
        "('run-1', '440608', 2021, null, 'enrolment', null, 'never_sent'), "
        "('run-1', '440608', 2020, null, 'enrolment', null, 'before_first')"
    )


@pytest.fixture(scope="module")
def pages(module_warehouse: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Three pages of one warehouse: of everything, of one run, of a run that never was."""
    folder = tmp_path_factory.mktemp("pages")
    with database.connect() as connection:
        rows = [_facilities(1, 200), _facilities(2, 901)]
        bad = put_batch(connection, "facilities", rows, file_name="<b>坏</b>.xlsx")
        good = put_batch(connection, "facilities", [_facilities(1, 200)], file_name="好.xlsx", order=1)
        _leap(connection)
        children = put_batch(connection, "special_education", [_child(1), _child(1)], file_name="儿童.xlsx")
        _reject(connection, bad)
        for success in (False, True):
            outcome = Outcome(BOOKS, success, None if success else 3, None if success else 9)
            names = {"run_id": "run-1", "border": "outgoing", "suite": "mart_of_books"}
            write_outcomes(connection, [outcome], subject="mart_of_books", **names)
        connection.commit()
    check_batches("facilities", [bad, good], "run-1")
    check_batches("special_education", [children], "run-2")
    with database.connect() as connection:
        this_year = [{**_facilities(n, 200), "books": books} for n, books in ((7, 812), (8, 4001))]
        leaping = put_batch(connection, "facilities", this_year, file_name="变化.xlsx", order=2)
    check_batches("facilities", [leaping], "run-1")
    written = {
        "all": write_report(folder / "new" / "all.html"),
        "run-1": write_report(folder / "run.html", "run-1"),
        "none": write_report(folder / "none.html", "run-0"),
    }
    return {name: path.read_text(encoding="utf-8") for name, path in written.items()}


def _text(page: str) -> str:
    """What a reader sees, in one line."""
    parts: list[str] = []

    class Text(HTMLParser):
        def handle_data(self, data: str) -> None:
            parts.append(data)

    parser = Text()
    parser.feed(page.partition("</style>")[2])
    return " ".join(" ".join(parts).split())


def test_the_page_names_batches_failures_and_remedies(pages: dict[str, str]) -> None:
    text = _text(pages["all"])
    assert "好.xlsx" in text
    assert "“室内体育用房面积”不得超过“教学及辅助用房面积”；2 行中有 1 行不符（工作表“表1”第 3 行）" in text
    assert "“Indoor sports rooms” does not exceed “Teaching and auxiliary rooms”; 1 of 2 rows do not" in text
    assert "请核对这两列的数字" in text
    assert "2 个未通过 2 failed" in text
    assert "不是整数 not a whole number not_an_integer 图书册数 Books 1 <b>坏</b>.xlsx 表1 · 第 17 行" in text
    assert "空表.csv 空文件 empty file empty_file 文件为空 the file is empty" in text


def test_a_swing_is_shown_with_what_the_school_wrote(pages: dict[str, str]) -> None:
    text = _text(pages["run-1"])
    said = "已说明 explained · 学校统计人员 School statistics clerk 图书<b>移交</b>区馆 变化.xlsx"
    assert f"S7 2022 办学条件 · 图书册数 Books 大幅 leap {said}" in text
    assert "S8 2022 办学条件 · 图书册数 Books 较大 swing 未说明 none 变化.xlsx" in text
    assert "图书<b>移交" not in pages["run-1"]
    for value in ("8123", "8124", "4001"):
        assert value not in pages["run-1"]


def test_a_warning_is_shown_and_is_no_failure(pages: dict[str, str]) -> None:
    text = _text(pages["run-1"])
    assert "变化.xlsx：应满足：与上一年度相比的较大变化都有书面说明；2 处中有 1 处不符" in text
    assert "1 个未通过 1 failed" in text  # the file that is bad for another reason


def test_what_is_due_and_not_there_is_listed(pages: dict[str, str]) -> None:
    text = _text(pages["run-1"])
    assert "440608 S9 教职工 Staffing 2022 缺报 missing —" in text
    assert "440608 S8 教职工 Staffing · 小学 Primary 2022 缺报 missing —" in text
    assert "440608 全部 all 在校生 Enrolment 2021 尚未报送 not yet sent —" in text
    assert "440608 全部 all 在校生 Enrolment 2020 早于首次报送 before the first sent —" in text


def test_the_last_answer_of_a_run_counts(pages: dict[str, str]) -> None:
    assert "可以发布 may be published" in _text(pages["run-1"])
    assert "图书已清点 books are counted books_are_counted 1 0" in _text(pages["run-1"])


def test_a_run_shows_its_own_batches_only(pages: dict[str, str]) -> None:
    assert "儿童.xlsx" in pages["all"]
    assert "儿童.xlsx" not in pages["run-1"]
    assert "好.xlsx" in pages["run-1"]


def test_an_empty_page_says_so(pages: dict[str, str]) -> None:
    text = _text(pages["none"])
    assert "没有检查过的批次。 No batch was checked." in text
    assert "结果表尚未检查。 The marts have not been checked." in text


def test_the_page_needs_no_internet(pages: dict[str, str]) -> None:
    page = pages["all"]
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?!#|data:,)", page)
    assert not re.findall(r"<script|@import|url\(|https?://", page)
    assert "default-src 'none'" in page


def test_text_from_files_is_escaped(pages: dict[str, str]) -> None:
    assert "&lt;b&gt;坏&lt;/b&gt;.xlsx" in pages["all"]
    assert "<b>坏" not in pages["all"]


def test_no_value_stands_on_the_page(pages: dict[str, str]) -> None:
    page = pages["all"]
    assert "not_enrolled_has_no_school" in page
    assert "key_is_unique" in page
    for value in (CHILD, "秘密", "四千册", "901"):
        assert value not in page


def test_an_older_page_is_replaced(module_warehouse: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("old", encoding="utf-8")
    assert write_report(page) == page
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
