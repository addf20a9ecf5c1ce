"""What a pattern of a layout accepts, in words: a clerk is told which words and codes, never the pattern.

Only what can be said shortly is: literal words, groups and alternatives of them, figures of a fixed number.
A layout says in its own words (``says``) what any other pattern accepts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import product

from ingest.contract import Code, Field, code_list
from ingest.profile import FieldSource

MAX_WORDS = 24
ANY_TEXT = (".",)  # the last of a match: nothing is left that it does not take
UNSAID = ("版式所列的写法", "what the layout reads")  # of a layout that nothing was checked of
# Stands for one figure while words are put together; no text of an office holds it.
_FIGURE = "\ue000"
_GAP = "…"
_TOKEN = re.compile(
    r"(?P<figure>\[0-9\]|\\d)|(?P<one_of>\[[^\]\\^-]+\])|(?P<open>\((?:\?:|\?P<\w+>)?(?!\?))|(?P<close>\))"
    r"|(?P<either>\|)|(?P<times>\{[0-9]+\}\??)|(?P<maybe>\?\??)|(?P<gap>\.\*)|(?P<edge>[\^$])"
    r"|(?P<escaped>\\[^\w\s])|(?P<literal>[^\\\[\](){}|?*+.^$])"
)
Words = list[str]


class _UnsayableError(Exception):
    """The pattern accepts more than a few words."""


@cache
def words_of(pattern: str) -> tuple[str, ...] | None:
    """The words that the pattern accepts, figures as NNN; None where that cannot be said shortly."""
    tokens, end = [], 0
    for match in _TOKEN.finditer(pattern):
        if match.start() != end:
            return None
        tokens.append((str(match.lastgroup), match.group()))
        end = match.end()
    if end != len(pattern):
        return None
    try:
        words, rest = _alternatives(tokens)
    except _UnsayableError:
        return None
    return None if rest else tuple(dict.fromkeys(words))


def said_in_words(words: Sequence[str]) -> tuple[str, str]:
    """A few words in Chinese and in English: figures by their number, nothing as left blank."""
    zh, en = zip(*map(_said, sorted(words, key=len)), strict=True)
    return "、".join(dict.fromkeys(zh)), ", ".join(dict.fromkeys(en))


def is_sayable(source: FieldSource) -> bool:
    """Whether what a layout looks for in a column can be said without words of its own."""
    patterns = [pattern for pattern, _ in source.match if pattern not in ANY_TEXT]
    return all(words_of(pattern) is not None for pattern in (*patterns, source.pattern or ""))


def said_of_match(field: Field, source: FieldSource) -> tuple[str, str]:
    """What a column must say for the layout to tell the code by it, with what each is taken for."""
    if source.says:
        return source.says
    codes = {code.code: code for code in code_list(field.code_list)} if field.code_list else {}
    meant: dict[tuple[str, str], list[Code]] = {}
    for pattern, value in source.match:
        words = words_of(pattern)
        if words is not None:
            meant.setdefault(said_in_words(words), []).extend([codes[value]] if value in codes else [])
    is_told_apart = len({value for _, value in source.match}) > 1
    zh = "；".join(
        said + _named([c.name_zh for c in own], "（{}）", "、", is_told_apart)
        for (said, _), own in meant.items()
    )
    en = "; ".join(
        said + _named([c.name_en for c in own], " ({})", ", ", is_told_apart)
        for (_, said), own in meant.items()
    )
    is_whole = all(pattern.startswith("^") and pattern.endswith("$") for pattern, _ in source.match)
    return (f"为：{zh}", f"to be: {en}") if is_whole else (f"含有：{zh}", f"to contain: {en}")


def said_of_pattern(source: FieldSource) -> tuple[str, str]:
    """What a column must look like for the layout to read it."""
    words = words_of(source.pattern or "")
    if source.says or words is None:
        return source.says or UNSAID
    return said_in_words(words)


def _named(names: Sequence[str], brackets: str, between: str, is_shown: bool) -> str:
    return brackets.format(between.join(names)) if names and is_shown else ""


def _said(word: str) -> tuple[str, str]:
    if not word:
        return "留空", "blank"
    if word[0] == _FIGURE and set(word) <= {_FIGURE, *"0123456789"}:
        return f"{len(word)} 位数字", f"{len(word)} digits"
    shown = word.replace(_FIGURE, "N")
    note = ("（N 为数字）", " (N is a digit)") if _FIGURE in word else ("", "")
    return f"“{shown}”{note[0]}", f"“{shown}”{note[1]}"


def _alternatives(tokens: list[tuple[str, str]]) -> tuple[Words, list[tuple[str, str]]]:
    """Words up to the end of a group, and the tokens after it."""
    found: Words = []
    while True:
        words, tokens = _sequence(tokens)
        found += words
        if not tokens or tokens[0][0] != "either":
            return found, tokens
        tokens = tokens[1:]


def _sequence(tokens: list[tuple[str, str]]) -> tuple[Words, list[tuple[str, str]]]:
    words: Words = [""]
    while tokens and tokens[0][0] not in ("either", "close"):
        part, tokens = _atom(tokens)
        words = ["".join(both) for both in product(words, part)]
        if len(words) > MAX_WORDS:
            raise _UnsayableError
    return words, tokens


def _atom(tokens: list[tuple[str, str]]) -> tuple[Words, list[tuple[str, str]]]:
    (kind, text), rest = tokens[0], tokens[1:]
    if kind == "open":
        part, rest = _alternatives(rest)
        if not rest:
            raise _UnsayableError
        rest = rest[1:]
    elif kind in ("times", "maybe"):
        raise _UnsayableError
    else:
        part = _simple(kind, text)
    return _repeated(part, rest)


def _simple(kind: str, text: str) -> Words:
    if kind == "one_of":
        return list(text[1:-1])
    return [{"figure": _FIGURE, "gap": _GAP, "edge": "", "escaped": text[-1]}.get(kind, text)]


def _repeated(part: Words, rest: list[tuple[str, str]]) -> tuple[Words, list[tuple[str, str]]]:
    if rest and rest[0][0] == "times":
        return ["".join(part[:1]) * int(rest[0][1].strip("{}?"))], rest[1:]
    if rest and rest[0][0] == "maybe":
        return [*part, ""], rest[1:]
    return part, rest
