"""Workbooks as people, programs and attackers break them: .xlsx by part, .xls by byte."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import xlsxwriter

from bench.bad_text import JUNK, Made, Mutation, Table, broken_bytes, table
from ingest.sample.xls import xls_bytes

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
WORKBOOK = "xl/workbook.xml"
Parts = dict[str, bytes]
CELLS: list[Any] = ["=1+1", "=A1", '="x"&B2', 45123, 45123.75, -5, 1e300, 1e-300, 2958466, True, 0.1 + 0.2]
CELLS += [date(2023, 9, 1), date(1900, 1, 1), date(9999, 12, 31), None, 2**53 + 1.0, *JUNK]


def workbook(rows: list[list[Any]], rng: random.Random) -> bytes:
    """The rows as an .xlsx; sometimes with more sheets, some of them hidden."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_numbers": rng.random() < 0.5}) as book:
        as_date = book.add_format({"num_format": "yyyy-mm-dd"})
        for number in range(rng.choice([1, 1, 1, 2, 4])):
            sheet = book.add_worksheet(f"表{number + 1}")
            if number and rng.random() < 0.7:
                rng.choice([sheet.hide, sheet.very_hidden])()
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(r, c, cell, as_date)
                    else:
                        sheet.write(r, c, cell[:32_000] if isinstance(cell, str) else cell)
    return target.getvalue()


def _good(rng: random.Random) -> bytes:
    return workbook(table(rng), rng)


