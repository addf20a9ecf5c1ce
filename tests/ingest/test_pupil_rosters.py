"""Rosters of pupils become rosters of classes, whole or not at all, and nothing of a pupil is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest import class_names
from ingest.accept import accept_batches
from ingest.landing import pending_files
from ingest.load import LoadOutcome, load_file
from ingest.pupils import sheet as pupil_sheet
from ingest.readers import records_that_recognise
from ingest.sample.layout import Lines, Sheet, write_book
from ingest.sample.layout_pupils import (
    EXPORT_NOTES,
    pupil_export_lines,
    pupil_town_lines,
    write_pupil_export,
    write_pupil_town,
)
from ingest.sample.parts import table_of
from tests.ingest.conftest import Query, csv_bytes
from tests.ingest.layout_rows import as_old_workbook, load_all, loaded_rows, rejected, template_rows

FIRST, SECOND = "2199000001", "3199000002"
NAMES = {FIRST: "示例第一小学", SECOND: "示例第二中学"}
TOWNS = {FIRST: "样本镇", SECOND: "远山镇"}
EXPORT = "990101_2022学年_学籍.xlsx"
TOWN = "990101_2022学年_花名册.xlsx"
Change = Callable[[Lines], object]


def class_line(school: str, grade: str, number: int, students: int, boarders: int = 1) -> dict[str, Any]:
    return {
        "学年": 2022,
        "区县代码": "990101",
        "学校标识码": school,
        "学校名称": NAMES[school],
        "学段": "初中" if school == SECOND else "小学",
        "年级": grade,
        "班号": str(number),
        "班级学生数": students,
        "寄宿生数": boarders,
        "随迁子女数": 3,
        "留守儿童数": 2,
        "随班就读数": 1,
    }


def classes() -> Lines:
    """Ten classes of two schools."""
    return [
        *(
            class_line(FIRST, grade, number, 6 + number)
            for grade in ("一年级", "六年级")
            for number in (1, 2, 3)
        ),
        *(class_line(SECOND, "八年级", number, 9, boarders=4) for number in (1, 2, 3, 4)),
    ]


def export(folder: Path, change: Change | None = None, name: str = EXPORT) -> Path:
    """The system's export of the classes, of which ``change`` alters one thing."""
    lines = list(pupil_export_lines(classes()))
    if change is not None:
        change(lines)
    return write_book(folder / name, [Sheet("学生", lines, notes=EXPORT_NOTES)])


def register(folder: Path, names: dict[str, str]) -> None:
    """Make these schools the current register."""
    rows = [["990101", 2022, code, name, "211", "831", "111"] for code, name in names.items()]
    headers = ["区县代码", "学年", "学校标识码", "学校名称", "办学类型", "举办者", "城乡类型"]
    path = folder / "register.csv"
    path.write_bytes(csv_bytes(rows, headers))
    outcome = load_file(path, "school")
    assert outcome.status == "loaded", outcome
    accept_batches("school")


def town(folder: Path, change: Change | None = None) -> Path:
    lines = list(pupil_town_lines(classes(), dict(TOWNS)))
    if change is not None:
        change(lines)
    return write_book(folder / TOWN, [Sheet("花名册", lines, title="2022学年学生花名册")])


@pytest.mark.parametrize("is_old", [False, True])
def test_an_export_gives_the_classes_of_our_own_template(tmp_path: Path, query: Query, is_old: bool) -> None:
    path = export(tmp_path)
    outcome = load_file(as_old_workbook(path) if is_old else path, "class_roster")
    assert (outcome.status, outcome.rows_read, outcome.rows_rejected) == ("loaded", 10, 0)
    assert loaded_rows(query, "class_roster", outcome) == template_rows(
        tmp_path, query, "class_roster", classes()
    )


def test_it_is_read_in_the_encoding_of_the_system(tmp_path: Path, query: Query) -> None:
    paths = write_pupil_export(tmp_path, table_of("class_roster", "2022", classes()))
    outcomes = load_all(paths, "class_roster")
    assert query("select encoding from ops.load_batch") == [{"encoding": "gb18030"}]
    assert loaded_rows(query, "class_roster", *outcomes) == template_rows(
        tmp_path, query, "class_roster", classes()
    )


