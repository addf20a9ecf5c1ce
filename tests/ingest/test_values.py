"""Numbers, sums, joins and hashes against plain Python, on whatever Hypothesis thinks of."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest import read_csv
from ingest.chunks import Preview, column_letter
from ingest.contract import contracts
from ingest.copy_text import Coded, copy_lines, escape
from ingest.keyhash import hash_texts
from ingest.profile import FieldSource
from ingest.values import convert, plain_number, to_decimal

AMOUNT = contracts()["finance"].field("amount")
GROWTH = contracts()["finance"].field("growth_pct")
DIGITS = st.text("0123456789０１２３４５６７８９,，.．-+% eE万", max_size=12)
AMOUNTS = st.decimals(0, 10**15, allow_nan=False, places=6).map(lambda d: format(d, "f"))


def understood(text: str) -> Decimal | None:
    """What a careful clerk reads: plain or grouped decimals, in any width of digits; else nothing."""
    import unicodedata

    flat = unicodedata.normalize("NFKC", text).strip()
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", flat):
        flat = flat.replace(",", "")
    is_number = re.fullmatch(r"[+-]?(\d{1,24}(\.\d{0,24})?|\.\d{1,24})", flat)
    return Decimal(flat) if is_number else None


@given(st.lists(DIGITS, min_size=1, max_size=20))
@example(["+-0"])
@settings(max_examples=300, deadline=None)
def test_numbers_are_read_as_a_careful_clerk_reads_them(texts: list[str]) -> None:
    plain = plain_number(pa.array(texts, pa.string()))
    for text, read in zip(texts, plain.to_pylist(), strict=True):
        assert (None if read is None else Decimal(read)) == understood(text)


@given(st.lists(AMOUNTS, min_size=1, max_size=20), st.sampled_from([0, 4, 8]))
@settings(max_examples=200, deadline=None)
def test_units_multiply_exactly(texts: list[str], exponent: int) -> None:
    typed = convert(AMOUNT, FieldSource(exponent=exponent), pa.array(texts), ("",))
    assert [Decimal(v) for v in typed.values.to_pylist()] == [Decimal(t) * 10**exponent for t in texts]


@given(st.lists(AMOUNTS, min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_decimals_keep_every_digit(texts: list[str]) -> None:
    assert to_decimal(pa.array(texts)).to_pylist() == [Decimal(t) for t in texts]


@pytest.mark.parametrize("text", ["12.5%", "12.5 ％", "12.5"])
def test_a_percent_sign_belongs_to_a_percentage(text: str) -> None:
    assert convert(GROWTH, FieldSource(), pa.array([text]), ("",)).values.to_pylist() == ["12.5"]


def test_a_percent_sign_does_not_belong_to_an_amount() -> None:
    typed = convert(AMOUNT, FieldSource(), pa.array(["12.5%"]), ("",))
    assert [fault.rule for fault in typed.faults] == ["not_a_number"]


@given(st.lists(st.text(max_size=12).filter(lambda t: "\0" not in t and t.isprintable()), max_size=30))
@settings(max_examples=200, deadline=None)
def test_equal_texts_have_equal_hashes_and_others_do_not(texts: list[str]) -> None:
    hashes = hash_texts(pa.array(texts, pa.string()))
    assert len(set(hashes.tolist())) == len(set(texts))
    alone = [int(hash_texts(pa.array([text]))[0]) for text in texts]
    assert alone == hashes.tolist()


def test_hashes_of_a_slice_are_those_of_its_texts() -> None:
    whole = pa.array(["a", "", "bcd", None, "e"])
    assert np.array_equal(hash_texts(whole.slice(2, 3)), hash_texts(pa.array(["bcd", None, "e"])))


@pytest.mark.parametrize("count", [3, 40, 400])
def test_columns_joined_by_value_give_the_same_lines(count: int) -> None:
    rng = np.random.default_rng(7)
    coded: list[Coded | str] = ["c"]
    for texts in (["a", None, "b"], ["1"], ["x", "y", "", "z"], [f"s{i}" for i in range(300)], ["u", "v"]):
        coded.append(Coded(pa.array(texts, pa.string()), rng.integers(0, len(texts), count)))
    plain = [column if isinstance(column, str) else column.rows() for column in coded]
    keep = rng.random(count) < 0.7
    assert bytes(copy_lines(coded)) == bytes(copy_lines(plain))
    kept = [column if isinstance(column, str) else column.filter(pa.array(keep)) for column in plain]
    assert bytes(copy_lines(coded, keep)) == bytes(copy_lines(kept))


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 5, 64])
def test_text_is_checked_whatever_the_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr(read_csv, "BLOCK_BYTES", block_bytes)
    path = tmp_path / "a.csv"
    good = "年,a\n😀é".encode()
    for content in (good, good[:-1], good[1:], good + b"\x80", good[:4] + b"\xff" + good[4:], b"", b"\n"):
        path.write_bytes(content)
        try:
            content.decode()
            is_utf8 = True
        except UnicodeDecodeError:
            is_utf8 = False
        assert (read_csv.undecodable(path, "utf-8") is None) == is_utf8


def test_copy_lines_write_null_and_escapes() -> None:
    lines = copy_lines(["c", escape(pa.array(["a\tb", None, "\\N"])), pa.array(["", "2", "x\ny"])])
    assert bytes(lines) == b"c\ta\\tb\t\nc\t\\N\t2\nc\t\\\\N\tx\ny\n"
    assert bytes(copy_lines(["c", pa.array(["1", "2", "3"]).slice(1, 1)])) == b"c\t2\n"


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_column_letters(index: int, letters: str) -> None:
    assert column_letter(index) == letters


def test_merged_headers_are_filled_right_and_down() -> None:
    rows = [["标题", "", "", ""], ["学校", "在校生", "", "班数"], ["", "男", "女", ""]]
    merges = [((0, 0), (0, 3)), ((1, 0), (2, 0)), ((1, 1), (1, 2)), ((1, 3), (2, 3))]
    assert Preview("s", rows, merges).header(1, 2) == ("学校", "在校生/男", "在校生/女", "班数")
    assert Preview("", rows[1:]).header(0, 2)[:3] == ("学校", "在校生/男", "在校生/女")


SOURCES = [
    (FieldSource(pattern=r"^(\d{4})\d{2}$"), "201701", "2017"),
    (FieldSource(add=1911), "112", "2023"),
    (FieldSource(exponent=4), "2.5", "25000"),
]


@pytest.mark.parametrize(("source", "text", "value"), SOURCES)
def test_what_a_profile_does_to_an_integer(source: FieldSource, text: str, value: str) -> None:
    from dataclasses import replace

    field = replace(contracts()["finance"].field("fiscal_year"), maximum=None)
    assert convert(field, source, pa.array([text]), ("",)).values.to_pylist() == [value]


def test_matching_names_the_words_when_none_fits() -> None:
    field = contracts()["school"].field("operator_code")
    source = FieldSource(match=(("^(私|民)立", "private"), ("^$", "public")))
    typed = convert(field, source, pa.array(["私立甲", "", "国立乙"]), ("",))
    assert typed.values.to_pylist() == ["private", "public", None]
    (fault,) = typed.faults
    assert fault.rule == "unknown_code"
    assert fault.expected_zh == "据以判定“举办者”的内容含有：“私立”、“民立”（私立）；留空（公立）"
    assert fault.expected_en.startswith("what tells “Operator code” to contain: “私立”, “民立” (Private")
    assert "; blank (Public" in fault.expected_en


def test_codes_of_a_profile_come_before_those_of_the_list() -> None:
    field = contracts()["school"].field("urban_rural_code")
    source = FieldSource(codes=(("1", "urban"), ("2", "rural")))
    typed = convert(field, source, pa.array(["1", "２", "乡村", "3"]), ("",))
    assert typed.values.to_pylist() == ["urban", "rural", "rural", None]
