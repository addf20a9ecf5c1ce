"""The rows of a file on their way: read and typed piece by piece, streamed into a table, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

from ingest import batch_table
from ingest.ahead import Ahead
from ingest.batch_ledger import BatchFile, Spill
from ingest.conform import Conformer, Piece
from ingest.contract import Contract, contracts
from ingest.drift.codes import NewCode, code_differences
from ingest.drift.compare import Difference
from ingest.drift.forms import FormChanges
from ingest.drift.readings import Terms
from ingest.duplicates import remove_duplicates
from ingest.forms.rows import FormConformer, FormNote
from ingest.forms.source import FormSource
from ingest.key_spill import KeySpill
from ingest.layout import SheetPlan
from ingest.problems import Problem
from ingest.profile import Profile
from ingest.pupils.rows import count_pupils
from ingest.readers import Recognised


@dataclass
class RowTally:
    """Counts gathered while the rows pass."""

    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    rows_skipped: int = 0
    problems: list[Problem] = field(default_factory=list)  # of forms, the first few
    notes: list[FormNote] = field(default_factory=list)
    contents: dict[str, dict[str, str]] = field(default_factory=dict)  # of workbooks, by stage, hashed
    new_codes: Counter[NewCode] = field(default_factory=Counter)
    changes: FormChanges = field(default_factory=FormChanges)

    def differences(self, profile: Profile, terms: Terms) -> list[Difference]:
        """In what the rows differ from what the profile knows."""
        codes = code_differences(profile, self.new_codes, terms.codes)
        return [*self.changes.differences(profile.ignored), *codes]

    def add(self, piece: Piece) -> None:
        """Count the rows of a piece."""
        self.rows_read += piece.rows_read
        self.rows_loaded += piece.rows_loaded
        self.rows_rejected += piece.rows_rejected
        self.rows_skipped += piece.rows_skipped

    @property
    def rejected_share(self) -> float:
        """Share of the rows of data that were set aside."""
        return self.rows_rejected / max(self.rows_read - self.rows_skipped, 1)


def pieces_of(
    contract: Contract,
    batch: BatchFile,
    recognised: Recognised,
    plans: list[SheetPlan],
    tally: RowTally,
    origin: tuple[str, ...],
) -> Iterator[Piece]:
    """The rows of the file as it was recognised, typed; what is told of them grows in ``tally``."""
    if isinstance(recognised.source, FormSource):
        yield from _form_pieces(contract, batch, recognised.source, plans, tally)
        return
    if batch.profile.counted is not None:
        name = batch.snapshot.path.name
        yield from count_pupils(contract, batch.batch_id, batch.profile, name, recognised.source, plans)
        return
    for number, plan in enumerate(plans):
        conformer = Conformer(
            contract, batch.batch_id, plan, batch.profile.null_tokens, number, tally.new_codes, origin
        )
        header = plan.header
        width = len(header.names)
        for chunk in recognised.source.chunks(header.sheet, header.end_row, width, plan.dropped, plan.filled):
            yield from conformer.pieces(chunk)


def _form_pieces(
    contract: Contract, batch: BatchFile, source: FormSource, plans: list[SheetPlan], tally: RowTally
) -> Iterator[Piece]:
    """The rows of school workbooks; ``plans`` and what is told of them grow as they pass."""
    name = batch.snapshot.path.name
    conformer = FormConformer(
        contract, batch.batch_id, batch.profile, name, plans, tally.problems, tally.new_codes, tally.changes
    )
    for row in source.rows(batch.profile.form_layout, name, conformer.forms):
        yield from conformer.pieces(row)
        tally.notes += conformer.notes(row)
        tally.contents[row.file_name] = conformer.content(row)


def stream_rows(
    connection: psycopg.Connection,
    statement: str,
    pieces: Iterator[Piece],
    tally: RowTally,
    spill: Spill,
    keys: KeySpill,
) -> None:
    """Stream the good rows into their table; rejected cells go to ``spill`` until the copy is done."""
    with connection.cursor().copy(statement) as copy, Ahead(pieces) as stream:
        for piece in stream:
            if len(piece.lines):
                copy.write(piece.lines)
            for lines in piece.rejected_lines:
                spill.cells.write(lines)
            for lines in piece.rejected_key_lines:
                spill.keys.write(lines)
            if piece.keys is not None:
                keys.add(piece.keys)
            tally.add(piece)


@dataclass(frozen=True)
class Copied:
    """What the rows of a file came to, before its batch is judged as a whole."""

    rows_loaded: int
    rows_rejected: int
    rows_skipped: int
    notes: list[FormNote]


def copy_rows(
    connection: psycopg.Connection,
    batch: BatchFile,
    recognised: Recognised,
    plans: list[SheetPlan],
    spill: Spill,
) -> Copied:
    """Stream the rows of a file into the raw table, without those that share a key; nothing is judged."""
    contract, tally = contracts()[batch.record], RowTally()
    target = batch_table.raw_table(contract)
    pieces = pieces_of(contract, batch, recognised, plans, tally, target.origin)
    keys = KeySpill(batch.snapshot.folder)
    stream_rows(connection, target.copy_statement(contract), pieces, tally, spill, keys)
    sheets = [plan.header.sheet for plan in plans]
    duplicates = remove_duplicates(connection, contract, batch.batch_id, sheets, keys)
    spill.cells.write(duplicates.lines)
    return Copied(
        tally.rows_loaded - duplicates.rows_removed,
        tally.rows_rejected + duplicates.rows_removed,
        tally.rows_skipped,
        tally.notes,
    )
