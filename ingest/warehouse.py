"""One dbt process a night: raw rows to marts, with every model's and test's outcome written to the ledger."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from ingest import database
from ingest.fingerprint import input_fingerprint
from ingest.settings import DBT_DIR, home

ROLE = "junheng_transformer"
MAX_RUNS = 3  # of dbt, when batches are accepted while it builds
# The planner takes the join of a raw table with its current batches for one row, whatever it holds, and
# would then join set after set row by row: a model of 6,000 teachers took 50 s instead of 0.4 s.
PLANNER = "-c enable_nestloop=off"
_GOOD = {"success", "pass", "no-op", "reused"}
_INSERT = """
    insert into ops.model_outcome
        (run_id, node_id, resource_type, node_name, status, message, failures, execution_seconds)
    values (%s, %s, %s, %s, %s, %s, %s, %s)
"""


class InputsChangeError(RuntimeError):
    """Batches were accepted all the time while dbt was building; a later try will find them at rest."""


@dataclass(frozen=True)
class NodeOutcome:
    """What became of one seed, model, test or unit test. ``message`` never carries row values."""

    node_id: str
    resource_type: str
    node_name: str
    status: str  # success, pass, warn, fail, error or skipped
    message: str | None
    failures: int | None
    execution_seconds: float

    @property
    def is_success(self) -> bool:
        """True when nothing has to be mended; a warning counts as success."""
        return self.status in _GOOD or self.status == "warn"


@dataclass(frozen=True)
class BuildOutcome:
    """One run of dbt: every node, in the order in which they ended."""

    is_success: bool
    nodes: tuple[NodeOutcome, ...]
    log_file: Path

    @property
    def failures(self) -> tuple[NodeOutcome, ...]:
        """Nodes that failed by themselves (not those skipped because of them)."""
        return tuple(node for node in self.nodes if not node.is_success and node.status != "skipped")


def _connection_variables(url: str) -> dict[str, str]:
    """What profiles.yml reads, from the warehouse's URL. The password's name makes dbt mask it."""
    parts = conninfo_to_dict(url)
    return {
        "JUNHENG_DBT_HOST": str(parts.get("host") or "localhost"),
        "JUNHENG_DBT_PORT": str(parts.get("port") or 5432),
        "JUNHENG_DBT_DATABASE": str(parts.get("dbname") or database.embedded.DATABASE),
        "JUNHENG_DBT_USER": str(parts.get("user") or ""),
        "JUNHENG_DBT_SSLMODE": str(parts.get("sslmode") or "prefer"),
        "DBT_ENV_SECRET_JUNHENG": str(parts.get("password") or ""),
        "PGOPTIONS": PLANNER,
    }


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables for dbt and take them away again."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _only_builder() -> Iterator[None]:
    """Hold a lock for the time of a build: two builds in one database would drop each other's tables."""
    with database.connect(autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext('junheng.build'))")
        yield


def _arguments(command: Sequence[str]) -> list[str]:
    folder = home() / "dbt"
    return [
        "--no-write-json",  # nobody reads what dbt would write of 6 MB twice a night
        *("--log-level", "none", "--log-level-file", "info", "--log-path", str(folder / "logs")),
        *command,
        *("--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)),
        *("--target-path", str(folder / "target")),
    ]


def _public_message(message: str | None) -> str | None:
    """A message without the lines in which Postgres quotes values of the row it choked on."""
    if message is None:
        return None
    kept = [line for line in message.splitlines() if not line.lstrip().startswith(("DETAIL:", "CONTEXT:"))]
    return "\n".join(kept).strip() or None


def _node_outcome(result: Any) -> NodeOutcome:
    return NodeOutcome(
        node_id=result.node.unique_id,
        resource_type=str(result.node.resource_type.value),
        node_name=result.node.name,
        status=str(getattr(result.status, "value", result.status)),
        message=_public_message(result.message),
        failures=result.failures,
        execution_seconds=result.execution_time,
    )


def _invocation_error(error: BaseException | None) -> NodeOutcome:
    """The outcome of a run that ended before any node could start (a project that does not parse)."""
    message = _public_message(str(error)) if error else "dbt ended without a result"
    return NodeOutcome("dbt", "invocation", "dbt", "error", message, None, 0.0)


def _record_outcomes(run_id: str, nodes: Sequence[NodeOutcome]) -> None:
    rows = [
        (
            run_id,
            n.node_id,
            n.resource_type,
            n.node_name,
            n.status,
            n.message,
            n.failures,
            n.execution_seconds,
        )
        for n in nodes
    ]
    with database.connect(ROLE) as connection, connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def _run_on_one_state(runner: Any, arguments: list[str]) -> tuple[Any, str]:
    """Run dbt until nothing was accepted meanwhile: every model reads for itself, at its own moment."""
    for _ in range(MAX_RUNS):
        fingerprint = input_fingerprint()
        answer = runner.invoke(arguments)
        if input_fingerprint() == fingerprint:
            return answer, fingerprint
    raise InputsChangeError(f"new batches were accepted during each of {MAX_RUNS} builds")


def _record_build(run_id: str, fingerprint: str) -> None:
    with database.connect(ROLE) as connection:
        connection.execute(
            "insert into ops.build (run_id, input_fingerprint) values (%s, %s)", [run_id, fingerprint]
        )


def build(
    run_id: str,
    select: Sequence[str] | None = None,
    *,
    exclude: Sequence[str] = (),
    unit_tests: bool = True,
    data_tests: bool = True,
) -> BuildOutcome:
    """Run ``dbt build`` (of everything, or of ``select``) and write each node's outcome to ops.model_outcome.

    Of what is selected, and of its tests, ``exclude`` takes away what stands already.
    Unit tests hold the SQL, not the data: a night leaves them to the tests that run before a release.
    Without its data tests a build says nothing of the data: for who only compares two.
    Marts go to the schema ``marts_build``; nothing that is published changes. A model or test that fails
    does not raise: the outcome says so. Raises InputsChangeError, and when the warehouse cannot be reached.
    """
    # Imported late: it takes seconds, and most commands never build.
    from dbt.cli.main import dbtRunner

    # Of a part, only the tests whose tables the part holds: the others' tables may not be there yet.
    part = ["--select", *select, "--indirect-selection", "buildable"] if select else []
    part += ["--exclude", *exclude] if exclude else []
    left_out = [kind for kind, is_run in (("unit_test", unit_tests), ("test", data_tests)) if not is_run]
    command = ["build", *part, *(["--exclude-resource-type", *left_out] if left_out else [])]
    with _only_builder(), _environment(_connection_variables(database.database_url())):
        answer, fingerprint = _run_on_one_state(dbtRunner(), _arguments(command))
        if not (select or exclude) and answer.success:
            _record_build(run_id, fingerprint)
    results = getattr(answer.result, "results", None) or ()
    nodes = tuple(_node_outcome(result) for result in results)
    if answer.exception or (not nodes and not answer.success):
        nodes = (*nodes, _invocation_error(answer.exception))
    _record_outcomes(run_id, nodes)
    return BuildOutcome(bool(answer.success), nodes, home() / "dbt" / "logs" / "dbt.log")
