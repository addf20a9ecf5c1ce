"""A night by a real scheduler: the loads start by the clock, the build by their assets."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ingest import embedded
from ingest.contract import contracts
from tests.dags.conftest import rows
from tests.dags.real_airflow import RealAirflow, living, wait_for

pytestmark = pytest.mark.scheduler

# A night takes minutes beside other tests; these only end a wait for what never comes.
NIGHT_SECONDS = 1200
SOON_SECONDS = 300
LOADS = ["replay_mended", *(f"load_{record}" for record in contracts())]
ENDED = {"success", "failed"}


@pytest.fixture(scope="module")
def metadata_url(server: str) -> Iterator[str]:
    """An empty database for Airflow's metadata."""
    name = f"junheng_test_airflow_{Path(server).name}_{id(server)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield embedded.url(name).replace("postgresql://", "postgresql+psycopg2://")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def airflow(
    module_warehouse: str, landing: Path, metadata_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealAirflow]:
    """A running Airflow whose landing folder holds five schools and one empty file."""
    (landing / "staffing").mkdir(exist_ok=True)
    (landing / "staffing" / "empty.csv").touch()
    paused = {"AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True"}
    airflow = RealAirflow(tmp_path_factory.mktemp("airflow"), metadata_url, paused)
    try:
        airflow.start()
        yield airflow
    finally:
        family = airflow.family()
        airflow.stop()
    assert living(family) == []


def _ended_build(airflow: RealAirflow) -> dict[str, Any] | None:
    return next((run for run in airflow.runs("build_warehouse") if run["state"] in ENDED), None)


def _switch_on(airflow: RealAirflow) -> None:
    wait_for("the DAGs", lambda: airflow.known_dags() >= {*LOADS, "build_warehouse"}, SOON_SECONDS)
    # The build first: a DAG that is paused misses the assets.
    for dag_id in ("build_warehouse", *LOADS):
        airflow.unpause(dag_id)


@pytest.fixture(scope="module")
def build(airflow: RealAirflow) -> dict[str, Any]:
    """The run of build_warehouse that the night's assets started, ended."""
    _switch_on(airflow)
    run = wait_for("the end of build_warehouse", lambda: _ended_build(airflow), NIGHT_SECONDS, 2)
    return dict(run)


def test_the_assets_start_one_build_which_publishes(build: dict[str, Any], airflow: RealAirflow) -> None:
    assert (build["run_type"], build["state"]) == ("asset_triggered", "success")
    states = airflow.task_states("build_warehouse", build["dag_run_id"])
    assert states == dict.fromkeys(("anything_new", "build", "check_marts", "publish"), "success")
    assert len(airflow.runs("build_warehouse")) == 1


def test_the_mart_holds_the_published_coefficient(build: dict[str, Any]) -> None:
    (row,) = rows(
        "select coefficient from marts.mart_balance__coefficients "
        "where indicator_code = 'books_per_student' and stage = 'primary'"
    )
    assert float(row["coefficient"]) == pytest.approx(0.515257, abs=5e-7)


def test_loads_and_build_bear_the_name_of_one_night(build: dict[str, Any], airflow: RealAirflow) -> None:
    runs = itertools.chain.from_iterable(airflow.runs(dag_id) for dag_id in LOADS)
    assert {run["partition_key"] for run in runs} == {build["partition_key"]}
    (row,) = rows("select run_id from ops.publication where status = 'published'")
    assert row["run_id"] == build["partition_key"]


def test_a_refused_file_fails_its_report_and_nothing_else(
    build: dict[str, Any], airflow: RealAirflow
) -> None:
    def staffing() -> dict[str, Any] | None:
        return next((run for run in airflow.runs("load_staffing") if run["state"] in ENDED), None)

    run = wait_for("the end of load_staffing", staffing, SOON_SECONDS)
    states = airflow.task_states("load_staffing", run["dag_run_id"])
    assert run["state"] == "failed"
    assert {task for task, state in states.items() if state == "failed"} == {"report_refusals"}


def test_a_record_without_files_comes_through_as_well(build: dict[str, Any], airflow: RealAirflow) -> None:
    (run,) = airflow.runs("load_special_education")
    states = airflow.task_states("load_special_education", run["dag_run_id"])
    assert (states["load"], states["accept"]) == ("skipped", "success")
