"""One dbt process: what it tells the ledger, what it must not tell anybody, and its sources."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from ingest import dbt_sources, warehouse
from ingest.settings import DBT_DIR, home

PART = ["code_stage", "verdict"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project that a test may break."""
    copy = tmp_path / "dbt_project"
    shutil.copytree(DBT_DIR, copy, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(warehouse, "DBT_DIR", copy)
    # What dbt remembers of the whole project is not to remember what was broken here.
    own, remembered = tmp_path / "home", Path("dbt", "target", "partial_parse.msgpack")
    if (home() / remembered).exists():
        (own / remembered).parent.mkdir(parents=True)
        shutil.copy(home() / remembered, own / remembered)
    monkeypatch.setattr(warehouse, "home", lambda: own)
    return copy


def test_every_node_reaches_the_ledger(module_warehouse: str, query: Callable) -> None:
    outcome = warehouse.build("run-good", PART)
    assert outcome.is_success
    rows = query("select * from ops.model_outcome where run_id = 'run-good' order by model_outcome_id")
    assert [row["node_name"] for row in rows] == [node.node_name for node in outcome.nodes]
    seeds = {row["node_name"]: row["status"] for row in rows if row["resource_type"] == "seed"}
    assert seeds == {"code_stage": "success", "verdict": "success"}


def test_a_failing_test_is_told_and_written(module_warehouse: str, query: Callable, project: Path) -> None:
    seed = project / "seeds" / "verdict.csv"
    seed.write_text(seed.read_text(encoding="utf-8") + "met,达标,Met\n", encoding="utf-8")
    outcome = warehouse.build("run-bad", PART)
    assert not outcome.is_success
    [failure] = outcome.failures
    assert (failure.resource_type, failure.status, failure.failures) == ("test", "fail", 1)
    [row] = query("select * from ops.model_outcome where run_id = 'run-bad' and status = 'fail'")
    assert row["node_name"] == failure.node_name
    assert "unique_combination_verdict" in row["node_name"]


def test_a_broken_model_names_itself_and_skips_what_follows(
    module_warehouse: str, query: Callable, project: Path
) -> None:
    model = project / "models" / "staging" / "stg_school.sql"
    model.write_text(model.read_text(encoding="utf-8").replace("all_rows.school_name", "1 / 0 ::text"))
    outcome = warehouse.build("run-broken", ["+dim_district"])
    assert [node.node_name for node in outcome.failures] == ["stg_school"]
    rows = query("select node_name, status from ops.model_outcome where run_id = 'run-broken'")
    assert {"node_name": "dim_district", "status": "skipped"} in rows


def test_a_project_that_does_not_parse_is_an_outcome(
    module_warehouse: str, query: Callable, project: Path
) -> None:
    (project / "models" / "staging" / "stg_broken.sql").write_text("select {{ ref('nothing_there') }}")
    outcome = warehouse.build("run-unparsed")
    assert not outcome.is_success
    [row] = query("select * from ops.model_outcome where run_id = 'run-unparsed'")
    assert (row["resource_type"], row["status"]) == ("invocation", "error")
    assert "nothing_there" in row["message"]


def test_the_password_is_nowhere(
    module_warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse, "home", lambda: tmp_path)
    before = dict(os.environ)
    assert warehouse.build("run-secret", PART).is_success
    password = conninfo_to_dict(module_warehouse)["password"]
    assert password
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "dbt.log" for path in files)
    assert not [path for path in files if password.encode() in path.read_bytes()]
    assert dict(os.environ) == before


def test_messages_do_not_quote_rows() -> None:
    message = 'could not create unique index "x"\nDETAIL:  Key (school_code)=(2144000001) is duplicated.\n'
    assert warehouse._public_message(message) == 'could not create unique index "x"'
    assert warehouse._public_message(None) is None


def test_sources_are_those_of_the_contracts() -> None:
    assert dbt_sources.SOURCES_FILE.read_text(encoding="utf-8") == dbt_sources.sources_yaml(), (
        "models/sources.yml differs from the contracts: run python -m ingest.dbt_sources"
    )
