"""A mended file back in: its rows take the place of those that were set aside, the others stay.

A replay is a batch of its own, in one transaction: the rows of the batch it mends and the mended ones, each
still traced to the file that told it. It is checked and accepted like any batch. What was accepted before
never vanishes by a replay, and the same mended file again is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid5

import psycopg

from ingest import batch_ledger, lineage, night
from ingest.batch_ledger import TRANSIENT_RULES, BatchFile, Spill
from ingest.contract import Contract, contracts
from ingest.database import connect
from ingest.drift.accepted_layouts import as_loaded
from ingest.forms.source import stamp_of
from ingest.hand_back import replay_refusals, replay_rows, replay_stages
from ingest.hand_back.mended import MendedSource, batches_of, read_mended
from ingest.hand_back.replay_report import Figure, figures_of, still_bad
from ingest.hand_back.withdrawn import withdrawn_places
from ingest.landing import MENDED
from ingest.layout import SheetPlan, plan_sheet
from ingest.lineage import Lineage, Place
from ingest.load import BATCH_NAMESPACE
from ingest.opener import Opener, open_path
from ingest.problems import RefusedFileError
from ingest.profile_files import profiles
from ingest.readers import Recognised
from ingest.row_stream import copy_rows
from ingest.spool import working_folder

WHOLE_WORKBOOK = 0  # stands for the row of a school workbook, which comes back as a whole
Status = Literal["taken", "known", "refused"]
Reason = tuple[str, str]


@dataclass(frozen=True)
class Replay:
    """What became of the rows of one batch in a mended file."""

    status: Status
    record: str
    batch_id: UUID | None = None
    base_file: str = ""
    rows_before: int = 0  # set aside
    rows_taken: int = 0
    rows_withdrawn: int = 0
    rows_left: int = 0  # set aside still
    figures: tuple[Figure, ...] = ()  # none of a record about persons
    reasons: tuple[Reason, ...] = ()  # why it was refused, or what is still wrong
    is_to_be_tried_again: bool = False  # the refusal says nothing of the file's content


@dataclass
class _Work:
    """One batch of a mended file while it is replayed."""

    opener: Opener
    stamp: UUID  # the batch whose rows the file holds
    member: str  # of a school workbook: the name it came under
    found: Lineage
    contract: Contract
    batch: BatchFile
    recognised: Recognised
    plans: list[SheetPlan] = field(default_factory=list)

    @property
    def batch_id(self) -> UUID:
        return self.batch.batch_id


def replay_file(path: Path) -> list[Replay]:
    """Replay a mended file for every batch that it holds rows of. Bad input is an outcome."""
    path = Path(path).absolute()
    # Before it is read, so that one that changes meanwhile counts as new.
    seen = stamp_of(path) if path.is_file() else None
    with working_folder() as folder:
        try:
            with closing(open_path(path, folder)) as opener:
                stamps = batches_of(opener)
                done = [_replay(opener, stamp, member, folder) for stamp, member in stamps.items()]
        except RefusedFileError as error:
            _write_refusal(None, path, error)
            done = [_refused("", error)]
    if seen is not None and not any(one.is_to_be_tried_again for one in done):
        with connect("junheng_loader") as connection:
            batch_ledger.write_seen_mended(connection, MENDED, path, seen)
    return done


def _refused(record: str, error: RefusedFileError) -> Replay:
    more = error.reasons if isinstance(error, replay_refusals.NothingMendedError) else ()
    is_transient = error.problem.rule in TRANSIENT_RULES
    return Replay("refused", record, reasons=(_said(error), *more), is_to_be_tried_again=is_transient)


def _replay(opener: Opener, stamp: UUID, member: str, folder: Path) -> Replay:
    path, record = opener.snapshot.path, ""
    try:
        with connect("junheng_loader") as connection:
            root = replay_refusals.known_lineage(path.name, stamp, member, connection).root
        record = root.record
        with _alone(root.batch_id):
            return _replay_alone(opener, stamp, member, folder)
    except RefusedFileError as error:
        if error.problem.rule != "refused_before":  # the ledger has told of that
            _write_refusal(record or None, path, error)
        return _refused(record, error)


@contextmanager
def _alone(root: UUID) -> Iterator[None]:
    """Two mended files of one batch: the second waits until the first is decided, and then stands on it."""
    with connect("junheng_loader", autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [f"junheng.replay/{root}"])
        yield


def _replay_alone(opener: Opener, stamp: UUID, member: str, folder: Path) -> Replay:
    name = opener.snapshot.path.name
    _settle(_lineage(name, stamp, member))
    found = _lineage(name, stamp, member)
    known = found.taken(opener.snapshot.sha256)
    if known is not None:
        return Replay("known", found.root.record, known.batch_id, found.root.file_name)
    replay_refusals.check_is_current(name, found)
    work = _work(opener, stamp, member, found)
    with _spill(folder, stamp) as spill, connect("junheng_loader") as connection:
        outcome = _compose(connection, work, spill)
    return _decide(outcome, work.batch_id)


def _lineage(name: str, stamp: UUID, member: str) -> Lineage:
    with connect("junheng_loader") as connection:
        return replay_refusals.known_lineage(name, stamp, member, connection)


def _settle(found: Lineage) -> None:
    """Decide what waits of the lineage, so that the replay stands on what counts (one may have been cut off).

    Batches of other files, and the folder read again, are left to the night that loaded them: it tells what
    it refuses.
    """
    own = [found.root, *(member for member in found.members if member.base_batch_id)]
    waiting = [member.batch_id for member in own if member.status == "loaded"]
    if waiting:
        _check_and_accept(found.root.record, waiting)


def _check_and_accept(record: str, batch_ids: Sequence[UUID]) -> None:
    run_id = f"replay__{datetime.now(UTC).isoformat()}"
    night.accept(record, night.check(record, run_id, batch_ids))


def _decide(outcome: Replay, batch_id: UUID) -> Replay:
    """Check the replay and make it current, like any batch."""
    _check_and_accept(outcome.record, [batch_id])
    with connect("junheng_loader") as connection:
        row = connection.execute(
            "select status, reason_zh, reason_en from ops.load_batch where batch_id = %s", [batch_id]
        ).fetchone()
    status, zh, en = row if row else ("refused", "", "")
    if status == "accepted":
        return outcome
    return replace(outcome, status="refused", figures=(), reasons=((zh, en), *outcome.reasons))


@contextmanager
def _spill(folder: Path, stamp: UUID) -> Iterator[Spill]:
    place = folder / str(stamp)
    place.mkdir()
    with (place / "rejected").open("w+b") as cells, (place / "rejected_keys").open("w+b") as keys:
        yield Spill(cells, keys)


def _compose(connection: psycopg.Connection, work: _Work, spill: Spill) -> Replay:
    """The replay as a loaded batch: all of it, or (raising) nothing.

    Nothing in it may open another connection: one that waits for a migration, which waits for this
    transaction, would wait for ever.
    """
    name, record = work.opener.snapshot.path.name, work.contract.record
    # A newer file may have been accepted since.
    found = replay_refusals.known_lineage(name, work.stamp, work.member, connection)
    replay_refusals.check_is_current(name, found)
    before = batch_ledger.lock_and_find(connection, work.batch)
    if before is not None:
        if before.is_refused_for_good(record, connection):
            raise replay_refusals.refused_before(name, before.reason_zh or "", before.reason_en or "")
        batch_ledger.forget_refusal(connection, work.batch_id, work.contract.table)
    return _write(connection, replace(work, found=found), spill)


def _work(opener: Opener, stamp: UUID, member: str, found: Lineage) -> _Work:
    """How the file is read: as its original was, by the same layout and under the original's name."""
    started, snapshot = datetime.now(UTC), opener.snapshot
    own = next(m for m in found.members if m.batch_id == stamp)
    profile = next((p for p in profiles() if p.name == own.profile), None)
    if profile is None:
        raise replay_refusals.layout_gone(snapshot.path.name, own.profile)
    profile = as_loaded(profile, stamp)
    recognised = read_mended(opener, profile, stamp)
    plans = [plan_sheet(found.root.file_name, profile, sheet) for sheet in recognised.sheets]
    parts = ["replay", str(found.head.batch_id), snapshot.sha256, profile.name, str(profile.version)]
    parts += [mark for plan in plans for mark in plan.marks]
    batch_id = uuid5(BATCH_NAMESPACE, "/".join(parts))
    encoding = recognised.source.encoding
    batch = BatchFile(batch_id, found.root.record, profile, encoding, snapshot, started)
    contract = contracts()[found.root.record]
    return _Work(opener, stamp, member, found, contract, batch, recognised, plans)


