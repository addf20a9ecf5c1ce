"""A server's own Postgres by URL, the oldest that is promised: the same night as on the embedded one."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import database
from ingest.sample.write import write_five_schools
from tests.end_to_end.conftest import build_and_publish, load_everything, read

OLDEST_PROMISED = 15


def installed_servers() -> dict[int, Path]:
    """Folders of server binaries of this machine, by major version."""
    found = {}
    for initdb in [
        *Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        Path(shutil.which("initdb") or "/none"),
    ]:
        if initdb.exists():
            version = subprocess.run(
                [initdb, "--version"], check=True, text=True, stdout=subprocess.PIPE
            ).stdout
            number = re.search(r"(\d+)", version)
            assert number
            found[int(number[1])] = initdb.resolve().parent
    return found


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a database of a server that is not ours."""
    servers = {version: path for version, path in installed_servers().items() if version >= OLDEST_PROMISED}
    if not servers:
        pytest.skip(f"needs Postgres {OLDEST_PROMISED} or newer installed on this machine")
    binaries = servers[min(servers)]
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    # The server's account must reach it, which it cannot in pytest's folders.
    folder = Path(tempfile.gettempdir()) / f"junheng_own_server_{os.getpid()}"
    folder.mkdir(mode=0o755)
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run(
            [str(binaries / command[0]), *command[1:]],
            check=True,
            stdout=subprocess.DEVNULL,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            cwd="/",
        )

    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    try:
        run(
            "initdb",
            "-D",
            f"{folder}/data",
            "-U",
            "owner",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        )
        run("pg_ctl", "start", "-w", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options)
        yield f"postgresql://owner@127.0.0.1:{port}/postgres"
        run("pg_ctl", "stop", "-w", "-m", "fast", "-D", f"{folder}/data")
    finally:
        shutil.rmtree(folder)


def test_the_worked_example_on_another_server(
    own_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_DATABASE_URL", own_server)
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    database.migrate()
    database.migrate()
    write_five_schools(tmp_path)
    assert {outcome["status"] for outcome in load_everything()} == {"loaded"}
    build_and_publish()
    (row,) = read(
        "select coefficient_rounded from marts.mart_balance__coefficients "
        "where indicator_code = 'books_per_student'"
    )
    assert float(row["coefficient_rounded"]) == 0.515
