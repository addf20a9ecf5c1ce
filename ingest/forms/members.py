"""The workbooks of a folder, copied one by one: an empty one is told by its name and holds up no other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ingest.problems import Problem, RefusedFileError, refuse
from ingest.spool import Snapshot, take_snapshot

SHOWN_NAMES = 20


class NothingForRecordError(Exception):
    """A folder whose schools are all of a kind that the record does not count: no fault, and no rows."""


def snapshot_members(paths: Sequence[Path], work: Path) -> list[Snapshot]:
    """A copy of each workbook. RefusedFileError names all that cannot be copied: those may be whole in a
    minute, and without them the folder is not what was handed in."""
    members: dict[str, Snapshot] = {}
    failed: list[Problem] = []
    for number, path in enumerate(paths):
        place = work / f"workbook_{number}"
        place.mkdir()
        try:
            snapshot = _snapshot(path, place)
        except RefusedFileError as error:
            failed.append(error.problem)
            continue
        members.setdefault(snapshot.sha256, snapshot)
    if failed:
        raise _cannot_be_copied(failed)
    return list(members.values())


def _snapshot(path: Path, place: Path) -> Snapshot:
    try:
        return take_snapshot(path, place)
    except RefusedFileError as error:
        if error.problem.rule != "empty_file":
            raise
        # Each empty file is one of its own: which school's it is only its name can say.
        digest = hashlib.sha256(f"empty\n{path.name}".encode()).hexdigest()
        mtime_ns = path.stat().st_mtime_ns
        return Snapshot(path, place, place / "snapshot", digest, 0, mtime_ns, False, None)


def _cannot_be_copied(failed: Sequence[Problem]) -> RefusedFileError:
    first = failed[0]
    names = "、".join(problem.file_name for problem in failed[:SHOWN_NAMES])
    more = f" … ({len(failed)})" if len(failed) > SHOWN_NAMES else ""
    return refuse(
        first.rule,
        names + more,
        found=first.found,
        expected=(first.expected_zh, first.expected_en),
        mend=(first.mend_zh, first.mend_en),
    )
