"""Templates: an empty workbook for a record, made from its contract, that a clerk fills in and hands in.

The first sheet has the headers, a note on each with unit and rule, drop-down lists for codes and one example
row, marked so that the reader skips it. The second sheet explains every column and lists the codes; no row of
it holds the headers that a profile wants, so the reader takes nothing from it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter

from ingest import faults
from ingest.contract import Contract, Field, code_list
from ingest.faults import Fault
from ingest.profile import EXAMPLE_FIELD, EXAMPLE_PREFIX
from ingest.profile_files import contract_fallback
from ingest.settings import SEEDS_DIR

EXAMPLE_MARK = f"{EXAMPLE_PREFIX}：此行不导入 example, not loaded"
INSTRUCTIONS = "填写说明"
ROWS_WITH_RULES = 5000  # so many rows get drop-down lists and limits
# Tried in turn where a contract says how a text is written.
EXAMPLE_TEXTS = ("A001", "990101", "CNY", "CN", "1", "2022", "2022-09-01", "2022-2023")
EXAMPLE_YEAR, EXAMPLE_NUMBER, EXAMPLE_DATE = 2022, 12, date(2022, 9, 1)
UNBOUND = 10**15
MESSAGE_LENGTH = 255  # of a message of a drop-down list
WIDTHS = (24, 34, 16, 16, 60, 80)


@dataclass(frozen=True)
class Formats:
    """How cells of the workbook look."""

    title: Any
    wrapped: Any
    required: Any
    optional: Any
    example: Any
    example_date: Any
    text: Any
    date: Any


def template_name(contract: Contract) -> str:
    """Name of a template's file."""
    return f"模板_{contract.name_zh}_{contract.record}.xlsx"


def columns(contract: Contract) -> tuple[Field, ...]:
    """Fields of the template: the marked column first, then the contract's order.

    What would be dropped on reading is not asked for, nor what our own layouts supply by themselves.
    """
    asked = [f for f in contract.stored_fields if contract_fallback(f.name) is None]
    return tuple(sorted(asked, key=lambda field: field.name != EXAMPLE_FIELD))


def write_template(contract: Contract, path: Path) -> Path:
    """Write the template of a record; the path of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written as text whatever it looks like: a code with a leading zero must keep it.
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        formats = _formats(book)
        sheet = book.add_worksheet(_sheet_name(contract))
        lists = _write_instructions(book.add_worksheet(INSTRUCTIONS), contract, formats)
        _write_headers(sheet, contract, formats)
        for column, field in enumerate(columns(contract)):
            _write_column(sheet, column, field, formats, lists)
    return path


def _sheet_name(contract: Contract) -> str:
    """The record's name without what a spreadsheet refuses in the name of a sheet."""
    return re.sub(r"[\[\]:*?/\\']", "", contract.name_zh)[:31]


def _formats(book: xlsxwriter.Workbook) -> Formats:
    head = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter"}
    pale = {"italic": True, "font_color": "#7F7F7F", "bg_color": "#F2F2F2"}
    return Formats(
        title=book.add_format({"bold": True, "font_size": 14}),
        wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
        required=book.add_format({**head, "bg_color": "#1F4E78", "font_color": "#FFFFFF"}),
        optional=book.add_format({**head, "bg_color": "#DDEBF7"}),
        example=book.add_format({**pale, "num_format": "@"}),
        example_date=book.add_format({**pale, "num_format": "yyyy-mm-dd"}),
        text=book.add_format({"num_format": "@"}),
        date=book.add_format({"num_format": "yyyy-mm-dd"}),
    )


def _write_headers(sheet: Any, contract: Contract, formats: Formats) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 36)
    for column, field in enumerate(columns(contract)):
        sheet.write_string(0, column, field.name_zh, formats.required if field.required else formats.optional)
        note = "\n".join(_note(field))
        sheet.write_comment(0, column, note, {"x_scale": 2.4, "y_scale": 0.35 * (note.count("\n") + 2)})


