"""Which files of the landing folder are new: known by path, size and time: the cost follows what changed."""

from __future__ import annotations

from pathlib import Path

from ingest.database import connect
from ingest.profile import reader_fingerprint
from ingest.settings import landing_dir

TEMPORARY_PREFIXES = (".", "~$")
TEMPORARY_SUFFIXES = (".tmp", ".part", ".crdownload")


def is_temporary(path: Path) -> bool:
    """Whether a file is a lock file, hidden, or still being written by the program that copies it."""
    return path.name.startswith(TEMPORARY_PREFIXES) or path.suffix.lower() in TEMPORARY_SUFFIXES


def landed_files(record: str) -> list[Path]:
    """Every file under ``landing/<record>/``, sorted; none when the folder is missing."""
    folder = landing_dir() / record
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
                [record, reader_fingerprint(record)],
            ).fetchall()
        )
    pending = []
    for path in landed_files(record):
        if is_temporary(path):
            continue
        stat = path.stat()
        if (str(path), stat.st_size, stat.st_mtime_ns) not in seen:
            pending.append((stat.st_mtime_ns, str(path), path))
    return [path for _, _, path in sorted(pending)]
