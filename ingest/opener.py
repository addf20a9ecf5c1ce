"""Opening a file: its format by its extension and first bytes, each way of reading it once."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

from ingest.chunks import Preview, Source
from ingest.forms.source import FormSource, take_folder_snapshot, workbooks_in
from ingest.problems import RefusedFileError, printable, refuse
from ingest.profile import Profile
from ingest.read_csv import CsvSource, undecodable
from ingest.read_workbook import check_no_zero_byte
from ingest.spool import Snapshot, take_snapshot
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
FOLDER = "folder"  # of school workbooks, read as one
MAGIC = {b"PK\x03\x04": "xlsx", b"PK\x05\x06": "xlsx", b"\xd0\xcf\x11\xe0": "xls", b"%PDF": "pdf"}
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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
