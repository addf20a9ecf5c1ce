"""What is planted in the files of the made district: faults that must be found, oddities that must be read.

Rows are set aside in the first year only: the verdicts of the others, and what changed from one to the
next, rest on every school.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ingest.sample.parts import Cell, Row, Table

Outcome = Literal["rejected", "skipped", "read"]


@dataclass
class Plant:
    """One planted thing in one row. ``value`` is what must be read where the row is not rejected."""

    row: Row
    header: str | None
    outcome: Outcome
    rule: str | None
    what_zh: str
    what_en: str
    value: str | None = None


Maker = Callable[[Table, Row], list[Plant]]


@dataclass(frozen=True)
class Fault:
    """A recipe: where a fault goes. ``place`` is the data row counted from 0 in the faultless table."""

    record: str
    period: str
    place: int
    make: Maker


def cell(header: str, found: str | None, rule: str, zh: str, en: str) -> Maker:
    """A cell whose content cannot be read: the row must be rejected under ``rule``."""

    def make(table: Table, row: Row) -> list[Plant]:
        row.cells[table.headers.index(header)] = found
        return [Plant(row, header, "rejected", rule, zh, en)]

    return make


def empty(header: str, found: str | None) -> Maker:
    """An optional cell that is not applicable or not reported: read as missing, never as 0."""

    def make(table: Table, row: Row) -> list[Plant]:
        row.cells[table.headers.index(header)] = found
        return [Plant(row, header, "read", None, "选填项不适用或未报", "optional figure not reported")]

    return make


def thousands(header: str) -> Maker:
    """A figure written with thousands separators: the same figure."""

    def make(table: Table, row: Row) -> list[Plant]:
        place = table.headers.index(header)
        found = row.cells[place]
        if found is None or isinstance(found, str):
            raise ValueError(f"{table.record} {table.period}: no figure under {header}")
        plain = str(found) if isinstance(found, int) else f"{float(found):.2f}"
        row.cells[place] = f"{found:,}" if isinstance(found, int) else f"{float(found):,.2f}"
        return [Plant(row, header, "read", None, "数字带千分位", "thousands separators", plain)]

    return make


def twin(header: str) -> Maker:
    """The same key a second time, right below, with another figure: nobody knows which row is right."""

    def make(table: Table, row: Row) -> list[Plant]:
        again = Row(list(row.cells))
        again.cells[table.headers.index(header)] = _other(row.cells[table.headers.index(header)])
        table.rows.insert(table.rows.index(row) + 1, again)
        return [
            Plant(either, None, "rejected", "duplicate_key", "同一主键出现两次", "the same key twice")
            for either in (row, again)
        ]

    return make


def ragged(table: Table, row: Row) -> list[Plant]:
    """A row with a cell more than the header has."""
    row.cells.append("多余")
    return [Plant(row, None, "rejected", "ragged_row", "行内单元格多于表头", "more cells than headers")]


def total(label: str, *figures: str) -> Maker:
    """A total row below the given one: no school, to be skipped and never added up."""

    def make(table: Table, row: Row) -> list[Plant]:
        added: list[Cell] = [None] * len(table.headers)
        added[table.headers.index("学校名称")] = label
        for header in figures:
            place = table.headers.index(header)
            numbers = [other.cells[place] for other in table.rows]
            added[place] = sum(number for number in numbers if isinstance(number, int))
        below = Row(added)
        table.rows.insert(table.rows.index(row) + 1, below)
        return [Plant(below, "学校名称", "skipped", None, "合计行混在数据中", "a total row among the data")]

    return make


def _other(found: Cell) -> Cell:
    return f"{found}（重复）" if isinstance(found, str) else (found or 0) + 1


BLANK = ("必填项为空", "required value missing")
STAR = ("必填项填“*”", "required value marked not applicable")
UNKNOWN = ("代码表中没有的值", "unknown code")
TEXT = ("数字栏填了文字", "text in a number")
NEITHER = ("既非“是”也非“否”", "neither yes nor no")
RANGE = ("超出合同范围", "outside the contract's range")

FAULTS = (
    Fault("school", "2019学年", 8, cell("办学类型", None, "required", *BLANK)),
    Fault("school", "2019学年", 43, total("合计")),
    Fault("school", "2019学年", 12, cell("城乡类型", "130", "unknown_code", *UNKNOWN)),
    Fault("school", "2019学年", 30, cell("举办者", "*", "required", *STAR)),
    Fault("school", "2019学年", 5, twin("学校名称")),
    Fault("enrolment", "2019学年", 20, cell("在校生数", "*", "required", *STAR)),
    Fault("enrolment", "2019学年", 33, empty("寄宿生数", "*")),
    Fault("enrolment", "2019学年", 200, total("合计", "班级数", "在校生数")),
    Fault("enrolment", "2019学年", 41, cell("在校生数", "约四十人", "not_an_integer", *TEXT)),
    Fault("enrolment", "2020学年", 99, total("小计", "在校生数")),
    Fault("enrolment", "2019学年", 15, cell("学段", "大学", "unknown_code", *UNKNOWN)),
    Fault("enrolment", "2019学年", 60, twin("在校生数")),
    Fault("enrolment", "2021学年", 70, empty("寄宿生数", None)),
    Fault("staffing", "2019学年", 3, cell("专任教师数", "-5", "out_of_range", *RANGE)),
    Fault("special_education", "2020学年", 9, ragged),
    Fault("staffing", "2019学年", 18, cell("教职工数", "无", "not_an_integer", *TEXT)),
    Fault("staffing", "2019学年", 7, cell("学年", "3021", "out_of_range", *RANGE)),
    Fault("facilities", "2019学年", 0, thousands("图书册数")),
    Fault("facilities", "2019学年", 1, thousands("教学及辅助用房面积")),
    Fault("facilities", "2019学年", 43, total("总计", "图书册数")),
    Fault("facilities", "2019学年", 11, empty("室内体育用房面积", "*")),
    Fault("facilities", "2019学年", 14, cell("计算机台数", "12台", "not_an_integer", *TEXT)),
    Fault("facilities", "2019学年", 9, twin("计算机台数")),
    Fault("facilities", "2019学年", 22, cell("学校标识码", None, "required", *BLANK)),
    Fault("special_education", "2019学年", 4, cell("残疾类别", None, "required", *BLANK)),
    Fault("special_education", "2019学年", 60, cell("学籍号", None, "required", *BLANK)),
    Fault("special_education", "2019学年", 9, cell("安置方式", "在家自学", "unknown_code", *UNKNOWN)),
    Fault("special_education", "2019学年", 13, cell("应送教次数", "若干", "not_an_integer", *TEXT)),
    Fault("special_education", "2019学年", 40, twin("已送教次数")),
    Fault("special_education", "2019学年", 50, cell("是否一人一案", "不详", "not_a_boolean", *NEITHER)),
    Fault("finance", "总额2019-2020", 6, cell("学段", "托儿所", "unknown_code", *UNKNOWN)),
    Fault("finance", "总额2021-2022", 0, thousands("金额(万元)")),
    Fault("finance", "生均2019-2022", 5, cell("金额", "二千六百", "not_a_number", *TEXT)),
    Fault(
        "finance",
        "生均2019-2022",
        10,
        cell("币种", "人民币", "wrong_pattern", "币种不是三位代码", "no ISO code"),
    ),
)


def plant(tables: list[Table]) -> list[tuple[Table, Plant]]:
    """Put every fault into its table; each table with what was planted in it, in the order of the rows."""
    by_name = {(table.record, table.period): table for table in tables}
    rows = {name: list(table.rows) for name, table in by_name.items()}
    planted: list[tuple[Table, Plant]] = []
    for fault in FAULTS:
        table = by_name[fault.record, fault.period]
        made = fault.make(table, rows[fault.record, fault.period][fault.place])
        planted += [(table, entry) for entry in made]
    return planted
