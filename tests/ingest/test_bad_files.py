"""Files broken by mutation, a short run of the bench; and what a mutation at random would not find."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench import bad_files
from bench.bad_workbook import SHEET, packed, parts_of
from ingest import read_csv, read_workbook
from ingest.hand_back.replay import replay_file
from ingest.landing import pending_files, pending_mended
from ingest.load import LoadOutcome, load_file
from tests.ingest.conftest import HEADERS, Put, Query, csv_bytes, good_rows, write_xlsx

FILES, SEED = 240, 20


def test_every_broken_file_has_one_clear_outcome(warehouse: str) -> None:
    made = bad_files.cases(FILES, SEED, load_share=0.15, with_heavy=False)
    found = bad_files.run(made, SEED)
    assert found["faults"] == []
    outcomes = {outcome for counted in found["counts"].values() for outcome in counted}
    assert sum(counted.total() for counted in found["counts"].values()) == FILES
    assert {"taken", "taken in part", "refused damaged_workbook", "refused wrong_encoding"} <= outcomes


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    text = [case for case in bad_files.cases(60, 3, 0.1) if case.mutation in bad_files.TEXT]
    first, again = (
        [bad_files.write_case(case, 3, tmp_path / turn) for case in text] for turn in ("first", "again")
    )
    read = [[path.read_bytes() for path in paths if path] for paths in (first, again)]
    assert read[0] == read[1]
    assert len(read[0]) > 20


def refused(outcome: LoadOutcome, rule: str) -> None:
    assert (outcome.status, [p.rule for p in outcome.problems]) == ("refused", [rule])
    assert bad_files.message_fault(outcome.problems[0]) is None


@pytest.mark.parametrize("name", ["a\nb.csv", "\udcff.csv", "a\x1b[31m.csv", "\u202evsc.a.csv"])
def test_a_name_that_no_message_can_show(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    folder = tmp_path / "enrolment"
    folder.mkdir()
    (folder / name).write_bytes(csv_bytes(good_rows()))
    refused(load_file(folder / name, "enrolment"), "odd_file_name")
    assert len(query("select 1 from ops.refused_file")) == 1
    assert pending_files("enrolment") == []


def test_a_file_in_a_folder_whose_name_no_text_can_hold(tmp_path: Path, query: Query) -> None:
    folder = tmp_path / "\udcc8\udcfd"  # a name in GBK
    folder.mkdir()
    (folder / "a.csv").write_bytes(csv_bytes(good_rows(), [*HEADERS[:6], "女生人数", "班级数"]))
    refused(load_file(folder / "a.csv", "enrolment"), "layout_changed")
    assert [row["file_name"] for row in query("select file_name from ops.held_file")] == ["a.csv"]


def test_a_mended_file_whose_name_no_text_can_hold_is_seen_once(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    path = tmp_path / "mended" / "\udcff.csv"
    path.parent.mkdir()
    path.write_bytes(csv_bytes(good_rows()))
    assert pending_mended() == [path]
    assert [outcome.status for outcome in replay_file(path)] == ["refused"]
    assert pending_mended() == []


def test_a_zero_byte_in_a_cell_is_shown_as_a_sign(tmp_path: Path, query: Query) -> None:
    rows = good_rows(20)
    rows[4][5] = "NUL"
    parts = parts_of(write_xlsx(tmp_path / "a.xlsx", rows).read_bytes())
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(b"NUL", b"1&#0;2")
    (tmp_path / "a.xlsx").write_bytes(packed(parts))
    outcome = load_file(tmp_path / "a.xlsx", "enrolment")
    if outcome.status == "refused":  # as soon as the reader of XML takes it for what it is
        refused(outcome, "damaged_workbook")
    else:
        assert query("select found from ops.rejected_row") == [{"found": "1␀2"}]


def test_a_table_wider_than_a_sheet(put: Put, query: Query) -> None:
    headers = [*HEADERS, *(f"h{i}" for i in range(16_384))]
    rows = [[*row, *[""] * 16_384] for row in good_rows(2)]
    refused(load_file(put("a.csv", csv_bytes(rows, headers)), "enrolment"), "too_many_columns")


NAMED = ["备注", *HEADERS]


def _noted(notes: dict[int, str], count: int) -> bytes:
    """Schools with a free note each, as an export that does not care for quotes writes them."""
    lines = [",".join(str(c) for c in [notes.get(n, ""), *row]) for n, row in enumerate(good_rows(count))]
    return "\n".join([",".join(NAMED), *lines, ""]).encode()


@pytest.mark.parametrize("count", [400, 9000])
def test_two_stray_quotes_do_not_swallow_the_rows_between(put: Put, query: Query, count: int) -> None:
    last = count - 20
    content = _noted({10: '"错', last: '对"'}, count)
    outcome = load_file(put("a.csv", content), "enrolment")
    refused(outcome, "broken_csv")
    assert outcome.problems[0].row == 12
    assert "line 12" in outcome.problems[0].message_en()
    assert query("select 1 from raw.enrolment") == []


@pytest.mark.parametrize("swallowed", [1, 2, 30])
@pytest.mark.parametrize("end", ["\n", ""], ids=["ended", "last line without its end"])
def test_two_stray_quotes_near_each_other_are_told_with_their_lines(
    put: Put, query: Query, swallowed: int, end: str
) -> None:
    content = _noted({10: '"错', 10 + swallowed: '对"'}, 60).rstrip(b"\n") + end.encode()
    outcome = load_file(put("a.csv", content), "enrolment")
    refused(outcome, "broken_csv")
    assert outcome.problems[0].row == 12
    assert f"a quote of line 12 holds all up to line {12 + swallowed}" in outcome.problems[0].message_en()
    assert query("select 1 from raw.enrolment") == []


def test_quotes_that_open_in_one_column_and_close_in_another_are_told(put: Put, query: Query) -> None:
    lines = _noted({}, 40).decode().splitlines()
    lines[5] = lines[5].replace(",小学", ',"小学')  # closes where nothing else would show it: past the notes
    lines[7] = '"' + lines[7]
    outcome = load_file(put("a.csv", "\n".join(lines).encode()), "enrolment")
    refused(outcome, "broken_csv")
    assert "a quote of line 6 holds all up to line 8" in outcome.problems[0].message_en()
    assert query("select 1 from raw.enrolment") == []


def test_notes_of_some_lines_and_marks_of_inches_hold_nothing_up(put: Put, query: Query) -> None:
    notes = dict.fromkeys(range(0, 300, 2), '"一\n二\n三"') | dict.fromkeys((1, 251), '5" 屏')
    outcome = load_file(put("a.csv", _noted(notes, 300)), "enrolment")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 300, 0)


def test_a_sheet_of_merged_cells(tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_workbook, "MAX_MERGES", 5)
    path = write_xlsx(tmp_path / "a.xlsx", good_rows())
    parts = parts_of(path.read_bytes())
    merges = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(2, 9))
    merged = f"</sheetData><mergeCells>{merges}</mergeCells>".encode()
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", merged)
    path.write_bytes(packed(parts))
    refused(load_file(path, "enrolment"), "too_many_merges")


def test_a_workbook_of_a_thousand_sheets(tmp_path: Path, query: Query) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", good_rows())
    parts = parts_of(path.read_bytes())
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="rId1"/>' for n in range(1000)).encode()
    parts["xl/workbook.xml"] = re.sub(rb"<sheet [^>]*/>", sheets, parts["xl/workbook.xml"])
    path.write_bytes(packed(parts))
    refused(load_file(path, "enrolment"), "too_many_sheets")


def test_more_ragged_rows_than_a_table_has(put: Put, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_csv, "MAX_RAGGED", 50)
    content = csv_bytes(good_rows(100)) + b"1,2\n" * 60 + csv_bytes(good_rows(100))
    refused(load_file(put("a.csv", content), "enrolment"), "too_many_ragged")
    assert query("select 1 from raw.enrolment") == []


def test_a_file_larger_than_the_limit(put: Put, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNHENG_MAX_FILE_MB", "0")
    refused(load_file(put("a.csv", csv_bytes(good_rows())), "enrolment"), "file_too_large")


def test_a_header_of_megabytes(tmp_path: Path, query: Query) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", good_rows())
    parts = parts_of(path.read_bytes())
    long = b"x" * (5 << 20)
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace("年级".encode(), long)
    path.write_bytes(packed(parts))
    refused(load_file(path, "enrolment"), "missing_header")


def test_one_workbook_that_crashes_the_reader_does_not_hold_up_its_folder(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    from ingest.forms import source as form_source
    from tests.ingest.made_workbooks import book_2021, write_book

    folder = tmp_path / "2021"
    for name in "abc":
        book = book_2021()
        book[next(iter(book))].rows.append([name])  # three workbooks of different content
        write_book(folder / f"{name}.xlsx", book)
    really = form_source._Reader.row

    def crash(reader: form_source._Reader) -> form_source.FormRow:
        if reader._row.file_name == "b.xlsx":
            os.abort()
        return really(reader)

    monkeypatch.setattr(form_source._Reader, "row", crash)
    load_file(folder, "school")
    told = query("select source_sheet, rule from ops.rejected_row where rule = 'file_too_heavy'")
    assert told == [{"source_sheet": "b.xlsx", "rule": "file_too_heavy"}]
