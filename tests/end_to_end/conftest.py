"""The whole way without a scheduler: the steps of a night, one after the other, on real files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import dict_row

from ingest import database, night
from ingest.contract import contracts

Night = Callable[[Path], list[dict[str, Any]]]


def load_everything() -> list[dict[str, Any]]:
    """Load and accept every pending file of the landing folder; what became of each file."""
    outcomes = []
    for record in contracts():
        outcomes += [night.load(record, path) for path in night.list_files(record)]
        night.accept(record, night.check(record, "test"))
    return outcomes


def build_and_publish(run_id: str = "test") -> str:
    """Build, check and publish; the hash of all rows of the published marts."""
    night.build(run_id)
    night.check_marts(run_id)
    return str(night.publish(run_id)["marts_fingerprint"])


def read(statement: str, *parameters: object) -> list[dict[str, Any]]:
    """Rows of a query, read with an analyst's rights."""
    with database.connect("junheng_analyst") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, parameters).fetchall()


def read_ledger(statement: str, *parameters: object) -> list[dict[str, Any]]:
    """Rows of a query on the ledger, which analysts do not read."""
    with database.connect("junheng_loader") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, parameters).fetchall()


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A landing folder of its own for the tests of a module."""
    folder = tmp_path_factory.mktemp("landing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUNHENG_LANDING", str(folder))
        yield folder
