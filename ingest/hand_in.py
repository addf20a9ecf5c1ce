"""One file handed in on the command line: read, checked and made current, or refused with its reasons."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from ingest import night
from ingest.contract import code_list, contracts
from ingest.database import connect
from ingest.drift.held import HeldFileError
from ingest.known_again import told_of_known
from ingest.problems import RefusedFileError
from ingest.settings import landing_dir

EXPLANATION = "swing_explanation"


@dataclass(frozen=True)
class HandIn:
    """What became of one file: one result a record it was read as, and what refused it."""

    path: Path
    loads: tuple[dict[str, object], ...]
    reasons: tuple[tuple[str, str], ...]  # (zh, en)
    notes: tuple[tuple[str, str], ...] = ()  # what became of rows that counted before

    @property
    def is_refused(self) -> bool:
        """Whether any part of the file was refused."""
        return bool(self.reasons)


def hand_in(path: Path, record: str | None = None) -> HandIn:
    """Read ``path`` as ``record``, or as every record whose profile knows it. Bad input is an outcome."""
    run_id = f"hand_in__{datetime.now(UTC).isoformat()}"
    loads: list[dict[str, object]] = []
    reasons: list[tuple[str, str]] = []
    notes: dict[tuple[str, str], None] = {}
    try:
        names = [record] if record else records_of(path)
    except RefusedFileError as error:  # no record is known for it, so the ledger of none takes it
        return HandIn(path, (), ((error.problem.message_zh(), error.problem.message_en()),))
    for name in names:
        outcome = night.load(name, str(path))
        loads.append(outcome)
        reasons += [(zh, en) for zh, en in outcome["problems"]]
        # What a school explains may be what another record waits for.
        for waiting in (name, *(explained_records() if name == EXPLANATION else ())):
            checked = night.check(waiting, run_id)
            decided = night.accept(waiting, checked)
            reasons += [(zh, en) for zh, en in decided["refused"].values()]
            notes |= dict.fromkeys((zh, en) for zh, en in checked["notes"])
    return HandIn(path, tuple(loads), tuple(reasons), tuple(notes))


def explained_records() -> tuple[str, ...]:
    """Records about which a school may write an explanation."""
    return tuple(code.code for code in code_list("explained_record"))


def records_of(path: Path) -> list[str]:
    """Records as which a file is read: its folder under landing/ says, else the profiles that know it."""
    from ingest.readers import records_that_recognise

    if path.resolve().is_relative_to(landing_dir()):
        folders = path.resolve().relative_to(landing_dir()).parts[:-1]
        if folders and folders[0] in contracts():
            return [folders[0]]
    try:
        return records_that_recognise(path)
    except HeldFileError as held:  # the load tells the ledger, and knows what was accepted
        return [held.drift.profile.record]


def print_outcome(console: Console, outcome: HandIn) -> None:
    """Print what became of a file, first in Chinese, then in English."""
    from ingest.drift import report as layout_report

    for load in outcome.loads:
        if load["status"] == "known" and not load["problems"]:
            _say(console, f"{outcome.path.name}: 已收过，未作更改 known already, nothing changed")
        elif load["status"] == "nothing":
            _say(
                console, f"{outcome.path.name} → {load['record']}: 只有幼儿园，无此类数据 kindergartens only"
            )
        elif load["status"] == "loaded":
            _say(
                console,
                f"{outcome.path.name} → {load['record']}: {load['rows_loaded']} 行入库 rows loaded, "
                f"{load['rows_rejected']} 行隔离 quarantined, {load['rows_skipped']} 行略过 skipped",
            )
            layout_report.print_told(console, str(load["batch_id"]))
    for note_zh, note_en in (*_known(outcome), *outcome.notes):
        _say(console, f"· {note_zh}\n  {note_en}", style="yellow")
    for reason_zh, reason_en in outcome.reasons:
        _say(console, f"✗ {reason_zh}\n  {reason_en}", style="red")
    if any(load["status"] == "loaded" and load["rows_rejected"] for load in outcome.loads):
        _say(console, f"逐行查看 line by line: junheng rejected --file {shlex.quote(outcome.path.name)}")


def _known(outcome: HandIn) -> list[tuple[str, str]]:
    """What is told of those batches of a known file of which not all counts any more."""
    known = [
        str(load["batch_id"]) for load in outcome.loads if load["status"] == "known" and not load["problems"]
    ]
    if not known:
        return []
    with connect("junheng_loader") as connection:
        return told_of_known(connection, known)


def _say(console: Console, text: str, style: str | None = None) -> None:
    """Print a text as it is: a cell's brackets are no markup, and a path is not broken over lines."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
