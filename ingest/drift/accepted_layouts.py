"""Layouts that somebody looked at and accepted: what they change in a profile, for which years, by whom.

An acceptance stands in ``ops.accepted_layout`` and is never altered, only withdrawn; what is accepted now is
part of the fingerprint by which a refused file is judged anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from ingest import profile_files
from ingest.contract import Contract, Field
from ingest.database import ORIGIN_COLUMNS, connect
from ingest.drift.compare import layout_key
from ingest.forms.layout import CellSpec, FormLayout
from ingest.profile import FieldSource, Profile, SkipRule, normal_header


@dataclass(frozen=True)
class Accepted:
    """One accepted layout. ``layouts`` are the headers it was accepted for (none: only codes, any layout)."""

    layout_id: UUID
    profile: str
    record: str
    layouts: tuple[tuple[str, ...], ...]
    renames: tuple[tuple[str, str], ...]  # (header of the layout, header of the file)
    ignored: tuple[str, ...]  # headers that are gone, or that no field reads
    codes: tuple[tuple[str, str, str], ...]  # (field, text in the file, code; empty: known as none)
    cells: tuple[tuple[str, Mapping[str, Any]], ...]  # (cell of a form, what is said of it now)
    year_from: int
    year_to: int | None
    accepted_by: str
    accepted_at: datetime
    file_name: str
    file_sha256: str
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def keys(self) -> frozenset[str]:
        """The layouts as they are compared."""
        return frozenset(layout_key(names) for names in self.layouts)

    @property
    def years(self) -> str:
        """The years for which it is accepted."""
        return f"{self.year_from}–{'' if self.year_to is None else self.year_to}"

    def covers(self, years: Iterable[int]) -> bool:
        """Whether all these years are accepted."""
        return all(self.year_from <= y and (self.year_to is None or y <= self.year_to) for y in years)

    def overlaps(self, other: Accepted) -> bool:
        """Whether a year is in both."""
        last, other_last = (9999 if a.year_to is None else a.year_to for a in (self, other))
        return self.year_from <= other_last and other.year_from <= last


_COLUMNS = (
    "layout_id, profile, record, layouts, renames, ignored, codes, cells, year_from, year_to, accepted_by, "
    "accepted_at, file_name, file_sha256, withdrawn_by, withdrawn_at"
)


def _accepted(row: Mapping[str, Any]) -> Accepted:
    lists = ("layouts", "renames", "codes", "cells")
    pairs = {name: tuple(tuple(entry) for entry in row[name]) for name in lists}
    return Accepted(**{**row, **pairs, "ignored": tuple(row["ignored"])})


def all_accepted(connection: psycopg.Connection, name: str | None = None) -> list[Accepted]:
    """Every acceptance, the withdrawn ones too, of all profiles or of one; the latest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"select {_COLUMNS} from ops.accepted_layout "  # noqa: S608  owner: maintainers; a constant of this module, no end
            "where %(name)s::text is null or profile = %(name)s order by layout_number desc",
            {"name": name},
        ).fetchall()
    return [_accepted(row) for row in rows]


def active(connection: psycopg.Connection, record: str) -> list[Accepted]:
    """What is accepted now for the profiles of a record, the latest first."""
    return [a for a in all_accepted(connection) if a.record == record and a.withdrawn_at is None]


def active_of(record: str) -> list[Accepted]:
    """The same on a connection of its own."""
    with connect("junheng_loader") as connection:
        return active(connection, record)


def reader_fingerprint(record: str, connection: psycopg.Connection) -> str:
    """Hash of what decides how files of a record are read: profiles, contract, codes, accepted layouts."""
    own = profile_files.reader_fingerprint(record)
    accepted = sorted((str(a.layout_id), a.years) for a in active(connection, record))
    if not accepted:
        return own
    return hashlib.sha256(json.dumps([own, accepted]).encode()).hexdigest()


