"""One DAG a record, made from its contract: landed files -> raw -> checked -> current.

One more for files that were handed back and lie, mended, in landing/mended/.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import (
    DAG,
    Asset,
    CronPartitionTimetable,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    get_current_context,
    task,
)

from ingest import alerts, night
from ingest.contract import Contract, contracts

# A partition a night: build_warehouse starts when every record has come through the same night.
# Switched on for the first time, it does not wait for one in the morning.
NIGHTLY = CronPartitionTimetable(
    "0 1 * * *", timezone="Asia/Shanghai", key_format="%Y-%m-%d", run_immediately=True
)
DEFAULTS = {
    "retries": 2,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": 3,
    "retry_policy": ExceptionRetryPolicy([RetryRule("ingest.night.NightError", RetryAction.FAIL)]),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": alerts.task_failed,
}


@task
def list_files(record):
    return night.list_files(record)


@task(map_index_template="{{ file_name }}")
def load(record, path):
    outcome = night.load(record, path)
    get_current_context()["file_name"] = outcome["file_name"]
    return outcome


# Runs without new files too: a night that was cut off may have left batches that wait.
@task(trigger_rule="none_failed")
def check(record, **context):
    return night.check(record, alerts.night_id(context))


@task
def accept(record, checked):
    return night.accept(record, checked)


# Fails to tell the operator; what was good is current by then and the night goes on.
@task(trigger_rule="none_failed", retries=0)
def report_refusals(record, loaded, decided):
    night.report_refusals(record, list(loaded or []), decided)


def load_record(contract: Contract) -> DAG:
    record = contract.record
    with DAG(
        f"load_{record}",
        dag_display_name=f"{contract.name_zh} {contract.name_en}",
        description=contract.grain,
        schedule=NIGHTLY,
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        tags=["load"],
    ) as dag:
        files = list_files(record)
        loaded = load.partial(record=record).expand(path=files)
        checked = check(record)
        accepted = accept.override(outlets=[Asset(f"raw/{record}")])(record, checked)
        loaded >> checked >> accepted >> report_refusals(record, loaded, accepted)
    return dag


for each in contracts().values():
    globals()[f"load_{each.record}"] = load_record(each)


# A record's new file and its mended rows may come in one night: whichever is accepted first, the newer file
# counts, and a replay of what it replaced is refused.
@task(outlets=[Asset("raw/mended")])
def replay(folder):
    return night.replay_mended(folder)


@task(trigger_rule="none_failed", retries=0, task_id="report_refusals")
def report_unmended(replayed):
    night.report_refusals(night.MENDED, replayed["replayed"], {"refused": {}})


with DAG(
    "replay_mended",
    dag_display_name="改正件 mended files",
    description="files that were handed back and came again, mended: their rows join the batch they are of",
    schedule=NIGHTLY,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["load"],
):
    report_unmended(replay(night.MENDED))
