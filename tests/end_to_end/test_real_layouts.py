"""The made district in the offices' own layouts comes to the marts of the same district in our templates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from expectations.check import today
from expectations.missing_records import gaps_statement
from ingest import database, warehouse
from ingest.sample.real import RealSample, describe, write_real_sample
from ingest.sample.write import write_sample
from tests.conftest import fresh_warehouse
from tests.end_to_end.conftest import load_everything, read_ledger

# Where a figure came from differs between the two by its nature: batch, sheet, row.
ORIGIN = re.compile(r"(^|_)(batch_id|batches|source_sheet|source_row|source_block)$")
# Columns that no real layout carries, by mart: each with its reason. There are none.
NOT_CARRIED: dict[tuple[str, str], str] = {}

Cells = tuple[str | None, ...]
Marts = dict[str, Counter[Cells]]
# Folders of a generation of forms of which the record reads none.
UNREAD = {("pupil_change", "2021"), ("pupil_change", "2022")}


def plain(value: Any) -> str | None:
    """A value as it is compared: 1.50 is 1.5, nothing is not 'None'."""
    if value is None:
        return None
    return str(value.normalize()) if isinstance(value, Decimal) else str(value)


def marts() -> Marts:
    """Every row of every mart that was built, without where it came from."""
    found: Marts = {}
    with database.connect() as connection:
        tables = connection.execute(
            "select table_name, array_agg(column_name::text order by ordinal_position) "
            "from information_schema.columns where table_schema = 'marts_build' group by table_name"
        ).fetchall()
        for table, columns in tables:
            kept = [c for c in columns if not ORIGIN.search(c) and (table, c) not in NOT_CARRIED]
            names = ", ".join(f'"{column}"' for column in kept)
            rows = connection.execute(f"select {names} from marts_build.{table}").fetchall()
            found[table] = Counter(tuple(map(plain, row)) for row in rows)
    return found


def built(landing: Path, write: Callable[[Path], object]) -> Marts:
    """The marts of what ``write`` puts into the landing folder; every file must be taken whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUNHENG_LANDING", str(landing))
        write(landing)
        outcomes = load_everything()
    nothing = {(o["record"], o["file_name"]) for o in outcomes if o["status"] == "nothing"}
    assert nothing <= UNREAD
    loaded = [o for o in outcomes if o["status"] != "nothing"]
    assert [o for o in loaded if o["status"] != "loaded" or o["rows_rejected"]] == []
    assert warehouse.build("test", unit_tests=False, data_tests=False).failures == ()
    return marts()


def gaps() -> set[tuple[str, str, int]]:
    """Record, state and year of what is due and did not come."""
    with database.connect("junheng_transformer") as connection:
        connection.execute(gaps_statement(), {"run_id": "test", "today": today()})
        rows = connection.execute("select record, state, school_year from ops.missing_record").fetchall()
        connection.rollback()
    return set(rows)


def current_profiles() -> dict[str, set[str]]:
    """By record the layouts from which the current figures were read."""
    rows = read_ledger(
        "select distinct batches.record, batches.profile from ops.current_batch as current_batches "
        "inner join ops.load_batch as batches on current_batches.batch_id = batches.batch_id"
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["record"], set()).add(row["profile"])
    return found


@dataclass(frozen=True)
class Nights:
    """The marts of our own templates, those of the real layouts, and what stood behind these."""

    own: Marts
    real: Marts
    sample: RealSample
    profiles: dict[str, set[str]]
    gaps: set[tuple[str, str, int]]


@pytest.fixture(scope="module")
def nights(server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Both ways into a warehouse of its own: what came first in one would be a restatement in the other."""
    samples: list[RealSample] = []
    with fresh_warehouse(server, template_database):
        own = built(tmp_path_factory.mktemp("own"), lambda folder: write_sample(folder, has_faults=False))
        gaps_of_own = gaps()
    with fresh_warehouse(server, template_database):
        folder = tmp_path_factory.mktemp("real")
        real = built(folder, lambda folder: samples.append(write_real_sample(folder)))
        return Nights(own, real, samples[0], current_profiles(), gaps_of_own | gaps())


def test_of_what_is_due_nothing_is_missing_either_way(nights: Nights) -> None:
    """The forms that workbooks hold are due too; the statistics of a year that is not over may be."""
    assert {state for _, state, _ in nights.gaps} <= {"not_due"}


def test_every_figure_was_read_from_a_real_layout_where_there_is_one(nights: Nights) -> None:
    kept = {template.record: template.is_whole for template in nights.sample.kept}
    for record, profiles in nights.profiles.items():
        own = {profile for profile in profiles if profile.startswith("junheng_")}
        assert bool(own) == (record in kept), (record, profiles)
        assert bool(profiles - own) != kept.get(record, False), (record, profiles)


def test_both_ways_give_every_mart_the_same_figures(nights: Nights) -> None:
    own, real = nights.own, nights.real
    assert own.keys() == real.keys()
    assert len(own) > 40
    differ = {
        table: (
            sorted((rows - real[table]).elements(), key=str)[:3],
            sorted((real[table] - rows), key=str)[:3],
        )
        for table, rows in own.items()
        if rows != real[table]
    }
    assert differ == {}


def test_hardly_a_mart_is_empty(nights: Nights) -> None:
    """Two empty marts are equal and say nothing."""
    assert [table for table, rows in nights.own.items() if not rows] == []


def test_the_records_without_a_real_layout_are_told(nights: Nights) -> None:
    """The list may only become shorter."""
    sample = nights.sample
    assert {kept.record: kept.is_whole for kept in sample.kept} == {
        "enrolment": False,
        "staffing": False,
        "pupil_change": False,
        "special_education": True,
        "room": True,
        "admission": True,
        "school_funds": True,
        "finance_exception": True,
        "budget_execution": True,
    }
    told = "\n".join(describe(sample))
    assert str(len(sample.files)) in told
    for kept in sample.kept:
        assert kept.reason_zh in told
        assert f" {kept.record}：" in told


def test_a_figure_that_differs_is_seen(nights: Nights) -> None:
    """The wrong variant: one cell of one row is another."""
    own, real = nights.own, nights.real
    table, rows = next((table, rows) for table, rows in sorted(real.items()) if rows)
    first = next(iter(rows))
    wrong = rows - Counter([first]) + Counter([("another", *first[1:])])
    assert own[table] == rows
    assert own[table] != wrong
