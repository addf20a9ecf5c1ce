"""What is wrong with a file, a row or a cell, said so that a clerk can mend it, in Chinese and in English."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Control characters, separators of lines, marks that turn the direction of writing, halves of characters.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Problem:
    """One fault: where it stands, what was found, what was expected and how to mend it.

    ``sheet``, ``row`` (1-based, as a spreadsheet shows it), ``column`` (letter) and ``header`` are None
    where the fault belongs to the file as a whole. ``found`` is None where a value may not be shown.
    The texts are clauses without a full stop.
    """

    rule: str
    file_name: str
    sheet: str | None
    row: int | None
    column: str | None
    header: str | None
    field_name: str | None
    found: str | None
    expected_zh: str
    expected_en: str
    mend_zh: str
    mend_en: str

    def message_zh(self) -> str:
        """The fault in one line of Chinese."""
        place = [printable(self.file_name)]
        if self.sheet:
            place.append(f"工作表“{_one_line(self.sheet)}”")
        if self.row is not None:
            place.append(f"第 {self.row} 行")
        if self.column:
            place.append(f"{self.column} 列" + (f"“{_one_line(self.header)}”" if self.header else ""))
        return f"{'，'.join(place)}：{self.said_zh()}"

    def message_en(self) -> str:
        """The fault in one line of English."""
        place = [printable(self.file_name)]
        if self.sheet:
            place.append(f"sheet “{_one_line(self.sheet)}”")
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}" + (f" “{_one_line(self.header)}”" if self.header else ""))
        return f"{', '.join(place)}: {self.said_en()}"

    def said_zh(self) -> str:
        """What is wrong and how to mend it, in Chinese, without the place."""
        found = f"现为“{_one_line(self.found)}”，" if self.found is not None else ""
        return f"{found}应为：{self.expected_zh}。请{self.mend_zh}。"

    def said_en(self) -> str:
        """What is wrong and how to mend it, in English, without the place."""
        found = f"found “{_one_line(self.found)}”, " if self.found is not None else ""
        return f"{found}expected {self.expected_en}. Mend: {self.mend_en}."


class RefusedFileError(Exception):
    """A file that cannot be taken at all; carries the one Problem that says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message_en())
        self.problem = problem

    def __reduce__(self) -> tuple[type[RefusedFileError], tuple[Problem]]:
        """Made anew from its problem when it comes from another process."""
        return type(self), (self.problem,)


def file_problem(
    rule: str,
    file_name: str,
    *,
    expected: tuple[str, str],
    mend: tuple[str, str],
    found: str | None = None,
    sheet: str | None = None,
    row: int | None = None,
) -> Problem:
    """A Problem of a whole file; ``expected`` and ``mend`` are (zh, en)."""
    return Problem(
        rule=rule,
        file_name=file_name,
        sheet=sheet,
        row=row,
        column=None,
        header=None,
        field_name=None,
        found=found,
        expected_zh=expected[0],
        expected_en=expected[1],
        mend_zh=mend[0],
        mend_en=mend[1],
    )


def refuse(
    rule: str,
    file_name: str,
    *,
    expected: tuple[str, str],
    mend: tuple[str, str],
    found: str | None = None,
    sheet: str | None = None,
    row: int | None = None,
) -> RefusedFileError:
    """The refusal of a whole file, to be raised; ``expected`` and ``mend`` are (zh, en)."""
    return RefusedFileError(
        file_problem(rule, file_name, expected=expected, mend=mend, found=found, sheet=sheet, row=row)
    )


def printable(text: str) -> str:
    """The text with what would break a line, a console or a database's text written as escapes."""
    if not _UNPRINTABLE.search(text):
        return text
    return _UNPRINTABLE.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def _one_line(text: str, limit: int = 60) -> str:
    flat = printable(" ".join(text.split()))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
