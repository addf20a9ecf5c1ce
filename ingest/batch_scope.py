"""Of which years, items and tables partitions are, in words: what goes when their batch goes."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.contract import Contract, code_name

YEARS = ("school_year", "fiscal_year", "year")
MAX_NAMED = 12  # of one kind


def scope_of(contract: Contract, partition_keys: Iterable[str]) -> tuple[str, str]:
    """The years, items and tables of the partitions (zh, en); empty where a partition has none of them."""
    rows = [key.split("|") for key in partition_keys]
    told_zh, told_en = [], []
    for place, name in enumerate(contract.partition_by):
        field = contract.field(name)
        if name not in YEARS and field.code_list not in ("finance_item", "finance_table"):
            continue
        values = sorted({row[place] for row in rows})
        lists = field.code_list
        zh, en = (
            [code_name(lists, value, language) if lists else value for value in values]
            for language in ("zh", "en")
        )
        told_zh.append(f"{field.name_zh} {_listed(zh, '、', ' 等')}")
        told_en.append(f"{field.name_en} {_listed(en, ', ', ' and more')}")
    return "；".join(told_zh), "; ".join(told_en)


def _listed(words: list[str], between: str, more: str) -> str:
    return between.join(words[:MAX_NAMED]) + (more if len(words) > MAX_NAMED else "")
