"""Days as ledgers write them: a month without a day, or the bare number by which a spreadsheet counts days.

Neither is taken for a day unless the layout says what it means: a month is not its first day by itself.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

# 2021.1 is what a spreadsheet makes of 2021.10: it is neither January nor October.
EITHER_MONTH = re.compile(r"[0-9]{4}\.1")
MONTH = re.compile(r"([0-9]{4})(?:年|[-./])([0-9]{1,2})月?")
SERIAL = re.compile(r"[0-9]{5}")
SERIAL_ZERO = date(1899, 12, 30)  # day 0 of spreadsheets, for every day after February 1900


def loose_days(values: pa.StringArray, month: str | None, *, is_serial: bool) -> pa.StringArray:
    """The texts, of which months are their ``first`` or ``last`` day and bare numbers days, where said."""
    if month is None and not is_serial:
        return values
    if not pc.any(pc.match_substring_regex(values, r"^[0-9]{4}[-./年][0-9]{1,2}月?$|^[0-9]{5}$")).as_py():
        return values
    days = [None if text is None else _day(text, month, is_serial) for text in values.to_pylist()]
    return pa.array(days, pa.string())


def _day(text: str, month: str | None, is_serial: bool) -> str:
    found = MONTH.fullmatch(text) if month and not EITHER_MONTH.fullmatch(text) else None
    if found and 1 <= int(found.group(2)) <= 12:
        year, number = int(found.group(1)), int(found.group(2))
        return f"{year}-{number:02d}-{monthrange(year, number)[1] if month == 'last' else 1:02d}"
    if is_serial and SERIAL.fullmatch(text):
        return (SERIAL_ZERO + timedelta(days=int(text))).isoformat()
    return text
