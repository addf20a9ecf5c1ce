"""A good batch passes; break one thing and that check alone fails, with its words in Chinese and English."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any
from uuid import uuid4

import made_checks
import made_finance
import made_government
import made_places
import made_school_forms
import made_spending
import made_teachers
import psycopg
import pytest
from made_batches import Rows, make_current, put_batch

from expectations.incoming import BatchVerdict, check_batches, suite
from expectations.rules import covered_records
from ingest.contract import contracts

PLACE = {"region_code": "CN", "district_code": "990101", "school_year": 2022}
# Written out so that a search of everything a check leaves behind cannot find it by chance.
CHILD = "3f9d0c7e5b1a4d2688c1"


def school(number: int, **other: Any) -> dict[str, Any]:
    """A school of the register."""
    row = {
        "school_code": f"S{number}",
        "school_name": f"第{number}小学",
        "school_type_code": "211",
        "operator_code": "831",
        "urban_rural_code": "121",
        "counts_as_school": True,
        "parent_school_code": None,
    }
    return {**PLACE, **row, **other}


def enrolment(number: int, **other: Any) -> dict[str, Any]:
    """A school's primary stage."""
    row = {
        "school_code": f"S{number}",
        "stage": "primary",
        "grade": "all",
        "students": 100,
        "female_students": 48,
        "boarding_students": 0,
        "migrant_students": None,
        "left_behind_students": 3,
        "regular_class_special_students": 1,
        "classes": 6,
    }
    return {**PLACE, **row, **other}


def staffing(number: int, **other: Any) -> dict[str, Any]:
    """The staff of a school's primary stage."""
    row = {
        "school_code": f"S{number}",
        "stage": "primary",
        "staff": 12,
        "full_time_teachers": 10,
        "over_qualified_teachers": 8,
        "backbone_teachers": 1,
        "pe_arts_teachers": 2,
        "mid_plus_title_teachers": 5,
        "currency_code": "CNY",
        **made_school_forms.TRAINING,
    }
    return {**PLACE, **row, **other}


def facilities(number: int, **other: Any) -> dict[str, Any]:
    """The rooms and grounds of a school."""
    row = {
        "school_code": f"S{number}",
        "teaching_auxiliary_area_m2": 900,
        "indoor_sports_area_m2": 200,
        "sports_ground_area_m2": None,
        "books": 4000,
    }
    return {**PLACE, **row, **other}


def finance(number: int, **other: Any) -> dict[str, Any]:
    """An amount with last year's and the growth, as one document prints them."""
    row = {
        "region_code": "CN",
        "district_code": "990101",
        "entity_level": "district",
        "entity_code": f"E{number}",
        "entity_name": f"{number}号区",
        "fiscal_year": 2022,
        "stage": "junior_secondary",
        "item_code": "budget_education",
        "scope_code": "education_funds",
        "basis": "per_student",
        "vintage": "bulletin",
        "edition": 2022,
        "amount": 21955.12,
        "currency_code": "CNY",
        "prior_amount": 22141.11,
        "growth_pct": -0.84,
        "growth_basis": "nominal",
    }
    return {**row, **other}


def child(number: int, **other: Any) -> dict[str, Any]:
    """A child with special needs, invented."""
    row = {
        "child_key": f"{CHILD}{number:02}",
        "disability_category": "hearing",
        "stage": "primary",
        "is_school_age": True,
        "placement_code": "home_teaching",
        "school_code": "S1",
        "is_on_register": True,
        "has_plan": True,
        "home_visits_required": 40,
        "home_visits_made": 38,
    }
    return {**PLACE, **row, **other}


MAKERS = {
    "school": school,
    "enrolment": enrolment,
    "staffing": staffing,
    "facilities": facilities,
    "finance": finance,
    "special_education": child,
    **made_checks.MAKERS,
    **made_finance.MAKERS,
    **made_government.MAKERS,
    **made_places.MAKERS,
    **made_school_forms.MAKERS,
    **made_spending.MAKERS,
    **made_teachers.MAKERS,
}