def _write(connection: psycopg.Connection, work: _Work, spill: Spill) -> Replay:
    snapshot = work.batch.snapshot
    # Figures that a file's or a folder's name tells are told by the original's.
    named = replace(snapshot, path=snapshot.path.with_name(work.found.root.file_name))
    copied = copy_rows(connection, replace(work.batch, snapshot=named), work.recognised, work.plans, spill)
    batch_ledger.write_batch(connection, work.batch, "loaded", (0, 0, 0, 0))
    batch_ledger.write_details(connection, work.batch, work.plans, spill)
    batch_ledger.write_notes(connection, work.batch, copied.notes)
    moved = _moved(connection, work)
    offset, places = _blocks_used(work), list(moved.values())
    places += replay_stages.replaced(connection, work.contract, work.found, work.batch_id, offset, places)
    replay_rows.mark_handed_over(connection, work.found, places)
    if not replay_rows.map_blocks(connection, work.contract, work.found, offset):
        raise replay_refusals.too_many_replays(snapshot.path.name)
    replay_rows.copy_base(connection, work.contract, work.found, work.batch_id)
    replay_rows.set_twins_aside(connection, work.contract, work.batch_id, offset)
    withdrawn = withdrawn_places(connection, work.found, work.batch_id, offset, moved, work.stamp)
    replay_rows.add_handed_over(connection, work.found, withdrawn)
    replay_rows.copy_rejections(connection, work.found, work.batch_id)
    _write_moves(connection, work, moved)
    replay_refusals.check_keeps_accepted(connection, work.contract, work.found, work.batch, offset)
    return _counted(connection, work, offset, len(withdrawn))


