"""Codes that are on no list: counted while the rows pass; several rows with the same one are a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import numpy as np

from ingest.drift.compare import Difference
from ingest.profile import Profile
from ingest.values import Typed, normal_code

HELD_ROWS = 3  # fewer may be slips of the pen: their rows are set aside as they ever were
HELD_ROWS_OF_PERSONS = 10  # a text that fewer persons share is never repeated
NewCode = tuple[str, str, str]  # field, header, text
Pair = tuple[str, str]  # field, text


def count_codes(
    counter: Counter[NewCode], field_name: str, header: str, typed: Typed, indices: np.ndarray | None
) -> None:
    """Add the rows of one column whose text is on no code list."""
    for number, fault in enumerate(typed.faults, start=1):
        if fault.rule == "unknown_code" and indices is not None:
            rows = np.bincount(indices, minlength=len(typed.fault))
            for at in np.flatnonzero(typed.fault == number):
                counter[field_name, header, str(typed.found[int(at)].as_py()).strip()] += int(rows[at])


def code_differences(
    profile: Profile, counter: Counter[NewCode], accepted: Collection[Pair] = ()
) -> list[Difference]:
    """New codes, the commonest first; those of ``accepted`` are held whatever their number of rows."""
    known = {(f, _normal(t)) for f, t in profile.no_codes}
    wanted = {(f, _normal(t)) for f, t in accepted}
    least = HELD_ROWS_OF_PERSONS if profile.contract.is_about_persons else HELD_ROWS
    found = []
    for (field, header, text), rows in sorted(counter.items(), key=lambda item: (-item[1], item[0])):
        pair = (field, _normal(text))
        is_few = profile.contract.is_about_persons and rows < least and pair not in wanted
        if pair in known or not rows or is_few:
            continue
        is_held = rows >= least or pair in wanted
        found.append(Difference("code", is_held, header, field_name=field, value=text, rows=rows))
    return found


def _normal(text: str) -> str:
    import pyarrow as pa

    return str(normal_code(pa.array([text], pa.string()))[0].as_py())
