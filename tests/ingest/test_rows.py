"""Rows: what becomes a value, what is quarantined, at which row, in which words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from ingest.load import load_file
from tests.ingest.conftest import HEADERS, Put, Query, csv_bytes, good_rows, write_xlsx

STUDENTS = HEADERS.index("在校生数")
REJECTED = (
    "select source_sheet, source_row, source_column, header, field_name, rule, found, "
    "expected_zh, expected_en from ops.rejected_row order by rejected_row_id"
)


@pytest.mark.parametrize(
    ("column", "text", "rule", "zh", "en"),
    [
        ("在校生数", "十五人", "not_an_integer", "“在校生数”为整数", "a whole number for “Students”"),
        ("在校生数", "12.5", "not_an_integer", "“在校生数”为整数", "a whole number"),
        ("在校生数", "1,23", "not_an_integer", "“在校生数”为整数", "a whole number"),
        ("在校生数", "1" * 30, "not_an_integer", "“在校生数”为整数", "a whole number"),
        ("在校生数", "-1", "out_of_range", "0 至 100000000 之间", "between 0 and 100000000"),
        ("在校生数", "", "required", "必填项“在校生数”有值", "a value for “Students”"),
        ("在校生数", "*", "required", "必填项“在校生数”有值", "a value for “Students”"),
        ("学年", "1889", "out_of_range", "1990 至 2100 之间", "between 1990 and 2100"),
        ("学段", "大专", "unknown_code", "primary 小学", "one of these for “Stage”"),
        ("区县代码", "9" * 41, "too_long", "不超过 40 个字符", "no more than 40 characters"),
    ],
)
def test_one_bad_cell_is_quarantined(
    put: Put, query: Query, column: str, text: str, rule: str, zh: str, en: str
) -> None:
    rows = good_rows()
    rows[3][HEADERS.index(column)] = text
    outcome = load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    assert (outcome.status, outcome.rows_read, outcome.rows_loaded, outcome.rows_rejected) == (
        "loaded",
        10,
        9,
        1,
    )
    (cell,) = query(REJECTED)
    letter = "ABCDEFGH"[HEADERS.index(column)]
    assert (cell["source_row"], cell["source_column"], cell["header"]) == (5, letter, column)
    assert (cell["rule"], cell["found"]) == (rule, text)
    assert zh in cell["expected_zh"]
    assert en in cell["expected_en"]
    assert {r["source_row"] for r in query("select source_row from raw.enrolment")} == set(range(2, 12)) - {5}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234),
        ("１２３", 123),
        ("１，２３４", 1234),
        ("15.0", 15),
        (" 15 ", 15),
        ("+15", 15),
        ("0015", 15),
        ("\u300015", 15),
    ],
)
def test_a_number_written_otherwise_is_the_same_number(put: Put, query: Query, text: str, value: int) -> None:
    rows = good_rows()
    rows[0][STUDENTS] = text
    assert load_file(put("a.csv", csv_bytes(rows)), "enrolment").rows_rejected == 0
    assert query("select students from raw.enrolment where source_row = 2") == [{"students": value}]


@pytest.mark.parametrize("text", ["", "*", " * "])
def test_a_missing_count_is_null_not_zero(put: Put, query: Query, text: str) -> None:
    rows = good_rows()
    rows[0][HEADERS.index("女生数")] = text
    assert load_file(put("a.csv", csv_bytes(rows)), "enrolment").rows_rejected == 0
    assert query("select female_students from raw.enrolment where source_row = 2") == [
        {"female_students": None}
    ]


@pytest.mark.parametrize("text", ["primary", "小学", "普通小学", "Primary", "PRIMARY", " 小 学 "])
def test_a_code_by_any_of_its_names(put: Put, query: Query, text: str) -> None:
    rows = good_rows()
    rows[0][HEADERS.index("学段")] = text
    assert load_file(put("a.csv", csv_bytes(rows)), "enrolment").rows_rejected == 0
    assert query("select stage from raw.enrolment where source_row = 2") == [{"stage": "primary"}]


def test_several_bad_cells_count_as_one_row(put: Put, query: Query) -> None:
    rows = good_rows()
    rows[0][STUDENTS], rows[0][HEADERS.index("年级")] = "x", "幼儿班"
    outcome = load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    assert (outcome.rows_rejected, outcome.rows_loaded) == (1, 9)
    assert [(r["source_row"], r["field_name"]) for r in query(REJECTED)] == [(2, "grade"), (2, "students")]


def test_all_rows_of_a_key_leave_naming_each_other(put: Put, query: Query) -> None:
    rows = good_rows(20)
    rows[6] = [*rows[2][:STUDENTS], 999, *rows[2][STUDENTS + 1 :]]
    outcome = load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    assert (outcome.rows_rejected, outcome.rows_loaded) == (2, 18)
    first, second = query(REJECTED)
    assert (first["source_row"], second["source_row"], first["rule"]) == (4, 8, "duplicate_key")
    assert "另见第 8 行" in first["expected_zh"]
    assert "see also row 4" in second["expected_en"]


def test_a_duplicate_of_a_rejected_row_is_a_duplicate(put: Put, query: Query) -> None:
    rows = good_rows(20)
    rows[6] = [*rows[2][:STUDENTS], "x", *rows[2][STUDENTS + 1 :]]
    outcome = load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    assert (outcome.rows_rejected, outcome.rows_loaded) == (2, 18)
    assert [(r["source_row"], r["rule"]) for r in query(REJECTED)] == [
        (8, "not_an_integer"),
        (4, "duplicate_key"),
        (8, "duplicate_key"),
    ]


def test_sixty_per_cent_bad_refuses_the_batch_and_keeps_the_reasons(put: Put, query: Query) -> None:
    rows = good_rows()
    for row in rows[:6]:
        row[STUDENTS] = "x"
    outcome = load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("refused", 0, 6)
    assert "6 / 10 = 60.0%" in outcome.problems[0].message_zh()
    assert "no more than 20%" in outcome.problems[0].message_en()
    assert query("select 1 from raw.enrolment") == []
    assert len(query(REJECTED)) == 6
    (batch,) = query("select status, rows_loaded, reason_zh from ops.load_batch")
    assert (batch["status"], batch["rows_loaded"]) == ("refused", 0)
    assert batch["reason_zh"] == outcome.problems[0].message_zh()


def test_two_of_ten_bad_is_still_taken(put: Put, query: Query) -> None:
    rows = good_rows()
    rows[0][STUDENTS] = rows[1][STUDENTS] = "x"
    assert load_file(put("a.csv", csv_bytes(rows)), "enrolment").status == "loaded"


def test_row_numbers_past_blank_ragged_and_quoted_lines(put: Put, query: Query) -> None:
    lines = [
        ",".join(HEADERS),
        "990101,2023,S1,小学,1,1,1,1",  # 2
        "",  # 3
        '990101,2023,"S2\nof, two ""lines""",小学,1,1,1,1',  # 4
        "990101,2023,S3",  # 5, short
        "990101,2023,S4,小学,1,x,1,1",  # 6
        ",,,,,,,",  # 7
        "990101,2023,S5,小学,1,1,1,1,1",  # 8, long
        *(f"990101,2023,T{i},小学,1,1,1,1" for i in range(30)),  # 9 …
    ]
    outcome = load_file(put("a.csv", "\r\n".join(lines).encode()), "enrolment")
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_rejected) == (35, 32, 3)
    assert sorted((r["source_row"], r["rule"]) for r in query(REJECTED)) == [
        (5, "ragged_row"),
        (6, "not_an_integer"),
        (8, "ragged_row"),
    ]
    rows = query("select source_row, school_code from raw.enrolment order by 1")
    assert rows[:3] == [
        {"source_row": 2, "school_code": "S1"},
        {"source_row": 4, "school_code": 'S2\nof, two "lines"'},
        {"source_row": 9, "school_code": "T0"},
    ]


