"""A workbook is read in a process of its own: what hangs, balloons or crashes there is refused."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from ingest import read_workbook, watched
from ingest.load import load_file
from ingest.problems import RefusedFileError, refuse
from ingest.watched import Watched
from tests.ingest.conftest import HEADERS, Query, good_rows, write_xlsx


class Reader:
    """What a reader may do to us."""

    def __init__(self) -> None:
        self.answered = 0

    def sums(self, *numbers: int) -> int:
        self.answered += 1
        return sum(numbers)

    def count(self) -> int:
        return self.answered

    def some(self, count: int) -> Iterator[int]:
        yield from range(count)

    def hang(self) -> None:
        time.sleep(600)

    def balloon(self) -> int:
        return len(bytearray(1 << 32))

    def balloon_natively(self) -> None:
        os.abort()  # how native code ends when memory is refused

    def crash(self) -> None:
        ctypes.string_at(0)

    def leave(self) -> None:
        os._exit(3)

    def fail(self) -> None:
        raise ZeroDivisionError("no rows")

    def decline(self) -> None:
        raise refuse(
            "empty_file", "a.xlsx", expected=("有内容", "content"), mend=("重交", "hand it in again")
        )


@pytest.fixture
def reader() -> Iterator[Watched]:
    watched = Watched(Reader, "a.xlsx")
    yield watched
    watched.close()


def test_answers_come_from_one_process(reader: Watched) -> None:
    assert reader.call("sums", 1, 2) == 3
    assert list(reader.stream("some", 3)) == [0, 1, 2]
    assert reader.call("sums", 4) == 4
    assert reader.call("count") == 2


@pytest.mark.parametrize(
    ("method", "rule", "found"),
    [
        ("hang", "file_too_slow", "> 0.3 s"),
        ("balloon", "file_too_heavy", "> 300 MB"),
        ("balloon_natively", "file_too_heavy", "> 300 MB"),
        ("crash", "reader_crashed", "SIGSEGV"),
        ("leave", "reader_crashed", "exit 3"),
        ("fail", "reader_crashed", "ZeroDivisionError"),
        ("decline", "empty_file", None),
    ],
)
def test_what_breaks_is_refused_and_the_next_question_answered(
    reader: Watched, monkeypatch: pytest.MonkeyPatch, method: str, rule: str, found: str | None
) -> None:
    monkeypatch.setenv("JUNHENG_READER_SECONDS", "0.3" if method == "hang" else "60")
    monkeypatch.setenv("JUNHENG_READER_MEMORY_MB", "300")
    with pytest.raises(RefusedFileError) as refused:
        reader.call(method)
    assert (refused.value.problem.rule, refused.value.problem.found) == (rule, found)
    assert refused.value.problem.file_name == "a.xlsx"
    monkeypatch.setenv("JUNHENG_READER_SECONDS", "60")
    assert reader.call("sums", 1, 2) == 3


def test_what_nobody_took_of_a_stream_answers_no_other_question(reader: Watched) -> None:
    assert next(reader.stream("some", 5)) == 0
    assert list(reader.stream("some", 3)) == [0, 1, 2]
    assert next(reader.stream("some", 5)) == 0
    assert reader.call("sums", 1, 2) == 3


def test_a_reader_ends_by_itself_when_its_parent_cannot_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "_ALARM_MARGIN_SECONDS", 0)
    monkeypatch.setenv("JUNHENG_READER_SECONDS", "0.1")
    child = watched._Child(Reader)
    child.pipe.send(("hang", ()))
    monkeypatch.setenv("JUNHENG_READER_SECONDS", "60")
    with pytest.raises(EOFError):
        child.pipe.recv()
    assert os.WTERMSIG(child.wait() or 0) == signal.SIGALRM


def test_no_process_is_left(reader: Watched) -> None:
    reader.call("sums", 1)
    stream = reader.stream("some", 10**9)
    next(stream)
    assert reader._child is not None
    number = reader._child._pid
    os.kill(number, 0)  # it is there
    reader.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_workbook_that_crashes_the_reader_is_refused_in_the_ledger(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_workbook, "_chunk", lambda *_: ctypes.string_at(0))
    outcome = load_file(write_xlsx(tmp_path / "a.xlsx", good_rows()), "enrolment")
    assert (outcome.status, outcome.problems[0].rule) == ("refused", "reader_crashed")
    assert "a.xlsx" in outcome.problems[0].message_zh()
    assert query("select rule from ops.refused_file") == [{"rule": "reader_crashed"}]
    assert query("select 1 from raw.enrolment") == []


def test_a_workbook_that_takes_too_much_memory_is_refused(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_READER_MEMORY_MB", "100")
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("表1")
        for number, row in enumerate([HEADERS, *good_rows()]):
            sheet.write_row(number, 0, row)
        sheet.write(700_000, 15, "far")  # the reader allots the whole rectangle
    outcome = load_file(path, "enrolment")
    assert (outcome.status, outcome.problems[0].rule) == ("refused", "file_too_heavy")
    assert query("select 1 from raw.enrolment") == []
