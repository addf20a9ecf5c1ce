"""Spending of the made district as offices print it: the bureau's yearly tables, the analysis tables of the
finance statistics, an open-data table of growths. The figures are those of our own templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import partial

from ingest.sample.district import DISTRICT_CODE, DISTRICT_NAME, STAGE_ZH, YEARS, District
from ingest.sample.finance import Accounts, Amount, growths_beside, other_items_of
from ingest.sample.layouts import LayoutFile
from ingest.sample.parts import finance_cells, name_zh
from ingest.sample.sheets import Sheet, Value, headed, write_old_workbook, write_text, write_workbook
from ingest.sample.spending import BULLETIN_EDITION, budget, budget_document, bulletin, bulletin_document

RECORDS = ("finance",)
AREA_CODE = f"{DISTRICT_CODE}000"
DIVISOR = {"元": 1, "万元": 10_000}
SPENDING = "一般公共预算教育支出"
PARTS = ("本年数", "上年数", "增长%")
ANALYSIS_PARTS = ("本年", "上年", "增长%")
STAGE_COLUMNS = {"all_stages": "合计", **STAGE_ZH}
SCHOOL_KINDS = {
    "all_stages": "合计",
    **{stage: f"普通{name.removeprefix('普通')}" for stage, name in STAGE_ZH.items()},
}
BY_STAGE_YEARS = YEARS[:2]  # in the other years the bureau's table is turned: stages in rows
OLD_FILES = (YEARS[1], YEARS[3])  # handed in as .xls
IN_ANALYSIS_1 = {
    "budget_education": ("一般公共预算教育经费", "万元"),
    "recurring_revenue": ("财政经常性收入", "万元"),
    "general_budget_expenditure": ("一般公共预算支出", "万元"),
    "teacher_pay": ("教师年平均工资（元）", "元"),
}


def files(district: District) -> list[LayoutFile]:
    """Every file of the record, in the order in which they are handed in: of two that print the same figures
    of a year, the one with every stage comes last."""
    accounts = Accounts(district)
    open_data = partial(write_text, sheet=_open_data(bulletin(accounts)), encoding="gb18030")
    planned = budget(accounts)
    return [
        *(file for year in YEARS for file in _files_of(accounts, year)),
        LayoutFile(f"finance/教育经费执行情况_{BULLETIN_EDITION}.csv", open_data),
        _workbook(f"教育经费预算_{planned.fiscal_year}.xlsx", _plan(planned)),
    ]


def _files_of(accounts: Accounts, year: int) -> list[LayoutFile]:
    other = other_items_of(year)
    per_student = [accounts.per_student_of_all_of(year), *accounts.per_student_of(year)]
    spending, funds = (
        [amount for amount in per_student if amount.item == item]
        for item in ("budget_education", "public_funds")
    )
    totals = accounts.account_of(year)
    first = [totals[-1], *(amount for amount in other if amount.item in IN_ANALYSIS_1)]
    rest = [amount for amount in other if amount.item not in IN_ANALYSIS_1]
    bureau = _by_stage(totals) if year in BY_STAGE_YEARS else _by_item(totals)
    return [
        _workbook(f"教财分析1表_{year}.xlsx", _analysis_1(first)),
        _workbook(f"教财分析4表_{year}.xlsx", _by_kind("教财分析4表", "生均一般公共预算教育经费", spending)),
        _workbook(f"教财分析5-2表_{year}.xlsx", _by_kind("教财分析5-2表", "生均公用经费", funds)),
        _workbook(f"教育经费年报表_{year}{'.xls' if year in OLD_FILES else '.xlsx'}", bureau),
        _workbook(f"教育经费其他项目_{year}.xlsx", _other_items(rest)),
    ]


def _workbook(name: str, sheet: Sheet) -> LayoutFile:
    write = write_old_workbook if name.endswith(".xls") else write_workbook
    return LayoutFile(f"finance/{name}", partial(write, sheets=[sheet]))


def _document(amount: Amount) -> str:
    return str(finance_cells(amount)["来源文件"])


def _exact(amount: Fraction, unit: str = "元") -> str:
    """Every digit of an amount in a unit, with separators of thousands."""
    scaled = amount / DIVISOR[unit]
    text = f"{scaled.numerator / scaled.denominator:,.6f}".rstrip("0").rstrip(".")
    if Fraction(text.replace(",", "")) != scaled:
        raise ValueError(f"{amount} has no short decimal in {unit}")
    return text


def _growth(amount: Amount) -> str:
    return f"{float(round(amount.growth_pct, 2)):.2f}%"


def _three(amount: Amount, unit: str) -> list[Value]:
    return [_exact(amount.value, unit), _exact(amount.prior, unit), _growth(amount)]


def _captions(title: str, unit: str | None, table: str | None = None) -> list[list[Value]]:
    office = f"编制单位：{DISTRICT_NAME}教育局"
    said = [f"区划代码：{AREA_CODE}", *([f"单位：{unit}"] if unit else [])]
    titles: list[list[Value]] = [[title], [table]] if table else [[title]]
    return [*titles, [office, *said]]


def _table(
    title: str,
    captions: list[list[Value]],
    top: Sequence[tuple[str, Sequence[str]]],
    lines: Iterable[list[Value]],
) -> Sheet:
    header, merges = headed(top, len(captions))
    sheet = Sheet(title, [*captions, *header, *lines], merges)
    sheet.merges.append(((0, 0), (0, len(header[0]) - 1)))
    return sheet


def _by_stage(totals: Sequence[Amount]) -> Sheet:
    """The bureau's yearly table: one item, the stages side by side, 万元 said above the header."""
    top = [("项目", ()), *((STAGE_COLUMNS[amount.stage], PARTS) for amount in totals)]
    line: list[Value] = [f"一、{SPENDING}", *(cell for amount in totals for cell in _three(amount, "万元"))]
    return _table("年报表", _captions(_document(totals[0]), "万元"), top, [line])