def test_a_roster_of_a_town_finds_schools_by_their_exact_names(tmp_path: Path, query: Query) -> None:
    register(tmp_path, NAMES)
    paths = write_pupil_town(tmp_path, table_of("class_roster", "2022", classes()), dict(TOWNS))
    outcomes = load_all(paths, "class_roster")
    assert loaded_rows(query, "class_roster", *outcomes) == template_rows(
        tmp_path, query, "class_roster", classes()
    )
    assert [
        row["source_sheet"] for row in query("select distinct source_sheet from raw.class_roster order by 1")
    ][1:]


def test_a_class_points_to_its_first_pupil_and_to_the_columns_counted(tmp_path: Path, query: Query) -> None:
    outcome = load_file(export(tmp_path), "class_roster")
    rows = query(
        "select source_sheet, source_row, students from raw.class_roster "
        "where school_code = %s and grade = '1' order by class_number",
        FIRST,
    )
    # A header, seven pupils and one who is suspended, eight pupils, …
    assert [tuple(row.values()) for row in rows] == [("学生", 2, 7), ("学生", 10, 8), ("学生", 18, 9)]
    columns = query(
        "select field_name, source_column, header from ops.batch_column where batch_id = %s", outcome.batch_id
    )
    told = {row["field_name"]: (row["source_column"], row["header"]) for row in columns}
    assert told["students"] == ("G", "班级")
    assert told["stage"] == ("F", "年级")
    assert told["boarding_students"] == ("H", "是否住宿")


def test_nothing_of_a_pupil_is_kept_anywhere(tmp_path: Path, query: Query, warehouse: str) -> None:
    def slip(lines: Lines) -> None:
        lines[3]["班级"] = lines[3]["姓名"]
        lines[20]["是否住宿"] = lines[20]["姓名"]
        lines[30]["学籍号"] = lines[29]["学籍号"]

    load_file(export(tmp_path, slip), "class_roster")
    load_file(
        export(tmp_path, lambda ls: ls[1].update(学校标识码=ls[1]["姓名"]), "990101_2022学年_2.xlsx"),
        "class_roster",
    )
    tables = query(
        "select table_schema || '.' || table_name as name from information_schema.tables "
        "where table_schema in ('raw', 'protected', 'ops') and table_type = 'BASE TABLE'"
    )
    assert len(tables) > 30
    for table in tables:
        text = str(query(f"select t::text as line from {table['name']} as t"))
        assert not re.search(r"样本生|样本父|G990101|样本路", text), table
    assert len(rejected(query)) > 3


def test_no_reader_of_the_warehouse_sees_counts_of_a_class(tmp_path: Path, query: Query) -> None:
    """Of a class the pupils with special needs are few: the raw layer, which holds them, is closed."""
    granted = query(
        "select r.rolname from (values ('junheng_analyst'), ('junheng_bi')) as r(rolname) "
        "where has_table_privilege(r.rolname, 'raw.class_roster', 'select') "
        "or has_schema_privilege(r.rolname, 'raw', 'usage')"
    )
    assert granted == []
    models = Path(__file__).parents[2] / "dbt_project" / "models"
    for model in models.rglob("*.sql"):
        text = model.read_text(encoding="utf-8")
        if "class_roster" in text:
            assert "regular_class_special_students" not in text, model.name


def set_cell(place: int, header: str, value: object) -> Change:
    return lambda lines: lines[place].update({header: value})


def remove(header: str) -> Change:
    def change(lines: Lines) -> None:
        for line in lines:
            del line[header]

    return change


def copy_pupil(one: int, other: int) -> Change:
    return lambda lines: lines[other].update(学籍号=lines[one]["学籍号"])


