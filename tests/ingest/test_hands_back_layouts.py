"""What goes back of layouts that are no plain table: merged cells, old workbooks, pupils, damaged files."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import Workbook, load_workbook

from ingest.hand_back import return_process
from ingest.hand_back.rejections import files_to_mend
from ingest.hand_back.replay import replay_file
from ingest.hand_back.returned import hand_back, private_folder
from ingest.hand_back.returned_marks import BATCH, REASON
from ingest.hand_in import hand_in
from ingest.problems import RefusedFileError
from ingest.sample.layout import Sheet, write_book
from ingest.sample.layout_pupils import EXPORT_NOTES, pupil_export_lines
from ingest.sample.xls import xls_bytes
from ingest.spool import take_snapshot
from tests.ingest.conftest import HEADERS, Query, good_rows, write_xlsx
from tests.ingest.made_workbooks import book_2020
from tests.ingest.test_hands_back import (
    CURRENT,
    accepted,
    bad_rows,
    handed_back,
    mend_xlsx,
    refused,
    taken,
)
from tests.ingest.test_ledger_layouts import broken
from tests.ingest.test_pupil_rosters import EXPORT, classes
from tests.ingest.test_school_workbooks import another, deliver


def test_an_old_workbook_goes_back_as_a_new_one_with_the_same_cells(query: Query, tmp_path: Path) -> None:
    path = tmp_path / "在校生.xls"
    path.write_bytes(xls_bytes([("表1", [HEADERS, *bad_rows()], [])]))
    original = accepted(path)
    (done,) = handed_back(tmp_path)
    assert (done.path.suffix, done.keeps_look) == (".xlsx", False)
    sheet = load_workbook(done.path)["表1"]
    cells = [cell.value for cell in sheet[2]]
    assert cells[:9] == ["990101", 2023, "S0002", "小学", "1", "许多", 42, 3, str(original)]

    def mend(book: Workbook) -> None:
        book["表1"]["F2"], book["表1"]["F3"], book["表1"]["H3"] = 102, 104, 3

    assert taken(replay_file(mend_xlsx(done.path, tmp_path / "改好.xlsx", mend))).rows_left == 0
    now = {row["school_code"]: (row["students"], row["file_name"]) for row in query(CURRENT)}
    assert (now["S0002"], now["S0003"]) == ((102, "改好.xlsx"), (103, "在校生.xls"))


def cluster_lines() -> list[dict[str, Any]]:
    """Two groups of six schools; of the third member of each the day of joining cannot be read once."""
    return [
        {
            "类别": "学区",
            "学区(集团)编号": f"D{group}",
            "学区(集团)名称": f"第{group}学区",
            "学校标识码": f"219900000{group}{number}",
            "成员学校(含牵头学校)": f"示例{group}{number}小学",
            "加入时间": "不详" if (group, number) == (2, 3) else "2020-09-01",
        }
        for group in (1, 2)
        for number in range(1, 7)
    ]


def test_a_row_keeps_what_a_merged_cell_said_of_it(query: Query, tmp_path: Path) -> None:
    merged = ("类别", "学区(集团)编号", "学区(集团)名称")
    sheet = Sheet("名单", cluster_lines(), title="990101 学区成员名单（2022学年）", merged=merged)
    accepted(write_book(tmp_path / "学区.xlsx", [sheet]), "school_cluster")
    (done,) = handed_back(tmp_path)
    page = load_workbook(done.path)["名单"]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert (rows[1][-3], rows[1][-1], len(rows)) == (BATCH, REASON, 3)
    assert rows[2][:3] == ["学区", "D2", "第2学区"]
    joined = rows[1].index("加入时间")

    def mend(book: Workbook) -> None:
        book["名单"].cell(3, joined + 1).value = "2021-09-01"

    assert taken(replay_file(mend_xlsx(done.path, tmp_path / "改好.xlsx", mend))).rows_left == 0
    counted = query(
        "select cluster_code, count(*) as n from raw.school_cluster r join ops.current_batch c "
        "using (batch_id, partition_key) where c.record = 'school_cluster' group by 1 order by 1"
    )
    assert [tuple(row.values()) for row in counted] == [("D1", 6), ("D2", 6)]


def test_a_roster_of_pupils_goes_back_whole(query: Query, tmp_path: Path) -> None:
    lines = list(pupil_export_lines(classes()))
    lines[0]["是否住宿"] = "也许"
    accepted(write_book(tmp_path / EXPORT, [Sheet("学生", lines, notes=EXPORT_NOTES)]), "class_roster")
    (done,) = handed_back(tmp_path)
    assert done.is_whole
    page = load_workbook(done.path)["学生"]
    assert page.max_row > len(lines)
    assert REASON in [cell.value for cell in page[1]]
    assert BATCH not in [cell.value for cell in page[1]]
    refused(replay_file(done.path), "退回文件", "a file that was handed back")


def test_a_damaged_workbook_is_told_and_does_not_hold_up_the_others(query: Query, tmp_path: Path) -> None:
    folder = tmp_path / "2020"
    for number in range(6):
        deliver(folder, another(book_2020(number), f"310000000{number}"), f"学校{number}.xlsx")
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    assert hand_in(folder, "school").reasons == ()
    (done,) = handed_back(tmp_path)
    assert done.problem is not None
    assert done.problem.rule == "damaged_workbook"
    assert "坏.xlsx" in done.problem.message_zh()


def slip_three(sheets: list[Sheet]) -> None:
    """Of one teacher neither the first day at school nor that of a move can be read; of another the hours."""
    moved = next(line for line in sheets[0].lines if line["交流轮岗/方式"])
    moved["到本校时间"] = moved["交流轮岗/开始时间"] = "读不出"
    sheets[-1].lines[5]["2021年学时"] = "读不出"


def test_a_row_that_failed_for_several_records_comes_in_for_each(
    query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = hand_in(broken(tmp_path, monkeypatch, "teacher", slip_three))
    assert (outcome.reasons, sum(int(str(load["rows_rejected"])) for load in outcome.loads)) == ((), 3)
    (done,) = handed_back(tmp_path)
    good = load_workbook(broken(tmp_path, monkeypatch, "teacher", lambda sheets: None))

    def mend(book: Workbook) -> None:
        for sheet in book:
            headers = [cell.value for cell in sheet[3 if sheet.title.endswith("学年") else 2]]
            if BATCH not in headers:
                continue
            for row in sheet.iter_rows(min_row=3):
                place = row[headers.index(BATCH) + 1].value or ""
                if "!" in str(place):
                    for cell in row[: headers.index(BATCH)]:
                        cell.value = good[sheet.title].cell(int(place.rpartition("!")[2]), cell.column).value

    outcomes = {one.record: one for one in replay_file(mend_xlsx(done.path, tmp_path / "改好.xlsx", mend))}
    assert {record: (one.status, one.rows_left) for record, one in outcomes.items()} == {
        "teacher": ("taken", 0),
        "teacher_rotation": ("taken", 0),
        "teacher_training": ("taken", 0),
    }, [one.reasons for one in outcomes.values()]
    assert all(one.figures == () for one in outcomes.values())
    assert handed_back(tmp_path / "again") == []
    stale = query("select 1 from ops.rejected_key r join ops.current_batch c using (batch_id)")
    assert stale == []


def write_many(path: Path) -> Path:
    """A workbook of 400 schools in a sheet that begins in column B, with two bad rows under a merged cell."""
    rows = good_rows(400)
    for number, row in enumerate(rows):
        row[5:7] = 100 + number % 100, 40
    rows[7][5], rows[398][5] = "x", "许多"
    with xlsxwriter.Workbook(str(path)) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("表1")
        for number, row in enumerate([HEADERS, *rows], 2):
            sheet.write_row(number, 1, row, bold if number == 2 else None)
    return path


def test_of_a_large_workbook_only_what_failed_is_looked_at(
    query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows that go back are those that openpyxl would give, and they come in again."""
    accepted(write_many(tmp_path / "a.xlsx"))
    assert query("select source_column from ops.rejected_row") == [{"source_column": "G"}] * 2
    (edited,) = handed_back(tmp_path / "edited")
    monkeypatch.setattr(return_process, "MAX_EDITED_BYTES", 0)
    (done,) = handed_back(tmp_path / "rows")
    assert (edited.keeps_look, done.keeps_look, done.rows) == (True, False, 2)
    cells = [
        [[cell.value for cell in row] for row in load_workbook(one.path)["表1"].iter_rows()]
        for one in (edited, done)
    ]
    assert cells[0] == cells[1]

    def mend(book: Workbook) -> None:
        book["表1"]["G4"], book["表1"]["G5"] = 107, 198

    assert taken(replay_file(mend_xlsx(done.path, tmp_path / "m.xlsx", mend))).rows_left == 0
    assert query("select sum(students) as n from raw.enrolment join ops.current_batch using (batch_id)") == [
        {"n": sum(100 + number % 100 for number in range(400))}
    ]