def _by_item(totals: Sequence[Amount]) -> Sheet:
    """The same turned: a stage a row."""
    lines: list[list[Value]] = [[STAGE_COLUMNS[amount.stage], *_three(amount, "万元")] for amount in totals]
    top = [("学段", ()), (SPENDING, PARTS)]
    return _table("年报表", _captions(_document(totals[0]), "万元"), top, lines)


def _other_items(amounts: Sequence[Amount]) -> Sheet:
    """Items of which each has its own unit, in a column of units."""
    stages = ("all_stages", "primary", "junior_secondary")
    top = [("项目", ()), ("计量单位", ()), *((STAGE_COLUMNS[stage], PARTS) for stage in stages)]
    by_item: dict[str, dict[str, Amount]] = {}
    for amount in amounts:
        by_item.setdefault(amount.item, {})[amount.stage] = amount
    lines: list[list[Value]] = []
    for item, of_stage in by_item.items():
        unit = "万元" if item == "disabled_aid" else "元"
        figures = [_three(of_stage[stage], unit) if stage in of_stage else [""] * 3 for stage in stages]
        lines.append([name_zh("finance_item", item), unit, *(cell for three in figures for cell in three)])
    return _table("其他项目", _captions(_document(amounts[0]), None), top, lines)


def _analysis_1(amounts: Sequence[Amount]) -> Sheet:
    """Three growths, two shares: an area a row, 万元 but for what a heading says otherwise."""
    named = [(*IN_ANALYSIS_1[amount.item], amount) for amount in amounts]
    top = [("地区代码", ()), ("地区名称", ()), *((name, ANALYSIS_PARTS) for name, _, _ in named)]
    line: list[Value] = [AREA_CODE, DISTRICT_NAME]
    line += [cell for _, unit, amount in named for cell in _three(amount, unit)]
    _, gap = growths_beside(amounts[0]) or (None, None)
    if gap is not None:
        top.append(("增长幅度比较(百分点)", ()))
        line.append(f"{float(gap):.2f}")
    title = _document(amounts[0])
    return _table(
        "分析1表", _captions(title, "万元", "教财分析1表 三个增长、两个比例情况分析表"), top, [line]
    )


def _by_kind(table: str, heading: str, amounts: Sequence[Amount]) -> Sheet:
    """Amounts per pupil by kind of school, in yuan."""
    top = [("地区代码", ()), ("地区名称", ()), ("学校类别", ()), (heading, ANALYSIS_PARTS)]
    lines: list[list[Value]] = [
        [AREA_CODE, DISTRICT_NAME, SCHOOL_KINDS[amount.stage], *_three(amount, "元")] for amount in amounts
    ]
    return _table(
        "分析表", _captions(_document(amounts[0]), "元", f"{table} {heading}情况分析表"), top, lines
    )


def _plan(amount: Amount) -> Sheet:
    """The budget of a year: its total only."""
    header: list[Value] = ["项目", "合计", "小学", "初中", "普通高中"]
    line: list[Value] = [SPENDING, _exact(amount.value, "万元"), "", "", ""]
    return Sheet(
        "预算", [*_captions(budget_document(), "万元"), header, line], [((0, 0), (0, len(header) - 1))]
    )


def _open_data(amounts: Sequence[Amount]) -> Sheet:
    """A table of growths as a portal gives it: neighbouring rows in different units."""
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
    ]
    header += ["增长率口径", "数据版本", "更新年度", "来源"]
    rows: list[list[Value]] = [header]
    for amount in amounts:
        unit, name = ("万元", SPENDING) if amount.basis == "total" else ("元", "生均一般公共预算教育经费")
        row: list[Value] = [
            AREA_CODE,
            DISTRICT_NAME,
            amount.fiscal_year,
            name,
            STAGE_COLUMNS[amount.stage],
            unit,
        ]
        row += [*_three(amount, unit), "名义", "公告", BULLETIN_EDITION, bulletin_document()]
        rows.append(row)
    return Sheet("", rows)
