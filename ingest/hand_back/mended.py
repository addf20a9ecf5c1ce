"""A mended file: which batches its rows belong to, and its rows as a source without our own last columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
import pyarrow as pa

from ingest.chunks import Chunk, Preview, RaggedRow, SheetHeader, Source
from ingest.hand_back.returned_marks import (
    BATCH,
    MISSING_CELL,
    PLACE,
    SHEET,
    batches_in,
    is_returned,
    own_columns,
    place_of,
)
from ingest.opener import Opener
from ingest.problems import RefusedFileError, refuse
from ingest.profile import Profile
from ingest.profile_files import profiles
from ingest.readers import Recognised, recognise_as


def batches_of(opener: Opener) -> dict[UUID, str]:
    """The batches that a mended file belongs to; with each, of a school workbook, the name it came under.

    RefusedFileError when the file says nothing of a batch.
    """
    name = opener.snapshot.path.name
    source = next((s for p in profiles() if (s := opener.source(p)) is not None), None)
    try:
        previews = source.previews() if source else ()
        if ours := next((preview for preview in previews if preview.sheet == SHEET), None):
            return _batches_of_forms(ours)
        found = list(_batches_of_table(source)) if source else []
    except ValueError:
        found = []
    if found:
        return dict.fromkeys(found, "")
    raise refuse(
        "no_batch",
        name,
        expected=(
            f"带有“{BATCH}”“{PLACE}”两列（学校工作簿为“{SHEET}”表）的退回文件",
            f"a file that was handed back, with the columns “{BATCH}” and “{PLACE}” "
            f"(a school workbook with the sheet “{SHEET}”)",
        ),
        mend=(
            "在 junheng rejected export 给出的文件上改；整份文件用 junheng ingest 交入",
            "mend the file that junheng rejected export gave; hand a whole file in with junheng ingest",
        ),
    )


def _batches_of_forms(sheet: Preview) -> dict[UUID, str]:
    """A line a record that the workbook feeds: always fewer than a preview holds."""
    return {
        batch: row[1] for row in sheet.rows[1:] if len(row) > 1 and row[1] for batch in batches_in(row[0])
    }


def _batches_of_table(source: Source) -> Iterator[UUID]:
    for preview in source.previews():
        header = _our_header(preview)
        if header is None:
            continue
        column = own_columns(header.names)[BATCH]
        others = frozenset(range(len(header.names))) - {column}
        for chunk in source.chunks(preview.sheet, header.end_row, len(header.names), others):
            if column in chunk.columns:
                for text in chunk.columns[column].dictionary.to_pylist():
                    yield from batches_in(text)


def _our_header(preview: Preview) -> SheetHeader | None:
    """The last row of the header: there our columns are named."""
    for number, row in reversed(list(enumerate(preview.rows, 1))):
        if is_returned(row):
            return SheetHeader(preview.sheet, tuple(row), number)
    return None


def read_mended(opener: Opener, profile: Profile, batch_id: UUID) -> Recognised:
    """The rows of one batch in a mended file, as the layout of the original reads them."""
    recognised = recognise_as(opener, profile)
    if profile.forms is not None:
        return recognised
    sheets = tuple(sheet for sheet in recognised.sheets if is_returned(sheet.names))
    source = MendedSource(opener.snapshot.path.name, recognised.source, batch_id, sheets)
    return Recognised(profile, source, tuple(source.own_header(sheet) for sheet in sheets))


@dataclass
class MendedSource:
    """A table that was handed back. ``places`` tells, once its rows have passed, what each row stands for."""

    file_name: str
    inner: Source
    batch_id: UUID
    sheets: Sequence[SheetHeader]
    places: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    _named: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.encoding: str | None = self.inner.encoding

    def previews(self) -> Sequence[Preview]:
        """The first rows of every sheet."""
        return self.inner.previews()

    def own_header(self, sheet: SheetHeader) -> SheetHeader:
        """The header without our columns."""
        first = min(own_columns(sheet.names).values())
        return replace(sheet, names=sheet.names[:first])

    def chunks(
        self,
        sheet: str,
        header_end: int,
        width: int,
        dropped: frozenset[int],
        filled: frozenset[int] = frozenset(),
    ) -> Iterator[Chunk]:
        """The rows of the batch. One that still has a cell too many or too few is ragged, as it was."""
        names = next(known.names for known in self.sheets if known.sheet == sheet)
        ours = own_columns(names)
        beyond = [c for c, name in enumerate(names) if c >= width and c < ours[BATCH]]
        for chunk in self.inner.chunks(sheet, header_end, len(names), dropped, filled):
            if chunk.ragged:
                row = chunk.ragged[0]
                raise self._not_told(sheet, row.row, f"{row.found} ≠ {row.expected}")
            yield self._own_rows(chunk, width, ours, beyond)

    def _own_rows(self, chunk: Chunk, width: int, ours: dict[str, int], beyond: Sequence[int]) -> Chunk:
        count = len(chunk.rows)
        texts = {c: column.cast(pa.string()).to_pylist() for c, column in chunk.columns.items()}
        keep = np.zeros(count, dtype=bool)
        ragged = []
        for at, row in enumerate(chunk.rows.tolist()):
            cells = {c: column[at] for c, column in texts.items() if c < ours[BATCH]}
            if not any(text.strip() for text in cells.values()) or not self._is_own(
                chunk.sheet, row, texts[ours[BATCH]][at], texts[ours[PLACE]][at]
            ):
                continue
            too_many = sum(1 for c in beyond if cells.get(c, "").strip())
            too_few = sum(1 for text in cells.values() if text.strip() == MISSING_CELL)
            if too_many or too_few:
                ragged.append(RaggedRow(row, width + too_many - too_few, width))
            else:
                keep[at] = True
        kept = pa.array(keep)
        columns = {c: column.filter(kept) for c, column in chunk.columns.items() if c < width}
        return Chunk(chunk.sheet, columns, chunk.rows[keep], tuple(ragged))

    def _is_own(self, sheet: str, row: int, batches: str, place: str) -> bool:
        """Whether the row belongs to the batch; RefusedFileError where it does not say to which."""
        try:
            named, origin = batches_in(batches), place_of(place)
        except ValueError:
            named, origin = [], ("", 0)
        if not named:
            raise self._not_told(sheet, row, f"{BATCH} = {batches or '–'}, {PLACE} = {place or '–'}")
        if self.batch_id not in named:
            return False
        if origin in self._named:
            raise self._not_told(sheet, row, f"{PLACE} = {place} × 2")
        self._named.add(origin)
        self.places[sheet, row] = origin
        return True

    def _not_told(self, sheet: str, row: int, found: str) -> RefusedFileError:
        return refuse(
            "row_not_returned",
            self.file_name,
            sheet=sheet or None,
            row=row,
            found=found,
            expected=(
                f"每行原有的“{BATCH}”“{PLACE}”，各行只出现一次",
                f"the columns “{BATCH}” and “{PLACE}” of each row as they were, each row once",
            ),
            mend=(
                "不要增加行或改动末尾几列；新增的数据用完整文件交入",
                "add no rows and leave the last columns as they are; hand new data in as a whole file",
            ),
        )
