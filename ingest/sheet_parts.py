"""Large sheets of an .xlsx read in parts, so that what is held does not grow with the sheet.

Calamine makes all cells of a sheet at once, which takes some twenty times what the file does. So the XML of a
large sheet is cut between two rows, and each part is given to calamine as a workbook of its own, with the
styles and the shared texts of the whole. Where those are long, a sheet is read at once as any other.
"""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from ingest.sheet_outline import ROW_BEGIN, ROWS_END, Outline
from ingest.workbook_limits import SHEETS

PART_BYTES = 1 << 20
# Shared texts and styles are read with every part, so that a part has to be larger where they are long.
PART_PER_SHARED = 8
MIN_PARTS = 4  # a sheet of fewer is read at once
# Members, in lower case, that tell calamine of sheets, styles and texts.
_SHARED = {
    "[content_types].xml",
    "_rels/.rels",
    "xl/_rels/workbook.xml.rels",
    "xl/sharedstrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
}
# Sheets that are no tables, but have a name among the others.
_OTHER_SHEETS = ("xl/chartsheets/", "xl/dialogsheets/", "xl/macrosheets/")
Merge = tuple[tuple[int, int], tuple[int, int]]


def open_parted(path: Path, outlines: Mapping[str, Outline]) -> PartedWorkbook | None:
    """The workbook with its large sheets in parts; None when one cannot be cut, or it is not worth it."""
    if not outlines or not all(outline.can_be_cut for outline in outlines.values()):
        return None
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        shared = [m for m in members if m.filename.lower() in _SHARED]
        part_bytes = max(PART_BYTES, PART_PER_SHARED * sum(m.file_size for m in shared))
        if max(outline.xml.stat().st_size for outline in outlines.values()) < MIN_PARTS * part_bytes:
            return None
        small = [m for m in members if m.filename.startswith((SHEETS, *_OTHER_SHEETS))]
        read = {m.filename: archive.read(m) for m in (*shared, *small) if m.filename not in outlines}
    try:
        return PartedWorkbook(read, {m.filename for m in shared}, outlines, part_bytes)
    except CalamineError:  # a sheet is somewhere else: what calamine makes of it is for calamine to say
        return None


class PartedWorkbook:
    """A workbook of which the large sheets are read in parts and the others as ever."""

    def __init__(
        self,
        members: Mapping[str, bytes],
        shared_names: Set[str],
        outlines: Mapping[str, Outline],
        part_bytes: int,
    ) -> None:
        shared = {name: members[name] for name in shared_names}
        marks = {uuid.uuid4().hex: member for member in outlines}
        marked = {member: _marked(outlines[member], mark) for mark, member in marks.items()}
        book = _book({**members, **marked})
        self.sheet_names = book.sheet_names
        self._sheets: dict[str, CalamineSheet | PartedSheet] = {}
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            member = marks.get(_first_text(sheet))
            if member is None:
                self._sheets[name] = sheet
                continue
            merges = sheet.merged_cell_ranges or []
            self._sheets[name] = PartedSheet(name, member, outlines[member], shared, part_bytes, merges)

    def get_sheet_by_name(self, name: str) -> CalamineSheet | PartedSheet:
        """One sheet."""
        return self._sheets[name]


@dataclass(frozen=True)
class PartedSheet:
    """One large sheet: what the reader of workbooks asks of a sheet, answered a part at a time."""

    name: str
    member: str
    outline: Outline
    shared: Mapping[str, bytes]
    part_bytes: int
    merged_cell_ranges: list[Merge]

    def rows(self, width: int = 0) -> Iterator[list[Any]]:
        """The rows from the first on, each from column A, ``width`` or more; none is narrower than the last.

        ValueError where rows do not follow one another.
        """
        passed = 0
        for part in self._parts():
            if part.start is None:
                continue
            first, column = part.start
            if first < passed:
                raise ValueError(f"row {first + 1} after row {passed}")
            width = max(width, column + part.width)
            for _ in range(first - passed):
                yield [""] * width
            before, after = [""] * column, [""] * (width - column - part.width)
            for row in part.to_python(skip_empty_area=True):
                yield [*before, *row, *after] if before or after else row
            passed = first + part.height

    def _parts(self) -> Iterator[CalamineSheet]:
        rest = b""
        with self.outline.xml.open("rb") as stream:
            stream.seek(len(self.outline.head))
            while block := stream.read(self.part_bytes):
                rest += block
                end = rest.find(ROWS_END)
                cut = end if end >= 0 else rest.rfind(ROW_BEGIN)
                if cut > 0:
                    yield self._part(rest[:cut])
                if end >= 0:
                    return
                rest = rest[max(cut, 0) :]

    def _part(self, rows: bytes) -> CalamineSheet:
        sheet = b"".join((self.outline.head, rows, ROWS_END, b"</worksheet>"))
        return _book({**self.shared, self.member: sheet}).get_sheet_by_name(self.name)


def _book(members: Mapping[str, bytes]) -> CalamineWorkbook:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    packed.seek(0)
    return CalamineWorkbook.from_filelike(packed)


def _marked(outline: Outline, mark: str) -> bytes:
    """The sheet with one row that holds its mark: so calamine tells which sheet is in which member."""
    cell = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{mark}</t></is></c></row>'
    return outline.head + cell.encode() + outline.tail


def _first_text(sheet: CalamineSheet) -> str:
    rows = sheet.to_python(skip_empty_area=True, nrows=1)
    return str(rows[0][0]) if rows and rows[0] else ""