def good(record: str, count: int = 10) -> list[dict[str, Any]]:
    """Rows of a batch in which everything holds."""
    return [MAKERS[record](number) for number in range(1, count + 1)]


def verdict_of(connection: psycopg.Connection, record: str, rows: Rows) -> BatchVerdict:
    batch_id = put_batch(connection, record, rows)
    return check_batches(record, [batch_id], "run-1")[batch_id]


def test_every_record_has_checks_of_its_own() -> None:
    assert covered_records() == set(contracts()) == set(MAKERS)


TWO_TABLES = ("tables_agree", "no_unnamed_amount_is_left_over")
TWO_SOURCES = {
    "counselling_room_is_in_the_list",
    "psychology_teachers_are_in_the_roster",
    "bought_seats_are_those_of_the_district",
    "teachers_of_the_stages_are_within_the_school",
    "training_teachers_are_those_of_the_years",
    "training_hours_cover_person_times",  # of one source, but what is rare is not impossible
}


@pytest.mark.parametrize("record", MAKERS)
def test_a_good_batch_passes_and_leaves_one_row_a_check(connection: psycopg.Connection, record: str) -> None:
    batch_id = put_batch(connection, record, good(record))
    assert check_batches(record, [batch_id], "run-1") == {batch_id: BatchVerdict(True, ())}
    written = connection.execute(
        "select check_name, severity, is_success, message_zh, message_en from ops.quality_result "
        "where batch_id = %s and border = 'incoming' and suite = %s and run_id = 'run-1'",
        [batch_id, record],
    ).fetchall()
    assert sorted(name for name, *_ in written) == sorted(c.name for c in suite(contracts()[record]))
    assert all(ok for _, _, ok, *_ in written)
    # A check that only warns has an owner and a last day; there are three kinds of them.
    warning = {name for name, severity, *_ in written if severity != "critical"}
    assert warning <= {"no_unexplained_swing", *TWO_SOURCES, *TWO_TABLES}
    assert all(zh.startswith("表.xlsx：") and en.startswith("表.xlsx: ") for *_, zh, en in written)


