"""What a layout may ask of the reader beside columns: captions, merged cells, notes, columns a year, days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import yaml

from ingest.accept import accept_batches
from ingest.captions import Captions, CaptionSpec
from ingest.chunks import SheetHeader
from ingest.contract import Field, contracts
from ingest.each_header import blocks_for, found_in_headers
from ingest.idle_rows import FIRST_FILLED, idle_rows
from ingest.layout import plan_sheet
from ingest.load import load_file
from ingest.loose_days import loose_days
from ingest.merged_cells import fill_merged
from ingest.plain import caseless
from ingest.problems import RefusedFileError
from ingest.profile import BadProfileError, FieldSource, Profile
from ingest.profile_files import profiles, read_profile
from ingest.sample.layout import Sheet, write_book
from ingest.school_register import register_mark
from tests.ingest.conftest import Query, csv_bytes
from tests.ingest.layout_rows import rejected
from tests.ingest.test_profiles import GOOD

NOTES = "^(注|说明)"


def profile_named(name: str) -> Profile:
    return next(profile for profile in profiles() if profile.name == name)


def test_only_what_is_merged_is_filled_down_and_only_in_its_columns() -> None:
    rows = [["a", "x", "1"], ["", "", "2"], ["", "", "3"], ["b", "", "4"], ["", "y", "5"]]
    merges = [((4, 0), (5, 0)), ((4, 1), (6, 1)), ((7, 0), (7, 1)), ((1, 0), (3, 0))]
    filled = list(fill_merged([list(row) for row in rows], 4, frozenset({0}), merges))
    # Row 6 was never merged with the rows above it, column 1 is not asked for, and row 7 is merged across.
    assert [row[0] for row in filled] == ["a", "a", "", "b", ""]
    assert [row[1] for row in filled] == ["x", "", "", "", "y"]


def coded(rows: list[list[str]]) -> dict[int, Any]:
    columns = (pa.array(column).dictionary_encode() for column in zip(*rows, strict=True))
    return {place: (column.dictionary, np.asarray(column.indices)) for place, column in enumerate(columns)}


def test_notes_end_where_data_go_on() -> None:
    rows = [["甲", "1"], ["注：一", ""], ["二、续", ""], ["", ""], ["乙", "2"], ["", "三、再续"]]
    is_blank, is_skipped, is_in_notes = idle_rows(coded(rows), len(rows), (), NOTES, False)
    assert is_blank.tolist() == [False, False, False, True, False, False]
    assert is_skipped.tolist() == [False, True, True, False, False, True]
    assert is_in_notes
    _, later, _ = idle_rows(coded([["四、又续", ""], ["丙", "3"]]), 2, (), NOTES, is_in_notes)
    assert later.tolist() == [True, False]


def test_a_row_of_totals_is_known_by_its_first_filled_cell() -> None:
    rows = [["", "合计", "9"], ["甲", "合计", "1"], ["合计", "", "3"]]
    _, is_skipped, _ = idle_rows(coded(rows), len(rows), ((FIRST_FILLED, "^合计"),), None, False)
    assert is_skipped.tolist() == [True, False, True]


def test_no_rule_of_totals_passes_a_name_over() -> None:
    rules = [
        (profile.name, rule.matches)
        for profile in profiles()
        for rule in profile.skip_rows
        if rule.header in ("学校名称", "主体名称", "*") and r"合\s*计" in rule.matches
    ]
    assert len(rules) > 20
    names = pa.array(["小计村小学", "合计镇", "合 计", "小计：", "总计（8所）", "合计"])
    for name, pattern in rules:
        found = pc.match_substring_regex(names, pattern).to_pylist()
        assert found == [False, False, True, True, True, True], name


@pytest.mark.parametrize(
    ("text", "month", "serial", "day"),
    [
        ("2021年9月", "first", False, "2021-09-01"),
        ("2021年9月", "last", False, "2021-09-30"),
        ("2024.2", "last", False, "2024-02-29"),
        ("2021.10", "first", False, "2021-10-01"),
        ("2021.1", "first", False, "2021.1"),  # a spreadsheet makes that of 2021.10
        ("2021-1", "first", False, "2021-01-01"),
        ("2021年9月", None, True, "2021年9月"),
        ("2021年13月", "last", True, "2021年13月"),
        ("44440", None, True, "2021-09-01"),
        ("44440", "last", False, "44440"),
        ("2021/9/1", "last", True, "2021/9/1"),
    ],
)
def test_a_loose_day_means_what_its_layout_says(text: str, month: str | None, serial: bool, day: str) -> None:
    assert loose_days(pa.array([text, None]), month, is_serial=serial).to_pylist() == [day, None]


def test_columns_repeat_as_often_as_the_header_says() -> None:
    training = profile_named("teacher_system_training")
    names = ["身份证件号", "2021年学时", "２０２２年学时", "2022年特教学时", "合计学时"]
    assert found_in_headers(str(training.each_header), names) == ("2021", "2022")
    blocks = blocks_for(training, names)
    assert [block.number for block in blocks] == [4042, 4044, 4045], "of 2021 no hours stand apart"
    assert [block.sources["hours"].headers for block in blocks[1:]] == [
        ("2022年学时",),
        ("2022年特教学时",),
    ]
    assert {block.sources["year"].constant for block in blocks} == {"2021", "2022"}


def test_a_table_without_the_repeated_columns_is_refused_in_words(tmp_path: Path, query: Query) -> None:
    path = tmp_path / "990101_学时.csv"
    path.write_bytes(csv_bytes([["1", "样本"]], ["身份证件号", "姓名"]))
    outcome = load_file(path, "teacher_training")
    assert "…年学时" in outcome.problems[0].message_zh()
    assert "[0-9]" not in outcome.problems[0].message_zh()


HEADER = ("镇街代码", "镇街名称", "2021年/常住人口(万人)", "2021年/出生人口(人)")


def test_the_unit_of_a_column_is_the_one_that_it_names() -> None:
    plan = plan_sheet("人口.xlsx", profile_named("government_population"), SheetHeader("人口", HEADER, 2))
    exponents = {p.field.name: p.source.exponent for p in plan.blocks[0].plans}
    assert (exponents["residents"], exponents["births"]) == (4, 0)


def caption(titles: tuple[str, ...], sheet: str = "表1", file_name: str = "名单.xlsx") -> str | None:
    """The school year that a list of recognised schools is of."""
    names = ("认定批次", "学校名称", "学校标识码", "认定时间", "有效期至", "认定文号", "区县代码")
    plan = plan_sheet(
        file_name, profile_named("government_recognition"), SheetHeader(sheet, names, 2, titles)
    )
    return next(p.source.constant for p in plan.blocks[0].plans if p.field.name == "school_year")


def test_a_caption_is_read_where_it_stands_nearest() -> None:
    assert caption(("２０２１学年名单",), "2020学年", "2019学年.xlsx") == "2021"
    assert caption(("名单",), "2020学年", "2019学年.xlsx") == "2020"
    for years in ("2019-2020", "2019/2020", "2019 — 2020", "2019至20"):
        assert caption((), "表1", f"{years}学年.xlsx".replace("/", "／")) == "2019"
    assert caption(("2021学年名单", "2021学年")) == "2021"


@pytest.mark.parametrize(
    ("titles", "rule"), [(("名单",), "caption_missing"), (("2020学年", "2021学年"), "caption_twice")]
)
def test_a_caption_says_one_thing_or_the_file_is_refused(titles: tuple[str, ...], rule: str) -> None:
    with pytest.raises(RefusedFileError) as refusal:
        caption(titles)
    assert refusal.value.problem.rule == rule
    assert "2022学年" in refusal.value.problem.message_zh()
    assert refusal.value.problem.message_en()


def test_of_two_things_said_the_place_is_named_where_one_is_to_go() -> None:
    # The name of the file is right already: to write it there again would mend nothing.
    with pytest.raises(RefusedFileError) as refusal:
        caption(("2021学年 2022学年 名单",), file_name="2022学年.xlsx")
    assert "表头上方 above the header: 2021 / 2022" in refusal.value.problem.message_zh()
    assert "文件名" not in refusal.value.problem.message_zh()
    with pytest.raises(RefusedFileError, match="文件名 in the name of the file: 2021 / 2022"):
        caption((), file_name="2021学年和2022学年.xlsx")


def test_a_title_in_wide_digits_is_kept_as_written() -> None:
    spec = CaptionSpec("^(.*20[0-9]{2}年.*决算.*)$", is_as_written=True)
    document, year = (contracts()["finance"].field(name) for name in ("document", "fiscal_year"))
    said = Captions("决算.xlsx", SheetHeader("表1", ("学段",), 2, ("某区２０２２年教育经费决算",)))
    assert said.value(spec, document) == "某区２０２２年教育经费决算"
    silent = Captions("决算.xlsx", SheetHeader("表1", ("学段",), 2, ()))
    assert silent.value(spec, document) == ""  # a document need not be named, a year must
    with pytest.raises(RefusedFileError):
        silent.value(spec, year)


def test_what_a_name_of_a_file_says_makes_another_batch(tmp_path: Path, query: Query) -> None:
    names = ["认定批次", "学校名称", "学校标识码", "认定时间", "有效期至", "认定文号"]
    content = csv_bytes([["一", "示例小学", "2199000001", "2019-06-30", "长期", "样教1号"]], names)
    batches = set()
    for year in (2019, 2020):
        path = tmp_path / f"990101_{year}学年.csv"
        path.write_bytes(content)
        batches.add(load_file(path, "recognition").batch_id)
    assert len(batches) == 2
    years = query("select school_year, expires_on from raw.recognition order by 1")
    assert [tuple(row.values()) for row in years] == [(2019, None), (2020, None)]


def test_a_ledger_names_schools_by_the_register_or_tells_who_is_not_in_it(
    tmp_path: Path, query: Query
) -> None:
    register = tmp_path / "register.csv"
    headers = ["区县代码", "学年", "学校标识码", "学校名称", "办学类型", "举办者", "城乡类型"]
    names = ["示例第一小学", "示例第二小学", "同名小学", "同名小学"]
    rows = [["990101", 2022, f"219900000{n}", name, "211", "831", "111"] for n, name in enumerate(names)]
    register.write_bytes(csv_bytes(rows, headers))
    assert load_file(register, "school").status == "loaded"
    accept_batches("school")
    wanted = [
        *["示例第一小学"] * 3,
        "示例 第二小学",
        *["示例第一小学"] * 6,
        "示例第一小学（新校区）",
        "同名小学",
    ]
    lines = [
        {
            "认定批次": "一",
            "学校名称": name,
            "认定时间": f"2019-06-{day:02d}",
            "有效期至": None,
            "认定文号": "样教1号",
        }
        for day, name in enumerate(wanted, start=1)
    ]
    path = write_book(tmp_path / "990101_名单.xlsx", [Sheet("名单", lines, "2022学年名单")])
    outcome = load_file(path, "recognition")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 10, 2)
    codes = query("select distinct school_code from raw.recognition order by 1")
    assert [row["school_code"] for row in codes] == ["2199000000", "2199000001"]
    assert [(row["source_row"], row["found"]) for row in rejected(query)] == [
        (13, "示例第一小学（新校区）"),
        (14, "同名小学"),
    ]


def test_names_are_compared_whole() -> None:
    assert caseless("示例 第一小学（东）") == caseless("示例第一小学(东)")
    assert caseless("示例第一小学") != caseless("示例第一小学校")
    assert register_mark({"a": "1"}) != register_mark({"a": "2"})


def test_a_project_in_no_plan_is_told(tmp_path: Path, query: Query) -> None:
    lines = [
        {
            "项目编号": f"X{n}",
            "项目名称": "样本",
            "建设性质": "新建",
            "学位数(座)/建设前": 0,
            "学位数(座)/建设后": 900,
            "列入规划/专项规划": "√" if n else None,
        }
        for n in range(10)
    ]
    title = "项目台账（截至2022年12月31日）"
    path = write_book(tmp_path / "990101_台账.xlsx", [Sheet("台账", lines, title, header_rows=2)])
    outcome = load_file(path, "project")
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_rejected) == (10, 9, 1)
    (told,) = rejected(query)
    assert (told["source_row"], told["rule"]) == (4, "required")
    assert "所属规划" in told["expected_zh"]


WRONG = [
    (
        {"fields": {**GOOD["fields"], "stage": {"caption": {"pattern": "(小学)", "places": ["below"]}}}},
        "looked for in",
    ),
    ({"each_header": r"^(\d+)年$"}, "go together"),
    ({"fields": {**GOOD["fields"], "grade": {"header": "{each}年"}}, "repeat": []}, "go together"),
    (
        {"each_header": "年", "fields": {**GOOD["fields"], "grade": {"header": "{each}年"}}, "repeat": []},
        "one group",
    ),
    ({"fields": {**GOOD["fields"], "stage": {"caption": {"pattern": "小学"}}}}, "one group"),
    (
        {"fields": {**GOOD["fields"], "stage": {"constant": "x", "caption": {"pattern": "(小学)"}}}},
        "column only",
    ),
    ({"fields": {**GOOD["fields"], "stage": {"header": "A", "month": "middle"}}}, "last day"),
    ({"needs_block": "nonsense"}, "nonsense"),
    ({"counted": {"identifier": ["ID"], "fields": {}}}, "of a caption"),
]


@pytest.mark.parametrize(("change", "named"), WRONG)
def test_a_profile_that_asks_wrongly_is_named(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump({**GOOD, **change}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BadProfileError) as caught:
        read_profile(path)
    assert named in str(caught.value)


def test_files_of_a_shared_folder_wait_for_each_of_their_records(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest.landing import pending_files

    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    path = tmp_path / "teachers" / "990101_教师信息.csv"
    path.parent.mkdir()
    path.write_bytes(b"x,y\n")
    for record in ("teacher", "teacher_rotation", "teacher_training"):
        assert pending_files(record) == [path]
    assert pending_files("staffing") == []


def said(file_name: str, titles: tuple[str, ...], source: FieldSource, field: Field) -> str | None:
    """What stands outside a table of a field; None where the file would be refused for want of it."""
    assert source.caption is not None
    try:
        return Captions(file_name, SheetHeader("表1", (), 1, titles)).value(source.caption, field)
    except RefusedFileError as refusal:
        if refusal.problem.rule != "caption_missing":
            raise
        return None


@pytest.mark.parametrize(
    ("titles", "file_name", "code"),
    [
        (("行政区划代码：990101",), "名单.xlsx", "990101"),
        (("名单",), "990101_名单.xlsx", "990101"),
        (("邮编", "528500", "电话 0757-88888888"), "990101_名单.xlsx", "990101"),
        (("528500",), "名单528500.xlsx", None),
        (("2022年名单（2019-2022年）",), "20220901_名单.xlsx", None),
    ],
)
def test_a_postcode_or_a_day_is_not_taken_for_a_district(
    titles: tuple[str, ...], file_name: str, code: str | None
) -> None:
    source = profile_named("government_recognition").blocks[0].sources["district_code"]
    district = contracts()["recognition"].field("district_code")
    assert said(file_name, titles, source, district) == code


@pytest.mark.parametrize(
    ("title", "year"),
    [("2022年汇总表", "2022"), ("2022年度汇总表", "2022"), ("2019-2022年汇总表", None), ("2022年3月", None)],
)
def test_a_span_of_years_is_not_its_last(title: str, year: str | None) -> None:
    source = profile_named("government_satisfaction").blocks[0].sources["year"]
    field = contracts()["satisfaction"].field("year")
    assert said("表.xlsx", (title,), source, field) == year


def test_a_town_whose_name_begins_like_a_note_is_no_note() -> None:
    notes = {str(profile.notes) for profile in profiles() if profile.notes}
    rows = [["注溪镇", "1"], ["备注：无", ""], ["说明1、", ""], ["注", ""]]
    for pattern in notes:
        _, is_skipped, _ = idle_rows(coded(rows), len(rows), (), pattern, False)
        assert is_skipped.tolist() == [False, True, True, True]
