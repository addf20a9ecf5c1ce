"""Every open school of the compulsory stages × record × year is there, or the gap is told by school."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from made_batches import make_current, put_batch
from made_checks import swing_explanation
from test_incoming import enrolment, facilities, school, staffing

from expectations import check
from expectations.check import Outcome
from expectations.expected_records import check_expected
from expectations.runner import Runner
from ingest import database

Put = Callable[..., None]
Ask = Callable[[], dict[str, Outcome]]
MAKERS = {"enrolment": enrolment, "staffing": staffing, "facilities": facilities}
ROLE = "junheng_transformer"


@pytest.fixture(autouse=True)
def in_the_winter_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """The records of 2021 and 2022 are due."""
    monkeypatch.setattr(check, "today", lambda: date(2023, 1, 15))
    monkeypatch.setattr("expectations.expected_records.today", lambda: date(2023, 1, 15))


@pytest.fixture
def put(connection: psycopg.Connection) -> Put:
    """Make rows of schools current in a record and a year."""

    def made(record: str, *numbers: int, year: int = 2022) -> None:
        rows = [{**MAKERS[record](number), "school_year": year} for number in numbers]
        make_current(connection, record, put_batch(connection, record, rows))

    return made


@pytest.fixture
def register(connection: psycopg.Connection) -> None:
    """Three schools in each of two years; a campus, a kindergarten and a school abroad owe nothing."""
    connection.execute("update ops.load_batch set status = 'accepted'")
    connection.commit()
    for year in (2021, 2022):
        rows = [
            *(school(number) for number in (1, 2, 3)),
            school(4, counts_as_school=False, parent_school_code="S1"),
            school(5, school_type_code="111"),
            school(6, region_code="NZ"),
        ]
        batch = put_batch(connection, "school", [{**row, "school_year": year} for row in rows])
        make_current(connection, "school", batch)


@pytest.fixture(scope="module")
def runner(module_warehouse: str) -> Iterator[Runner]:
    with Runner(ROLE) as opened:
        yield opened


@pytest.fixture
def ask(runner: Runner) -> Ask:
    """Outcomes of the checks that do not hold."""

    def asked() -> dict[str, Outcome]:
        with database.connect(ROLE) as transformer:
            outcomes = check_expected(runner, transformer, "run'1")
        return {outcome.check.name: outcome for outcome in outcomes if not outcome.is_success}

    return asked


@pytest.fixture
def whole(register: None, put: Put, connection: psycopg.Connection) -> None:
    """Every record of every school and year."""
    for record in MAKERS:
        for year in (2021, 2022):
            put(record, 1, 2, 3, year=year)
    connection.execute("update ops.load_batch set status = 'accepted'")
    connection.commit()


def test_nothing_is_missing_where_every_school_came_in_every_record(whole: None, ask: Ask) -> None:
    assert ask() == {}


def test_a_school_without_a_record_is_named_with_it(whole: None, put: Put, ask: Ask) -> None:
    put("staffing", 1, 3, year=2021)
    ((name, outcome),) = ask().items()
    assert name == "schools_have_every_record"
    assert outcome.is_holding
    zh, en = outcome.message()
    assert "（S2 · 2021 · 教职工）" in zh
    assert "(S2 · 2021 · Staffing)" in en
    assert "1 of 1 gaps" in en


def test_a_year_missing_in_a_series_holds_and_one_that_is_not_due_does_not(
    whole: None, connection: psycopg.Connection, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.execute(
        "delete from ops.partition_batch where record = 'facilities' and partition_key = '990101|2022'"
    )
    connection.commit()
    ((name, outcome),) = ask().items()
    assert name == "years_have_every_record"
    assert outcome.is_holding
    assert "（990101 · 2022 · 办学条件）" in outcome.message().zh
    monkeypatch.setattr("expectations.expected_records.today", lambda: date(2022, 11, 29))
    assert ask() == {}


def test_a_record_never_sent_is_told_and_holds_nothing(register: None, put: Put, ask: Ask) -> None:
    """A first night with a part of the records; years before the first one sent count as never sent too."""
    put("enrolment", 1, 2, 3, year=2022)
    ((name, outcome),) = ask().items()
    assert name == "records_were_ever_sent"
    assert not outcome.is_holding
    assert outcome.unexpected_count == 5
    assert "截止" not in outcome.message().zh
    assert "2027-08-31" in outcome.message().zh


def test_a_batch_that_was_refused_tells_of_itself(
    whole: None, connection: psycopg.Connection, ask: Ask
) -> None:
    connection.execute(
        "update ops.load_batch set status = 'refused' where batch_id in ("
        "select batch_id from ops.current_batch "
        "where record = 'facilities' and partition_key = '990101|2022')"
    )
    connection.execute(
        "delete from ops.partition_batch where record = 'facilities' and partition_key = '990101|2022'"
    )
    connection.commit()
    assert ask() == {}


@pytest.mark.parametrize(
    ("year", "code", "is_told"),
    [(2021, "S2", False), (None, "S2", False), (2021, None, False), (2022, "S2", True), (2021, "S1", True)],
)
def test_a_row_that_was_set_aside_is_not_missing(
    whole: None,
    put: Put,
    connection: psycopg.Connection,
    ask: Ask,
    year: int | None,
    code: str | None,
    is_told: bool,
) -> None:
    put("staffing", 1, 3, year=2021)
    connection.execute(
        "insert into ops.rejected_key (batch_id, record, source_sheet, source_row, source_block, "
        "district_code, school_year, school_code) select batch_id, 'staffing', '', 9, 0, '990101', %s, %s "
        "from ops.current_batch where record = 'staffing' and partition_key like '990101|2021%%'",
        [year, code],
    )
    connection.commit()
    assert bool(ask()) == is_told


def test_a_written_explanation_settles_the_gap_and_stays_beside_it(
    whole: None, put: Put, connection: psycopg.Connection, ask: Ask
) -> None:
    put("staffing", 1, 3)
    said: dict[str, Any] = {
        "record_name": "staffing",
        "field_name": None,
        "explanation": "该校教师全部由S1派出",
    }
    make_current(
        connection,
        "swing_explanation",
        put_batch(connection, "swing_explanation", [swing_explanation(2, **said)]),
    )
    assert ask() == {}
    told = connection.execute(
        "select school_code, record, state, explanation from ops.missing_record where run_id = %s", ["run'1"]
    ).fetchall()
    assert told == [("S2", "staffing", "explained", "该校教师全部由S1派出")]
