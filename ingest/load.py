"""One file into the raw layer: read, typed, quarantined, copied and recorded in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid5

import psycopg

from ingest import batch_ledger, batch_table, known_again
from ingest.batch_ledger import BatchFile, Spill
from ingest.contract import Contract, contracts
from ingest.database import connect
from ingest.drift import accepted_layouts, held_ledger
from ingest.drift.compare import Drift
from ingest.drift.held import HeldFileError
from ingest.drift.readings import OutsideYearsError, Terms, read_in_order
from ingest.duplicates import remove_duplicates
from ingest.forms.members import NothingForRecordError
from ingest.forms.source import stamp_of
from ingest.hand_back import judged_share
from ingest.key_spill import KeySpill
from ingest.layout import SheetPlan, plan_sheet
from ingest.opener import Opener, open_path
from ingest.problems import Problem, RefusedFileError, file_problem, refuse
from ingest.readers import Recognised
from ingest.row_stream import RowTally, pieces_of, stream_rows
from ingest.share import share_problem
from ingest.spool import Snapshot, working_folder

LoadStatus = Literal["loaded", "known", "refused", "nothing"]
# Batches are named within this, so the same bytes read the same way have the same name everywhere.
BATCH_NAMESPACE = UUID("5b8d0f6e-6f0b-5c39-9a55-2c1d6b1a6d21")


@dataclass(frozen=True)
class LoadOutcome:
    """What became of one file. Counts are rows of the record (a source row may hold several).

    ``rows_read`` = ``rows_loaded`` + ``rows_rejected`` + ``rows_skipped``, but for a refused file, whose
    ``rows_loaded`` is 0. ``problems`` holds what refused the file; single rows are in ``ops.rejected_row``.
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


class _RefusedBatchError(Exception):
    """Rolls the copy back; carries the refusal, and the drift when that is the reason."""

    def __init__(self, problem: Problem, held: HeldFileError | None = None) -> None:
        super().__init__(problem.message_en())
        self.problem, self.held = problem, held


def load_file(path: Path, record: str) -> LoadOutcome:
    """Load a file (or a folder of school workbooks) as a batch of ``record``: all its good rows, or nothing.

    Bad input is an outcome ('refused'), the same bytes again are 'known', a folder of schools that the record
    does not count is 'nothing'; only a failing system raises, and KeyError for a record without a contract.
    """
    contract = contracts()[record]
    path = Path(path).absolute()
    # Before it is read: should it change meanwhile, it counts as new.
    stamp = stamp_of(path) if path.is_dir() or path.is_file() else None
    with working_folder() as folder:
        try:
            with closing(open_path(path, folder)) as opener:
                return _load(opener, contract, folder)
        except NothingForRecordError:
            with connect("junheng_loader") as connection:
                batch_ledger.write_nothing(connection, record, path, stamp)
            return LoadOutcome("nothing", record, path.name, None, 0, 0, 0, 0, ())
        except RefusedFileError as error:
            with connect("junheng_loader") as connection:
                held_ledger.resolve(connection, record, path)
                number = held_ledger.write_held(connection, record, error)
                batch_ledger.write_refused_file(connection, record, path, error.problem, stamp, number)
            return LoadOutcome("refused", record, path.name, None, 0, 0, 0, 0, (error.problem,))


def _is_judged_anew(
    connection: psycopg.Connection, contract: Contract, batch: BatchFile, known: batch_ledger.KnownBatch
) -> bool:
    """Whether a refusal is lifted: profiles, contract or codes have changed since."""
    if known.status != "refused" or known.is_refused_for_good(contract.record, connection):
        return False
    batch_ledger.forget_refusal(connection, batch.batch_id, contract.table)
    return True


def _load(opener: Opener, contract: Contract, folder: Path) -> LoadOutcome:
    started = datetime.now(UTC)
    accepted = accepted_layouts.active_of(contract.record)

    def read(recognised: Recognised, terms: Terms) -> LoadOutcome:
        batch, plans = plan(opener, contract, recognised, started)
        return _load_as(opener, contract, batch, recognised, plans, terms, folder)

    return read_in_order(opener, contract.record, accepted, read)


