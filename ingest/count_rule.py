"""How a profile counts pupils into classes: which columns say who is left out and what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answers:
    """A column that answers yes or no for each pupil, in the words of its system.

    A pupil whose answer is empty or one of ``unclear`` makes the count of his class unknown, never smaller.
    """

    headers: tuple[str, ...]  # the first that the sheet has
    yes: tuple[str, ...]
    no: tuple[str, ...]
    unclear: tuple[str, ...] = ()


@dataclass(frozen=True)
class LedgerRule:
    """A sheet beside the pupils whose entries belong to classes: headers by field, keys and contents."""

    keys: tuple[tuple[str, tuple[str, ...]], ...]
    fields: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class CountRule:
    """Rows of pupils, counted by class. ``left_out`` marks who is not in class; empty means not marked."""

    identifier: tuple[str, ...]  # headers under which the number stands that no two pupils share
    left_out: tuple[Answers, ...]
    fields: tuple[tuple[str, Answers], ...]  # field of the contract -> what is counted
    ledger: LedgerRule | None = None


def count_rule(node: dict[str, Any]) -> CountRule:
    """The rule as a profile writes it."""
    return CountRule(
        identifier=tuple(node["identifier"]),
        left_out=tuple(_answers(entry) for entry in node.get("left_out", ())),
        fields=tuple((name, _answers(entry)) for name, entry in node["fields"].items()),
        ledger=_ledger(node["ledger"]) if "ledger" in node else None,
    )


def _ledger(node: dict[str, Any]) -> LedgerRule:
    keys, fields = (
        tuple((name, tuple(headers)) for name, headers in node[part].items()) for part in ("keys", "fields")
    )
    return LedgerRule(keys, fields)


def _answers(node: dict[str, Any]) -> Answers:
    return Answers(
        headers=tuple(node["headers"]),
        yes=tuple(str(word) for word in node["words_yes"]),
        no=tuple(str(word) for word in node["words_no"]),
        unclear=tuple(str(word) for word in node.get("unclear", ())),
    )
