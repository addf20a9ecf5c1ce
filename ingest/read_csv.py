"""Text files: encoding found by trying, delimiter by the header, columns streamed by pyarrow.

They are read in the loading process, not in one with limits as workbooks are: what is held at a time is
bounded by blocks, columns and ragged rows whatever the file, time is in proportion to its size, and another
process would cost a twentieth of a load, more of a small one.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from ingest.chunks import MAX_COLUMNS, PREVIEW_CHARACTERS, PREVIEW_ROWS, Chunk, Preview, RaggedRow
from ingest.long_rows import Table, check_no_row_is_long
from ingest.paced import Paced
from ingest.problems import RefusedFileError, refuse
from ingest.spool import BLOCK_BYTES, Snapshot
from ingest.workbook_limits import too_many

DELIMITERS = (",", "\t", ";", "|")
ARROW_BLOCK_BYTES = 4 << 20
BLOCKS_AHEAD = 3  # read and not yet worked on: left alone, the parser's thread would read 32
MAX_LINE_BYTES = 1 << 20
MAX_RAGGED = 200_000  # each is kept until its place among the good rows is known
TEXT = pa.dictionary(pa.int32(), pa.string())


class CsvSource:
    """A delimited text file in one encoding."""

    def __init__(self, snapshot: Snapshot, encoding: str) -> None:
        self.encoding: str | None = encoding
        self._snapshot = snapshot
        self._path = _as_utf8(snapshot, encoding)
        self._delimiter = _delimiter(self._path)
        try:
            self._rows, self._offsets = _first_rows(self._path, self._delimiter)
        except csv.Error as error:
            raise self._broken() from error
        width = max(map(len, self._rows), default=0)
        if width > MAX_COLUMNS:
            raise too_many(snapshot.path.name, "too_many_columns", ("列", "columns"), width, MAX_COLUMNS)

    @property
    def delimiter(self) -> str:
        """What stands between two cells."""
        return self._delimiter

    def numbered_rows(self, header_end: int) -> Iterator[tuple[int, list[str]]]:
        """Every row as it is written, with the number by which ``chunks`` knows it. csv.Error for a cell
        that is longer than any that ``chunks`` reads."""
        yield from enumerate(self._rows[:header_end], 1)
        limit = csv.field_size_limit(ARROW_BLOCK_BYTES)
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._offsets[header_end - 1])
                lines = io.TextIOWrapper(stream, "utf-8", newline="")
                yield from enumerate(csv.reader(lines, delimiter=self._delimiter), header_end + 1)
        finally:
            csv.field_size_limit(limit)

    def previews(self) -> Sequence[Preview]:
        """The first rows of the one sheet."""
        return [Preview("", [[cell[:PREVIEW_CHARACTERS] for cell in row] for row in self._rows])]

    def chunks(
        self,
        sheet: str,
        header_end: int,
        width: int,
        dropped: frozenset[int],
        filled: frozenset[int] = frozenset(),
    ) -> Iterator[Chunk]:
        """Stream the rows below the header; memory is bounded by the block size, not by the file."""
        counter = _RowCounter(header_end)
        # The pool that pyarrow comes with keeps some 50 MB of what was freed.
        pa.set_memory_pool(pa.system_memory_pool())
        try:
            with (
                closing(self._below(header_end)) as stream,
                self._open(stream, width, dropped, counter) as reader,
            ):
                kept = [int(name) for name in reader.schema.names]
                try:
                    for batch in reader:
                        stream.taken()
                        rows, ragged = counter.number(batch.num_rows)
                        yield Chunk("", dict(zip(kept, batch.columns, strict=True)), rows, ragged)
                finally:
                    stream.let_go()  # before the reader is closed, which waits for its thread
            if self._snapshot.has_quotes:
                name, begin = self._snapshot.path.name, self._offsets[header_end - 1]
                check_no_row_is_long(Table(self._path, name, self._delimiter, begin, width), counter.passed)
            yield Chunk("", {}, np.empty(0, np.int32), counter.rest())
        except pa.ArrowInvalid as error:
            if counter.is_full:
                name = self._snapshot.path.name
                what = ("行的列数与表头不同", "rows whose number of cells is not that of the header")
                raise too_many(name, "too_many_ragged", what, MAX_RAGGED + 1, MAX_RAGGED) from error
            raise self._broken() from error

    def _below(self, header_end: int) -> Paced:
        """The text below the header."""
        stream: BinaryIO = self._path.open("rb")
        stream.seek(self._offsets[header_end - 1])
        if stream.tell() == self._path.stat().st_size:
            stream.close()
            stream = io.BytesIO(b"\n")  # a header and nothing below it
        return Paced(stream, BLOCKS_AHEAD)

    def _open(
        self, stream: Paced, width: int, dropped: frozenset[int], counter: _RowCounter
    ) -> pa.csv.CSVStreamingReader:
        names = [str(column) for column in range(width)]
        return pa.csv.open_csv(
            stream,
            # Row numbers of ragged rows are known only when blocks are parsed one after the other.
            pa.csv.ReadOptions(use_threads=False, block_size=ARROW_BLOCK_BYTES, column_names=names),
            pa.csv.ParseOptions(
                delimiter=self._delimiter,
                newlines_in_values=self._snapshot.has_quotes,
                ignore_empty_lines=False,
                invalid_row_handler=counter.take,
            ),
            pa.csv.ConvertOptions(
                check_utf8=False,  # decoded once already
                column_types=dict.fromkeys(names, TEXT),
                include_columns=[name for name in names if int(name) not in dropped],
                strings_can_be_null=False,
            ),
        )

    def _broken(self) -> RefusedFileError:
        return refuse(
            "broken_csv",
            self._snapshot.path.name,
            expected=("行与引号完整的文本", "lines and quotes that end"),
            mend=(
                "检查是否有未闭合的引号、超长的一行或混用的换行符，再重新导出",
                "look for a quote that is never closed, a line without end or line ends of several kinds, "
                "then export it again",
            ),
        )


class _RowCounter:
    """Gives every row its number in the file: ragged rows have theirs from the parser, the others follow."""

    def __init__(self, header_end: int) -> None:
        self._base = header_end
        self._next = header_end + 1
        self._ragged: list[RaggedRow] = []
        self._passed = 0
        self._good = 0

    @property
    def passed(self) -> int:
        """Rows so far, good and ragged."""
        return self._good + len(self._ragged)

    def take(self, row: pa.csv.InvalidRow) -> str:
        if self.is_full:
            return "error"
        number = self._base + row.number
        # A blank line of a file with several columns arrives as cells without text, not here.
        self._ragged.append(RaggedRow(number, row.actual_columns, row.expected_columns))
        return "skip"

    @property
    def is_full(self) -> bool:
        """Whether there are so many ragged rows that the file is no table."""
        return len(self._ragged) > MAX_RAGGED

    def number(self, count: int) -> tuple[np.ndarray, tuple[RaggedRow, ...]]:
        """Numbers of the next ``count`` good rows, and the ragged rows between them."""
        ahead = self._ragged[self._passed :]  # the parser appends from its own thread, in row order
        holes = np.array([r.row for r in ahead], dtype=np.int64)
        rows = np.arange(self._next, self._next + count + len(holes), dtype=np.int64)
        rows = rows[~np.isin(rows, holes)][:count]
        self._good += count
        if count:
            self._next = int(rows[-1]) + 1
        passed = tuple(r for r in ahead if r.row < self._next)
        self._passed += len(passed)
        return rows.astype(np.int32), passed

    def rest(self) -> tuple[RaggedRow, ...]:
        """Ragged rows after the last good one."""
        return tuple(self._ragged[self._passed :])


def undecodable(path: Path, encoding: str) -> tuple[int, int] | None:
    """Where the file stops being ``encoding``: (byte offset, 1-based line); None when it never does."""
    if encoding == "utf-8" and _is_utf8(path):
        return None
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, lines = 0, 1
    with path.open("rb") as stream:
        while True:
            block = stream.read(BLOCK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                start = max(error.start - pending, 0)
                return offset + error.start - pending, lines + block[:start].count(b"\n")
            if not block:
                return None
            offset += len(block)
            lines += block.count(b"\n")


def _is_utf8(path: Path) -> bool:
    """Whether the file is UTF-8; ten times as fast as decoding it, but does not say where it is not."""
    rest = b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            text = rest + block
            end = _last_start(text)
            if not _is_valid(text[:end]):
                return False
            rest = text[end:]
    return _is_valid(rest)


def _last_start(text: bytes) -> int:
    """Where the last character begins when it has more than one byte, for it may go on; else the end."""
    for back in range(1, min(4, len(text)) + 1):
        byte = text[-back]
        if byte >= 0xC0:
            return len(text) - back
        if byte < 0x80:
            break
    return len(text)


def _is_valid(text: bytes) -> bool:
    try:
        pa.array([text], pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _as_utf8(snapshot: Snapshot, encoding: str) -> Path:
    """The file in UTF-8 without a byte order mark: itself where it is, else a working copy."""
    with snapshot.spool.open("rb") as stream:
        has_mark = stream.read(3) == codecs.BOM_UTF8
    if encoding == "utf-8" and not has_mark:
        return snapshot.spool
    target = snapshot.folder / f"text.{encoding}"
    if not target.exists():
        name = "utf-8-sig" if encoding == "utf-8" else encoding
        with (
            snapshot.spool.open(encoding=name, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as sink,
        ):
            while block := source.read(BLOCK_BYTES):
                sink.write(block)
    return target


def _delimiter(path: Path) -> str:
    """The delimiter that the first line with one holds most often outside quotes; comma when none does."""
    with path.open("rb") as stream:
        for _ in range(PREVIEW_ROWS):
            line = stream.readline(MAX_LINE_BYTES).decode("utf-8", "replace")
            bare = "".join(line.split('"')[::2])
            best = max(DELIMITERS, key=bare.count)
            if bare.count(best) > 1:
                return best
    return ","


def _first_rows(path: Path, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The first rows, and for each the byte offset at which the next begins."""
    rows: list[list[str]] = []
    offsets: list[int] = []
    taken = 0

    def lines(stream: BinaryIO) -> Iterator[str]:
        nonlocal taken
        for _ in range(PREVIEW_ROWS * 4):
            line = stream.readline(MAX_LINE_BYTES)
            if not line:
                return
            taken += len(line)
            yield line.decode("utf-8", "replace")

    with path.open("rb") as stream:
        for row in csv.reader(lines(stream), delimiter=delimiter):
            rows.append(row)
            offsets.append(taken)
            if len(rows) == PREVIEW_ROWS:
                break
    return rows, offsets
