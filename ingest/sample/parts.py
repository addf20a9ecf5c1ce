"""What the tables of every family of the made district are built of: cells, rows, tables, common columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from ingest.contract import code_list
from ingest.sample.district import DISTRICT_CODE, DISTRICT_NAME, School
from ingest.sample.finance import Amount

# Text, a count, an exact decimal figure, or nothing.
Cell = str | int | Fraction | None

# Items whose name says out of which funds they are: 一般公共预算….
GENERAL_BUDGET_ITEMS = ("budget_education", "public_funds", "general_budget_expenditure")


@dataclass
class Row:
    """One data row; identity matters, because planted faults point to it."""

    cells: list[Cell]


@dataclass
class Table:
    """One file's content. ``headers`` and every row have the same length unless a fault says otherwise."""

    record: str
    period: str
    headers: list[str]
    rows: list[Row]


def table_of(record: str, period: str, lines: Iterable[dict[str, Cell]]) -> Table:
    """A table from lines that all have the same headers, in the same order."""
    every = list(lines)
    return Table(record, period, list(every[0]), [Row(list(line.values())) for line in every])


def rows_where(table: Table, header: str, fits: Callable[[Cell], bool]) -> Table:
    """The table with the rows alone of which the cell under ``header`` fits."""
    place = table.headers.index(header)
    return Table(
        table.record, table.period, table.headers, [row for row in table.rows if fits(row.cells[place])]
    )


def name_zh(code_list_name: str, code: str) -> str:
    """The Chinese name of a code, as forms print it."""
    return next(entry.name_zh for entry in code_list(code_list_name) if entry.code == code)


def flag(value: bool) -> str:
    """Yes or no, as forms print it."""
    return "是" if value else "否"


def school_cells(school: School, year: int) -> dict[str, Cell]:
    """The columns that name a school in a school year."""
    return {
        "学年": year,
        "区县代码": DISTRICT_CODE,
        "学校标识码": school.code,
        "学校名称": school.name_in(year),
    }


def finance_cells(amount: Amount, vintage: str = "决算", document: str | None = None) -> dict[str, Cell]:
    """The columns that say what an amount of the district is; by itself one of the final account."""
    return {
        "区县代码": DISTRICT_CODE,
        "主体层级": "区县级",
        "主体代码": DISTRICT_CODE,
        "主体名称": DISTRICT_NAME,
        "财政年度": amount.fiscal_year,
        "学段": name_zh("stage", amount.stage),
        "项目": name_zh("finance_item", amount.item),
        "口径": name_zh("finance_scope", amount.scope),
        "计量方式": name_zh("finance_basis", amount.basis),
        "数据版本": vintage,
        "资金来源": "一般公共预算" if amount.item in GENERAL_BUDGET_ITEMS else None,
        "价格口径": "现价",
        "来源文件": document or f"样本市均衡区{amount.fiscal_year}年教育经费决算（虚构）",
    }
