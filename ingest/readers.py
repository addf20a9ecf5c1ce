"""Opening a file: its format by its first bytes, its profile by its headers."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest.chunks import Preview, SheetHeader, Source
from ingest.drift.compare import Drift, compare
from ingest.drift.held import HeldFileError
from ingest.each_header import found_in_headers, shown_each
from ingest.forms.layout import FormLayout
from ingest.forms.members import NothingForRecordError
from ingest.forms.rows import main_forms
from ingest.forms.source import FormSource, check_one_layout, take_folder_snapshot, workbooks_in
from ingest.problems import RefusedFileError, printable, refuse
from ingest.profile import Profile, names_header, normal_header, profiles
from ingest.read_csv import CsvSource, undecodable
from ingest.read_workbook import check_no_zero_byte
from ingest.spool import Snapshot, take_snapshot, working_folder
from ingest.watched import Watched
from ingest.watched_workbooks import WatchedForms, WatchedTable, watch

FORMAT_OF_EXTENSION = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xls",
}
NUMBER = re.compile(r"[0-9][0-9,.]*")
FOLDER = "folder"  # of school workbooks, read as one
MAGIC = {b"PK\x03\x04": "xlsx", b"PK\x05\x06": "xlsx", b"\xd0\xcf\x11\xe0": "xls", b"%PDF": "pdf"}
NEAR_SHARE = 0.5  # of the headers asked for: above it a layout is meant, and has changed
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Recognised:
    """A file and the profile that knows it."""

    profile: Profile
    source: Source
    sheets: tuple[SheetHeader, ...]


@dataclass(frozen=True)
class _Near:
    """How near a profile came to a file it does not recognise."""

    profile: Profile
    share: float
    missing: tuple[tuple[str, ...], ...]
    sheet: str
    row: int
    names: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()  # below its header
    height: int = 1

    @property
    def is_changed(self) -> bool:
        """Whether the layout is meant: most of its headers are there, not all."""
        return NEAR_SHARE < self.share < 1 and bool(self.names)

    def drift(self) -> Drift:
        """In what the sheet differs from the layout."""
        header = SheetHeader(self.sheet, self.names, self.row + self.height - 1)
        return Drift(self.profile, tuple(compare(self.profile, header, self.rows)), (self.names,))


class Opener:
    """Opens one snapshot once for each way of reading it."""

    def __init__(self, snapshot: Snapshot, members: Sequence[Snapshot] = ()) -> None:
        self.snapshot = snapshot
        self.members = members  # the workbooks of a folder
        self.format = FOLDER if members else _format(snapshot)
        self._forms: FormSource | None = None
        self._process: Watched | None = None
        self._sources: dict[str, Source | None] = {}
        self._previews: dict[Source, Sequence[Preview]] = {}
        self._failures: dict[str, tuple[int, int]] = {}

    def source(self, profile: Profile) -> Source | None:
        """The file as the profile would read it; None when it is no text in any encoding of the profile."""
        if self.format != "csv":
            return self._remembered(self.format)
        return next((s for s in map(self._remembered, profile.encodings) if s is not None), None)

    def previews(self, source: Source) -> Sequence[Preview]:
        """The first rows of every sheet as that source reads them, read once for all profiles."""
        if source not in self._previews:
            self._previews[source] = source.previews()
        return self._previews[source]

    def forms(self) -> FormSource | None:
        """The file, or the workbooks of the folder, read form by form; None for a text."""
        if self._forms is None and self.format != "csv":
            if not self.members:
                self._remembered(self.format)  # one that cannot be opened is refused, not unknown
            self._forms = WatchedForms(self.members or [self.snapshot], self._workbooks())
        return self._forms

    def _workbooks(self) -> Watched:
        """The process that reads the workbook, or those of the folder."""
        if self._process is None:
            self._process = watch(
                self.members or [self.snapshot],
                self.snapshot.path.name,
                is_folder=self.format == FOLDER,
                is_archive=self.format == "xlsx",
            )
        return self._process

    def close(self) -> None:
        """Stop reading."""
        if self._process is not None:
            self._process.close()

    def _remembered(self, way: str) -> Source | None:
        if way not in self._sources:
            self._sources[way] = self._open(way)
        return self._sources[way]

    def _open(self, way: str) -> Source | None:
        if self.format != "csv":
            return WatchedTable(self._workbooks())
        failure = undecodable(self.snapshot.spool, way)
        if failure:
            self._failures[way] = failure
            return None
        return CsvSource(self.snapshot, way)

    def wrong_encoding(self) -> RefusedFileError:
        """The refusal of a text that no encoding fits, naming where the first one fails."""
        encoding, (offset, line) = next(iter(self._failures.items()))
        tried = ", ".join(self._failures)
        return refuse(
            "wrong_encoding",
            self.snapshot.path.name,
            row=line,
            found=f"{encoding}: byte {offset}",
            expected=(f"以 {tried} 之一编码的文本", f"text in one of {tried}"),
            mend=("用“CSV UTF-8”格式重新另存", "save it again as “CSV UTF-8”"),
        )


def open_path(path: Path, folder: Path) -> Opener:
    """A private copy of a file, or of a folder's workbooks, opened. RefusedFileError as take_snapshot."""
    _check_name(path)
    if path.is_dir() and workbooks_in(path):
        return Opener(*take_folder_snapshot(path, folder))
    return Opener(take_snapshot(path, folder))