def plan(
    opener: Opener, contract: Contract, recognised: Recognised, started: datetime
) -> tuple[BatchFile, list[SheetPlan]]:
    """The batch a file is to become, and how its sheets are read."""
    snapshot = opener.snapshot
    name = snapshot.path.name
    plans = [plan_sheet(name, recognised.profile, sheet) for sheet in recognised.sheets]
    batch = BatchFile(
        batch_id_of(recognised, snapshot.sha256, name, [mark for plan in plans for mark in plan.marks]),
        contract.record,
        recognised.profile,
        recognised.source.encoding,
        snapshot,
        started,
    )
    return batch, plans


def _load_as(
    opener: Opener,
    contract: Contract,
    batch: BatchFile,
    recognised: Recognised,
    plans: list[SheetPlan],
    terms: Terms,
    folder: Path,
) -> LoadOutcome:
    with (folder / "rejected").open("w+b") as cells, (folder / "rejected_keys").open("w+b") as whose:
        spill = Spill(cells, whose)
        tally = RowTally()
        try:
            with connect("junheng_loader") as connection:
                known = batch_ledger.lock_and_find(connection, batch)
                if known is not None and not _is_judged_anew(connection, contract, batch, known):
                    return _known(connection, batch, known)
                target = batch_table.open_target(connection, contract, batch, plans)
                pieces = pieces_of(contract, batch, recognised, plans, tally, target.origin)
                keys = KeySpill(folder)
                stream_rows(connection, target.copy_statement(contract), pieces, tally, spill, keys)
                batch_table.attach(connection, contract, target)
                _check_drift(connection, contract, batch, tally, terms)
                _finish(connection, contract, batch, plans, tally, spill, keys, opener.members)
                held_ledger.settle(connection, batch, contract.table, opener, recognised)
        except _RefusedBatchError as error:
            if error.held and not terms.is_last:
                raise error.held from None
            return _refuse_batch(batch, plans, tally, spill, error)
    return _outcome("loaded", batch, tally)


def _check_drift(
    connection: psycopg.Connection, contract: Contract, batch: BatchFile, tally: RowTally, terms: Terms
) -> None:
    """Years for which the layout is not accepted, new codes, another edition of a form: nothing is kept."""
    if terms.accepted is not None:
        years = accepted_layouts.years_of(connection, contract, batch.batch_id)
        if not terms.accepted.covers(years):
            raise OutsideYearsError
    drift = Drift(batch.profile, tuple(tally.differences(batch.profile, terms)))
    if drift.held:
        held = HeldFileError(batch.snapshot, drift, terms.outside)
        raise _RefusedBatchError(held.problem, held)


def batch_id_of(recognised: Recognised, sha256: str, file_name: str, marks: Sequence[str] = ()) -> UUID:
    """Name of the batch: the same for the same bytes read by the same profile.

    Where the profile reads figures from the file's name, that part of the name is content too; ``marks`` are
    whatever else was read outside the tables.
    """
    profile = recognised.profile
    parts = [profile.record, profile.name, str(profile.version), sha256, *marks]
    if any(source.file_name_group for block in profile.blocks for source in block.sources.values()):
        parts += profile.file_name_groups(file_name) or ()
    if profile.forms is not None:
        parts.append(profile.form_layout.school_year.year_in(file_name) or "")
    if profile.accepted is not None:
        parts.append(profile.accepted)
    return uuid5(BATCH_NAMESPACE, "/".join(parts))


