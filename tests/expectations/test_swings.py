"""A figure that leaps against last year holds the batch until it is explained; other changes do not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from made_batches import make_current, put_batch
from made_checks import swing_explanation
from test_incoming import enrolment, facilities, school, staffing

from expectations import check
from expectations.incoming import BatchVerdict, check_batches
from expectations.swing_bands import bands
from expectations.swings import reopen_explained
from ingest.contract import code_list, contracts
from ingest.hand_in import HandIn, hand_in

Row = dict[str, Any]
WARNED = date.fromisoformat(bands("enrolment")[0]["warn_until"])


@pytest.fixture(autouse=True)
def within_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last day on which a swing only warns, whatever today is."""
    monkeypatch.setattr(check, "today", lambda: WARNED)


@pytest.fixture(autouse=True)
def nothing_said(connection: psycopg.Connection) -> None:
    """No batch of another test waits or explains anything."""
    connection.execute("update ops.load_batch set status = 'accepted'")
    connection.execute("delete from ops.form_note")
    connection.commit()


def pupils(number: int, students: int, **other: Any) -> Row:
    """A school's pupils; the classes go with them, so that they are no swing of their own."""
    return enrolment(number, students=students, female_students=students // 2, classes=12, **other)


def last_year(connection: psycopg.Connection, record: str, *rows: Row) -> None:
    make_current(
        connection, record, put_batch(connection, record, [{**r, "school_year": 2021} for r in rows])
    )


def now(connection: psycopg.Connection, record: str, *rows: Row) -> BatchVerdict:
    batch_id = put_batch(connection, record, rows, order=1)
    return check_batches(record, [batch_id], "run-1")[batch_id]


def told(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Swings of the batch that was checked last."""
    return connection.execute(
        "select school_code, field_name, value_before::int, value_now::int, band, explanation from ops.swing "
        "where batch_id = (select batch_id from ops.quality_result order by quality_result_id desc limit 1) "
        "order by 1, 2"
    ).fetchall()


# Pupils of last year, of this year, and the band that the step leaves.
STEPS = [
    (400, 199, "outer"),  # more than half gone
    (400, 200, "inner"),  # the bound itself is within the outer band
    (400, 300, None),
    (400, 540, None),
    (400, 541, "inner"),
    (400, 801, "outer"),
    (90, 40, None),  # fewer than 100 in either year
    (0, 400, "inner"),  # out of nothing there is no share
]


def test_bands_are_inclusive(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", *(pupils(n, before) for n, (before, *_) in enumerate(STEPS)))
    verdict = now(connection, "enrolment", *(pupils(n, after) for n, (_, after, _) in enumerate(STEPS)))
    assert [f.check_name for f in verdict.failures] == ["no_unexplained_leap"]
    assert {school_code: band for school_code, *_, band, _ in told(connection)} == {
        f"S{n}": band for n, (*_, band) in enumerate(STEPS) if band
    }


def test_the_message_names_school_and_field_and_the_way_out(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", pupils(1, 400), pupils(2, 400))
    (failure,) = now(connection, "enrolment", pupils(1, 405), pupils(2, 40)).failures
    assert "（工作表“表1”第 3 行）（S2“在校生数”）" in failure.message_zh
    assert "(S2 “Students”)" in failure.message_en
    assert "112续表1" in failure.message_zh
    assert "40" not in failure.message_zh.replace("400", "")


def test_a_warning_has_an_owner_and_is_an_error_after_its_last_day(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    last_year(connection, "enrolment", pupils(1, 400))
    assert now(connection, "enrolment", pupils(1, 560)).is_success
    row = connection.execute(
        "select severity, is_success, message_zh, message_en from ops.quality_result "
        "where check_name = 'no_unexplained_swing' order by quality_result_id desc limit 1"
    ).fetchone()
    assert row is not None
    severity, is_success, zh, en = row
    assert (severity, is_success) == ("warning", False)
    assert f"由区县教育统计人员于 {WARNED} 前核实" in zh
    assert f"statistics officer settles it by {WARNED}" in en
    monkeypatch.setattr(check, "today", lambda: WARNED.replace(year=WARNED.year + 1))
    (failure,) = now(connection, "enrolment", pupils(1, 560)).failures
    assert failure.check_name == "no_unexplained_swing"


def test_nothing_is_compared_without_last_year(connection: psycopg.Connection) -> None:
    make_current(
        connection, "enrolment", put_batch(connection, "enrolment", [pupils(1, 400, school_year=2020)])
    )
    assert now(connection, "enrolment", pupils(1, 40), pupils(2, 900)).is_success
    assert told(connection) == []


def test_new_and_closed_schools_and_missing_figures_are_no_leap(connection: psycopg.Connection) -> None:
    rows = [staffing(number, staff=50, full_time_teachers=40) for number in (1, 2, 3, 4, 5, 6)]
    last_year(connection, "staffing", *rows)
    changed = {**rows[1], "staff": None, "full_time_teachers": None}
    new = staffing(9, staff=400, full_time_teachers=390)
    assert now(connection, "staffing", changed, *rows[2:], new).is_success
    assert told(connection) == []


def test_the_years_of_one_file_are_held_against_each_other(connection: psycopg.Connection) -> None:
    verdict = now(connection, "enrolment", pupils(1, 400, school_year=2021), pupils(1, 40))
    assert [f.check_name for f in verdict.failures] == ["no_unexplained_leap"]


def test_two_files_of_one_night_are_held_against_each_other(connection: psycopg.Connection) -> None:
    first = put_batch(connection, "enrolment", [pupils(1, 400, school_year=2021)], order=1)
    second = put_batch(connection, "enrolment", [pupils(1, 40)], order=2)
    verdicts = check_batches("enrolment", [first, second], "run-1")
    assert [verdicts[batch].is_success for batch in (first, second)] == [True, False]


def test_a_campus_that_was_merged_is_no_leap_of_its_school(connection: psycopg.Connection) -> None:
    """S2 was a school last year and is a campus of S1 now; its pupils stand in the row of S1."""
    last_year(connection, "enrolment", pupils(1, 200), pupils(2, 400), pupils(3, 400))
    merged = [{**pupils(1, 610), "classes": 24}, pupils(3, 400)]
    assert not now(connection, "enrolment", *merged).is_success
    register = [school(1), school(2, counts_as_school=False, parent_school_code="S1"), school(3)]
    make_current(connection, "school", put_batch(connection, "school", register))
    assert now(connection, "enrolment", *merged).is_success
    assert told(connection) == []


def test_a_campus_that_became_a_school_is_no_leap(connection: psycopg.Connection) -> None:
    before = [school(1), school(2, counts_as_school=False, parent_school_code="S1")]
    make_current(
        connection, "school", put_batch(connection, "school", [{**r, "school_year": 2021} for r in before])
    )
    last_year(connection, "enrolment", pupils(1, 600))
    assert now(connection, "enrolment", pupils(1, 200), pupils(2, 410)).is_success


def test_a_school_with_rows_set_aside_is_not_compared(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", pupils(1, 400))
    batch_id = put_batch(connection, "enrolment", [pupils(1, 40)], order=1)
    connection.execute(
        "insert into ops.rejected_key (batch_id, record, source_sheet, source_row, source_block, "
        "district_code, school_year, school_code) values (%s, 'enrolment', '', 9, 0, '990101', 2022, 'S1')",
        [batch_id],
    )
    connection.commit()
    assert check_batches("enrolment", [batch_id], "run-1")[batch_id].is_success


# Pupils last year and now; year and stage of a row set aside without a school; the band that is told.
UNPLACED = [
    (400, 40, 2022, None, "inner"),
    (400, 40, 2022, "junior_secondary", "outer"),
    (400, 40, 2021, None, "outer"),
    (400, 900, 2022, None, "outer"),
]


@pytest.mark.parametrize(("before", "after", "year", "stage", "band"), UNPLACED)
def test_a_row_that_may_be_any_schools_explains_a_fall_of_its_year(
    connection: psycopg.Connection, before: int, after: int, year: int, stage: str | None, band: str
) -> None:
    last_year(connection, "enrolment", pupils(1, before))
    batch_id = put_batch(connection, "enrolment", [pupils(1, after)], order=1)
    connection.execute(
        "insert into ops.rejected_key (batch_id, record, source_sheet, source_row, source_block, "
        "district_code, school_year, stage) values (%s, 'enrolment', '', 9, 0, '990101', %s, %s)",
        [batch_id, year, stage],
    )
    connection.commit()
    verdict = check_batches("enrolment", [batch_id], "run-1")[batch_id]
    assert [found for *_, found, _ in told(connection)] == [band]
    assert verdict.is_success == (band == "inner")


def test_a_row_of_last_year_that_may_be_any_schools_explains_a_rise(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", pupils(1, 400))
    connection.execute(
        "insert into ops.rejected_key "
        "(batch_id, record, source_sheet, source_row, source_block, school_year, stage) "
        "select batch_id, 'enrolment', '', 9, 0, 2021, 'primary' from ops.current_batch "
        "where record = 'enrolment'"
    )
    connection.commit()
    assert now(connection, "enrolment", pupils(1, 900)).is_success
    assert [band for *_, band, _ in told(connection)] == ["inner"]


# What a school's explanation is about, beside the figure that leapt, and whether it counts.
SAID: list[tuple[Row, bool]] = [
    ({}, True),
    ({"field_name": None}, True),
    ({"school_code": "S99"}, False),
    ({"year": 2021}, False),
    ({"district_code": "990102"}, False),
    ({"record_name": "staffing", "field_name": "staff"}, False),
    ({"field_name": "classes"}, False),
    ({"explanation": "属实"}, False),
]


def explain(connection: psycopg.Connection, *rows: Row) -> None:
    """Take a file of explanations, loaded now."""
    make_current(connection, "swing_explanation", put_batch(connection, "swing_explanation", rows))


def refuse(connection: psycopg.Connection, batch_id: UUID) -> None:
    connection.execute(
        "update ops.load_batch set status = 'refused', decided_at = clock_timestamp() where batch_id = %s",
        [batch_id],
    )
    connection.commit()


def test_an_explanation_counts_for_the_figure_it_is_about(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", *(pupils(n, 400) for n, _ in enumerate(SAID)))
    explain(connection, *(swing_explanation(n, **change) for n, (change, _) in enumerate(SAID)))
    rows = [pupils(n, 900 + n) for n, _ in enumerate(SAID)]
    assert not now(connection, "enrolment", *rows).is_success
    assert {school_code: said for school_code, *_, said in told(connection)} == {
        f"S{n}": "并入邻近教学点，学生增加" if counts else None for n, (_, counts) in enumerate(SAID)
    }
    explained = [row for row, (_, counts) in zip(rows, SAID, strict=True) if counts]
    assert now(connection, "enrolment", *explained).is_success


def test_a_note_of_the_workbook_explains_what_the_school_hands_in(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", pupils(1, 400))
    note = put_batch(connection, "school", [school(1)])
    connection.execute(
        "insert into ops.form_note (batch_id, source_sheet, form_code, school_year, school_code, note) "
        "values (%s, '', '112续表1', 2022, 'S1', '因片区调整，本学年增设六个班')",
        [note],
    )
    connection.commit()
    assert now(connection, "enrolment", pupils(1, 900)).is_success
    assert told(connection)[0][-1] == "因片区调整，本学年增设六个班"


def refused_leap(connection: psycopg.Connection, *rows: Row) -> UUID:
    """A batch that was refused because it leaps."""
    batch_id = put_batch(connection, "enrolment", rows, order=1)
    assert not check_batches("enrolment", [batch_id], "run-1")[batch_id].is_success
    refuse(connection, batch_id)
    return batch_id


def test_a_batch_is_judged_again_once_its_explanation_has_come(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", pupils(1, 400))
    batch_id = refused_leap(connection, pupils(1, 900))
    assert reopen_explained("enrolment") == 0
    explain(connection, swing_explanation(1))
    assert reopen_explained("enrolment") == 1
    assert check_batches("enrolment", [batch_id], "run-2")[batch_id].is_success


def test_an_explanation_that_waits_settles_nothing_until_it_is_taken(connection: psycopg.Connection) -> None:
    """Loaded before the batch was judged, taken after its refusal: a night's tasks run side by side."""
    last_year(connection, "enrolment", pupils(1, 400))
    waiting = put_batch(connection, "swing_explanation", [swing_explanation(1)])
    batch_id = refused_leap(connection, pupils(1, 900))
    assert [said for *_, said in told(connection)] == [None]
    assert reopen_explained("enrolment") == 0
    make_current(connection, "swing_explanation", waiting)
    assert reopen_explained("enrolment") == 1
    assert check_batches("enrolment", [batch_id], "run-2")[batch_id].is_success


@pytest.mark.parametrize("change", [change for change, counts in SAID if not counts])
def test_what_does_not_explain_a_leap_does_not_have_it_judged_again(
    connection: psycopg.Connection, change: Row
) -> None:
    last_year(connection, "enrolment", pupils(1, 400))
    refused_leap(connection, pupils(1, 900))
    explain(connection, swing_explanation(1, **change))
    assert reopen_explained("enrolment") == 0


def test_a_batch_with_one_leap_left_is_judged_again_once(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", pupils(1, 400), pupils(2, 400))
    batch_id = refused_leap(connection, pupils(1, 900), pupils(2, 901))
    explain(connection, swing_explanation(1))
    assert reopen_explained("enrolment") == 1
    assert not check_batches("enrolment", [batch_id], "run-2")[batch_id].is_success
    refuse(connection, batch_id)
    assert reopen_explained("enrolment") == 0


def test_what_a_campus_says_has_its_schools_batch_judged_again(connection: psycopg.Connection) -> None:
    register = [school(1), school(2, counts_as_school=False, parent_school_code="S1")]
    make_current(connection, "school", put_batch(connection, "school", register))
    last_year(connection, "enrolment", pupils(1, 400))
    batch_id = refused_leap(connection, pupils(1, 400), pupils(2, 500))
    explain(connection, swing_explanation(2))
    assert reopen_explained("enrolment") == 1
    assert check_batches("enrolment", [batch_id], "run-2")[batch_id].is_success


def test_no_number_or_address_in_an_explanation_is_kept_with_the_leap(
    connection: psycopg.Connection,
) -> None:
    last_year(connection, "enrolment", pupils(1, 400))
    text = "新建小区入住，联系 138-0013-8000 或 a.b@edu.cn，见〔2022〕15号文"
    explain(connection, swing_explanation(1, explanation=text))
    assert now(connection, "enrolment", pupils(1, 900)).is_success
    assert [said for *_, said in told(connection)] == ["新建小区入住，联系 *** 或 ***，见〔2022〕15号文"]


def test_a_later_file_is_not_replaced_by_one_that_is_explained(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", pupils(1, 400))
    refused_leap(connection, pupils(1, 900))
    make_current(connection, "enrolment", put_batch(connection, "enrolment", [pupils(1, 410)], order=2))
    explain(connection, swing_explanation(1))
    assert reopen_explained("enrolment") == 0


def test_a_batch_whose_rows_are_gone_is_not_judged_again(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", pupils(1, 400))
    batch_id = refused_leap(connection, pupils(1, 900))
    explain(connection, swing_explanation(1))
    connection.execute("update ops.load_batch set rows_dropped_at = now() where batch_id = %s", [batch_id])
    connection.commit()
    assert reopen_explained("enrolment") == 0, "it would become current without a row"


def test_every_band_is_of_a_field_and_lies_within_the_outer() -> None:
    items = {code.code for code in code_list("finance_item")}
    for record in contracts():
        for row in bands(record):
            if record == "finance":
                assert row["field"] in items, row
            else:
                assert contracts()[record].field(row["field"]).unit, row
            assert 0 < float(row["warn_fall_pct"]) < float(row["hold_fall_pct"]) < 100, row
            assert 0 < float(row["warn_rise_pct"]) < float(row["hold_rise_pct"]), row
            assert row["owner_zh"], row
            assert row["owner_en"], row
            assert date.fromisoformat(row["warn_until"]) == WARNED, row


def test_every_field_that_is_compared_can_be_explained_by_its_name() -> None:
    known = {code.code: (code.name_zh, code.name_en) for code in code_list("explained_field")}
    names = {code.code: (code.name_zh, code.name_en) for code in code_list("finance_item")}
    records = {code.code for code in code_list("explained_record") if code.code != "finance"}
    for record in (name for name in records if list(bands(name))):
        names |= {f.name: (f.name_zh, f.name_en) for f in contracts()[record].fields}
    fields = {row["field"] for code in code_list("explained_record") for row in bands(code.code)}
    assert fields | {"all"} == known.keys()
    assert {name: known[name] for name in fields} == {name: names[name] for name in fields}


def grades(number: int, students: int, year: int = 2022) -> list[Row]:
    """Two grades of a school with figures enough to be known again."""
    return [
        pupils(number, students + grade, grade=str(grade), migrant_students=30, school_year=year)
        for grade in (1, 2)
    ]


def test_one_schools_table_under_anothers_name_is_told(connection: psycopg.Connection) -> None:
    rows = [*grades(1, 200), *grades(2, 210), *grades(3, 200)]
    (failure,) = now(connection, "enrolment", *rows).failures
    assert failure.check_name == "figures_are_of_no_other_school"
    assert "第 2、6 行" in failure.message_zh
    assert "3 所学校（学段）中有 2 所" in failure.message_zh
    rows[0]["students"] += 1
    assert now(connection, "enrolment", *rows).is_success


def test_last_years_table_handed_in_again_is_told(connection: psycopg.Connection) -> None:
    last_year(connection, "enrolment", *grades(1, 200), *grades(2, 210))
    (failure,) = now(connection, "enrolment", *grades(1, 200), *grades(2, 211)).failures
    assert failure.check_name == "figures_are_of_this_year"
    assert "第 2 行" in failure.message_zh


@pytest.mark.parametrize(("changed", "names"), [(2, ["figures_are_of_this_year"]), (3, [])])
def test_buildings_may_stay_the_same_but_not_those_of_a_whole_district(
    connection: psycopg.Connection, changed: int, names: list[str]
) -> None:
    rows = [facilities(n, books=4000 + n, computers=20, sports_ground_area_m2=900) for n in range(1, 7)]
    last_year(connection, "facilities", *rows)
    arriving = [{**r, "books": r["books"] + 50} if n < changed else r for n, r in enumerate(rows)]
    assert [f.check_name for f in now(connection, "facilities", *arriving).failures] == names


def test_two_columns_that_look_swapped_are_named_and_not_mended(connection: psycopg.Connection) -> None:
    (failure,) = now(connection, "staffing", staffing(1, staff=10, full_time_teachers=12)).failures
    assert "疑似两列互换：“教职工数”与“专任教师数”（其中 1 行互换后各项规则均成立" in failure.message_zh
    assert "Two columns look swapped: “Staff” and “Full-time teachers”" in failure.message_en
    (stored,) = connection.execute(
        "select staff, full_time_teachers from raw.staffing order by ctid desc limit 1"
    )
    assert stored == (10, 12)


def test_a_slip_that_no_swap_explains_names_no_columns(connection: psycopg.Connection) -> None:
    (failure,) = now(
        connection, "staffing", staffing(1, full_time_teachers=10, over_qualified_teachers=50)
    ).failures
    assert failure.check_name == "over_qualified_teachers_within_full_time_teachers"
    assert "互换：" not in failure.message_zh


def test_a_file_of_explanations_lets_in_what_was_refused(
    connection: psycopg.Connection, tmp_path: Path
) -> None:
    """The whole way of a clerk: the leap is refused, the table of explanations handed in, the batch taken."""

    def handed_in(name: str, header: str, *lines: str) -> HandIn:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]), encoding="utf-8")
        return hand_in(path)

    header = "地域代码,区县代码,学年,学校标识码,学段,年级,在校生数"
    place = "CN,990109"
    assert not handed_in("去年.csv", header, f"{place},2021,2199000001,小学,全部年级,400").is_refused
    assert handed_in("今年.csv", header, f"{place},2022,2199000001,小学,全部年级,900").is_refused
    explained = handed_in(
        "说明.csv",
        "地域代码,区县代码,年度,学校标识码,说明的表,说明的字段,书面说明,说明人身份,说明日期",
        f"{place},2022,2199000001,在校生,在校生数,新建小区入住，片区扩大,校长,2022-10-08",
    )
    assert explained.reasons == ()
    current = connection.execute(
        "select sum(students) from raw.enrolment where (partition_key, batch_id) in "
        "(select partition_key, batch_id from ops.current_batch where record = 'enrolment') "
        "and district_code = '990109' and school_year = 2022"
    ).fetchone()
    assert current == (900,)
