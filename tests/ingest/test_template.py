"""Templates: what is written into them, and that a template filled in is read without one rejected row."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner, Result

from ingest import cli, exit_codes
from ingest.contract import Contract, Field, code_list, contracts
from ingest.load import LoadOutcome, load_file
from ingest.profile import EXAMPLE_FIELD, FieldSource
from ingest.profile_files import profiles_of
from ingest.read_workbook import cell_text
from ingest.template import INSTRUCTIONS, columns, example, template_name, write_template
from ingest.values import convert

RECORDS = sorted(contracts())
Sheets = dict[str, list[list[str]]]


def junheng(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["template", *map(str, arguments)])


def read_sheets(path: Path) -> Sheets:
    """Every sheet as text, from its first row and column."""
    book = CalamineWorkbook.from_path(str(path))
    return {
        name: [[cell_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]
        for name in book.sheet_names
    }


def write_sheets(path: Path, sheets: Sheets) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell)
    return path


def another_key(contract: Contract, field: Field) -> str | None:
    """A second value of a field of the key; None where the field cannot tell two rows apart by itself."""
    if field.name == EXAMPLE_FIELD or not field.key_position:
        return None
    if field.logical_type == "integer" and field.unit == "year":
        return str(int(str(example(field))) + 1)
    return None if field.code_list or field.logical_type != "string" else f"{example(field)}2"


def filled(contract: Contract, folder: Path) -> Sheets:
    """The template with two rows below its example, of two keys."""
    sheets = read_sheets(write_template(contract, folder / template_name(contract)))
    name = next(iter(sheets))
    header, marked = sheets[name]
    first = ["990101", *marked[1:]]
    other = [another_key(contract, field) for field in columns(contract)]
    position = next(place for place, value in enumerate(other) if value is not None)
    second = [*first[:position], other[position] or "", *first[position + 1 :]]
    return {**sheets, name: [header, marked, first, second]}


def counts(outcome: LoadOutcome) -> tuple[str, int, int, int]:
    return outcome.status, outcome.rows_loaded, outcome.rows_rejected, outcome.rows_skipped


@pytest.mark.parametrize("record", RECORDS)
def test_a_filled_template_is_read_whole_and_its_example_skipped(
    record: str, module_warehouse: str, tmp_path: Path
) -> None:
    path = write_sheets(tmp_path / "filled.xlsx", filled(contracts()[record], tmp_path))
    outcome = load_file(path, record)
    assert counts(outcome) == ("loaded", 2, 0, 1), outcome.problems


@pytest.mark.parametrize("record", RECORDS)
def test_an_empty_template_holds_no_rows(record: str, module_warehouse: str, tmp_path: Path) -> None:
    outcome = load_file(write_template(contracts()[record], tmp_path / "empty.xlsx"), record)
    assert [problem.rule for problem in outcome.problems] == ["no_rows"]


@pytest.mark.parametrize("record", RECORDS)
def test_every_record_can_mark_an_example(record: str) -> None:
    """The mark stands in a code that every row needs; a profile of another layout knows no mark."""
    field = contracts()[record].field(EXAMPLE_FIELD)
    assert (field.required, field.logical_type, field.code_list) == (True, "string", None)
    for profile in profiles_of(record):
        marks = [rule for rule in profile.skip_rows if rule.matches.startswith("^示例")]
        assert bool(marks) == profile.follows_contract


@pytest.mark.parametrize("record", RECORDS)
def test_every_name_of_a_drop_down_list_means_its_code(record: str) -> None:
    for field in (f for f in columns(contracts()[record]) if f.code_list):
        codes = code_list(field.code_list or "")
        typed = convert(field, FieldSource(), pa.array([code.name_zh for code in codes]), ())
        assert typed.values.to_pylist() == [code.code for code in codes], field.name


def test_the_marked_column_may_be_moved(module_warehouse: str, tmp_path: Path) -> None:
    sheets = filled(contracts()["facilities"], tmp_path)
    moved = {name: [row[::-1] for row in rows] for name, rows in sheets.items()}
    assert counts(load_file(write_sheets(tmp_path / "moved.xlsx", moved), "facilities"))[1:] == (2, 0, 1)


def test_a_real_row_is_not_taken_for_an_example(module_warehouse: str, tmp_path: Path) -> None:
    sheets = filled(contracts()["school"], tmp_path)
    name = next(iter(sheets))
    header, marked, first, second = sheets[name]
    for column, text in (("学校名称", "示例学校"), ("镇街名称", "示例"), ("学校标识码", "示例1")):
        second[header.index(column)] = text
    outcome = load_file(write_sheets(tmp_path / "real.xlsx", sheets), "school")
    assert counts(outcome) == ("loaded", 2, 0, 1)
    # The mark alone makes the example: without it the row is data, and here the key of another row.
    unmarked = {name: [header, ["990101", *marked[1:]], first, second]}
    outcome = load_file(write_sheets(tmp_path / "unmarked.xlsx", unmarked), "school")
    assert (outcome.rows_skipped, outcome.rows_rejected) == (0, 2)


def part(path: Path, name: str) -> str:
    """A part of the workbook's archive."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode("utf-8")


