"""The steps of a night as plain functions: Airflow's tasks call them, and so may a test.

Each takes and returns what JSON can hold. Where a step stops the night for a reason that somebody can
mend, it raises NightError, which no retry would help; a system error is raised as it is, and retried.
Heavy modules (Great Expectations, dbt, pandas) are imported by the step that needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

WAREHOUSE = "warehouse"
MENDED = "mended"  # stands for a record where files that came back mended are replayed
KINDS = {"models": "model", "tests": "test", "seeds": "seed"}  # of dbt's nodes, as a step counts them
MAX_NAMED = 10  # failures named one by one in a reason; the ledger holds all
MAX_PROBLEMS = 20  # problems of one file carried between tasks; the ledger holds all

P = ParamSpec("P")
R = TypeVar("R")


class NightError(Exception):
    """The night stops here for a reason given in Chinese and English, free of personal data."""

    def __init__(self, reason_zh: str, reason_en: str) -> None:
        super().__init__(f"{reason_zh} / {reason_en}")
        self.reason_zh = reason_zh
        self.reason_en = reason_en

    def __reduce__(self) -> tuple[type[NightError], tuple[str, str]]:
        """Both reasons survive the way between processes."""
        return type(self), (self.reason_zh, self.reason_en)


@dataclass(frozen=True)
class Step:
    """What a step tells whoever watches: its begin, its end with counts, or its failure."""

    record: str  # a record's name, or WAREHOUSE
    name: str  # the function's name, which is the task's
    state: str  # started, done or failed
    file_name: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    error: BaseException | None = None


_watchers: list[Callable[[Step], None]] = []


@contextmanager
def watched_by(watcher: Callable[[Step], None]) -> Iterator[None]:
    """Tell ``watcher`` of every step that this process takes inside the block."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def _tell(step: Step) -> None:
    for watcher in _watchers:
        watcher(step)


def _counts(result: Any) -> dict[str, int]:
    """The whole numbers of a step's result; a list counts as its length, a verdict as 0 or 1."""
    if isinstance(result, list):
        return {"files": len(result)}
    if isinstance(result, bool):
        return {"is_new": int(result)}
    if isinstance(result, dict):
        return {name: value for name, value in result.items() if type(value) is int}
    return {}


def _step(of_record: bool) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Tell the watchers when the function begins, ends and fails."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__name__

        @wraps(function)
        def told(*args: P.args, **kwargs: P.kwargs) -> R:
            record = str(args[0]) if of_record else WAREHOUSE
            file_name = Path(str(args[1])).name if name == "load" else None
            _tell(Step(record, name, "started", file_name))
            try:
                result = function(*args, **kwargs)
            except BaseException as error:
                _tell(Step(record, name, "failed", file_name, error=error))
                raise
            _tell(Step(record, name, "done", file_name, _counts(result)))
            return result

        return told

    return decorate


@_step(of_record=True)
def list_files(record: str) -> list[str]:
    """Paths of the landed files of a record that the ledger does not know, in the order of loading."""
    from ingest.landing import pending_files

    return [str(path) for path in pending_files(record)]


@_step(of_record=True)
def load(record: str, path: str) -> dict[str, Any]:
    """Load one file into raw. A file that is refused does not raise: the result says so and why."""
    from ingest.load import load_file

    outcome = load_file(Path(path), record)
    return {
        "status": outcome.status,
        "record": outcome.record,
        "file_name": outcome.file_name,
        "batch_id": str(outcome.batch_id) if outcome.batch_id else None,
        "rows_read": outcome.rows_read,
        "rows_loaded": outcome.rows_loaded,
        "rows_rejected": outcome.rows_rejected,
        "rows_skipped": outcome.rows_skipped,
        **{f"files_{status}": int(outcome.status == status) for status in ("loaded", "known", "refused")},
        "problems": [[p.message_zh(), p.message_en()] for p in outcome.problems[:MAX_PROBLEMS]],
    }


@_step(of_record=True)
def check(record: str, run_id: str, only: Sequence[UUID] | None = None) -> dict[str, Any]:
    """Check every batch that waits for acceptance, those of a night that was cut off included.

    ``refused`` maps a batch to why it must not become current: [zh, en]; ``notes`` says what became of the
    mended workbooks of folders that were read again, and what a part of a table means for its other files.
    A batch that was refused for want of an explanation waits again once it has come, one held against what
    counted once that has changed, and a folder with too many bad rows once more of them came back mended.
    ``only`` limits it to those batches.
    """
    from expectations.reopened import reopen_changed
    from expectations.swings import reopen_explained
    from ingest.accept import batches_that_undo, pending_batches
    from ingest.contract import contracts
    from ingest.hand_back.judged_share import reopen_mended

    if only is None:
        reopen_explained(record)
        reopen_changed(record)
        reopen_mended(contracts()[record])
    waiting = [batch for batch in pending_batches(record) if only is None or batch in only]
    if not waiting:
        return {"batches_checked": 0, "passed": [], "refused": {}, "notes": []}
    from expectations.incoming import check_batches
    from ingest import parts_told
    from ingest.database import analyze
    from ingest.hand_back.kept_mends import keep_mends, told

    analyze(record)
    undoing = batches_that_undo(record, waiting)
    undoing |= keep_mends(record, [batch for batch in waiting if batch not in undoing])
    verdicts = check_batches(record, [batch for batch in waiting if batch not in undoing], run_id)
    refused = {str(batch): _joined(v.failures) for batch, v in verdicts.items() if not v.is_success}
    refused |= {str(batch): list(reason) for batch, reason in undoing.items()}
    passed = [batch for batch, v in verdicts.items() if v.is_success]
    return {
        "batches_checked": len(waiting),
        "passed": [str(batch) for batch in passed],
        "refused": refused,
        "notes": [list(note) for note in (*told(waiting), *parts_told.tell(record, passed, run_id))],
    }


