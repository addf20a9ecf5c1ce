"""Text files as clerks and programs break them: each mutation takes a good table and gives a name and bytes."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable

HEADERS = ["区县代码", "学年", "学校标识码", "学段", "年级", "在校生数", "女生数", "班级数"]
Table = list[list[str]]
Made = tuple[str, bytes]
Mutation = Callable[[random.Random], Made]
JUNK = [
    "",
    " ",
    "x",
    "-",
    "*",
    "-1",
    "1e308",
    "9" * 400,
    "１２３",
    "45123",
    "2023-09-01",
    "=1+1",
    "#REF!",
    "NaN",
]
JUNK += [
    "\u200b5",
    "\u202e5",
    "5\u00a0",
    "五",
    "1,2,3",
    "0x10",
    "+5",
    "5.",
    ".5",
    "1.5",
    "\ufeff7",
    "\x1a",
    "\x7f",
]
LINE_ENDS = ["\n", "\r\n", "\r", "\n\r", "\x85", "\u2028", "\x0b"]


def table(rng: random.Random, rows: int = 0) -> Table:
    """Enrolment of made schools, all right, the header first."""
    count = rows or rng.randint(3, 60)
    made = [
        ["990101", "2023", f"S{i:04d}", "小学", str(1 + i % 6), str(100 + i), str(40 + i), "3"]
        for i in range(count)
    ]
    return [list(HEADERS), *made]


def text_of(rows: Table, delimiter: str = ",", end: str = "\n") -> str:
    """The table as delimited text."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
    return stream.getvalue()


def _good(rng: random.Random) -> bytes:
    return text_of(table(rng)).encode(rng.choice(["utf-8", "utf-8", "gb18030", "utf-8-sig"]))


