"""Text to typed values, on the distinct texts of a column: exact, nothing guessed, nothing becomes 0.

Typed values stay canonical text ('1234', '149426500.00', 'true'): Postgres parses them on COPY, so a decimal
never passes through a float.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest import faults
from ingest.contract import Field, code_list
from ingest.faults import Fault
from ingest.identity import hash_identifiers
from ingest.loose_days import loose_days
from ingest.pattern_words import said_of_match, said_of_pattern
from ingest.profile import FieldSource
from ingest.units import scale

# What a column of counts or amounts may hold; beyond it, it is no figure of a school or a treasury.
INTEGER = r"^-?[0-9]{1,18}$"
NUMBER = r"^[+-]?([0-9]{1,24}(\.[0-9]{0,24})?|\.[0-9]{1,24})$"
GROUPED = r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$"
WHOLE_DIGITS = 24  # before the point, as in NUMBER
LOOSE_DATE = r"^([0-9]{4})[/.年]([0-9]{1,2})[/.月]([0-9]{1,2})日?$"
YES = ("是", "1", "true", "y", "yes", "有", "t")
NO = ("否", "0", "false", "n", "no", "无", "f")


@dataclass(frozen=True)
class Typed:
    """Distinct values of a column: canonical text (NULL where missing or faulty), the text as found, and for
    each which of ``faults`` it has (0: none, k: ``faults[k - 1]``)."""

    values: pa.StringArray
    found: pa.StringArray
    fault: np.ndarray
    faults: tuple[Fault, ...]


class _Column:
    """Distinct texts of one field on their way to typed values."""

    def __init__(self, field: Field, found: pa.StringArray, null_tokens: tuple[str, ...]) -> None:
        self.field = field
        self.found = found
        self.text = pc.utf8_trim_whitespace(found)
        self.is_missing = pc.is_in(self.text, pa.array([*null_tokens, ""]))
        self.values = pc.if_else(self.is_missing, pa.scalar(None, pa.string()), self.text)
        self.fault = np.zeros(len(found), dtype=np.int16)
        self.faults: list[Fault] = []

    def reject(self, mask: pa.BooleanArray, fault: Fault) -> None:
        """Give ``fault`` to every value under ``mask`` (NULL counts as false) and clear it."""
        marked = np.asarray(pc.fill_null(mask, False))
        marked = marked & (self.fault == 0)
        if not marked.any():
            return
        self.faults.append(fault)
        self.fault[marked] = len(self.faults)
        self.values = pc.if_else(pa.array(marked), pa.scalar(None, pa.string()), self.values)

    def replace(self, values: pa.StringArray, fault: Fault) -> None:
        """Take ``values`` in the place of the present ones; where one was and none is now, it is faulty."""
        lost = pc.and_(pc.is_valid(self.values), pc.is_null(values))
        self.values = values
        self.reject(lost, fault)


def convert(field: Field, source: FieldSource, found: pa.StringArray, null_tokens: tuple[str, ...]) -> Typed:
    """Distinct texts of one field, typed by its contract and its profile."""
    column = _Column(field, found, null_tokens)
    _apply_profile(column, source)
    _CONVERTERS[field.logical_type](column, source)
    if field.required:
        missing = pa.array((column.fault == 0) & np.asarray(pc.is_null(column.values)))
        column.reject(missing, faults.required(field))
    return Typed(column.values, column.found, column.fault, tuple(column.faults))


def _apply_profile(column: _Column, source: FieldSource) -> None:
    """What the profile does to the text before it is typed: match, pattern, codes."""
    if source.match:
        matched = _first_match(pc.if_else(column.is_missing, "", column.text), source.match)
        column.replace(matched, faults.unknown_text(column.field, *said_of_match(column.field, source)))
    if source.pattern:
        groups = pc.extract_regex(column.values, named_group(source.pattern))
        column.replace(
            pc.struct_field(groups, "value"), faults.unreadable_text(column.field, *said_of_pattern(source))
        )
    if source.codes:
        keys, codes = _mapping(source.codes)
        mapped = _look_up(column.values, keys, codes)
        if column.field.code_list:  # the list's own codes and names hold as well
            mapped = pc.coalesce(mapped, column.values)
        column.replace(mapped, faults.unknown_code(column.field, [key for key, _ in source.codes]))


def named_group(pattern: str) -> str:
    """The pattern with its one group named ``value``, as RE2 wants it."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?P<value>", pattern, count=1)


