"""The outgoing border: whether the marts that were built may be published."""

from __future__ import annotations

from dataclasses import dataclass

from expectations import (
    marts_balance,
    marts_balance_standing,
    marts_finance,
    marts_government,
    marts_groups,
    marts_places,
    marts_policy_engine,
    marts_school_forms,
    marts_school_funds,
    marts_special_education,
    marts_spending,
    marts_teachers,
    marts_what_it_takes,
)
from expectations.check import Failure, Outcome, failures
from expectations.expected_records import SUITE, check_expected
from expectations.promises import Mart, columns_present, suite
from expectations.runner import Runner, write_outcomes
from ingest import database

ROLE = "junheng_transformer"
# In the order in which they are checked.
MARTS: tuple[Mart, ...] = (
    *marts_balance.MARTS,
    *marts_balance_standing.MARTS,
    *marts_finance.MARTS,
    *marts_government.MARTS,
    *marts_groups.MARTS,
    *marts_places.MARTS,
    *marts_policy_engine.MARTS,
    *marts_school_forms.MARTS,
    *marts_school_funds.MARTS,
    *marts_special_education.MARTS,
    *marts_spending.MARTS,
    *marts_teachers.MARTS,
    *marts_what_it_takes.MARTS,
)


@dataclass(frozen=True)
class MartsVerdict:
    """Whether the marts may be published and, if not, what they break."""

    is_success: bool
    failures: tuple[Failure, ...]


def check_marts(run_id: str, schema: str = "marts_build") -> MartsVerdict:
    """Check every mart of a schema; one row a check goes to ops.quality_result.

    First that all tables and columns are there; only then what they hold, for marts are held against
    each other. With them goes whether every school came in every record.
    """
    results: dict[str, list[Outcome]] = {}
    with Runner(ROLE) as runner:
        for mart in MARTS:
            results[mart.name] = runner.run(_catalogue(mart, schema), [columns_present(mart)])
        if all(outcome.is_success for outcomes in results.values() for outcome in outcomes):
            for mart in MARTS:
                results[mart.name] += runner.run(f"select * from {schema}.{mart.name}", suite(mart, schema))
        with database.connect(ROLE) as connection:
            results[SUITE] = check_expected(runner, connection, run_id)
    with database.connect(ROLE) as connection:
        for name, outcomes in results.items():
            write_outcomes(connection, outcomes, run_id=run_id, border="outgoing", suite=name, subject=name)
    found = tuple(f for name, outcomes in results.items() for f in failures(outcomes, name))
    return MartsVerdict(not found, found)


def _catalogue(mart: Mart, schema: str) -> str:
    return (
        "select column_name from information_schema.columns "
        f"where table_schema = '{schema}' and table_name = '{mart.name}'"
    )
