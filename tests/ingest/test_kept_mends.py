"""Mended school workbooks when their folder is read again: they stay unless the school's own has changed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import load_workbook
from rich.console import Console
from typer.testing import CliRunner

from ingest import database, exit_codes, night
from ingest.accept import accept_batches
from ingest.cli import app
from ingest.hand_back.kept_mends import keep_mends, told
from ingest.hand_back.replay import replay_file
from ingest.hand_back.replay_print import replay
from ingest.hand_back.returned import HandedBack
from ingest.hand_back.returned_marks import SHEET
from ingest.hand_in import hand_in
from ingest.ledger_report import print_mends_replaced
from ingest.load import load_file
from tests.ingest.conftest import Put, Query, csv_bytes
from tests.ingest.made_workbooks import Book, write_book
from tests.ingest.test_hands_back import (
    BAD_CELL,
    BAD_FORM,
    handed_back,
    mended_school,
    refused,
    school,
    schools_of,
)
from tests.ingest.test_school_workbooks import deliver, set_cell

COUNTS = """
    select distinct rows_read - rows_skipped as told, rows_loaded, rows_rejected,
        (select count(*) from raw.enrolment r where r.batch_id = b.batch_id) as loaded,
        (select count(*) from ops.rejected_key k where k.batch_id = b.batch_id) as aside
    from ops.load_batch b inner join ops.current_batch c using (batch_id) where c.record = 'enrolment'
"""
ORIGINS = """
    select distinct origin.file_name from raw.enrolment r
    join ops.current_batch c using (batch_id, partition_key)
    join ops.load_batch origin on ops.origin_batch(r.batch_id, r.source_block) = origin.batch_id
    where c.record = 'enrolment' and school_code = '3100000003'
