"""Rows of one file that share a key: all of them leave the batch, each naming another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from ingest.conform import KEY_SEPARATOR
from ingest.contract import Contract
from ingest.copy_text import copy_lines, escape, escape_text
from ingest.key_spill import KeySpill
from ingest.quarantine import REJECTED_KEY_COLUMNS, REJECTED_KEY_FIELDS

RULE = "duplicate_key"
_SEE_ALSO = ", see also row "


@dataclass(frozen=True)
class Duplicates:
    """What was found: lines for the quarantine, and how many loaded rows were taken out."""

    lines: memoryview
    rows_removed: int


def remove_duplicates(
    connection: psycopg.Connection,
    contract: Contract,
    batch_id: UUID,
    sheets: Sequence[str],
    keys: KeySpill,
) -> Duplicates:
    """Take every loaded row whose key stands in the file more than once out of the raw table.

    Hashes only name suspects; whether their keys are really the same is asked of the keys themselves.
    A row that was rejected for another reason still counts: which of the two is right is not known.
    """
    suspects = _suspects(keys)
    if suspects.empty:
        return Duplicates(memoryview(b""), 0)
    suspects["sheet"] = [sheets[number] for number in suspects["sheet_number"]]
    loaded = suspects[suspects["is_loaded"]]
    _write_places(connection, loaded)
    suspects.loc[loaded.index, "key"] = _loaded_keys(connection, contract, batch_id, loaded)
    same = suspects[suspects.duplicated("key", keep=False)].sort_values(
        ["sheet_number", "row", "block"], kind="stable"
    )
    gone = same[same["is_loaded"]]
    if len(gone):
        _write_places(connection, gone)
        _keep_whose(connection, contract, batch_id)
        connection.execute(
            f"delete from {contract.table} t using duplicate_place p where t.batch_id = %s "  # noqa: S608  owner: maintainers; the name is the contract's, no end
            "and t.source_sheet = p.source_sheet and t.source_row = p.source_row "
            "and t.source_block = p.source_block",
            [batch_id],
        )
    return Duplicates(_lines(contract, batch_id, same), len(gone))


def _keep_whose(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> None:
    """Remember whose the rows are that are about to go; of persons nothing is kept."""
    public = set() if contract.is_about_persons else {field.name for field in contract.stored_fields}
    fields = ", ".join(name if name in public else "null" for name in REJECTED_KEY_FIELDS)
    connection.execute(
        f"insert into ops.rejected_key ({REJECTED_KEY_COLUMNS}) "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        f"select batch_id, %s, source_sheet, source_row, source_block, {fields} from {contract.table} "
        "inner join duplicate_place using (source_sheet, source_row, source_block) where batch_id = %s",
        [contract.record, batch_id],
    )


def _suspects(keys: KeySpill) -> pd.DataFrame:
    """Rows whose hash occurs more than once; ``key`` only of rows not loaded, the table knows the others."""
    found = keys.with_hash_in(keys.hashes_that_recur())
    suspects: pd.DataFrame = found.drop_columns("hash").to_pandas()
    suspects["key"] = suspects["key"].astype(object)
    return suspects.rename(columns={"sheet": "sheet_number"})


def _write_places(connection: psycopg.Connection, places: pd.DataFrame) -> None:
    connection.execute(
        "create temp table if not exists duplicate_place "
        "(source_sheet text, source_row integer, source_block smallint) on commit drop"
    )
    connection.execute("truncate duplicate_place")
    lines = copy_lines(
        [
            escape(pa.array(places["sheet"], pa.string())),
            pa.array(places["row"].astype(str), pa.string()),
            pa.array(places["block"].astype(str), pa.string()),
        ]
    )
    with connection.cursor().copy("copy duplicate_place from stdin") as copy:
        copy.write(lines)
    connection.execute("analyze duplicate_place")


def _loaded_keys(
    connection: psycopg.Connection, contract: Contract, batch_id: UUID, loaded: pd.DataFrame
) -> list[str]:
    """Keys of the loaded suspects as they stand in the table, in the order of ``loaded``."""
    key = ", ".join(f"{part}::text" for part in contract.key_sql)
    rows = connection.execute(
        f"select source_sheet, source_row, source_block, concat_ws(%s, {key}) "  # noqa: S608  owner: maintainers; the names are the contract's, no end
        f"from {contract.table} t join duplicate_place p using (source_sheet, source_row, source_block) "
        "where t.batch_id = %s",
        [KEY_SEPARATOR, batch_id],
    ).fetchall()
    found = {(sheet, row, block): text for sheet, row, block, text in rows}
    places = zip(loaded["sheet"], loaded["row"], loaded["block"], strict=True)
    return [found[sheet, int(row), int(block)] for sheet, row, block in places]


def _lines(contract: Contract, batch_id: UUID, same: pd.DataFrame) -> memoryview:
    if same.empty:
        return memoryview(b"")
    place = same["row"].astype(str)
    if same["sheet"].nunique() > 1:
        place = same["sheet"] + "!" + place
    nth = same.groupby("key").cumcount()
    at = same["key"]
    first = at.map(place[nth == 0].set_axis(at[nth == 0]))
    second = at.map(place[nth == 1].set_axis(at[nth == 1]))
    other = escape(pa.array(first.where(first != place, second), pa.string()))
    names_zh = "、".join(contract.field(name).name_zh for name in contract.key)
    names_en = ", ".join(contract.field(name).name_en for name in contract.key)
    null = escape_text(None)
    return copy_lines(
        [
            str(batch_id),
            contract.record,
            escape(pa.array(same["sheet"], pa.string())),
            pa.array(same["row"].astype(str), pa.string()),
            pa.array(same["block"].astype(str), pa.string()),
            null,
            null,
            escape_text(names_zh),
            RULE,
            null,
            _around(f"{names_zh}都相同的只有一行，另见第 ", other, " 行"),
            _around(f"one row for the same {names_en}{_SEE_ALSO}", other, ""),
            "只保留正确的一行",
            "keep the row that is right and delete the other",
        ]
    )


def other_place(rule: str, expected_en: str) -> str | None:
    """Where the other row of the same key stands, as the message tells it; None for any other fault."""
    return expected_en.rpartition(_SEE_ALSO)[2] if rule == RULE and _SEE_ALSO in expected_en else None


def _around(before: str, middle: pa.StringArray, after: str) -> pa.StringArray:
    return pc.binary_join_element_wise(before, middle, after, "")
