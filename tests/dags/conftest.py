"""What the tests of the night share: a landing folder with five schools, and reading what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import dict_row

from ingest import airflow_environment, database
from ingest.settings import DAGS_DIR


def rows(statement: str, *parameters: object, role: str = "junheng_transformer") -> list[dict[str, Any]]:
    """Rows of a query on the warehouse of the test."""
    with database.connect(role) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, parameters).fetchall()


@pytest.fixture(scope="session")
def dags(server: str) -> Iterator[dict[str, Any]]:
    """The DAGs by id, as Airflow reads them from the folder."""
    airflow_environment.apply()
    from airflow import settings
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=DAGS_DIR)
    assert bag.import_errors == {}
    yield dict(bag.dags)
    settings.get_engine().dispose()  # before the server is stopped


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A landing folder for the tests of a module, holding the five schools of the worked example."""
    from ingest.sample.write import write_five_schools

    folder = tmp_path_factory.mktemp("landing")
    write_five_schools(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUNHENG_LANDING", str(folder))
        yield folder