def _write_column(sheet: Any, column: int, field: Field, formats: Formats, lists: dict[str, str]) -> None:
    """Width, kind of cell, what may be entered, and the example."""
    kinds = {"string": formats.text, "date": formats.date}
    width = max(12, 2 * len(field.name_zh) + 4)
    if field.name == EXAMPLE_FIELD:
        width = len(EXAMPLE_MARK) + 8
    sheet.set_column(column, column, width, kinds.get(field.logical_type))
    rule = _validation(field, lists)
    if rule is not None:
        sheet.data_validation(1, column, ROWS_WITH_RULES, column, rule)
    value = EXAMPLE_MARK if field.name == EXAMPLE_FIELD else example(field)
    if isinstance(value, date):
        sheet.write_datetime(1, column, value, formats.example_date)
    elif isinstance(value, int):
        sheet.write_number(1, column, value, formats.example)
    else:
        sheet.write_string(1, column, value, formats.example)


def example(field: Field) -> str | int | date:
    """A value that the contract takes; an empty text where none of ours fits its pattern."""
    if field.code_list:
        names = {code.code: code.name_zh for code in code_list(field.code_list)}
        return names.get("primary") or next(iter(names.values()))
    plain: dict[str, Callable[[Field], str | int | date]] = {
        "boolean": lambda _: "是",
        "date": lambda _: EXAMPLE_DATE,
        "string": _example_text,
    }
    return plain.get(field.logical_type, _example_number)(field)


def _example_number(field: Field) -> int:
    wanted = EXAMPLE_YEAR if field.unit == "year" else EXAMPLE_NUMBER
    low = field.minimum if field.minimum is not None else wanted
    high = field.maximum if field.maximum is not None else wanted
    return int(min(max(wanted, low), high))


def _example_text(field: Field) -> str:
    texts: tuple[str, ...] = EXAMPLE_TEXTS
    if not (field.pattern or field.on_read or field.name.endswith("_code")):
        texts = (f"样例{field.name_zh}", *EXAMPLE_TEXTS)
    fits = (
        text
        for text in texts
        if re.search(field.pattern or "", text) and len(text) <= (field.max_length or UNBOUND)
    )
    return next(fits, "")


def _validation(field: Field, lists: dict[str, str]) -> dict[str, Any] | None:
    """What a spreadsheet lets a clerk enter; other ways to write a code pass after a warning."""
    rules = _rules(field)
    message = "\n".join(f"{rule.expected_zh} {rule.expected_en}" for rule in rules)[:MESSAGE_LENGTH]
    shown = {"error_title": "请核对 please check", "error_message": message, "ignore_blank": True}
    if field.code_list:
        return {"validate": "list", "source": lists[field.code_list], "error_type": "warning", **shown}
    if field.logical_type == "boolean":
        return {"validate": "list", "source": ["是", "否"], "error_type": "warning", **shown}
    if field.logical_type in ("integer", "number"):
        return {
            "validate": "integer" if field.logical_type == "integer" else "decimal",
            "criteria": "between",
            "minimum": field.minimum if field.minimum is not None else -UNBOUND,
            "maximum": field.maximum if field.maximum is not None else UNBOUND,
            **shown,
        }
    return None


def _rules(field: Field) -> Iterable[Fault]:
    """The rules of a field in the words in which a row is rejected by them."""
    found = []
    if field.code_list:
        found.append(
            faults.unknown_code(field, [f"{c.code} {c.name_zh}" for c in code_list(field.code_list)])
        )
    kinds = {
        "integer": faults.not_a_number,
        "number": faults.not_a_number,
        "boolean": faults.not_a_boolean,
        "date": faults.not_a_date,
    }
    if field.logical_type in kinds:
        found.append(kinds[field.logical_type](field))
    if field.minimum is not None or field.maximum is not None:
        found.append(faults.out_of_range(field))
    if field.pattern:
        found.append(faults.wrong_pattern(field))
    if field.max_length and not field.on_read:
        found.append(faults.too_long(field))
    return found


