"""Layouts whose columns repeat by year, subject or town: the header itself says how often.

A profile names in ``each_header`` a pattern whose group is what differs; ``{each}`` in its headers stands for
what was found. A table with one year more is read without a new profile, and one block is one text found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.profile import EACH, Block, FieldSource, Profile, names_header, normal_header

MAX_BLOCK = 32_767  # what a smallint holds


def found_in_headers(pattern: str, names: Sequence[str]) -> tuple[str, ...]:
    """What the pattern's group finds in the headers, each once, in their order."""
    found = (re.search(pattern, normal_header(name)) for name in names)
    return tuple(dict.fromkeys(match.group(1) for match in found if match))


def shown_each(profile: Profile) -> str:
    """The first of the headers that are looked for, as a message shows it: 2021年学时 as …年学时."""
    headers = (
        header
        for block in profile.blocks
        for source in block.sources.values()
        for header in source.headers
        if EACH in header
    )
    return next(headers).replace(EACH, "…")


def blocks_for(profile: Profile, names: Sequence[str]) -> tuple[Block, ...]:
    """The blocks that a sheet has: without the optional ones of which no column is there."""
    blocks = repeated_blocks(profile, names)
    if not any(block.is_optional for block in blocks):
        return blocks
    there = {form for name in names if name for form in profile.header_forms(name)}
    return tuple(block for block in blocks if not block.is_optional or _is_there(block, there)) or blocks


def _is_there(block: Block, there: set[str]) -> bool:
    wanted = [normal_header(header) for header in block.columns]
    return any(names_header(one, form) for one in wanted for form in there)


def repeated_blocks(profile: Profile, names: Sequence[str]) -> tuple[Block, ...]:
    """The profile's blocks, repeated for each text found; themselves where nothing is repeated."""
    if profile.each_header is None:
        return profile.blocks
    found = found_in_headers(profile.each_header, names)
    return tuple(
        replace(
            block,
            number=_number(text, place, len(profile.blocks)) + block.number,
            sources={name: _of(source, text) for name, source in block.sources.items()},
        )
        for place, text in enumerate(found)
        for block in profile.blocks
    )


def _number(text: str, place: int, blocks: int) -> int:
    """A year numbers its blocks itself, so that two sheets with other years do not share them."""
    is_year = text.isascii() and text.isdigit() and len(text) == 4
    number = (int(text) if is_year else place) * blocks
    return number if number + blocks <= MAX_BLOCK else place * blocks


def _of(source: FieldSource, text: str) -> FieldSource:
    if source.each:
        return replace(source, each=False, constant=text)
    return replace(
        source,
        headers=tuple(header.replace(EACH, text) for header in source.headers),
        match=tuple((pattern, value.replace(EACH, text)) for pattern, value in source.match),
    )