# record, what is changed in the third row, the one check that fails, words of its messages
BROKEN_ROWS = [
    ("enrolment", {"students": None}, "students.required", "“在校生数”不得为空", "“Students” is present"),
    ("enrolment", {"stage": "upper"}, "stage.codes", "代码表 stage", "code of the list stage"),
    ("enrolment", {"classes": -1}, "classes.range", "不小于 0", "at least 0"),
    ("staffing", {"currency_code": "RMB元"}, "currency_code.pattern", "^[A-Z]{3}$", "^[A-Z]{3}$"),
    ("school", {"town_name": "镇" * 101}, "town_name.length", "100 个字符", "100 characters"),
    ("enrolment", {"female_students": 101}, "female_students_within_students", "女生数", "Female"),
    ("enrolment", {"boarding_students": 101}, "boarding_students_within_students", "寄宿生数", "Boarding"),
    ("enrolment", {"migrant_students": 101}, "migrant_students_within_students", "随迁子女数", "Migrant"),
    (
        "enrolment",
        {"left_behind_students": 101},
        "left_behind_students_within_students",
        "留守",
        "Left-behind",
    ),
    (
        "enrolment",
        {"regular_class_special_students": 101},
        "regular_class_special_students_within_students",
        "随班就读数",
        "special needs",
    ),
    ("enrolment", {"classes": 0}, "students_sit_in_classes", "班级数不为 0", "has classes"),
    ("staffing", {"full_time_teachers": 13}, "full_time_teachers_within_staff", "教职工数", "Staff"),
    (
        "staffing",
        {"over_qualified_teachers": 11},
        "over_qualified_teachers_within_full_time_teachers",
        "高于规定学历教师数",
        "does not exceed “Full-time teachers”",
    ),
    (
        "staffing",
        {"backbone_teachers": 11},
        "backbone_teachers_within_full_time_teachers",
        "骨干教师数",
        "Backbone",
    ),
    ("staffing", {"pe_arts_teachers": 11}, "pe_arts_teachers_within_full_time_teachers", "体育艺术", "PE"),
    (
        "staffing",
        {"mid_plus_title_teachers": 11},
        "mid_plus_title_teachers_within_full_time_teachers",
        "中级及以上",
        "title",
    ),
    (
        "facilities",
        {"indoor_sports_area_m2": 901},
        "indoor_sports_area_m2_within_teaching_auxiliary_area_m2",
        "室内体育用房面积",
        "“Indoor sports rooms” does not exceed",
    ),
    ("finance", {"amount": 22141.11, "prior_amount": 21955.12}, "growth_is_recomputed", "互换", "swapped"),
    (
        "finance",
        {"growth_pct": -0.0084, "growth_basis": "not_stated"},
        "growth_is_in_per_cent",
        "不是 0.0817",
        "not 0.0817",
    ),
    ("finance", {"growth_pct": -0.81}, "growth_is_recomputed", "0.02 个百分点", "within 0.02 points"),
    (
        "finance",
        {"prior_amount": 2.214111, "growth_basis": "comparable_scope"},
        "amount_keeps_its_unit",
        "元、万元、亿元混用",
        "ten thousands of yuan",
    ),
    ("school", {"counts_as_school": False}, "campus_names_its_parent", "填有主校", "names its parent"),
    ("school", {"parent_school_code": "S3"}, "parent_is_another_school", "不是本校", "another school"),
    (
        "special_education",
        {"placement_code": "not_enrolled", "home_visits_required": 0, "home_visits_made": 0},
        "not_enrolled_has_no_school",
        "没有学校",
        "has no school",
    ),
    (
        "special_education",
        {"placement_code": "regular_class"},
        "visits_are_home_teaching",
        "只有送教上门",
        "only children taught at home",
    ),
    ("special_education", {"home_visits_made": -1}, "home_visits_made.range", "不小于 0", "at least 0"),
    *made_checks.BROKEN_ROWS,
    *made_finance.BROKEN_ROWS,
    *made_government.BROKEN_ROWS,
    *made_places.BROKEN_ROWS,
    *made_school_forms.BROKEN_ROWS,
    *made_spending.BROKEN_ROWS,
    *made_teachers.BROKEN_ROWS,
]


@pytest.mark.parametrize(
    ("record", "change", "check_name", "words_zh", "words_en"), BROKEN_ROWS, ids=lambda value: str(value)[:40]
)
def test_one_broken_row_fails_one_check(
    connection: psycopg.Connection,
    record: str,
    change: dict[str, Any],
    check_name: str,
    words_zh: str,
    words_en: str,
) -> None:
    rows = good(record)
    rows[2] = {**rows[2], **change}
    verdict = verdict_of(connection, record, rows)
    assert not verdict.is_success
    (failure,) = verdict.failures
    assert failure.check_name == check_name
    assert words_zh in failure.message_zh
    assert words_en in failure.message_en
    # The third row stands in row 4 of the sheet: a clerk is sent there.
    assert "工作表“表1”第 4 行" in failure.message_zh
    assert "sheet “表1” row 4" in failure.message_en
    assert "请" in failure.message_zh
    assert "Mend: " in failure.message_en


def _double(rows: Rows) -> Rows:
    return [*rows, dict(rows[0])]


def _grades_and_all(rows: Rows) -> Rows:
    return [*rows, {**rows[0], "grade": "1"}]


def _without_measures(names: tuple[str, ...], count: int) -> Any:
    def change(rows: Rows) -> Rows:
        return [{**r, **dict.fromkeys(names)} if i < count else r for i, r in enumerate(rows)]

    return change


