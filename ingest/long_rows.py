"""Rows of a text that have swallowed others: two stray quotes make one cell of all the rows between them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.problems import RefusedFileError, refuse
from ingest.spool import BLOCK_BYTES

MAX_LINES_OF_ROW = 100  # nobody writes so many into one row
MIN_SEPARATORS = 2  # of a line, by which it is told to be a row of the table


@dataclass(frozen=True)
class Table:
    """A text and where its rows are: below byte ``begin``, each of ``width`` cells."""

    path: Path
    name: str
    delimiter: str
    begin: int
    width: int


def check_no_row_is_long(table: Table, rows: int) -> None:
    """RefusedFileError where a row has swallowed others; ``rows`` is how many were read.

    Only where a file has more lines than rows are its rows looked at one by one.
    """
    if _lines(table.path, table.begin) <= rows:
        return
    with table.path.open("rb") as stream:
        lines_above = len(stream.read(table.begin).splitlines())
        found = _long_row(io.TextIOWrapper(stream, "utf-8", newline=""), table)
    if found is not None:
        first, last, is_too_long = found
        raise _refusal(table.name, lines_above + first, lines_above + last, is_too_long=is_too_long)


def _lines(path: Path, begin: int) -> int:
    """Lines from a byte on, whichever sign ends them; without reading them one by one."""
    feeds = returns = 0
    last = b"\n"
    with path.open("rb") as stream:
        stream.seek(begin)
        while block := stream.read(BLOCK_BYTES):
            feeds += block.count(b"\n")
            returns += block.count(b"\r")
            last = block[-1:]
    return max(feeds, returns) + (last not in b"\r\n")


class _Lines:
    """Lines of a text as they are read; those of the present row are kept, as far as a row may go."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.of_row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            if len(self.of_row) <= MAX_LINES_OF_ROW:
                self.of_row.append(line)
            yield line


def _long_row(text: io.TextIOWrapper, table: Table) -> tuple[int, int, bool] | None:
    """First line of the first row that holds others, how far it goes, and whether it has too many lines."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=table.delimiter)
    before = 0
    try:
        for _ in reader:
            count = reader.line_num - before
            if count > MAX_LINES_OF_ROW or (count > 1 and _are_rows(lines.of_row, table)):
                return before + 1, reader.line_num, count > MAX_LINES_OF_ROW
            before = reader.line_num
            lines.of_row.clear()
    except csv.Error:  # a cell longer than any is
        if reader.line_num - before > MAX_LINES_OF_ROW:
            return before + 1, reader.line_num, True
    return None


def _are_rows(lines: list[str], table: Table) -> bool:
    """Whether both ends of a row over several lines have as many separators as a row has by itself."""
    separators = table.width - 1
    ends = (lines[0], lines[-1])
    return separators >= MIN_SEPARATORS and all(end.count(table.delimiter) >= separators for end in ends)


def _refusal(name: str, first: int, last: int, *, is_too_long: bool) -> RefusedFileError:
    rule_zh, rule_en = "每行数据自成一行", "every row on a line of its own"
    if is_too_long:
        rule_zh = f"每行数据不超过 {MAX_LINES_OF_ROW} 行文本"
        rule_en = f"no row of more than {MAX_LINES_OF_ROW} lines"
    return refuse(
        "broken_csv",
        name,
        row=first,
        expected=(
            f"{rule_zh}；从文件第 {first} 行的引号起，到第 {last} 行仍属同一行数据，"
            "其间各行会被当作一个单元格",
            f"{rule_en}; a quote of line {first} holds all up to line {last} in one row: the rows between "
            "would be taken for one cell",
        ),
        mend=(
            "检查该行是否有多余或未闭合的引号，再重新导出",
            "look for a quote too many or one that is not closed in that line, then export it again",
        ),
    )
