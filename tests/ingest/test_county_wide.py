"""Wide county exports: headers of several rows, campuses named by code, units told in headers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from ingest.chunks import Preview
from ingest.load import LoadOutcome, load_file
from ingest.profile_files import profiles
from ingest.readers import records_that_recognise
from ingest.sample.xls import xls_bytes
from tests.ingest.conftest import Query
from tests.ingest.test_school_workbooks import loaded_rows

SCHOOL = ["序号", "学校名称", "学校标识码", "统计三级", "办学类型", "是否计校数", "主校标识码"]
REGISTER = ["举办者", "城乡类型"]
PUPILS = ["在校生数→合计", "在校生数→#女", "在校生数→寄宿生"]
TEACHERS = [
    "专任教师→合计",
    *(f"专任教师→#按学历分→{degree}" for degree in ("博士研究生", "硕士研究生", "本科", "专科")),
    "专任教师→#按授课课程分→体育与健康",
    "专任教师→#按授课课程分→艺术→计",
    "专任教师→#按授课课程分→艺术→音乐",
    "教基1102→县级以上骨干教师（小学）",
    "教基1102→县级以上骨干教师（初中）",
]
ROOMS = [
    "教学及辅助用房（平方米）→计",
    "教学及辅助用房（平方米）→室内体育用房",
    "运动场地面积（平方米）",
    "教学仪器设备资产值（万元）",
    "网络多媒体教室",
    "图书（册）",
]
HEADERS = [*SCHOOL, *REGISTER, *PUPILS, *TEACHERS, *ROOMS]
# A school and its campus, two schools of one name, and a campus that names no parent.
WHOSE = [
    ["1", "示例小学", "2199000001", "990101 示例区", "小学", "1", "", "县级教育部门", "主城区"],
    [
        "2",
        "示例小学东校区",
        "2199000002",
        "990101 示例区",
        "小学",
        "0",
        "2199000001",
        "县级教育部门",
        "主城区",
    ],
    *(
        [f"{n}", f"第{n}小学", f"219900000{n}", "990101 示例区", "小学", "1", "", "县级教育部门", "镇中心区"]
        for n in range(3, 9)
    ),
]
FIGURES = ["600", "290", "", "40", "0", "2", "30", "8", "3", "3", "1", "5", "*"]
FIGURES += ["3,000.5", "400", "5000", "120.55", "20", "15000"]
ROWS = [[*school, *FIGURES] for school in WHOSE]
LOST = ["9", "示例小学西校区", "2199000009", "990101 示例区", "小学", "0", "", "县级教育部门", "主城区"]
FILE = "各校一览表_2021学年_小学"
RECORDS = ["enrolment", "facilities", "school", "staffing"]


def split(headers: Sequence[str]) -> list[list[str]]:
    """The headers as rows, a group's name over its first column only."""
    paths = [header.split("→") for header in headers]
    depth = max(map(len, paths))
    rows = [[path[level] if level < len(path) else "" for path in paths] for level in range(depth)]
    for level in range(depth - 1, -1, -1):
        for column in range(len(paths) - 1, 0, -1):
            if (
                len(paths[column]) > level + 1
                and paths[column][: level + 1] == paths[column - 1][: level + 1]
            ):
                rows[level][column] = ""
    return rows


def merges(headers: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """First row and column, last row and column of every merged cell of the header."""
    paths = [header.split("→") for header in headers]
    depth = max(map(len, paths))
    found = [(len(path) - 1, c, depth - 1, c) for c, path in enumerate(paths) if len(path) < depth]
    for level in range(depth - 1):
        column = 0
        while column < len(paths):
            end = column
            while (
                len(paths[column]) > level + 1
                and end + 1 < len(paths)
                and len(paths[end + 1]) > level + 1
                and paths[end + 1][: level + 1] == paths[column][: level + 1]
            ):
                end += 1
            if end > column:
                found.append((level, column, level, end))
            column = end + 1
    return found


def write(
    folder: Path,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    kind: str = "xlsx",
    *,
    name: str = FILE,
    above: Sequence[Sequence[str]] = (),
) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [*above, *split(headers), *rows]
    shift = len(above)
    if kind == "xls":
        merged = [((t + shift, left), (b + shift, right)) for t, left, b, right in merges(headers)]
        path = folder / f"{name}.xls"
        path.write_bytes(xls_bytes([("学校", lines, merged)]))
        return path
    if kind != "xlsx":
        text = io.StringIO()
        csv.writer(text).writerows(lines)
        path = folder / f"{name}.csv"
        path.write_bytes(text.getvalue().encode(kind))
        return path
    path = folder / f"{name}.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("学校")
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line)
        for top, left, bottom, right in merges(headers):
            sheet.merge_range(top + shift, left, bottom + shift, right, lines[top + shift][left])
    return path


