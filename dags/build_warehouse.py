"""When every record of a night is in: build beside, check, publish in one swap."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import (
    DAG,
    Asset,
    AssetAll,
    ExceptionRetryPolicy,
    PartitionedAssetTimetable,
    RetryAction,
    RetryRule,
    task,
)

from ingest import alerts, night
from ingest.contract import contracts

RECORDS = AssetAll(*(Asset(f"raw/{record}") for record in (*contracts(), night.MENDED)))
DEFAULTS = {
    "retries": 1,
    "retry_delay": timedelta(seconds=5),
    "retry_policy": ExceptionRetryPolicy([RetryRule("ingest.night.NightError", RetryAction.FAIL)]),
    "execution_timeout": timedelta(hours=4),
    "on_failure_callback": alerts.task_failed,
}


@task.short_circuit
def anything_new(**context):
    return night.is_anything_new(alerts.night_id(context))


# The whole of dbt in one process: models and tests one by one are rows of ops.model_outcome.
@task
def build(**context):
    return night.build(alerts.night_id(context))


@task
def check_marts(**context):
    return night.check_marts(alerts.night_id(context))


@task
def publish(**context):
    return night.publish(alerts.night_id(context))


with DAG(
    "build_warehouse",
    dag_display_name="建库与发布 build and publish",
    description="staging, intermediate, warehouse and marts; published only when every check passes",
    schedule=PartitionedAssetTimetable(assets=RECORDS),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["build"],
):
    anything_new() >> build() >> check_marts() >> publish()
