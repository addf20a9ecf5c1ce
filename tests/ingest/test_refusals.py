"""A file that cannot be taken gets one clear problem, in two languages, and leaves nothing behind."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from ingest import spool
from ingest.load import LoadOutcome, load_file
from tests.ingest.conftest import HEADERS, Put, Query, csv_bytes, good_rows, write_xlsx


def refused(outcome: LoadOutcome, query: Query, rule: str, zh: str, en: str) -> None:
    """The file was refused by ``rule``, in these words, and nothing of it is in the raw layer."""
    assert outcome.status == "refused"
    (problem,) = outcome.problems
    assert problem.rule == rule
    assert zh in problem.message_zh()
    assert en in problem.message_en()
    assert "\n" not in problem.message_zh() + problem.message_en()
    assert problem.file_name in problem.message_zh()
    assert query("select 1 from raw.enrolment") == []
    (written,) = query("select rule, reason_zh, reason_en from ops.refused_file")
    assert written == {"rule": rule, "reason_zh": problem.message_zh(), "reason_en": problem.message_en()}


def test_the_good_example_is_taken(put: Put, query: Query) -> None:
    outcome = load_file(put("在校生.csv", csv_bytes(good_rows())), "enrolment")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 10, 0)
    assert query("select 1 from ops.refused_file") == []


def test_an_empty_file(put: Put, query: Query) -> None:
    refused(load_file(put("a.csv", b""), "enrolment"), query, "empty_file", "有内容", "a file with content")


def test_a_folder(tmp_path: Path, query: Query) -> None:
    (tmp_path / "folder.csv").mkdir()
    refused(load_file(tmp_path / "folder.csv", "enrolment"), query, "is_folder", "文件夹", "not a folder")


def test_a_file_that_is_not_there(tmp_path: Path, query: Query) -> None:
    refused(load_file(tmp_path / "no.csv", "enrolment"), query, "no_file", "存在的文件", "a file that exists")


def test_an_extension_nobody_reads(put: Put, query: Query) -> None:
    outcome = load_file(put("a.docx", csv_bytes(good_rows())), "enrolment")
    refused(outcome, query, "unknown_extension", ".xlsx", ".csv, .xlsx or .xls")


def test_a_truncated_workbook(tmp_path: Path, query: Query) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", good_rows())
    path.write_bytes(path.read_bytes()[:-200])
    refused(load_file(path, "enrolment"), query, "damaged_workbook", "完整", "a complete workbook")


def test_a_workbook_with_a_damaged_member(tmp_path: Path, query: Query) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", good_rows(500))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        offset = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    content[offset + 200 : offset + 220] = bytes(20)
    path.write_bytes(bytes(content))
    refused(load_file(path, "enrolment"), query, "damaged_workbook", "完整", "a complete workbook")


def test_a_zip_bomb(tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.read_workbook.CalamineWorkbook", None)  # must be refused before it is opened
    path = write_xlsx(tmp_path / "a.xlsx", good_rows())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.bin", bytes(80 << 20))
    refused(load_file(path, "enrolment"), query, "zip_bomb", "解压后大小正常", "of ordinary size")


@pytest.mark.parametrize(
    "far",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row spans='1:3' r='1048576'><c s='1' r='XFD1048576'><v>1</v></c></row>",
        b'<x:row ht="15" r="1048576"><x:c r="B1048576"/></x:row><x:row r="2"><x:c r="XFD2"/></x:row>',
    ],
    ids=["plain", "single quotes", "prefixed"],
)
def test_a_cell_far_out(far: bytes, tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.read_workbook.CalamineWorkbook", None)
    rows = good_rows()
    path = write_xlsx(tmp_path / "a.xlsx", rows)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", far + b"</sheetData>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    refused(load_file(path, "enrolment"), query, "too_many_cells", "16384", "no more than")


def test_a_csv_that_is_really_a_workbook(tmp_path: Path, query: Query) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", good_rows()).rename(tmp_path / "a.csv")
    refused(load_file(path, "enrolment"), query, "disguised_file", "真正的 .csv", "a real .csv")


def test_a_workbook_that_is_really_text(put: Put, query: Query) -> None:
    outcome = load_file(put("a.xlsx", csv_bytes(good_rows())), "enrolment")
    refused(outcome, query, "disguised_file", "真正的 .xlsx", "a real .xlsx")


def test_a_wrong_encoding_names_the_place(put: Put, query: Query) -> None:
    content = csv_bytes(good_rows())
    start = content.index(b"S0002")
    broken = content[:start] + b"\xff\xff" + content[start:]
    outcome = load_file(put("a.csv", broken), "enrolment")
    refused(outcome, query, "wrong_encoding", "第 4 行", f"utf-8: byte {start}")
    assert "utf-8, gb18030" in outcome.problems[0].message_en()


def test_zero_bytes_are_no_text(put: Put, query: Query) -> None:
    outcome = load_file(put("a.csv", csv_bytes(good_rows()) + b"\0"), "enrolment")
    refused(outcome, query, "not_text", "文本文件", "a text file")


def test_a_required_header_is_missing(put: Put, query: Query) -> None:
    headers = [h for h in HEADERS if h != "年级"]
    rows = [[*row[:4], *row[5:]] for row in good_rows()]
    outcome = load_file(put("a.csv", csv_bytes(rows, headers)), "enrolment")
    refused(outcome, query, "missing_header", "“年级”", "junheng_enrolment")


def test_headers_of_no_layout(put: Put, query: Query) -> None:
    outcome = load_file(put("a.csv", b"x,y\n1,2\n"), "enrolment")
    refused(outcome, query, "unknown_layout", "在校生标准表", "Enrolment, the standard layout")


def test_two_columns_for_one_field(put: Put, query: Query) -> None:
    headers = [*HEADERS, "学生数"]
    outcome = load_file(put("a.csv", csv_bytes([[*r, 1] for r in good_rows()], headers)), "enrolment")
    refused(outcome, query, "two_columns_for_field", "F “在校生数”, I “学生数”", "one column for “Students”")


def test_one_column_for_two_fields(put: Put, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from ingest import layout
    from ingest.contract import contracts

    fields = contracts()["enrolment"].fields
    clash = tuple(replace(f, aliases=("在校生数",)) if f.name == "classes" else f for f in fields)
    contract = replace(contracts()["enrolment"], fields=clash)
    monkeypatch.setattr(layout.Profile, "contract", property(lambda self: contract))
    from ingest import profile_files
    from ingest.profile import Block

    monkeypatch.setattr(
        "ingest.readers.profiles",
        lambda: (
            replace(
                next(p for p in profile_files.profiles() if p.name == "junheng_enrolment"),
                blocks=(Block(0, profile_files._contract_sources(contract)),),
            ),
        ),
    )
    headers = [h for h in HEADERS if h != "班级数"]
    outcome = load_file(put("a.csv", csv_bytes([r[:-1] for r in good_rows()], headers)), "enrolment")
    refused(outcome, query, "two_fields_on_column", "F “在校生数” 只表示一个字段", "to mean one field")


def test_a_header_and_nothing_below(put: Put, query: Query) -> None:
    refused(load_file(put("a.csv", csv_bytes([])), "enrolment"), query, "no_rows", "数据行", "rows of data")


def test_a_quote_that_is_never_closed(put: Put, query: Query) -> None:
    content = csv_bytes(good_rows()) + b'990101,2023,"S9,' + b"x" * (9 << 20)
    outcome = load_file(put("a.csv", content), "enrolment")
    refused(outcome, query, "broken_csv", "引号", "a quote that is never closed")


def test_a_file_that_changes_while_it_is_read(
    put: Put, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = csv_bytes(good_rows())
    path = put("a.csv", good)
    sha256 = hashlib.sha256

    class AppendsWhileHashing:
        """Somebody appends to the file when its first block has been read."""

        def __init__(self) -> None:
            self._digest = sha256()

        def update(self, block: bytes) -> None:
            self._digest.update(block)
            if path.stat().st_size == len(good):
                path.write_bytes(good + b"990101,2023,S9999,")

        def hexdigest(self) -> str:
            return self._digest.hexdigest()

    with monkeypatch.context() as patch:
        patch.setattr(spool.hashlib, "sha256", AppendsWhileHashing)
        outcome = load_file(path, "enrolment")
    refused(outcome, query, "changed_while_read", "读取时文件发生变化", "changed while being read")
    assert query("select 1 from ops.seen_file") == []  # so the next night tries again


def test_the_spool_is_empty_afterwards(put: Put, warehouse: str) -> None:
    load_file(put("a.csv", csv_bytes(good_rows())), "enrolment")
    load_file(put("b.csv", b"x,y\n"), "enrolment")
    assert list((spool.home() / "spool").iterdir()) == []


def test_the_spool_of_a_dead_process_is_swept(warehouse: str) -> None:
    left = spool.home() / "spool" / "left"
    left.mkdir(parents=True)
    (left / "lock").touch()
    (left / "snapshot").write_text("names of children")
    with spool.working_folder():
        assert not left.exists()
