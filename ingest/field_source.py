"""Where one field of a record comes from: a column, a constant, a heading, and what is done to its text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

# What a unit multiplies by, as a power of ten.
UNIT_EXPONENTS = {"元": 0, "千元": 3, "万元": 4, "萬元": 4, "百万元": 6, "亿元": 8, "億元": 8}
UNIT_EXPONENTS |= {"人": 0, "万人": 4}
SOURCE_KEYS = ("constant", "header", "headers", "file_name", "join", "sum", "copy_of", "each")
# Where a value is looked for when the sheet has no column for it; they may stand alone.
FALLBACK_KEYS = ("heading", "registered")
UNIT_IN_HEADER = "header"
EACH = "{each}"  # in a header: what the profile's each_header found


class BadProfileError(ValueError):
    """A profile that says something its contract or the reader does not know."""


@dataclass(frozen=True)
class FieldSource:
    """Where one field comes from, and what is done to the text found there. Exactly one source is set, but
    that a heading or a register may stand in for a column that is not there."""

    constant: str | None = None
    headers: tuple[str, ...] = ()  # the first that the file has
    file_name_group: int | None = None
    join: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    copy_of: str | None = None
    separator: str = ""
    pattern: str | None = None  # its first group is the value
    add: int = 0
    prefix: str = ""
    exponent: int = 0  # power of ten of the unit
    codes: tuple[tuple[str, str], ...] = ()
    match: tuple[tuple[str, str], ...] = ()  # first regular expression that is found gives the value
    each: bool = False  # what the profile's each_header found
    heading: str | None = None  # found above the table, else in the sheet's, else in the file's name
    like: str = ""  # an example of such a heading
    registered: tuple[str, ...] = ()  # columns with the name of a school, looked up in the register
    month: str | None = None  # a month without a day means its first or its last
    serial: bool = False  # a bare number is a day as a spreadsheet counts them
    has_unit_in_header: bool = False  # the column found says its own unit, in brackets

    def check(self, name: str) -> None:
        """BadProfileError where what it asks for has no meaning by itself."""
        for pattern in (self.pattern, self.heading):
            if pattern is not None and re.compile(pattern).groups != 1:
                raise BadProfileError(f"{name}: a pattern needs exactly one group")
        if self.has_unit_in_header and None in map(unit_of, self.headers):
            raise BadProfileError(f"{name}: each of its headers says its unit in brackets")
        if self.month not in (None, "first", "last"):
            raise BadProfileError(f"{name}: a month means its first or its last day")


def normal_header(text: str) -> str:
    """A header as it is compared: width and case folded, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def read_source(node: dict[str, Any]) -> FieldSource:
    """The source of a field as a profile writes it."""
    given = [key for key in SOURCE_KEYS if key in node]
    stands_in = any(key in node for key in FALLBACK_KEYS)
    if len(given) != 1 and not (stands_in and not given):
        raise BadProfileError(f"a field needs exactly one of {SOURCE_KEYS}: {node}")
    if stands_in and given not in ([], ["header"], ["headers"]):
        raise BadProfileError(f"{FALLBACK_KEYS} stand in for a column only: {node}")
    constant = node.get("constant")
    return FieldSource(
        constant=None if constant is None else str(constant),
        headers=(node["header"],) if "header" in node else tuple(node.get("headers", ())),
        file_name_group=node.get("file_name"),
        join=tuple(node.get("join", ())),
        sum=tuple(node.get("sum", ())),
        copy_of=node.get("copy_of"),
        separator=node.get("separator", ""),
        pattern=node.get("pattern"),
        add=node.get("add", 0),
        prefix=node.get("prefix", ""),
        exponent=0 if node.get("unit") == UNIT_IN_HEADER else UNIT_EXPONENTS[node.get("unit", "元")],
        codes=tuple((str(k), str(v)) for k, v in node.get("codes", {}).items()),
        match=tuple((str(k), str(v)) for k, v in node.get("match", ())),
        each="each" in node,
        heading=node.get("heading"),
        like=node.get("like", ""),
        registered=tuple(node.get("registered", ())),
        month=node.get("month"),
        serial=node.get("serial", False),
        has_unit_in_header=node.get("unit") == UNIT_IN_HEADER,
    )


def unit_of(header: str) -> str | None:
    """The unit that a header says in brackets; None where it says none."""
    plain = normal_header(header)
    return next((unit for unit in UNIT_EXPONENTS if f"({unit})" in plain), None)