_STAFF = (
    *("staff", "full_time_teachers", "over_qualified_teachers"),
    *("backbone_teachers", "pe_arts_teachers", "mid_plus_title_teachers"),
    *made_school_forms.TRAINING,
)
_ROOMS = ("teaching_auxiliary_area_m2", "indoor_sports_area_m2", "books")
_MONEY = ("amount", "growth_pct")

BROKEN_BATCHES = [
    ("facilities", _double, "key_is_unique", "10 个键中有 1 个键不符", "1 of 10 keys do not"),
    ("special_education", _double, "key_is_unique", "10 个键中有 1 个键不符", "1 of 10 keys do not"),
    ("enrolment", _grades_and_all, "grades_or_all", "10 个学校学段中有 1 个", "1 of 10 school stages"),
    ("staffing", _without_measures(_STAFF, 3), "measure_is_present", "不超过 20%", "at most 20%"),
    ("facilities", _without_measures(_ROOMS, 3), "measure_is_present", "不超过 20%", "at most 20%"),
    (
        "finance",
        _without_measures(_MONEY, 3),
        "amount_or_growth_is_present",
        "10 行中有 3 行",
        "3 of 10 rows",
    ),
    ("school", lambda rows: [], "has_rows", "至少有一行数据", "at least one row"),
    *made_checks.BROKEN_BATCHES,
    *made_government.BROKEN_BATCHES,
    *made_places.BROKEN_BATCHES,
    *made_teachers.BROKEN_BATCHES,
]


@pytest.mark.parametrize(
    ("record", "change", "check_name", "words_zh", "words_en"),
    BROKEN_BATCHES,
    ids=lambda value: getattr(value, "__qualname__", str(value))[:30],
)
def test_one_fault_of_the_batch_fails_one_check(
    connection: psycopg.Connection, record: str, change: Any, check_name: str, words_zh: str, words_en: str
) -> None:
    verdict = verdict_of(connection, record, change(good(record)))
    assert [failure.check_name for failure in verdict.failures] == [check_name]
    assert words_zh in verdict.failures[0].message_zh
    assert words_en in verdict.failures[0].message_en


@pytest.mark.parametrize(
    ("record", "rows"),
    [
        # What real tables hold: grades that share a class, gaps of single entities, growth on another scope.
        ("enrolment", [enrolment(1, grade="1", students=50, female_students=24, classes=1),
                       enrolment(1, grade="2", students=50, female_students=24, classes=0)]),
        ("enrolment", [enrolment(1, classes=None)]),
        ("enrolment", [enrolment(1, students=0, female_students=0, classes=0) | dict.fromkeys(
            ["left_behind_students", "regular_class_special_students"])]),
        ("finance", _without_measures(_MONEY, 2)(good("finance"))),
        ("staffing", _without_measures(_STAFF, 2)(good("staffing"))),
        # The nation's junior schools in 2021: the printed amounts fall, the printed growth is +1.74.
        ("finance", [finance(1, prior_amount=17803.60, amount=17772.06, growth_pct=1.74,
                             growth_basis="comparable_scope")]),
        ("finance", [finance(1, amount=None, prior_amount=None, growth_pct=-23.38)]),
        # The row of the parent may be in quarantine; the marts say so beside the school.
        ("school", [school(1), school(2, counts_as_school=False, parent_school_code="S77")]),
        ("special_education", [child(1, placement_code="not_enrolled", school_code=None,
                                     home_visits_required=None, home_visits_made=None)]),
        *made_spending.REAL_ROWS,
        *made_teachers.REAL_ROWS,
    ],
)  # fmt: skip
def test_what_real_tables_hold_passes(connection: psycopg.Connection, record: str, rows: Rows) -> None:
    assert verdict_of(connection, record, rows).failures == ()


# A year of one price index, or a school's explanations: what another file leaves out is another's, and stays.
ONE_KEY_A_PARTITION = {"price_index", "swing_explanation"}


