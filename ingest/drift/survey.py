"""Looking at one file: how it would be read now, and in what it differs from what is known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.contract import Contract, contracts
from ingest.drift.accepted_layouts import Accepted, active_of
from ingest.drift.compare import Drift
from ingest.drift.held import HeldFileError
from ingest.drift.readings import Terms, read_in_order, sheet_drift
from ingest.hand_in import records_of
from ingest.opener import Opener, open_path
from ingest.profile import Profile
from ingest.readers import Recognised, profile_named
from ingest.scan import Scan, scan
from ingest.spool import working_folder


@dataclass(frozen=True)
class Survey:
    """A file as one record sees it. ``drift`` holds all differences, those that hold nothing up too;
    ``accepted`` is the accepted layout by which it is read so far."""

    opener: Opener
    contract: Contract
    drift: Drift
    accepted: Accepted | None
    accepted_now: tuple[Accepted, ...]
    scan: Scan | None = None  # None where the headers keep its rows from being read

    @property
    def profile(self) -> Profile:
        """The profile as its file says it, without what was accepted."""
        return profile_named(self.drift.profile.name) or self.drift.profile


@contextmanager
def surveys(path: Path, record: str | None) -> Iterator[list[Survey]]:
    """What the records make of a file, each that it is read as (or the one asked for).

    RefusedFileError when it cannot be opened, or nothing knows it.
    """
    path = path.absolute()
    names = [record] if record else records_of(path)
    with working_folder() as folder, closing(open_path(path, folder)) as opener:
        yield [_survey(opener, contracts()[name]) for name in names]


def _survey(opener: Opener, contract: Contract) -> Survey:
    accepted = tuple(active_of(contract.record))

    def read(recognised: Recognised, terms: Terms) -> Survey:
        found = scan(opener, contract, recognised, terms)
        differences = (*sheet_drift(opener, recognised).differences, *found.drift.differences)
        drift = Drift(recognised.profile, differences, tuple(s.names for s in recognised.sheets))
        return Survey(opener, contract, drift, terms.accepted, accepted, found)

    try:
        return read_in_order(opener, contract.record, accepted, read)
    except HeldFileError as held:
        return Survey(opener, contract, held.drift, None, accepted)


def content_of(path: Path) -> str:
    """The hash of what the file, or the folder's workbooks, hold now."""
    with working_folder() as folder, closing(open_path(path, folder)) as opener:
        return opener.snapshot.sha256
