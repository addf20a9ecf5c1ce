"""Real files of other places into the landing folder: which files, and as what, is data."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from ingest.sample.district import DATA_DIR
from ingest.sample.files import hand_in


@dataclass(frozen=True)
class Delivery:
    """One file to be landed under one record."""

    source: Path
    record: str
    place: str
    handed_in: datetime


def deliveries(source: Path) -> Iterator[Delivery]:
    """The files of ``data/real_places.yaml`` that the source folder holds, earliest edition first."""
    document = yaml.safe_load((DATA_DIR / "real_places.yaml").read_text(encoding="utf-8"))
    found = [
        Delivery(path, record, entry["place"], _handed_in(entry, path))
        for entry in document["places"]
        for path in source.glob(entry["files"])
        for record in entry["records"]
    ]
    return iter(sorted(found, key=lambda d: (d.handed_in, d.place, d.source.name, d.record)))


def _handed_in(entry: dict[str, Any], path: Path) -> datetime:
    day: date = entry["handed_in"]
    if "edition" in entry:
        edition = re.search(entry["edition"], path.name)
        if edition is None:
            raise ValueError(f"{path.name}: no edition by the pattern {entry['edition']}")
        day = day.replace(year=int(edition.group(1)))
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def land_real_places(source: Path, landing: Path) -> list[Path]:
    """Copy the files to ``landing/<record>/<place>/``; the landed paths, earliest first.

    A landed file that has the size and time of its source's delivery is left as it is, so landing twice
    changes nothing. FileNotFoundError when the source holds none of the files.
    """
    landed = []
    for delivery in deliveries(source):
        target = landing / delivery.record / delivery.place / delivery.source.name
        if not _is_landed(delivery, target):
            _copy(delivery, target)
        landed.append(target)
    if not landed:
        raise FileNotFoundError(f"none of the listed files of other places is in {source}")
    return landed


def _is_landed(delivery: Delivery, target: Path) -> bool:
    if not target.is_file():
        return False
    there = target.stat()
    return (
        there.st_size == delivery.source.stat().st_size and there.st_mtime == delivery.handed_in.timestamp()
    )


def _copy(delivery: Delivery, target: Path) -> None:
    hand_in(target, delivery.handed_in, lambda part: shutil.copyfile(delivery.source, part))
