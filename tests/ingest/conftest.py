"""One good example of each kind; a test breaks exactly one thing of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from psycopg.rows import dict_row

from ingest import database

HEADERS = ["区县代码", "学年", "学校标识码", "学段", "年级", "在校生数", "女生数", "班级数"]
Rows = list[list[Any]]


def good_rows(count: int = 10) -> Rows:
    """Enrolment rows of as many schools, all different, all right."""
    return [["990101", 2023, f"S{i:04d}", "小学", "1", 100 + i, 40 + i, 3] for i in range(count)]


def csv_bytes(
    rows: Sequence[Sequence[Any]], headers: Sequence[str] = HEADERS, encoding: str = "utf-8"
) -> bytes:
    """The rows as a delimited text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([headers, *rows])
    return text.getvalue().encode(encoding)


def write_xlsx(path: Path, rows: Sequence[Sequence[Any]], headers: Sequence[str] = HEADERS) -> Path:
    """The rows as a workbook of one sheet named 表1."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("表1")
        for number, row in enumerate([headers, *rows]):
            sheet.write_row(number, 0, row)
    return path


Put = Callable[[str, bytes], Path]
Query = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Writes a file and gives its path."""

    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def rows_of(statement: str, *parameters: object) -> list[dict[str, Any]]:
    """Rows of a query on the warehouse of the test."""
    with database.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, parameters).fetchall()


@pytest.fixture
def query(warehouse: str) -> Query:
    """Rows of a query on a fresh warehouse."""
    return rows_of
