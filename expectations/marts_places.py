"""Suites of classes, seats, projects and land: every case that a clause rests on is named, and only those."""

from __future__ import annotations

from expectations.check import Check, Text, no_rows
from expectations.promises import (
    REBUILD,
    Mart,
    current,
    holds,
    partitions_present,
    reason_stated,
)

_CLASS = "district_code, school_year, school_code, stage, grade, class_number"
_OF_A_COMPULSORY_STAGE = "stage in (select grade.stage from warehouse.stage_grade as grade)"


def _large_classes(_schema: str) -> list[Check]:
    above = current(
        "raw.class_roster",
        _CLASS,
        "exists (select 1 from warehouse.class_size_limit as size_limit where size_limit.is_assessed "
        "and size_limit.region_code = class_roster.region_code and size_limit.stage = class_roster.stage "
        "and class_roster.students > size_limit.max_students)",
    )
    what = Text("名册中每个超过标准班额的班都在", "every class of the rosters above the standard is there")
    return [
        partitions_present("every_large_class", above, _CLASS, what),
        holds(
            "excess_is_recomputed",
            "students - standard_students <> students_above_standard or students_above_standard < 1",
            Text("超额数等于学生数减标准班额", "the excess is the pupils less the standard"),
            Text("恰好等于标准的班不是大班额", "A class exactly at the standard is not large"),
            column="students_above_standard",
        ),
        holds(
            "bands_lie_within",
            "is_66_and_over and not is_56_and_over or is_56_and_over <> (students >= 56) "
            "or is_66_and_over <> (students >= 66)",
            Text("56、66 人两段与人数一致", "the bands from 56 and from 66 agree with the pupils"),
            Text("两段含本数", "Both bands include their first number"),
            column="is_56_and_over",
        ),
        holds(
            "rooms_seat_the_grade",
            "grade_classes_needed * standard_students < grade_students "
            "or (grade_classes_needed - 1) * standard_students >= grade_students "
            "or grade_extra_rooms_needed <> greatest(grade_classes_needed - grade_classes, 0)",
            Text("应有班数恰好容纳全年级", "the classes needed seat the grade, and one fewer would not"),
            Text("舍去尾数会少建一间教室", "Rounded down, a room is missing"),
            column="grade_classes_needed",
        ),
        holds(
            "ledger_entry_is_whole",
            "is_in_ledger <> (ledger_method is not null and ledger_planned_end_on is not null)",
            Text("已建台账的写明方式与日期", "a class in the ledger has a method and a planned end"),
            Text("没有日期的台账无法检查", "A ledger without a day cannot be checked"),
            column="is_in_ledger",
        ),
    ]


def _admissions(_schema: str) -> list[Check]:
    keys = "district_code, school_year, school_code, stage"
    reported = current("raw.admission", keys, _OF_A_COMPULSORY_STAGE)
    what = Text("每个已接收招生数据的学校学段都在", "every school's stage with accepted admission is there")
    return [
        partitions_present("expected_rows", reported, keys, what),
        reason_stated("admitted_in_zone", "reason_code"),
        holds(
            "zones_are_of_public_schools_in_town",
            "is_zoned and (sector <> 'public' or area_group not in ('urban_area', 'town_area') "
            "or coalesce(is_boarding, false))",
            Text("只考核城区、镇区非寄宿公办学校", "only public day schools in town are held to zones"),
            Text("就近入学按划片学校计算", "Admission by zone is one of schools that have a zone"),
            column="is_zoned",
        ),
        holds(
            "out_of_zone_is_recomputed",
            "admitted - admitted_in_zone <> admitted_out_of_zone or admitted_out_of_zone < 0",
            Text("片外招生数等于招生数减片内招生数", "those out of zone are the admitted less those in zone"),
            Text("片内多于招生数说明列位有误", "More in zone than admitted comes of swapped columns"),
            column="admitted_out_of_zone",
        ),
    ]


