"""Checks of the money of schools."""

from __future__ import annotations

from collections.abc import Callable

from expectations.check import Check, Text
from expectations.rule_parts import measure_present, part_of
from ingest.contract import Contract

_MEASURES = (
    "public_funds_budget_yuan",
    "public_funds_account_yuan",
    "training_budget_yuan",
    "training_account_yuan",
    "special_funds_yuan",
)


def _school_funds(contract: Contract) -> list[Check]:
    what = Text("每行至少有一项金额", "every row holds an amount")
    return [
        part_of(contract, "training_budget_yuan", "public_funds_budget_yuan"),
        part_of(contract, "training_account_yuan", "public_funds_account_yuan"),
        measure_present(contract, _MEASURES, "amounts_are_present", what),
    ]


RULES: dict[str, Callable[[Contract], list[Check]]] = {"school_funds": _school_funds}
