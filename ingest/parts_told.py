"""What a file of a table that comes in several means for the others of it, in the words a clerk reads.

Told when the file is checked, and kept in ``ops.part_note``: whose rows it takes the place of, what they
were and what they are now, which rows count no more, and which files stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from ingest import part_notes
from ingest.contract import Contract, code_name, contracts
from ingest.database import connect
from ingest.standing import last_word, table_key

MAX_NAMED = 5  # rows or files named in a note
# To state what was not stated is no other row.
_STATED = "(mine.{name} = pooled.{name} or pooled.{name} = '{empty}')"


@dataclass(frozen=True)
class Other:
    """Another file of the same tables, and what becomes of its rows."""

    batch_id: UUID
    file_name: str
    replaced: int
    changed: int
    gone: int
    left_standing: int
    changed_rows: list[list[Any]] | None  # entity, stage, item, amount before and now
    gone_rows: list[list[Any]] | None

    @property
    def name(self) -> str:
        """The file with the number by which it can be taken back."""
        return f"{self.file_name} ({str(self.batch_id)[:8]})"


def tell(record: str, batch_ids: Sequence[UUID], run_id: str) -> list[tuple[str, str]]:
    """Of batches that become current one after the other: what each means for the files that then stand
    (zh, en). It is kept with the batch."""
    contract = contracts()[record]
    if not contract.parts_by or contract.is_about_persons:
        return []
    said = []
    with connect("junheng_loader") as connection:
        for place, batch_id in enumerate(batch_ids):
            notes = _notes(connection, contract, batch_id, batch_ids[:place])
            part_notes.write(connection, batch_id, run_id, notes)
            said += notes
    return said


def _notes(
    connection: psycopg.Connection, contract: Contract, batch_id: UUID, earlier: Sequence[UUID]
) -> list[tuple[str, str]]:
    row = connection.execute(
        "select file_name from ops.load_batch where batch_id = %s and base_batch_id is null", [batch_id]
    ).fetchone()
    if row is None:  # a replay tells its figures itself
        return []
    others = _others(connection, contract, batch_id, earlier)
    notes = [_taken(row[0], other) for other in others if other.replaced or other.gone]
    beside = [other for other in others if not other.replaced and not other.gone]
    return [*notes, *([_beside(row[0], beside)] if beside else [])]


def _others(
    connection: psycopg.Connection, contract: Contract, batch_id: UUID, earlier: Sequence[UUID]
) -> list[Other]:
    table = table_key(contract)
    # What it empties may be of a table that it has nothing of any more.
    of_table = f"({table} in (select printed_table from own) or partition_key in (select * from emptied))"  # noqa: S608  owner: maintainers; the names are ours, no end
    key = ", ".join(f"{field.key_sql} as {field.name}" for field in map(contract.field, contract.key))
    with connection.cursor(row_factory=class_row(Other)) as cursor:
        return cursor.execute(
            f"""
            with own as (
                select distinct partition_key, {table} as printed_table
                from {contract.table} where batch_id = %(batch)s
            ),
            emptied as (select partition_key from ops.emptied_partition where batch_id = %(batch)s),
            {last_word(contract, earlier, "standing", current=of_table, waiting=of_table)},
            theirs as (
                select false as is_mine, batch_id, source_row, entity_name, amount, {key}, (
                    partition_key in (
                        select partition_key from own
                        union select partition_key from emptied
                    )
                ) as is_taken
                from {contract.table}
                where batch_id <> %(batch)s and batch_id in (select batch_id from standing)
                    and (partition_key, batch_id) in (select partition_key, batch_id from standing)
            ),
            mine as (
                select true as is_mine, batch_id, source_row, entity_name, amount, {key}, false as is_taken
                from {contract.table} where batch_id = %(batch)s
            ),
            {_matched(contract)},
            compared as (
                select *, is_taken and now is not null as is_replaced, is_taken and now is null as is_gone,
                    is_taken and now <> jsonb_build_array(amount) as is_changed,
                    jsonb_build_array(entity_name, stage, item_code, amount, now) as told
                from matched
            )
            select batch_id, file_name, count(*) filter (where is_replaced) as replaced,
                count(*) filter (where is_changed) as changed, count(*) filter (where is_gone) as gone,
                count(*) filter (where not is_taken) as left_standing,
                (array_agg(told order by source_row, told) filter (where is_changed))[:{MAX_NAMED}]
                    as changed_rows,
                (array_agg(told order by source_row, told) filter (where is_gone))[:{MAX_NAMED}] as gone_rows
            from compared inner join ops.load_batch using (batch_id)
            group by batch_id, file_name
            order by file_name, batch_id
            """,  # noqa: S608  owner: maintainers; the names are the contract's, no end
            {"batch": batch_id},
        ).fetchall()


def _matched(contract: Contract) -> str:
    """Common table expressions up to ``matched``: rows of ``theirs``, each with the amounts of ``mine`` that
    take its place (``now``; NULL where none does).

    Rows of one key are put together by sorting, not by a join: the planner takes the rows of the other files
    for one, and would read all of the batch for each. What need not be stated is compared within them.
    """
    fields = [contract.field(name) for name in contract.key]
    stated = [field for field in fields if field.empty_means]
    same = ", ".join(field.name for field in fields if not field.empty_means)
    columns = "".join(f"{field.name} text, " for field in stated)
    candidate = "".join(f"'{field.name}', {field.name}, " for field in stated)
    order = "".join(f"mine.{field.name}, " for field in stated)
    exact = " and ".join(("true", *(f"mine.{field.name} = pooled.{field.name}" for field in stated)))
    wider = " and ".join(
        ("true", *(_STATED.format(name=field.name, empty=field.empty_means) for field in stated))
    )
    return f"""
        pooled as (
            select *, jsonb_agg(jsonb_build_object({candidate}'amount', amount)) filter (where is_mine)
                over (partition by {same}) as candidates
            from (select * from theirs union all select * from mine) as rows_of_both
        ),
        matched as (
            select pooled.*, now.amounts as now
            from pooled
            left join lateral (
                select coalesce(
                    jsonb_agg(mine.amount) filter (where {exact}),
                    jsonb_agg(mine.amount order by {order}mine.amount)
                ) as amounts
                from jsonb_to_recordset(pooled.candidates) as mine ({columns}amount numeric)
                where {wider}
            ) as now on true
            where not pooled.is_mine
        )
    """  # noqa: S608  owner: maintainers; the names are the contract's, no end


def _taken(file_name: str, other: Other) -> tuple[str, str]:
    """Rows of another file that count no more, and those that do still."""
    zh = f"{file_name}：取代 {other.name} 的 {other.replaced} 行"
    en = f"{file_name}: takes the place of {_counted(other.replaced)} of {other.name}"
    if other.changed:
        zh += f"，其中 {other.changed} 行金额有变（{_rows(other.changed_rows, other.changed, 'zh')}）"
        en += f", {other.changed} with another amount ({_rows(other.changed_rows, other.changed, 'en')})"
    if other.gone:
        gone_zh, gone_en = (_rows(other.gone_rows, other.gone, name, "gone") for name in ("zh", "en"))
        zh += f"；它的 {other.gone} 行本文件没有，不再计入（{gone_zh}）"
        en += f"; no more counts what it held and this file does not: {_counted(other.gone)} ({gone_en})"
    if other.left_standing:
        number = str(other.batch_id)[:8]
        zh += (
            f"；它的另外 {other.left_standing} 行本文件未提及，仍然有效"
            f"（整份已作废的，用 junheng batch withdraw {number} 撤回）"
        )
        en += (
            f"; of its other rows this file says nothing, they count still: {_counted(other.left_standing)} "
            f"(where all of it is void: junheng batch withdraw {number})"
        )
    return zh, en


def _beside(file_name: str, others: Sequence[Other]) -> tuple[str, str]:
    """Files of the same table that stand as they were."""
    names = [other.name for other in others[:MAX_NAMED]]
    more = len(others) - len(names)
    rest_zh, rest_en = (f" 等 {len(others)} 份", f" and {more} more") if more else ("", "")
    return (
        f"{file_name}：是同一张表的另一部分，与 {'、'.join(names)}{rest_zh}并列有效；"
        "若是其更正件（如改了学段、单位），请用 junheng batch withdraw 加编号撤回原件",
        f"{file_name}: another part of the same table, beside {', '.join(names)}{rest_en}, which count on; "
        "where it is one of them corrected (another stage or entity, say), take that back with "
        "junheng batch withdraw and its number",
    )


def _rows(rows: list[list[Any]] | None, count: int, language: str, kind: str = "changed") -> str:
    """Rows by name: with their amounts before and now, or with what they had."""
    shown = rows or []
    texts = []
    for entity, stage, item, before, now in shown:
        what = f"{entity} {code_name('stage', stage, language)} {code_name('finance_item', item, language)}"
        after = " + ".join(map(_amount, now or ()))
        texts.append(f"{what} {_amount(before)}" + (f" → {after}" if kind == "changed" else ""))
    between, more = ("；", " 等") if language == "zh" else ("; ", " and more")
    return between.join(texts) + (more if count > len(shown) else "")


def _counted(rows: int) -> str:
    return f"{rows} row{'s' * (rows != 1)}"


def _amount(value: float | str | None) -> str:
    return "—" if value is None else f"{Decimal(str(value)).normalize():f}"
