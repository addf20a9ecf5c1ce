"""Rows of a text that go over too many lines: two stray quotes make one cell of all the rows between them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.problems import RefusedFileError, refuse
from ingest.spool import BLOCK_BYTES

if TYPE_CHECKING:
    from _csv import Reader

MAX_LINES_OF_ROW = 100  # nobody writes so many into one row


def check_no_row_is_long(path: Path, name: str, delimiter: str, begin: int, rows: int) -> None:
    """RefusedFileError where a row below byte ``begin`` has swallowed others; ``rows`` were read from there.

    Only where a file has many more lines than rows are its rows looked at one by one.
    """
    if _lines(path, begin) - rows < MAX_LINES_OF_ROW:
        return
    with path.open("rb") as stream:
        lines_above = len(stream.read(begin).splitlines())
        reader = csv.reader(io.TextIOWrapper(stream, "utf-8", newline=""), delimiter=delimiter)
        found = _long_row(reader)
    if found is not None:
        first, last = (lines_above + line for line in found)
        raise _refusal(name, first, last)


def _lines(path: Path, begin: int) -> int:
    """Lines from a byte on, whichever sign ends them; without reading them one by one."""
    feeds = returns = 0
    with path.open("rb") as stream:
        stream.seek(begin)
        while block := stream.read(BLOCK_BYTES):
            feeds += block.count(b"\n")
            returns += block.count(b"\r")
    return max(feeds, returns)


def _long_row(reader: Reader) -> tuple[int, int] | None:
    """First line of the first row that has too many, and how far it is known to go."""
    before = 0
    try:
        for _ in reader:
            if reader.line_num - before > MAX_LINES_OF_ROW:
                return before + 1, reader.line_num
            before = reader.line_num
    except csv.Error:  # a cell longer than any is
        if reader.line_num - before > MAX_LINES_OF_ROW:
            return before + 1, reader.line_num
    return None


def _refusal(name: str, first: int, last: int) -> RefusedFileError:
    return refuse(
        "broken_csv",
        name,
        row=first,
        expected=(
            f"每行数据不超过 {MAX_LINES_OF_ROW} 行文本；从文件第 {first} 行的引号起，"
            f"到第 {last} 行仍属同一行数据，其间各行会被当作一个单元格",
            f"no row of more than {MAX_LINES_OF_ROW} lines; a quote of line {first} holds all up to line "
            f"{last} in one row: the rows between would be taken for one cell",
        ),
        mend=(
            "检查该行是否有多余或未闭合的引号，再重新导出",
            "look for a quote too many or one that is not closed in that line, then export it again",
        ),
    )
