"""Checks of classes, seats, population, projects and land: what one row says must fit together."""

from __future__ import annotations

from collections.abc import Callable

from expectations.check import Check, Text, no_row_where, no_rows
from expectations.rule_parts import FIRST_PLACE, STAGE, measure_present, part_of
from ingest.contract import Contract

PARTS_OF_A_CLASS = (
    "boarding_students",
    "migrant_students",
    "left_behind_students",
    "purchased_seat_students",
    "regular_class_special_students",
)


def _class_roster(contract: Contract) -> list[Check]:
    return [
        *(part_of(contract, part, "students") for part in PARTS_OF_A_CLASS),
        no_row_where(
            "ledger_names_its_method",
            "(ledger_planned_end_on is not null or ledger_document is not null) and ledger_method is null",
            what=Text(
                "填有台账日期或文件的班级写明化解方式", "a class with a ledger date or document has a method"
            ),
            matters=Text(
                "没有化解方式的班级不算已建台账", "Without a method a class does not count as in the ledger"
            ),
            mend=Text("补填化解方式，或删去误填的日期与文件", "fill in the method or remove the date"),
            column="ledger_method",
        ),
    ]


def _class_size_band(contract: Contract) -> list[Check]:
    bands = [field.name for field in contract.stored_fields if field.name.startswith("classes_")]
    # Only what is told can be too much: here a band that is missing adds nothing, and is not read as 0.
    given = " + ".join(f"coalesce({band}, 0)" for band in bands)
    every = " and ".join(f"{band} is not null" for band in bands)
    return [
        no_row_where(
            "bands_make_the_classes",
            f"{given} > all_classes or {every} and {given} <> all_classes",
            what=Text("各班额段的班数之和等于班数", "the bands of class sizes make the classes"),
            matters=Text("少一段就会漏掉大班额", "With a band too few a large class is lost"),
            mend=Text("核对该行的班数与各段", "compare the classes of the row with its bands"),
            column="all_classes",
        ),
        no_rows(
            "stage_is_told_as_a_whole",
            f"{FIRST_PLACE} group by {STAGE} having count(*) filter (where grade = 'all') = 0",
            what=Text("每校每学段有“全部”一行", "every stage of a school has a row for all grades"),
            matters=Text(
                "没有合计就不知道年级是否齐全", "Without it nobody knows whether grades are missing"
            ),
            mend=Text("补上年级为“全部”的一行", "add the row of all grades"),
        ),
        no_rows(
            "grades_lie_within_the_stage",
            "select min(source_sheet) filter (where grade <> 'all') as source_sheet, "
            "min(source_row) filter (where grade <> 'all') as source_row from {batch} "
            f"group by {STAGE} having sum(all_classes) filter (where grade <> 'all') > "
            "max(all_classes) filter (where grade = 'all')",
            what=Text("各年级班数之和不超过全学段", "the classes of the grades do not exceed the stage"),
            matters=Text("部分大于总数，多为错行", "Parts above their whole mostly come from slipped rows"),
            mend=Text("核对各年级与合计的班数", "compare the grades with the stage"),
        ),
    ]


def _admission(contract: Contract) -> list[Check]:
    what = Text("每行至少有学位数或招生数", "every row holds seats or admitted students")
    return [
        part_of(contract, "admitted_in_zone", "admitted"),
        measure_present(contract, ["seats", "admitted"], "measure_is_present", what),
    ]


def _population(contract: Contract) -> list[Check]:
    what = Text("每行至少有常住人口数或出生人口数", "every row holds residents or births")
    return [
        part_of(contract, "births", "residents"),
        measure_present(contract, ["residents", "births"], "measure_is_present", what),
    ]


def _project(contract: Contract) -> list[Check]:
    return [
        part_of(contract, "primary_seats_before", "seats_before"),
        part_of(contract, "primary_seats_after", "seats_after"),
        part_of(contract, "design_primary_students", "design_students"),
        no_row_where(
            "completion_is_past",
            "completed_on > as_of_on",
            what=Text("实际完工日期不晚于统计截止日期", "no project ends after the day of the report"),
            matters=Text("尚未完工的项目会被算作已完工", "What is not built would count as built"),
            mend=Text("核对实际完工日期与统计截止日期", "compare the two days"),
            column="completed_on",
        ),
        no_row_where(
            "new_school_has_no_seats_before",
            "kind = 'new' and seats_before > 0",
            what=Text("新建项目的建设前学位数为 0", "a new school has no seats before"),
            matters=Text("原有学位不得算作新增学位", "Seats that stood before are no seats added"),
            mend=Text("改正建设性质或建设前学位数", "correct the kind of project or the seats before"),
            column="seats_before",
        ),
    ]


def _land_case(_contract: Contract) -> list[Check]:
    return [
        no_row_where(
            "consent_is_of_a_residential_project",
            "kind <> 'residential_project' "
            "and (has_own_school is not null or has_education_consent is not null)",
            what=Text("只有住宅项目填是否配建、是否同意", "only residential projects have a consent"),
            matters=Text("征得同意的比例按住宅项目计算", "The share is one of residential projects"),
            mend=Text("改正事项类型，或删去误填的列", "correct the kind of case or empty the two columns"),
            column="has_education_consent",
        ),
        no_row_where(
            "grant_is_of_a_parcel",
            "kind <> 'parcel' and (is_without_seats is not null or granted_on is not null)",
            what=Text("只有地块填是否无法解决入学与出让日期", "only parcels are short of seats or granted"),
            matters=Text("暂缓出让按地块判定", "Whether a grant was held back is judged by the parcel"),
            mend=Text("改正事项类型，或删去误填的列", "correct the kind of case or empty the two columns"),
            column="granted_on",
        ),
    ]


RULES: dict[str, Callable[[Contract], list[Check]]] = {
    "admission": _admission,
    "class_roster": _class_roster,
    "class_size_band": _class_size_band,
    "land_case": _land_case,
    "population": _population,
    "project": _project,
}
