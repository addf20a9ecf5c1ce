"""The dictionary says what the contracts and the models say, for every field and column."""

from __future__ import annotations

from ingest import dictionary
from ingest.contract import contracts


def test_the_dictionary_is_that_of_the_contracts_and_models() -> None:
    assert dictionary.DICTIONARY_FILE.read_text(encoding="utf-8") == dictionary.dictionary_text(), (
        "docs/dictionary.md differs from the contracts or models: run python -m ingest.dictionary"
    )


def test_every_field_of_every_record_stands_in_it() -> None:
    text = dictionary.dictionary_text()
    for contract in contracts().values():
        for field in contract.fields:
            assert f"| `{field.name}` | {field.name_zh} {field.name_en}" in text