def _first_match(text: pa.StringArray, match: tuple[tuple[str, str], ...]) -> pa.StringArray:
    values = pa.nulls(len(text), pa.string())
    for pattern, value in reversed(match):
        values = pc.if_else(pc.match_substring_regex(text, pattern), value, values)
    return values


def normal_code(text: pa.StringArray) -> pa.StringArray:
    """Codes and names as they are compared: width and case folded, without spaces."""
    folded = pc.utf8_lower(pc.utf8_normalize(text, "NFKC"))
    return pc.replace_substring_regex(folded, r"\s+", "")


@cache
def _mapping(codes: tuple[tuple[str, str], ...]) -> tuple[pa.StringArray, pa.StringArray]:
    keys = pa.array([key for key, _ in codes], pa.string())
    return normal_code(keys), pa.array([code for _, code in codes], pa.string())


@cache
def _list_codes(name: str) -> tuple[tuple[str, str], ...]:
    """Every way to write a code of the list; a code's own writing wins over another's alias."""
    ways: dict[str, str] = {}
    for names in (lambda c: [c.code], lambda c: [c.name_zh, c.name_en], lambda c: c.aliases):
        for code in code_list(name):
            for way in names(code):
                ways.setdefault(way, code.code)
    return tuple(ways.items())


def _look_up(values: pa.StringArray, keys: pa.StringArray, codes: pa.StringArray) -> pa.StringArray:
    at = pc.index_in(normal_code(values), keys, skip_nulls=True)
    return pc.take(codes, at)


def _string(column: _Column, source: FieldSource) -> None:
    field = column.field
    if field.code_list:
        keys, codes = _mapping(_list_codes(field.code_list))
        allowed = [f"{code.code} {code.name_zh}" for code in code_list(field.code_list)]
        column.replace(_look_up(column.values, keys, codes), faults.unknown_code(field, allowed))
    column.reject(pc.match_substring(column.values, "\0"), faults.zero_byte(field))
    if field.on_read == "hash":
        column.values = hash_identifiers(column.values)
    if source.prefix:
        column.values = pc.binary_join_element_wise(source.prefix, column.values, "")
    if field.max_length:
        column.reject(pc.greater(pc.utf8_length(column.values), field.max_length), faults.too_long(field))
    if field.pattern:
        fits = pc.match_substring_regex(column.values, field.pattern)
        column.reject(pc.invert(fits), faults.wrong_pattern(field))


def plain_number(text: pa.StringArray, *, is_percent: bool = False) -> pa.StringArray:
    """Numbers as plain decimals: ASCII digits, no separators, no plus sign; NULL for what is no number."""
    is_plain = np.asarray(pc.fill_null(pc.ascii_is_decimal(text), True))
    is_plain &= np.asarray(pc.fill_null(pc.less_equal(pc.binary_length(text), 24), True))
    if is_plain.all():
        return text
    odd = pc.filter(text, pa.array(~is_plain))
    odd = pc.utf8_trim_whitespace(pc.utf8_normalize(odd, "NFKC"))
    if is_percent:
        odd = pc.utf8_rtrim_whitespace(pc.replace_substring_regex(odd, "%$", ""))
    ungrouped = pc.if_else(pc.match_substring_regex(odd, GROUPED), pc.replace_substring(odd, ",", ""), odd)
    bare = pc.replace_substring_regex(ungrouped, r"^\+([0-9.])", r"\1")
    good = pc.if_else(pc.match_substring_regex(bare, NUMBER), bare, pa.scalar(None, pa.string()))
    return pc.replace_with_mask(text, pa.array(~is_plain), good)