# What is changed; classes left of ten; (row, column, rule) of what is told; words of the message.
BROKEN: dict[str, tuple[Change, int, list[tuple[int, str | None, str]], str]] = {
    "a word that is no answer": (
        set_cell(0, "是否住宿", "住"),
        9,
        [(2, "H", "unknown_answer")],
        "下列之一：是、1、否、0",
    ),
    "the same number in one class": (
        copy_pupil(1, 2),
        9,
        [(3, None, "pupil_listed_twice"), (4, None, "pupil_listed_twice")],
        "它也在工作表“学生”第 4 行",
    ),
    "the same number in two classes": (
        copy_pupil(1, 9),
        8,
        [(3, None, "pupil_listed_twice"), (11, None, "pupil_listed_twice")],
        "它也在工作表“学生”第 11 行",
    ),
}
TOO_MUCH: dict[str, tuple[Change, list[tuple[int, str | None, str]], str]] = {
    "no class": (
        set_cell(0, "班级", None),
        [
            (2, "G", "pupil_not_placed"),
            (3, None, "class_may_be_short"),
            (10, None, "class_may_be_short"),
            (18, None, "class_may_be_short"),
        ],
        "该生可能属于本班",
    ),
    "a class named after another grade": (
        set_cell(0, "班级", "七年级1班"),
        [(2, "F", "pupil_not_placed"), (3, None, "class_may_be_short")],
        "班名中如有年级须与年级列相同",
    ),
    "a grade that is none": (
        set_cell(0, "年级", "十三年级"),
        [(2, "F", "pupil_not_placed"), (3, None, "class_may_be_short")],
        "可识别的“年级”",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_class_is_counted_whole_or_set_aside(tmp_path: Path, query: Query, name: str) -> None:
    change, left, told, said = BROKEN[name]
    outcome = load_file(export(tmp_path, change), "class_roster")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", left, 10 - left)
    found = rejected(query)
    assert [(row["source_row"], row["source_column"], row["rule"]) for row in found] == told
    assert said in found[0]["expected_zh"]
    assert all(row["found"] is None for row in found)
    keys = query("select district_code, school_year, school_code, stage from ops.rejected_key")
    assert {tuple(key.values()) for key in keys} == {("990101", 2022, FIRST, "primary")}
    whole = template_rows(tmp_path, query, "class_roster", classes())
    kept = loaded_rows(query, "class_roster", outcome)
    assert len(kept) == left
    assert all(row in whole for row in kept)


@pytest.mark.parametrize("name", TOO_MUCH)
def test_no_class_to_which_a_pupil_may_belong_is_counted(tmp_path: Path, query: Query, name: str) -> None:
    change, told, said = TOO_MUCH[name]
    outcome = load_file(export(tmp_path, change), "class_roster")
    assert outcome.status == "refused"  # more than a fifth of the classes
    found = [(row["source_row"], row["source_column"], row["rule"]) for row in rejected(query)]
    assert found[: len(told)] == told
    assert said in str(rejected(query))
    assert query("select count(*) as rows from raw.class_roster") == [{"rows": 0}]


@pytest.mark.parametrize(
    ("change", "rule", "said"),
    [
        (set_cell(4, "学校标识码", None), "pupil_without_school", "第 6 行"),
        (set_cell(4, "学校标识码", "示例第一小学"), "pupil_without_school", "10 位学校标识码"),
        (remove("学校标识码"), "missing_header", "“学校标识码”"),
    ],
)
def test_a_pupil_of_no_school_refuses_the_file(
    tmp_path: Path, query: Query, change: Change, rule: str, said: str
) -> None:
    outcome = load_file(export(tmp_path, change), "class_roster")
    assert [problem.rule for problem in outcome.problems] == [rule]
    assert said in outcome.problems[0].message_zh()


def test_a_ragged_row_refuses_the_file(tmp_path: Path, query: Query) -> None:
    [path] = write_pupil_export(tmp_path, table_of("class_roster", "2022", classes()))
    path.write_bytes(path.read_bytes() + b"1,2,3\r\n")
    outcome = load_file(path, "class_roster")
    assert [problem.rule for problem in outcome.problems] == ["ragged_row"]


@pytest.mark.parametrize(
    ("name", "rule"),
    [("学籍.xlsx", "caption_missing"), ("990101_2021学年_2022学年.xlsx", "caption_twice")],
)
def test_whose_and_of_which_year_it_is_must_be_said_once(
    tmp_path: Path, query: Query, name: str, rule: str
) -> None:
    outcome = load_file(export(tmp_path, name=name), "class_roster")
    assert [problem.rule for problem in outcome.problems] == [rule]
    assert "2022学年" in outcome.problems[0].message_zh() or "990101" in outcome.problems[0].message_zh()


def test_a_count_of_which_an_answer_is_missing_is_not_known(tmp_path: Path, query: Query) -> None:
    def change(lines: Lines) -> None:
        lines[0]["是否留守儿童"] = None

    load_file(export(tmp_path, change), "class_roster")
    rows = query(
        "select students, left_behind_students, migrant_students from raw.class_roster "
        "where school_code = %s and grade = '1' order by class_number",
        FIRST,
    )
    assert [tuple(row.values()) for row in rows] == [(7, None, 3), (8, 2, 3), (9, 2, 3)]


def with_ledger(folder: Path, **cells: object) -> Path:
    """The export with a ledger of one class on a second sheet."""
    entry = {
        "学校标识码": FIRST,
        "年级": "六年级",
        "班级": "(3)班",
        "化解方式": "分班",
        "计划完成日期": "2023-08-31",
        "台账文件": "大班额台账（2022）",
    }
    sheets = [Sheet("学生", list(pupil_export_lines(classes()))), Sheet("大班额台账", [{**entry, **cells}])]
    return write_book(folder / EXPORT, sheets)


def test_the_ledger_of_large_classes_stands_on_a_sheet_of_its_own(tmp_path: Path, query: Query) -> None:
    outcome = load_file(with_ledger(tmp_path), "class_roster")
    own = classes()
    for line in own:
        is_in_it = (line["学校标识码"], line["年级"], line["班号"]) == (FIRST, "六年级", "3")
        line["台账化解方式"] = "分班" if is_in_it else None
        line["台账计划完成日期"] = "2023-08-31" if is_in_it else None
        line["台账文件"] = "大班额台账（2022）" if is_in_it else None
    assert loaded_rows(query, "class_roster", outcome) == template_rows(tmp_path, query, "class_roster", own)
    (place,) = query(
        "select source_column, header from ops.batch_column where batch_id = %s and field_name = %s",
        outcome.batch_id,
        "ledger_method",
    )
    assert tuple(place.values()) == ("大班额台账!D", "化解方式")


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"班级": "(9)班"}, "ledger_without_class"),
        ({"化解方式": "再议"}, "unknown_code"),
        ({"计划完成日期": "明年"}, "not_a_date"),
    ],
)
def test_an_entry_of_the_ledger_is_entered_or_the_file_is_refused(
    tmp_path: Path, query: Query, cells: dict[str, object], rule: str
) -> None:
    outcome = load_file(with_ledger(tmp_path, **cells), "class_roster")
    assert [(problem.rule, problem.sheet, problem.row) for problem in outcome.problems] == [
        (rule, "大班额台账", 2)
    ]