def load(folder: Path, record: str, rows: Sequence[Sequence[str]] = ROWS, **other: Any) -> LoadOutcome:
    return load_file(write(folder, other.pop("headers", HEADERS), rows, **other), record)


GOLDEN: dict[str, dict[str, Any]] = {
    "enrolment": {"stage": "primary", "grade": "all", "students": 600, "female_students": 290},
    "staffing": {
        "stage": "primary",
        "full_time_teachers": 40,
        "over_qualified_teachers": 40,
        "pe_arts_teachers": 6,
        "backbone_teachers": 5,
    },
    "facilities": {
        "teaching_auxiliary_area_m2": Decimal("3000.5"),
        "indoor_sports_area_m2": 400,
        "sports_ground_area_m2": 5000,
        "teaching_equipment_yuan": 1205500,
        "multimedia_classrooms": 20,
        "books": 15000,
    },
    "school": {
        "school_name": "示例小学",
        "school_type_code": "211",
        "operator_code": "831",
        "urban_rural_code": "111",
        "counts_as_school": True,
    },
}


@pytest.mark.parametrize("kind", ["xlsx", "xls", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("record", RECORDS)
def test_a_wide_export_gives_a_row_a_school(tmp_path: Path, query: Query, record: str, kind: str) -> None:
    outcome = load(tmp_path, record, kind=kind)
    assert (outcome.status, outcome.problems, outcome.rows_rejected) == ("loaded", (), 0)
    first, second, *_ = loaded_rows(query, outcome)
    key = {"region_code": "CN", "district_code": "990101", "school_year": 2021, "school_code": "2199000001"}
    assert {name: value for name, value in first.items() if value is not None} == {**key, **GOLDEN[record]}
    assert second["school_code"] == "2199000002"


@pytest.mark.parametrize("kind", ["xlsx", "utf-8"])
def test_a_title_above_and_a_total_below_the_header_are_no_schools(
    tmp_path: Path, query: Query, kind: str
) -> None:
    total = ["", "合计", *[""] * 7, *FIGURES]
    above = [["2021学年各校一览表"], ["单位：人、平方米"]]
    outcome = load(tmp_path, "staffing", [total, *ROWS], kind=kind, above=above)
    assert (outcome.rows_loaded, outcome.rows_skipped, outcome.rows_rejected) == (8, 1, 0)
    blank = ["合计", *[""] * 8, *FIGURES]
    outcome = load(tmp_path / "b", "staffing", [blank, *ROWS], kind=kind)
    assert (outcome.rows_loaded, outcome.rows_skipped) == (8, 1), "a total is never part of the header"


def test_headers_of_two_rows_and_of_one_path_a_cell_are_read_alike(tmp_path: Path, query: Query) -> None:
    flat = [*SCHOOL, *REGISTER, *PUPILS, *ROOMS]
    rows = [[*row[:12], *row[-6:]] for row in ROWS]
    for kind in ("xlsx", "utf-8"):
        outcome = load(tmp_path / kind, "enrolment", rows, headers=flat, kind=kind)
        assert (outcome.status, outcome.rows_loaded) == ("loaded", 8)
        assert loaded_rows(query, outcome)[0]["students"] == 600
        outcome = load_file(write(tmp_path / kind, flat, rows, kind), "facilities")
        assert loaded_rows(query, outcome)[0]["indoor_sports_area_m2"] == 400


def test_a_group_of_a_text_ends_where_the_next_begins() -> None:
    rows = [["学校", "教师", "", "", "用房"], ["", "合计", "按学历分", "", ""], ["", "", "本科", "专科", ""]]
    assert Preview("", rows).header(0, 3) == (
        "学校",
        "教师/合计",
        "教师/按学历分/本科",
        "教师/按学历分/专科",
        "用房",
    )


@pytest.mark.parametrize("record", RECORDS)
def test_a_campus_without_a_parent_is_set_aside_row_by_row(tmp_path: Path, query: Query, record: str) -> None:
    outcome = load(tmp_path, record, [*ROWS, [*LOST, *FIGURES]])
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 8, 1)
    codes = [row["school_code"] for row in loaded_rows(query, outcome)]
    assert "2199000002" in codes
    assert "2199000009" not in codes
    (fault,) = query("select * from ops.rejected_row")
    assert (fault["rule"], fault["source_row"], fault["source_column"], fault["found"]) == (
        "campus_without_parent",
        13,
        "F",
        "0",
    )
    assert "不按相近的校名" in fault["expected_zh"]
    assert "similar name" in fault["expected_en"]
    (whose,) = query("select school_code, school_year, district_code, stage from ops.rejected_key")
    assert (whose["school_year"], whose["district_code"]) == (2021, "990101")
    assert whose["school_code"] is None, "the school that lacks it is not the campus, and is not known"
    assert whose["stage"] == ("primary" if record in ("enrolment", "staffing") else None)


def test_a_campus_is_registered_with_its_parents_code(tmp_path: Path, query: Query) -> None:
    rows = loaded_rows(query, load(tmp_path, "school"))
    campus = next(row for row in rows if row["school_code"] == "2199000002")
    assert (campus["counts_as_school"], campus["parent_school_code"]) == (False, "2199000001")


def test_without_a_column_of_parents_every_campus_is_set_aside(tmp_path: Path, query: Query) -> None:
    headers = [header for header in HEADERS if header != "主校标识码"]
    rows = [[*row[:6], *row[7:]] for row in ROWS]
    outcome = load(tmp_path, "enrolment", rows, headers=headers)
    assert (outcome.rows_loaded, outcome.rows_rejected) == (7, 1)
    assert query("select rule from ops.rejected_row") == [{"rule": "campus_without_parent"}]


@pytest.mark.parametrize(
    ("header", "yuan"),
    [("教学仪器设备资产值（元）", Decimal("120.55")), ("教学仪器设备资产值(千元)", 120550)],
)
def test_the_header_tells_the_unit(tmp_path: Path, query: Query, header: str, yuan: Decimal) -> None:
    headers = [header if "仪器设备" in name else name for name in HEADERS]
    rows = loaded_rows(query, load(tmp_path, "facilities", headers=headers))
    assert rows[0]["teaching_equipment_yuan"] == yuan


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("教学仪器设备资产值（万元）", "教学仪器设备资产值", "no_unit"),
        ("教学仪器设备资产值（万元）", "教学仪器设备资产值（万美元）", "no_unit"),
        ("运动场地面积（平方米）", "运动场地面积（亩）", "no_unit"),
        ("教学及辅助用房（平方米）→计", "教学及辅助用房（平方米）→小计", "layout_changed"),
        ("是否计校数", "计入学校数", "missing_header"),
    ],
)
def test_a_unit_or_a_column_that_is_not_told_is_not_guessed(
    tmp_path: Path, warehouse: str, old: str, new: str, rule: str
) -> None:
    headers = [name.replace(old, new) for name in HEADERS]
    outcome = load(tmp_path, "facilities", headers=headers)
    assert (outcome.status, [problem.rule for problem in outcome.problems]) == ("refused", [rule])


