"""Fixtures: one embedded server for all tests, a fresh database for each test that asks for one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ingest import database, embedded

PROJECT_ROOT = Path(__file__).resolve().parents[1]
SHARED = PROJECT_ROOT.parent / "shared"
# Tests that run side by side have a home, and so a server, each.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
TEST_HOME = Path(os.environ.get("JUNHENG_TEST_HOME", PROJECT_ROOT / ".junheng" / "test")) / WORKER

# Read when asked for, not on import: tests never touch a developer's own database or landing folder.
os.environ["JUNHENG_HOME"] = str(TEST_HOME)
os.environ["JUNHENG_IDENTITY_KEY"] = "key of the tests, not a secret"
os.environ.pop("JUNHENG_DATABASE_URL", None)

# A change is judged by the same examples on every machine.
settings.register_profile("same", derandomize=True, database=None)
settings.load_profile("same")


# Begun first, the longest before all: begun last, one worker would wait for another at the end.
LONG = (
    "test_scheduler.py",
    "test_real_layouts.py",
    "test_balance_districts.py",
    "test_made_district.py",
    "test_five_schools.py",
    "test_in_process.py",
    "test_own_server.py",
)


def _begins_before(item: pytest.Item) -> int:
    return LONG.index(item.path.name) if item.path.name in LONG else len(LONG)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long; skip tests on real data of other places where it is absent, and say so."""
    items.sort(key=_begins_before)
    if SHARED.exists():
        return
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(pytest.mark.skip(reason=f"needs the real data of other places in {SHARED}"))


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Folder of real data and golden figures outside the project; use with ``@pytest.mark.shared``."""
    return SHARED


def _spare_safety(admin: psycopg.Connection) -> None:
    """No test's data must outlive a crash of the machine, and nobody guesses at its password.

    dbt connects for every node; most of the time that takes goes into hashing the password.
    """
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        admin.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
    admin.execute("select pg_reload_conf()")
    admin.execute("set scram_iterations = 1")
    password = conninfo_to_dict(embedded.url())["password"]
    admin.execute(
        sql.SQL("alter role {} password {}").format(sql.Identifier(embedded.USER), sql.Literal(password))
    )


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """URL of the embedded server's maintenance database."""
    was_running = embedded.is_running()
    embedded.start()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as admin:
        _spare_safety(admin)
    yield embedded.url("postgres")
    if not was_running:
        embedded.stop()


def _drop(admin: psycopg.Connection, name: str) -> None:
    admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@contextmanager
def copied(server: str, template: str, name: str) -> Iterator[str]:
    """The name of a copy of a database to which nobody is connected; the copy goes in the end."""
    statement = sql.SQL("create database {} template {}")
    with psycopg.connect(server, autocommit=True) as admin:
        _drop(admin, name)  # what a killed run left
        admin.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield name
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            _drop(admin, name)


@pytest.fixture(scope="session")
def template_database(server: str) -> Iterator[str]:
    """A migrated, empty warehouse that others are copied from."""
    with copied(server, "template1", f"junheng_template_{os.getpid()}") as name:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JUNHENG_DATABASE_URL", embedded.url(name))
            database.migrate()
        yield name


def _free_name(admin: psycopg.Connection) -> str:
    """A name that nobody else uses while ``admin`` lives.

    One database after the other has the same name: dbt would read its whole project anew for another.
    """
    statement = "select pg_try_advisory_lock(%s)"
    numbers = itertools.count(1)
    return next(f"junheng_test_{n}" for n in numbers if admin.execute(statement, [n]).fetchone() == (True,))


@contextmanager
def fresh_warehouse(server: str, template: str) -> Iterator[str]:
    """A new database copied from the template, to which JUNHENG_DATABASE_URL points meanwhile."""
    grant = sql.SQL("grant create on database {} to junheng_transformer")
    with (
        psycopg.connect(server, autocommit=True) as admin,
        copied(server, template, _free_name(admin)) as name,
        pytest.MonkeyPatch.context() as patch,
    ):
        # Grants on a database are not copied with its template.
        admin.execute(grant.format(sql.Identifier(name)))
        patch.setenv("JUNHENG_DATABASE_URL", embedded.url(name))
        yield embedded.url(name)


@pytest.fixture
def warehouse(server: str, template_database: str) -> Iterator[str]:
    """URL of a fresh, migrated warehouse for one test; JUNHENG_DATABASE_URL points to it."""
    with fresh_warehouse(server, template_database) as url:
        yield url


@pytest.fixture(scope="module")
def module_warehouse(server: str, template_database: str) -> Iterator[str]:
    """The same for all tests of a module, for what is dear to build."""
    with fresh_warehouse(server, template_database) as url:
        yield url