def _check_name(path: Path) -> None:
    """A name that neither a message nor the ledger can show is nobody's to look for."""
    if printable(path.name) != path.name:
        raise refuse(
            "odd_file_name",
            path.name,
            found=path.name,
            expected=("文件名只含文字、数字和普通符号", "a name of letters, figures and ordinary signs"),
            mend=("改名后重新交入", "give the file another name and hand it in again"),
        )


def _format(snapshot: Snapshot) -> str:
    """Format of the file by its extension; its first bytes must agree."""
    name = snapshot.path.name
    claimed = FORMAT_OF_EXTENSION.get(snapshot.path.suffix.lower())
    if claimed is None:
        raise refuse(
            "unknown_extension",
            name,
            found=snapshot.path.suffix or "–",
            expected=("扩展名为 .csv、.xlsx 或 .xls 的文件", "a file that ends in .csv, .xlsx or .xls"),
            mend=("另存为其中一种格式", "save it in one of these formats"),
        )
    with snapshot.spool.open("rb") as stream:
        head = stream.read(8)
    real = next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "csv")
    if real != claimed:
        raise _disguised(name, claimed, real)
    if claimed == "csv" and not head.startswith(WIDE_MARKS):
        check_no_zero_byte(snapshot)
    return claimed


def _disguised(name: str, claimed: str, real: str) -> RefusedFileError:
    protected = claimed == "xlsx" and real == "xls"
    what = {"csv": "文本 text", "pdf": "PDF"}.get(real, f".{real}")
    if protected:
        what = "有密码的工作簿或 .xls with a password, or an .xls"
    return refuse(
        "disguised_file",
        name,
        found=what,
        expected=(f"真正的 .{claimed} 文件", f"a real .{claimed} file"),
        mend=(
            "取消密码后另存，或把扩展名改为 .xls" if protected else "用电子表格软件打开并另存为所示格式",
            "take off its password, or name it .xls if it is one"
            if protected
            else "open it in a spreadsheet program and save it in the format its name says",
        ),
    )


def recognise(opener: Opener, record: str) -> Recognised:
    """The profile of ``record`` that knows the file, the most specific if several do.

    RefusedFileError names the nearest profile and what is missing when none does; NothingForRecordError when
    the folder has nothing for the record: schools that it does not count, forms that it does not read.
    """
    candidates = [p for p in profiles() if p.record == record]
    found, near = _try(opener, candidates)
    if not found and opener.format == FOLDER:
        if _tells_nothing(opener, candidates):
            raise NothingForRecordError
        raise _no_forms(opener, candidates)
    if not found:
        raise _unrecognised(opener, candidates, near)
    best = max(found, key=lambda r: r.profile.rank)
    rivals = sorted(r.profile.name for r in found if r.profile.rank == best.profile.rank)
    if len(rivals) > 1:
        raise refuse(
            "ambiguous_layout",
            opener.snapshot.path.name,
            found=", ".join(rivals),
            expected=("只符合一种版式的文件", "a file that fits one layout only"),
            mend=("请数据工程师区分这些版式", "ask the data engineer to tell these layouts apart"),
        )
    return best


def recognised_with(opener: Opener, profile: Profile) -> Recognised | None:
    """The file as this one profile says; None when it does not know it."""
    found, _ = _try(opener, [profile])
    return found[0] if found else None


def nearest(opener: Opener, candidates: Sequence[Profile]) -> list[Drift]:
    """In what each sheet that one of these profiles nearly knows differs from it."""
    _, near = _try(opener, candidates)
    return [n.drift() for n in near if n.is_changed]


def profiles_by_rank(record: str, above: Profile) -> list[Profile]:
    """The profiles of a record that are more special than one of them."""
    return [p for p in profiles() if p.record == record and p.rank > above.rank]


def profile_named(name: str) -> Profile | None:
    """The profile of that name."""
    return next((profile for profile in profiles() if profile.name == name), None)


