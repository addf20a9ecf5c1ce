"""What Airflow is told: from one place, never over what the operator has set, secrets kept private."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from ingest import airflow_environment

OURS = ("AIRFLOW_", "_AIRFLOW", "SCARF_", "DO_NOT_TRACK")
SERVER = "postgresql://someone:secret@db.example/warehouse"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A process that has set nothing of Airflow, with a warehouse on a server; its home folder."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path))
    monkeypatch.setenv("JUNHENG_DATABASE_URL", SERVER)
    return tmp_path


def test_what_the_operator_set_wins(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "16")
    assert airflow_environment.environment()["AIRFLOW__CORE__PARALLELISM"] == "16"


def test_metadata_never_lands_in_the_warehouse_of_a_server(bare: Path) -> None:
    made = airflow_environment.environment()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert made == f"sqlite:///{bare}/airflow/airflow.db"


def test_beside_the_embedded_warehouse_metadata_has_a_database_of_its_own(
    bare: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.conftest import TEST_HOME

    monkeypatch.delenv("JUNHENG_DATABASE_URL")
    monkeypatch.setenv("JUNHENG_HOME", str(TEST_HOME))
    made = airflow_environment.environment()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert made == server.replace("postgresql://", "postgresql+psycopg2://").replace("/postgres", "/airflow")


def test_everything_listens_on_loopback_and_reports_to_nobody(bare: Path) -> None:
    made = airflow_environment.environment()
    assert made["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert made["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert made["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"


def test_secrets_are_made_once_and_only_their_owner_reads_them(bare: Path) -> None:
    first, second = airflow_environment.environment(), airflow_environment.environment()
    kept = bare / airflow_environment.SECRETS_FILE
    assert kept.stat().st_mode & 0o777 == 0o600
    names = [name for name in first if name.endswith(("FERNET_KEY", "JWT_SECRET", "SECRET_KEY"))]
    assert len(names) == 3
    assert {name: first[name] for name in names} == {name: second[name] for name in names}
    assert len(base64.urlsafe_b64decode(first["AIRFLOW__CORE__FERNET_KEY"])) == 32


def test_secrets_given_by_the_operator_are_not_written_down(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "given")
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "given too")
    airflow_environment.environment()
    assert not (bare / airflow_environment.SECRETS_FILE).exists()


def test_settings_that_come_after_airflow_are_refused(bare: Path, dags: object) -> None:
    """Airflow would silently go on with what it read first: another database, another home."""
    with pytest.raises(RuntimeError, match=r"airflow was imported before .*SQL_ALCHEMY_CONN"):
        airflow_environment.apply()


def test_the_newest_migration_is_the_one_airflow_itself_would_apply(dags: object) -> None:
    """The short cut that saves reading every migration script names the same head as the scripts."""
    from airflow.utils import db

    assert db._get_script_object().get_current_head() == list(db._REVISION_HEADS_MAP.values())[-1]


def test_the_admins_password_is_the_operators_and_private(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = bare / "airflow.passwords.json"
    monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(kept))
    for password in ("the first", "the second"):
        monkeypatch.setenv("JUNHENG_ADMIN_PASSWORD", password)
        airflow_environment._keep_admin_password()
    assert kept.read_text() == '{"admin": "the second"}'
    assert kept.stat().st_mode & 0o777 == 0o600
