"""Where the header of a table stands, by the headers its profile asks for, or how near one comes."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.chunks import Preview, SheetHeader
from ingest.drift.compare import Drift, compare
from ingest.each_header import found_in_headers, shown_each
from ingest.profile import Profile, names_header, normal_header

NUMBER = re.compile(r"[0-9][0-9,.]*")
NEAR_SHARE = 0.5  # of the headers asked for: above it a layout is meant, and has changed


@dataclass(frozen=True)
class Near:
    """How near a profile came to a file it does not recognise."""

    profile: Profile
    share: float
    missing: tuple[tuple[str, ...], ...]
    sheet: str
    row: int
    names: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()  # below its header
    height: int = 1

    @property
    def is_changed(self) -> bool:
        """Whether the layout is meant: most of its headers are there, not all."""
        return NEAR_SHARE < self.share < 1 and bool(self.names)

    def drift(self) -> Drift:
        """In what the sheet differs from the layout."""
        header = SheetHeader(self.sheet, self.names, self.row + self.height - 1)
        return Drift(self.profile, tuple(compare(self.profile, header, self.rows)), (self.names,))


def find_header(profile: Profile, preview: Preview) -> SheetHeader | Near | None:
    """The header of a sheet, or how near one comes.

    Of several heights the highest is meant, and of windows that follow each other the last: with less, a row
    of the header would be taken for data.
    """
    best: Near | None = None
    for height in profile.header_rows:
        found: SheetHeader | None = None
        for first in range(len(preview.rows)):
            names, missing = _missing_headers(profile, preview, first, height)
            if not missing:
                found = SheetHeader(preview.sheet, names, first + height, preview.caption(first), height)
                if height == 1:
                    return found
            elif found is not None:
                return found
            share = 1 - len(missing) / len(_all_required(profile))
            if best is None or share > best.share:
                below = preview.rows[first + height :]
                best = Near(profile, share, missing, preview.sheet, first + 1, names, below, height)
        if found is not None:
            return found
    return best


def _missing_headers(
    profile: Profile, preview: Preview, first: int, height: int
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Names of the columns under a header at a place, and what of the required is not among them."""
    if height > 1 and _holds_figures(preview, first + height - 1):
        return (), _all_required(profile)
    names = preview.header(first, height)
    have = preview.compared(first, height, profile.header_forms)
    wanted = (([normal_header(h) for h in headers], headers) for headers in profile.required)
    missing = tuple(headers for ways, headers in wanted if not _is_there(ways, have))
    if profile.each_header and not found_in_headers(profile.each_header, names):
        missing = (*missing, (shown_each(profile),))
    return names, missing


def _all_required(profile: Profile) -> tuple[tuple[str, ...], ...]:
    """The headers that must be there, each in one of its ways, and what must be found in some header."""
    return (*profile.required, *(((profile.each_header,),) if profile.each_header else ()))


def _is_there(wanted: Sequence[str], have: frozenset[str]) -> bool:
    plain = have.intersection(wanted)
    return bool(plain) or any(names_header(one, header) for one in wanted if "*" in one for header in have)


def _holds_figures(preview: Preview, row: int) -> bool:
    """Whether a row is no part of a header: it has a cell of nothing but digits, or is not there."""
    return row >= len(preview.rows) or any(NUMBER.fullmatch(cell.strip()) for cell in preview.rows[row])


def closest_of(near: Sequence[Near]) -> Near | None:
    """What fits best; of records that share their first columns, that from which the file differs least."""

    def rank(one: Near) -> tuple[float, bool]:
        return one.share, one.profile.follows_contract

    best = max(map(rank, near), default=None)
    equal = [one for one in near if rank(one) == best]
    if len(equal) < 2 or not equal[0].share:
        return equal[0] if equal else None
    return min(equal, key=lambda one: len(one.drift().differences) if one.is_changed else sys.maxsize)
