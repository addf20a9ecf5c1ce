"""Tell the operator that something failed: always in the log, and at a webhook when one is set.

An alert says where and why. It carries no figures of rows: a reason of our own is written for people,
of any other exception only the class is named, because its text may quote what stood in a cell.
"""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

from ingest.night import NightError, record_failure
from ingest.settings import alert_webhook

log = logging.getLogger(__name__)

WEBHOOK_SECONDS = 10
# These report on what was handed in; the night goes on and what is good is published.
TASKS_THAT_STOP_NOTHING = frozenset({"report_refusals"})


@dataclass(frozen=True)
class Alert:
    """One failure: in which task of which run, and why, in Chinese and English."""

    dag_id: str
    task_id: str
    run_id: str
    reason_zh: str
    reason_en: str


def reason(error: BaseException | str | None) -> tuple[str, str]:
    """Why it failed (zh, en), in words that may leave the machine."""
    if isinstance(error, NightError):
        return error.reason_zh, error.reason_en
    kind = type(error).__name__ if isinstance(error, BaseException) else "unknown error"
    return f"系统错误（{kind}），详见任务日志", f"system error ({kind}); the task's log says more"


def send(alert: Alert) -> None:
    """Write the alert to the log and post it as JSON to JUNHENG_ALERT_WEBHOOK. Never raises."""
    log.error(
        "%s.%s failed in %s: %s / %s",
        alert.dag_id,
        alert.task_id,
        alert.run_id,
        alert.reason_zh,
        alert.reason_en,
    )
    address = alert_webhook()
    if not address:
        return
    if not address.startswith(("http://", "https://")):
        log.error("JUNHENG_ALERT_WEBHOOK is no http(s) address; the alert was not posted")
        return
    try:
        _post(address, asdict(alert))
    except (OSError, ValueError) as error:
        # The address may hold a token, so neither it nor the error's text is written down.
        log.error("the alert could not be posted (%s)", type(error).__name__)


def _post(address: str, content: dict[str, str]) -> None:
    request = urllib.request.Request(  # noqa: S310  owner: maintainers, ends with the webhook: send() lets only http(s) through
        address,
        data=json.dumps(content, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    with urllib.request.urlopen(request, timeout=WEBHOOK_SECONDS):  # noqa: S310  owner: maintainers, ends with the webhook: as above
        pass


def task_failed(context: Any) -> None:
    """Failure callback of every task: alert, and say at the marts that tonight was not published."""
    task = context["task_instance"]
    reason_zh, reason_en = reason(context.get("exception"))
    run_id = night_id(context)
    send(Alert(task.dag_id, task.task_id, run_id, reason_zh, reason_en))
    if task.task_id not in TASKS_THAT_STOP_NOTHING:
        record_failure(
            run_id, f"{task.dag_id}.{task.task_id}：{reason_zh}", f"{task.dag_id}.{task.task_id}: {reason_en}"
        )


def night_id(context: Any) -> str:
    """One name for all runs of a night: its local date when the scheduler made them, else the run's id."""
    run = context["dag_run"]
    return run.partition_key or run.run_id
