"""School workbooks of the education statistics as schools and programs break them."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.bad_text import JUNK, Made, Mutation, broken_bytes
from bench.bad_workbook import packed, parts_of
from tests.ingest.made_workbooks import BOOKS_OF, Book, Sheet, insert_row, swap_columns, write_book


def _sheet(book: Book, rng: random.Random) -> Sheet:
    return rng.choice(list(book.values()))


def _junk(book: Book, rng: random.Random) -> None:
    row = rng.choice(_sheet(book, rng).rows)
    if row:
        row[rng.randrange(len(row))] = rng.choice([*JUNK, 3, -1, 0.5, True])


def _swap(book: Book, rng: random.Random) -> None:
    sheet = _sheet(book, rng)
    width = max(1, *(len(row) for row in sheet.rows), 1)
    swap_columns(sheet, rng.randrange(width), rng.randrange(width))


def _rows(book: Book, rng: random.Random) -> None:
    sheet = _sheet(book, rng)
    at = rng.randrange(len(sheet.rows))
    if rng.random() < 0.5 and len(sheet.rows) > 1:
        del sheet.rows[at]
        sheet.merges = []
    else:
        insert_row(sheet, at, list(rng.choice(sheet.rows)))


def _sheets(book: Book, rng: random.Random) -> None:
    key = rng.choice(list(book))
    kind = rng.randrange(4)
    if kind == 0 and len(book) > 1:
        del book[key]
    elif kind == 1:
        book[key].name = f"别的表{rng.randrange(10**6)}"
    elif kind == 2:
        book[key].rows = [[]]
        book[key].merges = []
    else:
        twin = Sheet(f"{book[key].name[:20]}副{rng.randrange(10**4)}", [list(row) for row in book[key].rows])
        book[twin.name] = twin


def _emptied(book: Book, rng: random.Random) -> None:
    sheet = _sheet(book, rng)
    for row in rng.sample(sheet.rows, k=min(len(sheet.rows), 3)):
        row[:] = [""] * len(row)


_CHANGES: list[Callable[[Book, random.Random], None]] = [_junk, _junk, _swap, _rows, _sheets, _emptied]


def _written(book: Book) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write_book(Path(folder) / "a.xlsx", book).read_bytes()


def form_changed(rng: random.Random) -> Made:
    """Cells, columns, rows and whole sheets of forms changed by hand."""
    generation = rng.choice(sorted(BOOKS_OF))
    book = BOOKS_OF[generation]()
    for _ in range(rng.randint(1, 8)):
        rng.choice(_CHANGES)(book, rng)
    for sheet in book.values():
        sheet.merges = _apart(sheet)
    return f"{generation}学年.xlsx", _written(book)


def _apart(sheet: Sheet) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The merges that still fit: a program does not write two that overlap."""
    kept: list[tuple[tuple[int, int], tuple[int, int]]] = []
    taken: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in sheet.merges:
        cells = {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        fits = bottom < len(sheet.rows) and left < len(sheet.rows[top])
        if len(cells) > 1 and fits and not cells & taken:
            taken |= cells
            kept.append(((top, left), (bottom, right)))
    return kept


def form_bytes_broken(rng: random.Random) -> Made:
    """Bytes of the archive or of one of its parts changed."""
    generation = rng.choice(sorted(BOOKS_OF))
    content = _written(BOOKS_OF[generation]())
    if rng.random() < 0.5:
        return f"{generation}学年.xlsx", broken_bytes(content, rng)
    parts = parts_of(content)
    name = rng.choice(sorted(parts))
    parts[name] = broken_bytes(parts[name], rng)
    return f"{generation}学年.xlsx", packed(parts)


FORMS: dict[str, Mutation] = {made.__name__: made for made in (form_changed, form_bytes_broken)}