def _blocks_used(work: _Work) -> int:
    return 1 + max((block.number for plan in work.plans for block in plan.blocks), default=0)


def _moved(connection: psycopg.Connection, work: _Work) -> dict[tuple[str, int], Place]:
    """Rows of the mended file, and the row of the base that each stands for."""
    name = work.opener.snapshot.path.name
    known = lineage.known_places(connection, work.stamp)
    if isinstance(work.recognised.source, MendedSource):
        places = work.recognised.source.places
        strange = sorted(own for own, origin in places.items() if origin not in known)
    else:
        places = {(name, WHOLE_WORKBOOK): (work.member, WHOLE_WORKBOOK)}
        is_known = any(s == work.member or s.startswith(f"{work.member} ") for s, _ in known)
        strange = [] if is_known else list(places)
    if strange:
        raise replay_refusals.row_never_returned(name, strange[0], places[strange[0]])
    went, partly = lineage.moves(connection, work.found), lineage.kept_partly(connection, work.found)
    return {
        own: replay_refusals.place_that_counts(
            connection, name, work.found, lineage.latest((work.stamp, *origin), went, partly)
        )
        for own, origin in places.items()
    }


def _write_moves(connection: psycopg.Connection, work: _Work, moved: dict[tuple[str, int], Place]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.mended_row (batch_id, source_sheet, source_row, origin_batch_id, origin_sheet, "
            "origin_row) values (%s, %s, %s, %s, %s, %s)",
            [(work.batch_id, *own, *place) for own, place in moved.items()],
        )


def _counted(connection: psycopg.Connection, work: _Work, offset: int, withdrawn: int) -> Replay:
    """Write the counts of the whole batch; NothingMendedError when nothing of the file could be taken."""
    count = _counts(connection, work, offset)
    bad = still_bad(connection, work.batch_id, offset, work.opener.snapshot.path.name)
    if not count["taken"] and not withdrawn:
        raise replay_refusals.nothing_mended(work.opener.snapshot.path.name, bad)
    skipped = work.found.head.rows_skipped
    connection.execute(
        "update ops.load_batch set base_batch_id = %s, layout_id = %s, rows_read = %s, rows_loaded = %s, "
        "rows_rejected = %s, rows_skipped = %s where batch_id = %s",
        [
            work.found.head.batch_id,
            work.batch.profile.accepted,  # what is still bad goes back by it again
            count["loaded"] + count["left"] + skipped,
            count["loaded"],
            count["left"],
            skipped,
            work.batch_id,
        ],
    )
    figures: tuple[Figure, ...] = ()
    if not work.contract.is_about_persons:
        rows = replay_rows.changes(connection, work.contract, work.found, work.batch_id, offset)
        figures = figures_of(work.contract, rows)
    return Replay(
        "taken",
        work.contract.record,
        work.batch_id,
        work.found.root.file_name,
        count["before"],
        count["taken"],
        withdrawn,
        count["left"],
        figures,
        tuple(bad),
    )


def _counts(connection: psycopg.Connection, work: _Work, offset: int) -> dict[str, int]:
    row = connection.execute(
        f"""
        select
            (select count(*) from {work.contract.table} where batch_id = %(batch)s),
            (select count(*) from {work.contract.table}
                where batch_id = %(batch)s and source_block < %(offset)s),
            (select count(*) from ops.rejected_key where batch_id = %(batch)s),
            (select count(*) from ops.rejected_key where batch_id = %(head)s)
        """,  # noqa: S608  owner: maintainers; the name is the contract's, no end
        {"batch": work.batch_id, "head": work.found.head.batch_id, "offset": offset},
    ).fetchone()
    return dict(zip(("loaded", "taken", "left", "before"), row or (0, 0, 0, 0), strict=True))


def _said(error: RefusedFileError) -> Reason:
    return error.problem.message_zh(), error.problem.message_en()


def _write_refusal(record: str | None, path: Path, error: RefusedFileError) -> None:
    with connect("junheng_loader") as connection:
        batch_ledger.write_refused_file(connection, record or MENDED, path, error.problem, None)
