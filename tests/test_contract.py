"""Contracts: what a clerk is told of a field is said in words, in both languages."""

from __future__ import annotations

import re

import pytest

from ingest.contract import Field, code_list, contracts
from ingest.faults import wrong_pattern

FIELDS = [(contract.record, field) for contract in contracts().values() for field in contract.fields]


@pytest.mark.parametrize(("record", "field"), [(r, f) for r, f in FIELDS if f.pattern])
def test_a_pattern_is_told_in_words(record: str, field: Field) -> None:
    fault = wrong_pattern(field)
    assert str(field.pattern) not in fault.expected_zh + fault.expected_en, record
    assert field.pattern_zh in fault.expected_zh
    assert field.pattern_en in fault.expected_en


def test_every_header_of_a_record_means_one_field() -> None:
    for contract in contracts().values():
        headers = [
            header for field in contract.fields for header in {text.casefold() for text in field.headers}
        ]
        assert len(headers) == len(set(headers)), contract.record


def test_every_code_has_both_names_and_no_alias_is_two_codes() -> None:
    for name in {field.code_list for _, field in FIELDS if field.code_list}:
        texts = []
        for code in code_list(name):
            assert code.name_zh, (name, code)
            assert code.name_en, (name, code)
            texts += {code.code, code.name_zh, code.name_en, *code.aliases}
        assert len(texts) == len(set(texts)), name


def test_keys_are_required_and_without_gaps() -> None:
    for contract in contracts().values():
        positions = sorted(field.key_position for field in contract.fields if field.key_position)
        assert positions == list(range(1, len(positions) + 1))
        fields = [contract.field(name) for name in contract.key]
        assert all(field.required or field.empty_means for field in fields), contract.record
        fields = [contract.field(name) for name in contract.partition_by]
        assert all(field.required or field.empty_means for field in fields), contract.record


def test_what_empty_means_is_a_word_of_an_optional_field_of_the_key_or_partition() -> None:
    found = [(record, field) for record, field in FIELDS if field.empty_means]
    assert ("finance", "fund_source_code") in {(record, field.name) for record, field in found}
    for record, field in found:
        assert field.key_position or field.name in contracts()[record].partition_by, record
        assert not field.required, record
        if field.code_list:
            assert field.empty_means in {code.code for code in code_list(field.code_list)}, record
        else:  # a field that names fields: the word for all of them is the name of none
            assert field.empty_means not in {named.name for _, named in FIELDS}, record


def test_patterns_can_be_used() -> None:
    for _, field in FIELDS:
        if field.pattern:
            re.compile(field.pattern)
