"""School workbooks of the education statistics: read like our own template, refused where they differ."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from ingest.accept import accept_batches
from ingest.contract import contracts
from ingest.forms.checks import check_forms, check_identity
from ingest.forms.faults import FormFaultError
from ingest.forms.grid import Grid
from ingest.forms.layout import BadFormLayoutError, form_layout, read_form_layout
from ingest.forms.source import FormSource, masked, take_folder_snapshot
from ingest.hand_in import hand_in
from ingest.landing import pending_files
from ingest.load import LoadOutcome, load_file
from ingest.profile import BadProfileError
from ingest.profile_files import read_profile
from ingest.read_workbook import cell_text
from ingest.readers import records_that_recognise
from ingest.settings import PROFILES_DIR
from ingest.trace import ROW_OF_PLACE
from tests.ingest.conftest import Query, csv_bytes
from tests.ingest.made_workbooks import (
    BOOKS_OF,
    CONTACTS,
    SCHOOL,
    SPECIAL_CODE,
    Book,
    book_2020,
    book_2021,
    insert_row,
    own_rows,
    row_with,
    special_book,
    swap_columns,
    unmerge,
    write_book,
)

RECORDS = ["school", "enrolment", "staffing", "facilities", "class_size_band", "school_basics"]
GENERATIONS = sorted(BOOKS_OF)
# The form of changes has no known twin in the newer generation.
RECORDS_OF = {"2020": [*RECORDS, "pupil_change"], "2021": RECORDS}
READ = [(generation, record) for generation in GENERATIONS for record in RECORDS_OF[generation]]
Change = Callable[[Book], object]


def deliver(folder: Path, book: Book, name: str = "学校A.xlsx") -> Path:
    """The workbook in a folder named by its school year."""
    write_book(folder / name, book)
    return folder


def loaded_rows(query: Query, outcome: LoadOutcome) -> list[dict[str, Any]]:
    """The rows of a batch as the contract has them."""
    contract = contracts()[outcome.record]
    fields = ", ".join(field.name for field in contract.stored_fields)
    key = ", ".join(contract.key)
    return query(
        f"select {fields} from {contract.table} where batch_id = %s order by {key}", outcome.batch_id
    )


def own_template_rows(folder: Path, query: Query, record: str, generation: str) -> list[dict[str, Any]]:
    """The rows of the same school in our own template."""
    headers, rows = own_rows(record, int(generation))
    path = folder / f"{record}.csv"
    path.write_bytes(csv_bytes(rows, headers))
    return loaded_rows(query, load_file(path, record))


def read_one(tmp_path: Path, generation: str, record: str, change: Change | None = None) -> LoadOutcome:
    """Load the made school, of which ``change`` alters one thing."""
    book = BOOKS_OF[generation]()
    if change is not None:
        change(book)
    return load_file(deliver(tmp_path / generation, book), record)


@pytest.mark.parametrize(("generation", "record"), READ)
def test_a_workbook_gives_the_rows_of_our_own_template(
    tmp_path: Path, query: Query, generation: str, record: str
) -> None:
    outcome = read_one(tmp_path, generation, record)
    assert (outcome.status, outcome.problems) == ("loaded", ())
    assert loaded_rows(query, outcome) == own_template_rows(tmp_path, query, record, generation)
    (batch,) = query("select form_generation from ops.load_batch where batch_id = %s", outcome.batch_id)
    assert batch["form_generation"] == {"2020": "基础基", "2021": "教基"}[generation]


def insert_rows(book: Book) -> None:
    """A remark above the header, and an empty row and one without a number among the figures."""
    for sheet in book.values():
        if "乙" in [cell for row in sheet.rows for cell in row]:
            at = next(n for n, row in enumerate(sheet.rows) if "乙" in row)
            insert_row(sheet, at + 3, ["", "其他说明"])
            insert_row(sheet, at + 2, [])
            insert_row(sheet, 1, ["", "填表说明：本表由学校填写"])


def move_columns(book: Book) -> None:
    """The first and the last figure of every form change places, header and all."""
    for sheet in book.values():
        header = next((row for row in sheet.rows if "乙" in row), None)
        if header is not None and "2" in header:
            unmerge(sheet)
            swap_columns(sheet, header.index("1"), header.index("2"))


def as_numbers(book: Book) -> None:
    for sheet in book.values():
        for row in sheet.rows:
            row[:] = [int(c) if isinstance(c, str) and c.isdigit() and len(c) < 10 else c for c in row]


def with_leftovers(book: Book) -> None:
    for sheet in book.values():
        for row in sheet.rows:
            row[:] = [f" {c}_x000D_\n" if isinstance(c, str) and c else c for c in row]


@pytest.mark.parametrize("change", [insert_rows, move_columns, as_numbers, with_leftovers])
@pytest.mark.parametrize(("generation", "record"), READ)
def test_what_only_looks_different_is_read_right(
    tmp_path: Path, query: Query, generation: str, record: str, change: Change
) -> None:
    outcome = read_one(tmp_path, generation, record, change)
    assert (outcome.status, outcome.problems) == ("loaded", ())
    assert loaded_rows(query, outcome) == own_template_rows(tmp_path, query, record, generation)


def set_cell(book: Book, form: str, number: int, column: int | str, text: str) -> None:
    """Write one figure, found as a clerk would: by 编号 and the number of the column."""
    sheet = book[form]
    named = "乙" if any("乙" in row for row in sheet.rows) else "编号"
    header = next(row for row in sheet.rows if named in row)
    at = header.index(named)
    row = next(row for row in sheet.rows if len(row) > at and row[at] == str(number))
    place = header.index(str(column))
    row += [""] * (place + 1 - len(row))
    row[place] = text


BROKEN: dict[str, tuple[str, str, Change, str, str]] = {
    "编号 missing": (
        "2020",
        "staffing",
        lambda b: set_cell(b, "基础基112", 26, "编号", ""),
        "form_row_missing",
        "编号 26",
    ),
    "编号 twice": (
        "2020",
        "staffing",
        lambda b: set_cell(b, "基础基423", 5, "乙", "4"),
        "form_row_twice",
        "编号 4",
    ),
    "column missing": (
        "2021",
        "facilities",
        lambda b: b["教基5170"].rows[row_with(b["教基5170"], "乙")].__setitem__(5, "9"),
        "form_column_missing",
        "列 4",
    ),
    "label of another row": (
        "2021",
        "facilities",
        lambda b: b["教基5176"].rows[row_with(b["教基5176"], "12")].__setitem__(0, "计算机教室"),
        "form_label",
        "网络多媒体教室",
    ),
    "header of another course": (
        "2021",
        "staffing",
        lambda b: b["教基4155"].rows[row_with(b["教基4155"], "体育与健康")].__setitem__(11, "历史"),
        "form_label",
        "体育",
    ),
    "no header": (
        "2020",
        "facilities",
        lambda b: b["基础基512"].rows.__delitem__(slice(3, 6)),
        "form_header",
        "甲、乙",
    ),
    "a form is missing": ("2020", "facilities", lambda b: b.pop("基础基522"), "form_missing", "基础基522"),
    "total is not its parts": (
        "2021",
        "enrolment",
        lambda b: set_cell(b, "教基3112", 1, 9, "999"),
        "form_total",
        "各项之和",
    ),
    "more with degrees than teachers": (
        "2020",
        "staffing",
        lambda b: set_cell(b, "基础基423", 5, 1, "29"),
        "form_total",
        "各项之和",
    ),
    "last year + in − out is not this year": (
        "2020",
        "enrolment",
        lambda b: set_cell(b, "基础基331", 4, 15, "620"),
        "form_total",
        "600+121-100 = 621",
    ),
    "a printed total of changes": (
        "2020",
        "pupil_change",
        lambda b: set_cell(b, "基础基331", 4, 2, "120"),
        "form_total",
        "各项之和",
    ),
    "columns of changes in another order": (
        "2020",
        "pupil_change",
        lambda b: b["基础基331"].rows[row_with(b["基础基331"], "招生")].__setitem__(5, "复学"),
        "form_label",
        "增加.*招生",
    ),
    "heading of the school's own form": (
        "2020",
        "school",
        lambda b: b["基础基111"].rows[5].__setitem__(1, "机构码"),
        "form_heading_missing",
        "学校标识码",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_differs_is_refused_with_one_message(tmp_path: Path, query: Query, name: str) -> None:
    generation, record, change, rule, said = BROKEN[name]
    outcome = read_one(tmp_path, generation, record, change)
    assert outcome.rows_rejected > 0
    faults = query(
        "select rule, source_sheet, expected_zh, expected_en, mend_zh, mend_en from ops.rejected_row"
    )
    assert [fault["rule"] for fault in faults] == [rule]
    (fault,) = faults
    assert said in fault["expected_zh"]
    assert fault["source_sheet"].startswith("学校A.xlsx")
    assert all(fault.values())
    if outcome.rows_loaded == 0 and outcome.rows_rejected == outcome.rows_read:
        assert outcome.status == "refused"
        assert rule in {problem.rule for problem in outcome.problems}


def test_a_form_of_changes_that_differs_takes_no_pupils_away(tmp_path: Path, query: Query) -> None:
    """It is read for its own record; the enrolment only asks whether its identities hold."""
    _, _, change, _, _ = BROKEN["columns of changes in another order"]
    outcome = read_one(tmp_path, "2020", "enrolment", change)
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 9, 0)


def test_staff_under_another_heading_are_told_and_missing(tmp_path: Path, query: Query) -> None:
    def change(book: Book) -> None:
        sheet = book["基础基412"]
        sheet.rows[row_with(sheet, "专任教师")][4] = "行政人员"

    (row,) = loaded_rows(query, read_one(tmp_path, "2020", "school_basics", change))
    assert (row["staff"], row["full_time_teachers"], row["security_staff"]) == (None, None, 4)
    (fault,) = query("select rule, expected_zh from ops.rejected_row")
    assert fault["rule"] == "form_label"
    assert "专任教师" in fault["expected_zh"]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_special_school_gives_its_pupils_and_staff_in_one_row_each(
    tmp_path: Path, query: Query, generation: str
) -> None:
    folder = deliver(tmp_path / generation, special_book(generation))
    pupils = {
        row["stage"]: row
        for row in loaded_rows(query, load_file(folder, "enrolment"))
        if row["grade"] == "all"
    }
    assert list(pupils) == ["special_education"]
    assert (pupils["special_education"]["students"], pupils["special_education"]["female_students"]) == (
        45,
        19,
    )
    (staff,) = (row for row in loaded_rows(query, load_file(folder, "staffing")) if row["stage"] in pupils)
    assert (staff["staff"], staff["full_time_teachers"]) == (20, 16)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_few_special_pupils_of_another_school_never_leave_its_workbook(
    tmp_path: Path, query: Query, generation: str
) -> None:
    """Wrong variant: the same forms under the code of a nine-year school."""
    book = special_book(generation)
    for sheet in book.values():
        for row in sheet.rows:
            row[:] = [SCHOOL["code"] if cell == SPECIAL_CODE else cell for cell in row]
    folder = deliver(tmp_path / generation, book)
    for record in ("enrolment", "staffing"):
        rows = loaded_rows(query, load_file(folder, record))
        assert {row["stage"] for row in rows} == {"primary", "junior_secondary"}


@pytest.mark.parametrize("number", [3, 5])
def test_the_grades_of_a_special_school_make_its_total(tmp_path: Path, query: Query, number: int) -> None:
    book = special_book("2020")
    set_cell(book, "基础基315", 1, number, "46")
    deliver(tmp_path / "2020", book, "甲.xlsx")
    for school in range(5):
        deliver(tmp_path / "2020", another(book_2020(), f"310000000{school}"), f"{school}.xlsx")
    outcome = load_file(tmp_path / "2020", "enrolment")
    assert (outcome.status, outcome.rows_rejected) == ("loaded", 1)
    (fault,) = query("select source_sheet, rule, found, expected_zh, expected_en from ops.rejected_row")
    assert (fault["source_sheet"], fault["rule"]) == ("甲.xlsx 基础基315", "form_total")
    # So few pupils are not even told to the clerk: the form itself says them.
    assert (fault["found"], fault["expected_zh"].endswith("等于各项之和")) == (None, True)
    assert fault["expected_en"].endswith("to be the sum of its parts")


def test_not_applicable_and_blank_are_missing_and_never_zero(tmp_path: Path, query: Query) -> None:
    def change(book: Book) -> None:
        set_cell(book, "基础基522", 1, 12, "")
        set_cell(book, "基础基522", 1, 9, "*")
        set_cell(book, "基础基312", 5, 6, "")
        set_cell(book, "基础基312", 9, 6, "*")

    (row,) = loaded_rows(query, read_one(tmp_path, "2020", "facilities", change))
    assert (row["teaching_equipment_yuan"], row["multimedia_classrooms"]) == (None, None)
    first = loaded_rows(query, load_file(tmp_path / "2020", "enrolment"))[3]
    assert (first["grade"], first["boarding_students"], first["migrant_students"]) == ("1", None, None)


def test_a_blank_is_zero_only_where_the_printed_total_proves_it(tmp_path: Path, query: Query) -> None:
    def blank(book: Book) -> None:
        set_cell(book, "基础基423", 1, 11, "")  # arts: 0, and the courses make the total without it
        set_cell(book, "基础基424", 1, 20, "")  # arts: 1, which is now missing from the total
        set_cell(book, "基础基512", 10, 1, "")  # sports rooms: 600 of the total

    rows = loaded_rows(query, read_one(tmp_path, "2020", "staffing", blank))
    assert [(row["stage"], row["pe_arts_teachers"]) for row in rows] == [
        ("junior_secondary", None),
        ("primary", 4),
    ]
    (rooms,) = loaded_rows(query, load_file(tmp_path / "2020", "facilities"))
    assert rooms["indoor_sports_area_m2"] is None


def test_minus_one_of_the_schools_own_form_is_not_filled(tmp_path: Path, query: Query) -> None:
    def change(book: Book) -> None:
        sheet = book["基础基111"]
        sheet.rows[10][3] = "-1"  # the address code

    (row,) = loaded_rows(query, read_one(tmp_path, "2020", "school", change))
    assert row["town_code"] is None


def everything_in(query: Query) -> str:
    """All text of all tables of the database, whatever their schema."""
    tables = query(
        "select table_schema || '.' || table_name as name from information_schema.tables "
        "where table_schema not like 'pg\\_%%' and table_schema <> 'information_schema' "
        "and table_type = 'BASE TABLE'"
    )
    assert {"raw", "protected", "ops"} <= {table["name"].split(".")[0] for table in tables}
    return "\n".join(
        str(row["text"])
        for table in tables
        for row in query(f"select t::text as text from {table['name']} t")
    )


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("is_broken", [False, True])
def test_contacts_are_nowhere(
    tmp_path: Path, query: Query, caplog: pytest.LogCaptureFixture, generation: str, is_broken: bool
) -> None:
    book = BOOKS_OF[generation]()
    if is_broken:
        for sheet in book.values():
            for row in sheet.rows:
                row[:] = ["改名" if cell in {"乙", "代码", "编号", "学校标识码"} else cell for cell in row]
    folder = deliver(tmp_path / generation, book)
    outcomes = [load_file(folder, record) for record in RECORDS_OF[generation]]
    assert {outcome.status for outcome in outcomes} == {"refused" if is_broken else "loaded"}
    told = "".join(p.message_zh() + p.message_en() for outcome in outcomes for p in outcome.problems)
    text = everything_in(query) + told + caplog.text
    assert ("学校A.xlsx" if is_broken else SCHOOL["code"]) in text
    assert [contact for contact in CONTACTS if contact in text] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("电话 138.1234.5678", "电话 ***"),
        ("138/1234/5678转", "***转"),
        ("(025)8321—4567", "***"),
        ("（025） 8321 – 4567", "***"),
        ("１３８－１２３４－５６７８", "***"),
        ("2020-2021学年，13812345678", "2020-2021学年，***"),
        ("2020—2021学年", "2020—2021学年"),
        ("010-2020-2021", "***"),
        ("2020-20213456", "***"),
        ("2083 2014", "***"),
        ("由 1200 人增至 1350 人", "由 1200 人增至 1350 人"),
    ],
)
def test_numbers_of_telephones_are_masked_and_years_are_not(text: str, kept: str) -> None:
    assert masked(text) == kept


def test_the_schools_explanation_is_kept_without_its_telephone(tmp_path: Path, query: Query) -> None:
    outcome = read_one(tmp_path, "2020", "school")
    (note,) = query("select * from ops.form_note")
    assert (note["batch_id"], note["school_code"], note["school_year"]) == (
        outcome.batch_id,
        SCHOOL["code"],
        2020,
    )
    assert (note["form_code"], note["district_code"]) == ("基础基112续表1", "990101")
    assert note["note"] == "毕业生多于上年六年级，说明：中途转入 1 人。电话 ***"


def another(book: Book, code: str) -> Book:
    """The same figures of another school."""
    for sheet in book.values():
        for row in sheet.rows:
            row[:] = [code if cell == SCHOOL["code"] else cell for cell in row]
    return book


def test_a_folder_is_one_batch_and_one_bad_workbook_does_not_hold_it_up(tmp_path: Path, query: Query) -> None:
    folder = tmp_path / "2020"
    for number in range(6):
        book = another(book_2020(), f"310000000{number}")
        if number == 3:
            set_cell(book, "基础基313", 1, 3, "9999")
        deliver(folder, book, f"学校{number}.xlsx")
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    outcome = load_file(folder, "enrolment")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 5 * 9 + 6, 4)
    keys = query(
        "select distinct school_code, school_year, stage from ops.rejected_key order by 1 nulls last"
    )
    assert keys == [
        {"school_code": "3100000003", "school_year": 2020, "stage": "junior_secondary"},
        {"school_code": None, "school_year": None, "stage": None},
    ]
    rules = query("select source_sheet, rule from ops.rejected_row order by rule")
    assert [(row["source_sheet"], row["rule"]) for row in rules] == [
        ("坏.xlsx", "damaged_workbook"),
        ("学校3.xlsx 基础基313", "form_total"),
    ]


BESIDE = {"school_basics": 1, "pupil_change": 2}


def test_a_kindergarten_among_the_schools_is_a_school_and_nothing_else(tmp_path: Path, query: Query) -> None:
    folder = deliver(tmp_path / "2020", book_2020())
    young = another(book_2020(), "1100000001")
    forms = ("基础基111", "基础基112", "基础基331")
    young = {name: sheet for name, sheet in young.items() if name in forms}
    young["基础基111"].rows[14] = [14.0, "代码", "", "111", "999"]
    set_cell(young, "基础基331", 4, 15, "620")
    deliver(folder, young, "幼儿园.xlsx")
    schools = loaded_rows(query, load_file(folder, "school"))
    assert [row["school_type_code"] for row in schools] == ["111", "312"]
    for record, rows in {"enrolment": 9, "staffing": 2, "facilities": 1, **BESIDE}.items():
        outcome = load_file(folder, record)
        assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", rows, 0)


def test_the_same_workbooks_again_are_known_and_one_more_is_a_new_batch(tmp_path: Path, query: Query) -> None:
    first = load_file(deliver(tmp_path / "2021", book_2021()), "facilities")
    accept_batches("facilities")
    assert load_file(tmp_path / "2021", "facilities").status == "known"
    (tmp_path / "2021" / "学校A.xlsx").rename(tmp_path / "2021" / "甲校.xlsx")
    assert load_file(tmp_path / "2021", "facilities").status == "known"
    deliver(tmp_path / "2021", another(book_2021(), "3100000002"), "学校B.xlsx")
    second = load_file(tmp_path / "2021", "facilities")
    assert (second.status, second.rows_loaded, second.batch_id != first.batch_id) == ("loaded", 2, True)
    accept_batches("facilities")
    assert query("select batch_id from ops.current_batch") == [{"batch_id": second.batch_id}]
    assert query("select count(*) as n from raw.facilities") == [{"n": 3}]


def test_two_workbooks_of_a_school_name_each_other(tmp_path: Path, query: Query) -> None:
    for number in range(9):
        deliver(tmp_path / "2021", another(book_2021(), f"310000000{number}"), f"{number}.xlsx")
    twice = another(book_2021(), "3100000004")
    set_cell(twice, "教基5176", 12, 1, "7")
    outcome = load_file(deliver(tmp_path / "2021", twice, "又一份.xlsx"), "facilities")
    assert (outcome.rows_loaded, outcome.rows_rejected) == (8, 2)
    said = query("select source_sheet, expected_en from ops.rejected_row order by source_sheet")
    assert [row["source_sheet"] for row in said] == ["4.xlsx", "又一份.xlsx"]
    assert "又一份.xlsx" in said[0]["expected_en"]


def test_the_year_comes_from_the_folder_where_the_forms_print_none(tmp_path: Path, query: Query) -> None:
    outcome = load_file(deliver(tmp_path / "交来", book_2021()), "school")
    assert (outcome.status, outcome.problems[1].rule) == ("refused", "no_school_year")
    (tmp_path / "交来").rename(tmp_path / "2023学年")
    (row,) = loaded_rows(query, load_file(tmp_path / "2023学年", "school"))
    assert row["school_year"] == 2023
    (tmp_path / "2023学年").rename(tmp_path / "2024学年")
    (row,) = loaded_rows(query, load_file(tmp_path / "2024学年", "school"))
    assert row["school_year"] == 2024


def test_two_generations_in_a_folder_are_refused(tmp_path: Path, warehouse: str) -> None:
    deliver(tmp_path / "2021", book_2020(), "旧.xlsx")
    outcome = load_file(deliver(tmp_path / "2021", book_2021(), "新.xlsx"), "school")
    assert (outcome.status, outcome.problems[0].rule) == ("refused", "two_form_generations")
    assert "旧.xlsx" in outcome.problems[0].message_zh()
    assert "新.xlsx" in outcome.problems[0].message_en()


# Where public importers read the real forms: the made ones are laid out as those.
PUBLISHED_PLACES = {
    "2020": {
        "小学在校生": "H7",
        "初中在校生": "G7",
        "小学教师研究生": "D11",
        "小学教师专科": "D13",
        "小学体艺课程1": "M8",
        "小学体艺课程4": "Q8",
        "初中教师研究生": "D12",
        "初中体艺课程1": "V8",
        "初中体艺课程4": "Y8",
        "全校专任教师": "E7",
        "小学骨干教师": "D30",
        "教学及辅助用房": "E10",
        "室内体育用房": "E16",
        "运动场地": "F9",
        "教学仪器设备万元": "O9",
        "网络多媒体教室1": "L9",
        "网络多媒体教室2": "N9",
    },
    "2021": {
        "小学在校生": "I6",
        "初中在校生": "E6",
        "小学专任教师": "C6",
        "小学教师博士": "C9",
        "小学教师专科": "C12",
        "小学体艺课程1": "L6",
        "初中教师博士": "C10",
        "初中教师本科": "C12",
        "初中体艺课程4": "X6",
        "全校专任教师": "D6",
        "教学及辅助用房": "F10",
        "室内体育用房": "F17",
        "运动场地": "D7",
        "图书": "D12",
        "网络多媒体教室": "D17",
        "教学仪器设备万元": "D19",
    },
}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_cells_are_those_that_public_importers_read(tmp_path: Path, generation: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    source = FormSource(take_folder_snapshot(deliver(tmp_path / "2021", BOOKS_OF[generation]()), work)[1])
    layout = form_layout(f"school_statistics_{generation}")
    (row,) = source.rows(layout, "2021", frozenset(form.code for form in layout.forms))
    assert (row.school_fault, row.form_faults) == (None, {})
    places = {name: row.cells[name].place.split("!")[1] for name in PUBLISHED_PLACES[generation]}
    assert places == PUBLISHED_PLACES[generation]


def test_every_cell_is_traced_to_its_place(tmp_path: Path, query: Query) -> None:
    plain, longer = book_2020(), another(book_2020(), "3100000002")
    insert_row(longer["基础基512"], 7, ["", "其他说明"])
    deliver(tmp_path / "2020", plain, "甲.xlsx")
    outcome = load_file(deliver(tmp_path / "2020", longer, "乙.xlsx"), "facilities")
    places = query(
        "select r.source_sheet, r.source_row, c.source_column, c.header from raw.facilities r "
        "join ops.batch_column c using (batch_id, source_block) "
        "where r.batch_id = %s and c.field_name = 'indoor_sports_area_m2' order by 1",
        outcome.batch_id,
    )
    assert [(p["source_sheet"], p["source_row"], p["source_column"]) for p in places] == [
        ("乙.xlsx", 11, "基础基512!E17"),
        ("甲.xlsx", 10, "基础基512!E16"),
    ]
    assert places[0]["header"] == "室内体育用房（基础基512 编号 10 列 1）"


def test_a_cell_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, query: Query) -> None:
    load_file(deliver(tmp_path / "2020", another(book_2020(), "3100000002"), "好.xlsx"), "school")
    read_one(tmp_path, "2020", "facilities", lambda b: set_cell(b, "基础基522", 1, 12, "约二百万"))
    (fault,) = query("select source_sheet, source_row, source_column, found from ops.rejected_row")
    assert fault == {
        "source_sheet": "学校A.xlsx",
        "source_row": 9,
        "source_column": "基础基522!O9",
        "found": "约二百万",
    }


def test_the_landing_folder_feeds_every_record(
    tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    folder = deliver(tmp_path / "statistics" / "2020", book_2020())
    for record in RECORDS_OF["2020"]:
        assert pending_files(record) == [folder]
        load_file(folder, record)
        assert pending_files(record) == []
    assert pending_files("finance") == []
    deliver(folder, another(book_2020(), "3100000002"), "学校B.xlsx")
    assert pending_files("enrolment") == [folder]
    (folder / "学校B.xlsx").unlink()
    assert pending_files("enrolment") == [folder]  # it was looked at with one more, and may have lost one


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_folder_handed_in_is_checked_and_becomes_current(
    tmp_path: Path, query: Query, generation: str
) -> None:
    folder = tmp_path / generation
    for number in range(3):
        deliver(folder, another(BOOKS_OF[generation](number), f"310000000{number}"), f"{number}.xlsx")
    young = another(BOOKS_OF[generation](), "1100000001")
    school_form = next(iter(young))
    deliver(folder, {school_form: young[school_form]}, "幼儿园.xlsx")
    outcome = hand_in(folder)
    assert outcome.reasons == ()
    assert [load["record"] for load in outcome.loads] == sorted(RECORDS_OF[generation])
    current = query("select record, partition_key from ops.current_batch order by 1, 2")
    district = f"990101|{generation}"
    stages = [f"{district}|junior_secondary", f"{district}|primary"]
    assert [(row["record"], row["partition_key"]) for row in current] == [
        ("class_size_band", district),
        *(("enrolment", stage) for stage in stages),
        ("facilities", district),
        *[("pupil_change", district)] * (generation == "2020"),
        ("school", district),
        ("school_basics", district),
        *(("staffing", stage) for stage in stages),
    ]


@pytest.mark.parametrize(
    ("column", "row"),
    [("基础基512!E16", "16"), ("教基3112_小学!N6", "6"), ("N", None), ("a!L9+a!N9", None)],
)
def test_a_cell_of_a_form_is_shown_with_its_own_row(column: str, row: str | None) -> None:
    found = ROW_OF_PLACE.fullmatch(column)
    assert (found.group(1) if found else None) == row


def test_a_workbook_alone_is_known_by_its_forms(tmp_path: Path) -> None:
    for generation, book in BOOKS_OF.items():
        path = write_book(tmp_path / f"{generation}.xlsx", book())
        records = sorted(RECORDS_OF[generation])
        assert records_that_recognise(path) == records
        assert records_that_recognise(deliver(tmp_path / f"folder {generation}", book())) == records


def test_a_generation_of_which_a_record_reads_no_form_is_no_fault(tmp_path: Path, query: Query) -> None:
    """The newer form of changes is not known: a folder of them has nothing for that record."""
    outcome = load_file(deliver(tmp_path / "2021", book_2021()), "pupil_change")
    assert (outcome.status, outcome.problems) == ("nothing", ())
    assert query("select count(*) as n from ops.load_batch") == [{"n": 0}]
    # Wrong variant: an older folder that lacks the form is told.
    book = {name: sheet for name, sheet in book_2020().items() if name != "基础基331"}
    outcome = load_file(deliver(tmp_path / "2020", book), "pupil_change")
    assert (outcome.status, outcome.problems[0].rule) == ("refused", "no_forms")


def test_a_folder_without_the_forms_of_a_record_says_so(tmp_path: Path, warehouse: str) -> None:
    book = {name: sheet for name, sheet in book_2020().items() if name in ("基础基111", "基础基112")}
    outcome = load_file(deliver(tmp_path / "2020", book), "enrolment")
    assert (outcome.status, outcome.problems[0].rule) == ("refused", "no_forms")
    assert "基础基312" in outcome.problems[0].message_zh()
    assert "基础基313" in outcome.problems[0].message_en()


def test_a_stray_cell_far_out_is_told_and_does_not_fill_the_memory(tmp_path: Path, query: Query) -> None:
    def change(book: Book) -> None:
        book["基础基423"].rows += [[] for _ in range(50_000)]
        book["基础基423"].rows[-1] = ["", "x"]

    outcome = read_one(tmp_path, "2020", "staffing", change)
    assert (outcome.status, {p.rule for p in outcome.problems}) == (
        "refused",
        {"too_many_rejected", "too_many_cells"},
    )


def test_two_sheets_of_a_form_are_refused(tmp_path: Path, query: Query) -> None:
    def change(book: Book) -> None:
        book["copy"] = replace(book["教基3112"], name="教基3112_小学")

    outcome = read_one(tmp_path, "2021", "enrolment", change)
    assert (outcome.status, outcome.problems[1].rule) == ("refused", "form_twice")
    assert "教基3112_小学" in outcome.problems[1].message_zh()


GOOD_LAYOUT = """
generation: x
title: {zh: 甲, en: A}
school_form: F1
school_code: code
school_year: {forms: [F1], pattern: '(2)', name_pattern: '(2)'}
forms:
  F1: {sheet: F1, cells: {code: {under: code}, name: {row: 1}}}
