"""What a replay changed, for the clerk who mended the file: before and after, by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from ingest.contract import Contract, Field, code_list
from ingest.hand_back.rejections import problem_of

REGION = "region_code"  # the same in every row: no news to a clerk
MAX_SHOWN = 40  # lines on the screen; the ledger holds all


@dataclass(frozen=True)
class Figure:
    """A row of the record that came in or became another: its key, its place in the mended file, the change.

    ``changes`` are (field zh, field en, before, after); None of before is a row that was not there.
    """

    key: str
    place: str
    is_new: bool
    changes: tuple[tuple[str, str, str | None, str | None], ...]


def figures_of(contract: Contract, rows: Sequence[dict[str, Any]]) -> tuple[Figure, ...]:
    """The rows that are new or changed, from what stands after and before."""
    found = []
    for row in rows:
        before, after = row["before"], row["after"]
        changed = tuple(
            (f.name_zh, f.name_en, _text((before or {}).get(f.name)), _text(after.get(f.name)))
            for f in contract.stored_fields
            if f.name not in (*contract.key, REGION) and after.get(f.name) != (before or {}).get(f.name)
        )
        if before is None or changed:
            place = f"{row['sheet']}!{row['row']}" if row["sheet"] else str(row["row"])
            found.append(Figure(_key(contract, after), place, before is None, changed))
    return tuple(found)


def _key(contract: Contract, row: dict[str, Any]) -> str:
    """The fields that say whose row it is, in words: of a code its Chinese name."""
    return " · ".join(_named(contract.field(name), row.get(name)) for name in contract.key)


def _named(field: Field, value: Any) -> str:
    codes = code_list(field.code_list) if field.code_list else ()
    return next((code.name_zh for code in codes if code.code == value), _text(value) or "–")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def still_bad(
    connection: psycopg.Connection, batch_id: UUID, offset: int, file_name: str
) -> list[tuple[str, str]]:
    """What is wrong in the mended file itself, place by place: (zh, en)."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select * from ops.rejected_row where batch_id = %s and source_block < %s "
            "order by source_sheet, source_row, source_column nulls last, rejected_row_id",
            [batch_id, offset],
        ).fetchall()
    problems = [problem_of({**row, "file_name": file_name}) for row in rows]
    return [(problem.message_zh(), problem.message_en()) for problem in problems]
