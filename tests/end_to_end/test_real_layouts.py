"""The made district in the offices' own layouts comes to the marts of the same district in our templates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest import database, warehouse
from ingest.sample import write_sample
from ingest.sample_real import RealSample, write_real_sample
from tests.conftest import fresh_warehouse
from tests.end_to_end.conftest import load_everything

# Where a figure came from differs between the two by its nature: batch, sheet, row.
ORIGIN = re.compile(r"(^|_)(batch_id|batches|source_sheet|source_row|source_block)$")
# Columns that no real layout carries, by mart: each with its reason. There are none.
NOT_CARRIED: dict[tuple[str, str], str] = {}

Cells = tuple[str | None, ...]
Marts = dict[str, Counter[Cells]]


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
        assert {outcome["status"] for outcome in outcomes} == {"loaded"}
        assert [outcome for outcome in outcomes if outcome["rows_rejected"]] == []
        outcome = warehouse.build("test", unit_tests=False, data_tests=False)
        assert outcome.failures == ()
        return marts()


@pytest.fixture(scope="module")
def both(
    server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Marts, Marts, RealSample]:
    """Marts of our own templates, marts of the real layouts, and what was written of those."""
    samples: list[RealSample] = []
    with fresh_warehouse(server, template_database):
        own = built(tmp_path_factory.mktemp("own"), lambda folder: write_sample(folder, has_faults=False))
    with fresh_warehouse(server, template_database):
        real = built(
            tmp_path_factory.mktemp("real"), lambda folder: samples.append(write_real_sample(folder))
        )
    return own, real, samples[0]


def test_both_ways_give_every_mart_the_same_figures(both: tuple[Marts, Marts, RealSample]) -> None:
    own, real, _ = both
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


def test_hardly_a_mart_is_empty(both: tuple[Marts, Marts, RealSample]) -> None:
    """Two empty marts are equal and say nothing."""
    own, _, _ = both
    assert [table for table, rows in own.items() if not rows] == []


def test_the_records_without_a_real_layout_are_told(both: tuple[Marts, Marts, RealSample]) -> None:
    """The list may only become shorter."""
    _, _, sample = both
    assert {kept.record: kept.is_whole for kept in sample.kept} == {
        "enrolment": False,
        "staffing": False,
        "special_education": True,
        "room": True,
        "admission": True,
        "school_funds": True,
        "finance_exception": True,
        "budget_execution": True,
    }


def test_a_figure_that_differs_is_seen(both: tuple[Marts, Marts, RealSample]) -> None:
    """The wrong variant: one cell of one row is another."""
    own, real, _ = both
    table, rows = next((table, rows) for table, rows in sorted(real.items()) if rows)
    first = next(iter(rows))
    wrong = rows - Counter([first]) + Counter([("another", *first[1:])])
    assert own[table] == rows
    assert own[table] != wrong
