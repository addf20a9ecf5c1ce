"""From a published figure to its cells: two real files a record, a campus, a school of two stages, 万元."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ingest import cli, exit_codes
from ingest.contract import contracts
from ingest.database import connect
from ingest.hand_in import hand_in
from ingest.questions import place
from ingest.tables import read
from ingest.trace import agrees, trace

ROOMS, EQUIPMENT = "teaching_rooms_area_m2", "teaching_equipment_yuan"
PLACE = ["区县代码", "学年", "学校标识码"]
A, B, CAMPUS = "S-main", "S-other", "S-campus"

# The main school has both stages, its campus primary pupils only.
FILES: dict[str, list[list[object]]] = {
    "school": [
        [*PLACE, "学校名称", "办学类型", "举办者", "城乡类型", "是否计校数", "主校标识码"],
        ["990101", 2022, A, "主校", "312", "831", "111", "是", ""],
        ["990101", 2022, CAMPUS, "分校区", "312", "831", "111", "否", A],
        ["990101", 2022, B, "另一校", "211", "831", "220", "是", ""],
    ],
    "enrolment": [
        [*PLACE, "学段", "年级", "班级数", "在校生数"],
        ["990101", 2022, A, "小学", "1", 2, 60],
        ["990101", 2022, A, "小学", "2", 2, 40],
        ["990101", 2022, A, "初中", "7", 2, 100],
        ["990101", 2022, CAMPUS, "小学", "1", 2, 50],
        ["990101", 2022, B, "小学", "1", 2, 80],
    ],
    "facilities": [
        [*PLACE, "室内体育用房面积", "教学及辅助用房面积", "教学仪器设备资产值(万元)"],
        ["990101", 2022, "合计", 30, 3230, "63.5"],
        ["990101", 2022, A, 20, 2120, 42],
        ["990101", 2022, CAMPUS, 10, 310, "1.5"],
        ["990101", 2022, B, 0, 800, 20],
    ],
}


def write_csv(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    return path


@pytest.fixture(scope="module")
def published(
    module_warehouse: str, tmp_path_factory: pytest.TempPathFactory, build: Callable, publish_part: Callable
) -> None:
    folder = tmp_path_factory.mktemp("files")
    for record, rows in FILES.items():
        outcome = hand_in(write_csv(folder / f"{record}.csv", rows), record)
        assert not outcome.is_refused, outcome.reasons
    build(["+mart_balance__school_indicators", "+mart_balance__coefficients", "measure_part"])
    publish_part()


def junheng(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["explain", *map(str, arguments)], env={"COLUMNS": "250"})


def _cells(measure: str, stage: str = "primary", school: str = A) -> list[tuple[Any, ...]]:
    cells = trace(place("990101", 2022, stage, "R4"), school, measure).cells
    return [(c.school_code, c.value, c.sign, c.share, c.row, c.column, c.header) for c in cells]


def test_rooms_are_traced_to_their_cells_with_sign_and_share(published: None) -> None:
    # 100 primary and 110 weighted junior pupils in the main school, primary only on the campus.
    share = Fraction(100, 210)
    whole, sports = ("E", "教学及辅助用房面积"), ("D", "室内体育用房面积")
    assert _cells(ROOMS) == [
        (A, 2120, 1, share, 3, *whole),
        (A, 20, -1, share, 3, *sports),
        (CAMPUS, 310, 1, 1, 4, *whole),
        (CAMPUS, 10, -1, 1, 4, *sports),
    ]
    assert _cells(ROOMS, "junior_secondary") == [
        (A, 2120, 1, 1 - share, 3, *whole),
        (A, 20, -1, 1 - share, 3, *sports),
    ]


def test_pupils_are_traced_to_every_grade(published: None) -> None:
    found = [(code, value, row, column) for code, value, _, _, row, column, _ in _cells("students")]
    assert found == [(A, 60, 2, "G"), (A, 40, 3, "G"), (CAMPUS, 50, 5, "G")]


def test_ten_thousands_of_yuan_name_the_header_of_the_file(published: None) -> None:
    first, *_ = _cells(EQUIPMENT)
    assert (first[1], first[-1]) == (420000, "教学仪器设备资产值(万元)")


def _published(school: str, indicator: str, stage: str = "primary") -> dict[str, Any]:
    [row] = read(
        "select * from marts.mart_balance__school_indicators where school_code = %s and stage = %s "
        "and indicator_number = %s and standard_code = 'national_2017'",
        [school, stage, indicator],
    )
    return row


def test_the_cells_make_the_published_figure(published: None) -> None:
    for school, stage in ((A, "primary"), (A, "junior_secondary"), (B, "primary")):
        where = place("990101", 2022, stage, "R4")
        rooms, pupils = trace(where, school, ROOMS), trace(where, school, "students")
        row = _published(school, "R4", stage)
        assert agrees(row["numerator"], [rooms]) is True
        assert agrees(row["denominator"], [pupils]) is True
        # A cell left out, added instead of taken away, or not shared would not.
        assert agrees(row["numerator"], [replace(rooms, cells=rooms.cells[:1])]) is (school == B)
    rooms = trace(place("990101", 2022, "primary", "R4"), A, ROOMS)
    unshared = replace(rooms, cells=tuple(replace(c, share=Fraction(1)) for c in rooms.cells))
    added = replace(rooms, cells=tuple(replace(c, sign=1) for c in rooms.cells))
    for wrong in (unshared, added):
        assert agrees(_published(A, "R4")["numerator"], [wrong]) is False


def test_what_is_printed_of_a_school(published: None) -> None:
    result = junheng("R4", "--school", A, "--stage", "小学")
    assert result.exit_code == exit_codes.DONE, result.output
    said = [
        "1,300 ",
        "E “教学及辅助用房面积”",
        "−室内体育用房面积",
        "0.4761904762",
        "facilities.csv",
        "SHA-256",
    ]
    assert not [text for text in said if text not in result.output]
    assert result.output.count("✓") == 2


def test_a_school_of_two_stages_is_explained_for_both(published: None) -> None:
    assert junheng("R4", "--school", A).output.count("✓") == 4


def test_what_is_printed_of_a_district(published: None) -> None:
    result = junheng("R4", "--stage", "primary")
    assert result.exit_code == exit_codes.DONE, result.output
    assert not [text for text in (A, B, "1,300", "0.50", "2/2") if text not in result.output]
    assert CAMPUS not in result.output


def test_a_missing_figure_is_said_not_invented(published: None) -> None:
    result = junheng("R1", "--school", A, "--stage", "primary")
    assert "缺教职工数据" in result.output
    assert "nothing is added up" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("R4", "--school", "nowhere"), "没有学校“nowhere”；现有："),
        (("R4", "--district", "1"), "没有区县“1”；现有：990101"),
        (("R4", "--year", "1999"), "没有年度“1999”；现有：2022"),
        (("R99",), "没有条款或指标“R99”；现有条款："),
    ],
)
def test_what_there_is_not_is_said(published: None, arguments: tuple[str, ...], words: str) -> None:
    result = junheng(*arguments)
    assert (result.exit_code, words in result.output) == (exit_codes.WRONG_USAGE, True), result.output


def test_a_row_that_came_after_the_publication_is_noticed(published: None) -> None:
    """What is published stays; the cells below it have changed, and that is said."""
    with connect() as connection:
        connection.execute("update warehouse.fct_facilities set teaching_auxiliary_area_m2 = 1")
    try:
        assert "run junheng nightly first" in junheng("R4", "--school", B).output
    finally:
        with connect() as connection:
            connection.execute(
                "update warehouse.fct_facilities as facts set teaching_auxiliary_area_m2 = "
                "rows.teaching_auxiliary_area_m2 from raw.facilities as rows "
                "where facts.school_code = rows.school_code"
            )


def test_records_of_persons_are_traced_to_their_files_only(published: None) -> None:
    with connect() as connection:
        connection.execute(
            "insert into warehouse.measure (measure_code, record, name_zh, name_en, unit, is_split_by_stage) "
            "values ('children', 'special_education', '儿童', 'Children', 'person', false)"
        )
        connection.execute(
            "insert into ops.load_batch (batch_id, record, profile, profile_version, file_name, file_path, "
            "file_sha256, file_bytes, file_modified_at, status, rows_read, rows_loaded, rows_rejected, "
            "rows_skipped, started_at) values ('00000000-0000-0000-0000-000000000001', 'special_education', "
            "'test', 1, 'children.csv', 'children.csv', 'x', 1, now(), 'accepted', 1, 1, 0, 0, now())"
        )
        connection.execute(
            "insert into ops.partition_batch (record, partition_key, batch_id) values "
            "('special_education', '990101|2022', '00000000-0000-0000-0000-000000000001')"
        )
    found = trace(place("990101", 2022, "primary", "R4"), A, "children")
    assert found.is_protected
    assert (found.cells, found.batch_ids) == ((), ("00000000-0000-0000-0000-000000000001",))


def test_every_measure_is_made_of_fields_of_its_record(published: None) -> None:
    parts = read("select measure_code, field_name from warehouse.measure_part")
    for measure in read(
        "select measure_code, record from warehouse.measure where measure_code <> 'children'"
    ):
        code = measure["measure_code"]
        fields = [p["field_name"] for p in parts if p["measure_code"] == code] or [code]
        names = {field.name for field in contracts()[measure["record"]].fields}
        assert set(fields) <= names, code
