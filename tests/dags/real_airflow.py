"""A real Airflow on loopback for one test: its scheduler, dag processor, api server and triggerer."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

COMPONENTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")
# Bounds for a busy machine; on two quiet cores it starts in half a minute and answers at once.
START_SECONDS = 300
CALL_SECONDS = 120
STOP_SECONDS = 30


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that are free now; held together while choosing, so that they differ."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def wait_for(what: str, probe: Callable[[], Any], seconds: float, pause: float = 0.5) -> Any:
    """The first truthy answer of ``probe``; TimeoutError naming ``what`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = probe()
        if answer:
            return answer
        time.sleep(pause)
    raise TimeoutError(f"{what}: not within {seconds} s")


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; one that ended and whose parent did not ask for it (a zombie) does not."""

    def lives(process: psutil.Process) -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return [process for process in processes if lives(process)]


class RealAirflow:
    """``airflow standalone`` with a home, a metadata database and ports of its own."""

    def __init__(self, folder: Path, metadata_url: str, settings: dict[str, str]) -> None:
        port, worker_log, trigger_log = free_ports(3)
        self.folder = folder
        self.base = f"http://127.0.0.1:{port}"
        self.log = folder / "standalone.log"
        own = {
            "AIRFLOW_HOME": str(folder),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata_url,
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.base}/execution/",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(worker_log),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(trigger_log),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
            # On loopback, for the minutes of this test, whoever asks is the admin.
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        }
        # What the test process told its own Airflow must not reach this one.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW_", "_AIRFLOW"))}
        self.environment = {**inherited, **own, **settings}
        self.process: subprocess.Popen[bytes] | None = None
        self._token: str | None = None

    def start(self) -> None:
        """Start it and wait until every component reports itself healthy."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "ingest.airflow_environment", "airflow", "standalone"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        wait_for(f"a healthy Airflow (see {self.log})", self._is_healthy, START_SECONDS)
        self._token = self.call("/auth/token", api="")["access_token"]

    def _is_healthy(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(
                f"Airflow ended with {self.process.returncode}: {self.log.read_text()[-2000:]}"
            )
        try:
            health = self.call("/monitor/health")
        except OSError:
            return False
        return all(health[name]["status"] == "healthy" for name in COMPONENTS)

    def stop(self) -> None:
        """End every process that was started here, by its id."""
        if self.process is None:
            return
        family = self.family()
        self.process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while living(family) and time.monotonic() < deadline:
            self.process.poll()
            time.sleep(0.2)
        for process in living(family):
            process.kill()
        psutil.wait_procs(family, timeout=5)
        self.process.wait()

    def family(self) -> list[psutil.Process]:
        """The process that was started and all that came from it, as far as they live."""
        if self.process is None or self.process.poll() is not None:
            return []
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def call(
        self,
        path: str,
        content: dict[str, Any] | None = None,
        *,
        method: str | None = None,
        api: str = "/api/v2",
    ) -> Any:
        """One call of the REST interface; the decoded answer. An HTTP error names the answer's text."""
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.base}{api}{path}", data=body, headers=headers, method=method)  # noqa: S310  owner: maintainers; loopback only, no end
        try:
            with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310  owner: maintainers; loopback only, no end
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()[:500]}") from error

    def known_dags(self) -> set[str]:
        """Ids of the DAGs that the dag processor has read."""
        return {dag["dag_id"] for dag in self.call("/dags?limit=100")["dags"]}

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run a DAG."""
        self.call(f"/dags/{dag_id}", {"is_paused": False}, method="PATCH")

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """All runs of a DAG, the newest first."""
        return self.call(f"/dags/{dag_id}/dagRuns?order_by=-run_after")["dag_runs"]

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """State by task of a run; a mapped task counts once, by its last instance."""
        instances = self.call(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=100")["task_instances"]
        return {one["task_id"]: one["state"] for one in instances}
