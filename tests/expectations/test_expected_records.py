"""Every open school of the compulsory stages × record × year is there, or the gap is told by school."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import made_school_forms
import psycopg
import pytest
from made_batches import make_current, put_batch
from made_checks import swing_explanation
from test_incoming import enrolment, facilities, school, staffing

from expectations import check
from expectations.check import Outcome
from expectations.expected_records import check_expected
from expectations.missing_records import due_records
from expectations.runner import Runner
from ingest import database
from ingest.profile_files import profiles_of

Put = Callable[..., None]
Ask = Callable[[], dict[str, Outcome]]
Told = Callable[[], list[tuple[Any, ...]]]
MAKERS = {"enrolment": enrolment, "staffing": staffing, "facilities": facilities}
FORMS = {"school_basics": made_school_forms.school_basics, "pupil_change": made_school_forms.pupil_change}
ROLE = "junheng_transformer"


@pytest.fixture(autouse=True)
def in_the_winter_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """The records of 2021 and 2022 are due."""
    monkeypatch.setattr(check, "today", lambda: date(2023, 1, 15))
    monkeypatch.setattr("expectations.expected_records.today", lambda: date(2023, 1, 15))


@pytest.fixture
def put(connection: psycopg.Connection) -> Put:
    """Make rows of schools current in a record and a year."""

    def made(record: str, *numbers: int, year: int = 2022, **other: Any) -> None:
        rows = [{**(MAKERS | FORMS)[record](number), "school_year": year, **other} for number in numbers]
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
def told(connection: psycopg.Connection) -> Told:
    """What the last look wrote down."""

    def asked() -> list[tuple[Any, ...]]:
        return connection.execute(
            "select school_code, record, stage, state from ops.missing_record where run_id = %s "
            "order by 1, 2",
            ["run'1"],
        ).fetchall()

    return asked


def drop(connection: psycopg.Connection, record: str, partition: str) -> None:
    """Let a partition be as if it had never been taken."""
    connection.execute(
        "delete from ops.partition_batch where record = %s and partition_key = %s", [record, partition]
    )
    connection.commit()


STAFFING_2021 = ("staffing", "990101|2021%")


def set_aside(
    connection: psycopg.Connection,
    year: int | None,
    code: str | None,
    row: int = 9,
    of: tuple[str, str] = STAFFING_2021,
) -> None:
    """Set aside a row of a current batch, with what could be read of it."""
    connection.execute(
        "insert into ops.rejected_key (batch_id, record, source_sheet, source_row, source_block, "
        "district_code, school_year, school_code) select batch_id, record, '', %s, 0, '990101', %s, %s "
        "from ops.current_batch where record = %s and partition_key like %s",
        [row, year, code, *of],
    )
    connection.commit()


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
    drop(connection, "facilities", "990101|2022")
    ((name, outcome),) = ask().items()
    assert name == "years_have_every_record"
    assert outcome.is_holding
    assert "（990101 · 2022 · 办学条件）" in outcome.message().zh
    monkeypatch.setattr("expectations.expected_records.today", lambda: date(2022, 11, 29))
    assert ask() == {}


def test_a_record_never_sent_is_told_and_holds_nothing(register: None, put: Put, ask: Ask) -> None:
    """A first night with a part of the records."""
    put("enrolment", 1, 2, 3, year=2022)
    ((name, outcome),) = ask().items()
    assert name == "records_were_ever_sent"
    assert not outcome.is_holding
    assert outcome.unexpected_count == 4
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
    drop(connection, "facilities", "990101|2022")
    assert ask() == {}


def test_years_before_the_first_are_told_and_never_an_error(
    whole: None, connection: psycopg.Connection, ask: Ask, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The register is older than the record, and the grace is over."""
    drop(connection, "facilities", "990101|2021")
    monkeypatch.setattr(check, "today", lambda: date(2030, 1, 15))
    assert ask() == {}
    assert told() == [(None, "facilities", None, "before_first")]