def recognise_as(opener: Opener, profile: Profile) -> Recognised:
    """The file as one profile reads it, whatever its name and whatever others would make of it.

    RefusedFileError names what is missing when it is not of that layout.
    """
    if profile.forms is not None:
        found = _recognised_forms(opener, [profile])
        if found:
            return found[0]
        raise _no_forms(opener, [profile])
    source = opener.source(profile)
    results = [
        _find_header(profile, preview)
        for preview in (opener.previews(source) if source else ())
        if profile.sheet is None or re.search(profile.sheet, preview.sheet)
    ]
    sheets = tuple(result for result in results if isinstance(result, SheetHeader))
    if source is None or not sheets:
        raise _unrecognised(opener, [profile], [r for r in results if isinstance(r, _Near)])
    return Recognised(profile, source, sheets)


def _try(opener: Opener, candidates: Sequence[Profile]) -> tuple[list[Recognised], list[_Near]]:
    found: list[Recognised] = []
    near: list[_Near] = []
    found += _recognised_forms(opener, candidates)
    for profile in candidates:
        if opener.format not in profile.formats or profile.forms is not None:
            continue
        source = opener.source(profile)
        if source is None:
            continue
        sheets: list[SheetHeader] = []
        for preview in opener.previews(source):
            if profile.sheet is None or re.search(profile.sheet, preview.sheet):
                result = _find_header(profile, preview)
                sheets += [result] if isinstance(result, SheetHeader) else []
                near += [result] if isinstance(result, _Near) else []
        sheets = [sheet for sheet in sheets if not _is_another_table(profile, sheet)]
        if sheets and profile.file_name_groups(opener.snapshot.path.name) is not None:
            found.append(Recognised(profile, source, tuple(sheets)))
        elif sheets:
            near.append(_Near(profile, 1.0, (), sheets[0].sheet, sheets[0].end_row))
    return found, near


def _is_another_table(profile: Profile, header: SheetHeader) -> bool:
    """Whether a header names what a table of this layout never has."""
    absent = {normal_header(name) for name in profile.absent}
    return any(normal_header(name) in absent for name in header.names)


def _recognised_forms(opener: Opener, candidates: Sequence[Profile]) -> list[Recognised]:
    """Profiles of forms of which the file, or a workbook of the folder, has at least one."""
    wanted = [profile for profile in candidates if profile.forms is not None]
    source = opener.forms() if wanted else None
    if source is None:
        return []
    check_one_layout(source, _layouts_of(wanted), opener.snapshot.path.name)
    found = []
    for profile in wanted:
        forms = main_forms(profile)
        if source.has_layout(profile.form_layout) and (
            not forms or source.has_form(profile.form_layout, forms)
        ):
            found.append(Recognised(profile, source, ()))
    return found


def _tells_nothing(opener: Opener, candidates: Sequence[Profile]) -> bool:
    """Whether a folder holds schools only which the record does not count, or forms of a generation of which
    none is read for the record."""
    source = opener.forms()
    own = _layouts_of(candidates)
    if source is None or not own:
        return False
    known = [layout for layout in own.values() if source.has_layout(layout)]
    if not known:
        return any(source.has_layout(layout) for layout in _layouts_of(profiles()).values())
    return all(source.tells_nothing(layout) for layout in known)


def _layouts_of(candidates: Sequence[Profile]) -> dict[str, FormLayout]:
    return {p.form_layout.name: p.form_layout for p in candidates if p.forms is not None}


def _no_forms(opener: Opener, candidates: Sequence[Profile]) -> RefusedFileError:
    wanted = [profile for profile in candidates if profile.forms is not None]
    forms = [
        f"{profile.form_layout.generation}: {', '.join(sorted(main_forms(profile)))}" for profile in wanted
    ]
    codes = "; ".join(forms) or "–"
    return refuse(
        "no_forms",
        opener.snapshot.path.name,
        expected=(
            f"文件夹中有含下列表的学校工作簿：{codes}",
            f"a folder with school workbooks that have one of these forms: {codes}",
        ),
        mend=(
            "从统计系统导出整本学校工作簿后放入；其他文件逐个交入",
            "put whole school workbooks from the statistics system into it; hand in other files one by one",
        ),
    )


def _find_header(profile: Profile, preview: Preview) -> SheetHeader | _Near | None:
    """The header of a sheet, or how near one comes.

    Of several heights the highest is meant, and of windows that follow each other the last: with less, a row
    of the header would be taken for data.
    """
    best: _Near | None = None
    for height in profile.header_rows:
        found: SheetHeader | None = None
        for first in range(len(preview.rows)):
            names, missing = _missing_headers(profile, preview, first, height)
            if not missing:
                found = SheetHeader(preview.sheet, names, first + height, preview.caption(first), height)
                if height == 1:
                    return found
            elif found is not None:
                return found
            share = 1 - len(missing) / len(_all_required(profile))
            if best is None or share > best.share:
                below = preview.rows[first + height :]
                best = _Near(profile, share, missing, preview.sheet, first + 1, names, below, height)
        if found is not None:
            return found
    return best