@pytest.mark.parametrize("record", [record for record in MAKERS if record not in ONE_KEY_A_PARTITION])
def test_a_file_with_half_the_keys_does_not_replace_a_whole_one(
    connection: psycopg.Connection, record: str
) -> None:
    make_current(connection, record, put_batch(connection, record, good(record)))
    assert verdict_of(connection, record, good(record, count=8)).is_success
    verdict = verdict_of(connection, record, good(record, count=7))
    (failure,) = verdict.failures
    assert failure.check_name == "keys_are_kept"
    assert "10 个键中有 3 个键缺失" in failure.message_zh
    assert "放入完整的文件" in failure.message_zh
    assert "3 of 10 keys are missing" in failure.message_en
    assert "drop the whole file" in failure.message_en


# Three classes of 41 to 45 and one of 46 to 50: 169 to 185 pupils, and two in a hundred more or less.
PUPILS = [(166, True), (165, False), (188, True), (189, False), (None, True)]


def test_classes_by_size_are_held_against_the_pupils(connection: psycopg.Connection) -> None:
    numbers = range(1, len(PUPILS) + 1)
    enrolled = [enrolment(n, students=students) for n, (students, _) in zip(numbers, PUPILS, strict=True)]
    make_current(connection, "enrolment", put_batch(connection, "enrolment", enrolled))
    connection.execute("update ops.load_batch set status = 'accepted'")
    connection.commit()
    (failure,) = verdict_of(connection, "class_size_band", good("class_size_band")).failures
    assert failure.check_name == "bands_hold_the_pupils"
    places = "、".join(str(n + 1) for n, (_, fits) in zip(numbers, PUPILS, strict=True) if not fits)
    assert f"第 {places} 行）" in failure.message_zh
    assert "wrong band" in failure.message_en
    # What no enrolment is there for, or of another year, breaks nothing.
    other = [{**row, "school_year": 2021} for row in good("class_size_band")]
    assert verdict_of(connection, "class_size_band", other).is_success


def test_a_large_class_has_no_upper_end(connection: psycopg.Connection) -> None:
    make_current(connection, "enrolment", put_batch(connection, "enrolment", [enrolment(1, students=400)]))
    open_end = {"classes_66_and_over": 1, "classes_46_50": 0}
    row = made_places.class_size_band(1, **open_end)
    assert verdict_of(connection, "class_size_band", [row]).is_success


def test_another_year_replaces_nothing(connection: psycopg.Connection) -> None:
    make_current(connection, "school", put_batch(connection, "school", good("school")))
    assert verdict_of(connection, "school", [school(1, school_year=2023)]).is_success


def test_two_files_of_one_night_are_held_against_each_other(connection: psycopg.Connection) -> None:
    whole = put_batch(connection, "school", good("school"), order=1)
    half = put_batch(connection, "school", good("school", count=5), order=2)
    # The order asked for does not matter: acceptance goes by the time of the file.
    verdicts = check_batches("school", [half, whole], "run-1")
    assert verdicts[whole].is_success
    assert [failure.check_name for failure in verdicts[half].failures] == ["keys_are_kept"]


@pytest.mark.parametrize(("amount", "is_taken"), [(41_000_000, True), (40_999_999, False)])
@pytest.mark.parametrize("is_current", [True, False])
def test_spending_of_a_later_file_goes_on_from_the_earlier(
    connection: psycopg.Connection, amount: int, is_taken: bool, is_current: bool
) -> None:
    """Each file brings one day; the days before it are current, or come in the same night."""
    june = put_batch(connection, "budget_execution", good("budget_execution"), order=1)
    rows = good("budget_execution")
    later = [{**row, "through_date": date(2023, 9, 30)} for row in rows]
    later[2]["executed_amount"] = amount
    september = put_batch(connection, "budget_execution", later, order=2)
    if is_current:
        make_current(connection, "budget_execution", june)
    asked = [september] if is_current else [june, september]
    verdict = check_batches("budget_execution", asked, "run-1")[september]
    assert [failure.check_name for failure in verdict.failures] == (["executed_cumulates"] * (not is_taken))


