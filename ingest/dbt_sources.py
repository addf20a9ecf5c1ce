"""The dbt sources, written from the contracts: ``python -m ingest.dbt_sources`` rewrites models/sources.yml.

A test holds the file against the contracts, so a field is still defined in one place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ingest.contract import Contract, Field, contracts
from ingest.database import ORIGIN_COLUMNS
from ingest.settings import DBT_DIR

SOURCES_FILE = DBT_DIR / "models" / "sources.yml"
_HEADER = "# Written by `python -m ingest.dbt_sources` from ingest/contracts; do not edit by hand.\n"
_ORIGIN_DESCRIPTIONS = {
    "batch_id": "批次 | Batch (one file read with one profile) that brought the row.",
    "partition_key": "分区键 | Values of the contract's partition fields, joined with |.",
    "source_sheet": "来源工作表 | Sheet of the file.",
    "source_row": "来源行号 | Row of the sheet, counted from 1 as a spreadsheet shows it.",
    "source_block": "来源列块 | Which repeated block of columns of the row; 0 when the layout has none.",
}


def _field_column(field: Field) -> dict[str, Any]:
    unit = f" Unit: {field.unit}." if field.unit else ""
    return {
        "name": field.name,
        "description": f"{field.name_zh} | {field.description}{unit}",
        "data_type": field.physical_type,
    }


def _origin_columns() -> list[dict[str, Any]]:
    return [
        {"name": name, "description": _ORIGIN_DESCRIPTIONS[name], "data_type": kind.split()[0]}
        for name, kind in ORIGIN_COLUMNS
    ]


def _record_table(contract: Contract) -> dict[str, Any]:
    copies = "每批一份 | One copy a batch"
    return {
        "name": contract.record,
        "description": f"{contract.grain} {copies}. {contract.name_zh} | {contract.purpose}",
        "columns": [*_origin_columns(), *(_field_column(field) for field in contract.stored_fields)],
    }


def _current_batch_table() -> dict[str, Any]:
    return {
        "name": "current_batch",
        "description": "One row per record × partition. 现行批次 | The batch whose rows count now.",
        "columns": [
            {"name": "record", "description": "记录 | Record (contract).", "data_type": "text"},
            {"name": "partition_key", "description": "分区键 | Partition.", "data_type": "text"},
            {"name": "batch_id", "description": "批次 | Current batch.", "data_type": "uuid"},
        ],
    }


def _partition_batch_table() -> dict[str, Any]:
    columns = [
        ("record", "记录 | Record (contract).", "text"),
        ("partition_key", "分区键 | Partition.", "text"),
        ("batch_id", "批次 | Batch that was accepted for the partition.", "uuid"),
        ("accepted_at", "接受时间 | When the rows began to count.", "timestamptz"),
        ("superseded_at", "被取代时间 | When they ceased to count; NULL while they do.", "timestamptz"),
    ]
    return {
        "name": "partition_batch",
        "description": "One row per record × partition × batch. 历次批次 | Every batch that ever counted.",
        "columns": [
            {"name": name, "description": description, "data_type": kind}
            for name, description, kind in columns
        ],
    }


def _rejected_key_table() -> dict[str, Any]:
    columns = [
        ("batch_id", "批次 | Batch that the row came with.", "uuid"),
        ("record", "记录 | Record (contract).", "text"),
        ("source_sheet", _ORIGIN_DESCRIPTIONS["source_sheet"], "text"),
        ("source_row", _ORIGIN_DESCRIPTIONS["source_row"], "integer"),
        ("source_block", _ORIGIN_DESCRIPTIONS["source_block"], "smallint"),
        ("district_code", "区县代码 | District; NULL when it could not be read.", "text"),
        ("school_year", "学年 | School year; NULL when it could not be read. Unit: year.", "integer"),
        ("school_code", "学校标识码 | School; NULL when it could not be read.", "text"),
        ("stage", "学段 | Stage; NULL when it could not be read.", "text"),
    ]
    return {
        "name": "rejected_key",
        "description": "One row per row set aside. 被隔离行的键 | Whose row it was, as far as readable.",
        "columns": [
            {"name": name, "description": description, "data_type": kind}
            for name, description, kind in columns
        ],
    }


def sources_document() -> dict[str, Any]:
    """The sources as dbt reads them: one source a schema, one table a record, and what the ledger tells."""
    ledger = [_current_batch_table(), _partition_batch_table(), _rejected_key_table()]
    by_schema: dict[str, list[dict[str, Any]]] = {"raw": [], "protected": [], "ops": ledger}
    for contract in contracts().values():
        by_schema[contract.schema].append(_record_table(contract))
    return {
        "version": 2,
        "sources": [{"name": schema, "schema": schema, "tables": t} for schema, t in by_schema.items()],
    }


class _IndentedDumper(yaml.SafeDumper):
    """Writes lists indented inside their key, as yamllint asks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def sources_yaml() -> str:
    """The text of models/sources.yml."""
    body = yaml.dump(
        sources_document(), Dumper=_IndentedDumper, allow_unicode=True, sort_keys=False, width=110
    )
    return f"{_HEADER}---\n{body}"


def write_sources(path: Path = SOURCES_FILE) -> None:
    """Rewrite models/sources.yml."""
    path.write_text(sources_yaml(), encoding="utf-8")


if __name__ == "__main__":
    write_sources()
