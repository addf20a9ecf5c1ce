"""An operator hears of a failure, in words that may leave the machine."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from ingest import alerts
from ingest.night import NightError

FAILED = alerts.Alert("load_school", "load", "2026-11-24", "原因", "the reason")


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What was posted to a server on loopback that JUNHENG_ALERT_WEBHOOK names."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("JUNHENG_ALERT_WEBHOOK", f"http://127.0.0.1:{server.server_port}/hook")
    yield received
    server.shutdown()
    server.server_close()


def test_the_webhook_gets_where_and_why(webhook: list[dict[str, Any]]) -> None:
    alerts.send(FAILED)
    assert webhook == [
        {
            "dag_id": "load_school",
            "task_id": "load",
            "run_id": "2026-11-24",
            "reason_zh": "原因",
            "reason_en": "the reason",
        }
    ]


def test_the_log_gets_it_without_a_webhook(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("JUNHENG_ALERT_WEBHOOK", raising=False)
    with caplog.at_level(logging.ERROR):
        alerts.send(FAILED)
    assert "load_school.load failed in 2026-11-24: 原因 / the reason" in caplog.text


def test_a_webhook_that_is_down_stops_nothing_and_its_address_stays_secret(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JUNHENG_ALERT_WEBHOOK", "http://127.0.0.1:9/token-abc")
    with caplog.at_level(logging.ERROR):
        alerts.send(FAILED)
    assert "the alert could not be posted" in caplog.text
    assert "token-abc" not in caplog.text


def test_a_webhook_that_is_no_web_address_is_not_opened(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JUNHENG_ALERT_WEBHOOK", "file:///etc/passwd")
    with caplog.at_level(logging.ERROR):
        alerts.send(FAILED)
    assert "no http(s) address" in caplog.text


def test_our_own_reason_is_told_in_both_languages() -> None:
    assert alerts.reason(NightError("中文", "English")) == ("中文", "English")


def test_the_text_of_any_other_error_stays_on_the_machine() -> None:
    told = alerts.reason(ValueError("Key (name)=(王小明) already exists"))
    assert told == (
        "系统错误（ValueError），详见任务日志",
        "system error (ValueError); the task's log says more",
    )


@pytest.mark.parametrize(("partition_key", "name"), [("2026-11-24", "2026-11-24"), (None, "manual__x")])
def test_a_night_is_named_by_its_date_or_else_its_run(partition_key: str | None, name: str) -> None:
    run = SimpleNamespace(partition_key=partition_key, run_id="manual__x")
    assert alerts.night_id({"dag_run": run}) == name