def test_an_earlier_day_that_comes_later_is_held_against_the_days_after_it(
    connection: psycopg.Connection,
) -> None:
    rows = [{**row, "through_date": date(2023, 9, 30)} for row in good("budget_execution")]
    make_current(connection, "budget_execution", put_batch(connection, "budget_execution", rows))
    assert verdict_of(connection, "budget_execution", good("budget_execution")).is_success
    above = [made_spending.budget_execution(1, executed_amount=41_000_001)]
    (failure,) = verdict_of(connection, "budget_execution", above).failures
    assert failure.check_name == "executed_cumulates"


def test_a_day_that_is_corrected_is_not_held_against_what_it_replaces(connection: psycopg.Connection) -> None:
    make_current(
        connection, "budget_execution", put_batch(connection, "budget_execution", good("budget_execution"))
    )
    corrected = [{**row, "executed_amount": 1} for row in good("budget_execution")]
    assert verdict_of(connection, "budget_execution", corrected).is_success


def test_amounts_of_two_sources_of_funds_are_two_keys(connection: psycopg.Connection) -> None:
    first, second = finance(1), finance(1, fund_source_code="government_fund")
    assert verdict_of(connection, "finance", [first, second]).is_success
    unstated = finance(1, fund_source_code="not_stated")
    (failure,) = verdict_of(connection, "finance", [first, second, unstated]).failures
    assert failure.check_name == "key_is_unique"
    assert "2 个键中有 1 个键不符" in failure.message_zh
    assert "资金来源" in failure.message_zh


def test_a_source_of_funds_may_be_stated_later_and_is_not_lost_again(connection: psycopg.Connection) -> None:
    make_current(connection, "finance", put_batch(connection, "finance", good("finance")))
    said = [{**row, "fund_source_code": "general_public_budget"} for row in good("finance")]
    assert verdict_of(connection, "finance", said).is_success
    make_current(connection, "finance", put_batch(connection, "finance", said))
    other = [{**row, "fund_source_code": "government_fund"} for row in said]
    for rows in (good("finance"), other):
        failures = verdict_of(connection, "finance", rows).failures
        assert [failure.check_name for failure in failures] == ["keys_are_kept"]


def test_a_file_that_is_refused_is_no_measure_for_the_next(connection: psycopg.Connection) -> None:
    bad = [*good("school"), school(1)]
    refused = put_batch(connection, "school", bad, order=1)
    small = put_batch(connection, "school", good("school", count=5), order=2)
    verdicts = check_batches("school", [refused, small], "run-1")
    assert [failure.check_name for failure in verdicts[refused].failures] == ["key_is_unique"]
    assert verdicts[small].is_success


def test_only_the_rows_of_the_batch_are_checked(connection: psycopg.Connection) -> None:
    put_batch(connection, "facilities", [facilities(1, indoor_sports_area_m2=901)])
    assert verdict_of(connection, "facilities", good("facilities")).is_success


def test_at_most_five_places_are_named(connection: psycopg.Connection) -> None:
    rows = [facilities(number, indoor_sports_area_m2=901) for number in range(1, 8)]
    (failure,) = verdict_of(connection, "facilities", rows).failures
    assert "（工作表“表1”第 2、3、4、5、6 行等）" in failure.message_zh
    assert "7 of 7 rows do not (sheet “表1” rows 2, 3, 4, 5, 6 and more)" in failure.message_en


def test_an_unknown_batch_is_an_error(module_warehouse: str) -> None:
    with pytest.raises(ValueError, match="the ledger has no batch of school"):
        check_batches("school", [uuid4()], "run-1")


def test_no_batches_no_verdicts(module_warehouse: str) -> None:
    assert check_batches("school", [], "run-1") == {}


