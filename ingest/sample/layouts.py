"""What the writers of real layouts share: a file, where it is handed in, and what it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LayoutFile:
    """One file of a real layout; ``path`` is below the landing folder."""

    path: str
    write: Callable[[Path], object]
