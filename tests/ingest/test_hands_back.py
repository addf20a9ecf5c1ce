"""A file with bad rows is handed back filtered to them, mended, replayed: the figures stand once."""

from __future__ import annotations

import csv
import io
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter
from openpyxl import Workbook, load_workbook

from ingest.accept import accept_batches
from ingest.hand_back.rejections import files_to_mend
from ingest.hand_back.replay import Replay, replay_file
from ingest.hand_back.returned import HandedBack, hand_back, private_folder
from ingest.hand_back.returned_marks import BATCH, MISSING_CELL, PLACE, REASON, SHEET
from ingest.hand_in import hand_in
from ingest.ledger_report import rejected_problems
from ingest.load import load_file
from ingest.problems import RefusedFileError
from tests.ingest.conftest import HEADERS, Put, Query, Rows, csv_bytes, good_rows, write_xlsx
from tests.ingest.made_workbooks import Book, book_2020, write_book
from tests.ingest.test_school_workbooks import another, deliver, set_cell

STUDENTS, CLASSES, GRADE = (HEADERS.index(name) for name in ("在校生数", "班级数", "年级"))
CURRENT = """
    select school_code, grade, students, classes, origin.file_name, source_sheet, source_row, r.batch_id
    from raw.enrolment as r
    inner join ops.current_batch as c
        on c.record = 'enrolment' and c.batch_id = r.batch_id and c.partition_key = r.partition_key
    inner join ops.load_batch as origin on ops.origin_batch(r.batch_id, r.source_block) = origin.batch_id
    order by school_code, grade
"""


def bad_rows() -> Rows:
    """Ten schools; of the third the pupils cannot be read, of the fifth neither pupils nor classes."""
    rows = good_rows()
    rows[2][STUDENTS] = "许多"
    rows[4][STUDENTS], rows[4][CLASSES] = "=1+1", "二"
    return rows


def accepted(path: Path, record: str = "enrolment") -> UUID:
    """Load a file and make it current."""
    outcome = load_file(path, record)
    assert outcome.status == "loaded", outcome.problems
    accept_batches(record)
    assert outcome.batch_id is not None
    return outcome.batch_id


def handed_back(folder: Path, **wanted: str) -> list[HandedBack]:
    """Everything that there is to mend, written to a private folder."""
    place = private_folder(folder / "退回")
    return [done for source in files_to_mend(**wanted) for done in hand_back(source, place)]


