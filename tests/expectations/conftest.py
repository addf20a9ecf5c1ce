"""A warehouse for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from ingest import database


@pytest.fixture
def connection(module_warehouse: str) -> Iterator[psycopg.Connection]:
    """A connection to the module's warehouse; nothing is current or waits after a test."""
    with database.connect() as opened:
        yield opened
        opened.rollback()
        opened.execute("delete from ops.partition_batch")
        opened.execute("update ops.load_batch set status = 'accepted' where status = 'loaded'")
