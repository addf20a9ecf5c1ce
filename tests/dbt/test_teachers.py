"""Teachers by hand: each case has a right count and a wrong one that a plausible reading would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

YEAR = 2022
MARTS = ("rotation", "training", "backbone_teachers", "posts", "teacher_support")
Row = dict[str, Any]
# Urban and public, rural and public, rural and recognised as a school of quality, urban and private.
SCHOOLS = {"A": ("111", "831"), "B": ("220", "831"), "Q": ("220", "831"), "P": ("111", "999")}


def _place(district: str, school: str, year: int = YEAR) -> Row:
    return {
        "region_code": "CN",
        "district_code": district,
        "school_year": year,
        "school_code": f"{district}-{school}",
    }


def _school(district: str, school: str) -> Row:
    urban_rural, operator = SCHOOLS[school]
    return {
        **_place(district, school),
        "school_name": f"{school}小学",
        "school_type_code": "211",
        "operator_code": operator,
        "urban_rural_code": urban_rural,
        "counts_as_school": True,
    }


def _pupils(district: str, school: str, students: int = 100) -> Row:
    return {**_place(district, school), "stage": "primary", "grade": "all", "students": students}


def teacher(district: str, name: str, school: str = "A", **other: Any) -> Row:
    """A full-time teacher without anything special, too short at the school to be eligible."""
    row = {
        "teacher_key": f"{district}/{name}",
        "stage": "primary",
        "subject": "chinese",
        "has_licence": True,
        "backbone_level": "none",
        "employment": "private" if school == "P" else "establishment",
        "is_full_time": True,
        "started_at_school_on": "2019-09-01",
        "has_psychology_certificate": False,
        "has_ethics_credit": True,
        "has_ethics_veto": False,
        "was_promoted_or_awarded": False,
        "has_social_insurance": True,
        "is_special_education_teacher": False,
    }
    return {**_place(district, school), **row, **other}


def backbone(level: str, start: str, end: str | None) -> Row:
    """A documented recognition."""
    return {
        "backbone_level": level,
        "backbone_document": "样教〔2019〕8号",
        "backbone_valid_from": start,
        "backbone_valid_to": end,
    }


def move(district: str, name: str, left: str, joined: str, kind: str = "regular") -> Row:
    """A move in the year."""
    return {
        "region_code": "CN",
        "district_code": district,
        "school_year": YEAR,
        "teacher_key": f"{district}/{name}",
        "from_school_code": f"{district}-{left}",
        "to_school_code": f"{district}-{joined}",
        "kind": kind,
    }


def hours(district: str, name: str, by_year: Mapping[int, float], is_special: bool = False) -> list[Row]:
    """Hours of a teacher by calendar year."""
    return [
        {
            "region_code": "CN",
            "district_code": district,
            "year": year,
            "teacher_key": f"{district}/{name}",
            "is_special_education": is_special,
            "hours": count,
        }
        for year, count in by_year.items()
    ]


def posts(district: str, school: str, by_subject: Mapping[str, int]) -> list[Row]:
    """Established posts of a school."""
    return [
        {**_place(district, school), "subject": subject, "posts": count}
        for subject, count in by_subject.items()
    ]


EVERY_YEAR = dict.fromkeys(range(2017, 2023), 72)
TRAINING_ROSTER = [
    *(teacher("train", name) for name in ("rolling", "long_ago", "nothing_in_2019", "nothing_at_all")),
    teacher("train", "part_time", is_full_time=False),
    teacher("train", "special", is_special_education_teacher=True),
    teacher("train", "special_last_year", is_special_education_teacher=True),
]
TRAINING = [
    # 360 in 2018 to 2022; the calendar block of 2021 to 2025 holds 144 of them.
    *hours("train", "rolling", dict.fromkeys(range(2018, 2023), 72)),
    # 720, but in 2016 and 2017.
    *hours("train", "long_ago", {2016: 360, 2017: 360, 2022: 1}),
    # 359 in four years and no row in 2019, whose record was read whole.
    *hours("train", "nothing_in_2019", {2018: 90, 2020: 90, 2021: 90, 2022: 89}),
    # Hours in special education count towards all hours.
    *hours("train", "special", {2018: 100, 2019: 100, 2020: 100, 2021: 50}),
    *hours("train", "special", {2022: 10}, is_special=True),
    *hours("train", "special_last_year", EVERY_YEAR),
    *hours("train", "special_last_year", {2021: 24}, is_special=True),
]
# The record of 2019 was never handed in.
GAP_ROSTER = [teacher("gap", name) for name in ("enough_without_it", "nobody_knows")]
GAP_TRAINING = [
    *hours("gap", "enough_without_it", {2018: 90, 2020: 90, 2021: 90, 2022: 90}),
    *hours("gap", "nobody_knows", {2018: 72, 2020: 72, 2021: 72, 2022: 72}),
]
ROTATION_ROSTER = [
    teacher("move", "twice", "B", **backbone("county", "2019-09-01", None)),
    teacher("move", "to_town", "A"),
    teacher("move", "from_quality", "B"),
    teacher("move", "shadow", "A", started_at_school_on="2016-09-01"),
    teacher("move", "six_years_less_a_day", "A", started_at_school_on="2016-09-02"),
    teacher("move", "part_time", "B", is_full_time=False),
    # On the lists of two schools, full-time at one, recognised on the other's list.
    teacher("move", "two_schools", "A", is_full_time=False, **backbone("city", "2019-09-01", None)),
    teacher("move", "two_schools", "B"),
    teacher("move", "private", "P"),
    teacher("move", "quality", "Q"),
]
ROTATION = [
    move("move", "twice", "A", "B"),
    move("move", "twice", "B", "P"),
    move("move", "to_town", "B", "A"),
    move("move", "from_quality", "Q", "B"),
    move("move", "shadow", "A", "B", kind="shadowing"),
    move("move", "part_time", "A", "B"),
    move("move", "not_on_the_roster", "A", "B"),
]
BACKBONE_ROSTER = [
    teacher("bone", "last_day", **backbone("county", "2019-09-01", "2022-09-01")),
    teacher("bone", "ended", **backbone("province", "2019-09-01", "2022-08-31")),
    teacher("bone", "to_come", **backbone("city", "2022-09-02", None)),
    teacher("bone", "of_the_school", **backbone("school", "2019-09-01", None)),
    teacher("bone", "no_document", backbone_level="county", backbone_valid_from="2019-09-01"),
    teacher("bone", "part_time", is_full_time=False, **backbone("county", "2019-09-01", None)),
    teacher("bone", "other_school", "B", **backbone("nation", "2022-09-01", "2022-09-01")),
]
PAY_ROSTER = [
    *(teacher("paid", f"a{n}", "A", annual_pay_yuan=100_000 + n) for n in range(7)),
    *(teacher("paid", f"b{n}", "B", annual_pay_yuan=80_000) for n in range(4)),
    *(teacher("paid", f"q{n}", "Q", annual_pay_yuan=90_000) for n in range(5)),
    *(teacher("paid", f"p{n}", "P", annual_pay_yuan=10_000) for n in range(9)),
    teacher("paid", "part", "A", is_full_time=False, annual_pay_yuan=1),
]
FEW_ROSTER = [teacher("few", f"a{n}", annual_pay_yuan=100_000) for n in range(4)]
POSTS_ROSTER = [
    teacher("post", "music", subject="music"),
    teacher("post", "fine_art", subject="fine_art"),
    teacher("post", "science", subject="science"),
    teacher("post", "pe_part_time", subject="pe", is_full_time=False),
    teacher("post", "temporary", employment="temporary"),
    teacher("post", "psychology", subject="psychology", employment="temporary"),
    # No vacancy here: a temporary teacher alone is no breach.
    teacher("post", "b1", "B"),
    teacher("post", "b2", "B", employment="temporary"),
    teacher("post", "above", "B"),
    teacher("post", "q1", "Q"),
    teacher("post", "p1", "P", employment="temporary"),
]
POSTS = [
    *posts("post", "A", {"all": 5, "arts": 2, "science": 1, "pe": 1, "psychology": 1}),
    *posts("post", "B", {"all": 1, "arts": 0, "science": 0, "pe": 0, "psychology": 0}),
]
FLAGS_ROSTER = [
    teacher("flag", "veto", has_ethics_veto=True, was_promoted_or_awarded=False),
    teacher("flag", "promoted", was_promoted_or_awarded=True),
    teacher("flag", "both", has_ethics_veto=True, was_promoted_or_awarded=True),
    teacher("flag", "certificate_only", has_psychology_certificate=True),
    teacher("flag", "part_time_psychologist", subject="psychology", is_full_time=False),
    teacher("flag", "no_licence", has_licence=False),
    teacher("flag", "part_time_without_licence", has_licence=False, is_full_time=False),
    teacher("flag", "senior", stage="senior_secondary"),
    teacher("flag", "insured", "P"),
    teacher("flag", "not_insured", "P", has_social_insurance=False),
    # Whether this one has the credit was not said; school Q is on no roster at all.
    teacher("flag", "not_said", "B", has_ethics_credit=None),
]
ASIDE_ROSTER = [teacher("aside", "a", "A"), teacher("aside", "b", "B")]

Shown = Callable[[str, str], Row]


@pytest.fixture(scope="module")
def built(
    module_warehouse: str, accepted_rows: Any, set_aside: Any, build: Any, query: Any
) -> dict[tuple[str, str], Row]:
    """Measures of the compulsory stages by district and code."""
    rosters = [
        *(TRAINING_ROSTER, GAP_ROSTER, ROTATION_ROSTER, BACKBONE_ROSTER, PAY_ROSTER, POSTS_ROSTER),
        *(FLAGS_ROSTER, FEW_ROSTER),
    ]
    roster: Sequence[Row] = [row for rows in rosters for row in rows]
    districts = sorted({row["district_code"] for row in (*roster, *ASIDE_ROSTER)})
    accepted_rows("school", [_school(d, s) for d in districts for s in SCHOOLS])
    pupils = {("bone", "A"): 101, ("bone", "B"): 100}
    accepted_rows("enrolment", [_pupils(d, s, pupils.get((d, s), 200)) for d in districts for s in SCHOOLS])
    staffing = {**_place("bone", "A"), "stage": "primary", "full_time_teachers": 9, "backbone_teachers": 4}
    accepted_rows("staffing", [staffing])
    accepted_rows("teacher", roster)
    aside = accepted_rows("teacher", ASIDE_ROSTER)
    set_aside("teacher", aside, [_place("aside", "B")])
    accepted_rows("teacher_rotation", ROTATION)
    accepted_rows("teacher_training", [*TRAINING, *GAP_TRAINING])
    # What was read of 2018 and 2022 to the aside district stands beside a row that was not.
    unread = accepted_rows("teacher_training", hours("aside", "a", dict.fromkeys(range(2018, 2023), 10)))
    set_aside("teacher_training", unread, [{"district_code": "aside"}])
    accepted_rows("establishment", POSTS)
    ledger = {"recognised_on": "2020-01-01", "expires_on": "2022-09-01"}
    accepted_rows("recognition", [{**_place("move", "Q"), **ledger}])
    build(select=["+int_policy_measures_teachers", *(f"+mart_policy__{name}" for name in MARTS)])
    rows = query("select * from intermediate.int_policy_measures_teachers where stage = 'compulsory'")
    return {(row["district_code"], row["measure_code"]): row for row in rows}


def _values(built: Any, district: str, *codes: str) -> list[Any]:
    return [built[district, code]["value"] for code in codes]


def _coverage(built: Any, district: str, code: str) -> tuple[int, int]:
    row = built[district, code]
    return row["cases_reported"], row["cases_expected"]


def test_the_cycle_is_the_last_five_years_and_not_a_calendar_block(built: Any) -> None:
    # Rolling and the two special ones; a block would leave none, a lifetime's total would add long_ago.
    assert _values(built, "train", "teachers_trained_360_hours", "teachers_in_training_cycle") == [3, 6]


def test_a_year_without_a_row_is_a_year_without_hours_where_its_record_was_read(
    built: Any, query: Any
) -> None:
    (row,) = query(
        "select teachers_untrained, teachers_not_known, verdict, first_training_year, last_training_year "
        "from marts_build.mart_policy__training where school_code = 'train-A'"
    )
    assert row == {
        "teachers_untrained": 3,
        "teachers_not_known": 0,
        "verdict": "not_met",
        "first_training_year": 2018,
        "last_training_year": 2022,
    }


def test_a_year_whose_record_is_missing_is_not_a_year_without_hours(built: Any, query: Any) -> None:
    # The other teacher is neither trained nor untrained: counted as untrained, the whole would be 2.
    assert _values(built, "gap", "teachers_trained_360_hours", "teachers_in_training_cycle") == [1, 1]
    assert _coverage(built, "gap", "teachers_in_training_cycle") == (0, 4)
    (row,) = query(
        "select teachers_untrained, teachers_not_known, verdict, reason_code "
        "from marts_build.mart_policy__training where school_code = 'gap-A'"
    )
    assert row == {
        "teachers_untrained": 0,
        "teachers_not_known": 1,
        "verdict": "no_data",
        "reason_code": "training_year_missing",
    }


def test_a_year_of_which_a_row_was_set_aside_is_not_known(built: Any) -> None:
    # 50 hours in five years and all five records there; the row that was not read may be his.
    row = built["aside", "teachers_in_training_cycle"]
    assert (row["value"], row["reason_code"]) == (None, "training_year_missing")


def test_training_in_special_education_is_that_of_the_year(built: Any) -> None:
    codes = ("special_education_teachers", "special_education_teachers_trained")
    assert _values(built, "train", *codes) == [2, 1]


def test_a_teacher_who_moved_twice_counts_once(built: Any, query: Any) -> None:
    # Moves of those who count: five; teachers: three. Shadowing, part-time and strangers are no rotation.
    assert _values(built, "move", "rotated_teachers", "rotated_backbone") == [3, 1]
    rows = query(
        "select school_code, teachers_sent, teachers_sent_to_rural, teachers_received "
        "from marts_build.mart_policy__rotation where district_code = 'move'"
    )
    found = {
        row["school_code"]: (row["teachers_sent"], row["teachers_sent_to_rural"], row["teachers_received"])
        for row in rows
    }
    assert found == {"move-A": (1, 1, 1), "move-B": (2, 0, 2), "move-Q": (1, 1, 0), "move-P": (0, 0, 1)}


def test_the_country_is_where_towns_and_schools_of_quality_send(built: Any) -> None:
    # From A and from Q, which is rural and recognised; not from B to A.
    assert _values(built, "move", "rotated_to_rural") == [2]


def test_six_years_are_counted_to_the_day_and_the_rotated_are_eligible(built: Any) -> None:
    # The shadow is there six years to the day; three were rotated; a day less is not enough.
    assert _values(built, "move", "eligible_teachers") == [4]


def test_a_teacher_at_two_schools_counts_once_where_he_is_full_time(built: Any, query: Any) -> None:
    assert _values(built, "move", "teachers_on_roster", "full_time_teachers") == [9, 8]
    rows = query(
        "select school_code, backbone_teachers from marts_build.mart_policy__backbone_teachers "
        "where district_code = 'move'"
    )
    assert {row["school_code"]: row["backbone_teachers"] for row in rows} == {
        "move-A": 0,
        "move-B": 2,
        "move-Q": 0,
        "move-P": 0,
    }


def test_a_district_without_a_record_of_rotation_has_no_count_of_it(built: Any, query: Any) -> None:
    assert ("train", "rotated_teachers") not in built
    (row,) = query(
        "select rotated_teachers, reason_code, sends_none_to_rural "
        "from marts_build.mart_policy__rotation where school_code = 'train-A'"
    )
    assert row == {
        "rotated_teachers": None,
        "reason_code": "rotation_record_missing",
        "sends_none_to_rural": False,
    }


def test_a_recognition_counts_while_it_holds_and_from_the_county_up(built: Any, query: Any) -> None:
    rows = query(
        "select school_code, backbone_teachers, declared_backbone_teachers, verdict, teachers_short, "
        "differs_from_declared from marts_build.mart_policy__backbone_teachers where district_code = 'bone'"
    )
    found = {row.pop("school_code"): row for row in rows}
    # One of 101 pupils is below one per hundred; one of 100 is not. Ended ones would make it two.
    assert found["bone-A"] == {
        "backbone_teachers": 1,
        "declared_backbone_teachers": 4,
        "verdict": "not_met",
        "teachers_short": 1,
        "differs_from_declared": True,
    }
    assert found["bone-B"]["verdict"] == "met"
    assert found["bone-Q"]["verdict"] == "no_data"
    assert _values(built, "bone", "backbone_schools", "backbone_schools_below") == [2, 1]
    assert _coverage(built, "bone", "backbone_schools_below") == (2, 4)


def test_pay_of_four_is_hidden_and_so_is_what_would_give_it_away(built: Any, query: Any) -> None:
    rows = query(
        "select school_code, paid_teachers, average_pay_yuan, pay_reason_code "
        "from marts_build.mart_policy__teacher_support where district_code = 'paid'"
    )
    found = {row["school_code"]: (row["average_pay_yuan"], row["pay_reason_code"]) for row in rows}
    assert found == {
        "paid-A": (100_003, None),
        "paid-B": (None, "pay_of_few_persons"),
        # Five could be shown, were it not that the district less A and Q leaves the four of B.
        "paid-Q": (None, "pay_of_few_persons"),
        "paid-P": (None, "not_public_school"),
    }


def test_the_average_pay_is_of_full_time_teachers_of_public_schools(built: Any) -> None:
    (value,) = _values(built, "paid", "teacher_pay_yuan")
    assert value * 16 == pytest.approx(7 * 100_003 + 4 * 80_000 + 5 * 90_000)
    assert _coverage(built, "paid", "teacher_pay_yuan") == (3, 3)


def test_a_district_of_four_paid_teachers_has_no_average(built: Any) -> None:
    row = built["few", "teacher_pay_yuan"]
    assert (row["value"], row["reason_code"]) == (None, "pay_of_few_persons")
    # Where nobody's pay was stated there is another reason.
    row = built["train", "teacher_pay_yuan"]
    assert (row["value"], row["reason_code"]) == (None, "value_missing")


def test_posts_are_held_against_teachers_by_school_and_subject(built: Any, query: Any) -> None:
    rows = query(
        "select school_code, subject_group, posts, teachers, vacant_posts, is_short_of_subject, "
        "is_temporary_despite_vacancy, reason_code from marts_build.mart_policy__posts "
        "where district_code = 'post'"
    )
    found = {(row["school_code"], row["subject_group"]): row for row in rows}
    arts = found["post-A", "arts"]
    assert (arts["posts"], arts["teachers"], arts["is_short_of_subject"]) == (2, 2, False)
    assert found["post-A", "pe"]["is_short_of_subject"]
    assert not found["post-A", "psychology"]["is_short_of_subject"]
    assert found["post-A", "all"]["vacant_posts"] == 1
    assert found["post-A", "all"]["is_temporary_despite_vacancy"]
    assert not found["post-B", "all"]["is_temporary_despite_vacancy"]
    assert found["post-Q", "all"]["reason_code"] == "establishment_row_missing"
    assert not [key for key in found if key[0] == "post-P"]


def test_schools_short_of_posts_are_counted_once_each(built: Any) -> None:
    codes = ("schools_short_of_subject", "schools_temporary_despite_vacancy", "schools_with_establishment")
    assert _values(built, "post", *codes) == [1, 1, 2]
    assert _values(built, "post", "establishment_posts", "establishment_filled") == [6, 5], (
        "the teacher above the posts of school B does not fill the vacant one of school A"
    )
    assert _coverage(built, "post", "schools_short_of_subject") == (2, 3)


def test_a_veto_matters_where_the_teacher_was_promoted_all_the_same(built: Any) -> None:
    row = built["flag", "vetoed_teachers_promoted"]
    assert row["value"] == 1
    assert _coverage(built, "flag", "vetoed_teachers_promoted") == (3, 4)


def test_what_was_not_said_of_a_teacher_is_not_a_no(built: Any) -> None:
    row = built["flag", "teachers_with_ethics_credit"]
    assert (row["value"], row["reason_code"]) == (None, "value_missing")
    assert (row["cases_reported"], row["cases_expected"]) == (2, 4)


def test_licences_are_asked_of_full_time_teachers_of_the_stage(built: Any) -> None:
    # Nine of the compulsory full-time teachers less none part-time: the senior teacher is not among them.
    assert _values(built, "flag", "full_time_teachers", "licensed_teachers") == [8, 7]


def test_a_psychology_teacher_is_full_time_and_teaches_it(built: Any, query: Any) -> None:
    assert _values(built, "flag", "schools_with_psychology_teacher", "schools_with_roster") == [0, 3]
    (row,) = query(
        "select lacks_psychology_teacher, psychology_teachers from marts_build.mart_policy__teacher_support "
        "where school_code = 'flag-A'"
    )
    assert row == {"lacks_psychology_teacher": True, "psychology_teachers": 0}


def test_insurance_is_asked_of_private_schools(built: Any) -> None:
    assert _values(built, "flag", "private_staff", "private_staff_insured") == [2, 1]
    assert _coverage(built, "flag", "private_staff") == (1, 1)


def test_a_school_of_which_a_row_was_set_aside_is_not_known(built: Any, query: Any) -> None:
    assert _values(built, "aside", "teachers_on_roster") == [1]
    assert _coverage(built, "aside", "teachers_on_roster") == (1, 4)
    rows = query(
        "select school_code, teachers_on_roster, reason_code "
        "from marts_build.mart_policy__teacher_support where district_code = 'aside'"
    )
    found = {row["school_code"]: (row["teachers_on_roster"], row["reason_code"]) for row in rows}
    assert found["aside-A"] == (1, None)
    assert found["aside-B"] == (None, "row_set_aside")
    assert found["aside-Q"] == (None, "teacher_roster_missing")


def test_every_value_that_is_missing_has_a_reason(built: Any) -> None:
    for row in built.values():
        assert (row["value"] is None) == (row["reason_code"] is not None), row
        assert 0 <= row["cases_reported"] <= row["cases_expected"], row