@pytest.fixture
def staffing(tmp_path: Path) -> Path:
    return write_template(contracts()["staffing"], tmp_path / "staffing.xlsx")


def test_headers_are_frozen_and_have_notes(staffing: Path) -> None:
    assert re.search(r'<pane ySplit="1"[^>]*state="frozen"', part(staffing, "xl/worksheets/sheet1.xml"))
    notes = part(staffing, "xl/comments1.xml")
    assert notes.count("<comment ") == len(columns(contracts()["staffing"]))
    for words in ("县级以上骨干教师数 | Backbone teachers", "单位 unit：人 teacher", "必填 required", "整数"):
        assert words in notes


def test_codes_are_chosen_from_the_second_sheet(staffing: Path) -> None:
    rules = part(staffing, "xl/worksheets/sheet1.xml")
    [(first, last)] = re.findall(rf"'{INSTRUCTIONS}'!\$B\$(\d+):\$B\$(\d+)", rules)
    rows = read_sheets(staffing)[INSTRUCTIONS]
    names = [row[1] for row in rows[int(first) - 1 : int(last)]]
    assert names == [code.name_zh for code in code_list("stage")]


def test_required_headers_look_different(staffing: Path) -> None:
    cells = re.findall(r'<c r="[A-Z]+1" s="(\d+)"', part(staffing, "xl/worksheets/sheet1.xml"))
    looks: dict[bool, set[str]] = {True: set(), False: set()}
    for field, look in zip(columns(contracts()["staffing"]), cells, strict=True):
        looks[field.required].add(look)
    assert (len(looks[True]), len(looks[False]), looks[True] & looks[False]) == (1, 1, set())


def test_a_template_asks_for_nothing_that_is_dropped() -> None:
    contract = contracts()["special_education"]
    assert not {field.name for field in columns(contract)} & {
        "child_name",
        "guardian_name",
        "phone",
        "address",
    }
    assert {field.name for field in contract.fields} > {"child_name", "phone"}


def test_one_template_or_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert junheng("school").exit_code == exit_codes.DONE
    assert (tmp_path / template_name(contracts()["school"])).exists()
    assert junheng("--all", "--output", "all").exit_code == exit_codes.DONE
    assert {path.name for path in (tmp_path / "all").iterdir()} == {
        template_name(contract) for contract in contracts().values()
    }


@pytest.mark.parametrize("arguments", [(), ("pupils",), ("school", "--all")])
def test_wrong_usage(arguments: tuple[Any, ...]) -> None:
    assert junheng(*arguments).exit_code == exit_codes.WRONG_USAGE
