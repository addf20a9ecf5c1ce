"""A private snapshot of a file: what is read, hashed and loaded is one and the same sequence of bytes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.problems import RefusedFileError, refuse
from ingest.settings import home, max_file_mb

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Snapshot:
    """A file as it was at one moment. ``spool`` is the copy; ``folder`` may take more working files."""

    path: Path
    folder: Path
    spool: Path
    sha256: str
    file_bytes: int
    mtime_ns: int
    has_quotes: bool
    nul_offset: int | None  # where the first zero byte stands, None in a text

    @property
    def modified_at(self) -> datetime:
        """When the file was last written."""
        return datetime.fromtimestamp(self.mtime_ns / 1e9, UTC)


@contextmanager
def working_folder() -> Iterator[Path]:
    """A folder only its owner may enter, removed at the end; what a killed process left is removed first."""
    parent = home() / "spool"
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with parent.with_name("spool.lock").open("w") as gate:
        # Nobody sweeps between the making of a folder and the locking of it.
        fcntl.flock(gate, fcntl.LOCK_EX)
        _sweep(parent)
        folder = Path(tempfile.mkdtemp(dir=parent))
        lock = (folder / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with lock:
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove the folders whose owner is dead: their lock can be had. They may hold personal data."""
    for folder in filter(Path.is_dir, parent.iterdir()):
        try:
            with (folder / "lock").open("w") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except (BlockingIOError, FileNotFoundError):
            continue


def take_snapshot(path: Path, folder: Path) -> Snapshot:
    """Copy ``path`` into ``folder`` while hashing it. RefusedFileError for no file, a folder, an empty or a
    changing file."""
    _check_is_file(path)
    before = path.stat()
    if before.st_size > max_file_mb() << 20:
        raise refuse(
            "file_too_large",
            path.name,
            found=f"{before.st_size >> 20} MB",
            expected=(
                f"不超过 {max_file_mb()} MB 的文件（JUNHENG_MAX_FILE_MB）",
                f"a file of no more than {max_file_mb()} MB (JUNHENG_MAX_FILE_MB)",
            ),
            mend=("按学年或地区拆成几个文件", "split it into files by year or by district"),
        )
    digest = hashlib.sha256()
    has_quotes, nul_offset, size = False, None, 0
    spool = folder / "snapshot"
    with path.open("rb") as source, spool.open("wb") as target:
        while block := source.read(BLOCK_BYTES):
            digest.update(block)
            target.write(block)
            has_quotes = has_quotes or b'"' in block
            if nul_offset is None and (at := block.find(b"\0")) >= 0:
                nul_offset = size + at
            size += len(block)
    _check_unchanged(path, before, size)
    if not size:
        raise empty_file(path.name)
    return Snapshot(path, folder, spool, digest.hexdigest(), size, before.st_mtime_ns, has_quotes, nul_offset)


def empty_file(name: str) -> RefusedFileError:
    """The refusal of a file without content."""
    return refuse(
        "empty_file",
        name,
        expected=("有内容的文件", "a file with content"),
        found="0 bytes",
        mend=("重新导出后再放入", "export it again and hand it in again"),
    )


def _check_is_file(path: Path) -> None:
    if path.is_dir():
        raise refuse(
            "is_folder",
            path.name,
            expected=("一个文件，而不是文件夹", "a file, not a folder"),
            mend=("逐个交入其中的文件", "hand in the files inside it one by one"),
        )
    if not path.is_file():
        raise refuse(
            "no_file",
            path.name,
            expected=("存在的文件", "a file that exists"),
            mend=("核对文件名和路径", "check the name and the path"),
        )
    if not os.access(path, os.R_OK):
        raise refuse(
            "unreadable_file",
            path.name,
            expected=("有读取权限的文件", "a file that may be read"),
            mend=("为本程序授予读取权限", "grant this program the right to read it"),
        )


def _check_unchanged(path: Path, before: os.stat_result, size: int) -> None:
    try:
        after = path.stat()
    except FileNotFoundError:
        after = None
    marks = ("st_size", "st_mtime_ns", "st_ino")
    is_same = after is not None and all(getattr(before, m) == getattr(after, m) for m in marks)
    if not is_same or size != before.st_size:
        raise refuse(
            "changed_while_read",
            path.name,
            expected=("读取期间不变的文件", "a file that does not change while it is read"),
            found="the file changed while being read 读取时文件发生变化",
            mend=("等复制完成后再交入", "wait until it is copied in full, then hand it in again"),
        )
