"""Large sheets are read in parts: the same rows as at once, whatever the parts cut apart."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from ingest import sheet_outline, sheet_parts, workbook_limits
from ingest.chunks import Chunk
from ingest.problems import RefusedFileError
from ingest.read_workbook import WorkbookSource
from ingest.sheet_parts import PartedSheet
from ingest.spool import take_snapshot, working_folder

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is large, and a part of it, is a few rows."""
    monkeypatch.setattr(workbook_limits, "LARGE_SHEET_BYTES", 2000)
    monkeypatch.setattr(workbook_limits, "BLOCK_BYTES", 700)
    monkeypatch.setattr(sheet_outline, "MAX_ROW_BYTES", 600)
    monkeypatch.setattr(sheet_parts, "PART_BYTES", 900)
    monkeypatch.setattr(sheet_parts, "PART_PER_SHARED", 0)  # but where a test asks for it


@contextmanager
def opened(path: Path) -> Iterator[WorkbookSource]:
    with working_folder() as folder:
        yield WorkbookSource(take_snapshot(path, folder), is_archive=True)


def written(path: Path, *, in_cells: bool = False) -> Path:
    """Cells of every kind; rows left out, and columns; merged cells; a small sheet beside the large one."""
    with xlsxwriter.Workbook(
        str(path), {"constant_memory": in_cells, "default_date_format": "yyyy-mm-dd"}
    ) as book:
        sheet = book.add_worksheet("大表")
        for row in (*range(2, 70), *range(130, 200)):
            cells = [row, f"学校{row}", row / 8, row % 2 == 0, datetime.date(2024, 9, 1 + row % 30), "小学"]
            sheet.write_row(row, 1, cells if row % 7 else cells[:3])
        sheet.merge_range("J3:J150", "乡镇")
        book.add_worksheet("小表").write_row(0, 0, ["a", 1])
    return path


def rewritten(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with the XML of its first sheet changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[SHEET] = change(members[SHEET])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def at_once(path: Path, sheet: str) -> list[list[Any]]:
    return list(CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).iter_rows())


def in_parts(source: WorkbookSource, sheet: str) -> list[list[Any]]:
    parted = source._sheets[sheet]
    assert isinstance(parted, PartedSheet)
    assert len(list(parted._parts())) > 5
    return list(parted.rows())


def padded(rows: list[list[Any]]) -> list[list[Any]]:
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


@pytest.mark.parametrize("in_cells", [False, True], ids=["shared texts", "texts in cells"])
def test_rows_in_parts_are_those_read_at_once(tmp_path: Path, in_cells: bool) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": in_cells}) as book:
        sheet = book.add_worksheet("大表")
        for row in (*range(2, 70), *range(130, 200)):
            sheet.write_row(row, 1, [row, f"学校{row}", row / 8, row % 2 == 0, "小学"])
        book.add_worksheet("小表").write_row(0, 0, ["a", 1])
    with opened(path) as source:
        whole = [["", *row] for row in at_once(path, "大表")]
        assert in_parts(source, "大表") == whole
        assert len(whole) == 200
        assert [preview.sheet for preview in source.previews()] == ["大表", "小表"]


