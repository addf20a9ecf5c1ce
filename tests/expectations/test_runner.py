"""A check that cannot be asked is an error, neither passed nor failed, and its text quotes no row."""

from __future__ import annotations

import logging
import traceback

import pytest

from expectations.check import Text, no_row_where
from expectations.runner import CheckNotRunError, Runner
from ingest import database

NOTHING = Text("", "")
PLACE = "'' as source_sheet, 1 as source_row"


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("no_such_column > 1", "psycopg.errors.UndefinedColumn"),
        # Postgres quotes the value that it cannot cast.
        ("name::integer > 1", "psycopg.errors.InvalidTextRepresentation"),
    ],
)
def test_a_check_that_cannot_be_asked_is_an_error(
    module_warehouse: str, caplog: pytest.LogCaptureFixture, condition: str, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "".join(["秘密", "姓名"])
    check = no_row_where("odd", condition, what=NOTHING, matters=NOTHING, mend=NOTHING, column="name")
    with Runner("junheng_loader") as runner, pytest.raises(CheckNotRunError) as caught:
        runner.run(f"select '{secret}'::text as name, {PLACE}", [check])
    told = "".join(traceback.format_exception(caught.value))
    assert f"the check odd could not be run: {kind}" in told
    assert secret not in told
    assert secret not in caplog.text


def test_the_runner_acts_under_its_role(module_warehouse: str) -> None:
    other = "current_user <> 'junheng_transformer'"
    check = no_row_where("role", other, what=NOTHING, matters=NOTHING, mend=NOTHING, column="a")
    with Runner("junheng_transformer") as runner:
        assert runner.run(f"select {PLACE}", [check])[0].is_success
        with pytest.raises(CheckNotRunError, match="InsufficientPrivilege"):
            runner.run(f"select {PLACE} from pg_authid", [check])


def test_logging_is_as_before(module_warehouse: str) -> None:
    logger = logging.getLogger("great_expectations")
    before = (logger.level, logger.propagate, list(logger.handlers))
    with Runner("junheng_loader"):
        pass
    assert (logger.level, logger.propagate, list(logger.handlers)) == before


def test_connections_are_closed(module_warehouse: str) -> None:
    count = "select count(*) from pg_stat_activity where datname = current_database()"
    with database.connect(autocommit=True) as watcher:
        before = watcher.execute(count).fetchone()
        with Runner("junheng_loader") as runner:
            runner.run("select 1 as a", [])
        for _ in range(50):
            if watcher.execute(count).fetchone() == before:
                break
            watcher.execute("select pg_sleep(0.1)")
        assert watcher.execute(count).fetchone() == before