def test_row_numbers_hold_across_blocks(put: Put, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.read_csv.ARROW_BLOCK_BYTES", 500)
    rows = good_rows(300)
    for i in range(0, 300, 50):
        rows[i][STUDENTS] = "x"
    lines = csv_bytes(rows).decode().splitlines()
    for at in (250, 120, 40):
        lines.insert(at, "short,row")
    outcome = load_file(put("a.csv", "\n".join(lines).encode()), "enrolment")
    expected = {n for n, line in enumerate(lines, start=1) if line == "short,row" or ",x," in line}
    assert outcome.rows_rejected == 9
    assert {r["source_row"] for r in query(REJECTED)} == expected
    loaded = {
        r["source_row"]: r["school_code"] for r in query("select source_row, school_code from raw.enrolment")
    }
    assert loaded == {
        n: line.split(",")[2] for n, line in enumerate(lines, start=1) if n > 1 and n not in expected
    }


def test_a_total_row_is_counted_as_skipped(put: Put, query: Query) -> None:
    rows = [*good_rows(), ["合计", "", "", "", "", 1045, "", ""]]
    outcome = load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_skipped) == (11, 10, 1)
    assert query(REJECTED) == []


@pytest.mark.parametrize(
    ("encoding", "recorded"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030")]
)
def test_encodings(put: Put, query: Query, encoding: str, recorded: str) -> None:
    rows = good_rows()
    rows[0][2] = "均衡第一小学"
    assert load_file(put("a.csv", csv_bytes(rows, encoding=encoding)), "enrolment").rows_loaded == 10
    assert query("select school_code from raw.enrolment where source_row = 2") == [
        {"school_code": "均衡第一小学"}
    ]
    assert query("select encoding from ops.load_batch") == [{"encoding": recorded}]


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters(put: Put, query: Query, delimiter: str) -> None:
    content = csv_bytes(good_rows()).replace(b",", delimiter.encode())
    assert load_file(put("a.csv", content), "enrolment").rows_loaded == 10


def test_text_that_copy_could_take_for_structure(put: Put, query: Query) -> None:
    rows = good_rows()
    rows[0][2] = "a\tb\\c\nd\\N"
    assert load_file(put("a.csv", csv_bytes(rows)), "enrolment").rows_loaded == 10
    assert query("select school_code from raw.enrolment where source_row = 2") == [
        {"school_code": "a\tb\\c\nd\\N"}
    ]


def test_a_workbook_gives_the_same_rows_as_the_text(tmp_path: Path, put: Put, query: Query) -> None:
    statement = (
        "select source_row, partition_key, school_code, stage, students, classes from raw.enrolment e "
        "join ops.load_batch b using (batch_id) where file_name = %s order by 1"
    )
    load_file(put("a.csv", csv_bytes(good_rows())), "enrolment")
    load_file(write_xlsx(tmp_path / "a.xlsx", good_rows()), "enrolment")
    assert query(statement, "a.xlsx") == query(statement, "a.csv")
    assert len(query(statement, "a.csv")) == 10


def test_a_workbook_with_title_merged_header_and_two_sheets(tmp_path: Path, query: Query) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        for name, code in (("一", "S"), ("二", "T")):
            sheet = book.add_worksheet(name)
            sheet.merge_range(0, 0, 0, 7, "某区在校生统计表")
            sheet.write_row(2, 0, HEADERS)
            for i, row in enumerate(good_rows(3)):
                sheet.write_row(3 + i, 0, [*row[:2], f"{code}{i}", *row[3:]])
        book.add_worksheet("说明").write(0, 0, "填表说明")
    outcome = load_file(tmp_path / "a.xlsx", "enrolment")
    assert outcome.rows_loaded == 6
    places = query("select source_sheet, source_row from raw.enrolment order by 1, 2")
    assert [(p["source_sheet"], p["source_row"]) for p in places] == [
        ("一", 4), ("一", 5), ("一", 6), ("二", 4), ("二", 5), ("二", 6)
    ]  # fmt: skip


def test_amounts_in_ten_thousand_yuan_are_exact(put: Put, query: Query) -> None:
    headers = ["学年", "区县代码", "学校标识码", "教学及辅助用房面积", "教学仪器设备资产值(万元)"]
    amounts = ["14942.65", "0.0001", "14,942.65", "123456789012345678.123456", ".5", "1", "", "７"]
    rows = [[2023, "990101", f"S{i}", "1.10", amount] for i, amount in enumerate(amounts)]
    assert load_file(put("a.csv", csv_bytes(rows, headers)), "facilities").rows_loaded == len(amounts)
    found = query("select teaching_equipment_yuan as y from raw.facilities order by source_row")
    assert [r["y"] for r in found] == [
        Decimal(a.replace(",", "").replace("７", "7")) * 10_000 if a else None for a in amounts
    ]


def test_every_figure_can_be_traced_to_its_column(put: Put, query: Query) -> None:
    load_file(put("a.csv", csv_bytes(good_rows())), "enrolment")
    columns = query("select source_column, header from ops.batch_column where field_name = 'students'")
    assert columns == [{"source_column": "F", "header": "在校生数"}]


def cells(path: Path, values: list[Any]) -> list[str]:
    """How the reader sees the values of a column."""
    from ingest.read_workbook import WorkbookSource
    from ingest.spool import take_snapshot, working_folder

    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        book.add_worksheet().write_column(0, 0, values)
    with working_folder() as folder:
        source = WorkbookSource(take_snapshot(path, folder), is_archive=True)
        return [row[0] for row in source.previews()[0].rows]


def test_cells_of_a_workbook_become_the_text_a_clerk_would_write(tmp_path: Path) -> None:
    import datetime

    values = [12, 12.5, 14942.65, 1e-5, 123456789012, "007", datetime.date(2024, 9, 1), 3.0]
    assert cells(tmp_path / "a.xlsx", values) == [
        "12", "12.5", "14942.65", "0.00001", "123456789012", "007", "2024-09-01", "3"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([12, -0.0, 0, 12.5, 12, 1e-5], ["12", "0", "0", "12.5", "12", "0.00001"]),
        ([12, "x", 12.5, "12", "x"], ["12", "x", "12.5", "12", "x"]),
        ([True, 1, False, 0, "是", 1], ["true", "1", "false", "0", "是", "1"]),
        (["甲", "乙", "甲"], ["甲", "乙", "甲"]),
    ],
    ids=["figures", "figures and texts", "truths and figures", "texts"],
)
def test_a_column_of_a_workbook_holds_the_text_of_every_cell(
    tmp_path: Path, values: list[Any], texts: list[str]
) -> None:
    from ingest.read_workbook import WorkbookSource
    from ingest.spool import take_snapshot, working_folder

    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("a").write_column(0, 0, values)
    with working_folder() as folder:
        source = WorkbookSource(take_snapshot(path, folder), is_archive=True)
        (chunk,) = source.chunks("a", 0, 1, frozenset())
    assert chunk.columns[0].to_pylist() == texts
    assert sorted(chunk.columns[0].dictionary.to_pylist()) == sorted(set(texts))
