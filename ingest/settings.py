"""Where things are and what the environment says. Every setting is a ``JUNHENG_`` variable."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
CONTRACTS_DIR = PROJECT_ROOT / "ingest" / "contracts"
PROFILES_DIR = PROJECT_ROOT / "ingest" / "profiles"
FORMS_DIR = PROJECT_ROOT / "ingest" / "forms"
DBT_DIR = PROJECT_ROOT / "dbt_project"
SEEDS_DIR = DBT_DIR / "seeds"
DAGS_DIR = PROJECT_ROOT / "dags"


def home() -> Path:
    """Folder for everything the machine makes (database, logs, keys); git-ignored by default."""
    return Path(os.environ.get("JUNHENG_HOME", PROJECT_ROOT / ".junheng")).resolve()


def landing_dir() -> Path:
    """Folder into which files are dropped, one sub-folder a record."""
    return Path(os.environ.get("JUNHENG_LANDING", PROJECT_ROOT / "landing")).resolve()


def database_url_from_environment() -> str | None:
    """The warehouse's address when it is not the embedded database, else None."""
    return os.environ.get("JUNHENG_DATABASE_URL") or None


def alert_webhook() -> str | None:
    """Address that is told of failures, else None."""
    return os.environ.get("JUNHENG_ALERT_WEBHOOK") or None


def reader_seconds() -> float:
    """How long the reader may work on a part of a workbook before the file is refused."""
    return float(os.environ.get("JUNHENG_READER_SECONDS") or 120)


def reader_memory_mb() -> int:
    """How much memory the reading of one workbook may take before the file is refused."""
    return int(os.environ.get("JUNHENG_READER_MEMORY_MB") or 2048)


def max_file_mb() -> int:
    """How large a file may be before it is refused unread: its copy must find room on the disk."""
    return int(os.environ.get("JUNHENG_MAX_FILE_MB") or 4096)


def private_file(name: str) -> Path:
    """A file in the home folder that only its owner may read (keys, passwords)."""
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name
