"""Replays beside everything else of a night: what is decided, what is remembered, what is never undone."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from threading import Event, Thread, current_thread
from typing import Any
from uuid import UUID

import psycopg
import pytest
from rich.console import Console

from ingest import exit_codes, night
from ingest.chunks import PREVIEW_ROWS
from ingest.hand_back import replay
from ingest.hand_back.replay import Replay, replay_file
from ingest.hand_back.returned import export
from ingest.hand_in import hand_in
from ingest.landing import pending_mended
from ingest.load import load_file
from ingest.opener import Opener
from ingest.sample.layout import Sheet, write_book
from ingest.sample.layout_pupils import EXPORT_NOTES, pupil_export_lines
from tests.ingest.conftest import HEADERS, Put, Query, csv_bytes, good_rows, write_xlsx
from tests.ingest.test_drift import accept
from tests.ingest.test_hands_back import (
    CLASSES,
    CURRENT,
    STUDENTS,
    accepted,
    bad_rows,
    handed_back,
    mend_csv,
    mended_half,
    taken,
)
from tests.ingest.test_pupil_rosters import EXPORT, classes


@pytest.fixture
def mended_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warehouse: str) -> Path:
    """The folder in which the night looks for mended files."""
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path / "landing"))
    folder = tmp_path / "landing" / "mended"
    folder.mkdir(parents=True)
    return folder


def test_a_mended_file_that_changes_while_it_is_read_is_taken_by_the_next_night(
    put: Put, mended_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    mended = mended_half(done.path, mended_folder / "m.csv")
    really = replay.batches_of

    def saved_again(opener: replay.Opener) -> object:
        mended.write_bytes(mended.read_bytes().replace("二".encode(), b"3"))
        return really(opener)

    with monkeypatch.context() as patch:
        patch.setattr(replay, "batches_of", saved_again)
        assert taken(replay_file(mended)).rows_left == 1
    assert pending_mended() == [mended]
    replay_file(mended)
    assert pending_mended() == []


def test_a_mended_file_that_took_too_long_is_tried_again(
    mended_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mended = write_xlsx(mended_folder / "m.xlsx", good_rows())
    monkeypatch.setenv("JUNHENG_READER_SECONDS", "0.000001")
    (outcome,) = replay_file(mended)
    assert (outcome.status, outcome.is_to_be_tried_again) == ("refused", True)
    assert "JUNHENG_READER_SECONDS" in outcome.reasons[0][0]
    assert pending_mended() == [mended]
    monkeypatch.delenv("JUNHENG_READER_SECONDS")
    (outcome,) = replay_file(mended)
    assert (outcome.status, outcome.is_to_be_tried_again) == ("refused", False)
    assert pending_mended() == []


def test_a_replay_decides_its_own_batch_and_no_other_files(put: Put, query: Query, tmp_path: Path) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    waiting = load_file(put("b.csv", csv_bytes(good_rows())), "enrolment")
    broken = good_rows()
    broken[0][STUDENTS + 1] = 5000  # more girls than pupils
    refused = load_file(put("c.csv", csv_bytes(broken)), "enrolment")
    taken(replay_file(mended_half(done.path, tmp_path / "m.csv")))
    assert query("select batch_id from ops.load_batch where status = 'loaded' order by file_name") == [
        {"batch_id": waiting.batch_id},
        {"batch_id": refused.batch_id},
    ]
    assert {row["file_name"] for row in query(CURRENT)} == {"a.csv", "m.csv"}


def test_the_original_read_again_another_way_does_not_undo_what_was_mended(
    put: Put, query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = put("a.csv", csv_bytes(bad_rows()))
    accepted(original)
    (done,) = handed_back(tmp_path)
    taken(replay_file(mended_half(done.path, tmp_path / "m.csv")))
    before = query(CURRENT)
    # A profile of a later version makes another batch of the same bytes.
    monkeypatch.setattr("ingest.load.batch_id_of", lambda *given: UUID(int=7))
    ((reason_zh, reason_en),) = hand_in(original, "enrolment").reasons
    for words, mend in ((reason_zh, "请把改正写入完整的文件"), (reason_en, "in the whole file")):
        assert words.startswith("a.csv")
        assert "m.csv" in words
        assert mend in words
    assert query(CURRENT) == before
    # Whoever does not ask the checks is told the same, and what is left to mend is still the mended file's.
    monkeypatch.setattr("ingest.load.batch_id_of", lambda *given: UUID(int=8))
    assert load_file(original, "enrolment").status == "loaded"
    decided = night.accept("enrolment", {"passed": [str(UUID(int=8))], "refused": {}})
    assert decided["refused"] == {str(UUID(int=8)): [reason_zh, reason_en]}
    with pytest.raises(night.NightError) as told:
        night.report_refusals("enrolment", [], decided)
    assert reason_zh in told.value.reason_zh, "what is refused at its acceptance is told as well"
    assert query("select distinct reason_zh from ops.load_batch where status = 'refused'") == [
        {"reason_zh": reason_zh}
    ]
    assert query(CURRENT) == before
    assert [(again.source, again.is_whole) for again in handed_back(tmp_path)] == [("m.csv", False)]


def test_an_original_that_was_never_mended_may_be_read_again_another_way(
    put: Put, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = put("a.csv", csv_bytes(bad_rows()))
    accepted(original)
    monkeypatch.setattr("ingest.load.batch_id_of", lambda *given: UUID(int=7))
    assert accepted(original) == UUID(int=7)
    assert {row["batch_id"] for row in query(CURRENT)} == {UUID(int=7)}


def test_of_two_mended_files_of_one_batch_at_once_the_second_stands_on_the_first(
    put: Put, query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    first = mended_half(done.path, tmp_path / "m.csv")

    def mend_other(rows: list[list[str]]) -> None:
        rows[2][STUDENTS], rows[2][CLASSES] = "104", "3"
        del rows[1]

    second = mend_csv(done.path, tmp_path / "n.csv", mend_other, "utf-8")
    outcomes: list[Replay] = []
    other = Thread(target=lambda: outcomes.extend(replay_file(second)))
    is_settled, is_composed = Event(), Event()
    compose, decide = replay._compose, replay._decide

    def composed(*given: Any) -> Replay:
        if current_thread() is other:
            is_settled.set()
            outcome = compose(*given)
            is_composed.set()
            return outcome
        other.start()
        is_settled.wait(1)  # it does not come here before the first is decided
        return compose(*given)

    def decided(*given: Any) -> Replay:
        if current_thread() is not other and is_settled.is_set():
            is_composed.wait(9)
        return decide(*given)

    monkeypatch.setattr(replay, "_compose", composed)
    monkeypatch.setattr(replay, "_decide", decided)
    assert taken(replay_file(first)).rows_left == 1
    other.join()
    assert taken(outcomes).rows_left == 0
    assert [row["students"] for row in query(CURRENT)] == list(range(100, 110))


def test_a_replay_opens_no_second_connection_while_it_writes(
    put: Put, query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    (done,) = handed_back(tmp_path)
    compose, connect = replay._compose, psycopg.connect
    opened: list[bool] = []

    def composed(*given: Any) -> Replay:
        def counted(*arguments: Any, **named: Any) -> Any:
            opened.append(True)
            return connect(*arguments, **named)

        with monkeypatch.context() as patch:
            patch.setattr(psycopg, "connect", counted)
            return compose(*given)

    monkeypatch.setattr(replay, "_compose", composed)
    assert taken(replay_file(mended_half(done.path, tmp_path / "m.csv"))).rows_left == 1
    assert opened == []


def test_a_mended_file_and_an_original_are_closed_when_they_are_read(
    put: Put, query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    closed: list[str] = []
    close = Opener.close

    def told(opener: Opener) -> None:
        closed.append(opener.snapshot.path.name)
        close(opener)

    monkeypatch.setattr(Opener, "close", told)
    (done,) = handed_back(tmp_path)
    assert closed == ["a.csv"]
    taken(replay_file(mended_half(done.path, tmp_path / "m.csv")))
    assert closed == ["a.csv", "m.csv"]


def test_what_is_still_bad_of_an_accepted_layout_goes_back_again(
    put: Put, query: Query, tmp_path: Path
) -> None:
    renamed = ["女生人数" if name == "女生数" else name for name in HEADERS]
    path = put("a.csv", csv_bytes(bad_rows(), renamed))
    assert load_file(path, "enrolment").status == "refused"
    answer = accept(path, "--rename", "女生数=女生人数", "--load")
    assert answer.exit_code == exit_codes.DONE, answer.output
    (done,) = handed_back(tmp_path)
    mended = mended_half(done.path, tmp_path / "m.csv")
    assert taken(replay_file(mended)).rows_left == 1
    layouts = query("select layout_id from ops.load_batch where status = 'accepted'")
    assert (len(layouts), layouts[0] == layouts[1], layouts[0]["layout_id"] is None) == (2, True, False)
    (again,) = handed_back(tmp_path)
    assert again.source == "m.csv"

    def mend(rows: list[list[str]]) -> None:
        rows[1][STUDENTS], rows[1][CLASSES] = "104", "3"

    assert taken(replay_file(mend_csv(again.path, tmp_path / "n.csv", mend, "utf-8"))).rows_left == 0
    girls = query(
        "select female_students as n from raw.enrolment join ops.current_batch using (batch_id) "
        "order by school_code"
    )
    assert [row["n"] for row in girls] == list(range(40, 50))  # read by the name that was accepted, each time


def told_by_export(folder: Path) -> tuple[int, str]:
    """Exit code and words of junheng rejected export."""
    console = Console(file=io.StringIO(), width=400)
    code = export(console, None, None, folder)
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue()


def with_note(length: int, year: int) -> bytes:
    """Rows of whom two are bad, with a column that nobody reads; far below the header it has a long cell."""
    rows = [[row[0], year, *row[2:], ""] for row in [*bad_rows(), *good_rows(PREVIEW_ROWS + 10)[10:]]]
    rows[-1][-1] = "长" * length
    return csv_bytes(rows, [*HEADERS, "备注"])


def test_a_cell_longer_than_the_csv_module_takes_goes_back(put: Put, query: Query, tmp_path: Path) -> None:
    limit = csv.field_size_limit()
    accepted(put("a.csv", with_note(limit + 1, 2023)))
    code, words = told_by_export(tmp_path / "退回")
    assert (code, "2 处待改" in words) == (exit_codes.DONE, True)
    assert csv.field_size_limit() == limit


def test_a_text_that_cannot_be_cut_into_rows_does_not_hold_up_the_others(
    put: Put, query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(put("a.csv", with_note(200_000, 2023)))
    accepted(put("b.csv", csv_bytes([[row[0], 2022, *row[2:]] for row in bad_rows()])))
    monkeypatch.setattr("ingest.read_csv.ARROW_BLOCK_BYTES", 131_072)
    code, words = told_by_export(tmp_path / "退回")
    assert code == exit_codes.REFUSED
    assert "a.csv：现为“field larger than field limit" in words
    assert "a.csv: found “field larger than field limit" in words
    assert "b.csv → " in words
    assert sorted(path.name[:1] for path in (tmp_path / "退回").iterdir()) == ["b"]


def test_a_roster_of_pupils_goes_back_with_a_warning(query: Query, tmp_path: Path) -> None:
    lines = list(pupil_export_lines(classes()))
    lines[0]["是否住宿"] = "也许"
    accepted(write_book(tmp_path / EXPORT, [Sheet("学生", lines, notes=EXPORT_NOTES)]), "class_roster")
    code, words = told_by_export(tmp_path / "退回")
    assert code == exit_codes.DONE
    assert "含个人数据，只交还原交件人 personal data" in words


def test_a_table_of_schools_goes_back_without_that_warning(put: Put, query: Query, tmp_path: Path) -> None:
    accepted(put("a.csv", csv_bytes(bad_rows())))
    assert "个人数据" not in told_by_export(tmp_path / "退回")[1]
