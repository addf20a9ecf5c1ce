"""junheng floor, from raw rows through dbt to the page: a made district, the nation, namesakes."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner, Result

from ingest import cli, database, exit_codes, findings_spending
from ingest.floor import board as floor_board
from ingest.floor import changes as floor_changes
from ingest.floor import series as floor_series

MODELS = [
    f"+{mart}"
    for mart in (floor_series.FLOOR, floor_series.READINGS, floor_series.RESTATED, floor_series.WARNINGS)
]
DISTRICT, TOTAL = "990101", "■ 总额 · 一般公共预算教育支出 · 小学"


def _place(entity: str, name: str, level: str = "district", district: str | None = None) -> dict[str, Any]:
    return {
        "region_code": "CN",
        "district_code": district or entity,
        "entity_level": level,
        "entity_code": entity,
        "entity_name": name,
        "stage": "primary",
        "item_code": "budget_education",
        "scope_code": "education_funds",
        "currency_code": "CNY",
    }


def _amount(place: dict[str, Any], year: int, amount: str | None, **more: Any) -> dict[str, Any]:
    base = {"fiscal_year": year, "basis": "total", "vintage": "final_account", "edition": year + 1}
    value = None if amount is None else Decimal(amount)
    return {**place, **base, "price_basis": "nominal", "amount": value, **more}


MADE = _place(DISTRICT, "样本市均衡区")
# 2019 falls in the bulletin and rises in the account; 2020 falls by a cent; 2021 is excused in part.
ROWS = [
    _amount(MADE, 2018, "300000000"),
    _amount(MADE, 2019, "290000000", vintage="bulletin", edition=2020, prior_amount=Decimal(300000000)),
    _amount(MADE, 2019, "320000000", edition=2021),
    _amount(MADE, 2020, "319999999.99", edition=2022),
    _amount(MADE, 2021, "300000000", edition=2022),
    _amount(MADE, 2022, "310000000", vintage="budget", edition=2022),
]
NATION = _place("CN", "全国", "nation")
BULLETINS = [
    _amount(NATION, year, amount, basis="per_student", stage="junior_secondary", vintage="bulletin",
            prior_amount=Decimal(prior), growth_pct=growth, growth_basis=basis)
    for year, amount, prior, growth, basis in [
        (2020, "17803.60", "17319.04", None, "not_stated"),
        (2021, "17772.06", "17803.60", Decimal("1.74"), "comparable_scope"),
    ]
]  # fmt: skip
OTHERS = [
    _amount(_place("990102", "样本市东区"), 2020, "100"),
    _amount(_place("T1", "镇甲", "town", "990101"), 2020, "100"),
    _amount(_place("T1", "镇乙", "town", "990102"), 2020, "100"),
    _amount(
        _place("990103", "样本市西区"), 2020, None, growth_pct=Decimal("-3.13"), growth_basis="not_stated"
    ),
]
CORRECTED = _place("990104", "样本市更正县")
EXCEPTION = {
    **MADE,
    "basis": "total",
    "first_fiscal_year": 2021,
    "amount": Decimal(15000000),
    "reason": "一次性建设完工",
    "document": "样本文〔2021〕1号",
    "document_date": "2021-12-20",
}
EXECUTION = {
    **MADE,
    "fiscal_year": 2022,
    "through_date": "2022-09-30",
    "budget_amount": Decimal(310000000),
    "executed_amount": Decimal(200000000),
}
PUPILS = {"region_code": "CN", "district_code": DISTRICT, "school_year": 2022, "school_code": "S"}
SCHOOL = {
    **PUPILS,
    "district_name": "样本市均衡区",
    "school_name": "样本小学",
    "school_type_code": "211",
    "operator_code": "831",
    "urban_rural_code": "111",
}


@pytest.fixture(scope="module")
def published(module_warehouse: str, accepted_rows: Any, build: Any, publish_part: Any) -> None:
    accepted_rows("finance", [*ROWS, *BULLETINS, *OTHERS])
    accepted_rows("finance_exception", [EXCEPTION])
    accepted_rows("budget_execution", [EXECUTION])
    accepted_rows("school", [SCHOOL])
    accepted_rows("enrolment", [{**PUPILS, "stage": "primary", "grade": "all", "students": 20000}])
    first = accepted_rows("finance", [_amount(CORRECTED, 2019, "200"), _amount(CORRECTED, 2020, "100")])
    accepted_rows("finance", [_amount(CORRECTED, 2019, "90"), _amount(CORRECTED, 2020, "100")])
    with database.connect() as owner:
        owner.execute(
            "update ops.partition_batch set accepted_at = '2021-03-01', superseded_at = '2021-06-01' "
            "where batch_id = %s",
            [first],
        )
        owner.execute(
            "update ops.partition_batch set accepted_at = '2021-06-01' "
            "where superseded_at is null and partition_key in "
            "(select partition_key from ops.partition_batch where batch_id = %s)",
            [first],
        )
    build(MODELS)
    publish_part()


def floor(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["floor", *arguments])


def row_of(text: str, year: str, *parts: str) -> list[str]:
    """Cells of the first line of the year that holds all the parts."""
    lines = (line for line in text.splitlines() if line.split()[:1] == [year])
    return next(line for line in lines if all(part in line for part in parts)).split()


def part_of(text: str, begin: str) -> str:
    """The output from a heading to the next one."""
    return text[text.index(begin) :].removeprefix(begin).split("■")[0]


@pytest.mark.usefixtures("published")
def test_who_fell_when_and_by_how_much_is_told_first() -> None:
    said = floor(DISTRICT)
    assert said.exit_code == exit_codes.DONE, said.output
    fallen = said.output.split("■")[0]
    assert "样本市均衡区 990101 · 教育支出底线" in fallen
    assert "3 个年度可比：判定下降 2，低于底线 2；重述翻转 1 个年度的判定" in fallen
    cent, excused = (row_of(fallen, year, "总额") for year in ("2020", "2021"))
    assert cent[-7:] == [">-0.01", "万元", "-0.00", "<0.01", "万元", "未达标", "未达标"]
    assert excused[-7:] == ["-2,000.00", "万元", "-6.25", "500.00", "万元", "未达标", "未达标"]


@pytest.mark.usefixtures("published")
def test_every_year_stands_with_last_year_floor_and_verdicts() -> None:
    made = part_of(floor(DISTRICT).output, TOTAL)
    assert "单位: 万元" in made
    assert row_of(made, "2018") == ["2018", "30,000.00", "–", "–", "–", "–", "缺数据", "缺数据"]
    assert row_of(made, "2020", "(2019)") == [
        *("2020", "32,000.00", "32,000.00", "-0.00", "32,000.00", "(2019)", "<0.01", "未达标", "未达标")
    ]
    assert row_of(made, "2021", "(2019)")[4:7] == ["30,500.00", "(2019)", "500.00"]
    assert "2018 与上年不可比：缺上年数据" in made
    assert "2022 与上年不可比：只有预算数" in made
    assert "2021–2022 例外：底线降低 1,500.00 万元，依据 样本文〔2021〕1号" in made


@pytest.mark.usefixtures("published")
def test_the_chart_has_a_bar_a_year_and_marks_what_is_below_the_floor() -> None:
    lines = part_of(floor(DISTRICT).output, TOTAL).splitlines()
    bars = {line.split()[0]: line for line in lines if "█" in line}
    assert list(bars) == ["2018", "2019", "2020", "2021", "2022"]
    assert {year: "▼" in line for year, line in bars.items()} == {
        "2018": False,
        "2019": False,
        "2020": True,
        "2021": True,
        "2022": False,
    }
    # From zero: 300 of 320 million of a bar of 60 cells.
    assert bars["2021"].count("█") == 60 * 300 // 320


@pytest.mark.usefixtures("published")
def test_exact_amounts_are_there_for_the_asking() -> None:
    made = part_of(floor(DISTRICT, "--exact").output, TOTAL)
    assert row_of(made, "2020", "(2019)")[1:4] == ["319,999,999.99", "320,000,000", "-0.00"]
    assert row_of(made, "2020", "(2019)")[6] == "0.01"


@pytest.mark.usefixtures("published")
def test_readings_are_told_where_they_differ() -> None:
    nation = floor("全国").output
    assert "2021 按公布数下降，按同口径上升" in nation
    assert row_of(nation, "2021", "名义")[2:] == ["17,803.60", "17,803.60", "31.54", "未达标", "未达标"]
    assert row_of(nation, "2021", "*同口径")[2:] == ["17,468.11", "17,468.11", "0", "达标", "达标"]
    assert "+1.74 同口径" in nation
    assert "读法不一致" not in floor(DISTRICT).output


@pytest.mark.usefixtures("published")
def test_a_growth_alone_is_told_as_such() -> None:
    west = floor("西区").output
    assert row_of(west, "2020", "总额")[-5:] == ["–", "(-3.13)", "–", "未达标", "缺数据"]
    assert "2020 下降：未公布上年金额，按公布增长率判断" in west
    nothing = west[west.index("没有可比数据的分支") :]
    assert "生均（自算，年平均学生数）" in nothing
    assert "金额缺失" in nothing


@pytest.mark.usefixtures("published")
def test_what_a_later_vintage_turned_is_told_with_its_edition_and_file() -> None:
    restated = floor(DISTRICT).output.split("\n重述")[1].split("\n年中预警")[0]
    bulletin, account = (row_of(restated, "2019", vintage) for vintage in ("公告", "决算"))
    assert bulletin[1:] == [
        *("2020", "年版", "公告", "2020", "年版", "29,000.00", "首次"),
        *("未达标", "→", "达标", "未达标", "→", "达标"),
    ]
    assert account[1:] == [
        *("2021", "年版", "现行", "决算", "2021", "年版", "32,000.00", "+3,000.00", "更高数据版本取代"),
        *("达标", "达标"),
    ]
    assert "2019 第 1、2 版: test.csv" in restated


@pytest.mark.usefixtures("published")
def test_what_a_corrected_file_turned_is_told_with_its_days() -> None:
    restated = floor("更正县").output.split("\n重述")[1]
    assert "按入库时间" in restated
    first, corrected = (row_of(restated, "2019", day) for day in ("2021-03-01", "2021-06-01"))
    assert "200.00" in first
    assert [corrected[i] for i in (2, 6, 7, 8)] == ["现行", "90.00", "-110.00", "更正文件"]
    other = row_of(restated, "2020", "2021-03-01")
    assert other[-6:] == ["未达标", "→", "达标", "未达标", "→", "达标"]


@pytest.mark.usefixtures("published")
def test_a_year_under_way_tells_what_is_missing_in_all_and_by_pupil() -> None:
    under_way = floor(DISTRICT).output.split("\n年中预警")[1].split("■")[1]
    assert "2022 · 总额" in under_way
    assert "底线（形成年）: 30,500.00 万元 (2019)" in under_way
    assert "预算缺口: 0 万元 · 0 元/生" in under_way
    assert "尚缺: 10,500.00 万元 · 5,250.00 元/生" in under_way
    assert "至 2022-09-30，应达的 65.6%；全年已过 74.8%" in under_way


@pytest.mark.usefixtures("published")
def test_what_is_asked_for_is_all_that_is_shown() -> None:
    only = floor(
        DISTRICT, "--leg", "总额", "--stage", "小学", "--item", "budget_education", "--year-from", "2020"
    )
    assert only.exit_code == exit_codes.DONE, only.output
    assert "生均（自算" not in only.output
    assert "2019 " not in part_of(only.output, TOTAL)
    assert "2020" in part_of(only.output, TOTAL)
    town = floor("T1", "--district", "990102", "--language", "en").output
    assert "镇乙 T1 · Spending floor" in town
    assert "总额" not in town
    assert "Total · General public budget spending on education" in town


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("arguments", "there"),
    [
        (["不存在"], "990101 样本市均衡区"),
        ([""], "990101 样本市均衡区"),
        (["样本市"], "990103 样本市西区"),
        (["T1"], "T1 镇乙（--district 990102）"),
        ([DISTRICT, "--district", "1"], "990102"),
        ([DISTRICT, "--leg", "x"], "total 总额"),
        ([DISTRICT, "--stage", "x"], "primary 小学"),
        ([DISTRICT, "--stage", "初中"], "primary 小学"),
        ([DISTRICT, "--item", "x"], "budget_education"),
        ([DISTRICT, "--year-from", "2030"], "2018、2019"),
        ([DISTRICT, "--year-from", "2021", "--year-to", "2019"], "2021"),
        ([DISTRICT, "--language", "fr"], "zh, en, both"),
        ([DISTRICT, "--year-to", "x"], "--year-to"),
        ([], "ENTITY"),
    ],
)
def test_what_there_is_not_is_answered_with_what_there_is(arguments: list[str], there: str) -> None:
    said = floor(*arguments)
    assert said.exit_code == exit_codes.WRONG_USAGE, said.output
    assert there in said.output
    assert "Traceback" not in said.output


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("entity", [DISTRICT, "CN", "990104"])
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", ["zh", "en", "both"])
@pytest.mark.parametrize("is_exact", [False, True])
def test_the_page_fits_a_terminal_and_cuts_no_figure(
    capsys: pytest.CaptureFixture[str], entity: str, width: int, language: str, is_exact: bool
) -> None:
    found = floor_series.answer(floor_series.Asked(entity))
    pages = []
    for columns in (width, 400):
        console = Console(width=columns)
        floor_board.print_floor(console, found, language, is_exact)
        floor_changes.print_restatements(console, found.restated, language, is_exact)
        floor_changes.print_warnings(console, found.warnings, language, is_exact)
        pages.append(capsys.readouterr().out)
    narrow, wide = (Counter(re.findall(r"[<>+-]?\d[\d,.]*|未达标|Not met", page)) for page in pages)
    assert max(cell_len(line.rstrip()) for line in pages[0].splitlines()) <= width
    assert narrow == wide


@pytest.mark.usefixtures("published")
def test_a_night_ends_with_a_line_on_what_restatements_turned(capsys: pytest.CaptureFixture[str]) -> None:
    findings_spending.print_outlook(Console(width=160))
    said = capsys.readouterr().out
    assert "verdicts that restatements turned：2（2 个主体 entities）" in said
    assert "early warning" not in said
    with database.connect() as owner:
        owner.execute("update marts.mart_finance__early_warning set is_alarm = true where basis = 'total'")
    findings_spending.print_outlook(Console(width=160))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "年中预警 early warning：样本市均衡区 2022 总额 小学" in lines[0]


@pytest.mark.usefixtures("warehouse")
def test_before_a_first_night_nothing_is_published() -> None:
    said = floor(DISTRICT)
    assert said.exit_code == exit_codes.NOTHING_PUBLISHED
    assert "nothing is published yet" in said.output
