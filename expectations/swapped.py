"""Two columns taken for each other: tried on the rows that break a rule, told as a guess, mended by nobody.

A row that breaks a rule as it stands, and no rule at all once two figures change places, was most likely
typed or exported with the two columns swapped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import psycopg

from expectations.check import NOTHING, Check, Swap, Text
from ingest.contract import Contract, Field

# More candidates than this are no guess any more.
MAX_GUESSES = 2
_ALIKE = {"date": "date", "integer": "count"}
# Growths and the gap between two of them stand in neighbouring columns.
_ALIKE_UNITS = {"percentage point": "percent"}
# They stand in a form of their own, so they change places among themselves only.
_APART = dict.fromkeys(("training_teachers", "training_person_times", "training_hours"), "training")
_LITERAL = re.compile(r"('(?:[^']|'')*')")


def with_swaps(contract: Contract, checks: Sequence[Check]) -> list[Check]:
    """The checks of a record, those of rows with the pairs of columns to try."""
    row_rules = [check for check in checks if check.is_row_wise and check.is_sql]
    any_rule = " or ".join(f"({rule.broken_where})" for rule in row_rules)
    known = {rule.name for rule in row_rules}
    return [
        replace(check, swaps=_pairs(contract, check), broken_by_any=any_rule)
        if check.name in known
        else check
        for check in checks
    ]


def _pairs(contract: Contract, check: Check) -> tuple[Swap, ...]:
    """Pairs of like columns of which the rule reads at least one."""
    read = set(re.findall(r"[a-z_][a-z0-9_]*", _LITERAL.sub("", check.broken_where or "")))
    fields = [field for field in contract.stored_fields if _kind(field)]
    return tuple(
        Swap((a.name, b.name), (Text(a.name_zh, a.name_en), Text(b.name_zh, b.name_en)))
        for a, b in combinations(fields, 2)
        if _kind(a) == _kind(b) and read & {a.name, b.name}
    )


def _kind(field: Field) -> str | None:
    """What makes columns alike: both counts, both dates or figures of one unit; None for what is neither."""
    if field.key_position or not field.is_public or field.unit == "year":
        return None
    if field.name in _APART:
        return _APART[field.name]
    if field.logical_type != "number":
        return _ALIKE.get(field.logical_type)
    return _ALIKE_UNITS.get(field.unit or "", field.unit)


def swapped(condition: str, a: str, b: str) -> str:
    """The condition with two columns in each other's place; what stands in quotes is left alone."""
    other = {a: b, b: a}
    column = re.compile(rf"\b({a}|{b})\b")
    parts = _LITERAL.split(condition)
    return "".join(p if p.startswith("'") else column.sub(lambda m: other[m[1]], p) for p in parts)


def swap_hint(connection: psycopg.Connection, check: Check, rows: str) -> Text:
    """Which two columns look swapped in the rows that break the check; empty where no pair explains half."""
    if not check.swaps or not check.broken_by_any:
        return NOTHING
    counts = ", ".join(f"count(*) filter (where {_mends(swap, check.broken_by_any)})" for swap in check.swaps)
    found = connection.execute(f"select count(*), {counts} from {rows} where {check.broken_where}").fetchone()
    broken, *mended = found or (0,)
    best = max(mended, default=0)
    likely = [swap for swap, count in zip(check.swaps, mended, strict=True) if count == best]
    if not best or 2 * best < broken or len(likely) > MAX_GUESSES:
        return NOTHING
    zh = "，或".join(f"“{a.zh}”与“{b.zh}”" for _, (a, b) in likely)
    en = ", or ".join(f"“{a.en}” and “{b.en}”" for _, (a, b) in likely)
    return Text(
        f"疑似两列互换：{zh}（其中 {best} 行互换后各项规则均成立；系统不作更改，请核对原表）。",
        f" Two columns look swapped: {en} ({best} of these rows break no rule once swapped; "
        "nothing was changed, compare with the form).",
    )


def _mends(swap: Swap, broken_by_any: str) -> str:
    a, b = swap.columns
    return f"{a} <> {b} and not coalesce({swapped(broken_by_any, a, b)}, false)"