def test_a_plain_yes_to_two_questions_is_neither(tmp_path: Path, query: Query) -> None:
    register(tmp_path, NAMES)
    load_file(town(tmp_path, set_cell(0, "是否为随迁子女或留守儿童", "是")), "class_roster")
    rows = query(
        "select students, left_behind_students, migrant_students from raw.class_roster "
        "where school_code = %s and grade = '1' order by class_number",
        FIRST,
    )
    assert [tuple(row.values()) for row in rows] == [(7, None, None), (8, 2, 3), (9, 2, 3)]


def test_suspended_pupils_are_not_in_class(tmp_path: Path, query: Query) -> None:
    register(tmp_path, NAMES)
    load_file(town(tmp_path, set_cell(0, "休学中", "是")), "class_roster")
    rows = query(
        "select students, boarding_students from raw.class_roster "
        "where school_code = %s and grade = '1' and class_number = '1'",
        FIRST,
    )
    assert rows == [{"students": 6, "boarding_students": 0}]


def test_one_year_of_a_junior_school_is_not_the_first_of_a_primary(tmp_path: Path, query: Query) -> None:
    register(tmp_path, NAMES)
    outcome = load_file(town(tmp_path, set_cell(-1, "年级", "一年级")), "class_roster")
    assert outcome.rows_loaded == 9
    assert {(row["source_row"], row["rule"]) for row in rejected(query)} == {
        (86, "pupil_not_placed"),
        (78, "class_may_be_short"),
    }


