"""Reading a file as a load would, without writing anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ingest import batch_table
from ingest.contract import Contract
from ingest.drift import accepted_layouts
from ingest.drift.compare import Drift
from ingest.drift.held import HeldFileError
from ingest.drift.readings import OutsideYearsError, Terms
from ingest.load import plan
from ingest.opener import Opener
from ingest.readers import Recognised
from ingest.row_stream import RowTally, pieces_of


@dataclass(frozen=True)
class Scan:
    """What a load would meet: the drift of its rows, their years, how many cannot be read."""

    drift: Drift
    years: frozenset[int]
    rows: int
    rows_rejected: int


def scan(opener: Opener, contract: Contract, recognised: Recognised, terms: Terms) -> Scan:
    """Read a file as a load would, and write nothing. OutsideYearsError and HeldFileError as a load."""
    profile = recognised.profile
    batch, plans = plan(opener, contract, recognised, datetime.now(UTC))
    tally, years = RowTally(), set[int]()
    for piece in pieces_of(contract, batch, recognised, plans, tally, batch_table.raw_table(contract).origin):
        years |= accepted_layouts.years_in(contract, piece.lines)
        tally.add(piece)
    if terms.accepted is not None and not terms.accepted.covers(years):
        raise OutsideYearsError
    drift = Drift(profile, tuple(tally.differences(profile, terms)))
    if drift.held and not terms.is_last:
        raise HeldFileError(opener.snapshot, drift, terms.outside)
    return Scan(drift, frozenset(years), tally.rows_read - tally.rows_skipped, tally.rows_rejected)
