"""Tables of education finance as offices print them: unit, year, vintage and area are read from where the
table says them, and a table that leaves one open is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.load import LoadOutcome, load_file
from ingest.profile import BadProfileError
from ingest.profile_files import read_profile
from ingest.sample.sheets import Sheet, Value, headed, write_old_workbook, write_text, write_workbook
from ingest.settings import PROFILES_DIR
from ingest.units import caption_units, header_units
from tests.ingest.conftest import Query

Rows = list[list[Value]]
TITLE = "样本市均衡区2021年教育经费决算表"
OFFICE: list[Value] = ["编制单位：样本市均衡区教育局", "区划代码：990101000", "单位：万元"]


def by_stage() -> Rows:
    """Items in rows, stages in columns; 万元 is said above the header."""
    return [
        [TITLE],
        list(OFFICE),
        ["项目", "合计", "小学", "初中", "普通高中"],
        ["一、一般公共预算教育支出", "12,345.67", 6000.5, "4,000.25", ""],
        ["其中：人员经费", 9000, 5000, 3000, ""],
        ["（二）残疾学生资助", 43.1, "", "", ""],
        ["制表：财务科", "", "", "", ""],
    ]


def by_item() -> Rows:
    """The same turned: stages in rows, a unit in the heading of what is not in 万元."""
    return [
        [TITLE],
        list(OFFICE),
        [
            "学段",
            "一般公共预算教育支出",
            "生均一般公共预算教育经费（元/生）",
            "生均一般公共预算公用经费（元）",
        ],
        ["合计", "12345.67", "", ""],
        ["小学", "6000.5", "13,000.10", "1320.55"],
        ["初中", "4000.25", "18,200", ""],
    ]


def open_data() -> Rows:
    """Growths with a unit beside each amount; percent as a number and as a text."""
    header: list[Value] = [
        "地区代码",
        "地区",
        "年度",
        "指标",
        "学段",
        "计量单位",
        "本年",
        "上年",
        "增长率（%）",
        "数据版本",
    ]
    area: list[Value] = ["990101000", "均衡区", "2021年", "一般公共预算教育支出"]
    return [
        [*header, "更新年度"],
        [*area, "小学", "亿元", "0.600050", "0.5", "20.01%", "快报", 2022],
        [*area, "初中", "万元", "4,000.25", "4000", 0.01, "公告", 2022],
        [*area, "普通高中", "元", "2,344,900", "—", "-", "年鉴", 2023],
        [*area, "幼儿园", "千元", "1.5", "1", "50", "决算", 2022],
        [*area, "中职", "百万元", "1.5", "1", "50", "预算", 2021],
    ]


def analysis(table: str = "教财分析5-2表") -> Rows:
    """An analysis table of the finance statistics: an area and kind of school a row."""
    top, _ = headed(
        [("地区代码", ()), ("地区名称", ()), ("学校类别", ()), ("生均公用经费", ("本年", "上年", "增长%"))], 0
    )
    return [
        ["均衡区2021年教育经费统计决算"],
        [f"{table} 生均公用经费情况分析表", "", "单位：元"],
        *top,
        ["990101000", "均衡区", "普通小学", "1,320.55", "1,310", "0.81"],
        ["990101001", "均衡街道", "普通小学", "1,400.00", "1,350", "3.70%"],
        ["990100000", "样本市", "普通初中", "2,000", "", ""],
    ]


def put(folder: Path, rows: Rows, name: str = "表.xlsx") -> Path:
    path = folder / name
    sheet = Sheet("表", rows)
    if name.endswith(".csv"):
        write_text(path, sheet, "gb18030")
    elif name.endswith(".xls"):
        write_old_workbook(path, [sheet])
    else:
        write_workbook(path, [sheet])
    return path


def load(folder: Path, rows: Rows, name: str = "表.xlsx") -> LoadOutcome:
    return load_file(put(folder, rows, name), "finance")


def amounts(query: Query, outcome: LoadOutcome) -> dict[tuple[str, str, str], Decimal]:
    """Amounts in yuan by stage, item and basis."""
    assert (outcome.status, outcome.rows_rejected) == ("loaded", 0), outcome.problems
    rows = query("select * from raw.finance where batch_id = %s", outcome.batch_id)
    return {(row["stage"], row["item_code"], row["basis"]): row["amount"] for row in rows}


TOTALS = {
    ("all_stages", "budget_education", "total"): Decimal(123_456_700),
    ("primary", "budget_education", "total"): Decimal(60_005_000),
    ("junior_secondary", "budget_education", "total"): Decimal(40_002_500),
}


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".csv"])
def test_the_unit_above_the_header_holds_for_every_amount(tmp_path: Path, query: Query, suffix: str) -> None:
    outcome = load(tmp_path, by_stage(), f"表{suffix}")
    aid = {("all_stages", "disabled_aid", "total"): Decimal(431_000)}
    assert amounts(query, outcome) == {**TOTALS, **aid}
    rows = query("select * from raw.finance where item_code = 'budget_education' order by stage")
    told = {(r["district_code"], r["entity_code"], r["entity_level"], r["entity_name"]) for r in rows}
    assert told == {("990101", "990101", "district", "样本市均衡区")}
    told = {(r["fiscal_year"], r["edition"], r["vintage"], r["scope_code"], r["document"]) for r in rows}
    assert told == {(2021, 2021, "final_account", "education_funds", TITLE)}
    assert {row["fund_source_code"] for row in rows} == {"general_public_budget"}


def test_stages_in_rows_and_a_heading_that_says_its_own_unit(tmp_path: Path, query: Query) -> None:
    per_student = {
        ("primary", "budget_education", "per_student"): Decimal("13000.10"),
        ("junior_secondary", "budget_education", "per_student"): Decimal(18_200),
        ("primary", "public_funds", "per_student"): Decimal("1320.55"),
    }
    assert amounts(query, load(tmp_path, by_item())) == {**TOTALS, **per_student}


def test_neighbouring_rows_of_open_data_in_five_units_and_five_vintages(tmp_path: Path, query: Query) -> None:
    outcome = load(tmp_path, open_data(), "增长.csv")
    assert (outcome.status, outcome.rows_loaded) == ("loaded", 5), outcome.problems
    rows = query("select * from raw.finance order by source_row")
    figures = ("vintage", "edition", "amount", "prior_amount", "growth_pct")
    assert [tuple(row[name] for name in figures) for row in rows] == [
        ("flash", 2022, 60_005_000, 50_000_000, Decimal("20.01")),
        ("bulletin", 2022, 40_002_500, 40_000_000, Decimal("0.01")),
        ("yearbook", 2023, 2_344_900, None, None),
        ("final_account", 2022, 1_500, 1_000, 50),
        ("budget", 2021, 1_500_000, 1_000_000, 50),
    ]
    assert {row["fiscal_year"] for row in rows} == {2021}
    columns = query(
        "select source_column, header from ops.batch_column where field_name = 'amount' and batch_id = %s "
        "order by source_column",
        outcome.batch_id,
    )
    assert [(c["source_column"], c["header"]) for c in columns] == [("F", "计量单位"), ("G", "本年")]


def test_nine_digits_say_whether_an_area_is_the_district_or_a_part(tmp_path: Path, query: Query) -> None:
    assert load(tmp_path, analysis()).rows_loaded == 3
    rows = query("select * from raw.finance order by source_row")
    assert [(row["district_code"], row["entity_code"], row["entity_level"]) for row in rows] == [
        ("990101", "990101", "district"),
        ("990101", "990101001", "town"),
        ("990100", "990100", "city"),
    ]


@pytest.mark.parametrize(
    ("table", "source"), [("教财分析5-1表", "all_sources"), ("教财分析5-2表", "general_public_budget")]
)
def test_the_number_of_the_table_says_out_of_which_funds(
    tmp_path: Path, query: Query, table: str, source: str
) -> None:
    assert load(tmp_path, analysis(table)).rows_loaded == 3
    assert query("select distinct fund_source_code as source from raw.finance") == [{"source": source}]


def without_unit(rows: Rows) -> None:
    rows[1].pop()


def in_an_unknown_unit(rows: Rows) -> None:
    rows[1][2] = "单位：万"


def in_two_units(rows: Rows) -> None:
    rows[1][2] = "单位：万元、元"


def with_a_column_of_units_too(rows: Rows) -> None:
    rows[2].append("计量单位")
    rows[3].append("元")


def without_year(rows: Rows) -> None:
    rows[0][0] = "教育经费决算表"


def of_two_years(rows: Rows) -> None:
    rows[0][0] = "样本市均衡区2020年、2021年教育经费决算表"


def without_vintage(rows: Rows) -> None:
    rows[0][0] = "样本市均衡区2021年教育经费年报表"


def without_area(rows: Rows) -> None:
    rows[1].pop(1)


REFUSED: dict[str, tuple[Callable[[Rows], None], str, str]] = {
    "no unit": (without_unit, "unit_not_stated", "金额单位"),
    "a unit nobody knows": (in_an_unknown_unit, "unit_not_stated", "金额单位"),
    "two units": (in_two_units, "unit_said_twice", "只有一处说明"),
    "a unit above and units beside": (with_a_column_of_units_too, "unit_said_twice", "只有一处说明"),
    "no year": (without_year, "caption_missing", "年度"),
    "two years": (of_two_years, "caption_twice", "年度"),
    "no vintage": (without_vintage, "caption_missing", "版本"),
    "no area code": (without_area, "caption_missing", "地区代码"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_leaves_it_open_is_refused(tmp_path: Path, query: Query, name: str) -> None:
    change, rule, said = REFUSED[name]
    rows = by_stage()
    change(rows)
    outcome = load(tmp_path, rows)
    (problem,) = outcome.problems
    assert (outcome.status, problem.rule) == ("refused", rule)
    assert said in problem.expected_zh
    assert problem.mend_zh
    assert problem.mend_en
    assert query("select count(*) as n from raw.finance") == [{"n": 0}]


def test_a_date_is_no_year_and_an_office_is_no_unit(tmp_path: Path, query: Query) -> None:
    rows = by_stage()
    rows[1] = ["填报单位：元谋县教育局", "地区代码：990101", "填报日期：2022年3月1日", "金额单位：万元、%"]
    assert load(tmp_path, rows).status == "loaded"
    (row,) = query("select distinct entity_name, fiscal_year from raw.finance")
    assert row == {"entity_name": "元谋县", "fiscal_year": 2021}


def test_an_amount_without_a_unit_beside_it_is_set_aside_alone(tmp_path: Path, query: Query) -> None:
    rows = open_data() + open_data()[1:2]
    rows[1][5], rows[6][4] = "", "全学段"
    outcome = load(tmp_path, rows, "增长.csv")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 5, 1)
    faults = query("select rule, field_name, source_column, found from ops.rejected_row order by field_name")
    assert [(f["rule"], f["field_name"], f["source_column"], f["found"]) for f in faults] == [
        ("unknown_unit", "amount", "G+F", "0.600050 "),
        ("unknown_unit", "prior_amount", "H+F", "0.5 "),
    ]


def test_a_number_that_is_none_is_told_with_its_unit(tmp_path: Path, query: Query) -> None:
    rows = open_data() + open_data()[1:2]
    rows[1][6], rows[6][4] = "约六千", "全学段"
    assert load(tmp_path, rows, "增长.csv").rows_rejected == 1
    (fault,) = query("select rule, found from ops.rejected_row")
    assert (fault["rule"], fault["found"]) == ("not_a_number", "约六千 亿元")


def test_an_item_that_no_list_has_is_set_aside(tmp_path: Path, query: Query) -> None:
    rows = by_stage()
    rows[5][0] = "（二）食堂伙食费"
    outcome = load(tmp_path, rows)
    assert outcome.rows_rejected == 1
    assert {r["rule"] for r in query("select rule from ops.rejected_row")} >= {"unknown_code"}


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("单位：万元", ("万元",), ()),
        ("单 位: 亿元", ("亿元",), ()),
        ("（单位：元/生）", ("元",), ()),
        ("单位：人民币万元", ("万元",), ()),
        ("单位：万元，%", ("万元",), ()),
        ("单位：人、万元", ("万元",), ()),
        ("单位：万", (), ("万",)),
        ("单位：元、万元", ("元", "万元"), ()),
        ("填报单位：元", (), ()),
        ("预算单位：某区教育局 单位：万元", ("万元",), ()),
        ("编制单位：万元乡政府  单位：元", ("元",), ()),
    ],
)
def test_units_said_above_a_header(text: str, known: tuple[str, ...], unknown: tuple[str, ...]) -> None:
    assert caption_units([text]) == (known, unknown)


def test_units_in_a_header_stand_in_brackets() -> None:
    assert header_units("小学/本年（万元）") == ("万元",)
    assert header_units("生均(元/生)") == ("元",)
    assert header_units("万元户数") == ()


def broken(tmp_path: Path, old: str, new: str) -> Path:
    text = (PROFILES_DIR / "finance_bureau_by_stage.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "profile.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_profile_that_asks_for_an_unknown_caption_is_no_profile(tmp_path: Path) -> None:
    with pytest.raises(BadProfileError, match="no caption jahr"):
        read_profile(broken(tmp_path, "{caption: year}", "{caption: jahr}"))
    with pytest.raises(BadProfileError, match="exactly one group"):
        read_profile(broken(tmp_path, r"'(20[0-9]{2})\s*年", r"'20[0-9]{2}\s*年"))


def test_a_heading_without_its_own_unit_is_in_the_units_of_the_table(tmp_path: Path, query: Query) -> None:
    """And with one it is not: taking the table's unit for it would be wrong by ten thousand."""
    rows = by_item()
    rows[2][2] = "生均一般公共预算教育经费"
    wrong = amounts(query, load(tmp_path, rows))[("primary", "budget_education", "per_student")]
    right = amounts(query, load(tmp_path, by_item(), "另.xlsx"))[
        ("primary", "budget_education", "per_student")
    ]
    assert (wrong, right) == (Decimal("130001000"), Decimal("13000.10"))
