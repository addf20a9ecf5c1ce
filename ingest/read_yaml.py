"""Reading the project's own YAML files: contracts, profiles, form layouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# The same language either way; libyaml reads it ten times as fast, and every process begins by reading.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """What one YAML file holds."""
    loader = _LOADER(path.read_text(encoding="utf-8"))
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()