def _joined(failures: Sequence[Any]) -> list[str]:
    """Messages of failed checks as one reason a language: [zh, en]."""
    named = failures[:MAX_NAMED]
    more = len(failures) - len(named)
    zh, en = [f.message_zh for f in named], [f.message_en for f in named]
    if more:
        zh.append(f"另有 {more} 项")
        en.append(f"{more} more")
    return ["；".join(zh), "; ".join(en)]


@_step(of_record=True)
def accept(record: str, checked: Mapping[str, Any]) -> dict[str, Any]:
    """Make the batches that passed current, refuse the others; one transaction. Then drop what is left of
    refused ones of which a later file has told everything.

    A batch that somebody loaded since the check stays pending: it is checked and decided next time.
    ``refused`` maps a batch to why it is not current, be it what was checked or what is found only now:
    [zh, en].
    """
    from ingest.accept import accept_batches
    from ingest.batch_table import drop_unread

    refused = {UUID(batch): (zh, en) for batch, (zh, en) in checked["refused"].items()}
    decided = [*map(UUID, checked["passed"]), *refused]
    outcome = accept_batches(record, refused, batch_ids=decided)
    if outcome.accepted:
        drop_unread(record)
    return {
        "batches_accepted": len(outcome.accepted),
        "batches_refused": len(outcome.refused),
        "partitions_changed": outcome.partitions,
        "refused": {str(batch): list(reason) for batch, reason in outcome.reasons.items()},
    }


@_step(of_record=True)
def report_refusals(record: str, loaded: Sequence[Mapping[str, Any]], decided: Mapping[str, Any]) -> None:
    """Raise NightError naming what was refused tonight; what was good has already gone on."""
    zh: list[str] = []
    en: list[str] = []
    for outcome in loaded:
        if outcome["status"] == "refused":
            first_zh, first_en = (outcome["problems"] or [[outcome["file_name"]] * 2])[0]
            zh.append(first_zh)
            en.append(first_en)
    for reason_zh, reason_en in decided["refused"].values():
        zh.append(reason_zh)
        en.append(reason_en)
    if not zh:
        return
    raise NightError(
        f"{record}：{len(zh)} 份文件被拒收，其余已入库。" + " | ".join(zh[:MAX_NAMED]),
        f"{record}: {len(en)} file(s) refused, the others went on. " + " | ".join(en[:MAX_NAMED]),
    )


@_step(of_record=True)
def replay_mended(folder: str) -> dict[str, Any]:
    """Replay every file of landing/mended that was not yet, one after the other: each stands on the last.

    A file that is refused does not raise: the result says so and why.
    """
    from ingest.hand_back.replay import replay_file
    from ingest.landing import pending_mended

    replayed = []
    for path in pending_mended():
        outcomes = replay_file(path)
        is_refused = any(one.status == "refused" for one in outcomes)
        reasons = [list(reason) for one in outcomes if one.status == "refused" for reason in one.reasons]
        replayed.append(
            {
                "file_name": path.name,
                "status": "refused" if is_refused else "replayed",
                "rows_taken": sum(one.rows_taken for one in outcomes if one.status == "taken"),
                "problems": reasons[:MAX_PROBLEMS],
            }
        )
    return {
        "folder": folder,
        "files_replayed": len(replayed),
        "rows_mended": sum(one["rows_taken"] for one in replayed),
        "replayed": replayed,
    }


@_step(of_record=False)
def is_anything_new(run_id: str) -> bool:
    """Whether a build could give other marts than those that are published; if not, the night ends well."""
    from ingest import publish as publication

    if publication.is_anything_new():
        return True
    publication.record_unchanged(run_id)
    return False


@_step(of_record=False)
def build(run_id: str) -> dict[str, Any]:
    """Build and test every model in one dbt process. Raises NightError naming the nodes that failed."""
    from ingest import warehouse

    outcome = warehouse.build(run_id, unit_tests=False)
    if not outcome.is_success:
        named = [f"{node.node_name} ({node.status})" for node in outcome.failures[:MAX_NAMED]]
        more = len(outcome.failures) - len(named)
        rest_zh, rest_en = (f"，另有 {more} 个", f" and {more} more") if more else ("", "")
        raise NightError(
            f"建模未通过：{'、'.join(named)}{rest_zh}。已发布的数据保持不变。",
            f"the build failed: {', '.join(named)}{rest_en}. What is published stays as it is.",
        )
    kinds = [node.resource_type for node in outcome.nodes]
    return {name: kinds.count(kind) for name, kind in KINDS.items()}


@_step(of_record=False)
def check_marts(run_id: str) -> dict[str, Any]:
    """Check the marts that were built, before anyone reads them. Raises NightError naming what failed."""
    from expectations.outgoing import check_marts as check_built

    verdict = check_built(run_id)
    if not verdict.is_success:
        zh, en = _joined(verdict.failures)
        raise NightError(f"发布前检查未通过：{zh}", f"the checks before publication failed: {en}")
    return {"failures": 0}


@_step(of_record=False)
def publish(run_id: str) -> dict[str, Any]:
    """Swap tonight's marts in; readers see all of last night or all of tonight."""
    from ingest import publish as publication

    outcome = publication.publish(run_id)
    return {"marts": len(outcome.marts), "marts_fingerprint": outcome.marts_fingerprint}


def record_failure(run_id: str, reason_zh: str, reason_en: str) -> None:
    """Say at the marts that tonight was not published and why; last night's stay readable."""
    from ingest import publish as publication

    publication.record_failure(run_id, reason_zh, reason_en)
