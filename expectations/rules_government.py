"""Checks of what a district writes down itself: ledgers of schools, declarations, surveys, rooms."""

from __future__ import annotations

from collections.abc import Callable

from expectations.check import Check, Text, no_row_where
from ingest.contract import Contract


def _in_order(contract: Contract, first: str, last: str) -> Check:
    """A period ends after it starts; an open end or start breaks nothing."""
    a, b = contract.field(first), contract.field(last)
    return no_row_where(
        f"{last}_after_{first}",
        f"{last} <= {first}",
        what=Text(f"“{b.name_zh}”晚于“{a.name_zh}”", f"“{b.name_en}” is later than “{a.name_en}”"),
        matters=Text(
            "起止颠倒的记录在任何一天都不算数", "A period that ends before it starts counts on no day"
        ),
        mend=Text("核对这两个日期", "compare the two dates with the document"),
        column=last,
    )


def _school_cluster(contract: Contract) -> list[Check]:
    return [_in_order(contract, "joined_on", "left_on")]


RULES: dict[str, Callable[[Contract], list[Check]]] = {
    "school_cluster": _school_cluster,
}
