"""Patterns of layouts in words: what is accepted is said, and the pattern itself never."""

from __future__ import annotations

import re

import pytest

from ingest.pattern_words import said_in_words, said_of_match, said_of_pattern, words_of
from ingest.profile_files import profiles

SAID = [
    ("拨款标准|基准定额", "“拨款标准”、“基准定额”"),
    ("教育(经费|支出)", "“教育经费”、“教育支出”"),
    ("^(一般)?公共.*公用$", "“公共…公用”、“一般公共…公用”"),
    ("^[0-9]{2}0{4}(?:0{3})?$", "6 位数字、9 位数字"),
    (r"^(\d{4})年?$", "4 位数字、“NNNN年”（N 为数字）"),
    (r"^[√✓1]$", "“√”、“✓”、“1”"),
    (r"^1\.5$", "“1.5”"),
    ("^$", "留空"),
]


@pytest.mark.parametrize(("pattern", "said"), SAID)
def test_a_pattern_is_said_in_words(pattern: str, said: str) -> None:
    words = words_of(pattern)
    assert words is not None
    assert said_in_words(words)[0] == said


@pytest.mark.parametrize(
    "pattern", ["小+学", "^..1", "[^0-9]*甲", "(?<!公共)预算", "[a-z]", r"\S", "(a|b", "a{2,3}"]
)
def test_what_no_few_words_say_is_left_to_the_layout(pattern: str) -> None:
    assert words_of(pattern) is None


def test_words_fit_their_pattern() -> None:
    """What a clerk is told to write is taken: every word of every layout, a figure being any figure."""
    for profile in profiles():
        sources = [source for block in profile.blocks for source in block.sources.values()]
        for pattern in {p for s in sources for p in (*(p for p, _ in s.match), s.pattern) if p}:
            for word in words_of(pattern) or ():
                assert re.search(pattern, word.replace("\ue000", "1")), (profile.name, pattern, word)


def test_no_layout_shows_a_pattern() -> None:
    for profile in profiles():
        for block in profile.blocks:
            for name, source in block.sources.items():
                field = profile.contract.field(name)
                said = [*(said_of_match(field, source) if source.match else ())]
                said += said_of_pattern(source) if source.pattern else ()
                assert not re.search(r"\[0-9|\\|[$^*|{}]|\(\?", "".join(said)), (profile.name, name)
