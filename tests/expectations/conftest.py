"""A warehouse for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from ingest import database


@pytest.fixture
def connection(module_warehouse: str) -> Iterator[psycopg.Connection]:
    """A connection to the module's warehouse; what a test made current is no longer so afterwards."""
    with database.connect() as opened:
        yield opened
        opened.rollback()
        opened.execute("delete from ops.partition_batch")
