"""In what unit an amount of money stands: read from the sheet, from where it says so, and never guessed.

A profile that says ``unit: stated`` leaves it to the file: in brackets in the column's header, in a column of
units beside it, or in a cell above the header (单位：万元). None of them, or two that differ, is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.plain import plain

# What a unit multiplies by, as a power of ten.
UNIT_EXPONENTS = {"元": 0, "千元": 3, "万元": 4, "萬元": 4, "百万元": 6, "亿元": 8, "億元": 8}
PEOPLE_EXPONENTS = {"人": 0, "万人": 4}
# Of an area, as a header tells it; what a header says in brackets of another kind is no unit.
AREA_UNITS = {"平方米": 0, "m2": 0, "万平方米": 4}
# By the unit of a contract's field; any other is money.
UNITS_OF = {"m2": AREA_UNITS, "person": PEOPLE_EXPONENTS}
# Where a profile leaves the unit to the file: anywhere, in brackets in the header, there if anywhere.
STATED, TOLD_UNIT, TOLD_IF_ANY = UNITS_TOLD = ("stated", "header", "header_if_any")
UNIT_HEADERS = ("计量单位", "金额单位", "单位")  # of a column of units
_UNIT = "|".join(sorted(UNIT_EXPONENTS, key=len, reverse=True))
# A unit may say per whom (元/生); the item says it too.
_PER_HEAD = r"(?:/[生人]|每生|每人)?"
_IN_HEADER = re.compile(rf"\((?:单位:)?({_UNIT}){_PER_HEAD}\)")
_IN_CAPTION = re.compile(r"(?<![填编制报送表管算主用属])单位:(\S+)")
_ALONE = re.compile(rf"(?:人民币)?({_UNIT}){_PER_HEAD}")
_BETWEEN = re.compile(r"[、,;和及()]")
# An amount and the unit beside it, as one text.
SEPARATOR = " "


def header_units(header: str) -> tuple[str, ...]:
    """The units that a header names in brackets, each once."""
    return tuple(dict.fromkeys(_IN_HEADER.findall(plain(header))))


def without_units(header: str) -> str:
    """The header without the units in brackets."""
    return _IN_HEADER.sub("", plain(header))


def caption_units(captions: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The units that the cells above a header name, each once, and what is said of units beside them.

    '单位：万元、%' says 万元; '填报单位：元谋县教育局' speaks of an office, not of money.
    """
    known: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for said in (found for text in captions for found in _said_in(text)):
        for part in filter(None, _BETWEEN.split(said)):
            unit = _ALONE.fullmatch(part)
            if unit:
                known[unit.group(1)] = None
            elif part not in ("%", "人", "生"):
                unknown[part] = None
    return tuple(known), tuple(unknown)


def _said_in(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text)
    return _IN_CAPTION.findall(re.sub(r"单\s*位\s*:\s*", "单位:", folded))


def scale(amounts_with_units: pa.StringArray) -> tuple[pa.StringArray, pa.BooleanArray, pa.BooleanArray]:
    """Texts of amount and unit: the amount alone, whether its unit is unknown, and its power of ten."""
    parts = pc.extract_regex(amounts_with_units, rf"^(?P<amount>.*){SEPARATOR}(?P<unit>[^ ]*)$")
    names = pc.struct_field(parts, "unit").to_pylist()
    exponents = [None if name is None else _exponent(name) for name in names]
    powers = pa.array(exponents, pa.int8())
    is_unknown = pc.and_(pc.is_valid(amounts_with_units), pc.is_null(powers))
    return pc.struct_field(parts, "amount"), is_unknown, powers


def _exponent(name: str) -> int | None:
    unit = _ALONE.fullmatch(plain(name))
    return None if unit is None else UNIT_EXPONENTS[unit.group(1)]


def with_unit(amounts: pa.StringArray, units: pa.StringArray, is_missing: np.ndarray) -> pa.StringArray:
    """Amounts and the units beside them as one text each; missing where the amount is."""
    bare = pc.replace_substring_regex(units, r"\s+", "")
    joined = pc.binary_join_element_wise(pc.utf8_trim_whitespace(amounts), bare, SEPARATOR)
    return pc.if_else(pa.array(is_missing), "", joined)