def test_a_part_handed_in_before_its_day_holds_nothing(
    whole: None, put: Put, ask: Ask, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("staffing", 1)
    monkeypatch.setattr("expectations.expected_records.today", lambda: date(2022, 11, 29))
    assert ask() == {}
    assert told() == [("S2", "staffing", None, "not_due"), ("S3", "staffing", None, "not_due")]


@pytest.fixture
def nine_year(whole: None, connection: psycopg.Connection, put: Put) -> None:
    """S3 teaches both stages in 2022, as does S7, of which every record is there."""
    rows = [school(1), school(2), school(3, school_type_code="312"), school(7, school_type_code="312")]
    make_current(connection, "school", put_batch(connection, "school", rows))
    put("facilities", 1, 2, 3, 7)
    for record in ("enrolment", "staffing"):
        put(record, 1, 2, 3, 7)
        put(record, 7, stage="junior_secondary")


def test_a_school_of_two_stages_lacks_the_one_that_did_not_come(
    nine_year: None, put: Put, ask: Ask, told: Told
) -> None:
    put("staffing", 3, 7, stage="junior_secondary")
    ((name, outcome),) = ask().items()
    assert name == "schools_have_every_record"
    assert "（S3 · 2022 · 在校生 · 初中）" in outcome.message().zh
    assert "(S3 · 2022 · Enrolment · Junior secondary)" in outcome.message().en
    assert told() == [("S3", "enrolment", "junior_secondary", "missing")]
    put("enrolment", 3, 7, stage="junior_secondary")
    assert ask() == {}


def test_a_stage_that_never_came_is_the_districts_gap(
    nine_year: None, connection: psycopg.Connection, ask: Ask, told: Told
) -> None:
    for record in ("enrolment", "staffing"):
        drop(connection, record, "990101|2022|junior_secondary")
    assert list(ask()) == ["records_were_ever_sent"]
    assert told() == [
        (None, record, "junior_secondary", "never_sent") for record in ("enrolment", "staffing")
    ]


@pytest.mark.parametrize(
    ("stage", "is_told"), [("junior_secondary", False), (None, False), ("primary", True)]
)
def test_a_row_that_was_set_aside_speaks_for_its_stage(
    nine_year: None, put: Put, connection: psycopg.Connection, ask: Ask, stage: str | None, is_told: bool
) -> None:
    put("staffing", 3, 7, stage="junior_secondary")
    connection.execute(
        "insert into ops.rejected_key (batch_id, record, source_sheet, source_row, source_block, "
        "district_code, school_year, school_code, stage) "
        "select batch_id, 'enrolment', '', 9, 0, '990101', 2022, 'S3', %s from ops.current_batch "
        "where record = 'enrolment' and partition_key = '990101|2022|junior_secondary'",
        [stage],
    )
    connection.commit()
    assert bool(ask()) == is_told


def test_a_row_of_all_stages_speaks_for_each(nine_year: None, put: Put, ask: Ask) -> None:
    for record in ("enrolment", "staffing"):
        put(record, 3, stage="all_stages")
    assert ask() == {}


def test_a_refusal_excuses_only_until_a_later_file_was_taken(
    whole: None, put: Put, connection: psycopg.Connection, ask: Ask, told: Told
) -> None:
    batch_id = put_batch(connection, "facilities", [facilities(1)])
    connection.execute(
        "update ops.load_batch set status = 'refused', decided_at = clock_timestamp() where batch_id = %s",
        [batch_id],
    )
    drop(connection, "facilities", "990101|2022")
    assert ask() == {}
    assert told() == [(None, "facilities", None, "refused")]
    put("facilities", 1, 2, 3, year=2021)
    assert list(ask()) == ["years_have_every_record"]


def test_rows_without_a_school_cover_no_more_schools_than_they_are(
    whole: None, put: Put, connection: psycopg.Connection, ask: Ask
) -> None:
    put("staffing", 1, year=2021)
    set_aside(connection, 2021, None, row=9)
    ((name, outcome),) = ask().items()
    assert (name, outcome.unexpected_count) == ("schools_have_every_record", 2)
    assert "学校标识码无法识别的行也可能属于这些学校" in outcome.message().zh
    set_aside(connection, 2021, None, row=10)
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
    set_aside(connection, year, code)
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


@pytest.mark.parametrize(
    ("record", "partition", "state"),
    [("facilities", "990101|2022", "year_missing"), ("staffing", "990101|202%", "never_sent")],
)
def test_a_district_may_say_why_it_has_nothing(
    whole: None,
    connection: psycopg.Connection,
    ask: Ask,
    told: Told,
    record: str,
    partition: str,
    state: str,
) -> None:
    """With its own code in place of a school's, as the message tells; a number to call is not shown."""
    connection.execute(
        "delete from ops.partition_batch where record = %s and partition_key like %s",
        [record, f"{partition}%"],
    )
    connection.commit()
    (outcome,) = ask().values()
    assert "学校标识码一栏填区县代码" in outcome.message().zh
    assert {row[3] for row in told()} == {state}
    years = sorted({2021, 2022} if state == "never_sent" else {2022})
    for year in years:
        text = "本年度由市统一报送，电话 138 0013 8000"
        said = {"record_name": record, "field_name": None, "explanation": text, "school_code": "990101"}
        row = swing_explanation(2, **said, year=year)
        make_current(connection, "swing_explanation", put_batch(connection, "swing_explanation", [row]))
    assert ask() == {}
    assert {row[3] for row in told()} == {"explained"}
    (shown,) = connection.execute(
        "select distinct explanation from ops.missing_record where run_id = %s", ["run'1"]
    ).fetchall()
    assert shown == ("本年度由市统一报送，电话 ***",)


def from_workbooks(connection: psycopg.Connection, year: int, generation: str, stage: str = "%") -> None:
    """Let the enrolment of a year have come in school workbooks."""
    connection.execute(
        "update ops.load_batch set form_generation = %s where batch_id in (select batch_id "
        "from ops.current_batch where record = 'enrolment' and partition_key like %s)",
        [generation, f"990101|{year}|{stage}"],
    )
    connection.commit()


def test_forms_are_due_of_every_school_where_workbooks_came(
    whole: None, put: Put, connection: psycopg.Connection, ask: Ask, told: Told
) -> None:
    from_workbooks(connection, 2021, "基础基")
    from_workbooks(connection, 2022, "教基")
    assert list(ask()) == ["records_were_ever_sent"]
    # Of the newer forms nobody has seen the one of changes.
    assert told() == [
        (None, "pupil_change", None, "never_sent"),
        (None, "school_basics", None, "never_sent"),
        (None, "school_basics", None, "never_sent"),
    ]
    put("school_basics", 1, 2, 3, year=2021)
    put("school_basics", 1, 3)
    put("pupil_change", 1, 3, year=2021)
    ((name, outcome),) = ask().items()
    assert (name, outcome.is_holding) == ("schools_have_every_record", True)
    assert "S2 · 2022 · 学校基本情况" in outcome.message().zh
    assert "S2 · 2021 · Changes of pupils" in outcome.message().en
    put("school_basics", 1, 2, 3)
    put("pupil_change", 1, 2, 3, year=2021)
    assert ask() == {}


def test_forms_are_due_of_the_schools_that_came_in_workbooks_and_no_other(
    whole: None, put: Put, connection: psycopg.Connection, ask: Ask, told: Told
) -> None:
    """Workbooks of upper secondary schools, or of one stage, say nothing of schools that came in a table."""
    put("enrolment", 9, stage="senior_secondary")
    from_workbooks(connection, 2022, "教基", "senior_secondary")
    assert (ask(), told()) == ({}, [])
    # One whose rows were all set aside came too.
    set_aside(connection, 2022, "S3", of=("enrolment", "990101|2022|senior_secondary"))
    assert list(ask()) == ["records_were_ever_sent"]
    connection.execute("delete from ops.rejected_key")
    connection.commit()
    from_workbooks(connection, 2022, "教基", "primary")
    assert list(ask()) == ["records_were_ever_sent"]
    assert told() == [(None, "school_basics", None, "never_sent")]
    # The form itself sent for one of them it is due of every school, as any record is.
    put("school_basics", 1)
    assert list(ask()) == ["schools_have_every_record"]
    assert [row[:2] for row in told()] == [("S2", "school_basics"), ("S3", "school_basics")]


def test_a_year_of_workbooks_without_their_form_is_told(
    whole: None, put: Put, connection: psycopg.Connection, ask: Ask
) -> None:
    put("school_basics", 1, 2, 3, year=2021)
    assert ask() == {}, "in our own template a year more is nobody's due"
    from_workbooks(connection, 2022, "教基")
    ((name, outcome),) = ask().items()
    assert name == "years_have_every_record"
    assert "（990101 · 2022 · 学校基本情况）" in outcome.message().zh


def test_a_form_sent_in_our_own_template_is_due_of_every_school(whole: None, put: Put, ask: Ask) -> None:
    put("pupil_change", 1, 3)
    assert list(ask()) == ["schools_have_every_record"]
    put("pupil_change", 1, 2, 3)
    assert ask() == {}


def test_a_form_is_due_of_the_generations_that_are_read_and_no_other() -> None:
    due = {row["record"]: row["form_generations"] for row in due_records() if row["form_generations"]}
    read = {
        record: {profile.form_layout.generation for profile in profiles_of(record) if profile.forms}
        for record in due
    }
    assert {record: set(generations.split("|")) for record, generations in due.items()} == read
    assert due.keys() == FORMS.keys()