"""


FACILITY_FILES = ORIGINS.replace("enrolment", "facilities").replace("3100000003", "31000000011")


@pytest.fixture
def folder(tmp_path: Path, query: Query) -> Path:
    """Workbooks of six schools: of 3 and 5 a form does not add up, of 3 a cell is no number."""
    place = tmp_path / "2020"
    for number in range(6):
        book = school(number)
        if number in (3, 5):
            set_cell(book, *BAD_FORM, "9999")
        if number == 3:
            set_cell(book, *BAD_CELL, "约二百万")
        deliver(place, book, f"学校{number}.xlsx")
    return place


def read(folder: Path, record: str) -> list[str]:
    """Read the folder and make it current; what was said of the mends, in Chinese."""
    outcome = load_file(folder, record)
    assert (outcome.status, outcome.batch_id is None) == ("loaded", False), outcome
    assert keep_mends(record, [outcome.batch_id]) == {}
    assert accept_batches(record).accepted == (outcome.batch_id,)
    return [zh for zh, _ in told([outcome.batch_id])]


def came_back(folder: Path, tmp_path: Path, record: str) -> dict[int, Path]:
    """Read the folder; the workbooks of schools 3 and 5 as they came back, of which 3 was replayed."""
    read(folder, record)
    done = {one.source: one for one in handed_back(tmp_path, record=record)}
    mended = {
        number: mended_school(done[f"学校{number}.xlsx"], tmp_path / f"改{number}.xlsx", number)
        for number in (3, 5)
        if f"学校{number}.xlsx" in done
    }
    assert {one.status for one in replay_file(mended[3])} == {"taken"}
    return mended


def whole(query: Query) -> set[str]:
    """Schools of which every row of enrolment counts."""
    return {code[-1] for code, (rows, _) in schools_of(query, "enrolment").items() if rows == 9}


def test_a_workbook_more_does_not_undo_what_was_mended(folder: Path, query: Query, tmp_path: Path) -> None:
    mended = came_back(folder, tmp_path, "enrolment")
    deliver(folder, school(6), "学校6.xlsx")
    outcome = hand_in(folder, "enrolment")
    assert outcome.reasons == ()
    assert [zh for zh, _ in outcome.notes] == ["学校3.xlsx：沿用此前交回的改正件 改3.xlsx"]
    assert whole(query) == set("012346")
    assert schools_of(query, "enrolment")["3100000003"] == (9, {"改3.xlsx"})
    assert query(COUNTS) == [{"told": 63, "rows_loaded": 60, "rows_rejected": 3, "loaded": 60, "aside": 3}]
    assert query(ORIGINS) == [{"file_name": "改3.xlsx"}]
    # Only what is still bad goes back, and a file handed back before the folder grew is still taken.
    assert [one.source for one in handed_back(tmp_path / "again")] == ["学校5.xlsx"]
    assert {one.status for one in replay_file(mended[5])} == {"taken"}
    assert whole(query) == set("0123456")
    # A workbook under another name is the same one; and both mends stay.
    (folder / "学校3.xlsx").rename(folder / "三小.xlsx")
    deliver(folder, school(7), "学校7.xlsx")
    assert len(read(folder, "enrolment")) == 2
    assert whole(query) == set("01234567")
    assert handed_back(tmp_path / "last") == []
    # Its workbook gone, the school is no longer of the folder.
    (folder / "三小.xlsx").unlink()
    assert [zh for zh in read(folder, "enrolment") if "已没有该工作簿" in zh] != []
    assert whole(query) == set("0124567")


def test_the_workbook_of_the_school_itself_is_newer(folder: Path, query: Query, tmp_path: Path) -> None:
    came_back(folder, tmp_path, "facilities")
    book = school(3)
    set_cell(book, *BAD_CELL, "约三百万")
    deliver(folder, book, "学校3.xlsx")
    assert read(folder, "facilities") == [
        "学校3.xlsx：文件夹中的工作簿已更改，以文件夹为准；此前交回的改正件 改3.xlsx 不再使用"
    ]
    assert "3100000003" not in schools_of(query, "facilities"), "bad again: what was mended is older"
    console = Console(record=True, width=200)
    print_mends_replaced(console)
    assert "改3.xlsx 不再使用" in console.export_text()
    assert [one.source for one in handed_back(tmp_path / "again")] == ["学校3.xlsx"]


def test_a_workbook_written_anew_stays_mended_where_it_says_the_same(
    folder: Path, query: Query, tmp_path: Path
) -> None:
    mended = came_back(folder, tmp_path, "enrolment")
    for number in (3, 5):  # another figure, but none of enrolment
        book = school(number)
        set_cell(book, *BAD_FORM, "9999")
        set_cell(book, *BAD_CELL, "3000000")
        deliver(folder, book, f"学校{number}.xlsx")
    outcome = hand_in(folder, "enrolment")
    assert outcome.reasons == ()
    assert [zh for zh, _ in outcome.notes] == ["学校3.xlsx：沿用此前交回的改正件 改3.xlsx"]
    assert schools_of(query, "enrolment")["3100000003"] == (9, {"改3.xlsx"})
    assert {one.status for one in replay_file(mended[5])} == {"taken"}, "and what comes back late is taken"
    assert whole(query) == set("012345")


def test_one_stage_written_anew_does_not_undo_the_other(folder: Path, query: Query, tmp_path: Path) -> None:
    """Of 3 the older pupils are told anew, and again do not add up; the younger are as they were."""
    came_back(folder, tmp_path, "enrolment")
    book = school(3)
    set_cell(book, *BAD_FORM, "9998")
    deliver(folder, book, "学校3.xlsx")
    assert read(folder, "enrolment") == [
        "学校3.xlsx：小学沿用此前交回的改正件 改3.xlsx；其余学段文件夹中的工作簿已更改，以文件夹为准"
    ]
    assert schools_of(query, "enrolment")["3100000003"] == (6, {"改3.xlsx"})
    assert query(ASIDE, "enrolment") == [{"source_sheet": "学校3.xlsx 基础基313"}] * 3
    assert query(COUNTS) == [{"told": 54, "rows_loaded": 48, "rows_rejected": 6, "loaded": 48, "aside": 6}]
    console = Console(record=True, width=200)
    print_mends_replaced(console)
    assert "小学沿用此前交回的改正件 改3.xlsx" in console.export_text()
    # The first file saved anew comes late: it mends what the workbook was, and the older pupils are newer.
    late = load_workbook(tmp_path / "改3.xlsx")
    late.properties.title = "late"
    late.save(tmp_path / "迟3.xlsx")
    refused(replay_file(tmp_path / "迟3.xlsx"), "已有更新的文件取代它", "a newer file took its place")
    assert schools_of(query, "enrolment")["3100000003"] == (6, {"改3.xlsx"})
    # The rest comes back mended: it is the whole workbook, and takes the place of both.
    done = {one.source: one for one in handed_back(tmp_path / "again", record="enrolment")}
    assert done.keys() == {"学校3.xlsx", "学校5.xlsx"}
    rest = mended_school(done["学校3.xlsx"], tmp_path / "再改3.xlsx", 3)
    assert {one.status for one in replay_file(rest)} == {"taken"}
    assert schools_of(query, "enrolment")["3100000003"] == (9, {"再改3.xlsx"})
    assert query(ASIDE, "enrolment") == []
    # What stays is decided anew at the next reading.
    deliver(folder, school(6), "学校6.xlsx")
    assert "学校3.xlsx：沿用此前交回的改正件 再改3.xlsx" in read(folder, "enrolment")
    assert whole(query) == set("012346")


def test_what_stayed_of_one_stage_outlives_the_mending_of_the_other(
    folder: Path, query: Query, tmp_path: Path
) -> None:
    """Of 3 the younger pupils were bad and came back mended; in the workbook of the folder they still are."""
    spoilt = ("基础基312", 1, 4)
    book = school(3)
    set_cell(book, *spoilt, "9999")
    set_cell(book, *BAD_FORM, "9999")
    deliver(folder, book, "学校3.xlsx")
    for number in range(7, 12):  # so many that what is set aside is no reason to refuse them all
        deliver(folder, school(number), f"学校{number}.xlsx")
    read(folder, "enrolment")
    assert "3100000003" not in schools_of(query, "enrolment")
    done = {one.source: one for one in handed_back(tmp_path, record="enrolment")}
    write_book(tmp_path / "改3.xlsx", school(3))
    first = stamped(done["学校3.xlsx"], tmp_path / "改3.xlsx")
    assert {one.status for one in replay_file(first)} == {"taken"}
    set_cell(book, *BAD_FORM, "9998")
    deliver(folder, book, "学校3.xlsx")
    (note,) = read(folder, "enrolment")
    assert note.startswith("学校3.xlsx：小学沿用")
    assert schools_of(query, "enrolment")["3100000003"] == (6, {"改3.xlsx"})
    done = {one.source: one for one in handed_back(tmp_path / "again", record="enrolment")}
    rest = mended_school(done["学校3.xlsx"], tmp_path / "再改3.xlsx", 3)
    assert [(one.status, one.rows_left) for one in replay_file(rest)] == [("taken", 3)]  # those of 5
    both = (9, {"改3.xlsx", "再改3.xlsx"})
    assert schools_of(query, "enrolment")["3100000003"] == both
    assert query(ASIDE, "enrolment") == []
    # And so they do when the folder is read again.
    deliver(folder, school(6), "学校6.xlsx")
    said = read(folder, "enrolment")
    assert {zh.partition("；")[0] for zh in said} == {
        "学校3.xlsx：小学沿用此前交回的改正件 改3.xlsx",
        "学校3.xlsx：初中沿用此前交回的改正件 再改3.xlsx",
    }
    assert schools_of(query, "enrolment")["3100000003"] == both
    assert query(ASIDE, "enrolment") == []


def stamped(done: HandedBack, good: Path) -> Path:
    """A whole good workbook as it comes back: with the sheet that tells what it mends."""
    ours, book = load_workbook(done.path)[SHEET], load_workbook(good)
    sheet = book.create_sheet(SHEET)
    for row in ours.iter_rows(values_only=True):
        sheet.append(row)
    book.save(good)
    return good


def test_a_stage_that_stayed_is_told_again_until_the_workbook_is_as_it_was(
    folder: Path, query: Query, tmp_path: Path
) -> None:
    came_back(folder, tmp_path, "enrolment")
    as_it_was = (folder / "学校3.xlsx").read_bytes()
    deliver(folder, school(3), "学校3.xlsx")
    (said,) = read(folder, "enrolment")
    assert said.startswith("学校3.xlsx：小学沿用")
    assert schools_of(query, "enrolment")["3100000003"] == (9, {"改3.xlsx", "学校3.xlsx"})
    deliver(folder, school(6), "学校6.xlsx")
    assert read(folder, "enrolment") == [said]
    assert whole(query) == set("012346")
    # The older pupils are bad again, and of them nothing is mended any more: they are set aside, not lost.
    (folder / "学校3.xlsx").write_bytes(as_it_was)
    (said,) = read(folder, "enrolment")
    assert "小学沿用此前交回的改正件 改3.xlsx；其余学段改正件未含其现有的全部数据" in said
    assert schools_of(query, "enrolment")["3100000003"] == (6, {"改3.xlsx"})
    assert len(query(ASIDE, "enrolment")) == 3
    # The workbook is what it was, so what was mended of it and comes late is taken for all of it.
    late = load_workbook(tmp_path / "改3.xlsx")
    late.properties.title = "late"
    late.save(tmp_path / "迟3.xlsx")
    assert [one.status for one in replay_file(tmp_path / "迟3.xlsx")] == ["taken"]
    assert schools_of(query, "enrolment")["3100000003"] == (9, {"迟3.xlsx"})
    assert query(ASIDE, "enrolment") == []


def test_another_workbook_of_the_school_is_newer(folder: Path, query: Query, tmp_path: Path) -> None:
    for number in range(7, 10):  # so many that what is set aside is no reason to refuse them all
        deliver(folder, school(number), f"学校{number}.xlsx")
    came_back(folder, tmp_path, "enrolment")
    deliver(folder, school(3), "学校3（新）.xlsx")
    (said,) = read(folder, "enrolment")
    assert "已有另一份工作簿" in said
    assert "改3.xlsx 不再使用" in said
    # What both tell is set aside until one of them goes; of the form that was bad there is only the new one.
    assert schools_of(query, "enrolment")["3100000003"] == (3, {"学校3（新）.xlsx"})


def test_what_came_back_after_the_folder_was_checked_is_not_lost(
    folder: Path, query: Query, tmp_path: Path
) -> None:
    mended = came_back(folder, tmp_path, "enrolment")
    deliver(folder, school(6), "学校6.xlsx")
    loaded = load_file(folder, "enrolment").batch_id
    assert loaded is not None
    keep_mends("enrolment", [loaded])
    assert {one.status for one in replay_file(mended[5])} == {"taken"}
    assert accept_batches("enrolment").accepted == (), "accepted now it would undo the second"
    assert whole(query) == set("012345")
    keep_mends("enrolment", [loaded])
    assert accept_batches("enrolment").accepted == (loaded,)
    assert whole(query) == set("0123456")


def test_a_school_mended_twice_keeps_the_second(folder: Path, query: Query, tmp_path: Path) -> None:
    read(folder, "enrolment")
    third = next(one for one in handed_back(tmp_path) if one.source == "学校3.xlsx")
    half = mended_school(third, tmp_path / "一.xlsx", 3, leave=BAD_FORM[0])
    assert [(one.status, one.rows_left) for one in replay_file(half)] == [("taken", 6)]
    deliver(folder, school(6), "学校6.xlsx")
    loaded = load_file(folder, "enrolment").batch_id
    assert loaded is not None
    keep_mends("enrolment", [loaded])
    rest = mended_school(third, tmp_path / "二.xlsx", 3)
    assert [(one.status, one.rows_left) for one in replay_file(rest)] == [("taken", 3)]
    keep_mends("enrolment", [loaded])
    assert accept_batches("enrolment").accepted == (loaded,)
    assert schools_of(query, "enrolment")["3100000003"] == (9, {"二.xlsx"})
    assert [zh for zh, _ in told([loaded])] == ["学校3.xlsx：沿用此前交回的改正件 二.xlsx"]


PRIMARY = """
    select district_code, school_year, school_code, r.stage, grade, students, female_students, classes
    from raw.enrolment r inner join ops.current_batch c using (batch_id, partition_key)
    where c.record = 'enrolment' and r.stage = 'primary'