def _places_by_town(_schema: str) -> list[Check]:
    keys = "district_code, town_code"
    what = Text("每个已接收人口数据的镇街都在", "every town with accepted population is there")
    # Of a district that told no seats and has no school there is no town to plan for.
    planned = f"district_code in ({current('raw.admission', 'district_code', _OF_A_COMPULSORY_STAGE)})"
    return [
        partitions_present("expected_towns", current("raw.population", keys, planned), keys, what),
        reason_stated("seats", "seats_reason_code"),
        reason_stated("demand_students", "demand_reason_code"),
        reason_stated("gap_seats", "gap_reason_code"),
        holds(
            "demand_needs_births",
            "demand_students is not null and (base_births is null or cohort_births is null "
            "or demand_students * base_births < cohort_births * base_students)",
            Text("需求由出生人口推算且不舍去尾数", "demand follows from births and is never rounded down"),
            Text("缺出生人口的需求不得为零", "Where births are missing demand is not zero"),
            column="demand_students",
        ),
        holds(
            "gap_is_recomputed",
            "demand_students - seats <> gap_seats or is_short_of_seats <> coalesce(gap_seats > 0, false)",
            Text("缺口等于需求减学位", "the gap is the demand less the seats"),
            Text("缺口为正即学位不足", "A gap above 0 is a shortage"),
            column="gap_seats",
        ),
        holds(
            "below_the_least_is_recomputed",
            "is_below_seats <> (seats_per_1000_residents < least_seats_per_1000_residents)",
            Text("低于下限与千人学位数一致", "the finding agrees with the seats per 1000 residents"),
            Text("恰好等于下限即达到", "Exactly the least is enough"),
            column="is_below_seats",
        ),
    ]


def _school_size(_schema: str) -> list[Check]:
    return [
        reason_stated("is_over", "reason_code"),
        holds(
            "over_agrees_with_the_excess",
            "is_over <> (students_over > 0)",
            Text("超规模与超出人数一致", "a school too large has pupils above the limit, and none else"),
            Text("恰好等于限额不算超规模", "Exactly the limit is not too large"),
            column="is_over",
        ),
        holds(
            "plan_limits_have_no_concession",
            "concession_code is not null and limit_code <> 'national' "
            "or concession_code is null and allowed_students <> limit_students",
            Text("放宽只用于国家限额", "concessions are of the national limit alone"),
            Text("方案限额没有放宽条款", "The plan makes no concession"),
            column="concession_code",
        ),
    ]


def _projects(_schema: str) -> list[Check]:
    keys = "district_code, project_code"
    what = Text("每个已接收的项目都在", "every accepted project is there")
    return [
        partitions_present("expected_projects", current("raw.project", keys), keys, what),
        holds(
            "late_has_days",
            "is_late <> coalesce(days_late > 0, false) or days_late < 0 or is_late and not is_due",
            Text(
                "逾期与逾期天数一致，未到期的不算逾期",
                "late means days after the plan, never before it is due",
            ),
            Text("计划当日完工不算逾期", "Finished on the day is in time"),
            column="days_late",
        ),
        holds(
            "seats_are_recomputed",
            "seats_after - seats_before <> seats_added",
            Text("新增学位等于建设后减建设前", "the seats added are those after less those before"),
            Text("原有学位不得算作新增学位", "Seats that stood before are no seats added"),
            column="seats_added",
        ),
    ]


def _project_plans(schema: str) -> list[Check]:
    keys = "district_code, plan_code, project_code"
    what = Text("每个项目在其每个规划中都在", "every project is there in each of its plans")
    return [
        partitions_present("expected_memberships", current("raw.project", keys), keys, what),
        no_rows(
            "plans_are_counted",
            "select 1 as broken from (select district_code, project_code, count(*) as plans from {batch} "
            "group by 1, 2 union all select district_code, project_code, plans "
            f"from {schema}.mart_policy__projects) as counted group by district_code, project_code "
            "having count(plans) <> 2 or min(plans) <> max(plans)",
            what=Text("规划数与项目表一致", "the number of plans agrees with the projects"),
            matters=Text("同一项目不得重复计算", "A project must not be counted twice"),
            mend=REBUILD,
        ),
    ]


def _project_areas(_schema: str) -> list[Check]:
    return [
        reason_stated("value", "reason_code"),
        holds(
            "verdict_follows_threshold",
            "verdict <> case when threshold is null then 'not_applicable' when value is null then 'no_data' "
            "when value >= threshold then 'met' else 'not_met' end",
            Text("判定与限值一致", "the verdict follows the threshold"),
            Text("缺数据不可判达标", "Missing data must not be judged met"),
            column="verdict",
        ),
    ]


