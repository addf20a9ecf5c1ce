"""The dictionary: every field that comes in, every column that analysts read, in Chinese and English.

``python -m ingest.dictionary`` writes ``docs/dictionary.md`` from the contracts, the code lists and the
descriptions of the dbt models; a test holds the file to them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ingest.contract import Contract, Field, code_list, contracts
from ingest.settings import DBT_DIR, PROJECT_ROOT

DICTIONARY_FILE = PROJECT_ROOT / "docs" / "dictionary.md"
LAYERS = (("marts", "数据集市 Marts"), ("warehouse", "维度与事实 Dimensions and facts"))
PRIVACY = {"public": "公开 public", "sensitive": "敏感 sensitive", "personal": "个人 personal"}
ON_READ = {"hash": "读取时哈希 hashed on reading", "drop": "读取时丢弃 dropped on reading"}
HEAD = """# 数据字典 Data dictionary

Made from the contracts, the code lists and the models: `python -m ingest.dictionary`. Do not edit.
"""


def dictionary_text() -> str:
    """The whole dictionary as Markdown."""
    parts = [HEAD, "## 交来的记录 Records that come in\n"]
    parts += [_record(contract) for contract in contracts().values()]
    for layer, title in LAYERS:
        parts.append(f"## {title}\n")
        parts += [_model(model) for model in _models(layer)]
    parts.append("## 代码表 Code lists\n")
    parts += [_codes(name) for name in _code_lists()]
    return "\n".join(parts)


def _record(contract: Contract) -> str:
    lines = [
        f"### {contract.name_zh} `{contract.record}`\n",
        f"{contract.grain} {contract.purpose}\n",
        "| 字段 field | 名称 name | 单位 unit | 必填 required | 键 key | 代码表 codes | 隐私 privacy |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_field(field) for field in contract.fields]
    return "\n".join([*lines, ""])


def _field(field: Field) -> str:
    privacy = "，".join(
        part for part in (PRIVACY[field.classification], ON_READ.get(field.on_read or "")) if part
    )
    return _line(
        f"`{field.name}`",
        f"{field.name_zh} {field.name_en}. {field.description}",
        field.unit or "",
        "是 yes" if field.required else "",
        str(field.key_position or ""),
        field.code_list or "",
        privacy,
    )


def _models(layer: str) -> list[dict[str, Any]]:
    found = []
    for path in sorted((DBT_DIR / "models" / layer).rglob("*.yml")):
        found += yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
    return sorted(found, key=lambda model: str(model["name"]))


def _model(model: dict[str, Any]) -> str:
    lines = [
        f"### `{model['name']}`\n",
        " ".join(model["description"].split()) + "\n",
        "| 列 column | 类型 type | 说明 description |",
        "| --- | --- | --- |",
    ]
    lines += [
        _line(f"`{column['name']}`", column["data_type"], column["description"])
        for column in model["columns"]
    ]
    return "\n".join([*lines, ""])


def _code_lists() -> list[str]:
    return sorted({field.code_list for c in contracts().values() for field in c.fields if field.code_list})


def _codes(name: str) -> str:
    lines = [f"### `{name}`\n", "| 代码 code | 名称 name |", "| --- | --- |"]
    lines += [_line(f"`{code.code}`", f"{code.name_zh} {code.name_en}") for code in code_list(name)]
    return "\n".join([*lines, ""])


def _line(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "·") for cell in cells) + " |"


def write_dictionary(path: Path = DICTIONARY_FILE) -> None:
    """Rewrite docs/dictionary.md."""
    path.write_text(dictionary_text(), encoding="utf-8")


if __name__ == "__main__":
    write_dictionary()