def _note(field: Field) -> Iterable[str]:
    """The note on a header: what the field is, whether it must be there, its unit and its rules."""
    yield f"{field.name_zh} | {field.name_en} ({field.name})"
    yield _need(field)
    if field.unit:
        yield f"单位 unit：{_unit(field)}"
    for rule in _rules(field):
        yield rule.expected_zh
        yield rule.expected_en
    yield field.description


def _need(field: Field) -> str:
    return "必填 required" if field.required else "选填 optional"


def _unit(field: Field) -> str:
    unit = field.unit or ""
    return f"{_units()[unit]} {unit}" if unit in _units() else unit


@cache
def _units() -> dict[str, str]:
    """Chinese names of units, from the seed of units."""
    with (SEEDS_DIR / "measure_unit.csv").open(encoding="utf-8", newline="") as stream:
        return {row["unit"]: row["name_zh"] for row in csv.DictReader(stream)}


def _steps(contract: Contract) -> Iterable[str]:
    marked = contract.field(EXAMPLE_FIELD).name_zh
    supplied = [f for f in contract.stored_fields if contract_fallback(f.name) is not None]
    yield "填写第一张工作表；表头文字不要改动，列可以调换次序，选填列可以删去。"
    yield "Fill in the first sheet. Leave the headers' words; columns may be moved, optional ones removed."
    yield "深色表头为必填列。没有数据的格留空：0 表示确实为零。"
    yield "Dark headers are required. Leave a cell blank where there are no data: 0 means that there is none."
    yield f"“{marked}”列以“{EXAMPLE_PREFIX}”开头的行是示例，读取时略过，删不删都可以。"
    yield f"A row whose {marked} starts with {EXAMPLE_PREFIX} is an example and is skipped on reading."
    yield f"交表 hand in: junheng ingest FILE --record {contract.record}  ·  landing/{contract.record}/"
    for field in supplied:
        yield (
            f"没有“{field.name_zh}”列时取默认值；需要时自行加上该列。 "
            f"{field.name_en} has a default; add a column “{field.name_zh}” where another is meant."
        )


def _write_instructions(sheet: Any, contract: Contract, formats: Formats) -> dict[str, str]:
    """Write the second sheet; for each code list of the record the range of its names."""
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, f"{contract.name_zh} {contract.name_en}", formats.title)
    row = 1
    for line in (contract.purpose, contract.grain, *_steps(contract)):
        sheet.write_string(row, 0, line)
        row += 1
    row = _write_fields(sheet, row + 1, contract, formats)
    lists = {}
    for name in dict.fromkeys(f.code_list for f in columns(contract) if f.code_list):
        row, lists[name] = _write_codes(sheet, row + 1, name, formats)
    return lists


def _write_fields(sheet: Any, row: int, contract: Contract, formats: Formats) -> int:
    """One row a column of the first sheet; the row after the last."""
    heads = ("列 column", "English", "必填 required", "单位 unit", "应为 expected", "说明 description")
    sheet.write_row(row, 0, heads, formats.optional)
    for field in columns(contract):
        row += 1
        rules = "\n".join(f"{rule.expected_zh}\n{rule.expected_en}" for rule in _rules(field))
        cells = (field.name_zh, field.name_en, _need(field), _unit(field), rules, field.description)
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell, formats.wrapped)
    return row + 1


def _write_codes(sheet: Any, row: int, name: str, formats: Formats) -> tuple[int, str]:
    """One code list; the row after the last, and the range of the Chinese names."""
    sheet.write_row(row, 0, (f"代码表 code list: {name}", "名称 name", "代码 code"), formats.optional)
    first = row + 1
    for code in code_list(name):
        row += 1
        for column, cell in enumerate((code.name_en, code.name_zh, code.code)):
            sheet.write_string(row, column, cell)
    return row + 1, f"='{INSTRUCTIONS}'!$B${first + 1}:$B${row + 1}"
