"""Drift: in what the columns of a file differ from those that its profile knows, and whether that holds it.

What holds a file: a required column that is not there, and a column that looks like a missing one by its
name or by its place and content. Where a profile says which other columns its source has (``other_headers``),
any column more or less holds the file; our own templates, in which a clerk leaves columns out and adds notes,
and ledgers that offices keep in their own way are not closed so. The order of columns never holds a file.
Only the profile and the file decide, so the same bytes are judged alike in any order of arrival.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Literal

import pyarrow as pa

from ingest.chunks import SheetHeader, column_letter
from ingest.contract import Field, contracts
from ingest.each_header import blocks_for, repeated_blocks
from ingest.profile import ANY_HEADER, FieldSource, Profile, names_header, normal_header
from ingest.profile_files import contract_fallback

Kind = Literal["gone", "new", "moved", "code", "form"]
SIMILAR = 0.6  # share of the letters in common above which two headers may be one
SHORTEST_PART = 2  # letters of a header that stands whole in the other one
PLAUSIBLE = 0.8  # share of the sample that a field can hold


@dataclass(frozen=True)
class Difference:
    """One thing in which a file differs. ``header`` is the layout's for what is gone, else the file's."""

    kind: Kind
    is_held: bool
    header: str
    sheet: str = ""
    column: str | None = None  # where it stands now
    before: str | None = None  # where it stood in the file read last
    field_name: str | None = None
    is_required: bool = False
    proposal: str | None = None  # of what is gone: the new header that may be it; never applied by itself
    value: str | None = None  # the code that is on no list
    rows: int | None = None  # rows with that code; workbooks with that form
    found: str | None = None  # of a form: what stands there instead


@dataclass(frozen=True)
class Drift:
    """The differences of one file from one profile. ``layouts`` are the headers of its sheets that differ."""

    profile: Profile
    differences: tuple[Difference, ...]
    layouts: tuple[tuple[str, ...], ...] = ()

    @property
    def held(self) -> tuple[Difference, ...]:
        """What must be decided before the file is read."""
        return tuple(d for d in self.differences if d.is_held)


@dataclass(frozen=True)
class _Slot:
    """A column that a layout has: the headers under which it may stand, and the field it feeds."""

    headers: tuple[str, ...]
    field: Field | None
    source: FieldSource | None
    is_required: bool
    is_idle: bool = False  # of an optional block that the sheet does without

    def names(self) -> set[str]:
        return {normal_header(header) for header in self.headers}

    def has(self, forms: set[str]) -> bool:
        """Whether one of the ways in which a header is compared is this column's."""
        return _is_known(self.names(), forms)


def _is_known(known: set[str], forms: set[str]) -> bool:
    return bool(known & forms) or any(
        names_header(one, form) for one in known if "*" in one for form in forms
    )


def layout_key(names: Sequence[str]) -> str:
    """A layout as it is told apart: its headers, in whatever order they stand."""
    return "|".join(sorted(normal_header(name) for name in names if name))


def compare(profile: Profile, header: SheetHeader, rows: Sequence[Sequence[str]]) -> list[Difference]:
    """In what a sheet differs from the profile; ``rows`` are some of its first data rows."""
    there = {c: profile.header_forms(name) for c, name in enumerate(header.names) if name}
    slots = list(_slots(profile, header.names))
    missing = [slot for slot in slots if not any(slot.has(forms) for forms in there.values())]
    known = {normal_header(h) for h in _known_headers(profile)}.union(*(s.names() for s in slots))
    strange = [c for c, forms in there.items() if not _is_known(known, forms)]
    strange = [c for c in strange if not _is_other(profile, header.names[c])]
    # A clerk who writes the school's name beside its code has renamed nothing.
    likely = [c for c in strange if not (profile.follows_contract and _is_a_name(header.names[c]))]
    guesses = _proposals(profile, slots, missing, header, likely, rows)
    gone = [_gone(profile, header, slot, guesses.get(slot)) for slot in missing]
    return [d for d in gone if d] + [
        _new(profile, header, column, column in guesses.values()) for column in strange
    ]


