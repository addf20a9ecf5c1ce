"""The picture of the night: which DAGs there are, in what order they work, when and how often they try."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from ingest.contract import contracts
from ingest.settings import DAGS_DIR

RECORDS = sorted(contracts())

LOAD_UPSTREAM = {
    "list_files": set(),
    "load": {"list_files"},
    "check": {"load"},
    "accept": {"check"},
    "report_refusals": {"accept", "load"},
}
BUILD_UPSTREAM = {
    "anything_new": set(),
    "build": {"anything_new"},
    "check_marts": {"build"},
    "publish": {"check_marts"},
}

READ_THE_DAGS = """
import sys
from ingest import airflow_environment
airflow_environment.apply()
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder=sys.argv[1])
assert bag.dags and not bag.import_errors, bag.import_errors
print("HEAVY:" + ",".join(sorted({"pandas", "great_expectations", "dbt", "pyarrow"} & set(sys.modules))))
"""


def test_there_is_one_dag_a_contract_and_one_build(dags: dict[str, Any]) -> None:
    assert set(dags) == {f"load_{record}" for record in RECORDS} | {"build_warehouse", "replay_mended"}


def upstream(dag: Any) -> dict[str, set[str]]:
    return {task.task_id: set(task.upstream_task_ids) for task in dag.tasks}


@pytest.mark.parametrize("record", RECORDS)
def test_a_load_lists_loads_checks_accepts_and_reports(dags: dict[str, Any], record: str) -> None:
    assert upstream(dags[f"load_{record}"]) == LOAD_UPSTREAM


def test_a_build_asks_builds_checks_and_publishes(dags: dict[str, Any]) -> None:
    assert upstream(dags["build_warehouse"]) == BUILD_UPSTREAM


def test_mended_files_are_replayed_and_refusals_told(dags: dict[str, Any]) -> None:
    assert upstream(dags["replay_mended"]) == {"replay": set(), "report_refusals": {"replay"}}
    assert dags["replay_mended"].timetable.expression == "0 1 * * *"


@pytest.mark.parametrize("record", RECORDS)
def test_a_load_runs_at_one_in_shanghai_and_never_catches_up(dags: dict[str, Any], record: str) -> None:
    from airflow.sdk import CronTriggerTimetable

    dag = dags[f"load_{record}"]
    assert isinstance(dag.timetable, CronTriggerTimetable)
    assert (dag.timetable.expression, str(dag.timetable.timezone)) == ("0 1 * * *", "Asia/Shanghai")
    assert (dag.catchup, dag.max_active_runs) == (False, 1)


def test_the_key_of_a_night_is_its_date_in_shanghai(dags: dict[str, Any]) -> None:
    """01:00 in Shanghai is 17:00 UTC of the day before; the night belongs to the Shanghai date."""
    from airflow.sdk import timezone
    from airflow.serialization.encoders import coerce_to_core_timetable

    timetable = coerce_to_core_timetable(dags["load_school"].timetable)
    _, key = timetable._get_partition_info(timezone.parse("2026-11-23T17:00:00+00:00"))
    assert key == "2026-11-24"


def test_the_build_waits_for_every_record_of_the_same_night(dags: dict[str, Any]) -> None:
    from airflow.sdk import AssetAll, PartitionedAssetTimetable

    timetable = dags["build_warehouse"].timetable
    assert isinstance(timetable, PartitionedAssetTimetable)
    assert isinstance(timetable.asset_condition, AssetAll)
    waited_for = {asset.name for asset in timetable.asset_condition.objects}
    last = [dags[f"load_{record}"].get_task("accept") for record in RECORDS]
    last.append(dags["replay_mended"].get_task("replay"))
    given = {outlet.name for task in last for outlet in task.outlets}
    assert waited_for == given == {f"raw/{record}" for record in (*RECORDS, "mended")}


def test_every_task_tries_again_except_the_report_of_refusals(dags: dict[str, Any]) -> None:
    tries = {(dag_id, task.task_id): task.retries for dag_id, dag in dags.items() for task in dag.tasks}
    silent = {place for place, retries in tries.items() if retries == 0}
    loads = [f"load_{record}" for record in RECORDS]
    assert silent == {(dag_id, "report_refusals") for dag_id in (*loads, "replay_mended")}


def test_every_task_waits_seconds_not_minutes_before_it_tries_again(dags: dict[str, Any]) -> None:
    delays = {task.retry_delay for dag in dags.values() for task in dag.tasks}
    assert delays == {timedelta(seconds=5)}


def test_every_task_tells_the_operator_when_it_fails(dags: dict[str, Any]) -> None:
    from ingest import alerts

    def callbacks(task: Any) -> list[Any]:
        called = task.on_failure_callback  # a list, or as it was given where the task is mapped
        return called if isinstance(called, list) else [called]

    tasks = [task for dag in dags.values() for task in dag.tasks]
    assert [task for task in tasks if callbacks(task) != [alerts.task_failed]] == []


def test_a_mapped_load_is_labelled_with_its_file(dags: dict[str, Any]) -> None:
    assert dags["load_school"].get_task("load").map_index_template == "{{ file_name }}"


def test_reading_the_dags_imports_nothing_heavy() -> None:
    """Every task is a process of its own that reads its DAG file again."""
    read = subprocess.run(
        [sys.executable, "-c", READ_THE_DAGS, str(DAGS_DIR)], capture_output=True, text=True, check=False
    )
    assert read.returncode == 0, read.stderr
    assert read.stdout.splitlines()[-1] == "HEAVY:"