"""
ASIDE = """
    select source_sheet from ops.rejected_key
    where batch_id in (select batch_id from ops.current_batch where record = %s)
        and school_code = '3100000003'
"""


def test_a_stage_that_another_file_took_loses_no_row(
    folder: Path, put: Put, query: Query, tmp_path: Path
) -> None:
    mended = came_back(folder, tmp_path, "enrolment")
    told_by_csv = [["" if cell is None else cell for cell in row.values()] for row in query(PRIMARY)]
    assert hand_in(put("小学.csv", csv_bytes(told_by_csv)), "enrolment").reasons == ()
    deliver(folder, school(6), "学校6.xlsx")
    outcome = hand_in(folder, "enrolment")
    assert outcome.reasons == ()
    assert [zh for zh, _ in outcome.notes] == [
        "学校3.xlsx：初中沿用此前交回的改正件 改3.xlsx；其余学段其部分数据已由另一文件提供，以文件夹为准"
    ]
    assert schools_of(query, "enrolment")["3100000003"] == (9, {"学校3.xlsx", "改3.xlsx"})
    assert query(ASIDE, "enrolment") == []
    assert [one.source for one in handed_back(tmp_path / "again")] == ["学校5.xlsx"]
    assert {one.status for one in replay_file(mended[3])} == {"known"}
    assert schools_of(query, "enrolment")["3100000003"] == (9, {"学校3.xlsx", "改3.xlsx"})


def school_of_two_districts(number: int) -> Book:
    """Schools 0 to 3 are of one district, the others of its neighbour."""
    book = school(number)
    for row in (row for sheet in book.values() for row in sheet.rows if number > 3):
        row[:] = [
            "990102" + cell[6:] if isinstance(cell, str) and cell.startswith("990101") else cell
            for cell in row
        ]
    return book


@pytest.fixture
def two_districts(tmp_path: Path, query: Query) -> Path:
    """Workbooks of four schools of each of two districts; of 3 and 5 a form does not add up."""
    place = tmp_path / "2020"
    for number in range(8):
        book = school_of_two_districts(number)
        if number in (3, 5):
            set_cell(book, *BAD_FORM, "9999")
        deliver(place, book, f"学校{number}.xlsx")
    return place


def moved(names: list[str], source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for name in names:
        shutil.move(source / name, target)


def told_anew(number: int) -> Book:
    """A school that says something new of both its stages."""
    book = school(number)
    for form in ("基础基312", "基础基313"):
        book[form].rows.append(["说明", "已核对"])
    return book


NEIGHBOUR = [f"学校{number}.xlsx" for number in range(4, 8)]


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_mend_that_two_batches_hold_is_decided_once(
    two_districts: Path, query: Query, tmp_path: Path, is_changed: bool
) -> None:
    came_back(two_districts, tmp_path, "enrolment")
    moved(NEIGHBOUR, two_districts, tmp_path / "away")
    assert hand_in(two_districts, "enrolment").reasons == ()
    assert schools_of(query, "enrolment")["3100000003"] == (9, {"改3.xlsx"})
    moved(NEIGHBOUR, tmp_path / "away", two_districts)
    deliver(two_districts, school_of_two_districts(9), "学校9.xlsx")
    if is_changed:
        deliver(two_districts, told_anew(3), "学校3.xlsx")
    outcome = hand_in(two_districts, "enrolment")
    assert (outcome.reasons, len(outcome.notes)) == ((), 1)
    told_by = "学校3.xlsx" if is_changed else "改3.xlsx"
    assert schools_of(query, "enrolment")["3100000003"] == (9, {told_by})
    assert whole(query) == set("01234679")


def test_what_a_smaller_folder_left_alone_is_still_mended(
    two_districts: Path, query: Query, tmp_path: Path
) -> None:
    assert hand_in(two_districts, "enrolment").reasons == ()
    done = {one.source: one for one in handed_back(tmp_path)}
    mended = {n: mended_school(done[f"学校{n}.xlsx"], tmp_path / f"改{n}.xlsx", n) for n in (3, 5)}
    book = load_workbook(mended[5])
    for sheet in book:  # as the school is of the neighbour
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if isinstance(cell.value, str) and cell.value.startswith("990101"):
                cell.value = "990102" + cell.value[6:]
    book.save(mended[5])
    moved(NEIGHBOUR, two_districts, tmp_path / "away")
    assert hand_in(two_districts, "enrolment").reasons == ()
    for number in (5, 3):
        assert {one.status for one in replay_file(mended[number])} == {"taken"}, number
    assert whole(query) == set("01234567")


def test_of_a_mend_that_counts_nowhere_nothing_is_said_again(
    two_districts: Path, query: Query, tmp_path: Path
) -> None:
    came_back(two_districts, tmp_path, "enrolment")
    moved(NEIGHBOUR, two_districts, tmp_path / "away")
    as_it_was = (two_districts / "学校3.xlsx").read_bytes()
    deliver(two_districts, told_anew(3), "学校3.xlsx")
    ((said, _),) = hand_in(two_districts, "enrolment").notes
    assert "改3.xlsx 不再使用" in said
    # What counts for the neighbour holds the mend still, but none of its rows counts.
    (two_districts / "学校3.xlsx").write_bytes(as_it_was)
    deliver(two_districts, school(9), "学校9.xlsx")
    assert hand_in(two_districts, "enrolment").notes == ()
    assert schools_of(query, "enrolment")["3100000003"] == (6, {"学校3.xlsx"})


@pytest.fixture
def large_folder(folder: Path) -> Path:
    """So many schools more that what is set aside is no reason to refuse them all."""
    for number in range(7, 17):
        deliver(folder, school(number), f"学校{number}.xlsx")
    return folder


def test_another_workbook_of_which_every_row_is_a_twin_is_newer(
    large_folder: Path, query: Query, tmp_path: Path
) -> None:
    came_back(large_folder, tmp_path, "facilities")
    deliver(large_folder, school(3), "学校3（新）.xlsx")
    (said,) = read(large_folder, "facilities")
    assert "已有另一份工作簿" in said
    assert "3100000003" not in schools_of(query, "facilities")
    assert {row["source_sheet"].split()[0] for row in query(ASIDE, "facilities")} == {
        "学校3.xlsx",
        "学校3（新）.xlsx",
    }, "which of the two is right is for the clerk to say"


def test_a_new_workbook_under_the_old_name_is_newer(large_folder: Path, query: Query, tmp_path: Path) -> None:
    came_back(large_folder, tmp_path, "facilities")
    (large_folder / "学校3.xlsx").rename(large_folder / "学校3旧.xlsx")
    deliver(large_folder, school(3), "学校3.xlsx")
    (said,) = read(large_folder, "facilities")
    assert said.startswith("学校3旧.xlsx：该校已有另一份工作簿")
    assert "3100000003" not in schools_of(query, "facilities")


def test_a_folder_read_before_its_workbooks_were_known_is_left_as_it_tells(
    folder: Path, query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came_back(folder, tmp_path, "enrolment")
    with database.connect() as connection:
        connection.execute("delete from ops.batch_member")
    # The same workbooks by a later profile would undo the mends: that is refused.
    monkeypatch.setattr("ingest.load.batch_id_of", lambda *given: UUID(int=7))
    outcome = hand_in(folder, "enrolment")
    assert ["改3.xlsx" in zh and "抹去" in zh for zh, _ in outcome.reasons] == [True]
    assert (outcome.notes, schools_of(query, "enrolment")["3100000003"]) == ((), (9, {"改3.xlsx"}))
    monkeypatch.undo()
    deliver(folder, school(6), "学校6.xlsx")
    outcome = hand_in(folder, "enrolment")
    assert [zh for zh, _ in outcome.notes] == [
        "学校3.xlsx：上次读入时未记录其内容，无从判断是否已更改，以文件夹为准；"
        "此前交回的改正件 改3.xlsx 不再使用"
    ]
    assert schools_of(query, "enrolment")["3100000003"] == (6, {"学校3.xlsx"})
    assert "学校3.xlsx" in [one.source for one in handed_back(tmp_path / "again", record="enrolment")]


@pytest.fixture
def mended_rooms(query: Query, tmp_path: Path) -> Path:
    """Workbooks of ten schools; the rooms of 3 and 5 could not be read and came back mended."""
    place = tmp_path / "2020"
    for number in range(10):
        deliver_rooms(place, number, is_bad=number in (3, 5))
    assert hand_in(place, "facilities").reasons == ()
    for one in handed_back(tmp_path, record="facilities"):
        number = int(one.source[2])
        mended = mended_school(one, tmp_path / f"改{number}.xlsx", number)
        assert {one.status for one in replay_file(mended)} == {"taken"}
    return place


def deliver_rooms(place: Path, number: int, *, is_bad: bool) -> None:
    book = school(number)
    if is_bad:
        set_cell(book, *BAD_CELL, "约二百万")
    deliver(place, book, f"学校{number}.xlsx")


def test_a_workbook_of_another_name_stays_mended_where_it_says_the_same(
    mended_rooms: Path, query: Query, tmp_path: Path
) -> None:
    """3 and 5 swap their names; then 3 is written anew under a third."""
    (mended_rooms / "学校3.xlsx").rename(tmp_path / "x")
    (mended_rooms / "学校5.xlsx").rename(mended_rooms / "学校3.xlsx")
    (tmp_path / "x").rename(mended_rooms / "学校5.xlsx")
    deliver_rooms(mended_rooms, 11, is_bad=False)
    outcome = hand_in(mended_rooms, "facilities")
    assert outcome.reasons == ()
    assert [zh for zh, _ in outcome.notes] == [
        "学校3.xlsx：沿用此前交回的改正件 改5.xlsx",
        "学校5.xlsx：沿用此前交回的改正件 改3.xlsx",
    ]
    assert len(schools_of(query, "facilities")) == 11
    (mended_rooms / "学校5.xlsx").unlink()
    book = school(3)
    set_cell(book, *BAD_CELL, "约二百万")
    set_cell(book, *BAD_FORM, "9999")  # nothing of rooms
    deliver(mended_rooms, book, "三小.xlsx")
    outcome = hand_in(mended_rooms, "facilities")
    assert [zh for zh, _ in outcome.notes] == [
        "三小.xlsx：沿用此前交回的改正件 改3.xlsx",
        "学校3.xlsx：沿用此前交回的改正件 改5.xlsx",
    ]
    assert len(schools_of(query, "facilities")) == 11
    # What came back for it before is known still.
    assert [one.status for one in replay_file(tmp_path / "改3.xlsx")] == ["known"]


def test_a_folder_is_judged_by_what_is_still_bad(mended_rooms: Path, query: Query, tmp_path: Path) -> None:
    deliver_rooms(mended_rooms, 11, is_bad=True)
    assert hand_in(mended_rooms, "facilities").reasons == (), "what is mended is no reason to refuse it"
    assert len(schools_of(query, "facilities")) == 10
    (again,) = handed_back(tmp_path / "again", record="facilities")
    assert again.source == "学校11.xlsx"
    # Of what nobody has mended so many are too many.
    for number in (6, 7):
        deliver_rooms(mended_rooms, number, is_bad=True)
    ((zh, en),) = hand_in(mended_rooms, "facilities").reasons
    assert "现为“3 / 11 = 27.3%”" in zh
    assert "no more than 20% of the rows with problems" in en
    assert len(schools_of(query, "facilities")) == 10, "what counted before counts"
    assert night.check("facilities", "night")["batches_checked"] == 0, "nothing has changed since"
    # Once another of them came back mended the folder is judged again: nobody hands it in anew.
    mended = mended_school(again, tmp_path / "改11.xlsx", 11)
    assert {one.status for one in replay_file(mended)} == {"taken"}
    checked = night.check("facilities", "night")
    assert (checked["batches_checked"], checked["refused"]) == (1, {})
    assert night.accept("facilities", checked)["batches_accepted"] == 1
    assert schools_of(query, "facilities").keys() == {f"310000000{n}" for n in (0, 1, 2, 3, 4, 5, 8, 9, 11)}
    assert query(f"select 1 from ({FACILITY_FILES}) as told where file_name = '改11.xlsx'") != []


def test_a_mend_that_is_withdrawn_takes_all_with_it_and_that_is_told(
    mended_rooms: Path, query: Query, tmp_path: Path
) -> None:
    """What came back mended is one batch with its folder: nobody learns of that only from the figures."""
    asked = ["batch", "withdraw", "改5.xlsx", "--by", "李明", "--reason", "交错了学校"]
    told = CliRunner().invoke(app, asked, input="n\n").output
    assert "撤回它即撤回“2020”的全部（10 行、10 所学校），交回的改正件（改3.xlsx、改5.xlsx）" in told
    assert "(10 rows of 10 schools)" in told
    assert len(schools_of(query, "facilities")) == 10, "nobody said yes"
    assert CliRunner().invoke(app, asked, input="y\n").exit_code == exit_codes.DONE
    assert schools_of(query, "facilities") == {}
    why = "李明 于 \\d{4}-\\d\\d-\\d\\d 撤回（交错了学校）"
    for number in (3, 5):
        console = Console(record=True, width=400)
        assert replay(console, [tmp_path / f"改{number}.xlsx"]) == exit_codes.REFUSED
        assert re.search(why, console.export_text())
    # The folder read again says that they are gone, and says it once.
    deliver_rooms(mended_rooms, 11, is_bad=False)
    gone = "收有其改正件的批次已撤回，以文件夹为准；此前交回的改正件"
    outcome = hand_in(mended_rooms, "facilities")
    assert [zh for zh, _ in outcome.notes] == [
        f"学校{number}.xlsx：{gone} 改{number}.xlsx 不再使用" for number in (3, 5)
    ]
    assert len(schools_of(query, "facilities")) == 9
    deliver_rooms(mended_rooms, 12, is_bad=False)
    assert hand_in(mended_rooms, "facilities").notes == ()


def test_what_does_not_stay_mended_is_bad_again(mended_rooms: Path, query: Query) -> None:
    for number in (3, 5):  # of each of the two there are two workbooks now, and which is right nobody knows
        deliver(mended_rooms, school(number), f"学校{number}（新）.xlsx")
    outcome = hand_in(mended_rooms, "facilities")
    assert [zh.count("已有另一份工作簿") for zh, _ in outcome.notes] == [1, 1]
    ((zh, _),) = outcome.reasons
    assert "现为“4 / 12 = 33.3%”" in zh
    assert len(schools_of(query, "facilities")) == 10, "what counted before counts"


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_a_newer_folder_is_not_undone_by_one_judged_again(
    mended_rooms: Path, query: Query, tmp_path: Path, is_elsewhere: bool
) -> None:
    deliver_rooms(mended_rooms, 11, is_bad=True)
    assert hand_in(mended_rooms, "facilities").reasons == ()
    (again,) = handed_back(tmp_path / "again", record="facilities")
    for number in (6, 7):
        deliver_rooms(mended_rooms, number, is_bad=True)
    assert len(hand_in(mended_rooms, "facilities").reasons) == 1
    newer = mended_rooms
    if is_elsewhere:
        newer = shutil.copytree(mended_rooms, tmp_path / "later" / "2020")
        deliver_rooms(newer, 8, is_bad=True)
    for number in (6, 7):
        deliver_rooms(newer, number, is_bad=False)
    assert hand_in(newer, "facilities").reasons == ()
    mended = mended_school(again, tmp_path / "改11.xlsx", 11)
    assert {one.status for one in replay_file(mended)} == {"taken"}
    assert night.check("facilities", "night")["batches_checked"] == 0
    assert len(schools_of(query, "facilities")) == (10 if is_elsewhere else 11)


def test_a_mend_that_lacks_a_row_of_its_workbook_is_not_kept(
    folder: Path, query: Query, tmp_path: Path
) -> None:
    came_back(folder, tmp_path, "enrolment")
    with database.connect() as connection:  # as though it was read by a profile that knew fewer forms
        gone = connection.execute(
            "delete from raw.enrolment where school_code = '3100000003' and source_sheet = '改3.xlsx' "
            "and (stage, grade) in (select stage, grade from raw.enrolment "
            "where school_code = '3100000003' and source_sheet = '学校3.xlsx' order by stage, grade limit 1)"
        )
        assert gone.rowcount == 1
    deliver(folder, school(6), "学校6.xlsx")
    outcome = hand_in(folder, "enrolment")
    assert [zh for zh, _ in outcome.notes] == [
        "学校3.xlsx：改正件未含其现有的全部数据，以文件夹为准；此前交回的改正件 改3.xlsx 不再使用"
    ]
    assert schools_of(query, "enrolment")["3100000003"] == (6, {"学校3.xlsx"})


def test_a_folder_that_cannot_take_its_mends_stops_no_other(
    folder: Path, query: Query, tmp_path: Path
) -> None:
    came_back(folder, tmp_path, "enrolment")
    deliver(folder, school(6), "学校6.xlsx")
    loaded = load_file(folder, "enrolment").batch_id
    assert loaded is not None
    no_more = "alter table ops.kept_mend {} constraint no_more"
    with database.connect() as connection:
        connection.execute(no_more.format("add") + " check (outcome <> 'kept')")
    try:
        refused = keep_mends("enrolment", [loaded])
    finally:
        with database.connect() as connection:
            connection.execute(no_more.format("drop"))
    assert list(refused) == [loaded]
    assert "（no_more）" in refused[loaded][0]
    assert (
        query("select 1 from raw.enrolment where batch_id = %s and source_sheet = '改3.xlsx'", loaded) == []
    )