def with_columns(*columns: tuple[str, str]) -> dict[str, Any]:
    """The export with more columns at its end, each with one figure for all schools."""
    rows = [[*row, *(figure for _, figure in columns)] for row in ROWS]
    return {"headers": [*HEADERS, *(header for header, _ in columns)], "rows": rows}


@pytest.mark.parametrize("group", ["", "信息化→"])
def test_a_total_of_computers_wins_over_its_parts(tmp_path: Path, query: Query, group: str) -> None:
    name = f"{group}教学用计算机"
    both = with_columns((f"{name}→平板电脑", "30"), (f"{name}→计", "120"))
    rows = loaded_rows(query, load(tmp_path, "facilities", **both))
    assert [row["computers"] for row in rows] == [120] * 8
    part = with_columns((f"{name}→平板电脑", "30"), (f"{name}→台式机", "90"))
    outcome = load(tmp_path / "part", "facilities", **part)
    assert [problem.rule for problem in outcome.problems] == ["layout_changed"], "a part is not all of them"


def test_a_group_before_the_rooms_changes_nothing(tmp_path: Path, query: Query) -> None:
    headers = [f"校舍→{name}" if name.startswith("教学及辅助用房") else name for name in HEADERS]
    rows = loaded_rows(query, load(tmp_path, "facilities", headers=headers))
    assert (rows[0]["teaching_auxiliary_area_m2"], rows[0]["indoor_sports_area_m2"]) == (
        Decimal("3000.5"),
        400,
    )


@pytest.mark.parametrize("record", RECORDS)
def test_a_school_whose_name_begins_like_a_total_is_a_school(
    tmp_path: Path, query: Query, record: str
) -> None:
    named = [[row[0], "小计村小学", *row[2:]] for row in ROWS[:1]]
    totals = [["", name, *[""] * 7, *FIGURES] for name in ("小 计", "合计：", "总计（8所）")]
    outcome = load(tmp_path, record, [*named, *ROWS[1:], *totals])
    assert (outcome.rows_loaded, outcome.rows_skipped, outcome.rows_rejected) == (8, 3, 0)


@pytest.mark.parametrize(("girls", "boarders"), [("290", ""), ("", "12")])
def test_a_total_that_is_left_blank_beside_its_parts_is_told(
    tmp_path: Path, query: Query, girls: str, boarders: str
) -> None:
    blank = [[*ROWS[0][:9], "", girls, boarders, *ROWS[0][12:]]]
    none = [[*ROWS[1][:9], "", "", "", *ROWS[1][12:]]]
    outcome = load(tmp_path, "enrolment", [*blank, *none, *ROWS[2:]])
    assert (outcome.rows_loaded, outcome.rows_rejected) == (6, 1)
    (fault,) = query("select rule, source_row, field_name from ops.rejected_row")
    assert tuple(fault.values()) == ("required", 5, "students")