@pytest.mark.parametrize(
    "names",
    [{}, {FIRST: "示例第一小学（新）", SECOND: "示例第二中学"}, {**NAMES, "2199000009": "示例第一小学"}],
)
def test_a_name_that_is_not_one_school_of_the_register_is_not_guessed(
    tmp_path: Path, query: Query, names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if names:
        register(tmp_path, names)
    landing = tmp_path / "landing" / "class_roster"
    landing.mkdir(parents=True)
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path / "landing"))
    path = town(landing)
    outcome = load_file(path, "class_roster")
    assert [p.rule for p in outcome.problems] == ["pupil_without_school" if names else "no_register"]
    # Without a register the file is tried again; what it says itself is wrong only when there is one.
    assert (path in pending_files("class_roster")) == (not names)


def test_the_same_roster_is_judged_anew_by_another_register(tmp_path: Path, query: Query) -> None:
    path = town(tmp_path)
    assert load_file(path, "class_roster").status == "refused"
    register(tmp_path, NAMES)
    first: LoadOutcome = load_file(path, "class_roster")
    assert (first.status, load_file(path, "class_roster").status) == ("loaded", "known")


def test_a_roster_of_pupils_is_recognised_as_classes_only(tmp_path: Path) -> None:
    assert records_that_recognise(export(tmp_path)) == ["class_roster"]
    assert records_that_recognise(town(tmp_path)) == ["class_roster"]


def test_a_list_of_children_with_disabilities_is_no_roster_of_classes(tmp_path: Path) -> None:
    def change(lines: Lines) -> None:
        for line in lines:
            line.update(安置方式="随班就读", 是否一人一案="是", 残疾类别="听力残疾", 学段="小学")
            line.update(是否义务教育适龄="是", 区县代码="990101", 学年=2022)

    assert records_that_recognise(export(tmp_path, change)) == ["special_education"]


def test_a_count_that_is_sensitive_is_not_repeated_in_a_message(tmp_path: Path, query: Query) -> None:
    lines = [{**line, "随班就读数": "两人" if n == 0 else 1} for n, line in enumerate(classes())]
    path = tmp_path / "template.csv"
    path.write_bytes(csv_bytes([list(line.values()) for line in lines], list(lines[0])))
    assert load_file(path, "class_roster").rows_rejected == 1
    (told,) = rejected(query)
    assert (told["rule"], told["found"]) == ("not_an_integer", None)
    assert query("select school_code from ops.rejected_key") == [{"school_code": FIRST}]


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", "3"), ("03班", "3"), ("（12）班", "12"), ("三班", "3"), ("二十一班", "21"), ("七年级3班", "3"),
     ("七(3)班", "3"), ("2021级十二班", "12"), ("初一2班", "2"), ("张三", None), ("李十", None), ("", None),
     ("班", None), ("3班4班", None)],
)  # fmt: skip
def test_the_number_of_a_class_is_understood_or_not(text: str, number: str | None) -> None:
    assert class_names.class_number(text) == number


@pytest.mark.parametrize(
    ("text", "grades"),
    [("七年级3班", "7"), ("七(3)班", "7"), ("7年级3班", "7"), ("7(3)班", "7"), ("初一2班", "7"),
     ("初二(2)班", "8"), ("高一级5班", "10"), ("小一(2)班", "1"), ("一年级2班", "1 7 10"),
     ("四(1)班", "4"), ("2021级三班", ""), ("12级3班", ""), ("12(3)班", ""), ("3班", ""), ("三班", ""),
     ("二十一班", ""), ("张三", "")],
)  # fmt: skip
def test_the_grade_in_the_name_of_a_class(text: str, grades: str) -> None:
    assert class_names.grades_of_class(text) == frozenset(grades.split())


def test_what_a_row_says_is_one_of_the_words_of_its_system() -> None:
    assert {pupil_sheet.YES, pupil_sheet.NO, pupil_sheet.UNCLEAR, pupil_sheet.FAULTY} == {1, 0, -1, -2}