def _missing_headers(
    profile: Profile, preview: Preview, first: int, height: int
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Names of the columns under a header at a place, and what of the required is not among them."""
    if height > 1 and _holds_figures(preview, first + height - 1):
        return (), _all_required(profile)
    names = preview.header(first, height)
    have = preview.compared(first, height, profile.header_forms)
    wanted = (([normal_header(h) for h in headers], headers) for headers in profile.required)
    missing = tuple(headers for ways, headers in wanted if not _is_there(ways, have))
    if profile.each_header and not found_in_headers(profile.each_header, names):
        missing = (*missing, (shown_each(profile),))
    return names, missing


def _all_required(profile: Profile) -> tuple[tuple[str, ...], ...]:
    """The headers that must be there, each in one of its ways, and what must be found in some header."""
    return (*profile.required, *(((profile.each_header,),) if profile.each_header else ()))


def _is_there(wanted: Sequence[str], have: frozenset[str]) -> bool:
    plain = have.intersection(wanted)
    return bool(plain) or any(names_header(one, header) for one in wanted if "*" in one for header in have)


def _holds_figures(preview: Preview, row: int) -> bool:
    """Whether a row is no part of a header: it has a cell of nothing but digits, or is not there."""
    return row >= len(preview.rows) or any(NUMBER.fullmatch(cell.strip()) for cell in preview.rows[row])


def _unrecognised(opener: Opener, candidates: Sequence[Profile], near: list[_Near]) -> RefusedFileError:
    name = opener.snapshot.path.name
    tables = [p for p in candidates if opener.format in p.formats and p.forms is None]
    opened = [p for p in tables if opener.source(p) is not None]
    if not opened and opener._failures:
        return opener.wrong_encoding()
    closest = _closest(near)
    if closest is None or closest.share == 0:
        titles = [(p.title_zh, p.title_en) for p in candidates if p.follows_contract]
        return refuse(
            "unknown_layout",
            name,
            expected=(
                f"表头符合下列版式之一：{'、'.join(zh for zh, _ in titles)}",
                f"the headers of one of: {'; '.join(en for _, en in titles)}",
            ),
            mend=("核对文件是否交错，或补上表头行", "check that it is the right file, or add its header row"),
        )
    missing = [headers[0] for headers in closest.missing]
    if not missing:  # the headers fit, the name of the file does not
        return refuse(
            "file_name",
            name,
            expected=(
                f"文件名符合“{closest.profile.file_name}”",
                f"a file name like “{closest.profile.file_name}”",
            ),
            mend=("改回原来的文件名", "give the file its original name"),
        )
    if closest.is_changed and closest.drift().held:
        return HeldFileError(opener.snapshot, closest.drift())
    return refuse(
        "missing_header",
        name,
        sheet=closest.sheet or None,
        row=closest.row,
        expected=(
            f"表头含“{'”“'.join(missing)}”（最接近的版式：{closest.profile.title_zh}，"
            f"{closest.profile.name}）",
            f"a header with “{'”, “'.join(missing)}” (nearest layout: {closest.profile.title_en}, "
            f"{closest.profile.name})",
        ),
        mend=("补上所缺的列，或把列名改为所示名称", "add the missing columns, or name them as shown"),
    )


def _closest(near: Sequence[_Near]) -> _Near | None:
    """What fits best; of records that share their first columns, that from which the file differs least."""

    def rank(one: _Near) -> tuple[float, bool]:
        return one.share, one.profile.follows_contract

    best = max(map(rank, near), default=None)
    equal = [one for one in near if rank(one) == best]
    if len(equal) < 2 or not equal[0].share:
        return equal[0] if equal else None
    return min(equal, key=lambda one: len(one.drift().differences) if one.is_changed else sys.maxsize)


def records_that_recognise(path: Path) -> list[str]:
    """Records as which the file can be read, by its headers; at least one.

    RefusedFileError when it cannot be opened, or when no profile knows it: it names the nearest.
    """
    with working_folder() as folder, closing(open_path(path, folder)) as opener:
        found, near = _try(opener, profiles())
        if not found and opener.format == FOLDER:
            raise _no_forms(opener, profiles())
        if not found:
            raise _unrecognised(opener, profiles(), near)
        return sorted({recognised.profile.record for recognised in found})
