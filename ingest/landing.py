"""Which files of the landing folder are new: known by path, size and time: the cost follows what changed."""

from __future__ import annotations

from pathlib import Path

from ingest.database import connect
from ingest.drift.accepted_layouts import reader_fingerprint
from ingest.forms.source import stamp_of, workbooks_in
from ingest.problems import printable
from ingest.profile_files import profiles_of
from ingest.settings import landing_dir

STATISTICS = "statistics"  # folder of the school workbooks of the education statistics
MENDED = "mended"  # folder of files that were handed back and come again, of whatever record
TEMPORARY_PREFIXES = (".", "~$")
TEMPORARY_SUFFIXES = (".tmp", ".part", ".crdownload")


def is_temporary(path: Path) -> bool:
    """Whether a file is a lock file, hidden, or still being written by the program that copies it."""
    return path.name.startswith(TEMPORARY_PREFIXES) or path.suffix.lower() in TEMPORARY_SUFFIXES


def landed_files(record: str) -> list[Path]:
    """Every file under ``landing/<record>/``, sorted; none when the folder is missing.

    With them the files of the folders that several records share, because one file feeds them all; before
    them the folders of school workbooks under ``landing/statistics/``, when the record is read from
    them: each is taken as one.
    """
    shared = {profile.shared_folder for profile in profiles_of(record) if profile.shared_folder}
    folders = [record, *sorted(shared)]
    return [*_workbook_folders(record), *(path for folder in folders for path in _files_in(folder))]


def _workbook_folders(record: str) -> list[Path]:
    root = landing_dir() / STATISTICS
    if not root.is_dir() or not any(profile.forms for profile in profiles_of(record)):
        return []
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    seen = [f for f in folders if not any(part.startswith(".") for part in f.relative_to(root).parts)]
    return sorted(folder for folder in seen if workbooks_in(folder))


def _files_in(name: str) -> list[Path]:
    folder = landing_dir() / name
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def pending_files(record: str) -> list[Path]:
    """Landed files that the ledger does not know by (path, size, time), in order of time and path.

    A file that was seen is looked at again when the profiles or the contract of its record changed: a
    refused layout may be readable now. One query, and one ``stat`` a file; no file is opened.
    """
    with connect("junheng_loader") as connection:
        seen = set(
            connection.execute(
                "select file_path, file_bytes, file_mtime_ns from ops.seen_file "
                "where record = %s and reader_fingerprint = %s",
                [record, reader_fingerprint(record, connection)],
            ).fetchall()
        )
    pending = []
    for path in landed_files(record):
        if is_temporary(path):
            continue
        size, mtime_ns = stamp_of(path)
        if (printable(str(path)), size, mtime_ns) not in seen:
            pending.append((mtime_ns, str(path), path))
    return [path for _, _, path in sorted(pending)]


def pending_mended() -> list[Path]:
    """Files under ``landing/mended/`` that were not replayed yet, in order of time and path."""
    folder = landing_dir() / MENDED
    if not folder.is_dir():
        return []
    with connect("junheng_loader") as connection:
        seen = set(
            connection.execute(
                "select file_path, file_bytes, file_mtime_ns from ops.seen_file where record = %s", [MENDED]
            ).fetchall()
        )
    pending = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not is_temporary(path)):
        size, mtime_ns = stamp_of(path)
        if (printable(str(path)), size, mtime_ns) not in seen:
            pending.append((mtime_ns, str(path), path))
    return [path for _, _, path in sorted(pending)]
