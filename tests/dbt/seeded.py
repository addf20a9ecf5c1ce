"""Cases drawn from a seed, the same in every run.

Hypothesis draws others as soon as another module is imported, even derandomized: of rare cases there would
now be enough for a test, now too few.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeVar

Case = TypeVar("Case")
SEED = 20260925


def drawn(count: int, one: Callable[[Random], Case]) -> list[Case]:
    """So many different cases, in the order in which they are first drawn."""
    random = Random(SEED)
    found: dict[str, Case] = {}
    while len(found) < count:
        case = one(random)
        found.setdefault(repr(case), case)
    return list(found.values())
