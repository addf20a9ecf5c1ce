"""Checks of single columns, made from the contract: present, of the code list, in range, of the pattern."""

from __future__ import annotations

from typing import Any

from expectations.check import Check, Text
from ingest.contract import Contract, Field, code_list

_LOAD_AGAIN = Text(
    "改正源文件并重新放入，或用现行合同重新装载", "correct the file and drop it again, or load it anew"
)


def column_checks(contract: Contract) -> list[Check]:
    """Every check that the contract's stored fields give, in the order of the fields."""
    return [check for field in contract.stored_fields for check in _field_checks(field)]


def _field_checks(field: Field) -> list[Check]:
    made = [_required(field), _codes(field), _range(field), _pattern(field), _length(field)]
    return [check for check in made if check is not None]


def _check(
    field: Field, rule: str, expectation: str, what: Text, matters: Text, broken: str, **arguments: Any
) -> Check:
    return Check(
        name=f"{field.name}.{rule}",
        expectation=expectation,
        arguments={"column": field.name, **arguments},
        what=Text(f"“{field.name_zh}”{what.zh}", f"“{field.name_en}” {what.en}"),
        matters=matters,
        mend=_LOAD_AGAIN,
        column=field.name,
        broken_where=f"{field.name} {broken}",
    )


def _required(field: Field) -> Check | None:
    if not field.required:
        return None
    return _check(
        field,
        "required",
        "ExpectColumnValuesToNotBeNull",
        Text("不得为空", "is present in every row"),
        Text("缺了它，该行无法归属或无法计算", "Without it a row cannot be placed or counted"),
        "is null",
    )


def _codes(field: Field) -> Check | None:
    if not field.code_list:
        return None
    codes = [code.code for code in code_list(field.code_list)]
    return _check(
        field,
        "codes",
        "ExpectColumnValuesToBeInSet",
        Text(f"须为代码表 {field.code_list} 中的代码", f"is a code of the list {field.code_list}"),
        Text("未知代码不会进入任何分组", "An unknown code falls out of every group"),
        f"not in ({', '.join(map(_literal, codes))})",
        value_set=codes,
    )


def _range(field: Field) -> Check | None:
    if field.minimum is None and field.maximum is None:
        return None
    low, high = _plain(field.minimum), _plain(field.maximum)
    zh = "须" + "且".join([f"不小于 {low}"] * (low is not None) + [f"不大于 {high}"] * (high is not None))
    en = "is " + " and ".join(
        [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
    )
    return _check(
        field,
        "range",
        "ExpectColumnValuesToBeBetween",
        Text(zh, en),
        Text("越界的数多为单位或列位有误", "A figure out of range is mostly one of a wrong unit or column"),
        f"not between {_bound(low, '-')} and {_bound(high, '')}",
        min_value=low,
        max_value=high,
    )


def _pattern(field: Field) -> Check | None:
    if field.pattern is None:
        return None
    return _check(
        field,
        "pattern",
        "ExpectColumnValuesToMatchRegex",
        Text(f"须符合格式 {field.pattern}", f"matches {field.pattern}"),
        Text("格式不符的代码无法与其他表对应", "A code of another form matches no other table"),
        f"!~ {_literal(field.pattern)}",
        regex=field.pattern,
    )


def _length(field: Field) -> Check | None:
    if field.max_length is None:
        return None
    return _check(
        field,
        "length",
        "ExpectColumnValueLengthsToBeBetween",
        Text(f"不得超过 {field.max_length} 个字符", f"has at most {field.max_length} characters"),
        Text("过长的文字多为错列", "A text that long mostly stands in the wrong column"),
        f"is not null and length({field.name}) > {field.max_length}",
        max_value=field.max_length,
    )


def _plain(number: float | None) -> int | float | None:
    """Whole numbers without a decimal point, as Postgres and people write them."""
    return int(number) if number is not None and float(number).is_integer() else number


def _bound(number: float | None, sign: str) -> str:
    """A bound in SQL; one that the contract leaves open is infinite."""
    return f"'{sign}infinity'::numeric" if number is None else str(number)


def _literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"