def _finish(
    connection: psycopg.Connection,
    contract: Contract,
    batch: BatchFile,
    plans: list[SheetPlan],
    tally: RowTally,
    spill: Spill,
    keys: KeySpill,
    members: Sequence[Snapshot],
) -> None:
    """Take duplicates out, judge the batch as a whole, write its ledger."""
    file_name = batch.snapshot.path.name
    sheets = [plan.header.sheet for plan in plans]
    duplicates = remove_duplicates(connection, contract, batch.batch_id, sheets, keys)
    spill.cells.write(duplicates.lines)
    tally.rows_loaded -= duplicates.rows_removed
    tally.rows_rejected += duplicates.rows_removed
    if tally.rows_read == tally.rows_skipped:
        raise refuse(
            "no_rows",
            file_name,
            expected=("表头之下有数据行", "rows of data below the header"),
            mend=("补上数据后重新交入", "add the data and hand the file in again"),
        )
    if not members:
        _check_share(file_name, contract, tally)
    batch_ledger.write_batch(connection, batch, "loaded", _counts(tally))
    batch_ledger.write_details(connection, batch, plans, spill)
    batch_ledger.write_members(connection, batch.batch_id, members, tally.contents)
    if members and not judged_share.is_judged_later(connection, contract, batch.batch_id):
        _check_share(file_name, contract, tally)
    batch_ledger.write_notes(connection, batch, tally.notes)
    batch_ledger.write_seen(connection, batch.record, batch.snapshot.path, batch.batch_id, batch.snapshot)


def _counts(tally: RowTally) -> tuple[int, int, int, int]:
    return tally.rows_read, tally.rows_loaded, tally.rows_rejected, tally.rows_skipped


def _check_share(file_name: str, contract: Contract, tally: RowTally) -> None:
    """Refuse the file when too many of its rows are set aside."""
    problem = share_problem(file_name, contract, tally.rows_rejected, tally.rows_read - tally.rows_skipped)
    if problem:
        raise _RefusedBatchError(problem)


def _refuse_batch(
    batch: BatchFile, plans: list[SheetPlan], tally: RowTally, spill: Spill, error: _RefusedBatchError
) -> LoadOutcome:
    """Record a batch that was rolled back, with its rejected rows: the clerk must see them."""
    tally.rows_loaded, problem = 0, error.problem
    with connect("junheng_loader") as connection:
        known = batch_ledger.lock_and_find(connection, batch)
        if known is None or _is_judged_anew(connection, contracts()[batch.record], batch, known):
            reason = (problem.message_zh(), problem.message_en())
            batch_ledger.write_batch(connection, batch, "refused", _counts(tally), reason)
            batch_ledger.write_details(connection, batch, plans, spill)
        batch_ledger.write_seen(connection, batch.record, batch.snapshot.path, batch.batch_id, batch.snapshot)
        held_ledger.resolve(connection, batch.record, batch.snapshot.path)
        held_ledger.write_held(connection, batch.record, error.held)
    return _outcome("refused", batch, tally, (problem, *tally.problems))


def _known(connection: psycopg.Connection, batch: BatchFile, known: batch_ledger.KnownBatch) -> LoadOutcome:
    """The same bytes again: nothing changes, and a refusal stays one."""
    batch_ledger.write_seen(connection, batch.record, batch.snapshot.path, batch.batch_id, batch.snapshot)
    still = batch.snapshot.sha256 if known.status == "refused" else None
    held_ledger.resolve(connection, batch.record, batch.snapshot.path, still)
    problems: tuple[Problem, ...] = ()
    if known.status == "refused":
        name = batch.snapshot.path.name
        found = None if name == known.file_name else f"{name} = {known.file_name}"
        before_zh, before_en = (known.reason_zh or "").rstrip("。"), (known.reason_en or "").rstrip(".")
        problems = (
            file_problem(
                "refused_before",
                batch.snapshot.path.name,
                found=found,
                expected=(
                    f"改正后的文件；同样内容已被退回：{before_zh}",
                    f"a corrected file; the same content was refused before: {before_en}",
                ),
                mend=known_again.mend_of_refused(connection, contracts()[batch.record], batch.batch_id),
            ),
        )
    return LoadOutcome(
        "known",
        batch.record,
        batch.snapshot.path.name,
        batch.batch_id,
        known.rows_read,
        known.rows_loaded,
        known.rows_rejected,
        known.rows_skipped,
        problems,
    )


def _outcome(
    status: LoadStatus, batch: BatchFile, tally: RowTally, problems: tuple[Problem, ...] = ()
) -> LoadOutcome:
    return LoadOutcome(
        status, batch.record, batch.snapshot.path.name, batch.batch_id, *_counts(tally), problems
    )
