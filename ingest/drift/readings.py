"""In which way a file is read: as its profile says, else as an accepted layout says, else it is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ingest.drift.accepted_layouts import Accepted, read_with
from ingest.drift.codes import Pair
from ingest.drift.compare import Difference, Drift, compare, layout_key
from ingest.drift.held import HeldFileError
from ingest.hand_back.returned_marks import check_is_no_return
from ingest.opener import Opener
from ingest.profile import Profile
from ingest.readers import Recognised, nearest, profile_named, profiles_by_rank, recognise, recognised_with

Result = TypeVar("Result")


class OutsideYearsError(Exception):
    """Rolls a reading back: the file is of years for which its layout is not accepted."""


@dataclass(frozen=True)
class Terms:
    """On which terms a file is read. ``codes`` hold it however few they are, ``is_last`` records the hold,
    ``outside`` names the years for which its layout is accepted and that are not its own."""

    accepted: Accepted | None = None
    codes: frozenset[Pair] = frozenset()
    is_last: bool = True
    outside: tuple[str, ...] = ()


Read = Callable[[Recognised, Terms], Result]


def read_in_order(opener: Opener, record: str, accepted: Sequence[Accepted], read: Read[Result]) -> Result:
    """What ``read`` makes of the file as its profile says; where that holds it, as accepted.

    HeldFileError: it differs, and nothing that is accepted covers that.
    """
    codes = frozenset((field, text) for a in accepted for field, text, _ in a.codes)
    try:
        plain = recognise_or_hold(opener, record)
        return read(plain, Terms(codes=codes, is_last=not accepted))
    except HeldFileError as held:
        outside: list[str] = []
        for reading, layout in fitting(opener, accepted):
            try:
                return read(reading, Terms(layout, is_last=False))
            except OutsideYearsError:
                outside.append(layout.years)
            except HeldFileError:  # what is new beside what was accepted
                return read(reading, Terms(layout))
        if not accepted or held.is_by_headers:
            raise held.beyond(outside) from None
    return read(plain, Terms(outside=tuple(outside)))


def recognise_or_hold(opener: Opener, record: str) -> Recognised:
    """The file as the profile that fits it best says. HeldFileError when it differs from the profile.

    Of profiles that nearly fit, the one is meant from which least differs; in doubt the more special.
    """
    recognised = recognise(opener, record)
    check_is_no_return(opener.snapshot.path.name, recognised, opener)
    own = sheet_drift(opener, recognised)
    if not own.held:
        return recognised
    near = nearest(opener, profiles_by_rank(record, recognised.profile))
    best = min([own, *near], key=lambda drift: (len(drift.held), [-int(part) for part in drift.profile.rank]))
    raise HeldFileError(opener.snapshot, best)


def sheet_drift(opener: Opener, recognised: Recognised) -> Drift:
    """In what the sheets of a file differ from the profile that knows them, those included that it nearly
    knows, of which every missing column seems to be there under another name: they would be passed over."""
    known = _known_sheets(recognised)
    near = nearest(opener, [recognised.profile]) if recognised.sheets else []
    near = [d for d in near if all(g.proposal for g in d.held if g.kind == "gone" and g.is_required)]
    differences = [difference for drift in (known, *near) for difference in drift.differences]
    layouts = [names for drift in (known, *near) for names in drift.layouts]
    return Drift(recognised.profile, tuple(differences), tuple(layouts))


def _known_sheets(recognised: Recognised) -> Drift:
    differences: list[Difference] = []
    layouts = []
    for sheet in recognised.sheets:
        if compare(recognised.profile, sheet, ()):
            previews = recognised.source.previews()
            rows = next(p.rows[sheet.end_row :] for p in previews if p.sheet == sheet.sheet)
            differences += compare(recognised.profile, sheet, rows)
            layouts.append(sheet.names)
    return Drift(recognised.profile, tuple(differences), tuple(layouts))


def fitting(opener: Opener, accepted: Sequence[Accepted]) -> Iterator[tuple[Recognised, Accepted]]:
    """The accepted layouts that the file has, each with the file as it is then read."""
    for layout in accepted:
        profile = profile_named(layout.profile)
        if profile is None:  # taken out since
            continue
        found = recognised_with(opener, read_with(profile, layout))
        if found is not None and _fits(opener, found, profile, layout):
            yield found, layout


def _fits(opener: Opener, found: Recognised, profile: Profile, layout: Accepted) -> bool:
    """Every sheet has either a layout that was accepted, or one that needs no acceptance."""
    if sheet_drift(opener, found).held:
        return False
    if not layout.layouts:
        return True
    other = [sheet for sheet in found.sheets if layout_key(sheet.names) not in layout.keys]
    plain = replace(found, profile=profile, sheets=tuple(other))
    return len(other) < len(found.sheets) and not _known_sheets(plain).held