def test_a_workbook_that_takes_too_long_to_write_is_told_and_leaves_nothing(
    query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(write_many(tmp_path / "a.xlsx"))
    (source,) = files_to_mend()
    monkeypatch.setattr(return_process, "save", lambda *_: time.sleep(60))
    monkeypatch.setenv("JUNHENG_READER_SECONDS", "2")
    with pytest.raises(RefusedFileError) as refused:
        hand_back(source, private_folder(tmp_path / "out"))
    assert refused.value.problem.rule == "too_large_to_hand_back"
    assert "junheng rejected" in refused.value.problem.message_zh()
    assert list((tmp_path / "out").iterdir()) == []


def test_no_cell_of_a_returned_workbook_is_written_outside_the_swept_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybodys, swept = tmp_path / "everybodys", tmp_path / "swept"
    for place in (everybodys, swept):
        place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(everybodys))
    rows = [[f"S{number}", "2022", "1", "2"] for number in range(9000)]
    snapshot = take_snapshot(write_xlsx(tmp_path / "a.xlsx", rows, HEADERS[:4]), swept)
    known, seen = set(swept.rglob("*")), set()
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(return_process.write_table, snapshot, tmp_path / "out.xlsx", (), whole=True)
        while not written.done():
            seen |= {*everybodys.iterdir(), *swept.rglob("*")}
            time.sleep(0.005)
        written.result()
    unfinished = seen - known
    assert unfinished != set(), "openpyxl writes each sheet to a file first"
    assert {path.parent.relative_to(tmp_path).parts[0] for path in unfinished} == {"swept"}
