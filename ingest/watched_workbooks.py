"""Workbooks read in a process of their own: what readers and forms ask of them, asked through a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from ingest.chunks import Chunk, Preview
from ingest.forms import faults as form_faults
from ingest.forms.grid import Grid
from ingest.forms.layout import FormLayout
from ingest.forms.source import ALL, FormRow, FormSource
from ingest.problems import RefusedFileError
from ingest.read_workbook import WorkbookSource
from ingest.spool import Snapshot
from ingest.watched import Watched


class _Workbooks:
    """In the other process: one workbook as tables and as forms, or a folder of workbooks as forms."""

    def __init__(self, members: Sequence[Snapshot], *, is_folder: bool, is_archive: bool) -> None:
        self._members, self._is_folder, self._is_archive = members, is_folder, is_archive

    @cached_property
    def _table(self) -> WorkbookSource:
        return WorkbookSource(self._members[0], is_archive=self._is_archive)

    @cached_property
    def _forms(self) -> FormSource:
        if self._is_folder:
            return FormSource(self._members)
        return FormSource(self._members, {self._members[0].sha256: self._table.book})

    def previews(self) -> Sequence[Preview]:
        return self._table.previews()

    def chunks(
        self, sheet: str, header_end: int, width: int, dropped: frozenset[int], filled: frozenset[int]
    ) -> Iterator[Chunk]:
        return self._table.chunks(sheet, header_end, width, dropped, filled)

    def names(self, number: int) -> list[str]:
        return self._forms.names(number)

    def rows(
        self, layout: FormLayout, folder_name: str, codes: frozenset[str], start: int, stop: int
    ) -> Iterator[FormRow]:
        return self._forms.rows(layout, folder_name, codes, slice(start, stop))

    def first_grid(self, layout: FormLayout, code: str) -> Grid | None:
        return self._forms.first_grid(layout, code)


def watch(
    members: Sequence[Snapshot], file_name: str, *, is_folder: bool = False, is_archive: bool = True
) -> Watched:
    """The process that reads these workbooks; it starts with the first question."""
    ordered = sorted(members, key=lambda member: member.path.name)

    def make() -> _Workbooks:
        return _Workbooks(ordered, is_folder=is_folder, is_archive=is_archive)

    return Watched(make, file_name)


class WatchedTable:
    """A workbook as tables."""

    encoding: str | None = None

    def __init__(self, process: Watched) -> None:
        self._process = process
        self._previews: Sequence[Preview] = process.call("previews")

    def previews(self) -> Sequence[Preview]:
        """The first rows of every sheet that holds something."""
        return self._previews

    def chunks(
        self,
        sheet: str,
        header_end: int,
        width: int,
        dropped: frozenset[int],
        filled: frozenset[int] = frozenset(),
    ) -> Iterator[Chunk]:
        """The rows below the header."""
        return self._process.stream("chunks", sheet, header_end, width, dropped, filled)


class WatchedForms(FormSource):
    """School workbooks as forms. One that cannot be read is a faulty row; it does not hold up the others."""

    def __init__(self, members: Sequence[Snapshot], process: Watched) -> None:
        super().__init__(members)
        self._process = process
        self._names: dict[int, list[str]] = {}
        self._unread: dict[int, RefusedFileError] = {}

    def names(self, number: int) -> list[str]:
        """Names of the sheets of one workbook; none where it cannot be opened."""
        if number not in self._names:
            try:
                self._names[number] = self._process.call("names", number)
            except RefusedFileError as error:
                self._names[number], self._unread[number] = [], error
        return self._names[number]

    def rows(
        self, layout: FormLayout, folder_name: str, codes: frozenset[str], part: slice = ALL
    ) -> Iterator[FormRow]:
        """What each workbook holds in these forms, in the order of their names, or of a part of them."""
        number, end, _ = part.indices(len(self._members))
        while number < end:
            stop = min((n for n in self._unread if n >= number), default=end)
            try:
                for row in self._process.stream("rows", layout, folder_name, codes, number, stop):
                    yield row
                    number += 1
            except RefusedFileError as error:
                self._unread[number] = error
            if number in self._unread:
                fault = form_faults.unreadable(self._unread[number])
                yield FormRow(self._members[number].path.name, school_fault=fault)
                number += 1

    def first_grid(self, layout: FormLayout, code: str) -> Grid | None:
        """The form in the first workbook that has it."""
        found: Grid | None = self._process.call("first_grid", layout, code)
        return found