def parts_of(content: bytes) -> Parts:
    """The parts of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The archive of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", kind) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def zip_bytes_broken(rng: random.Random) -> Made:
    return "a.xlsx", broken_bytes(_good(rng), rng)


def part_bytes_broken(rng: random.Random) -> Made:
    """The archive is whole, the XML in it is not."""
    parts = parts_of(_good(rng))
    for name in rng.sample(sorted(parts), k=rng.randint(1, 3)):
        parts[name] = broken_bytes(parts[name], rng)
    return "a.xlsx", packed(parts)


def parts_missing(rng: random.Random) -> Made:
    parts = parts_of(_good(rng))
    for name in rng.sample(sorted(parts), k=rng.randint(1, 4)):
        if rng.random() < 0.5:
            parts[name] = rng.choice([b"", b"<x/>", b"\0", b"<?xml version='1.0'?>"])
        else:
            del parts[name]
    return "a.xlsx", packed(parts)


def parts_doubled(rng: random.Random) -> Made:
    """The same name twice in the archive, with other content."""
    target = io.BytesIO(_good(rng))
    name = rng.choice([SHEET, STRINGS, WORKBOOK, "[Content_Types].xml"])
    with zipfile.ZipFile(target, "a") as archive:
        old = archive.read(name)
        archive.writestr(name, rng.choice([b"", old, broken_bytes(old, rng)]))
    return "a.xlsx", target.getvalue()


def parts_odd(rng: random.Random) -> Made:
    """Macros, links to other workbooks, paths that climb, archives in archives, methods nobody packs with."""
    parts, kind = parts_of(_good(rng)), rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    inner = packed(parts)
    for _ in range(rng.randint(0, 6)):
        inner = packed({"xl/a.zip": inner})
    more = {
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + rng.randbytes(3000),
        "xl/externalLinks/externalLink1.xml": b"<externalLink><externalBook r:id='rId1'/></externalLink>",
        "../../evil.xml": b"<x/>",
        "/etc/x": b"x",
        "xl/embeddings/a.zip": inner,
        "xl/worksheets/sheet1.xml/x": b"<x/>",
        "xl/worksheets/sheet9.xml": rng.randbytes(500),
    }
    for name in rng.sample(sorted(more), k=rng.randint(1, 4)):
        parts[name] = more[name]
    packed_by = kind if rng.random() < 0.4 else zipfile.ZIP_DEFLATED
    return rng.choice(["a.xlsx", "a.xlsm"]), packed(parts, packed_by)


def zip_header_lies(rng: random.Random) -> Made:
    """Sizes, methods, flags and places in the directory of the archive that are not true."""
    raw = bytearray(_good(rng))
    marks = {b"PK\x01\x02": 46, b"PK\x03\x04": 30, b"PK\x05\x06": 22}
    for _ in range(rng.randint(1, 3)):
        mark = rng.choice(sorted(marks))
        starts = [m.start() for m in re.finditer(re.escape(mark), raw)]
        at = rng.choice(starts) + rng.randrange(4, marks[mark] - 4)
        raw[at : at + 4] = struct.pack("<I", rng.choice([0, 1, 8, 99, 0x7FFFFFFF, 0xFFFFFFFF]))
    return "a.xlsx", bytes(raw)


def cells_junk(rng: random.Random) -> Made:
    rows: list[list[Any]] = [list(row) for row in table(rng)]
    for _ in range(rng.randint(1, 40)):
        rng.choice(rows)[rng.randrange(8)] = rng.choice(CELLS)
    return "a.xlsx", workbook(rows, rng)


def layout_changed(rng: random.Random) -> Made:
    rows: Table = table(rng)
    for _ in range(rng.randint(1, 4)):
        kind, at = rng.randrange(4), rng.randrange(len(rows))
        if kind == 0:
            rows.insert(at, rng.choice([[], ["说明"], ["", "", "x"], [""] * 40 + ["far"]]))
        elif kind == 1:
            rows[0][rng.randrange(len(rows[0])) :] = rng.choice([[], ["x"], ["学年", "学年"]])
            rows[0] = rows[0] or ["x"]
        elif kind == 2:
            for row in rows:
                row.insert(0, "")
        else:
            rows[at], rows[0] = rows[0] or ["x"], rows[at] or ["x"]
    return "a.xlsx", workbook(rows, rng)


# Places in the XML, and what may stand there that should not.
_SWAPS: list[tuple[bytes, list[bytes]]] = [
    (
        rb'r="[A-Z]+[0-9]+"',
        [b'r="XFD1048576"', b'r="ZZZZZZ9999999999"', b'r="A0"', b'r="1A"', b'r=""', b'r="\xe5\xb9\xb4"', b""],
    ),
    (rb'<row r="[0-9]+"', [b'<row r="1"', b'<row r="-5"', b'<row r="99999999999"', b'<row r="x"', b"<row"]),
    (
        rb"<v>[^<]*</v>",
        [
            b"<v>99999999</v>",
            b"<v>-1</v>",
            b"<v>1e999</v>",
            b"<v>NaN</v>",
            b"<v></v>",
            b"<v>inf</v>",
            b"<v>\x00</v>",
        ],
    ),
    (rb't="s"', [b't="b"', b't="e"', b't="d"', b't="n"', b't="str"', b't="inlineStr"', b't="zz"']),
    (rb's="[0-9]+"', [b's="99999"', b's="-1"', b's="x"']),
    (
        rb'<dimension ref="[^"]*"/>',
        [b'<dimension ref="A1:XFD1048576"/>', b'<dimension ref="x"/>', b'<dimension ref="B9:A1"/>', b""],
    ),
    (
        rb"</sheetData>",
        [
            b"",
            b"</sheetData></sheetData>",
            b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
            b'</sheetData><mergeCells><mergeCell ref="B2:A1"/><mergeCell ref="?"/></mergeCells>',
        ],
    ),
    (
        rb"^<\?xml[^>]*>",
        [
            b"",
            b'<?xml version="1.0" encoding="gb2312"?>',
            b'<?xml version="9"?>',
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
            b"<!--",
        ],
    ),
]


def xml_swapped(rng: random.Random) -> Made:
    """The XML of a sheet stays well formed, or nearly; what it says cannot be."""
    parts = parts_of(_good(rng))
    for _ in range(rng.randint(1, 4)):
        pattern, instead = rng.choice(_SWAPS)
        text, new = parts[SHEET], rng.choice(instead)
        found = list(re.finditer(pattern, text))
        if found:
            one = rng.choice(found)
            parts[SHEET] = text[: one.start()] + new + text[one.end() :]
    return "a.xlsx", packed(parts)


def names_odd(rng: random.Random) -> Made:
    """Sheets without a name, with the same name, with one that breaks lines; and one that is not there."""
    parts = parts_of(_good(rng))
    names = ["", "a&#10;b", "&quot;", "x" * 500, "&#0;", "&#xD800;", "&a;", "表1", "\\N", "&lt;b&gt;"]
    sheet = f'<sheet name="{rng.choice(names)}" sheetId="1" r:id="{rng.choice(["rId1", "rId9", ""])}"/>'
    several = sheet * rng.choice([1, 1, 2, 300])
    parts[WORKBOOK] = re.sub(rb"<sheet [^>]*/>", lambda _: several.encode(), parts[WORKBOOK], count=1)
    return "a.xlsx", packed(parts)


def strings_odd(rng: random.Random) -> Made:
    """Entities, escapes, surrogates and control characters in the shared strings."""
    parts = parts_of(_good(rng))
    odd = [
        "&#0;",
        "&#xD800;",
        "&#x1F600;",
        "_x0000_",
        "_xD83D_",
        "&lol;",
        "&#99999999;",
        "\x0b",
        "]]>",
        "<r><t>a</t></r>",
    ]
    text = parts.get(STRINGS, b"<sst><si><t>x</t></si></sst>")
    for _ in range(rng.randint(1, 8)):
        text = text.replace(b"</t>", rng.choice(odd).encode() + b"</t>", rng.randint(1, 9))
    parts[STRINGS] = text
    return "a.xlsx", packed(parts)


def xls_broken(rng: random.Random) -> Made:
    """An .xls with bytes or whole words of its allocation table and its records changed."""
    raw = bytearray(xls_bytes([("表1", table(rng, rng.randint(2, 200)), ())]))
    if rng.random() < 0.4:
        return "a.xls", broken_bytes(bytes(raw), rng)
    for _ in range(rng.randint(1, 6)):
        at = rng.choice(
            [
                rng.randrange(512),
                rng.randrange(512, 1024),
                rng.randrange(1024, 1536),
                rng.randrange(1536, len(raw)),
            ]
        )
        at = at // 4 * 4 if at < 1536 else at
        raw[at : at + 4] = struct.pack(
            "<I", rng.choice([0, 1, 2, 3, 0xFFFFFFFE, 0xFFFFFFFF, 0x7FFFFFFF, rng.randrange(1 << 16)])
        )
    return "a.xls", bytes(raw)


def entity_bomb(rng: random.Random) -> Made:
    parts = parts_of(_good(rng))
    lines = ['<!ENTITY a0 "' + "a" * 100 + '">']
    lines += [f'<!ENTITY a{i} "' + f"&a{i - 1};" * 10 + '">' for i in range(1, 12)]
    start = b"<?xml version='1.0'?><!DOCTYPE x [" + "".join(lines).encode() + b"]>"
    for name in (STRINGS, SHEET):
        parts[name] = re.sub(rb"^<\?xml[^>]*>", lambda _: start, parts[name])
    parts[STRINGS] = parts[STRINGS].replace(b"</t>", b"&a11;</t>", 3)
    return "a.xlsx", packed(parts)


def deep_xml(rng: random.Random) -> Made:
    parts = parts_of(_good(rng))
    name = rng.choice([SHEET, STRINGS, WORKBOOK, "xl/styles.xml", "[Content_Types].xml"])
    parts[name] = b"<a>" * 300_000 + (b"</a>" * 300_000 if rng.random() < 0.5 else b"")
    return "a.xlsx", packed(parts)


def zip_bomb(rng: random.Random) -> Made:
    parts = parts_of(_good(rng))
    parts[rng.choice(["xl/media/image1.bin", STRINGS, SHEET])] = bytes(rng.choice([70, 300]) << 20)
    return "a.xlsx", packed(parts)


def huge_strings(rng: random.Random) -> Made:
    """One shared string of 60 MB that a thousand cells point to, or a million strings."""
    parts = parts_of(_good(rng))
    if rng.random() < 0.5:
        big = rng.randbytes(30 << 20).hex().encode()
        parts[STRINGS] = re.sub(rb"</t>", lambda _: big + b"</t>", parts[STRINGS], count=1)
    else:
        parts[STRINGS] = parts[STRINGS].replace(b"</sst>", b"<si><t>x</t></si>" * 1_000_000 + b"</sst>")
    return "a.xlsx", packed(parts)


def far_cells(rng: random.Random) -> Made:
    """A million empty rows, all columns of a sheet, or one cell far away."""
    parts, kind = parts_of(_good(rng)), rng.randrange(4)
    rows = [
        b"".join(b'<row r="%d"/>' % n for n in range(100, 1_000_000)),
        b'<row r="100">' + b"".join(b"<c><v>1</v></c>" for _ in range(16_384)) + b"</row>",
        b'<row r="1000000"><c r="C1000000"><v>1</v></c></row>',
        b'<row r="700000"><c r="P700000"><v>1</v></c></row>',
    ]
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", rows[kind] + b"</sheetData>")
    return "a.xlsx", packed(parts)


WORKBOOKS: dict[str, Mutation] = {
    f"xlsx_{made.__name__}" if not made.__name__.startswith("xls") else made.__name__: made
    for made in (
        zip_bytes_broken,
        part_bytes_broken,
        parts_missing,
        parts_doubled,
        parts_odd,
        zip_header_lies,
        cells_junk,
        layout_changed,
        xml_swapped,
        names_odd,
        strings_odd,
        xls_broken,
    )
}
HEAVY_WORKBOOKS: dict[str, Callable[[random.Random], Made]] = {
    f"xlsx_{made.__name__}": made for made in (entity_bomb, deep_xml, zip_bomb, huge_strings, far_cells)
}