def _land_cases(_schema: str) -> list[Check]:
    keys = "district_code, year, kind, case_code"
    what = Text("每个已接收的用地事项都在", "every accepted land case is there")
    return [
        partitions_present("expected_cases", current("raw.land_case", keys), keys, what),
        holds(
            "site_is_complete_with_four",
            "is_site_complete and (location is null or land_area_m2 is null or planned_students is null "
            "or standard_document is null)",
            Text("四项齐全的选址四项都有", "a complete site has all four attributes"),
            Text("缺一项即不齐全", "With one missing it is not complete"),
            column="is_site_complete",
        ),
        holds(
            "grant_without_seats_is_a_grant",
            "is_granted_without_seats and not coalesce(is_granted and is_without_seats, false)",
            Text("无学位仍出让的已出让且无学位", "what was granted without seats was granted and has none"),
            Text("暂缓出让的地块不算", "A parcel that was held back does not count"),
            column="is_granted_without_seats",
        ),
    ]


MARTS = (
    Mart(
        "mart_policy__large_classes",
        (
            *("district_code", "school_year", "school_code", "stage", "grade", "class_number"),
            *("students", "standard_students", "students_above_standard", "is_56_and_over"),
            *("is_66_and_over", "is_in_ledger", "ledger_method", "ledger_planned_end_on"),
            *("grade_students", "grade_classes", "grade_classes_needed", "grade_extra_rooms_needed"),
        ),
        ("district_code", "school_year", "school_code", "stage", "grade", "class_number"),
        _large_classes,
    ),
    Mart(
        "mart_policy__admissions",
        (
            "district_code",
            "school_year",
            "school_code",
            "stage",
            "is_zoned",
            "sector",
            "area_group",
            "is_boarding",
            "admitted",
            "admitted_in_zone",
            "admitted_out_of_zone",
            "reason_code",
        ),
        (
            "district_code",
            "school_year",
            "school_code",
            "stage",
        ),
        _admissions,
    ),
    Mart(
        "mart_policy__places_by_town",
        (
            "district_code",
            "year",
            "town_code",
            "stage",
            "seats",
            "seats_reason_code",
            "seats_per_1000_residents",
            "least_seats_per_1000_residents",
            "is_below_seats",
            "base_students",
            "base_births",
            "cohort_births",
            "demand_students",
            "demand_reason_code",
            "gap_seats",
            "gap_reason_code",
            "is_short_of_seats",
        ),
        (
            "district_code",
            "year",
            "town_code",
            "stage",
        ),
        _places_by_town,
    ),
    Mart(
        "mart_policy__school_size",
        (
            "district_code",
            "school_year",
            "unit_code",
            "limit_code",
            "limit_students",
            "allowed_students",
            "concession_code",
            "students_over",
            "is_over",
            "reason_code",
        ),
        (
            "district_code",
            "school_year",
            "unit_code",
            "limit_code",
        ),
        _school_size,
    ),
    Mart(
        "mart_policy__projects",
        (
            "district_code",
            "project_code",
            "plans",
            "is_due",
            "is_late",
            "days_late",
            "seats_before",
            "seats_after",
            "seats_added",
        ),
        (
            "district_code",
            "project_code",
        ),
        _projects,
    ),
    Mart(
        "mart_policy__project_plans",
        (
            "district_code",
            "plan_code",
            "project_code",
        ),
        (
            "district_code",
            "plan_code",
            "project_code",
        ),
        _project_plans,
    ),
    Mart(
        "mart_policy__project_areas",
        (
            "district_code",
            "school_year",
            "project_code",
            "stage",
            "basis",
            "item_code",
            "value",
            "threshold",
            "verdict",
            "reason_code",
        ),
        (
            "district_code",
            "school_year",
            "project_code",
            "stage",
            "basis",
            "item_code",
        ),
        _project_areas,
    ),
    Mart(
        "mart_policy__land_cases",
        (
            "district_code",
            "year",
            "kind",
            "case_code",
            "location",
            "land_area_m2",
            "planned_students",
            "standard_document",
            "is_site_complete",
            "is_without_seats",
            "is_granted",
            "is_granted_without_seats",
        ),
        (
            "district_code",
            "year",
            "kind",
            "case_code",
        ),
        _land_cases,
    ),
)
