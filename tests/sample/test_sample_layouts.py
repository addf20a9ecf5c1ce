"""The writers of real layouts: the same bytes every time, figures in the units that the tables say."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from ingest.commands.papers import Layouts
from ingest.sample import layout_finance as sample_layout_finance
from ingest.sample import layout_statistics as sample_layout_statistics
from ingest.sample.district import DISTRICT_CODE, YEARS, District, schools_in
from ingest.sample.finance import Accounts
from ingest.sample.layouts import LayoutFile
from ingest.sample.report import Change
from ingest.sample.write import DEFAULT_SEED
from ingest.sample.xls import MAX_RECORD, xls_bytes

DISTRICT = District(DEFAULT_SEED)
FINANCE = sample_layout_finance.files(DISTRICT)
WORKBOOKS = sample_layout_statistics.files(DISTRICT)


def named(part: str) -> LayoutFile:
    return next(file for file in (*FINANCE, *WORKBOOKS) if part in file.path)


def test_there_is_a_workbook_a_school_and_year_and_every_kind_of_finance_table() -> None:
    assert len(WORKBOOKS) == len({file.path for file in WORKBOOKS})
    assert len(WORKBOOKS) == sum(len(schools_in(year)) for year in YEARS)
    assert {Path(file.path).suffix for file in FINANCE} == {".xlsx", ".xls", ".csv"}
    assert len({file.path for file in FINANCE}) == len(FINANCE) == 5 * len(YEARS) + 2


@pytest.mark.parametrize(
    "part", ["2020/3199000001", "2022/2199000017", "教财分析1表_2019", "年报表_2020", "执行情况"]
)
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, part: str) -> None:
    file = named(part)
    paths = [tmp_path / f"{turn}{Path(file.path).suffix}" for turn in range(2)]
    for path in paths:
        file.write(path)
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert len(first) > 100


def cells(file: LayoutFile, folder: Path) -> list[list[str]]:
    path = folder / Path(file.path).name
    file.write(path)
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_text(encoding="gb18030"))))
    book = CalamineWorkbook.from_path(str(path))
    return [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]


def test_a_total_stands_in_the_unit_that_is_said_above_it(tmp_path: Path) -> None:
    rows = cells(named("年报表_2019"), tmp_path)
    assert "单位：万元" in rows[1]
    total = Decimal(rows[4][-3].replace(",", "")) * 10_000
    account = Accounts(DISTRICT).account_of(2019)[-1]
    assert Decimal(account.value.numerator) / account.value.denominator == total


def test_an_old_workbook_holds_what_the_new_one_would(tmp_path: Path) -> None:
    rows = cells(named("年报表_2020.xls"), tmp_path)
    assert rows[0][0] == "样本市均衡区2020年教育经费决算（虚构）"
    assert f"区划代码：{DISTRICT_CODE}000" in rows[1]
    assert rows[4][0] == "一、一般公共预算教育支出"


def test_a_text_too_long_for_an_old_workbook_is_told() -> None:
    with pytest.raises(ValueError, match="too long"):
        xls_bytes([("表", [["长" * MAX_RECORD]], [])])


def test_an_old_workbook_of_many_rows_can_be_read_again(tmp_path: Path) -> None:
    """More rows than one sector of its table of sectors points to."""
    rows: list[list[str | int | float]] = [[f"行{number}", number, number / 4] for number in range(9000)]
    path = tmp_path / "many.xls"
    path.write_bytes(xls_bytes([("表", rows, []), ("二", [["x"]], [])]))
    book = CalamineWorkbook.from_path(str(path))
    assert [[row[0], int(row[1]), row[2]] for row in book.get_sheet_by_index(0).to_python()] == rows
    assert book.get_sheet_by_index(1).to_python() == [["x"]]


def test_pupils_of_last_year_become_those_of_this_year() -> None:
    assert Change(before=600, admitted=101, moved_in=20, graduated=95, moved_out=5).now == 621
    special = {(school.code, stage): 0 for school in schools_in(2021) for stage in school.stages}
    for school in schools_in(2021):
        report = sample_layout_statistics.report_of(DISTRICT, school, 2021, special)
        assert report.pupils.keys() <= report.changes.keys()  # the form of changes has a senior stage too
        for stage, pupils in report.pupils.items():
            assert report.changes[stage].now == sum(grade[0] or 0 for grade in pupils) > 0
            assert sum(map(len, report.classes.values())) > 0
            teachers = report.teachers[stage]
            assert sum(teachers.degrees) == teachers.total >= sum(teachers.courses)


def test_layouts_are_named_as_the_command_names_them() -> None:
    assert [layout.value for layout in Layouts] == ["own", "real"]
