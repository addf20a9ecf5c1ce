"""Whose rows were set aside: kept as far as it can be read, and never of a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.load import load_file
from tests.ingest.conftest import HEADERS, Put, Query, Rows, csv_bytes, good_rows

KEYS = (
    "select source_row, district_code, school_year, school_code, stage from ops.rejected_key "
    "order by source_row"
)


def put_text(rows: Rows, header: str, text: str) -> None:
    rows[3][HEADERS.index(header)] = text


@pytest.mark.parametrize(
    ("header", "text", "expected"),
    [
        ("在校生数", "十人", ("990101", 2023, "S0003", "primary")),
        ("学段", "大专", ("990101", 2023, "S0003", None)),
        ("学校标识码", "", ("990101", 2023, None, "primary")),
        ("学年", "去年", ("990101", None, "S0003", "primary")),
    ],
)
def test_what_can_be_read_is_kept(
    put: Put, query: Query, header: str, text: str, expected: tuple[object, ...]
) -> None:
    rows = good_rows()
    put_text(rows, header, text)
    assert load_file(put("a.csv", csv_bytes(rows)), "enrolment").rows_rejected == 1
    assert [tuple(row.values()) for row in query(KEYS)] == [(5, *expected)]


def test_both_rows_of_a_doubled_key_are_kept(put: Put, query: Query) -> None:
    rows = [*good_rows(20), good_rows(20)[0]]
    assert load_file(put("a.csv", csv_bytes(rows)), "enrolment").rows_rejected == 2
    same = ("990101", 2023, "S0000", "primary")
    assert [tuple(row.values()) for row in query(KEYS)] == [(2, *same), (22, *same)]


def test_of_a_ragged_row_nothing_is_known(put: Put, query: Query) -> None:
    rows = good_rows()
    rows[3].append("十三")
    assert load_file(put("a.csv", csv_bytes(rows)), "enrolment").rows_rejected == 1
    assert [tuple(row.values()) for row in query(KEYS)] == [(5, None, None, None, None)]


def child_rows(change: Callable[[list[str]], None]) -> bytes:
    headers = [
        "区县代码",
        "学年",
        "学籍号",
        "残疾类别",
        "学段",
        "是否义务教育适龄",
        "安置方式",
        "是否一人一案",
        "学校标识码",
    ]
    rows = [
        ["990101", "2023", f"G{i:06d}", "听力残疾", "小学", "是", "随班就读", "是", f"S{i:04d}"]
        for i in range(10)
    ]
    change(rows[3])
    return csv_bytes(rows, headers)


def test_of_a_child_nothing_is_kept(put: Put, query: Query) -> None:
    def break_the_plan(row: list[str]) -> None:
        row[7] = "也许"

    outcome = load_file(put("a.csv", child_rows(break_the_plan)), "special_education")
    assert outcome.rows_rejected == 1
    assert [tuple(row.values()) for row in query(KEYS)] == [(5, None, None, None, None)]
