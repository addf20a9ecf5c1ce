"""What a district provides and declares, through the whole of dbt, each beside what a known mistake gives."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from balance_cases import Landing, place

YEAR = 2022
PROOF = {"document": "样例文号〔2022〕1号", "document_date": "2022-03-01"}
PUBLIC, PRIVATE, PROVINCE = "831", "999", "811"
MODELS = [
    "+int_policy_measures_government",
    "+mart_policy__school_conditions",
    "+mart_policy__school_clusters",
]
MORE = ["+mart_policy__declarations", "+mart_policy__satisfaction", "+mart_policy__migrant_children"]
Row = dict[str, Any]


def _school(
    rows: Landing,
    district: str,
    code: str,
    classes: int = 12,
    special: int = 0,
    *,
    is_enrolment_silent: bool = False,
    **fields: Any,
) -> None:
    """``is_enrolment_silent``: the enrolment names no classes."""
    rows.add_school(district, code, **fields)
    rows.add_students(
        district,
        code,
        "primary",
        classes * 40,
        classes=None if is_enrolment_silent else classes,
        regular_class_special_students=special,
    )


def _recognition(district: str, code: str, recognised_on: str, expires_on: str | None) -> Row:
    return {**place(district, code), "recognised_on": recognised_on, "expires_on": expires_on}


def _rooms(district: str, code: str, kind: str, *areas: float | None) -> list[Row]:
    return [
        {**place(district, code), "room_kind": kind, "room_number": f"{kind}{number}", "area_m2": area}
        for number, area in enumerate(areas, start=1)
    ]


def _class_forms() -> list[Row]:
    """The form of class sizes: it tells the classes of g24 only, for g12 the enrolment does."""
    stage = {"stage": "primary", "grade": "all"}
    return [
        {**place("rooms", "g24"), **stage, "all_classes": 24},
        {**place("rooms", "g12"), **stage, "all_classes": 36},
    ]


def _declared(district: str, item: str, subject: str | None = None, **fields: Any) -> Row:
    return {
        "region_code": "CN",
        "district_code": district,
        "year": YEAR,
        "item_code": item,
        "subject_code": subject or district,
        **PROOF,
        **fields,
    }


def _ledgers(rows: Landing) -> dict[str, list[Row]]:
    """Four public schools of which two are recognised on the last day of 2022, and a private one that is."""
    for code in ("valid", "expired", "last_day", "not_yet"):
        _school(rows, "ledger", code)
    _school(rows, "ledger", "private", operator_code=PRIVATE)
    _school(rows, "ledger", "rural", operator_code=PROVINCE, urban_rural_code="220")
    _school(rows, "no_ledger", "alone")
    recognition = [
        _recognition("ledger", "valid", "2019-06-30", None),
        _recognition("ledger", "expired", "2017-06-30", "2022-12-30"),
        _recognition("ledger", "last_day", "2017-06-30", "2022-12-31"),
        _recognition("ledger", "not_yet", "2023-01-01", None),
        _recognition("ledger", "private", "2019-06-30", None),
    ]
    member = {"cluster_kind": "school_district", "cluster_code": "XQ01"}
    clusters: list[Row] = [
        {**place("ledger", "valid"), **member, "joined_on": "2022-12-31"},
        {**place("ledger", "valid"), "cluster_kind": "education_group", "cluster_code": "JT01"},
        {**place("ledger", "expired"), **member, "left_on": "2022-12-31"},
        {**place("ledger", "last_day"), **member, "joined_on": "2023-01-01"},
        {**place("ledger", "private"), **member, "left_on": "2023-01-01"},
    ]
    pairing = [
        {
            **place("ledger", code),
            "pairing_kind": kind,
            "partner_school_code": "elsewhere",
            "started_on": "2020-09-01",
        }
        for code in ("rural", "valid")
        for kind in ("pairing", "shared_course")
    ]
    return {"recognition": recognition, "school_cluster": clusters, "pairing": pairing}


def _room_cases(rows: Landing) -> list[Row]:
    """The published small rules, and the ways in which a room is not one."""
    _school(rows, "rooms", "g24", 24, special=5, built_year=2020, is_enrolment_silent=True)
    _school(rows, "rooms", "g12", 12, special=4, built_year=2010)
    _school(rows, "rooms", "g6", 6, built_year=2020, is_rural_small=True, urban_rural_code="220")
    _school(rows, "rooms", "five", 60, special=6)
    _school(rows, "rooms", "silent", 12)
    return [
        *_rooms("rooms", "g24", "music", 100, 98),
        *_rooms("rooms", "g24", "art", 95, 92),
        *_rooms("rooms", "g24", "resource", 50),
        *_rooms("rooms", "g12", "music", 75),
        *_rooms("rooms", "g12", "art", 70),
        *_rooms("rooms", "g12", "counselling", 20),
        *_rooms("rooms", "g6", "music", 55),
        *_rooms("rooms", "g6", "art", 55),
        *_rooms("rooms", "five", "music", 96, 96, 96, 96, 95.9),
        *_rooms("rooms", "five", "art", 90, 90, 90, 90, 90),
    ]


def _declarations(rows: Landing) -> list[Row]:
    for code in ("yes", "no", "unproven", "unasked"):
        _school(rows, "declares", code)
    values = {
        "retention_entrants": 500,
        "retention_graduates": 500,
        "retention_transferred_in": 20,
        "retention_transferred_out": 15,
        "retention_deaths": 1,
        "quota_total": 1000,
        "quota_allocated": 499,
        "verified_violations": 0,
    }
    return [
        _declared("declares", "special_plan", answer=True),
        _declared("declares", "layout", answer=True, document_date=None),
        _declared("declares", "four_unified", answer=False, document=None, document_date=None),
        *(_declared("declares", item, declared_value=value) for item, value in values.items()),
        _declared("declares", "charter", "yes", answer=True),
        _declared("declares", "charter", "no", answer=False),
        _declared("declares", "charter", "unproven", answer=True, document=None),
    ]


def _surveys() -> list[Row]:
    key = {"region_code": "CN", "district_code": "asks", "year": YEAR}
    return [
        {**key, "respondent_type": "parent", "issued": 700, "valid": 600, "satisfied": 510},
        {**key, "respondent_type": "teacher", "issued": 500, "valid": 400, "satisfied": 340},
    ]


def _migrants() -> list[Row]:
    def row(district: str, stage: str, eligible: int, public: int, bought: int | None) -> Row:
        key = {"region_code": "CN", "district_code": district, "school_year": YEAR, "stage": stage}
        counts = {"eligible_children": eligible, "in_public_schools": public}
        return {**key, **counts, "in_bought_private_seats": bought}

    return [
        row("asks", "primary", 1000, 800, 100),
        row("asks", "junior_secondary", 400, 300, 20),
        row("half", "primary", 1000, 1000, 0),
        row("blank", "primary", 1000, 1000, None),
        row("blank", "junior_secondary", 100, 100, 0),
    ]


@pytest.fixture(scope="module")
def built(module_warehouse: str, accepted_rows: Any, build: Any) -> None:
    rows = Landing()
    ledgers = _ledgers(rows)
    rooms = _room_cases(rows)
    declarations = _declarations(rows)
    accepted_rows("school", rows.school)
    accepted_rows("enrolment", rows.enrolment)
    for record, found in ledgers.items():
        accepted_rows(record, found)
    accepted_rows("room", rooms)
    accepted_rows("class_size_band", _class_forms())
    accepted_rows("declaration", declarations)
    accepted_rows("satisfaction", _surveys())
    accepted_rows("migrant_children", _migrants())
    build([*MODELS, *MORE])


@pytest.fixture(scope="module")
def measure(built: None, query: Any) -> Callable[..., tuple[Any, ...] | None]:
    """(value, reported, expected, reason) of a measure; None without a row."""
    found = {
        (row["district_code"], row["stage"], row["measure_code"]): (
            row["value"],
            row["cases_reported"],
            row["cases_expected"],
            row["reason_code"],
        )
        for row in query("select * from intermediate.int_policy_measures_government where year = 2022")
    }
    return lambda district, code, stage="compulsory": found.get((district, stage, code))


@pytest.fixture(scope="module")
def conditions(built: None, query: Any) -> dict[tuple[str, str], Row]:
    rows = query("select * from marts_build.mart_policy__school_conditions")
    return {(row["district_code"], row["school_code"]): row for row in rows}


def test_an_expired_or_coming_recognition_does_not_count(measure: Any, conditions: Any) -> None:
    # Three with the expired one or with the private school; four with both.
    assert measure("ledger", "recognised_schools") == (2, 6, 6, None)
    states = {code: row["is_recognised"] for (where, code), row in conditions.items() if where == "ledger"}
    assert states == {
        "valid": True,
        "expired": False,
        "last_day": True,
        "not_yet": False,
        "private": True,
        "rural": False,
    }
    assert conditions["ledger", "expired"]["is_recognition_expired"]
    assert not conditions["ledger", "not_yet"]["is_recognition_expired"]


def test_private_schools_are_not_in_the_denominator_of_recognition(measure: Any) -> None:
    assert measure("ledger", "public_schools") == (5, 6, 6, None)
    assert measure("ledger", "compulsory_schools") == (6, 6, 6, None)


def test_without_a_ledger_nothing_is_known(measure: Any, conditions: Any) -> None:
    for code in (
        "recognised_schools",
        "clustered_schools",
        "paired_rural_schools",
        "schools_with_rooms_reported",
    ):
        assert measure("no_ledger", code) is None
    row = conditions["no_ledger", "alone"]
    assert [row[name] for name in ("is_recognised", "is_in_cluster", "is_paired", "has_resource_room")] == [
        None
    ] * 4
    assert not row["are_rooms_reported"]


def test_a_membership_counts_from_its_first_day_to_the_day_before_it_is_left(
    measure: Any, query: Any
) -> None:
    # A school in two clusters is one school; who left on the day or joins on the next is in none.
    assert measure("ledger", "clustered_schools") == (2, 6, 6, None)
    rows = query("select * from marts_build.mart_policy__school_clusters where district_code = 'ledger'")
    members = {(row["school_code"], row["cluster_code"]): row["is_member"] for row in rows}
    assert members == {
        ("valid", "XQ01"): True,
        ("valid", "JT01"): True,
        ("expired", "XQ01"): False,
        ("last_day", "XQ01"): False,
        ("private", "XQ01"): True,
        ("not_yet", "none"): False,
        ("rural", "none"): False,
    }
    outside = {row["school_code"] for row in rows if row["is_compulsory_school"] and not row["is_in_cluster"]}
    assert outside == {"expired", "last_day", "not_yet", "rural"}


def test_only_rural_schools_count_as_paired_and_once(measure: Any) -> None:
    assert measure("ledger", "rural_schools") == (1, 6, 6, None)
    assert measure("ledger", "paired_rural_schools") == (1, 6, 6, None)


def test_management_is_asked_of_public_schools(measure: Any) -> None:
    assert measure("ledger", "schools_managed_known") == (5, 5, 5, None)
    assert measure("ledger", "schools_managed_by_district") == (4, 5, 5, None)


@pytest.mark.parametrize(
    ("school", "concession", "needed", "areas", "is_short"),
    [
        ("g24", "none", 2, (96, 90), (False, False)),
        ("g12", "built_by_2016", 1, (73, 67), (False, False)),
        ("g6", "small_rural", 1, (54, 54), (False, False)),
        # Five rooms for five needed, of which one is too small: counted without its area it would pass.
        ("five", "none", 5, (96, 90), (True, False)),
        ("silent", "none", 1, (96, 90), (None, None)),
    ],
)
def test_rooms_follow_the_published_rules(
    conditions: Any, school: str, concession: str, needed: int, areas: Any, is_short: Any
) -> None:
    row = conditions["rooms", school]
    assert (row["music_concession_code"], row["music_rooms_needed"], row["art_rooms_needed"]) == (
        concession,
        needed,
        needed,
    )
    assert (row["music_least_area_m2"], row["art_least_area_m2"]) == areas
    assert (row["is_short_of_music_rooms"], row["is_short_of_art_rooms"]) == is_short


def test_a_school_that_reported_no_room_is_not_called_whole_nor_short(measure: Any, conditions: Any) -> None:
    assert measure("rooms", "schools_short_of_music_rooms") == (1, 4, 5, None)
    assert measure("rooms", "schools_short_of_art_rooms") == (0, 4, 5, None)
    assert measure("rooms", "schools_with_rooms_reported") == (4, 4, 5, None)
    assert measure("rooms", "schools_with_counselling_room") == (1, 4, 5, None)
    assert conditions["rooms", "silent"]["rooms_reason_code"] == "rooms_not_reported"


def test_a_resource_room_is_needed_from_five_pupils(measure: Any, conditions: Any) -> None:
    assert measure("rooms", "schools_needing_resource_room") == (2, 5, 5, None)
    # The school that reported no room needs none: it is not missing.
    assert measure("rooms", "schools_needing_resource_room_with_one") == (1, 5, 5, None)
    short = {code for (_, code), row in conditions.items() if row["is_short_of_resource_room"]}
    assert short == {"five"}


def test_a_school_that_declares_nothing_does_not_say_no(measure: Any, conditions: Any) -> None:
    # With the unproven yes it would be 2 of 3; with the silent school as a no 1 of 4.
    assert measure("declares", "declared_schools/charter") == (1, 2, 4, None)
    assert measure("declares", "declared_schools/curriculum") == (None, 0, 4, "no_school_reported")
    answers = {code: row["has_charter"] for (where, code), row in conditions.items() if where == "declares"}
    assert answers == {"yes": True, "no": False, "unproven": None, "unasked": None}


def test_a_district_declares_with_a_document_or_not_at_all(measure: Any) -> None:
    assert measure("declares", "declared/special_plan") == (1, 1, 1, None)
    assert measure("declares", "declared/layout") == (None, 0, 1, "document_missing")
    assert measure("declares", "declared/four_unified") == (0, 1, 1, None)
    assert measure("declares", "declared/veto_safety") == (None, 0, 1, "declaration_missing")
    assert measure("declares", "declared_value/verified_violations") == (0, 1, 1, None)
    assert measure("ledger", "declared/special_plan") is None


def test_retention_is_the_chosen_formula_and_its_inputs_stay(measure: Any, query: Any) -> None:
    chosen, other = measure("declares", "declared_value/retention_pct"), Decimal(500 * 100) / 504
    assert chosen[1:] == (5, 5, None)
    assert round(chosen[0], 3) == Decimal("99.198")
    assert round(other, 3) == Decimal("99.206")
    rows = query(
        "select item_code, counted_value, numerator, denominator from marts_build.mart_policy__declarations "
        "where district_code = 'declares' and item_code like 'retention%%'"
    )
    shown = {row["item_code"]: row for row in rows}
    assert (shown["retention_pct"]["numerator"], shown["retention_pct"]["denominator"]) == (495, 499)
    assert abs(shown["retention_other_formula_pct"]["counted_value"] - other) < Decimal("1e-15")
    assert shown["retention_transferred_out"]["counted_value"] == 15


def test_shares_are_not_rounded_before_they_are_judged(measure: Any) -> None:
    assert measure("declares", "declared_value/quota_allocated_pct") == (Decimal("49.9"), 2, 2, None)
    assert measure("declares", "declared_value/quota_rural_pct") == (None, 1, 2, "declaration_missing")


def test_a_survey_without_a_printed_total_is_added_up(measure: Any, query: Any) -> None:
    assert measure("asks", "valid_responses") == (1000, 1, 1, None)
    assert measure("asks", "satisfied_responses") == (850, 1, 1, None)
    assert measure("asks", "parent_responses") == (600, 1, 1, None)
    rows = query("select * from marts_build.mart_policy__satisfaction where respondent_type = 'all'")
    assert [(row["satisfied_pct"], row["is_summed"]) for row in rows] == [(Decimal("85.0"), True)]


def test_migrant_children_need_both_stages_and_both_places(measure: Any) -> None:
    assert measure("asks", "migrant_placed") == (1220, 2, 2, None)
    assert measure("asks", "migrant_placed", "primary") == (900, 1, 1, None)
    assert measure("asks", "migrant_in_public") == (1100, 2, 2, None)
    # One stage alone, or a blank taken as nought, would read as every child placed.
    assert measure("half", "migrant_eligible") == (None, 1, 2, "value_missing")
    assert measure("blank", "migrant_placed") == (None, 1, 2, "value_missing")


def test_every_school_item_of_the_list_has_its_column(built: None, query: Any) -> None:
    items = query("select code from warehouse.code_declaration_item where level = 'school'")
    columns = {
        row["column_name"]
        for row in query(
            "select column_name from information_schema.columns "
            "where table_schema = 'marts_build' and table_name = 'mart_policy__school_conditions'"
        )
    }
    assert {f"{row['code']}_document" for row in items} <= columns


def test_every_part_of_a_result_is_an_item_of_the_district(built: None, query: Any) -> None:
    strange = query(
        "select p.item_code from warehouse.declaration_result_part p "
        "left join warehouse.code_declaration_item i on i.code = p.item_code and i.level = 'district' "
        "left join warehouse.declaration_result r using (result_code) "
        "where i.code is null or r.result_code is null"
    )
    assert strange == []