def mend_csv(path: Path, target: Path, change: Callable[[list[list[str]]], object], encoding: str) -> Path:
    """The file with its rows changed, written as a spreadsheet program would."""
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding))))
    change(rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    target.write_bytes(text.getvalue().encode(encoding))
    return target


def mend_xlsx(path: Path, target: Path, change: Callable[[Workbook], object]) -> Path:
    """The workbook with cells changed by openpyxl."""
    book = load_workbook(path)
    change(book)
    book.save(target)
    return target


def taken(outcomes: list[Replay]) -> Replay:
    """The one replay, which was taken."""
    (outcome,) = outcomes
    assert outcome.status == "taken", outcome.reasons
    return outcome


def refused(outcomes: list[Replay], zh: str, en: str) -> None:
    """The one replay, refused in these words."""
    (outcome,) = outcomes
    assert outcome.status == "refused"
    assert zh in outcome.reasons[0][0]
    assert en in outcome.reasons[0][1]


def ledger(query: Query) -> list[dict[str, Any]]:
    """Everything that a replay could leave half-written."""
    tables = ("ops.load_batch", "ops.rejected_row", "ops.batch_part", "ops.mended_row", "raw.enrolment")
    return [query(f"select count(*) as n from {table}")[0] for table in tables]


def test_a_text_goes_back_in_its_encoding_and_comes_in_again(put: Put, query: Query, tmp_path: Path) -> None:
    content = csv_bytes(bad_rows(), encoding="gb18030").replace(b",", b"\t").replace(b"\n", b"\r\n")
    original = accepted(put("在校生.csv", content))
    (done,) = handed_back(tmp_path)
    assert (done.path.stat().st_mode & 0o777, done.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    text = done.path.read_bytes()
    assert text.count(b"\r\n") == 3
    rows = list(csv.reader(io.StringIO(text.decode("gb18030")), delimiter="\t"))
    assert rows[0] == [*HEADERS, BATCH, PLACE, REASON]
    assert [row[2] for row in rows[1:]] == ["S0002", "S0004"]
    assert [row[-3:-1] for row in rows[1:]] == [[str(original), "4"], [str(original), "6"]]
    assert "现为“许多”" in rows[1][-1]
    assert "found “许多”" in rows[1][-1]
    assert "H 列“班级数”" in rows[2][-1]
    assert "column F “在校生数”" in rows[2][-1]

    rows[1][STUDENTS], rows[2][STUDENTS], rows[2][CLASSES] = "102", "104", "3"
    mended = put("改好.csv", "\r\n".join("\t".join(row) for row in rows).encode("gb18030"))
    outcome = taken(replay_file(mended))
    assert (outcome.rows_before, outcome.rows_taken, outcome.rows_left) == (2, 2, 0)
    assert [(f.place, f.is_new) for f in outcome.figures] == [("2", True), ("3", True)]
    now = query(CURRENT)
    assert [row["students"] for row in now] == list(range(100, 110))
    told = {row["school_code"]: (row["file_name"], row["source_row"]) for row in now}
    assert (told["S0002"], told["S0004"]) == (("改好.csv", 2), ("改好.csv", 3))
    assert (told["S0003"], told["S0009"]) == (("在校生.csv", 5), ("在校生.csv", 11))
    assert query("select 1 from ops.rejected_key r join ops.current_batch c using (batch_id)") == []
    assert rejected_problems(None, None, 9) == []
    (replay,) = query("select * from ops.load_batch where base_batch_id is not null")
    assert (replay["base_batch_id"], replay["rows_loaded"], replay["rows_rejected"]) == (original, 10, 0)
    columns = query(
        "select distinct c.header from raw.enrolment r "
        "join ops.batch_column c using (batch_id, source_block) "
        "where r.batch_id = %s and c.field_name = 'students'",
        replay["batch_id"],
    )
    assert columns == [{"header": "在校生数"}]

    before = ledger(query)
    assert [(o.status, o.batch_id) for o in replay_file(mended)] == [("known", outcome.batch_id)]
    assert [one.status for one in replay_file(put("又.csv", mended.read_bytes()))] == ["known"]
    assert ledger(query) == before
    assert handed_back(tmp_path) == []


def write_two_row_header(path: Path, rows: Rows) -> Path:
    """A workbook with a title, a merged header of two rows, wide columns, a second sheet and a note."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("表1")
        bold = book.add_format({"bold": True, "bg_color": "#DDEEFF"})
        sheet.merge_range("A1:D1", "学校", bold)
        sheet.merge_range("E1:H1", "学生", bold)
        sheet.write_row(1, 0, HEADERS, bold)
        sheet.set_column(2, 2, 33)
        sheet.data_validation("D3:D999", {"validate": "list", "source": ["小学", "初中"]})
        for number, row in enumerate(rows, 2):
            for column, value in enumerate(row):
                write = sheet.write_string if isinstance(value, str) else sheet.write
                write(number, column, value)
        book.add_worksheet("说明").write(0, 0, "本表由学校填写")
    return path


def test_a_workbook_keeps_its_look_and_comes_in_again(query: Query, tmp_path: Path) -> None:
    original = accepted(write_two_row_header(tmp_path / "在校生.xlsx", bad_rows()))
    (done,) = handed_back(tmp_path, record="enrolment", batch="latest")
    book = load_workbook(done.path)
    assert book.sheetnames == ["表1", "说明"]
    sheet = book["表1"]
    assert sorted(str(area) for area in sheet.merged_cells.ranges) == ["A1:D1", "E1:H1"]
    assert sheet.column_dimensions["C"].width == pytest.approx(33, abs=1)
    assert sheet["C2"].font.bold
    assert str(sheet.data_validations.dataValidation[0].sqref) == "D3:D999"
    assert [cell.value for cell in sheet[2]] == [*HEADERS, BATCH, PLACE, REASON]
    assert [row[2].value for row in sheet.iter_rows(min_row=3)] == ["S0002", "S0004"]
    assert [sheet["I3"].value, sheet["J3"].value] == [str(original), "表1!5"]
    marked = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment]
    assert marked == ["F3", "F4", "H4"]
    assert {sheet[place].fill.fgColor.rgb for place in marked} == {"FFFFC7CE"}
    assert "应为" in sheet["F3"].comment.text
    assert "expected" in sheet["F3"].comment.text
    assert (sheet["F4"].value, sheet["F4"].data_type) == ("=1+1", "s"), "a text is no formula"
    assert sheet["K4"].value.count("Mend: ") == 2

    def mend(book: Workbook) -> None:
        sheet = book["表1"]
        sheet["F3"], sheet["F4"], sheet["H4"] = 102, 104, 3

    outcome = taken(replay_file(mend_xlsx(done.path, tmp_path / "改好.xlsx", mend)))
    assert (outcome.rows_taken, outcome.rows_left) == (2, 0)
    now = {row["school_code"]: row for row in query(CURRENT)}
    assert [row["students"] for row in now.values()] == list(range(100, 110))
    assert (now["S0004"]["file_name"], now["S0004"]["source_row"]) == ("改好.xlsx", 4)
    assert (now["S0005"]["file_name"], now["S0005"]["source_row"]) == ("在校生.xlsx", 8)
    assert replay_file(tmp_path / "改好.xlsx")[0].status == "known"


def mended_half(path: Path, target: Path) -> Path:
    """Only the first of the two rows is mended."""
    return mend_csv(path, target, lambda rows: rows[1].__setitem__(STUDENTS, "102"), "utf-8")


def test_what_is_still_bad_stays_set_aside_and_may_come_in_the_same_file_again(
    put: Put, query: Query, tmp_path: Path
) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    outcome = taken(replay_file(mended_half(done.path, tmp_path / "m.csv")))
    assert (outcome.rows_before, outcome.rows_taken, outcome.rows_left) == (2, 1, 1)
    assert len(outcome.reasons) == 2
    assert outcome.reasons[0][0].startswith("m.csv，第 3 行，F 列“在校生数”")
    (problem, _) = rejected_problems(None, None, 9)
    assert (problem.file_name, problem.row) == ("m.csv", 3)
    (key,) = query("select school_code from ops.rejected_key r join ops.current_batch c using (batch_id)")
    assert key == {"school_code": "S0004"}

    (again,) = handed_back(tmp_path)
    assert again.source == "m.csv"
    (row,) = list(csv.reader(io.StringIO(again.path.read_text())))[1:]
    assert row[-2] == "3"
    (tmp_path / "m.csv").unlink()
    # The clerk goes on in the first file; the row that was taken comes once more.
    whole = mend_csv(
        mended_half(done.path, tmp_path / "n.csv"),
        tmp_path / "n.csv",
        lambda rows: rows[2].__setitem__(slice(STUDENTS, CLASSES + 1), ["104", "44", "3"]),
        "utf-8",
    )
    outcome = taken(replay_file(whole))
    assert (outcome.rows_before, outcome.rows_taken, outcome.rows_left) == (1, 2, 0)
    assert [figure.key.split(" · ")[2] for figure in outcome.figures] == ["S0004"]
    now = {row["school_code"]: row for row in query(CURRENT)}
    assert [row["students"] for row in now.values()] == list(range(100, 110))
    assert {now["S0002"]["file_name"], now["S0004"]["file_name"]} == {"n.csv"}
    assert now["S0000"]["file_name"] == "a.csv"


def test_a_file_that_is_still_bad_is_refused_and_changes_nothing(
    put: Put, query: Query, tmp_path: Path
) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    before = ledger(query)
    outcomes = replay_file(done.path)
    refused(outcomes, "至少一行已改正", "at least one row that is mended")
    assert len(outcomes[0].reasons) == 4
    assert ledger(query) == before
    (written,) = query("select rule from ops.refused_file")
    assert written == {"rule": "nothing_mended"}


def test_a_duplicate_row_is_settled_by_deleting_it(put: Put, query: Query, tmp_path: Path) -> None:
    rows = good_rows(20)
    rows[3] = [*rows[2][:STUDENTS], 155, 50, 3]
    rows[7][STUDENTS] = "x"
    accepted(put("a.csv", csv_bytes(rows)))
    (done,) = handed_back(tmp_path)

    def delete(rows: list[list[str]]) -> None:
        del rows[3]  # S0007 is not handed back
        del rows[1]  # the first of the two

    outcome = taken(replay_file(mend_csv(done.path, tmp_path / "m.csv", delete, "utf-8")))
    assert (outcome.rows_taken, outcome.rows_withdrawn, outcome.rows_left) == (1, 1, 1)
    now = {row["school_code"]: row["students"] for row in query(CURRENT)}
    assert (now["S0002"], "S0007" in now) == (155, False)
    assert [problem.row for problem in rejected_problems(None, None, 9)] == [9]


def test_a_mended_key_must_not_be_that_of_an_accepted_row(put: Put, query: Query, tmp_path: Path) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)

    def twin(rows: list[list[str]]) -> None:
        rows[1][STUDENTS], rows[1][2] = "99", "S0000"
        rows[2][STUDENTS], rows[2][CLASSES] = "104", "3"

    outcome = taken(replay_file(mend_csv(done.path, tmp_path / "m.csv", twin, "utf-8")))
    assert (outcome.rows_taken, outcome.rows_left) == (1, 1)
    assert "a.csv !2" in outcome.reasons[0][0]
    assert query(CURRENT)[0]["students"] == 100


def test_rows_with_too_few_and_too_many_cells_stay_so_until_they_are_mended(
    put: Put, query: Query, tmp_path: Path
) -> None:
    lines = csv_bytes(good_rows()).decode().splitlines()
    lines[2] = lines[2].removesuffix(",3")
    lines[5] += ",9,9"
    accepted(put("a.csv", "\n".join(lines).encode()))
    (done,) = handed_back(tmp_path)
    rows = list(csv.reader(io.StringIO(done.path.read_text())))
    assert rows[1][CLASSES] == MISSING_CELL
    assert len({len(row) for row in rows}) == 1
    refused(replay_file(done.path), "至少一行已改正", "at least one row")

    def mend(rows: list[list[str]]) -> None:
        rows[1][CLASSES] = "3"
        rows[2][CLASSES + 1 : CLASSES + 3] = ["", ""]

    assert taken(replay_file(mend_csv(done.path, tmp_path / "m.csv", mend, "utf-8"))).rows_left == 0
    assert [row["students"] for row in query(CURRENT)] == list(range(100, 110))


def test_an_original_that_changed_or_is_gone_is_told(put: Put, warehouse: str, tmp_path: Path) -> None:
    path = put("a.csv", csv_bytes(bad_rows()))
    accepted(path)
    path.write_bytes(csv_bytes(good_rows()))
    with pytest.raises(RefusedFileError) as error:
        handed_back(tmp_path)
    assert error.value.problem.rule == "original_changed"
    path.unlink()
    with pytest.raises(RefusedFileError) as error:
        handed_back(tmp_path)
    assert error.value.problem.rule == "original_gone"
    assert "原文件" in error.value.problem.message_zh()
    assert "put the original back" in error.value.problem.message_en()
    # The same bytes seen elsewhere will do.
    load_file(put("b.csv", csv_bytes(bad_rows())), "enrolment")
    assert [done.source for done in handed_back(tmp_path)] == ["a.csv"]


def test_a_file_handed_back_is_not_written_over(put: Put, warehouse: str, tmp_path: Path) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    done.path.write_text("half mended")
    assert [again.is_new for again in handed_back(tmp_path)] == [False]
    assert done.path.read_text() == "half mended"


def test_a_shared_folder_takes_nothing(
    warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    with pytest.raises(RefusedFileError, match="only its owner may enter"):
        private_folder(shared)
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path / "landing"))
    with pytest.raises(RefusedFileError, match="outside landing"):
        private_folder(tmp_path / "landing" / "enrolment")
    assert private_folder(tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_batch_refused_as_a_whole_goes_back_whole(put: Put, query: Query, tmp_path: Path) -> None:
    rows = good_rows()
    for row in rows[:6]:
        row[STUDENTS] = "x"
    load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    (done,) = handed_back(tmp_path)
    assert done.is_whole
    whole = list(csv.reader(io.StringIO(done.path.read_text())))
    assert (whole[0], len(whole)) == ([*HEADERS, REASON], 11)
    assert [bool(row[-1]) for row in whole[1:]] == [True] * 6 + [False] * 4
    refused(replay_file(done.path), "退回文件", "a file that was handed back")

    def mend(rows: list[list[str]]) -> None:
        for row in rows[1:]:
            row[STUDENTS] = "77"

    outcome = load_file(mend_csv(done.path, tmp_path / "m.csv", mend, "utf-8"), "enrolment")
    assert (outcome.status, outcome.rows_loaded) == ("loaded", 10)


def test_a_part_is_never_taken_for_the_whole(put: Put, query: Query, tmp_path: Path) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    outcome = load_file(done.path, "enrolment")
    assert [problem.rule for problem in outcome.problems] == ["returned_file"]
    assert "junheng replay" in outcome.problems[0].message_zh()
    assert len(query(CURRENT)) == 8


def test_a_batch_that_was_superseded_is_mended_no_more(put: Put, query: Query, tmp_path: Path) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    newer = good_rows()
    newer[0][STUDENTS] = 1
    accepted(put("b.csv", csv_bytes(newer)))
    refused(replay_file(mended_half(done.path, tmp_path / "m.csv")), "仍然有效的批次", "a batch that counts")
    assert query(CURRENT)[0]["students"] == 1


def test_a_newer_file_accepted_between_load_and_acceptance_wins(
    put: Put, query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    newer = put("b.csv", csv_bytes(good_rows()))
    from ingest.hand_back import replay

    really = replay._check_and_accept

    def meanwhile(record: str, batch_ids: Sequence[UUID]) -> None:
        loaded = load_file(newer, record)
        assert loaded.batch_id is not None
        accept_batches(record, batch_ids=[loaded.batch_id])
        really(record, batch_ids)

    monkeypatch.setattr(replay, "_check_and_accept", meanwhile)
    refused(
        replay_file(mended_half(done.path, tmp_path / "m.csv")), "更新的文件取代", "a newer file has taken"
    )
    assert {row["file_name"] for row in query(CURRENT)} == {"b.csv"}


def test_rows_that_another_file_tells_are_not_replaced(put: Put, query: Query, tmp_path: Path) -> None:
    accepted(put("2022.csv", csv_bytes([[r[0], 2022, *r[2:]] for r in good_rows()])))
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)

    def move(rows: list[list[str]]) -> None:
        rows[1][1], rows[1][STUDENTS] = "2022", "7"

    refused(
        replay_file(mend_csv(done.path, tmp_path / "m.csv", move, "utf-8")),
        "另一文件",
        "told by another file",
    )
    assert len(query(CURRENT)) == 18


def test_a_replay_is_checked_like_any_batch(put: Put, query: Query, tmp_path: Path) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)

    def more_girls_than_pupils(rows: list[list[str]]) -> None:
        rows[1][STUDENTS], rows[1][STUDENTS + 1] = "102", "5000"

    mended = mend_csv(done.path, tmp_path / "m.csv", more_girls_than_pupils, "utf-8")
    refused(replay_file(mended), "m.csv + a.csv：", "m.csv + a.csv: ")
    assert len(query(CURRENT)) == 8
    refused(replay_file(mended), "同样内容已被退回", "was refused before")
    mend_csv(mended, mended, lambda rows: rows[1].__setitem__(STUDENTS + 1, "50"), "utf-8")
    assert taken(replay_file(mended)).rows_left == 1
    assert {row["file_name"] for row in query(CURRENT)} == {"a.csv", "m.csv"}


def add_row(rows: list[list[str]]) -> None:
    rows.append([*rows[1][:-3], "", "", ""])


def forge_place(rows: list[list[str]]) -> None:
    rows[1][-2] = "9"


def repeat_place(rows: list[list[str]]) -> None:
    rows[2][-2] = rows[1][-2]


def other_batch(rows: list[list[str]]) -> None:
    for row in rows[1:]:
        row[-3] = "00000000-0000-5000-8000-000000000000"


FORGED = {
    add_row: ("各行只出现一次", "each row once"),
    forge_place: ("退回过的行", "a row that was handed back"),
    repeat_place: ("各行只出现一次", "each row once"),
    other_batch: ("本库的批次", "a batch of this warehouse"),
}


@pytest.mark.parametrize("change", FORGED)
def test_a_row_that_does_not_say_where_it_comes_from_is_refused(
    put: Put, query: Query, tmp_path: Path, change: Callable[[list[list[str]]], object]
) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    before = ledger(query)
    refused(replay_file(mend_csv(done.path, tmp_path / "m.csv", change, "utf-8")), *FORGED[change])
    assert ledger(query) == before


KILLED_BEFORE_COMMIT = """
import sys, time
from pathlib import Path
from ingest.hand_back import replay
counted = replay._counted
def stall(*arguments):
    counted(*arguments)
    print("written", flush=True)
    time.sleep(600)
replay._counted = stall
replay.replay_file(Path(sys.argv[1]))
"""
KILLED_BEFORE_ACCEPTANCE = """
import sys, time
from pathlib import Path
from ingest.hand_back import replay
def stall(record, batch_ids):
    print("loaded", flush=True)
    time.sleep(600)
replay._check_and_accept = stall
replay.replay_file(Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    ("code", "said", "status"),
    [(KILLED_BEFORE_COMMIT, "written", "taken"), (KILLED_BEFORE_ACCEPTANCE, "loaded", "known")],
)
def test_killed_anywhere_it_runs_again_and_the_figures_stand_once(
    put: Put, query: Query, tmp_path: Path, code: str, said: str, status: str
) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    mended = mended_half(done.path, tmp_path / "m.csv")
    process = subprocess.Popen([sys.executable, "-c", code, str(mended)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == said
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(query(CURRENT)) == 8
    (outcome,) = replay_file(mended)
    assert outcome.status == status
    assert [row["school_code"] for row in query(CURRENT)] == [f"S{i:04d}" for i in range(10) if i != 4]
    assert len(query("select 1 from ops.load_batch where base_batch_id is not null")) == 1


def write_odd_styles(path: Path) -> Path:
    """A workbook whose styles openpyxl does not take, as some programs write; calamine reads it."""
    write_xlsx(path, bad_rows())
    book = path.with_suffix(".zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(book, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/styles.xml":
                content = content.replace(b'patternType="gray125"', b'patternType="of its own"')
            target.writestr(name, content)
    book.replace(path)
    return path


def test_a_workbook_that_cannot_be_edited_goes_back_with_the_same_cells(query: Query, tmp_path: Path) -> None:
    accepted(write_odd_styles(tmp_path / "a.xlsx"))
    (done,) = handed_back(tmp_path)
    assert not done.keeps_look
    sheet = load_workbook(done.path)["表1"]
    assert [cell.value for cell in sheet[2]][:8] == ["990101", 2023, "S0002", "小学", "1", "许多", 42, 3]

    def mend(book: Workbook) -> None:
        book["表1"]["F2"] = 102

    assert taken(replay_file(mend_xlsx(done.path, tmp_path / "m.xlsx", mend))).rows_taken == 1


SCHOOLS = 6
BAD_FORM, BAD_CELL = ("基础基313", 1, 3), ("基础基522", 1, 12)


def school(number: int) -> Book:
    """One of six schools that are alike but for their code and a few pupils, teachers and square metres."""
    return another(book_2020(number), f"310000000{number}")


@pytest.fixture
def statistics(tmp_path: Path, query: Query) -> Path:
    """A folder of school workbooks: of two a form does not add up, of one of them a cell is no number too."""
    folder = tmp_path / "2020"
    for number in range(SCHOOLS):
        book = school(number)
        if number in (3, 5):
            set_cell(book, *BAD_FORM, "9999")
        if number == 3:
            set_cell(book, *BAD_CELL, "约二百万")
        deliver(folder, book, f"学校{number}.xlsx")
    assert hand_in(folder).reasons == ()
    return folder


def mended_school(done: HandedBack, target: Path, number: int, *, leave: str = "") -> Path:
    """The workbook with its marked forms as the school should have filled them in."""
    good = load_workbook(write_book(target.with_suffix(".good.xlsx"), school(number)))

    def mend(book: Workbook) -> None:
        for name in {BAD_FORM[0], BAD_CELL[0]} - {leave}:
            for row in good[name].iter_rows():
                for cell in row:
                    if cell.value is not None:
                        book[name][cell.coordinate] = cell.value

    return mend_xlsx(done.path, target, mend)


def schools_of(query: Query, record: str) -> dict[str, tuple[int, set[str]]]:
    """Rows of each school that count, and the files that they came from."""
    rows = query(
        f"select school_code, count(*) as n, array_agg(distinct source_sheet) as sheets from raw.{record} r "
        "join ops.current_batch c using (batch_id, partition_key) where c.record = %s group by 1",
        record,
    )
    return {row["school_code"]: (row["n"], set(row["sheets"])) for row in rows}


def test_a_school_workbook_goes_back_whole_and_comes_in_again(
    statistics: Path, query: Query, tmp_path: Path
) -> None:
    done = {one.source: one for one in handed_back(tmp_path)}
    assert sorted(done) == ["学校3.xlsx", "学校5.xlsx"]
    third = done["学校3.xlsx"]
    book = load_workbook(third.path)
    original = load_workbook(statistics / "学校3.xlsx")
    assert book.sheetnames == [*original.sheetnames, SHEET]
    assert book["基础基522"]["O9"].fill.fgColor.rgb == "FFFFC7CE"
    assert "约二百万" in book["基础基522"]["O9"].comment.text
    merged = {name: sorted(map(str, original[name].merged_cells.ranges)) for name in original.sheetnames}
    assert {name: sorted(map(str, book[name].merged_cells.ranges)) for name in merged} == merged
    listed = [[cell.value for cell in row] for row in book[SHEET].iter_rows(min_row=2, max_row=3)]
    assert {(row[1], row[2]) for row in listed} == {("学校3.xlsx", "基础基313"), ("学校3.xlsx", "基础基522")}
    assert all("应为" in row[4] and "expected" in row[4] for row in listed)

    # The two come back one after the other, into the same batch of the folder.
    outcomes = replay_file(mended_school(third, tmp_path / "三.xlsx", 3))
    assert sorted((o.record, o.status, o.rows_left) for o in outcomes) == [
        ("enrolment", "taken", 3),
        ("facilities", "taken", 0),
    ]
    fifth = mended_school(done["学校5.xlsx"], tmp_path / "五.xlsx", 5)
    assert [(o.record, o.status, o.rows_left) for o in replay_file(fifth)] == [("enrolment", "taken", 0)]
    assert schools_of(query, "enrolment") == {
        f"310000000{number}": (9, {{3: "三.xlsx", 5: "五.xlsx"}.get(number, f"学校{number}.xlsx")})
        for number in range(SCHOOLS)
    }
    assert schools_of(query, "facilities")["3100000003"] == (1, {"三.xlsx"})
    assert schools_of(query, "facilities")["3100000005"] == (1, {"学校5.xlsx"})
    files = query(
        "select distinct source_sheet, origin.file_name from raw.enrolment r "
        "join ops.current_batch c using (batch_id, partition_key) "
        "join ops.load_batch origin on ops.origin_batch(r.batch_id, r.source_block) = origin.batch_id "
        "where c.record = 'enrolment' and source_sheet in ('三.xlsx', '五.xlsx', '学校1.xlsx') order by 1"
    )
    assert [row["file_name"] for row in files] == ["三.xlsx", "五.xlsx", "2020"]
    assert {one.status for one in replay_file(tmp_path / "三.xlsx")} == {"known"}
    assert handed_back(tmp_path / "again") == []


def test_a_school_workbook_that_loses_what_was_accepted_is_refused(
    statistics: Path, query: Query, tmp_path: Path
) -> None:
    (fifth,) = (one for one in handed_back(tmp_path, record="enrolment") if one.source == "学校5.xlsx")
    mended = mended_school(fifth, tmp_path / "五.xlsx", 5)
    before = schools_of(query, "enrolment")

    def drop(book: Workbook) -> None:
        del book["基础基312"]

    refused(replay_file(mend_xlsx(mended, mended, drop)), "原已入库的数据仍在", "to be there still")
    assert schools_of(query, "enrolment") == before


def test_a_part_of_a_folder_is_not_handed_in_but_may_lie_in_its_folder(
    statistics: Path, query: Query, tmp_path: Path
) -> None:
    (fifth,) = (one for one in handed_back(tmp_path, record="enrolment") if one.source == "学校5.xlsx")
    mended = mended_school(fifth, tmp_path / "五.xlsx", 5)
    assert [p.rule for p in load_file(mended, "enrolment").problems] == ["returned_file"]
    shutil.copy(mended, statistics / "学校5.xlsx")
    outcome = load_file(statistics, "enrolment")
    assert (outcome.status, outcome.rows_rejected) == ("loaded", 3)


CHILD_HEADERS = [
    "区县代码",
    "学年",
    "学籍号",
    "姓名",
    "残疾类别",
    "学段",
    "是否义务教育适龄",
    "安置方式",
    "是否一人一案",
]


def test_of_children_no_value_is_told_and_no_name_is_stored(put: Put, query: Query, tmp_path: Path) -> None:
    rows = [["990101", 2023, f"G{i}", f"张三{i}", "视力", "小学", "是", "随班就读", "否"] for i in range(20)]
    rows[4][6] = "也许"
    accepted(put("儿童.csv", csv_bytes(rows, CHILD_HEADERS)), "special_education")
    (done,) = handed_back(tmp_path)
    returned = list(csv.reader(io.StringIO(done.path.read_text())))
    assert returned[1][:9] == [str(cell) for cell in rows[4]]
    assert "也许" not in returned[1][-1]
    mended = mend_csv(done.path, tmp_path / "m.csv", lambda r: r[1].__setitem__(6, "是"), "utf-8")
    outcome = taken(replay_file(mended))
    assert (outcome.rows_taken, outcome.figures) == (1, ())
    text = "".join(
        str(query(f"select t::text as text from {table} t"))
        for table in ("protected.special_education", "ops.rejected_row", "ops.mended_row", "ops.load_batch")
    )
    assert "张三" not in text
    assert "G4" not in text
