"""Everything Airflow is told, by environment variables: one place for a laptop, the tests and a server.

Airflow reads its settings when it is first imported, so ``apply()`` comes before any import of airflow.
A variable that is already set wins. ``python -m ingest.airflow_environment airflow scheduler`` runs a
command of Airflow with these settings; ``… prepare`` migrates the warehouse and Airflow's metadata.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

from ingest import database, embedded
from ingest.settings import DAGS_DIR, database_url_from_environment, home, private_file

METADATA_DATABASE = "airflow"
SECRETS_FILE = "airflow.secrets.json"
PASSWORDS_FILE = "airflow.passwords.json"
ADMIN_LOGIN = "JUNHENG_ADMIN_PASSWORD"  # the variable's name

# Two cores run four tasks well; a loop that sleeps a second wastes most of a night of short tasks.
_QUIET_AND_SMALL = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "4",
    # A province lands more files in one night than Airflow's 1024.
    "AIRFLOW__CORE__MAX_MAP_LENGTH": "100000",
    # A build that is paused misses the night's assets and never starts.
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    # The api server's first answer takes seconds of computing, on a busy machine more than the default 5.
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "60",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "AIRFLOW__API__HOST": "127.0.0.1",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__API__EXPOSE_CONFIG": "False",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
}


def airflow_home() -> Path:
    """Folder for Airflow's own files; inside the project's home unless AIRFLOW_HOME is set."""
    return Path(os.environ.get("AIRFLOW_HOME") or home() / "airflow")


def _generated_secrets() -> dict[str, str]:
    """Keys that all components share; made once and kept where only the owner may read them."""
    path = private_file(SECRETS_FILE)
    if not path.exists():
        # Fernet wants 32 bytes in URL-safe base64, padded; the other two are free text.
        made = {
            "AIRFLOW__CORE__FERNET_KEY": secrets.token_urlsafe(32) + "=",
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(48),
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(48),
        }
        _write_private(path, json.dumps(made))
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _write_private(path: Path, text: str) -> None:
    """Write a file that appears whole and is readable by its owner only; the first of two writers wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another component made it in the same moment; its keys hold for both
    finally:
        draft.unlink()


def _metadata_url() -> str:
    """Address of Airflow's metadata: beside the embedded warehouse, else SQLite in the home folder."""
    if database_url_from_environment():
        return f"sqlite:///{airflow_home() / 'airflow.db'}"
    embedded.start()
    url = database.ensure_database(METADATA_DATABASE)
    return url.replace("postgresql://", "postgresql+psycopg2://", 1)


def environment() -> dict[str, str]:
    """Every variable Airflow needs, with what is set already left as it is."""
    wanted = {**_QUIET_AND_SMALL, "AIRFLOW_HOME": str(airflow_home())}
    wanted["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] = str(home() / PASSWORDS_FILE)
    wanted["AIRFLOW__CORE__DAGS_FOLDER"] = str(DAGS_DIR)
    wanted["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(airflow_home() / "plugins")
    if not all(
        os.environ.get(name) for name in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")
    ):
        wanted.update(_generated_secrets())
    if not os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"):
        wanted["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = _metadata_url()
    return {name: os.environ.get(name) or value for name, value in wanted.items()}


def apply() -> None:
    """Set the variables in this process. Raises RuntimeError when Airflow has read other settings before."""
    wanted = environment()
    if "airflow.configuration" in sys.modules:
        late = [name for name, value in wanted.items() if os.environ.get(name) != value]
        if late:
            raise RuntimeError(f"airflow was imported before its settings were applied: {', '.join(late)}")
    airflow_home().mkdir(parents=True, exist_ok=True)
    os.environ.update(wanted)


def migrate_metadata() -> bool:
    """Make or upgrade Airflow's metadata tables; False when they were up to date and nothing was done."""
    from airflow.utils import db

    if _is_metadata_current():
        return False
    db.upgradedb()
    return True


def _is_metadata_current() -> bool:
    from airflow import settings
    from airflow.utils import db
    from alembic.migration import MigrationContext

    # Airflow's own table of heads: reading its hundred migration scripts takes as long as a small night.
    newest = list(db._REVISION_HEADS_MAP.values())[-1]
    with settings.get_engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def prepare() -> None:
    """Settings, then metadata and warehouse up to date: what must stand before any night runs."""
    apply()
    _keep_admin_password()
    migrate_metadata()
    database.migrate()


def _keep_admin_password() -> None:
    """Put JUNHENG_ADMIN_PASSWORD where Airflow looks for it; else Airflow makes one and prints it."""
    password = os.environ.get(ADMIN_LOGIN)
    if not password:
        return
    path = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    path.unlink(missing_ok=True)
    _write_private(path, json.dumps({"admin": password}))


def main(arguments: list[str]) -> None:
    """Run a command with the settings applied, or ``prepare`` the databases."""
    if arguments == ["prepare"]:
        prepare()
        return
    if not arguments:
        raise SystemExit("usage: python -m ingest.airflow_environment prepare | COMMAND [ARGUMENT …]")
    apply()
    # The same interpreter's tools come first, whether or not its environment is activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    os.execvp(arguments[0], arguments)  # noqa: S606  owner: maintainers, ends with Airflow 4: the command is the operator's own


if __name__ == "__main__":
    main(sys.argv[1:])