def test_dates_truths_gaps_and_merged_cells_survive_the_cut(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx")
    with opened(path) as source:
        assert padded(in_parts(source, "大表")) == [["", *row] for row in at_once(path, "大表")]
        (merge,) = source._sheets["大表"].merged_cell_ranges
        assert merge == ((2, 9), (149, 9))


def columns(chunks: Iterator[Chunk]) -> tuple[list[int], list[list[str]]]:
    """Numbers of the rows and their cells, a list a row."""
    numbers: list[int] = []
    rows: list[list[str]] = []
    for chunk in chunks:
        numbers += chunk.rows.tolist()
        rows += [list(row) for row in zip(*(c.to_pylist() for c in chunk.columns.values()), strict=True)]
    return numbers, rows


def test_merged_cells_are_filled_down_into_parts_that_do_not_reach_their_column(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx")
    with opened(path) as source:
        numbers, rows = columns(source.chunks("大表", 2, 10, frozenset(), frozenset({9})))
    town = {number: row[9] for number, row in zip(numbers, rows, strict=True)}
    assert numbers == list(range(3, 201))
    assert {town[n] for n in range(3, 151)} == {"乡镇"}
    assert {town[n] for n in range(151, 201)} == {""}
    assert rows[-1][:4] == ["", "199", "学校199", "24.875"]


def test_a_row_that_is_wider_than_all_before_it_is_ragged(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("大表")
        for row in range(300):
            sheet.write_row(row, 0, ["a", row])
        sheet.write(250, 5, "备注")
    with opened(path) as source:
        chunks = list(source.chunks("大表", 1, 2, frozenset()))
    assert [ragged.row for chunk in chunks for ragged in chunk.ragged] == [251]
    assert sum(len(chunk.rows) for chunk in chunks) == 298


def without_numbers(sheet: bytes) -> bytes:
    """Every tenth row has no number, which the format allows."""
    return re.sub(rb'<row r="\d*0"', b"<row", sheet)


UNCUTTABLE: dict[str, Callable[[bytes], bytes]] = {
    "rows without a number": without_numbers,
    "a comment among the rows": lambda sheet: sheet.replace(b"</row>", b'</row><!-- <row r="9"> -->', 1),
    "rows that do not rise": lambda sheet: sheet.replace(b'<row r="60"', b'<row r="200"'),
    "rows that begin with a tab": lambda sheet: sheet.replace(b"<row r", b"<row\tr"),
    "an instruction among the rows": lambda sheet: sheet.replace(b"</row>", b"</row><?a </sheetData>?>", 1),
    "names with a prefix": lambda sheet: re.sub(
        rb"(</?)(?=\w)", rb"\1x:", sheet.replace(b"xmlns=", b"xmlns:x=")
    ),
}


@pytest.mark.parametrize("case", UNCUTTABLE)
def test_a_sheet_that_cannot_be_cut_is_read_at_once(tmp_path: Path, case: str) -> None:
    path = written(tmp_path / "a.xlsx")
    before = at_once(path, "大表")
    with opened(rewritten(path, UNCUTTABLE[case])) as source:
        assert not isinstance(source._sheets["大表"], PartedSheet)
        (preview, _) = source.previews()
    assert preview.rows[2][2] == before[2][1] if case != "rows without a number" else preview.rows


def test_where_shared_texts_and_styles_are_long_parts_are_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("大表")
        for row in range(2000):
            sheet.write_row(row, 0, ["小学", row])
    monkeypatch.setattr(sheet_parts, "PART_PER_SHARED", 1)
    with opened(path) as source:
        parted = source._sheets["大表"]
        assert isinstance(parted, PartedSheet)
        assert parted.part_bytes > 2 * sheet_parts.PART_BYTES
        assert list(parted.rows()) == at_once(path, "大表")
    monkeypatch.setattr(sheet_parts, "PART_PER_SHARED", 64)
    with opened(path) as source:
        assert not isinstance(source._sheets["大表"], PartedSheet)


def test_a_workbook_with_a_sheet_elsewhere_is_read_at_once(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/sheets/b.xml"] = members.pop("xl/worksheets/sheet2.xml")
    relations = "xl/_rels/workbook.xml.rels"
    members[relations] = members[relations].replace(b"worksheets/sheet2.xml", b"sheets/b.xml")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with opened(path) as source:
        assert [preview.rows[-1][:2] for preview in source.previews()][1] == ["a", "1"]


def test_without_room_for_its_xml_a_sheet_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.xlsx")
    original = Path.open

    def full(self: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if mode == "ab":
            raise OSError(28, "No space left on device")
        return original(self, mode, *rest, **named)

    monkeypatch.setattr(Path, "open", full)
    with opened(path) as source:
        assert not isinstance(source._sheets["大表"], PartedSheet)
        assert sum(len(chunk.rows) for chunk in source.chunks("大表", 2, 10, frozenset())) == 198


def test_narrow_sheets_may_have_as_many_rows_as_there_are(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(1_000_000, 0, ["a", "b"])
    assert workbook_limits.check_archive(path, "a.xlsx") == {}
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(1_000_000, 26, ["a", "b"])
    with pytest.raises(RefusedFileError):
        workbook_limits.check_archive(path, "a.xlsx")


def test_cells_that_lie_above_those_before_them_refuse_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx")
    rewritten(path, lambda sheet: re.sub(rb'r="([A-Z]+)190"', rb'r="\g<1>9"', sheet))
    with opened(path) as source, pytest.raises(RefusedFileError) as refused:
        list(source.chunks("大表", 2, 10, frozenset()))
    assert refused.value.problem.rule == "damaged_workbook"


def test_what_is_held_does_not_grow_with_the_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every book that calamine is given is a part, however many rows there are."""
    sizes: list[int] = []
    original = sheet_parts._book

    def measured(members: dict[str, bytes]) -> CalamineWorkbook:
        sizes.append(sum(map(len, members.values())))
        return original(members)

    monkeypatch.setattr(sheet_parts, "_book", measured)
    largest = []
    for rows in (200, 2000):
        path = tmp_path / f"{rows}.xlsx"
        with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
            sheet = book.add_worksheet("大表")
            for row in range(rows):
                sheet.write_row(row, 0, ["学校", 1000 + row])
        sizes.clear()
        with opened(path) as source:
            assert sum(len(chunk.rows) for chunk in source.chunks("大表", 1, 2, frozenset())) == rows - 1
        largest.append(max(sizes))
    assert largest[1] < largest[0] * 1.1
