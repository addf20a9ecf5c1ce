"""School workbooks: bands of classes, units, school systems, and workbooks that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.hand_in import hand_in
from ingest.landing import pending_files
from ingest.load import LoadOutcome, load_file
from tests.ingest.conftest import Query
from tests.ingest.made_workbooks import TRAINING as MADE_TRAINING
from tests.ingest.made_workbooks import Book, book_2020, book_2021
from tests.ingest.test_school_workbooks import (
    GENERATIONS,
    another,
    deliver,
    loaded_rows,
    read_one,
    set_cell,
)

Change = Callable[[Book], object]
FORMS = {"2020": ("基础基212", "基础基213"), "2021": ("教基2106", "教基2107")}


def rejected(query: Query) -> list[tuple[str, str]]:
    rows = query("select rule, found from ops.rejected_row order by rule, found")
    return [(row["rule"], row["found"]) for row in rows]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_classes_above_45_and_50_are_counted_from_the_bands(
    tmp_path: Path, query: Query, generation: str
) -> None:
    rows = loaded_rows(query, read_one(tmp_path, generation, "class_size_band"))
    stages = {row["stage"]: row for row in rows if row["grade"] == "all"}
    above_45 = ("46_50", "51_55", "56_60", "61_65", "66_and_over")
    assert sum(stages["primary"][f"classes_{band}"] for band in above_45) == 8
    assert sum(stages["junior_secondary"][f"classes_{band}"] for band in above_45[1:]) == 2
    assert [stages[stage]["all_classes"] for stage in ("primary", "junior_secondary")] == [13, 6]
    assert len(rows) == 2 + 6 + 3


@pytest.mark.parametrize("generation", GENERATIONS)
def test_bands_that_do_not_make_the_classes_are_refused(
    tmp_path: Path, query: Query, generation: str
) -> None:
    first_band = {"2020": 3, "2021": 2}[generation]
    outcome = read_one(
        tmp_path,
        generation,
        "class_size_band",
        lambda book: set_cell(book, FORMS[generation][0], first_band + 4, 1, "9"),
    )
    assert {rule for rule, _ in rejected(query)} == {"form_total"}
    assert outcome.problems[1].message_zh().count("13") == 1, "the printed total is told"


def test_a_blank_band_is_missing_where_the_total_does_not_prove_it(tmp_path: Path, query: Query) -> None:
    rows = loaded_rows(
        query,
        read_one(tmp_path, "2021", "class_size_band", lambda b: set_cell(b, "教基2106", 6, 1, "")),
    )
    stage = next(row for row in rows if (row["stage"], row["grade"]) == ("primary", "all"))
    assert (stage["all_classes"], stage["classes_41_45"], stage["classes_up_to_25"]) == (13, None, None)


def test_without_columns_of_grades_the_stage_is_told_alone(tmp_path: Path, query: Query) -> None:
    def change(book: Book) -> None:
        for row in book["教基2106"].rows:
            row[:] = row[:3]

    rows = loaded_rows(query, read_one(tmp_path, "2021", "class_size_band", change))
    assert [row["grade"] for row in rows if row["stage"] == "primary"] == ["all"]


def test_a_total_of_junior_and_senior_classes_is_not_taken_for_the_junior_ones(
    tmp_path: Path, query: Query
) -> None:
    def change(book: Book) -> None:
        sheet = book["教基2107"]
        sheet.rows = [[cell if cell != "初中合计" else "合计" for cell in row] for row in sheet.rows]

    outcome = read_one(tmp_path, "2021", "class_size_band", change)
    assert (outcome.rows_rejected, rejected(query)) == (4, [("form_label", "总计 合计")])


def test_titles_are_missing_where_the_form_does_not_name_the_stage(tmp_path: Path, query: Query) -> None:
    def change(book: Book) -> None:
        sheet = book["基础基422"]
        sheet.rows = [["总计" if cell == "初中" else cell for cell in row] for row in sheet.rows]

    junior, primary = loaded_rows(query, read_one(tmp_path, "2020", "staffing", change))
    assert (junior["mid_plus_title_teachers"], primary["mid_plus_title_teachers"]) == (None, 19)


def test_a_workbook_without_titles_and_books_still_gives_the_rest(tmp_path: Path, query: Query) -> None:
    def change(book: Book) -> None:
        del book["基础基422"], book["基础基531"]

    rows = loaded_rows(query, read_one(tmp_path, "2020", "staffing", change))
    assert [(row["full_time_teachers"], row["mid_plus_title_teachers"]) for row in rows] == [
        (24, None),
        (30, None),
    ]
    (row,) = loaded_rows(query, load_file(tmp_path / "2020", "facilities"))
    assert (row["books"], row["computers"], row["teaching_equipment_yuan"]) == (None, None, 2103500)


def test_a_form_that_only_adds_figures_holds_up_no_pupils_and_is_told(tmp_path: Path, query: Query) -> None:
    """The classes of a grade are missing then, and the clerk is told."""

    def change(book: Book) -> None:
        sheet = book["教基2107"]
        sheet.rows = [[cell if cell != "初中合计" else "合计" for cell in row] for row in sheet.rows]

    outcome = read_one(tmp_path, "2021", "enrolment", change)
    assert (outcome.rows_loaded, outcome.rows_rejected) == (9, 0)
    rows = loaded_rows(query, outcome)
    assert [row["classes"] for row in rows] == [None, None, None, 2, 2, 2, 2, 2, 3]
    assert rejected(query) == [("form_label", "总计 合计")]
    assert query("select * from ops.rejected_key") == []


def unit_beside(unit: str) -> Change:
    """The column 计量单位 of the row says it."""

    def change(book: Book) -> None:
        set_cell(book, "教基5176", 14, "丙", unit)

    return change


def unit_in_heading(unit: str) -> Change:
    def change(book: Book) -> None:
        sheet = book["基础基522"]
        named = "教学、实习仪器设备资产值"
        sheet.rows = [[f"{named}（{unit}）" if c == named else c for c in row] for row in sheet.rows]

    return change


def unit_above(unit: str) -> Change:
    """The line under the title says it for the sheet."""

    def change(book: Book) -> None:
        sheet = book["基础基522"]
        sheet.rows = [
            [c.replace("单位：人", f"单位：平方米、{unit}") if isinstance(c, str) else c for c in row]
            for row in sheet.rows
        ]

    return change


UNITS = {"beside": ("2021", unit_beside), "heading": ("2020", unit_in_heading), "above": ("2020", unit_above)}


@pytest.mark.parametrize("unit", ["元", "千元", "亿元", "万元"])
@pytest.mark.parametrize("place", UNITS)
def test_equipment_in_another_unit_is_refused(tmp_path: Path, query: Query, place: str, unit: str) -> None:
    generation, change = UNITS[place]
    outcome = read_one(tmp_path, generation, "facilities", change(unit))
    if unit == "万元":
        (row,) = loaded_rows(query, outcome)
        assert row["teaching_equipment_yuan"] == 2103500
    else:
        assert (outcome.status, rejected(query)) == ("refused", [("form_unit", unit)])
        assert "万元" in outcome.problems[1].message_zh()


@pytest.mark.parametrize(("generation", "form"), [("2020", "基础基313"), ("2021", "教基3115")])
def test_a_five_four_school_is_refused_in_words(
    tmp_path: Path, query: Query, generation: str, form: str
) -> None:
    outcome = read_one(tmp_path, generation, "enrolment", lambda b: set_cell(b, form, 1, 8, "77"))
    assert rejected(query) == [("five_four_system", "77")]
    rows = loaded_rows(query, outcome)
    assert {row["stage"] for row in rows} <= {"primary"}, "grade 6 is never taken for grade 7"


def test_an_empty_workbook_is_told_by_name_and_holds_up_no_other(tmp_path: Path, query: Query) -> None:
    folder = tmp_path / "2021"
    for number in range(9):
        deliver(folder, another(book_2021(), f"310000000{number}"), f"{number}.xlsx")
    for name in ("空一.xlsx", "空二.xlsx"):
        (folder / name).write_bytes(b"")
    outcome = load_file(folder, "facilities")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 9, 2)
    assert [(problem.rule, problem.sheet) for problem in outcome.problems] == []
    said = query("select source_sheet, rule, found, mend_zh from ops.rejected_row order by 1")
    assert [(row["source_sheet"], row["rule"], row["found"]) for row in said] == [
        ("空一.xlsx", "empty_file", "0 bytes"),
        ("空二.xlsx", "empty_file", "0 bytes"),
    ]
    assert "重新导出" in said[0]["mend_zh"]
    before = outcome.batch_id
    (folder / "空一.xlsx").unlink()
    assert load_file(folder, "facilities").batch_id != before, "an empty file is part of what was handed in"


def test_workbooks_that_cannot_be_copied_are_named_at_once(
    tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "2021"
    for number in range(4):
        deliver(folder, another(book_2021(), f"310000000{number}"), f"{number}.xlsx")
    monkeypatch.setattr("ingest.spool.os.access", lambda path, mode: path.name not in ("1.xlsx", "3.xlsx"))
    outcome = load_file(folder, "facilities")
    assert (outcome.status, [problem.rule for problem in outcome.problems]) == (
        "refused",
        ["unreadable_file"],
    )
    assert "1.xlsx、3.xlsx" in outcome.problems[0].message_zh()
    monkeypatch.undo()
    assert load_file(folder, "facilities").status == "loaded"


def kindergarten(code: str) -> Book:
    forms = ("基础基111", "基础基112", "基础基331")
    young = {name: sheet for name, sheet in another(book_2020(), code).items() if name in forms}
    young["基础基111"].rows[14] = [14.0, "代码", "", "111", "999"]
    return young


def test_a_folder_of_kindergartens_is_a_register_and_nothing_of_the_other_records(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    folder = tmp_path / "statistics" / "2020"
    for number in range(2):
        deliver(folder, kindergarten(f"110000000{number}"), f"幼儿园{number}.xlsx")
    others = ("enrolment", "staffing", "facilities", "class_size_band", "school_basics", "pupil_change")
    for record in others:
        assert pending_files(record) == [folder]
        outcome = load_file(folder, record)
        assert (outcome.status, outcome.problems, outcome.batch_id) == ("nothing", (), None)
        assert pending_files(record) == [], "it is not opened again the next night"
    assert query("select * from ops.refused_file") == []
    assert [load["record"] for load in hand_in(folder).loads] == ["school"]
    assert hand_in(folder, "enrolment").reasons == ()
    deliver(folder, another(book_2020(), "3100000001"), "学校.xlsx")
    assert load_file(folder, "enrolment").rows_loaded == 9


@pytest.mark.parametrize("name", ["another kind", "broken"])
def test_a_folder_that_may_hold_a_school_is_still_refused(tmp_path: Path, warehouse: str, name: str) -> None:
    folder = deliver(tmp_path / "2020", kindergarten("1100000001"))
    if name == "broken":
        (folder / "坏.xlsx").write_bytes(b"")
    else:
        deliver(folder, kindergarten("2100000001"), "小学.xlsx")
    outcome = load_file(folder, "enrolment")
    assert (outcome.status, outcome.problems[0].rule) == ("refused", "no_forms")


def without_kind(book: Book) -> None:
    """The trainings at a distance are left out: each row adds up, the kinds do not."""
    sheet = book["基础基442"]
    named = next(row for row in sheet.rows if "远程培训" in row)
    (row,) = [row for row in sheet.rows if row[1:3] == ["远程培训", "9"]]
    row[4:] = [""] * (len(named) - 4)


BOTH = ("primary", "junior_secondary")
# What is wrong with form 442: the rule, words of the message, and the stages of which it leaves nothing.
TRAINING = {
    "levels": (lambda b: set_cell(b, "基础基442", 6, 12, "30"), "form_total", "列 4 等于各项之和", BOTH[:1]),
    "abroad": (
        lambda b: set_cell(b, "基础基442", 11, 17, "31"),
        "form_total",
        "列 3 等于各项之和",
        BOTH[1:],
    ),
    "kinds": (without_kind, "form_total", "“小学”列 2 等于各项之和", BOTH[:1]),
    "women": (
        lambda b: set_cell(b, "基础基442", 7, 1, "30"),
        "form_part",
        "“女”列 1 不大于“小学”的 29",
        BOTH[:1],
    ),
    "kindergarten": (
        lambda b: [set_cell(b, "基础基442", 1, 2, "5"), set_cell(b, "基础基442", 1, 4, "4")],
        "form_total",
        "列 2 等于各项之和：4 = 4",
        (),
    ),
    "senior": (
        lambda b: [set_cell(b, "基础基442", 16, 1, "5"), set_cell(b, "基础基442", 17, 1, "6")],
        "form_part",
        "“女”列 1 不大于“高中”的 5",
        (),
    ),
    "days": (
        lambda b: [
            row.__setitem__(n, "培训时间（天）")
            for row in b["基础基442"].rows
            for n, cell in enumerate(row)
            if cell == "培训时间（学时）"
        ],
        "form_label",
        "列 3 的表头",
        BOTH,
    ),
    "a row": (lambda b: set_cell(b, "基础基442", 9, "乙", ""), "form_row_missing", "编号 9", BOTH),
    "unit": (lambda b: set_cell(b, "基础基442", 6, 1, "29人"), "not_an_integer", "为整数", BOTH[:1]),
    "words": (lambda b: set_cell(b, "基础基442", 6, 1, "二十九"), "not_an_integer", "为整数", BOTH[:1]),
    "half": (lambda b: set_cell(b, "基础基442", 11, 1, "29.5"), "not_an_integer", "为整数", BOTH[1:]),
}
TOLD_OF_TRAINING = {
    stage: (teachers, (made := MADE_TRAINING[stage]).teachers, made.person_times, made.hours)
    for stage, teachers in zip(BOTH, (30, 24), strict=True)
}


def training_told(query: Query, outcome: LoadOutcome) -> dict[str, tuple[object, ...]]:
    fields = ("full_time_teachers", "training_teachers", "training_person_times", "training_hours")
    return {row["stage"]: tuple(row[field] for field in fields) for row in loaded_rows(query, outcome)}


@pytest.mark.parametrize("name", TRAINING)
def test_training_that_does_not_add_up_is_missing_and_told_and_holds_no_teachers_up(
    tmp_path: Path, query: Query, name: str
) -> None:
    change, rule, words, silent = TRAINING[name]
    outcome = read_one(tmp_path, "2020", "staffing", change)
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 2, 0)
    assert training_told(query, outcome) == {
        stage: (told[0], None, None, None) if stage in silent else told
        for stage, told in TOLD_OF_TRAINING.items()
    }
    (fault,) = query("select rule, source_sheet, expected_zh, expected_en, mend_zh from ops.rejected_row")
    assert fault["rule"] == rule
    assert fault["source_sheet"] in ("学校A.xlsx", "学校A.xlsx 基础基442")
    assert words in fault["expected_zh"]
    assert all(fault.values())
    assert query("select 1 from ops.rejected_key") == [], "no row of the school is set aside"


def test_minus_one_of_the_training_form_is_not_filled(tmp_path: Path, query: Query) -> None:
    outcome = read_one(
        tmp_path, "2020", "staffing", lambda b: [set_cell(b, "基础基442", 6, n, "-1") for n in (1, 2, 3)]
    )
    assert training_told(query, outcome) == {**TOLD_OF_TRAINING, "primary": (30, None, None, None)}
    assert rejected(query) == []


def test_a_slip_in_two_blocks_is_told_of_both(tmp_path: Path, query: Query) -> None:
    outcome = read_one(
        tmp_path,
        "2020",
        "staffing",
        lambda b: [set_cell(b, "基础基442", n, c, "999") for n, c in ((6, 12), (11, 17))],
    )
    assert [told[1:] for told in training_told(query, outcome).values()] == [(None,) * 3] * 2
    said = {row["expected_en"] for row in query("select expected_en from ops.rejected_row")}
    assert {text[: text.index(":")] for text in said} == {
        "column 4 in row 13 of 基础基442 to be the sum of its parts",
        "column 3 in row 18 of 基础基442 to be the sum of its parts",
    }


def test_a_slip_in_any_form_that_only_completes_a_row_leaves_its_figures_missing(
    tmp_path: Path, query: Query
) -> None:
    """Books and computers; of a form that the row needs the row is set aside as before."""
    outcome = read_one(tmp_path, "2020", "facilities", lambda b: set_cell(b, "基础基531", 1, 1, "一万册"))
    (row,) = loaded_rows(query, outcome)
    assert (row["books"], row["computers"]) == (None, None)
    assert row["teaching_auxiliary_area_m2"] is not None
    ((rule, found),) = rejected(query)
    assert (rule, found) == ("not_an_integer", "一万册")
    outcome = read_one(
        tmp_path / "needed", "2020", "facilities", lambda b: set_cell(b, "基础基512", 4, 1, "一千平")
    )
    assert (outcome.status, outcome.rows_rejected) == ("refused", 1)


@pytest.mark.parametrize("is_there", [True, False])
def test_training_of_which_nothing_is_told_is_missing_and_never_zero(
    tmp_path: Path, query: Query, is_there: bool
) -> None:
    def change(book: Book) -> None:
        sheet = book["基础基442"]
        if is_there:
            for row in sheet.rows[-20:]:
                row[3:] = [""] * (len(row) - 3)
        else:
            del book["基础基442"]

    outcome = read_one(tmp_path, "2020", "staffing", change)
    rows = loaded_rows(query, outcome)
    assert [(row["training_teachers"], row["training_hours"]) for row in rows] == [(None, None)] * 2
    assert [row["full_time_teachers"] for row in rows] == [24, 30]
    assert rejected(query) == []