def _integer(column: _Column, source: FieldSource) -> None:
    field = column.field
    plain = plain_number(column.values)
    if source.exponent:
        plain = pc.cast(pc.multiply(to_decimal(plain), _power(source.exponent)), pa.string())
    whole = pc.replace_substring_regex(plain, r"\.0*$", "")
    whole = pc.if_else(pc.match_substring_regex(whole, INTEGER), whole, pa.scalar(None, pa.string()))
    column.replace(whole, faults.not_a_number(field))
    numbers = pc.cast(column.values, pa.int64())
    if source.add:
        numbers = pc.add(numbers, source.add)
    column.values = pc.cast(numbers, pa.string())
    _check_range(column, pc.cast(numbers, pa.float64()))


def _number(column: _Column, source: FieldSource) -> None:
    field, powers = column.field, None
    if source.has_unit_beside:
        amounts, is_unknown, exponents = scale(column.values)
        column.reject(is_unknown, faults.unknown_unit(field))
        column.values = pc.if_else(is_unknown, pa.scalar(None, pa.string()), amounts)
        powers = _powers(exponents)
    column.replace(
        plain_number(column.values, is_percent=field.unit == "percent"), faults.not_a_number(field)
    )
    if powers is not None:
        column.values = pc.cast(pc.multiply(to_decimal(column.values), powers), pa.string())
    if source.exponent or source.add:
        decimals = to_decimal(column.values)
        decimals = pc.add(decimals, pa.scalar(Decimal(source.add), pa.decimal256(20, 0)))
        decimals = pc.multiply(decimals, _power(source.exponent))
        column.values = pc.cast(decimals, pa.string())
    _check_range(column, pc.cast(column.values, pa.float64()))


def _power(exponent: int) -> pa.Scalar:
    return pa.scalar(Decimal(10) ** exponent, pa.decimal256(12, 0))


def _powers(exponents: pa.Int8Array) -> pa.Array:
    powers = [None if exponent is None else Decimal(10) ** exponent for exponent in exponents.to_pylist()]
    return pa.array(powers, pa.decimal256(12, 0))


def to_decimal(plain: pa.StringArray) -> pa.Array:
    """Plain numbers as exact decimals, with as many digits after the point as the longest has."""
    point = pc.find_substring(plain, ".")
    digits = pc.subtract(pc.subtract(pc.binary_length(plain), point), 1)
    scale = pc.max(pc.if_else(pc.greater_equal(point, 0), digits, 0)).as_py() or 0
    return pc.cast(plain, pa.decimal256(WHOLE_DIGITS + scale, scale))


def _check_range(column: _Column, numbers: pa.Array) -> None:
    field = column.field
    if field.minimum is not None:
        column.reject(pc.less(numbers, field.minimum), faults.out_of_range(field))
    if field.maximum is not None:
        column.reject(pc.greater(numbers, field.maximum), faults.out_of_range(field))


def _boolean(column: _Column, source: FieldSource) -> None:
    ways = (*((way, "true") for way in YES), *((way, "false") for way in NO))
    keys, codes = _mapping(ways)
    column.replace(_look_up(column.values, keys, codes), faults.not_a_boolean(column.field))


def _date(column: _Column, source: FieldSource) -> None:
    values = loose_days(column.values, source.month, is_serial=source.serial)
    iso = pc.replace_substring_regex(
        values, r"^([0-9]{4})[/.年]([0-9]{1,2})[/.月]([0-9]{1,2})日?$", r"\1-\2-\3"
    )
    days = pc.strptime(iso, format="%Y-%m-%d", unit="s", error_is_null=True)
    column.replace(pc.strftime(days, format="%Y-%m-%d"), faults.not_a_date(column.field))


_CONVERTERS: dict[str, Callable[[_Column, FieldSource], None]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}