def expected_headers(profile: Profile) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The columns of a layout in its order: the headers of each, and whether it must be there."""
    for slot in _slots(profile, ()):
        yield slot.headers, slot.is_required


def _gone(profile: Profile, header: SheetHeader, slot: _Slot, column: int | None) -> Difference | None:
    if slot.is_idle and column is None:
        return None
    lacking = profile.ignored if column is not None else (*profile.ignored, *profile.sometimes)
    if not slot.is_required and slot.names() & {normal_header(h) for h in lacking}:
        return None
    proposal = None if column is None else header.names[column]
    return Difference(
        "gone",
        slot.is_required or proposal is not None or _is_closed(profile),
        slot.headers[0],
        header.sheet,
        field_name=slot.field.name if slot.field else None,
        is_required=slot.is_required,
        proposal=proposal,
    )


def _new(profile: Profile, header: SheetHeader, column: int, is_proposed: bool) -> Difference:
    place = column_letter(column)
    return Difference(
        "new", is_proposed or _is_closed(profile), header.names[column], header.sheet, column=place
    )


def _is_closed(profile: Profile) -> bool:
    return not profile.follows_contract and profile.other_headers is not None


def _slots(profile: Profile, names: Sequence[str]) -> Iterator[_Slot]:
    """Every column that feeds a field or by which the profile knows a file, once each."""
    seen: set[tuple[str, ...]] = set()
    for slot in (*_field_slots(profile, names), *_mark_slots(profile)):
        key = tuple(sorted(slot.names()))
        if key not in seen:
            seen.add(key)
            yield slot


def _field_slots(profile: Profile, names: Sequence[str]) -> Iterator[_Slot]:
    singles = {normal_header(group[0]) for group in profile.required if len(group) == 1}
    blocks = repeated_blocks(profile, names) if names else profile.blocks
    read = {block.number for block in blocks_for(profile, names)} if names else set()
    for block in blocks:
        is_idle = block.is_optional and block.number not in read
        for field in profile.contract.stored_fields:
            source = block.sources.get(field.name)
            if source is None:
                continue
            if source.headers:
                is_mark = len(source.headers) == 1 and normal_header(source.headers[0]) in singles
                is_required = (field.required and not _is_elsewhere(profile, field, source)) or is_mark
                yield _Slot(source.headers, field, source, is_required and not is_idle, is_idle)
            for part in (*source.join, *source.sum):
                yield _Slot((part,), field if source.sum else None, None, not is_idle, is_idle)


def _is_elsewhere(profile: Profile, field: Field, source: FieldSource) -> bool:
    """Whether a field may do without a column: what the sheet says above it, a register, a count, a rule."""
    own = contract_fallback(field.name) if profile.follows_contract else None
    is_counted = profile.counted is not None and field.name in ("stage", "students")
    return own is not None or is_counted or bool(source.registered or source.caption)


def _mark_slots(profile: Profile) -> Iterator[_Slot]:
    if not profile.follows_contract:
        yield from (_Slot(group, None, None, True) for group in profile.required)


def _known_headers(profile: Profile) -> Iterator[str]:
    """Headers that are no news though no stored field reads them."""
    # A rule on rows whatever the column says nothing of columns.
    yield from (rule.header for rule in profile.skip_rows if rule.header != ANY_HEADER)
    yield from (header for rule in profile.set_aside for header in (rule.header, *rule.needs))
    for block in profile.blocks:
        yield from (header for source in block.sources.values() for header in source.registered)
    for field in profile.contract.fields:
        if not field.is_stored:
            yield from field.headers


def _is_other(profile: Profile, name: str) -> bool:
    normal = normal_header(name)
    is_known = any(re.fullmatch(p, normal, re.IGNORECASE) for p in profile.other_headers or ())
    return is_known or normal in map(normal_header, profile.ignored)


def _is_a_name(header: str) -> bool:
    """Whether some record has a name under this header: of a school, a place, a project."""
    return normal_header(header) in _names()


@cache
def _names() -> frozenset[str]:
    fields = (f for contract in contracts().values() for f in contract.fields if f.name.endswith("_name"))
    return frozenset(normal_header(header) for field in fields for header in field.headers)


def _proposals(
    profile: Profile,
    slots: Sequence[_Slot],
    missing: Sequence[_Slot],
    header: SheetHeader,
    strange: Sequence[int],
    rows: Sequence[Sequence[str]],
) -> dict[_Slot, int]:
    """For columns that are gone, the new one that may be each: the likest first, none for two."""
    forms = {c: profile.header_forms(name) for c, name in enumerate(header.names) if name}
    places = [next((c for c, own in forms.items() if slot.has(own)), None) for slot in slots]
    present = {
        h for slot, place in zip(slots, places, strict=True) if place is not None for h in slot.headers
    }
    scored = []
    for slot in missing:
        for column in strange:
            alike = max(likeness(header.names[column], h) for h in slot.headers)
            fits = _fits(profile, slot, [row[column] for row in rows if column < len(row)])
            is_seated = _is_seated(places, slots.index(slot), column) and _may_be_of_group(
                slot, header.names[column]
            )
            if slot.is_idle and not _is_nearest(slot, header.names[column], present):
                continue
            if (alike >= SIMILAR and fits is not False) or (is_seated and fits):
                scored.append((alike + is_seated, slots.index(slot), column, slot))
    found: dict[_Slot, int] = {}
    for _, _, column, slot in sorted(scored, key=lambda s: (-s[0], s[1], s[2])):
        if slot not in found and column not in found.values():
            found[slot] = column
    return found


@lru_cache(maxsize=1 << 14)  # the same few labels stand in every workbook
def likeness(first: str, second: str) -> float:
    """How much two headers or labels are alike, from 0 to 1."""
    a, b = sorted((normal_header(first), normal_header(second)), key=len)
    if len(a) >= SHORTEST_PART and a in b:
        return 1.0
    return _shared_letters(a, b)


def _shared_letters(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _is_nearest(slot: _Slot, name: str, present: set[str]) -> bool:
    """Whether a new column is more like one that the sheet may do without than like any that is there: a
    place of its own such a column has not."""
    new = normal_header(name)
    own = max(_shared_letters(new, normal_header(header)) for header in slot.headers)
    return own >= SIMILAR and all(own > _shared_letters(new, normal_header(other)) for other in present)


def _is_seated(places: Sequence[int | None], slot: int, column: int) -> bool:
    """Whether a new column stands where the missing one would: next to what is before or after it."""
    before = next((p for p in reversed(places[:slot]) if p is not None), None)
    after = next((p for p in places[slot + 1 :] if p is not None), None)
    is_between = (before is None or before < column) and (after is None or column < after)
    return is_between and (before == column - 1 or after == column + 1)


def _may_be_of_group(slot: _Slot, name: str) -> bool:
    """Whether a new column stands in the group of the missing one: a rename carries it into no other."""
    own = normal_header(name).rpartition("/")[0]
    groups = {normal_header(header).rpartition("/")[0] for header in slot.headers}
    return not own or "" in groups or own in groups


def _fits(profile: Profile, slot: _Slot, texts: Sequence[str]) -> bool | None:
    """Whether the sample can be what the field holds; None when that shows nothing: free text, no sample."""
    from ingest.values import convert  # it needs the codes, which most comparisons do not

    present = sorted({text for text in texts if text.strip() not in ("", *profile.null_tokens)})
    field = slot.field
    is_free = field is None or (
        field.logical_type == "string" and not field.code_list and not field.pattern and not _maps(slot)
    )
    if not present or field is None or is_free or field.on_read:
        return None
    typed = convert(replace(field, required=False), slot.source or FieldSource(), pa.array(present), ())
    return float((typed.fault == 0).mean()) >= PLAUSIBLE


def _maps(slot: _Slot) -> bool:
    return slot.source is not None and bool(slot.source.codes or slot.source.match)


def moves(header: SheetHeader, former: dict[str, str]) -> list[Difference]:
    """Known columns that stand elsewhere than in the file read last: read right, and told.

    ``former`` maps a header as it is compared to the column where it stood.
    """
    found = []
    for column, name in enumerate(header.names):
        before, now = former.get(normal_header(name)), column_letter(column)
        if name and before not in (None, now):
            found.append(Difference("moved", False, name, header.sheet, column=now, before=before))
    return found
