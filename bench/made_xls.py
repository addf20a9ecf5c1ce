"""A small .xls (BIFF8 in a compound file) written by hand: something whole to be broken."""

from __future__ import annotations

import struct
from collections.abc import Sequence

SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0x41, 0x06))


def _cell(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return _record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return _record(0x0203, place + struct.pack("<d", value))


def _stream(rows: Sequence[Sequence[str | float]], name: str) -> bytes:
    title = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    globals_size = len(_begin(5)) + 4 + 6 + len(title) + len(_record(0x000A))
    bound = _record(0x0085, struct.pack("<IBB", globals_size, 0, 0) + title)
    cells = b"".join(_cell(r, c, v) for r, row in enumerate(rows) for c, v in enumerate(row))
    return _begin(5) + bound + _record(0x000A) + _begin(0x10) + cells + _record(0x000A)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    encoded = (name + "\0").encode("utf-16-le") if name else b""
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBB", len(encoded), kind, 1)
        + struct.pack("<III", FREE, FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def xls_bytes(rows: Sequence[Sequence[str | float]], name: str = "表1") -> bytes:
    """The rows as a workbook of one sheet."""
    stream = _stream(rows, name).ljust(4096, b"\0")
    size = len(stream)
    stream = stream.ljust(-(-size // SECTOR) * SECTOR, b"\0")
    count = len(stream) // SECTOR
    # Sectors: 0 the allocation table, 1 the directory, then the stream.
    table = [FAT, END, *range(3, count + 2), END]
    directory = _entry("Root Entry", 5, 1, END, 0) + _entry("Workbook", 2, FREE, 2, size)
    directory += _entry("", 0, FREE, 0, 0) * 2
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", FREE) * 108
    fat = b"".join(struct.pack("<I", entry) for entry in table).ljust(SECTOR, b"\xff")
    if len(table) > SECTOR // 4:
        raise ValueError("more rows than one allocation table holds")
    return header + fat + directory + stream