totals: [{total: code, parts: [name]}]
"""
WRONG_LAYOUTS = {
    "names given twice": ("  F1: {sheet", "  F2: {sheet: F2, cells: {code: {row: 1}}}\n  F1: {sheet"),
    "no form F9": ("school_form: F1", "school_form: F9"),
    "no cell nobody": ("parts: [name]", "parts: [nobody]"),
    "needs under, row or label": ("name: {row: 1}", "name: {column: 1}"),
}


@pytest.mark.parametrize("said", WRONG_LAYOUTS)
def test_a_wrong_layout_says_what_is_wrong(tmp_path: Path, said: str) -> None:
    path = tmp_path / "layout.yaml"
    path.write_text(GOOD_LAYOUT, encoding="utf-8")
    assert [cell.name for cell in read_form_layout(path).cells] == ["code", "name"]
    path.write_text(GOOD_LAYOUT.replace(*WRONG_LAYOUTS[said]), encoding="utf-8")
    with pytest.raises((BadFormLayoutError, KeyError), match=said):
        read_form_layout(path)


def test_a_profile_may_name_only_the_cells_of_its_layout(tmp_path: Path) -> None:
    good = (PROFILES_DIR / "school_statistics_2020_facilities.yaml").read_text(encoding="utf-8")
    path = tmp_path / "profile.yaml"
    path.write_text(good, encoding="utf-8")
    assert read_profile(path).forms == "school_statistics_2020"
    path.write_text(good.replace("header: 运动场地", "header: 电话"), encoding="utf-8")
    with pytest.raises(BadProfileError, match="has no cell 电话"):
        read_profile(path)


REAL = "ministry_forms/form_2020_21_kindergarten.xlsx"
REAL_CONTACTS = ("name@example.org", "00000000", "示例省示例市示例镇示例村")


@pytest.mark.shared
def test_a_real_workbook_is_read_and_its_contacts_are_nowhere(shared_dir: Path, query: Query) -> None:
    path = shared_dir / "data" / REAL
    outcome = load_file(path, "school")
    assert (outcome.status, outcome.problems, outcome.rows_rejected) == ("loaded", (), 0)
    (row,) = loaded_rows(query, outcome)
    assert {name: value for name, value in row.items() if value is not None} == {
        "region_code": "CN",
        "district_code": "990282",
        "school_year": 2020,
        "school_code": "1199000001",
        "school_name": "示例镇示例幼儿园",
        "school_type_code": "111",
        "operator_code": "999",
        "urban_rural_code": "121",
        "town_code": "990282123",
    }
    (note,) = query("select note from ops.form_note")
    assert "2020年上半年我园因为人数变动，增设了一个大班" in note["note"]
    text = everything_in(query)
    assert [contact for contact in REAL_CONTACTS if contact in text] == []


def test_one_workbook_under_the_codes_of_two_schools_is_told(tmp_path: Path, query: Query) -> None:
    folder = tmp_path / "2020"
    for number in range(2):
        deliver(folder, another(book_2020(), f"310000000{number}"), f"{number}.xlsx")
    reasons = hand_in(folder).reasons
    assert [("没有两所学校的全部数字完全相同" in zh, "0.xlsx" in zh) for zh, _ in reasons] == [
        (True, True)
    ] * 2


@pytest.mark.shared
def test_a_folder_with_the_real_workbook_is_read_beside_a_made_one(
    shared_dir: Path, tmp_path: Path, query: Query
) -> None:
    folder = deliver(tmp_path / "2020", book_2020())
    shutil.copy(shared_dir / "data" / REAL, folder)
    outcome = hand_in(folder)
    assert outcome.reasons == ()
    loads = {str(load["record"]): (load["status"], load["rows_rejected"]) for load in outcome.loads}
    assert {"school", "enrolment", "staffing", "facilities", "class_size_band"} <= loads.keys()
    assert set(loads.values()) == {("loaded", 0)}, "the identities of its form 331 hold"
    schools = query("select school_code from raw.school order by 1")
    assert [row["school_code"] for row in schools] == ["1199000001", SCHOOL["code"]]
    notes = query("select school_code, note from ops.form_note order by 1")
    assert [row["school_code"] for row in notes] == ["1199000001", SCHOOL["code"]]
    assert "增设了一个大班" in notes[0]["note"]
    text = everything_in(query)
    # A telephone number of zeros is none within a longer number.
    known = [contact for contact in (*REAL_CONTACTS, *CONTACTS) if contact in text]
    assert [c for c in known if re.search(rf"(?<![0-9.]){re.escape(c)}(?![0-9])", text)] == []


def real_grid(shared_dir: Path, form: str) -> Grid:
    """One form of the real workbook, as the reader sees it."""
    sheet = CalamineWorkbook.from_path(str(shared_dir / "data" / REAL)).get_sheet_by_name(form)
    rows = [[cell_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    return Grid(form, form, rows, sheet.merged_cell_ranges or ())


@pytest.mark.shared
def test_the_identities_of_a_real_331_hold_and_a_wrong_one_is_seen(shared_dir: Path) -> None:
    grid = real_grid(shared_dir, "基础基331")
    assert (grid.at(grid.row_of[1], grid.column_of[15]).text, grid.heading(grid.column_of[8])) == (
        "305",
        "减少学生数/毕业",
    )
    identities = [i for i in form_layout("school_statistics_2020").identities if i.form == "基础基331"]
    assert len(identities) == 3
    for identity in identities:
        check_identity(identity, grid)
    grid.rows[grid.row_of[1]][grid.column_of[15]] = "306"
    with pytest.raises(FormFaultError, match=r"315\+133-143 = 305"):
        check_identity(identities[0], grid)


# 编号 of the real form 442: every figure by the number of its column.
REAL_TRAINING = {
    1: {1: "14", 2: "56", 3: "1512", 4: "56", 5: "1512", 12: "28", 13: "840", 14: "28", 15: "672"},
    2: {1: "14", 2: "56", 3: "1512", 4: "56", 5: "1512", 12: "28", 13: "840", 14: "28", 15: "672"},
    3: {1: "*", 2: "42", 3: "1092", 4: "42", 5: "1092", 12: "14", 13: "420", 14: "28", 15: "672"},
    4: {1: "*", 2: "14", 3: "420", 4: "14", 5: "420", 12: "14", 13: "420"},
    5: {1: "*"},
    **{number: {1: "*"} for first in (6, 11, 16) for number in range(first + 2, first + 5)},
}


@pytest.mark.shared
def test_a_real_442_is_read_cell_by_cell_and_its_identities_hold(shared_dir: Path) -> None:
    grid = real_grid(shared_dir, "基础基442")
    figures = {
        number: {n: cell.text for n, c in grid.column_of.items() if (cell := grid.at(row, c)).text}
        for number, row in grid.row_of.items()
    }
    assert sorted(figures) == list(range(1, 21))
    assert {number: told for number, told in figures.items() if told} == REAL_TRAINING
    # Its teachers are those of the start of last year, not this year's.
    staff, changed = real_grid(shared_dir, "基础基411"), real_grid(shared_dir, "基础基431")
    assert staff.at(staff.row_of[1], staff.column_of[3]).text == "15"
    assert changed.at(changed.row_of[1], changed.column_of[1]).text == "14"
    layout = form_layout("school_statistics_2020")
    assert list(check_forms(layout, {grid.form: grid})) == []
    # What the kindergarten tells, told by a primary school: the cells of the layout give it.
    for number in range(1, 6):
        grid.rows[grid.row_of[number + 5]][grid.column_of[1] :] = grid.rows[grid.row_of[number]][
            grid.column_of[1] :
        ]
    found = {spec.name: grid.find(spec) for spec in layout.form("基础基442").cells}
    read = {name: (cell.place, cell.text) for name, cell in found.items() if cell and cell.text}
    assert read == {
        "小学培训专任教师": ("基础基442!D13", "14"),
        "小学培训人次": ("基础基442!E13", "56"),
        "小学培训学时": ("基础基442!F13", "1512"),
    }
    assert list(check_forms(layout, {grid.form: grid})) == []
    # Wrong variants: hours of a level, of a kind, of a total; more women than teachers.
    for number, column, said in (
        (6, 13, "1512"),
        (8, 2, "42"),
        (6, 3, "1512"),
        (7, 1, "14"),
    ):
        row, place = grid.row_of[number], grid.column_of[column]
        right, grid.rows[row][place] = grid.rows[row][place], "9999"
        broken, *_ = check_forms(layout, {grid.form: grid})
        told = broken.fault.fault
        assert (broken.form, told.rule) == ("基础基442", "form_part" if number == 7 else "form_total")
        assert broken.rows == {6, 7, 8, 9, 10}
        assert said in told.expected_zh + (broken.fault.found or "")
        grid.rows[row][place] = right
