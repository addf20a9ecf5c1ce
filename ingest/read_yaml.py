"""Reading the project's own YAML files: contracts, profiles, form layouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# The same language either way; libyaml reads it ten times as fast, and every process begins by reading.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """What one YAML file holds."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  owner: maintainers; a safe loader either way
