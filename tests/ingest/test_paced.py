"""A text is read no faster than it is worked on, and a reader that is given up does not read on."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from ingest import paced
from ingest.paced import Paced
from ingest.read_csv import CsvSource
from ingest.spool import take_snapshot

BLOCKS = 40


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CsvSource:
    """A text of many blocks."""
    monkeypatch.setattr("ingest.read_csv.ARROW_BLOCK_BYTES", 1000)
    path = tmp_path / "a.csv"
    path.write_text("x,y\n" + "1234,5678\n" * (100 * BLOCKS), encoding="utf-8")
    return CsvSource(take_snapshot(path, tmp_path), "utf-8")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of what was read of the text, part by part; nobody's patience ends."""
    sizes: list[int] = []
    real = Paced.read

    def read(self: Paced, size: int = -1) -> bytes:
        part = real(self, size)
        sizes.append(len(part))
        return part

    monkeypatch.setattr(Paced, "read", read)
    monkeypatch.setattr(paced, "PATIENCE_SECONDS", 60)
    return sizes


def test_what_nobody_has_taken_is_not_read_on(source: CsvSource, reads: list[int]) -> None:
    chunks = source.chunks("", 1, 2, frozenset())
    rows = len(next(chunks).rows)
    time.sleep(0.2)  # what the thread would do, it does
    assert rows == 100
    assert len(reads) <= 5
    rows += sum(len(chunk.rows) for chunk in chunks)
    assert rows == 100 * BLOCKS
    assert len(reads) >= BLOCKS


def test_a_reader_that_is_given_up_ends_without_reading_on(source: CsvSource, reads: list[int]) -> None:
    chunks = source.chunks("", 1, 2, frozenset())
    next(chunks)
    chunks.close()  # would wait for the thread, which waits for us
    assert sum(reads) < 10_000


def test_a_reader_that_needs_several_parts_for_one_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paced, "PATIENCE_SECONDS", 0.01)
    with Paced(io.BytesIO(b"abcdef"), ahead=1) as stream:
        assert [stream.read(2) for _ in range(4)] == [b"ab", b"cd", b"ef", b""]
