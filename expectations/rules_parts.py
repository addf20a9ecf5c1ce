"""A table that comes in several files: what one of them would take away of another, and whose rows those are.

Which file stands beside which is said in ``ingest.standing``; this holds a batch that would unsay too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from expectations.check import MISSING, Check, Text, no_rows
from expectations.held import IS_STANDING, held_rows, standing_beside
from expectations.parts_hints import named
from expectations.rule_parts import KEYS, word_of
from ingest.contract import Contract, Field

FILE = "(select file_name || ' ' || left(batch_id::text, 8) from ops.load_batch where batch_id = {whose})"


def is_kept(field: Field) -> str:
    """In SQL: an arriving key keeps this part of a held one; to state what was not stated is no loss."""
    same = f"arriving.{field.name} = held.{field.name}"
    return same if field.empty_means is None else f"({same} or held.{field.name} = '{field.empty_means}')"


def keys_kept(contract: Contract, earlier: Sequence[UUID]) -> Check:
    """Of each file whose slices the batch takes, or empties as it was written in its place, no more may
    vanish than the contract's share; of one that it would empty otherwise nothing.

    The share is of each file by itself: of a small part all may go without it being much of the table.
    """
    limit = contract.max_vanished_share
    same = " and ".join(map(is_kept, map(contract.field, contract.key)))
    held = held_rows(contract, earlier, ("batch_id", "partition_key as slice"))
    vanished = f"""
        with {held},
        gone as (select * from held where not exists (select 1 from arriving where {same})),
        held_by_file as (select batch_id, count(*) as keys from held group by batch_id),
        gone_by_file as (select batch_id, count(*) as keys from gone group by batch_id),
        vanished as (
            select * from gone where batch_id in (
                select gone_by_file.batch_id from gone_by_file, held_by_file
                where gone_by_file.batch_id = held_by_file.batch_id
                and gone_by_file.keys > {limit} * held_by_file.keys
            )
            or slice in (
                select partition_key from ops.emptied_partition
                where not may_go and batch_id in (select batch_id from {{batch}})
            )
        )
    """
    return no_rows(
        "keys_are_kept",
        f"{vanished} select 1 as broken from vanished",
        what=Text(
            f"同一张表的现行各份文件，各自的键因新文件而消失的不超过 {limit:.0%}，"
            "新文件不是在原处重写的或有行被隔离的，不因它清除任何键",
            f"of the keys of each file that counts for the same table at most {limit:.0%} disappear, and "
            "none is cleared by a file that was not written in its place or has rows set aside",
        ),
        matters=Text(
            "新文件既有所列文件已有的行，又有谁都没有的行（或写在它的原处），是它的更正件还是另一部分，"
            "只看文件无法判断；作为更正件，新文件没有的行会从结果中消失",
            "The file holds rows that the one listed holds and others that none does (or was written in its "
            "place): whether it is that one corrected or another part of the table cannot be known from the "
            "files; as that one corrected, what it does not hold would disappear from the results",
        ),
        mend=Text(
            "漏了行的或有行被隔离的，补全、改正后放入完整的文件；"
            "确是更正件的，用 junheng batch withdraw 加所列编号撤回旧文件，本文件下一夜重新检查"
            "（其间另有文件交来其中内容的，另存后再交）；"
            "只是同一张表的另一部分的，另存为别的文件名，只留现行文件都没有的行（去掉重复的“合计”等行）；"
            "要改动的行另成一份交入；用通用模板交另一张表的，在“来源表”写明",
            "where rows were left out or set aside, mend that and drop the whole file; where it is that one "
            "corrected, take the old one back with junheng batch withdraw and its number, and this one is "
            "looked at again the next night (unless another file tells part of it meanwhile: then save it "
            "anew and hand that in); where it is another part of the table, save it under another "
            "name with those rows only that no file holds yet (without a total that is there already), and "
            "hand in what is to be changed as a file of its own; in our own template name another table "
            "under “Table”",
        ),
        counted=KEYS,
        fault=MISSING,
        total_query=f"with {held} select count(*) from held",
        names_query=vanished + named(contract, (_named("zh"), _named("en"))),
    )


def whole_table(contract: Contract, earlier: Sequence[UUID], columns: Sequence[str]) -> str:
    """Common table expressions up to ``whole``: the rows of the batch (``is_own``), and those that will stand
    beside them in other files of the same tables, whatever their item."""
    table = ", ".join(
        contract.field(name).key_sql for name in contract.table_by if name not in {"item_code", "basis"}
    )
    own = "select district_code, fiscal_year::text from arriving"
    kept = ", ".join(("batch_id", "source_sheet", "source_row", *columns))
    return f"""
        arriving as (
            select source_sheet, source_row, partition_key, district_code, fiscal_year from {{batch}}
        ),
        {standing_beside(contract, earlier, own)},
        whole as (
            select true as is_own, {kept} from {{batch}}
            union all
            select false, {kept} from {contract.table}
            where {IS_STANDING} and ({table}) in (select {table} from {{batch}})
        )
    """


def _named(language: str) -> str:
    """In SQL: the file that a row stands in, and what the row is of."""
    lists = {"stage": "stage", "item_code": "finance_item"}
    words = [
        "vanished.entity_code",
        *(word_of(f"vanished.{name}", list_name, language) for name, list_name in lists.items()),
    ]
    told = " || ' ' || ".join(words)
    colon = "：" if language == "zh" else ": "
    return f"{FILE.format(whose='vanished.batch_id')} || '{colon}' || {told}"
