"""Workbooks of the old kind (.xls): offices still hand them in, and no kept library writes them.

Only what a table needs: sheets, texts, numbers, days, merged cells. BIFF8 records in one stream of a compound
file.
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Sequence

Value = str | int | float | datetime.date
Cells = Sequence[Sequence[Value]]
Merges = Sequence[tuple[tuple[int, int], tuple[int, int]]]

SECTOR = 512
SMALLEST_STREAM = 4096  # a shorter stream would be kept in another place
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
BOF, EOF, SHEET, LABEL, NUMBER, MERGED, STYLE = 0x0809, 0x000A, 0x0085, 0x0204, 0x0203, 0x00E5, 0x00E0
GENERAL, DAY = 0, 14  # built-in formats; a cell names its style by the number of its record
STYLES = (GENERAL, DAY)
FIRST_DAY = datetime.date(1899, 12, 30)
OF_WORKBOOK, OF_SHEET = 0x0005, 0x0010
MAX_RECORD = 8224


def xls_bytes(sheets: Sequence[tuple[str, Cells, Merges]]) -> bytes:
    """A workbook of these sheets."""
    return _compound(_stream(sheets))


def _record(kind: int, body: bytes) -> bytes:
    if len(body) > MAX_RECORD:
        raise ValueError("a cell's text is too long for an .xls")
    return struct.pack("<HH", kind, len(body)) + body


def _begin(kind: int) -> bytes:
    return _record(BOF, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 0x0006))


def _stream(sheets: Sequence[tuple[str, Cells, Merges]]) -> bytes:
    bodies = [_sheet(cells, merges) for _, cells, merges in sheets]
    lengths = [len(_entry(name, 0)) for name, _, _ in sheets]
    head = _begin(OF_WORKBOOK) + b"".join(_style(number) for number in STYLES)
    start = len(head) + sum(lengths) + len(_record(EOF, b""))
    for (name, _, _), body in zip(sheets, bodies, strict=True):
        head += _entry(name, start)
        start += len(body)
    return head + _record(EOF, b"") + b"".join(bodies)


def _style(number: int) -> bytes:
    return _record(STYLE, struct.pack("<HH", 0, number) + bytes(16))


def _entry(name: str, start: int) -> bytes:
    text = name.encode("utf-16-le")
    return _record(SHEET, struct.pack("<IBBBB", start, 0, 0, len(text) // 2, 1) + text)


def _sheet(cells: Cells, merges: Merges) -> bytes:
    parts = [_begin(OF_SHEET)]
    for row, values in enumerate(cells):
        parts += [_cell(row, column, value) for column, value in enumerate(values) if value != ""]
    if merges:
        areas = b"".join(struct.pack("<HHHH", t, b, left, right) for (t, left), (b, right) in merges)
        parts.append(_record(MERGED, struct.pack("<H", len(merges)) + areas))
    return b"".join([*parts, _record(EOF, b"")])


def _cell(row: int, column: int, value: Value) -> bytes:
    style = STYLES.index(DAY if isinstance(value, datetime.date) else GENERAL)
    place = struct.pack("<HHH", row, column, style)
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(LABEL, place + struct.pack("<HB", len(text) // 2, 1) + text)
    number = (value - FIRST_DAY).days if isinstance(value, datetime.date) else value
    return _record(NUMBER, place + struct.pack("<d", number))


def _compound(stream: bytes) -> bytes:
    """The stream as the one file in a compound file: header, table of sectors, directory, stream."""
    stream = stream.ljust(SMALLEST_STREAM, b"\0")
    size = -(-len(stream) // SECTOR)
    tables = 1
    while tables * (SECTOR // 4) < size + tables + 1:
        tables += 1
    first = tables + 1  # the tables come first, then one sector of directory
    chain = [FAT] * tables + [END] + [first + n + 1 for n in range(size - 1)] + [END]
    chain += [FREE] * (tables * (SECTOR // 4) - len(chain))
    places = list(range(tables)) + [FREE] * (109 - tables)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, SMALLEST_STREAM, END, 0, END, 0)
    header += struct.pack("<109I", *places)
    directory = _directory("Root Entry", 5, END, 0, child=1) + _directory("Workbook", 2, first, len(stream))
    directory = directory.ljust(SECTOR, b"\0")
    body = struct.pack(f"<{len(chain)}I", *chain) + directory + stream.ljust(size * SECTOR, b"\0")
    return header + body


def _directory(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    links = struct.pack("<BBIII", kind, 1, FREE, FREE, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<H", len(text))
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
