"""Data contracts: the one place where a field is defined.

Each ``contracts/<record>.yaml`` follows the Open Data Contract Standard 3. What the standard has no
word for (Chinese name, header aliases, unit, code list, what happens on reading) stands in its
``customProperties``. Reader, raw tables, dbt sources, quality suites and the dictionary use this module.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ingest.read_yaml import read_yaml
from ingest.settings import CONTRACTS_DIR, SEEDS_DIR


@dataclass(frozen=True)
class Field:
    """One column of a record, as its contract states it."""

    name: str
    name_zh: str
    name_en: str
    logical_type: str  # string, integer, number, boolean or date
    physical_type: str  # the column's type in Postgres
    required: bool
    key_position: int | None
    classification: str  # public, sensitive or personal
    description: str
    unit: str | None
    code_list: str | None
    on_read: str | None  # hash, drop or None
    empty_means: str | None  # the value of the key that an empty cell of an optional field stands for
    minimum: float | None
    maximum: float | None
    pattern: str | None
    pattern_zh: str | None  # the pattern in a clerk's words
    pattern_en: str | None
    max_length: int | None
    aliases: tuple[str, ...]

    @property
    def is_stored(self) -> bool:
        """False for fields that are dropped while reading."""
        return self.on_read != "drop"

    @property
    def is_public(self) -> bool:
        """True when a value may stand in a message or a report."""
        return self.classification == "public"

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header under which the field may stand in a file that follows the contract."""
        return (self.name_zh, self.name, self.name_en, *self.aliases)

    @property
    def key_sql(self) -> str:
        """The field as part of a key, in SQL: empty and what empty means are one value."""
        return self.name if self.empty_means is None else f"coalesce({self.name}, '{self.empty_means}')"


@dataclass(frozen=True)
class Contract:
    """One record: its fields, its grain and the limits of what is accepted."""

    record: str
    name_zh: str
    name_en: str
    version: str
    schema: str  # raw or protected
    grain: str
    purpose: str
    fields: tuple[Field, ...]
    partition_by: tuple[str, ...]
    parts_by: tuple[str, ...]  # the last of them: what one table may be divided by into several files
    max_rejected_share: float
    max_vanished_share: float

    @property
    def table(self) -> str:
        """Schema-qualified name of the raw table."""
        return f"{self.schema}.{self.record}"

    @property
    def is_about_persons(self) -> bool:
        """True when a row is one person's: none of its cells may stand in a message or a report."""
        return any(field.classification == "personal" for field in self.fields)

    @property
    def stored_fields(self) -> tuple[Field, ...]:
        """Fields that reach the table, in order."""
        return tuple(field for field in self.fields if field.is_stored)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the fields that identify a row, in key order."""
        keyed = [field for field in self.fields if field.key_position]
        return tuple(f.name for f in sorted(keyed, key=lambda f: f.key_position or 0))

    @property
    def key_sql(self) -> tuple[str, ...]:
        """The key in SQL, in key order: what identifies a row, none of it NULL."""
        return tuple(self.field(name).key_sql for name in self.key)

    @property
    def table_by(self) -> tuple[str, ...]:
        """The fields of a partition that tell tables apart; all of them where no table comes in parts."""
        return self.partition_by[: len(self.partition_by) - len(self.parts_by)]

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when the contract has none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"contract {self.record} has no field {name}")


def _custom(node: dict[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in node.get("customProperties", [])}


def _field(node: dict[str, Any]) -> Field:
    custom = _custom(node)
    options = node.get("logicalTypeOptions", {})
    return Field(
        name=node["name"],
        name_zh=custom["nameZh"],
        name_en=node["businessName"],
        logical_type=node["logicalType"],
        physical_type=node["physicalType"],
        required=node["required"],
        key_position=node.get("primaryKeyPosition"),
        classification=node["classification"],
        description=node["description"],
        unit=custom.get("unit"),
        code_list=custom.get("codeList"),
        on_read=custom.get("onRead"),
        empty_means=custom.get("emptyMeans"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        pattern=options.get("pattern"),
        pattern_zh=custom.get("patternZh"),
        pattern_en=custom.get("patternEn"),
        max_length=options.get("maxLength"),
        aliases=tuple(custom.get("headerAliases", ())),
    )


def read_contract(path: Path) -> Contract:
    """Read one contract file."""
    document = read_yaml(path)
    table = document["schema"][0]
    custom = _custom(document)
    return Contract(
        record=document["name"],
        name_zh=custom["nameZh"],
        name_en=table["businessName"],
        version=document["version"],
        schema=table["physicalName"].split(".")[0],
        grain=table["dataGranularityDescription"],
        purpose=document["description"]["purpose"],
        fields=tuple(_field(node) for node in table["properties"]),
        partition_by=tuple(custom["partitionBy"]),
        parts_by=tuple(custom.get("partsBy", ())),
        max_rejected_share=custom["maxRejectedShare"],
        max_vanished_share=custom["maxVanishedShare"],
    )


@cache
def contracts() -> dict[str, Contract]:
    """Every contract by record name."""
    found = [read_contract(path) for path in sorted(CONTRACTS_DIR.glob("*.yaml"))]
    return {contract.record: contract for contract in found}


@dataclass(frozen=True)
class Code:
    """One entry of a code list."""

    code: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...]


@cache
def code_list(name: str) -> tuple[Code, ...]:
    """The entries of a code list; its one home is the dbt seed ``code_<name>.csv``."""
    with (SEEDS_DIR / f"code_{name}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            Code(
                code=row["code"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                aliases=tuple(alias for alias in row["aliases"].split("|") if alias),
            )
            for row in csv.DictReader(stream)
        )


def code_name(list_name: str, code: str, language: str) -> str:
    """The name of a code in ``zh`` or ``en``; the code itself where the list has none of it."""
    found = (entry for entry in code_list(list_name) if entry.code == code)
    return next((entry.name_zh if language == "zh" else entry.name_en for entry in found), code)
