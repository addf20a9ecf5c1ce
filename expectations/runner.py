"""One small runner: suites as code against Postgres, by SQL, with nothing written and no value brought back.

First every check is asked yes or no; only those that fail are asked again for counts. Great Expectations
is imported late: it takes seconds.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from expectations.check import MAX_PLACES, NOTHING, Check, Outcome, Text
from expectations.swapped import swap_hint
from ingest import database

YES_OR_NO = {"result_format": "BOOLEAN_ONLY"}
# Counts, without a single value of the rows.
COUNTS = {
    "result_format": "BASIC",
    "partial_unexpected_count": 0,
    "exclude_unexpected_values": True,
}


# One query at a time, of a million rows in groups: the server's own setting would spill to disk.
WORK_MEMORY = "128MB"


class CheckNotRunError(RuntimeError):
    """A check could not be asked (a missing column, a lost connection): neither passed nor failed."""


class Runner:
    """A session of checks under one role. Use as a context manager.

    ``has_places`` says that what is checked carries source_sheet and source_row, so that a failure can
    name them.
    """

    def __init__(self, role: str, *, has_places: bool = False) -> None:
        self._role = role
        self._has_places = has_places
        self._numbers = itertools.count(1)
        self._described: set[str] = set()

    def __enter__(self) -> Runner:
        with _quiet():
            self._source = self._open()
        self._connection = database.connect(self._role, autocommit=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        # It opens two: one to try the address, one to ask.
        for engine in (self._source.get_engine(), self._source.get_execution_engine().engine):
            engine.dispose()

    def passed(self, query: str, checks: Sequence[Check]) -> list[Check]:
        """The checks that hold for the rows of ``query``; CheckNotRunError when one cannot be asked."""
        with _quiet():
            results = self._ask(self._batch(query), checks, YES_OR_NO)
        return [check for check in checks if results[check.name]["success"]]

    def run(self, query: str, checks: Sequence[Check]) -> list[Outcome]:
        """Ask every check of the rows of ``query`` (a select); the outcomes in the order of the checks.

        Raises CheckNotRunError when one cannot be asked.
        """
        with _quiet():
            batch = self._batch(query)
            passed = self._ask(batch, checks, YES_OR_NO)
            failed = [check for check in checks if not passed[check.name]["success"]]
            counted = self._ask(batch, failed, COUNTS) if failed else {}
        rows = self._number(f"select count(*) from ({query}) as rows_of_batch") if failed else None
        return [
            self._outcome(check, query, counted[check.name]["result"], rows)
            if check.name in counted
            else Outcome(check, is_success=True)
            for check in checks
        ]

    def _open(self) -> Any:
        import great_expectations as gx

        url = make_url(database.database_url()).set(drivername="postgresql+psycopg")
        url = url.update_query_dict(
            {"options": f"-c role={self._role} -c work_mem={WORK_MEMORY}", "application_name": "junheng"}
        )
        self._gx, self._context = gx, gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        self._context.enable_analytics(enable=False)
        source = self._context.data_sources.add_postgres(
            "warehouse",
            connection_string=url.render_as_string(hide_password=False),
            kwargs={"hide_parameters": True},
        )
        event.listen(
            source.get_execution_engine().engine, "before_cursor_execute", self._describe, retval=True
        )
        return source

    def _describe(
        self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> tuple[str, Any]:
        """Great Expectations runs the whole query to learn its columns; no row is needed for that."""
        query = statement.strip()
        if query in self._described:
            statement = f"select * from ({query}) as described limit 0"
        return statement, parameters

    def _batch(self, query: str) -> Any:
        self._described.add(query)
        name = f"batch_{next(self._numbers)}"
        asset = self._source.add_query_asset(name, query=query)
        return asset.add_batch_definition_whole_table(name).get_batch()

    def _ask(self, batch: Any, checks: Sequence[Check], result_format: dict[str, Any]) -> dict[str, Any]:
        """Results by the check's name."""
        expectations = [
            self._expectation(check.expectation)(
                **check.arguments, severity=check.severity, meta={"check": check.name}
            )
            for check in checks
        ]
        suite = self._gx.ExpectationSuite(f"suite_{next(self._numbers)}", expectations=expectations)
        validation = batch.validate(suite, result_format=dict(result_format))
        results = {r.expectation_config.meta["check"]: r for r in validation.results}
        _stop_on_exceptions(results)
        return results

    def _expectation(self, name: str) -> Any:
        """The class of that name: one of Great Expectations or our own."""
        from expectations.counted_rows import ExpectNoRows

        return ExpectNoRows if name == ExpectNoRows.__name__ else getattr(self._gx.expectations, name)

    def _outcome(self, check: Check, query: str, result: dict[str, Any], rows: int | None) -> Outcome:
        count = result.get("unexpected_count", result.get("observed_value"))
        total = rows
        if check.total_query:
            total = self._number(check.total_query.replace("{batch}", _derived(query)))
        places, names = self._places(check, query), self._names(check, query)
        hint = swap_hint(self._connection, check, _derived(query)) if self._has_places else NOTHING
        return Outcome(check, False, count, total, places, names, hint)

    def _names(self, check: Check, query: str) -> tuple[Text, ...]:
        """The first names of what breaks the promise."""
        if check.names_query is None:
            return ()
        named = check.names_query.replace("{batch}", _derived(query))
        found = self._connection.execute(
            f"select distinct name_zh, name_en from ({named}) as named order by 1, 2 limit {MAX_PLACES}"
        )
        return tuple(Text(zh, en) for zh, en in found)

    def _places(self, check: Check, query: str) -> tuple[tuple[str, int], ...]:
        """The first rows that break the promise, by sheet and row number."""
        if not self._has_places or check.places_query is None:
            return ()
        broken = check.places_query.replace("{batch}", _derived(query))
        found = self._connection.execute(
            f"select distinct source_sheet, source_row from ({broken}) as broken "
            f"order by 1, 2 limit {MAX_PLACES}"
        )
        return tuple((sheet, row) for sheet, row in found)

    def _number(self, query: str) -> int:
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0