def broken_bytes(content: bytes, rng: random.Random) -> bytes:
    """Bytes cut off, left out, changed or put in somewhere."""
    raw = bytearray(content)
    kind, at = rng.randrange(4), rng.randrange(len(raw))
    if kind == 0:
        return bytes(raw[:at])
    if kind == 1:
        del raw[at : at + rng.randint(1, max(len(raw) // 4, 1))]
    elif kind == 2:
        for _ in range(rng.randint(1, 30)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
    else:
        raw[at:at] = rng.randbytes(rng.randint(1, 200))
    return bytes(raw)


def bytes_broken(rng: random.Random) -> Made:
    return "a.csv", broken_bytes(_good(rng), rng)


def cells_swapped(rng: random.Random) -> Made:
    rows = table(rng)
    for _ in range(rng.randint(1, 20)):
        a, b = rng.choice(rows), rng.choice(rows)
        i, j = rng.randrange(len(a)), rng.randrange(len(b))
        a[i], b[j] = b[j], a[i]
    return "a.csv", text_of(rows).encode()


def cells_junk(rng: random.Random) -> Made:
    rows = table(rng)
    for _ in range(rng.randint(1, 30)):
        rng.choice(rows)[rng.randrange(len(HEADERS))] = rng.choice(JUNK)
    return "a.csv", text_of(rows).encode("utf-8")


def header_changed(rng: random.Random) -> Made:
    rows = table(rng)
    at, kind = rng.randrange(len(HEADERS)), rng.randrange(8)
    other = rng.choice([name for name in HEADERS if name != rows[0][at]])
    new = ["", other, rows[0][at] * 50, rows[0][at] + "\n", "x", "\u200b" + rows[0][at], rows[0][at][::-1]]
    if kind < len(new):
        rows[0][at] = new[kind]
    else:
        del rows[0][at]
    if rng.random() < 0.2:
        rows.insert(0, ["填报说明"] * rng.randint(1, 9))
    if rng.random() < 0.1:
        del rows[0]
    return "a.csv", text_of(rows).encode()


def rows_ragged(rng: random.Random) -> Made:
    rows = table(rng)
    for row in rng.sample(rows, k=rng.randint(1, len(rows))):
        if rng.random() < 0.5:
            row += ["1"] * rng.randint(1, 5)
        else:
            del row[rng.randrange(len(row)) :]
    return "a.csv", text_of(rows).encode()


def rows_doubled(rng: random.Random) -> Made:
    rows = table(rng)
    for _ in range(rng.randint(1, 10)):
        rows.insert(rng.randint(1, len(rows)), list(rng.choice(rows)))
    return "a.csv", text_of(rows).encode()


def encodings_mixed(rng: random.Random) -> Made:
    lines = text_of(table(rng)).splitlines(keepends=True)
    codes = ["utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5", "shift_jis", "utf-32"]
    picked = rng.sample(codes, k=2)
    at = rng.randrange(len(lines))
    return "a.csv", b"".join(line.encode(picked[n >= at], errors="replace") for n, line in enumerate(lines))


def encoding_wrong(rng: random.Random) -> Made:
    code = rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "big5", "latin-1", "gb2312"])
    return "a.csv", text_of(table(rng)).encode(code, errors="replace")


def marks_inside(rng: random.Random) -> Made:
    """Byte order marks, lone surrogates, overlong forms, zero bytes: at the start or in the middle."""
    content = text_of(table(rng)).encode()
    odd = [
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xed\xb0\x80",
        b"\xc0\x80",
        b"\0",
        b"\xf4\x90\x80\x80",
        b"\xff\xfe",
    ]
    at = rng.choice([0, rng.randrange(len(content)), len(content)])
    return "a.csv", content[:at] + rng.choice(odd) * rng.randint(1, 3) + content[at:]


def quotes_unbalanced(rng: random.Random) -> Made:
    content = text_of(table(rng, rng.choice([0, 0, 5000])))
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(content))
        content = content[:at] + rng.choice(['"', '""', '"a"b"', ',"', '",']) + content[at:]
    return "a.csv", content.encode()


def delimiters_mixed(rng: random.Random) -> Made:
    lines = [text_of([row], rng.choice(",\t;|"), rng.choice(LINE_ENDS)) for row in table(rng)]
    if rng.random() < 0.5:
        one = rng.choice(",\t;|")
        lines = [text_of([row], one, rng.choice(LINE_ENDS)) for row in table(rng)]
    return rng.choice(["a.csv", "a.tsv", "a.txt"]), "".join(lines).encode()


def blank_lines(rng: random.Random) -> Made:
    lines = text_of(table(rng)).splitlines(keepends=True)
    for _ in range(rng.randint(1, 20)):
        lines.insert(rng.randint(0, len(lines)), rng.choice(["\n", " \n", ",,,,,,,\n", "\t\n", '""\n']))
    return "a.csv", "".join(lines).encode()


def name_disguised(rng: random.Random) -> Made:
    name = rng.choice(["a.xlsx", "a.xls", "a.xlsm", "a.docx", "a", ".csv", "a.csv.xlsx", "a.CSV", "a.pdf"])
    return name, _good(rng)


def name_odd(rng: random.Random) -> Made:
    """Names that no message, ledger or console expects; the content is sometimes good, sometimes not."""
    names = [
        "a\nb.csv",
        "\udcff\udcfe.csv",
        "a\tb.csv",
        "%s.csv",
        "{0}.csv",
        "a'b\"; drop.csv",
        "年" * 80 + ".csv",
    ]
    names += ["a\x1b[31m.csv", "\u202ea.csv", "-rf.csv", "a .csv", "a\r.csv", "[bold]a[/bold].csv", "\\N.csv"]
    content = _good(rng)
    return rng.choice(names), content if rng.random() < 0.5 else broken_bytes(content, rng)


def not_a_table(rng: random.Random) -> Made:
    kinds = [
        b"<html><table><tr><td>1</td></tr></table></html>",
        b'{"a": 1}',
        b"PK\x03\x04",
        b"\n" * 500,
        b" ",
        b",",
    ]
    kinds += [
        rng.randbytes(2000),
        b"\x1f\x8b\x08" + rng.randbytes(100),
        b"%PDF-1.4",
        b"\xd0\xcf\x11\xe0" * 9,
        b'"',
        b"\r",
    ]
    kinds += [",".join(HEADERS).encode(), (",".join(HEADERS) + "\n").encode(), b"\xef\xbb\xbf", b"\xff\xfe"]
    return "a.csv", rng.choice(kinds)


def many_columns(rng: random.Random) -> Made:
    """Far more columns than a sheet has, in the header, below it or in both."""
    width = rng.choice([16_384, 100_000, 400_000])
    rows, kind = table(rng, 3), rng.randrange(3)
    for number, row in enumerate(rows):
        if kind == 2 or (kind == 0) == (number == 0):
            row += [""] * width if rng.random() < 0.5 else [f"h{i}" for i in range(width)]
    return "a.csv", text_of(rows).encode()


def million_empty_rows(rng: random.Random) -> Made:
    empty = rng.choice([",,,,,,,\n", "\n", " \n", ",\n"])
    return "a.csv", (text_of(table(rng)) + empty * 1_000_000).encode()


def huge_cell(rng: random.Random) -> Made:
    """A cell of 100 MB: in the header, in a row, quoted with line ends inside or bare."""
    rows = table(rng, 5)
    big = rng.choice(["x" * 100, "x\n" * 50, "啊" * 33]) * (1 << 20)
    rng.choice(rows)[rng.randrange(8)] = big
    return "a.csv", text_of(rows).encode()


def no_line_ends(rng: random.Random) -> Made:
    """Twenty megabytes in one line."""
    return "a.csv", (",".join(HEADERS) * (20_000_000 // 80)).encode()


TEXT: dict[str, Mutation] = {
    made.__name__: made
    for made in (
        bytes_broken,
        cells_swapped,
        cells_junk,
        header_changed,
        rows_ragged,
        rows_doubled,
        encodings_mixed,
        encoding_wrong,
        marks_inside,
        quotes_unbalanced,
        delimiters_mixed,
        blank_lines,
        name_disguised,
        name_odd,
        not_a_table,
    )
}
HEAVY_TEXT: dict[str, Mutation] = {
    made.__name__: made for made in (many_columns, million_empty_rows, huge_cell, no_line_ends)
}
