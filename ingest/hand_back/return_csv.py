"""A text file filtered to the rows that failed: its own encoding, delimiter and line ends, reasons last."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from ingest.hand_back.rejections import Rejection
from ingest.hand_back.returned_marks import BATCH, EXTRA_CELL, MISSING_CELL, PLACE, REASON, place_text
from ingest.read_csv import CsvSource
from ingest.spool import Snapshot

Cells = list[str]


def write_csv(
    snapshot: Snapshot,
    source: CsvSource,
    header: range,
    failed: Mapping[int, Sequence[Rejection]],
    target: TextIO,
    *,
    whole: bool,
) -> None:
    """Write the header, whose rows are ``header`` (1-based), and the failed rows with what is wrong.

    ``whole``: every row is written, and only the reasons are added: nothing of the file was taken.
    """
    rows = list(_wanted(source, header, failed, whole=whole))
    names = next(cells for number, cells in rows if number == header.stop - 1)
    extra = max(len(cells) for _, cells in rows) - len(names)
    writer = csv.writer(target, delimiter=source.delimiter, lineterminator=_line_end(snapshot))
    for number, cells in rows:
        if number < header.start:
            writer.writerow(cells)
        elif number in header:
            # A shorter row of a header is filled from the last: what is repeated does not rename a column.
            own = [REASON] if whole else [BATCH, PLACE, REASON]
            writer.writerow([*cells, *names[len(cells) :], *[EXTRA_CELL] * extra, *own])
        else:
            missing = MISSING_CELL if number in failed else ""
            body = [*cells, *[missing] * (len(names) - len(cells))] if cells else cells
            gap = [""] * (len(names) + extra - len(body))
            writer.writerow([*body, *gap, *_own(number, failed.get(number, ()), whole=whole)])


def _wanted(
    source: CsvSource, header: range, failed: Mapping[int, Sequence[Rejection]], *, whole: bool
) -> Iterator[tuple[int, Cells]]:
    missing = set(failed)
    for number, cells in source.numbered_rows(header.stop - 1):
        if whole or number < header.stop or number in failed:
            yield number, cells
        if any(cells):
            missing.discard(number)
    if missing:  # rather nothing than the wrong rows
        raise LookupError(f"rows that were set aside are not there: {sorted(missing)[:5]}")


def _own(number: int, reasons: Sequence[Rejection], *, whole: bool) -> Cells:
    """Our last cells of a row."""
    said = " ".join(f"{reason.reason_zh} {reason.reason_en}" for reason in reasons)
    if whole:
        return [said]
    batches = " ".join(dict.fromkeys(str(reason.batch_id) for reason in reasons))
    return [batches, place_text("", number), said]


def _line_end(snapshot: Snapshot) -> str:
    with snapshot.spool.open("rb") as stream:
        line = stream.readline(1 << 20)
    return "\r\n" if line.endswith(b"\r\n") else "\n"


def encoding_of(snapshot: Snapshot, source: CsvSource) -> str:
    """The file's own encoding with its byte order mark; UTF-8 where it could not hold the reasons."""
    with snapshot.spool.open("rb") as stream:
        has_mark = stream.read(3) == codecs.BOM_UTF8
    encoding = source.encoding or "utf-8"
    if encoding == "utf-8":
        return "utf-8-sig" if has_mark else "utf-8"
    try:
        (REASON + MISSING_CELL).encode(encoding)
    except UnicodeEncodeError:
        return "utf-8-sig"
    return encoding