def year_field(contract: Contract) -> Field:
    """What says of which year a row is: the contract's first year, else its first required date."""
    required = [f for f in contract.stored_fields if f.required]
    years = [f for f in required if f.unit == "year"] or [f for f in required if f.logical_type == "date"]
    return next((f for f in years if f.name in contract.partition_by), years[0])


def years_in(contract: Contract, lines: memoryview) -> set[int]:
    """The years of rows that are about to be copied."""
    names = [name for name, _ in ORIGIN_COLUMNS] + [f.name for f in contract.stored_fields]
    at = names.index(year_field(contract).name)
    texts = {line.split(b"\t", at + 1)[at] for line in bytes(lines).splitlines()}
    return {int(text[:4]) for text in texts}


def years_of(connection: psycopg.Connection, contract: Contract, batch_id: UUID) -> list[int]:
    """The years that a batch's rows are of."""
    field = year_field(contract)
    year = f"extract(year from {field.name})::integer" if field.logical_type == "date" else field.name
    rows = connection.execute(
        f"select distinct {year} from {contract.table} where batch_id = %s order by 1",  # noqa: S608  owner: maintainers; the names are the contract's, no end
        [batch_id],
    )
    return [year for (year,) in rows if year is not None]


def read_with(profile: Profile, accepted: Accepted) -> Profile:
    """The profile with what was accepted on top."""
    names = {normal_header(old): new for old, new in accepted.renames}
    skip = (SkipRule(names[normal_header(r.header)], r.matches) for r in profile.skip_rows if _in(names, r))
    return replace(
        profile,
        required=tuple(_group(headers, names) for headers in profile.required),
        skip_rows=(*profile.skip_rows, *skip),
        blocks=tuple(
            replace(b, sources={n: _source(n, s, names, accepted) for n, s in b.sources.items()})
            for b in profile.blocks
        ),
        no_codes=(*profile.no_codes, *((f, text) for f, text, code in accepted.codes if not code)),
        ignored=(*profile.ignored, *accepted.ignored),
        accepted=str(accepted.layout_id),
        changed_forms=_forms(profile.form_layout, accepted) if accepted.cells else profile.changed_forms,
    )


def as_loaded(profile: Profile, batch_id: UUID) -> Profile:
    """The profile as a batch was read by it, with the layout that was accepted then."""
    with connect("junheng_loader") as connection:
        row = connection.execute(
            "select layout_id from ops.load_batch where batch_id = %s", [batch_id]
        ).fetchone()
        if row is None or row[0] is None:
            return profile
        layouts = all_accepted(connection, profile.name)
    return read_with(profile, next(layout for layout in layouts if layout.layout_id == row[0]))


def _in(names: Mapping[str, str], rule: SkipRule) -> bool:
    return normal_header(rule.header) in names


def _group(headers: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """The headers, and what those that were renamed are called now."""
    return (*headers, *(names[normal_header(h)] for h in headers if normal_header(h) in names))


def _source(name: str, source: FieldSource, names: Mapping[str, str], accepted: Accepted) -> FieldSource:
    codes = [(text, code) for field, text, code in accepted.codes if field == name and code]
    return replace(
        source,
        headers=_group(source.headers, names),
        join=tuple(names.get(normal_header(part), part) for part in source.join),
        sum=tuple(names.get(normal_header(part), part) for part in source.sum),
        codes=source.codes if source.match else (*source.codes, *codes),
        match=(*((f"^{re.escape(t)}$", c) for t, c in codes), *source.match) if source.match else (),
    )


def _forms(layout: FormLayout, accepted: Accepted) -> FormLayout:
    changes = dict(accepted.cells)
    forms = tuple(
        replace(form, cells=tuple(_cell(cell, changes.get(cell.name)) for cell in form.cells))
        for form in layout.forms
    )
    return replace(layout, forms=forms)


def _cell(cell: CellSpec, change: Mapping[str, Any] | None) -> CellSpec:
    return cell if change is None else replace(cell, **change)
