"""A whole night in this process: the scheduler's own DAGs, run by Airflow's ``dag.test()``.

Airflow, dbt and Great Expectations write a great deal; all of it goes to a log file, and whoever started
the night hears of each step through a callback.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from ingest import airflow_environment, night
from ingest.night import Step
from ingest.settings import DAGS_DIR, home

BUILD_DAG = "build_warehouse"
REPLAY_DAG = "replay_mended"
# Objects between two collections. Airflow builds hundreds of thousands at once when its interface to
# tasks is first asked; with Python's 700 a tenth of the night went into looking for garbage.
COLLECT_AFTER = 50_000
# The last step of a record; when it is done, the record's asset is out and the build may begin.
GATES = {"accept", "replay_mended"}
# What is told of a record of which no file and no batch waits.
NOTHING_NEW = "nothing_new"


class DagImportError(RuntimeError):
    """A file of the DAG folder cannot be read."""


@dataclass(frozen=True)
class NightOutcome:
    """What a night came to. Reasons are pairs of Chinese and English."""

    run_id: str
    is_published: bool
    is_anything_new: bool
    refusals: tuple[tuple[str, str], ...]  # input that was refused; the night went on
    failures: tuple[tuple[str, str], ...]  # what stopped the night; the published marts stayed
    counts: dict[str, int]  # files, rows and batches of the whole night, summed over records
    seconds: float
    log_file: Path

    @property
    def is_success(self) -> bool:
        """Whether the marts hold tonight's data: published now, or nothing was new."""
        return not self.failures


@dataclass
class _Record:
    """What the steps told while the night ran."""

    on_step: Callable[[Step], None]
    accepted: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    failures: dict[tuple[str, str, str | None], tuple[str, str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """Keep what the outcome needs and hand the step on. A retry that succeeds clears its failure."""
        place = (step.record, step.name, step.file_name)
        if step.state == "failed":
            self._take_failure(place, step.error)
        elif step.state == "done":
            self.failures.pop(place, None)
            self.done.add(step.name)
            if step.name in GATES:
                self.accepted.add(step.record)
            for name, count in step.counts.items():
                self.counts[name] = self.counts.get(name, 0) + count
        self.on_step(step)

    def skip(self, name: str) -> None:
        """A record that brought nothing has come through."""
        self.accepted.add(name)
        self.on_step(Step(name, NOTHING_NEW, "done"))

    def _take_failure(self, place: tuple[str, str, str | None], error: BaseException | None) -> None:
        from ingest.alerts import TASKS_THAT_STOP_NOTHING, reason

        record, name, file_name = place
        if name in TASKS_THAT_STOP_NOTHING:
            self.refusals.append(reason(error))
            return
        reason_zh, reason_en = reason(error)
        where = " ".join(part for part in (record, name, file_name) if part)
        self.failures[place] = (f"{where}：{reason_zh}", f"{where}: {reason_en}")


def screen() -> TextIO:
    """A stream to the terminal that stays usable while a night sends this process's output to its log.

    Ask for it before the night starts, e.g. ``Console(file=screen())``.
    """
    sys.stdout.flush()
    return os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace", buffering=1)


@contextmanager
def _output_to(path: Path) -> Iterator[None]:
    """Send standard output and error, of this process and its libraries, to the end of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before, handlers = (sys.stdout, sys.stderr), logging.getLogger().handlers[:]
    for stream in before:
        stream.flush()
    saved = os.dup(1), os.dup(2)
    with path.open("a", encoding="utf-8", buffering=1) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        sys.stdout = sys.stderr = log
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before
            logging.getLogger().handlers[:] = handlers  # those that came since hold the log
            for kept, descriptor in zip(saved, (1, 2), strict=True):
                os.dup2(kept, descriptor)
                os.close(kept)


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _connections_closed_after() -> Iterator[None]:
    """Give back what Airflow keeps open to its metadata, so that the server can be stopped after a night."""
    from airflow import settings

    try:
        yield
    finally:
        settings.Session.remove()
        settings.get_engine().dispose()


def _dags() -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=DAGS_DIR)
    if bag.import_errors:
        raise DagImportError("; ".join(f"{path}: {text}" for path, text in bag.import_errors.items()))
    return dict(bag.dags)


def _has_work(name: str) -> bool:
    """Whether a file or a batch of the record waits. What goes wrong while looking is the DAG's to tell."""
    from ingest import accept, landing

    try:
        return bool(landing.pending_files(name) or accept.pending_batches(name))
    except Exception:  # the DAG meets it again, tries again and says so
        return True


def _has_mended() -> bool:
    """Whether a file that came back mended waits; what goes wrong is the DAG's to tell."""
    from ingest import landing

    try:
        return bool(landing.pending_mended())
    except Exception:  # as above
        return True


def _run_dags(record: _Record, moment: datetime) -> None:
    """Every load that has work, then the build when every record came through, as the assets would have it.

    A DAG of four tasks that find nothing takes seconds, and most records bring nothing on most nights.
    """
    from ingest.contract import contracts

    dags = _dags()
    # Mended rows belong to what was accepted before; tonight's new files come after and count more.
    if _has_mended():
        dags[REPLAY_DAG].test(run_after=moment, logical_date=moment)
    else:
        record.skip(night.MENDED)
    for name in contracts():
        if _has_work(name):
            dags[f"load_{name}"].test(run_after=moment, logical_date=moment)
        else:
            record.skip(name)
    if record.accepted >= {*contracts(), night.MENDED}:
        dags[BUILD_DAG].test(run_after=moment, logical_date=moment)


def run_night(on_step: Callable[[Step], None]) -> NightOutcome:
    """Run all load DAGs and then build_warehouse; every step is told to ``on_step``.

    ``on_step`` must write to ``screen()``, not to standard output, which belongs to the log meanwhile.
    Input that is refused and checks that fail are part of the outcome; raises only when Airflow itself
    cannot run.
    """
    began = time.monotonic()
    moment = datetime.now(UTC)
    log_file = home() / "logs" / f"night-{moment:%Y%m%dT%H%M%S}.log"
    record = _Record(on_step)
    airflow_environment.apply()
    with _output_to(log_file), _collecting_rarely():
        airflow_environment.migrate_metadata()
        with night.watched_by(record.take), _connections_closed_after():
            _run_dags(record, moment)
    return NightOutcome(
        run_id=f"manual__{moment.isoformat()}",
        is_published="publish" in record.done,
        is_anything_new=bool(record.counts.pop("is_new", 0)),
        refusals=tuple(record.refusals),
        failures=tuple(record.failures.values()),
        counts=record.counts,
        seconds=time.monotonic() - began,
        log_file=log_file,
    )