def test_teachers_without_the_column_of_doctors_are_not_counted(tmp_path: Path, warehouse: str) -> None:
    at = HEADERS.index("专任教师→#按学历分→博士研究生")
    rows = [[*row[:at], *row[at + 1 :]] for row in ROWS]
    outcome = load(tmp_path, "staffing", rows, headers=[*HEADERS[:at], *HEADERS[at + 1 :]])
    assert outcome.problems[0].rule == "missing_header"
    assert "博士研究生" in outcome.problems[0].message_zh()


def test_the_name_of_the_file_says_year_and_stage(tmp_path: Path, query: Query) -> None:
    junior = write(tmp_path, HEADERS, ROWS, name="各校一览表_2022-2023学年_初中")
    assert records_that_recognise(junior) == RECORDS
    outcome = load_file(junior, "staffing")
    row = loaded_rows(query, outcome)[0]
    assert (row["stage"], row["school_year"], row["over_qualified_teachers"]) == (
        "junior_secondary",
        2022,
        32,
    )
    assert row["backbone_teachers"] is None, "* is not applicable"
    unnamed = load_file(write(tmp_path, HEADERS, ROWS, name="一览表"), "enrolment")
    assert (unnamed.status, unnamed.problems[0].rule) == ("refused", "file_name")


@pytest.mark.parametrize(
    "years",
    ["2021", "2021-22", "2021_2022", "2021至2022", "2021～2022", "2021－2022", "2021 - 2022", "2021/2022"],
)
def test_a_span_of_years_is_the_school_year_that_begins_it(years: str) -> None:
    (profile,) = (p for p in profiles() if p.name == "county_wide_school")
    assert profile.file_name_groups(f"各校一览表_{years}学年.xlsx") == ("2021",)


def of_stages() -> tuple[list[str], list[list[str]]]:
    """All stages in one file, a group of columns each: a primary school, a junior school, and one of both."""
    own, figures = [*PUPILS, *TEACHERS[:-2]], FIGURES[: len(PUPILS) + len(TEACHERS) - 2]
    headers = [*SCHOOL, *REGISTER, *(f"{stage}→{name}" for stage in ("小学", "初中") for name in own)]
    headers += ["初中→教基1102→县级以上骨干教师（初中）", *ROOMS]
    none, rooms = [""] * len(figures), FIGURES[-len(ROOMS) :]
    second = ["300", *figures[1:]]
    stages = [(figures, none, ""), (none, second, "4"), (figures, second, "6")]
    return headers, [
        [*school, *first, *other, backbone, *rooms]
        for school, (first, other, backbone) in zip(WHOSE[2:5], stages, strict=True)
    ]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "utf-8"])
def test_all_stages_in_one_file_are_told_by_their_group(tmp_path: Path, query: Query, kind: str) -> None:
    headers, rows = of_stages()
    path = write(tmp_path, headers, rows, kind, name="各校一览表_2021学年")
    assert records_that_recognise(path) == RECORDS
    pupils = loaded_rows(query, load_file(path, "enrolment"))
    assert [
        (row["school_code"][-1], row["stage"], row["students"], row["female_students"]) for row in pupils
    ] == [
        ("3", "primary", 600, 290),
        ("4", "junior_secondary", 300, 290),
        ("5", "junior_secondary", 300, 290),
        ("5", "primary", 600, 290),
    ]
    staff = loaded_rows(query, load_file(path, "staffing"))
    assert [(row["school_code"][-1], row["stage"], row["pe_arts_teachers"]) for row in staff] == [
        (row["school_code"][-1], row["stage"], 6) for row in pupils
    ]
    assert [row["backbone_teachers"] for row in staff] == [None, 4, 6, None]
    assert len(loaded_rows(query, load_file(path, "school"))) == 3


@pytest.mark.parametrize("stages", ["中小学", "小学初中", "义务教育（小学、初中）", "九年一贯小学部"])
def test_a_file_of_several_stages_without_groups_is_of_no_stage(
    tmp_path: Path, query: Query, stages: str
) -> None:
    """Its pupils are those of all stages: taken for one of them, a school would have twice as many."""
    path = write(tmp_path, HEADERS, ROWS, name=f"各校一览表_2021学年_{stages}")
    outcome = load_file(path, "enrolment")
    assert (outcome.status, [problem.rule for problem in outcome.problems]) == ("refused", ["file_name"])
    assert "学段" in outcome.problems[0].message_zh()
