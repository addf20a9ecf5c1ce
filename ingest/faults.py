"""What can be wrong with a cell, in the words a clerk reads. One Fault a field and rule, not one a cell."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.contract import Field

SHOWN_CODES = 8


@dataclass(frozen=True)
class Fault:
    """A rule that a cell breaks: what was expected there and how to mend it."""

    rule: str
    expected_zh: str
    expected_en: str
    mend_zh: str
    mend_en: str


def _number(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def required(field: Field) -> Fault:
    """A value that must be there is missing."""
    return Fault(
        "required",
        f"必填项“{field.name_zh}”有值",
        f"a value for “{field.name_en}”, which is required",
        "补填后重新交入",
        "fill it in and hand the file in again",
    )


def unknown_code(field: Field, allowed: list[str]) -> Fault:
    """A value that is on no code list."""
    shown = "、".join(allowed[:SHOWN_CODES]) + ("…" if len(allowed) > SHOWN_CODES else "")
    return Fault(
        "unknown_code",
        f"“{field.name_zh}”为下列之一：{shown}",
        f"one of these for “{field.name_en}”: {shown}",
        "改用其中的名称或代码",
        "use one of these names or codes",
    )


def unknown_text(field: Field, zh: str, en: str) -> Fault:
    """A text by which the layout cannot tell the code: ``zh`` and ``en`` say what it must be or contain."""
    return Fault(
        "unknown_code",
        f"据以判定“{field.name_zh}”的内容{zh}",
        f"what tells “{field.name_en}” {en}",
        "改用所列的写法",
        "write it in one of these ways",
    )


def not_a_number(field: Field) -> Fault:
    """Text where a number belongs."""
    whole = field.logical_type == "integer"
    return Fault(
        "not_an_integer" if whole else "not_a_number",
        f"“{field.name_zh}”为{'整数' if whole else '数字'}",
        f"a {'whole number' if whole else 'number'} for “{field.name_en}”",
        "只填数字，不带文字和单位；没有数据则留空",
        "give digits only, without words or units; leave it blank where there are no data",
    )


def unknown_unit(field: Field) -> Fault:
    """An amount beside which no unit of money stands."""
    return Fault(
        "unknown_unit",
        f"“{field.name_zh}”旁写明单位：元、千元、万元、百万元或亿元",
        f"the unit of “{field.name_en}” beside it: 元, 千元, 万元, 百万元 or 亿元",
        "在同一行的“计量单位”列填写单位",
        "write its unit into the column 计量单位 of the same row",
    )


def out_of_range(field: Field) -> Fault:
    """A number outside the limits of the contract."""
    low = None if field.minimum is None else _number(field.minimum)
    high = None if field.maximum is None else _number(field.maximum)
    zh = f"{low} 至 {high} 之间" if low and high else (f"不小于 {low}" if low else f"不大于 {high}")
    en = f"between {low} and {high}" if low and high else (f"at least {low}" if low else f"at most {high}")
    return Fault(
        "out_of_range",
        f"“{field.name_zh}”{zh}",
        f"“{field.name_en}” {en}",
        "核对数值和单位",
        "check the figure and its unit",
    )


def not_a_boolean(field: Field) -> Fault:
    """Neither yes nor no."""
    return Fault(
        "not_a_boolean",
        f"“{field.name_zh}”填“是”或“否”",
        f"“{field.name_en}” yes (是) or no (否)",
        "改填“是”或“否”",
        "write 是 or 否",
    )


def not_a_date(field: Field) -> Fault:
    """No date in ISO form."""
    return Fault(
        "not_a_date",
        f"“{field.name_zh}”为日期，如 2024-09-01",
        f"a date for “{field.name_en}”, like 2024-09-01",
        "改为“年-月-日”",
        "write it as year-month-day",
    )


def too_long(field: Field) -> Fault:
    """A text longer than the contract allows."""
    return Fault(
        "too_long",
        f"“{field.name_zh}”不超过 {field.max_length} 个字符",
        f"“{field.name_en}” of no more than {field.max_length} characters",
        "缩短后重新交入",
        "shorten it",
    )


def wrong_pattern(field: Field) -> Fault:
    """A text of another shape than the contract says, which says it in words."""
    return Fault(
        "wrong_pattern",
        f"“{field.name_zh}”为{field.pattern_zh}",
        f"“{field.name_en}” as {field.pattern_en}",
        "核对该值的写法",
        "check how it is written",
    )


def unreadable_text(field: Field, zh: str, en: str) -> Fault:
    """A text of another shape than the layout reads: in its words."""
    return Fault(
        "wrong_pattern",
        f"可读出“{field.name_zh}”的写法：{zh}",
        f"a text from which “{field.name_en}” can be read: {en}",
        "核对该值的写法",
        "check how it is written",
    )


def zero_byte(field: Field) -> Fault:
    """A text that no database can hold."""
    return Fault(
        "zero_byte",
        f"“{field.name_zh}”不含空字节",
        f"“{field.name_en}” without zero bytes",
        "删去不可见字符",
        "delete the invisible character",
    )


def ragged(found: int, expected: int) -> Fault:
    """A row with more or fewer cells than the header."""
    return Fault(
        "ragged_row",
        f"{expected} 个单元格，现有 {found} 个",
        f"{expected} cells, there are {found}",
        "检查该行是否多、少分隔符，或有未加引号的逗号",
        "look for a delimiter too many or too few, or a comma outside quotes",
    )
