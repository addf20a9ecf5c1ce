"""Limits of a workbook, checked by streaming through the archive before anything opens it."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from ingest.problems import RefusedFileError, refuse
from ingest.sheet_outline import Outline

MAX_INFLATED_BYTES = 1 << 30
MAX_RATIO = 250  # spreadsheets shrink some 10 to 60 times
RATIO_FROM_BYTES = 64 << 20  # below this size no ratio does harm
MAX_MEMBERS = 5000
MAX_CELLS = 20_000_000
MAX_ROWS = 1 << 20  # of any sheet
NARROW_COLUMNS = 26
SHEETS = "xl/worksheets/"
LARGE_SHEET_BYTES = 4 << 20  # of XML, which is some ten thousand rows: from here on a sheet is read in parts
MAX_SHEETS = 500  # every sheet is compared with every layout
MAX_MERGES = 5000  # in the rows in which a header is looked for
BLOCK_BYTES = 1 << 20
# A cell far out makes the reader allot the whole rectangle, so its position is looked at first.
# The patterns begin with plain letters, which are searched for several times as fast as what may vary.
_ROW = re.compile(rb"<row\b[^>]*?\br=[\"'](\d{1,9})[\"']")
_PREFIXED_ROW = re.compile(rb"<\w+:row\b[^>]*?\br=[\"'](\d{1,9})[\"']")
_FAR_CELL = re.compile(rb"r=(?<=\br=)[\"']([A-Za-z]{2,3})(\d{1,9})[\"']")
# What unpacking raises where sizes, places, methods or names in the archive are not true.
BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def check_archive(path: Path, file_name: str, *, keep_large: bool = False) -> dict[str, Outline]:
    """RefusedFileError when the .xlsx is damaged, or would inflate to more than memory should hold.

    With ``keep_large`` the XML of its large sheets is kept beside it; returned by their place in the archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise _bomb(file_name, f"{len(members)} members")
            if not any(member.filename.startswith("xl/") for member in members):
                raise damaged_workbook(file_name)
            names = {member.filename for member in members}
            # Of two members with one name, it is for calamine to say which counts.
            outlines = _outlines(members, path) if keep_large and len(names) == len(members) else {}
            _inflate(archive, path.stat().st_size, file_name, outlines)
            return outlines
    except BROKEN_ARCHIVE as error:
        raise damaged_workbook(file_name) from error


def _outlines(members: list[zipfile.ZipInfo], path: Path) -> dict[str, Outline]:
    return {
        member.filename: Outline(path.with_name(f"{path.name} {number}.xml"))
        for number, member in enumerate(members)
        if member.filename.startswith(SHEETS) and member.file_size > LARGE_SHEET_BYTES
    }


def _inflate(archive: zipfile.ZipFile, packed: int, file_name: str, outlines: Mapping[str, Outline]) -> None:
    total = 0
    for member in archive.infolist():
        is_sheet = member.filename.startswith(SHEETS)
        extent = _Extent(file_name, outlines.get(member.filename))
        with archive.open(member) as stream:
            while block := stream.read(BLOCK_BYTES):
                total += len(block)
                if total > MAX_INFLATED_BYTES or (total > RATIO_FROM_BYTES and total > MAX_RATIO * packed):
                    raise _bomb(file_name, f"> {total >> 20} MB")
                if is_sheet:
                    extent.look(block)
            extent.look(b"")


class _Extent:
    """How far the cells of a sheet reach, as its XML passes by."""

    def __init__(self, file_name: str, outline: Outline | None) -> None:
        self._file_name, self._outline = file_name, outline
        self._rows, self._columns, self._rest = 0, NARROW_COLUMNS, b""

    def look(self, block: bytes) -> None:
        """Take the next block; the tag with which it ends is looked at with the next."""
        text = self._rest + block
        end = text.rfind(b"<") if block else len(text)
        if end < 0 or len(text) - end > BLOCK_BYTES:
            end = len(text)  # no tag is that long
        text, self._rest = text[:end], text[end:]
        numbers = list(map(int, _ROW.findall(text)))
        self._rows = max(self._rows, *numbers, 0)
        if b":" in text and b":row" in text:
            self._rows = max(self._rows, *map(int, _PREFIXED_ROW.findall(text)), 0)
        for letters, row in _FAR_CELL.findall(text):
            self._rows = max(self._rows, int(row))
            self._columns = max(self._columns, _column_number(letters))
        # Up to Z, columns are not counted: what is so narrow is held within bounds by its rows.
        is_narrow = self._columns == NARROW_COLUMNS and self._rows <= MAX_ROWS
        if self._rows * self._columns > MAX_CELLS and not is_narrow:
            raise too_many_cells(self._file_name, self._rows, self._columns)
        if self._outline:
            self._outline.look(text, numbers)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def damaged_workbook(file_name: str) -> RefusedFileError:
    """The refusal of a workbook that cannot be opened."""
    return refuse(
        "damaged_workbook",
        file_name,
        expected=("完整、未加密的工作簿", "a complete workbook without a password"),
        mend=(
            "重新下载或另存后再交入；有密码的先取消密码",
            "download or save it again; take off its password first if it has one",
        ),
    )


def too_many_cells(file_name: str, rows: int, columns: int) -> RefusedFileError:
    """The refusal of a workbook whose sheet reaches too far."""
    return refuse(
        "too_many_cells",
        file_name,
        found=f"{rows} × {columns}",
        expected=(f"每张工作表不超过 {MAX_CELLS} 个单元格", f"no more than {MAX_CELLS} cells a sheet"),
        mend=(
            "删去表格之外远处的零散单元格，或改存为 CSV",
            "delete stray cells far from the table, or save it as CSV",
        ),
    )


def too_many(
    file_name: str, rule: str, what: tuple[str, str], found: int, limit: int, sheet: str | None = None
) -> RefusedFileError:
    """The refusal of a file with more of something (zh, en) than any table has."""
    return refuse(
        rule,
        file_name,
        sheet=sheet,
        found=str(found),
        expected=(f"不超过 {limit} {what[0]}", f"no more than {limit} {what[1]}"),
        mend=("只保留数据表，另存后重新交入", "keep the table only, save it again and hand that in"),
    )


def _bomb(file_name: str, found: str) -> RefusedFileError:
    return refuse(
        "zip_bomb",
        file_name,
        found=found,
        expected=("解压后大小正常的工作簿", "a workbook of ordinary size when unpacked"),
        mend=(
            "核实文件来源；数据确实很大时改存为 CSV",
            "check where the file comes from; save it as CSV if the data are really that large",
        ),
    )