def test_nothing_personal_is_left_behind(
    connection: psycopg.Connection, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A batch of children in which every field is wrong: no value reaches the ledger, a log or a message."""
    caplog.set_level(logging.DEBUG)
    secrets = {
        "child_key": CHILD * 5,
        "disability_category": "秘密类别",
        "placement_code": "秘密安置",
        "school_code": "秘密学校" * 60,
        "home_visits_required": 8675309,
        "home_visits_made": -8675309,
    }
    rows = [child(1, **secrets), child(2, **secrets)]
    batch_id = put_batch(connection, "special_education", rows)
    caplog.clear()
    verdict = check_batches("special_education", [batch_id], "run-1")[batch_id]
    assert {failure.check_name for failure in verdict.failures} == {
        *("child_key.length", "disability_category.codes", "placement_code.codes"),
        *("school_code.length", "school_code.pattern"),
        *("home_visits_required.range", "home_visits_made.range"),
        *("key_is_unique", "visits_are_home_teaching"),
    }
    written = connection.execute(
        "select string_agg(r::text, ' ') from ops.quality_result as r where batch_id = %s", [batch_id]
    ).fetchone()
    printed = capfd.readouterr()
    left = " ".join([str(verdict), str(written), caplog.text, printed.out, printed.err])
    assert "key_is_unique" in left
    for value in (CHILD, "秘密", "8675309"):
        assert value not in left


def stand(connection: psycopg.Connection, record: str, rows: Rows) -> None:
    """Make the rows current."""
    make_current(connection, record, put_batch(connection, record, rows))
    connection.execute("update ops.load_batch set status = 'accepted'")
    connection.commit()


def told(connection: psycopg.Connection, record: str, rows: Rows) -> dict[str, tuple[str, str]]:
    """What is told of a batch that is taken all the same: severity and message of the checks that failed."""
    batch_id = put_batch(connection, record, rows)
    assert check_batches(record, [batch_id], "run-1")[batch_id].is_success
    found = connection.execute(
        "select check_name, severity, message_zh from ops.quality_result "
        "where batch_id = %s and not is_success",
        [batch_id],
    ).fetchall()
    connection.execute("update ops.load_batch set status = 'refused' where batch_id = %s", [batch_id])
    connection.commit()
    return {name: (severity, message) for name, severity, message in found}


# What the other record says of the first of ten schools, and the check that tells a difference.
SAYS_THE_SAME = {
    "counselling_room_is_in_the_list": ("room", [made_government.room(1, room_kind="counselling")]),
    "psychology_teachers_are_in_the_roster": ("teacher", [made_teachers.teacher(1, subject="psychology")]),
    "bought_seats_are_those_of_the_district": (
        "migrant_children",
        [made_government.migrant_children(1, bought_seats=300, in_bought_private_seats=10)],
    ),
    "teachers_of_the_stages_are_within_the_school": (
        "staffing",
        [staffing(1, staff=40, full_time_teachers=36)],
    ),
}
SAYS_OTHERWISE: dict[str, dict[str, Any]] = {
    "counselling_room_is_in_the_list": {"room_kind": "music"},
    "psychology_teachers_are_in_the_roster": {"subject": "chinese"},
    "bought_seats_are_those_of_the_district": {"bought_seats": 299},
    "teachers_of_the_stages_are_within_the_school": {"full_time_teachers": 37},
}


@pytest.mark.parametrize("name", SAYS_THE_SAME)
def test_two_sources_of_a_figure_that_differ_are_told_and_hold_nothing(
    connection: psycopg.Connection, name: str
) -> None:
    record, rows = SAYS_THE_SAME[name]
    rows = [
        {**row, **PLACE, "school_code": "S1"} if "school_code" in row else {**row, **PLACE} for row in rows
    ]
    stand(connection, record, rows)
    assert told(connection, "school_basics", good("school_basics")) == {}
    stand(connection, record, [{**row, **SAYS_OTHERWISE[name]} for row in rows])
    ((found, (severity, message)),) = told(connection, "school_basics", good("school_basics")).items()
    assert (found, severity) == (name, "warning")
    assert "第 2 行）" in message
    assert "2027-08-31" in message


def test_the_pupils_of_last_year_are_those_that_were_told(connection: psycopg.Connection) -> None:
    """By last year's changes where there are any, else by last year's enrolment."""
    enrolled = [{**enrolment(n, students=600), "school_year": 2021} for n in range(1, 11)]
    enrolled[1]["students"] = 601
    stand(connection, "enrolment", enrolled)
    (failure,) = verdict_of(connection, "pupil_change", good("pupil_change")).failures
    assert failure.check_name == "last_year_is_what_was_told"
    assert "第 3 行）" in failure.message_zh
    connection.execute("update ops.load_batch set status = 'refused' where status = 'loaded'")
    before = [
        {**row, "school_year": 2021, "students": 600, "last_year_students": 579}
        for row in good("pupil_change")
    ]
    before[4] |= {"students": 599, "last_year_students": 578}
    stand(connection, "pupil_change", before)
    (failure,) = verdict_of(connection, "pupil_change", good("pupil_change")).failures
    assert (failure.check_name, "第 6 行）" in failure.message_zh) == ("last_year_is_what_was_told", True)


def test_more_teachers_in_training_than_the_school_had_are_told_and_hold_nothing(
    connection: psycopg.Connection,
) -> None:
    """They are of another day than this year's ten: fewer may be right, and so may
    more where there were more. Wrong variant: exactly this year's; nine of ten would be told then."""
    assert told(connection, "staffing", [{**row, "training_teachers": 99} for row in good("staffing")]) == {}
    before = [staffing(n, full_time_teachers=12) for n in range(1, 11)]
    before[2] |= {"full_time_teachers": None}
    stand(connection, "staffing", [{**row, "school_year": 2021} for row in before])
    assert told(connection, "staffing", good("staffing")) == {}
    rows = good("staffing")
    rows[1] |= {"training_teachers": 12}
    rows[2] |= {"training_teachers": 13}  # how many there were last year is not known
    rows[3] |= {"training_teachers": 13}
    ((found, (severity, message)),) = told(connection, "staffing", rows).items()
    assert (found, severity) == ("training_teachers_are_those_of_the_years", "warning")
    assert "第 5 行）" in message
    assert "2027-08-31" in message


def test_fewer_hours_of_training_than_person_times_are_told_and_hold_nothing(
    connection: psycopg.Connection,
) -> None:
    """Person-times and hours swapped throughout: each other rule of the two holds."""
    rows = good("staffing")
    rows[1] |= {"training_hours": rows[1]["training_person_times"]}  # an hour each: it may be
    rows[2] |= {"training_hours": None}
    assert told(connection, "staffing", rows) == {}
    for row in rows[3:]:
        row |= {"training_person_times": 1738, "training_hours": 97}
    ((found, (severity, message)),) = told(connection, "staffing", rows).items()
    assert (found, severity) == ("training_hours_cover_person_times", "warning")
    assert "第 5、6、7" in message
    assert "2027-08-31" in message


def test_the_pupils_of_this_year_are_those_enrolled(connection: psycopg.Connection) -> None:
    enrolled = [enrolment(n, students=621) for n in range(1, 11)]
    enrolled[2]["students"] = 620
    enrolled[3]["students"] = 600  # of this one a row was set aside: what is left of it says nothing
    batch_id = put_batch(connection, "enrolment", enrolled)
    make_current(connection, "enrolment", batch_id)
    connection.execute("update ops.load_batch set status = 'accepted'")
    connection.execute(
        "insert into ops.rejected_key "
        "(batch_id, record, source_sheet, source_row, source_block, school_code) "
        "values (%s, 'enrolment', '表1', 99, 0, 'S4')",
        [batch_id],
    )
    connection.commit()
    (failure,) = verdict_of(connection, "pupil_change", good("pupil_change")).failures
    assert failure.check_name == "students_are_those_enrolled"
    assert "第 4 行）" in failure.message_zh
