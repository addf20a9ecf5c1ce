"""Ledgers as offices keep them give the rows of our own template; what is wrong in them is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ingest.load import load_file
from ingest.readers import records_that_recognise
from ingest.sample import government as sample_government
from ingest.sample import layout_government as sample_layout_government
from ingest.sample import layout_teachers as sample_layout_teachers
from ingest.sample import places as sample_places
from ingest.sample import projects as sample_projects
from ingest.sample import teachers as sample_teachers
from ingest.sample.district import District, schools_in
from ingest.sample.layout import Sheet, lines_of, write_book
from ingest.sample.layout_government import (
    write_clusters,
    write_declarations,
    write_establishment,
    write_land_cases,
    write_migrant_children,
    write_pairings,
    write_population,
    write_projects,
    write_recognitions,
    write_satisfaction,
)
from ingest.sample.layout_teachers import write_teachers
from ingest.sample.parts import Table
from ingest.sample.write import DEFAULT_SEED
from tests.ingest.conftest import Query, rows_of
from tests.ingest.layout_rows import as_old_workbook, load_all, loaded_rows, rejected, template_rows

Write = Callable[[Path, Table], list[Path]]
ESTABLISHED = {school.code: school.name for year in (2019, 2020, 2021, 2022) for school in schools_in(year)}
WRITERS: dict[str, Write] = {
    "project": write_projects,
    "land_case": write_land_cases,
    "population": write_population,
    "school_cluster": write_clusters,
    "recognition": write_recognitions,
    "pairing": write_pairings,
    "declaration": write_declarations,
    "satisfaction": write_satisfaction,
    "migrant_children": write_migrant_children,
    "establishment": lambda folder, table: write_establishment(folder, table, dict(ESTABLISHED)),
}
TEACHERS = ("teacher", "teacher_rotation", "teacher_training")


@pytest.fixture(scope="module")
def query(module_warehouse: str) -> Query:
    """Rows of a query on one warehouse for all of these tests: each looks at its own batches."""
    return rows_of


@cache
def tables() -> dict[str, Table]:
    """The tables of the made district by record."""
    district = District(DEFAULT_SEED)
    families = (sample_government, sample_places, sample_projects, sample_teachers)
    every = {table.record: table for family in families for table in family.tables(district)}
    for record in TEACHERS:  # two years of some thousand rows each say as much as four
        table = every[record]
        every[record] = replace(table, rows=[row for row in table.rows if int(str(row.cells[0])) > 2020])
    return every


@pytest.mark.parametrize("record", WRITERS)
def test_a_ledger_gives_the_rows_of_our_own_template(tmp_path: Path, query: Query, record: str) -> None:
    paths = WRITERS[record](tmp_path, tables()[record])
    assert records_that_recognise(paths[0]) == [record]
    outcomes = load_all(paths, record)
    found = loaded_rows(query, record, *outcomes)
    assert found == template_rows(tmp_path, query, record, lines_of(tables()[record]))
    read_by = query(
        "select distinct profile from ops.load_batch where batch_id = any(%s)",
        [outcome.batch_id for outcome in outcomes],
    )
    assert [row["profile"] for row in read_by] == [f"government_{record}"]


def test_one_workbook_of_teachers_feeds_three_records(tmp_path: Path, query: Query) -> None:
    [path] = write_teachers(tmp_path, *(tables()[record] for record in TEACHERS))
    assert records_that_recognise(path) == sorted(TEACHERS)
    old = as_old_workbook(path)
    for record in TEACHERS:
        found = loaded_rows(query, record, *load_all([path], record))
        assert found == template_rows(tmp_path, query, record, lines_of(tables()[record])), record
        assert found == loaded_rows(query, record, *load_all([old], record)), f"{record} of the .xls"
    persons = ("样本教师", "JS2199")
    for name in [*(f"protected.{record}" for record in TEACHERS), "ops.load_batch", "ops.batch_column"]:
        text = str(query(f"select t::text as line from {name} as t"))
        assert not any(person in text for person in persons), name


Change = Callable[[list[Sheet]], object]


def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: str, change: Change) -> Path:
    """The first ledger of a record, of which ``change`` alters one thing before it is written."""

    def write(path: Path, sheets: Sequence[Sheet]) -> Path:
        own = [replace(sheet, lines=sheet.lines[:400]) for sheet in sheets]
        change(own)
        return write_book(path, own)

    monkeypatch.setattr(sample_layout_government, "write_book", write)
    monkeypatch.setattr(sample_layout_teachers, "write_book", write)
    if record in TEACHERS:
        return write_teachers(tmp_path, *(tables()[record] for record in TEACHERS))[0]
    return WRITERS[record](tmp_path, tables()[record])[0]


def put(header: str, value: Any, row: int = 0) -> Change:
    return lambda sheets: sheets[0].lines[row].update({header: value})


def rename(header: str, other: str) -> Change:
    def change(sheets: list[Sheet]) -> None:
        for sheet in sheets:
            sheet.lines[:] = [{other if k == header else k: v for k, v in ln.items()} for ln in sheet.lines]

    return change


def retitle(title: str) -> Change:
    return lambda sheets: sheets.__setitem__(0, replace(sheets[0], title=title))


def without_kind(sheets: list[Sheet]) -> None:
    moved = next(line for line in sheets[0].lines if line["交流轮岗/方式"])
    moved["交流轮岗/方式"] = None


def put_last(header: str, value: Any) -> Change:
    return lambda sheets: sheets[-1].lines[0].update({header: value})


# Record, what is changed, column and rule of the cells that are told, and words of the message.
CELLS: dict[str, tuple[str, Change, str, str, str]] = {
    "no such month": ("recognition", put("有效期至", "2021年13月"), "G", "not_a_date", "日期"),
    "no such town": ("population", put("镇街代码", "均衡街道"), "A", "wrong_pattern", "区县代码"),
    "no such kind": ("project", put("建设性质", "大修"), "D", "unknown_code", "新建"),
    "words and a figure": ("project", put("学位数(座)/建设前", "约900座"), "L", "not_an_integer", "整数"),
    "neither 有 nor 无": ("declaration", put("有无", "基本有"), "C", "not_a_boolean", "是"),
    "no day": ("pairing", put("起止时间/开始", "去年"), "F", "not_a_date", "日期"),
    "no respondent": ("satisfaction", put("调查对象", "路人"), "A", "unknown_code", "家长"),
    "not merged": ("school_cluster", put("学校标识码", None), "F", "required", "学校标识码"),
    "no such stage": ("migrant_children", put("学段", "大学部"), "A", "unknown_code", "小学"),
    "half a post": ("establishment", put("核定编制数/全部学科", "3.5"), "C", "not_an_integer", "整数"),
    "no date": ("land_case", put_last("规划规模(人)", "千人"), "F", "not_an_integer", "整数"),
    "no degree": ("teacher", put("最高学历", "不详"), "F", "unknown_code", "本科"),
    "no kind of move": ("teacher_rotation", without_kind, "Y", "required", "交流轮岗方式"),
    "hours in words": ("teacher_training", put_last("2021年学时", "七十二"), "C", "not_a_number", "数字"),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_that_is_wrong_is_told_at_its_place(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    record, change, column, rule, said = CELLS[name]
    outcome = load_file(broken(tmp_path, monkeypatch, record, change), record)
    assert outcome.rows_rejected > 0
    found = [row for row in rejected(query, outcome) if row["rule"] == rule]
    assert {(row["source_column"], row["rule"]) for row in found} == {(column, rule)}
    assert said in found[0]["expected_zh"]
    assert all(found[0][text] for text in ("expected_zh", "expected_en", "mend_zh", "mend_en"))
    assert (found[0]["found"] is None) == (record in TEACHERS)


# Record, what is changed, rule and words of the one refusal.
FILES: dict[str, tuple[str, Change, str, str]] = {
    "project": ("project", rename("项目编号", "编号"), "missing_header", "项目编号"),
    "no day of the report": ("project", retitle("项目台账"), "caption_missing", "截至2022年12月31日"),
    "population": ("population", rename("镇街代码", "代码"), "missing_header", "镇街代码"),
    "school_cluster": (
        "school_cluster",
        rename("成员学校(含牵头学校)", "成员学校"),
        "missing_header",
        "含牵头学校",
    ),
    "two years": ("pairing", retitle("2019学年、2020学年名单"), "caption_twice", "2019 / 2020"),
    "declaration": ("declaration", rename("有无", "达标"), "layout_changed", "达标"),
    "satisfaction": ("satisfaction", rename("问卷(份)/满意", "问卷(份)/好评"), "missing_header", "满意"),
    "land_case": ("land_case", rename("位置", "地址"), "missing_header", "位置"),
    "teacher": ("teacher", rename("编制情况", "编制"), "missing_header", "编制情况"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_layout_that_differs_is_refused_with_one_message(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    record, change, rule, said = FILES[name]
    outcome = load_file(broken(tmp_path, monkeypatch, record, change), record)
    assert outcome.status == "refused"
    assert [problem.rule for problem in outcome.problems] == [rule]
    assert said in outcome.problems[0].message_zh()


def drop(prefix: str) -> Change:
    """Without the columns whose headers begin so (or end so: ``*…``)."""

    def is_dropped(header: str) -> bool:
        return header.endswith(prefix[1:]) if prefix.startswith("*") else header.startswith(prefix)

    def change(sheets: list[Sheet]) -> None:
        for sheet in sheets:
            sheet.lines[:] = [{k: v for k, v in line.items() if not is_dropped(k)} for line in sheet.lines]

    return change


@pytest.mark.parametrize(
    ("record", "columns"), [("teacher_rotation", "再次交流轮岗"), ("teacher_training", "*特教学时")]
)
def test_an_export_without_optional_columns_is_read(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch, record: str, columns: str
) -> None:
    for folder in ("whole", "part"):
        (tmp_path / folder).mkdir()
    whole = load_file(broken(tmp_path / "whole", monkeypatch, record, lambda sheets: None), record)
    part = load_file(broken(tmp_path / "part", monkeypatch, record, drop(columns)), record)
    assert (part.status, part.problems, part.rows_rejected) == ("loaded", (), 0)
    of_blocks = {
        outcome.batch_id: [
            row["n"]
            for row in query(
                f"select count(*) as n from protected.{record} where batch_id = %s "
                "group by source_block %% 2 order by source_block %% 2",
                outcome.batch_id,
            )
        ]
        for outcome in (whole, part)
    }
    assert len(of_blocks[whole.batch_id]) == 2, "the made export has rows of both"
    assert of_blocks[part.batch_id] == of_blocks[whole.batch_id][:1]


@pytest.mark.parametrize(
    ("record", "change", "rule", "said"),
    [
        ("teacher_rotation", drop("再次交流轮岗/派出"), "missing_header", "再次交流轮岗/派出学校标识码"),
        ("teacher_training", drop("2021年学时"), "missing_header", "2021年学时"),
        ("teacher_training", rename("2021年特教学时", "2021年特殊教育学时"), "layout_changed", "特殊教育"),
    ],
)
def test_half_of_an_optional_group_or_one_renamed_is_not_dropped(
    tmp_path: Path,
    query: Query,
    monkeypatch: pytest.MonkeyPatch,
    record: str,
    change: Change,
    rule: str,
    said: str,
) -> None:
    outcome = load_file(broken(tmp_path, monkeypatch, record, change), record)
    assert (outcome.status, [problem.rule for problem in outcome.problems]) == ("refused", [rule])
    assert said in outcome.problems[0].message_zh()


def test_a_column_beside_a_known_one_is_not_taken_for_an_optional_one(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(sheets: list[Sheet]) -> None:
        drop("再次交流轮岗")(sheets)
        for line in sheets[0].lines:
            line["交流轮岗/派出学校名称"] = "某校" if line["交流轮岗/方式"] else None

    outcome = load_file(broken(tmp_path, monkeypatch, "teacher_rotation", change), "teacher_rotation")
    assert (outcome.status, outcome.problems) == ("loaded", ())
