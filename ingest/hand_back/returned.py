"""Handing back: for every file of which rows were set aside, that file filtered to what failed.

The original is read again where it stood and must be the same bytes; what is written may be read by its
owner alone. A file of which nothing was taken goes back whole: it must be handed in whole again.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from rich.console import Console

from ingest import exit_codes
from ingest.contract import contracts
from ingest.drift.accepted_layouts import as_loaded
from ingest.hand_back.rejections import Rejection, SourceFile, by_place, files_to_mend
from ingest.hand_back.return_csv import encoding_of, write_csv
from ingest.hand_back.return_process import MarkedTable, write_forms, write_table
from ingest.layout import filled_columns
from ingest.opener import FOLDER, Opener, open_path
from ingest.problems import Problem, RefusedFileError, refuse
from ingest.profile import Profile
from ingest.profile_files import profiles
from ingest.read_csv import CsvSource
from ingest.readers import Recognised, recognise_as
from ingest.settings import home, landing_dir
from ingest.spool import Snapshot, working_folder

SUFFIX = "_退回_"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
OTHERS = 0o077


@dataclass(frozen=True)
class HandedBack:
    """One file handed back."""

    source: str
    path: Path
    rows: int
    is_whole: bool  # it cannot be mended in parts: mended, it is handed in as a file of its own
    keeps_look: bool
    is_new: bool  # False: it was there already, perhaps mended half-way, and was left as it is
    problem: Problem | None = None  # why there is nothing to hand back: a workbook that nothing opens


def default_folder() -> Path:
    """Where files go back to when no folder is named."""
    return home() / "returned"


def private_folder(folder: Path) -> Path:
    """The folder, made if need be, when its owner alone may enter it. RefusedFileError otherwise.

    What goes back holds what its owner sent, names of children among it: never in a shared place, nor where
    the next night would take it for a new file.
    """
    folder = folder.absolute()
    if folder.resolve().is_relative_to(landing_dir()):
        raise _not_private(folder, "landing")
    if not folder.exists():
        folder.mkdir(parents=True, mode=PRIVATE_FOLDER)
    mode = folder.stat().st_mode
    if not folder.is_dir() or mode & OTHERS or folder.stat().st_uid != os.getuid():
        raise _not_private(folder, oct(mode & 0o777))
    return folder


def _not_private(folder: Path, found: str) -> RefusedFileError:
    return refuse(
        "folder_not_private",
        str(folder),
        found=found,
        expected=(
            "只有本人可进入的文件夹，不在 landing 之内",
            "a folder that only its owner may enter, outside landing",
        ),
        mend=(
            "用 --out 指定一个新文件夹，或 chmod 700",
            "name a new folder with --out, or chmod 700 it",
        ),
    )


def hand_back(source: SourceFile, folder: Path) -> list[HandedBack]:
    """Write what failed of one file. RefusedFileError when the original is gone or is not the same bytes."""
    with working_folder() as work, closing(_original(source, work)) as opener:
        known = {profile.name: profile for profile in profiles()}
        batches = {rejection.profile: rejection.batch_id for rejection in source.rejections}
        loaded = {name: as_loaded(known[name], batches[name]) for name in source.profiles if name in known}
        read = [_read(opener, loaded.get(name), source.name) for name in source.profiles]
        if any(recognised.profile.forms is not None for recognised in read):
            return _hand_back_forms(source, opener, folder)
        return [_hand_back_table(source, opener, read, folder)]


def _original(source: SourceFile, work: Path) -> Opener:
    """The file as it was read, opened."""
    is_there = False
    for number, path in enumerate(source.paths):
        if not path.exists():
            continue
        is_there = True
        place = work / str(number)
        place.mkdir()
        opener = open_path(path, place)
        if opener.snapshot.sha256 == source.sha256:
            return opener
    path = source.paths[0]
    raise refuse(
        "original_changed" if is_there else "original_gone",
        source.name,
        found=f"{path}：内容已变 changed" if is_there else f"{path}：不存在 not there",
        expected=("读取时的原文件", "the original as it was when it was read"),
        mend=(
            "把原文件放回原处再试；若已有改好的整份文件，直接用 junheng ingest 交入",
            "put the original back where it was; or hand in the whole file, mended, with junheng ingest",
        ),
    )


def _read(opener: Opener, profile: Profile | None, name: str) -> Recognised:
    if profile is not None:
        return recognise_as(opener, profile)
    raise refuse(
        "layout_gone",
        name,
        expected=("读取它的版式仍在", "the layout that it was read by"),
        mend=("用 junheng ingest 重新交入整份文件", "hand the whole file in again with junheng ingest"),
    )


def _hand_back_table(
    source: SourceFile, opener: Opener, read: Sequence[Recognised], folder: Path
) -> HandedBack:
    places = by_place(source.rejections)
    is_text = opener.format == "csv"
    target = folder / _name(source, Path(source.name).stem, Path(source.name).suffix if is_text else ".xlsx")
    keeps_look, whole = True, _goes_whole(source, read)

    def write(unfinished: Path) -> None:
        nonlocal keeps_look
        if is_text:
            with unfinished.open("wb") as stream:
                _write_text(source, opener.snapshot, read[0], stream, whole=whole)
            return
        keeps_look = write_table(opener.snapshot, unfinished, _tables(read, places), whole=whole)

    is_new = _write_privately(target, write)
    return HandedBack(source.name, target, len(places), whole, keeps_look, is_new)


def _tables(
    read: Sequence[Recognised], places: Mapping[tuple[str, int], Sequence[Rejection]]
) -> list[MarkedTable]:
    headers = {sheet.sheet: sheet for recognised in read for sheet in recognised.sheets}
    return [
        MarkedTable(
            header,
            {row: reasons for (sheet, row), reasons in places.items() if sheet == name},
            frozenset().union(*(filled_columns(r.profile, header) for r in read)),
        )
        for name, header in headers.items()
    ]


def _goes_whole(source: SourceFile, read: Sequence[Recognised]) -> bool:
    """Nothing of the file counts; or its rows are pupils, of whom some without the others are no class."""
    return source.is_refused or any(recognised.profile.counted is not None for recognised in read)


def _write_text(
    source: SourceFile, snapshot: Snapshot, read: Recognised, stream: IO[bytes], *, whole: bool
) -> None:
    text, header = read.source, read.sheets[0]
    if not isinstance(text, CsvSource):
        raise TypeError("a text file is read as text")
    failed = {row: reasons for (_, row), reasons in by_place(source.rejections).items()}
    rows = range(header.end_row - header.height + 1, header.end_row + 1)
    # Only a reason can hold what the encoding lacks: it becomes a question mark.
    target = TextIOWrapper(stream, encoding_of(snapshot, text), errors="replace", newline="")
    try:
        write_csv(snapshot, text, rows, failed, target, whole=whole)
    except (csv.Error, LookupError, UnicodeError) as error:
        raise refuse(
            "rows_not_found",
            source.name,
            found=str(error),
            expected=(
                "能逐行读出的文本，被隔离的行仍在原处",
                "a text that can be read row by row, with the rows that were set aside where they stood",
            ),
            mend=(
                "按 junheng rejected 所列在原文件中改正，整份用 junheng ingest 交入",
                "correct the original as junheng rejected lists it and hand it in whole with junheng ingest",
            ),
        ) from error
    target.flush()
    target.detach()


def _hand_back_forms(source: SourceFile, opener: Opener, folder: Path) -> list[HandedBack]:
    """Every workbook of which a form failed, as a whole: a form cannot be cut into rows."""
    members = opener.members or (opener.snapshot,)
    done = []
    for member in sorted(members, key=lambda m: m.path.name):
        name = member.path.name
        own = [r for r in source.rejections if r.sheet == name or r.sheet.startswith(f"{name} ")]
        if own:
            place = folder / source.name if opener.format == FOLDER else folder
            place.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            try:
                done.append(_hand_back_workbook(source, member, own, place))
            except RefusedFileError as error:  # one that nothing opens does not hold up the others
                done.append(HandedBack(name, place, 0, False, False, False, error.problem))
    return done


def _hand_back_workbook(
    source: SourceFile, member: Snapshot, own: Sequence[Rejection], folder: Path
) -> HandedBack:
    target = folder / _name(source, member.path.stem, ".xlsx")
    keeps_look = True

    def write(unfinished: Path) -> None:
        nonlocal keeps_look
        keeps_look = write_forms(member, unfinished, own, whole=source.is_refused)

    is_new = _write_privately(target, write)
    rows = len(by_place(own))
    return HandedBack(member.path.name, target, rows, source.is_refused, keeps_look, is_new)


def _name(source: SourceFile, stem: str, suffix: str) -> str:
    """Named by file and batch: a file handed back before is not written over, it may be half mended."""
    batch = max(str(rejection.held_by) for rejection in source.rejections)
    return f"{stem}{SUFFIX}{batch[:8]}{suffix}"


def _write_privately(target: Path, write: Callable[[Path], None]) -> bool:
    """Write a file that only its owner may read, whole or not at all; False when it is there already."""
    if target.exists():
        return False
    unfinished = target.with_name(f".{target.name}.part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    try:
        write(unfinished)
    except BaseException:
        unfinished.unlink()
        raise
    unfinished.replace(target)
    return True


def export(console: Console, record: str | None, batch: str | None, folder: Path | None) -> int:
    """Hand back every file that has something to mend, and say where it lies; the exit code."""
    files = files_to_mend(record, batch)
    if not files:
        _say(console, "没有可退回的行 nothing to hand back")
        return exit_codes.DONE
    is_refused = is_any_in_parts = False
    try:
        place = private_folder(folder or default_folder())
    except RefusedFileError as error:
        _refuse(console, error)
        return exit_codes.REFUSED
    for source in files:
        try:
            for done in hand_back(source, place):
                _tell(console, done)
                is_refused = is_refused or done.problem is not None
                is_any_in_parts = is_any_in_parts or (done.problem is None and not done.is_whole)
        except RefusedFileError as error:
            _refuse(console, error)
            is_refused = True
    if is_any_in_parts:
        _say(
            console,
            "改好标色的单元格，不动末尾几列，再交回 mend the marked cells, leave the last columns, then: "
            "junheng replay FILE…",
        )
    if _holds_persons(files):
        _say(console, "含个人数据，只交还原交件人 personal data: give it back to its owner alone")
    return exit_codes.REFUSED if is_refused else exit_codes.DONE


def _holds_persons(files: Sequence[SourceFile]) -> bool:
    """Whether persons stand in a file: of its record, or because its rows are counted pupils."""
    rosters = {profile.name for profile in profiles() if profile.counted is not None}
    rejections = [rejection for file in files for rejection in file.rejections]
    return any(r.profile in rosters or contracts()[r.record].is_about_persons for r in rejections)


def _tell(console: Console, done: HandedBack) -> None:
    if done.problem is not None:
        _refuse(console, RefusedFileError(done.problem))
        return
    if not done.is_new:
        _say(console, f"{done.source}: 已退回过，未改动 handed back before, left as it is: {done.path}")
        return
    _say(console, f"{done.source} → {done.path}: {done.rows} 处待改 to be mended")
    if not done.keeps_look:
        _say(console, "  单元格内容相同，格式未保留，另存为 .xlsx  same cells without their look, as .xlsx")
    if done.is_whole:
        _say(
            console,
            "  须整份改正：改正后用 junheng ingest 交入整份文件 "
            "it is mended as a whole: hand the whole file in again with junheng ingest",
        )


def _refuse(console: Console, error: RefusedFileError) -> None:
    console.print(
        f"✗ {error.problem.message_zh()}\n  {error.problem.message_en()}",
        style="red",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