def _derived(query: str) -> str:
    """The rows of a query as Great Expectations puts them for ``{batch}``."""
    return f"({query}) as subselect"


def _stop_on_exceptions(results: dict[str, Any]) -> None:
    """Raise when a check was not answered. Only the error's class is named: its text may quote a row."""
    for name, result in results.items():
        message = _exception_message(result.exception_info or {})
        if message is not None:
            kinds = re.findall(r"\(([A-Za-z_]+(?:\.[A-Za-z_]+)+)\)", message)
            raise CheckNotRunError(
                f"the check {name} could not be run: {kinds[0] if kinds else 'see the log'}"
            )


def _exception_message(info: dict[str, Any]) -> str | None:
    if "raised_exception" in info:
        return str(info["exception_message"]) if info["raised_exception"] else None
    messages = [str(each.get("exception_message")) for each in info.values() if each.get("raised_exception")]
    return messages[0] if messages else None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Great Expectations from logging: a traceback of its may quote a row."""
    logger = logging.getLogger("great_expectations")
    before, silence = (logger.level, logger.propagate), logging.NullHandler()
    logger.setLevel(logging.CRITICAL + 1)
    # Some of its modules set a level of their own: what they say ends here.
    logger.propagate = False
    logger.addHandler(silence)
    try:
        yield
    finally:
        logger.removeHandler(silence)
        logger.setLevel(before[0])
        logger.propagate = before[1]


def write_outcomes(
    connection: psycopg.Connection,
    outcomes: Sequence[Outcome],
    *,
    run_id: str,
    border: str,
    suite: str,
    subject: str | None = None,
    record: str | None = None,
    batch_id: Any = None,
) -> None:
    """One row of ops.quality_result a check."""
    rows = [
        (
            *(run_id, border, suite, record, batch_id),
            *(o.check.name, o.check.column, o.check.severity, o.is_success),
            *(o.unexpected_count, o.element_count),
            *o.message(subject),
        )
        for o in outcomes
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into ops.quality_result
                (run_id, border, suite, record, batch_id, check_name, column_name, severity, is_success,
                 unexpected_count, element_count, message_zh, message_en)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            rows,
        )
