"""Replays beside everything else of a night: what is decided, what is remembered, what is never undone."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread, current_thread
from typing import Any
from uuid import UUID

import psycopg
import pytest

from ingest.accept import accept_batches
from ingest.hand_back import replay
from ingest.hand_back.replay import Replay, replay_file
from ingest.hand_in import hand_in
from ingest.landing import pending_mended
from ingest.load import load_file
from ingest.readers import Opener
from tests.ingest.conftest import Put, Query, csv_bytes, good_rows, write_xlsx
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
    assert accept_batches("enrolment").refused == (UUID(int=8),)
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
