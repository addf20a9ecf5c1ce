"""One file into the raw layer: read, typed, quarantined, copied and recorded in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

from ingest.problems import Problem

LoadStatus = Literal["loaded", "known", "refused"]


@dataclass(frozen=True)
class LoadOutcome:
    """What became of one file. Counts are rows of the record (a source row may hold several).

    ``rows_read`` = ``rows_loaded`` + ``rows_rejected`` + ``rows_skipped``. ``problems`` holds the one
    problem that refused the file; the problems of single rows are in ``ops.rejected_row``.
    """

    status: LoadStatus
    record: str
    file_name: str
    batch_id: UUID | None
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    rows_skipped: int
    problems: tuple[Problem, ...]


def load_file(path: Path, record: str) -> LoadOutcome:
    """Load one file as batch of ``record``. Bad input is an outcome; only a failing system raises."""
    raise NotImplementedError
