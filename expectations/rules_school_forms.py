"""Checks of what the school's statistics say of it as a whole and of how its pupils changed.

Where another record tells the same figure, none of the two is chosen silently: a difference is told.
"""

from __future__ import annotations

from collections.abc import Callable

from expectations.check import Check, Grace, Text, no_row_where, no_rows
from expectations.rule_parts import (
    listed,
    measure_present,
    part_of,
    seed_rows,
)
from expectations.rules_beside import standing
from expectations.rules_teachers import parameter
from ingest.contract import Contract

_SCHOOL = "district_code, school_year, school_code"
_STAGE = f"{_SCHOOL}, stage"
INCREASES = ("admitted", "resumed", "transferred_in", "other_increase")
DECREASES = (
    *("graduated", "completed", "suspended", "dropped_out", "died"),
    *("transferred_out", "other_decrease"),
)
# By the parameter that says who counts as a teacher of psychology, as the models read it.
_PSYCHOLOGY = {"subject": "{0}", "certificate": "{1}", "both": "{0} and {1}"}
_MEND = Text(
    "与该表核对，改正错的一方；两表统计时点不同的，注明后各自保留",
    "compare the two and correct the one that is wrong; filled in on different days, both may stay",
)


def _two_sources(name: str, query: str, *, what: Text, matters: Text, column: str) -> Check:
    """A figure of the statistics beside the same one of another record: told, and holding nothing yet."""
    due = (row for row in seed_rows("record_due") if row["record"] == "staffing")
    return no_rows(
        name,
        query,
        what=what,
        matters=matters,
        mend=_MEND,
        column=column,
        grace=Grace.first_of(due),
    )


def _same(other: str, keys: str) -> str:
    return " and ".join(f"{other}.{key} = reckoned.{key}" for key in keys.split(", "))


def _told_and_none_agrees(other: str, same: str, agrees: str, figure: str | None = None) -> str:
    """In SQL: another source tells of the row, and nothing that it tells agrees. Where it may lack the
    ``figure``, it tells only where one is there, and does not differ where one is missing."""
    told = f"{same} and {figure} is not null" if figure else same
    alike = f"{figure} is null or {agrees}" if figure else agrees
    return (
        f"exists (select 1 from {other} where {told}) "
        f"and not exists (select 1 from {other} where {same} and ({alike}))"
    )


def _school_basics(contract: Contract) -> list[Check]:
    measures = [
        field.name
        for field in contract.stored_fields
        if not field.required and (field.unit or field.logical_type == "boolean")
    ]
    what = Text("每行至少有一项学校基本情况", "every row says something of the school")
    return [
        part_of(contract, "full_time_teachers", "staff"),
        part_of(contract, "established_staff", "staff"),
        part_of(contract, "full_time_psychology_teachers", "psychology_teachers"),
        part_of(contract, "bought_seats_for_migrants", "bought_seats"),
        measure_present(contract, measures, "measure_is_present", what),
        _counselling_room(),
        _psychology_teachers(),
        _bought_seats(),
        _teachers_of_stages(),
    ]


def _reckoned(field: str) -> str:
    return (
        f"reckoned as (select source_sheet, source_row, {_SCHOOL}, {field} from {{batch}} "
        f"where {field} is not null)"
    )


def _counselling_room() -> Check:
    return _two_sources(
        "counselling_room_is_in_the_list",
        f"""
        with {_reckoned("has_counselling_room")},
        listed as (
            select {_SCHOOL}, bool_or(room_kind = 'counselling') as has_one from raw.room
            where (district_code, school_year) in (select district_code, school_year from reckoned)
            and batch_id = any(array({standing("room", "reckoned")}))
            group by {_SCHOOL}, batch_id
        )
        select source_sheet, source_row from reckoned
        where {_told_and_none_agrees("listed", _same("listed", _SCHOOL), "has_one = has_counselling_room")}
        """,
        what=Text(
            "统计表所填心理辅导室与专用教室清单一致",
            "the counselling room of the statistics is in the list of rooms, and none that is not",
        ),
        matters=Text(
            "心理辅导室（C42）按专用教室清单判定，两处不一须查明",
            "Clause C42 rests on the list of rooms: where the two differ, one of them is wrong",
        ),
        column="has_counselling_room",
    )


def _psychology_teachers() -> Check:
    subjects = listed(
        row["code"] for row in seed_rows("code_subject") if row["subject_group"] == "psychology"
    )
    reading = _PSYCHOLOGY[parameter("psychology_teacher_reading")]
    counted = reading.format(f"subject in ({subjects})", "has_psychology_certificate")
    same = "teachers = full_time_psychology_teachers"
    return _two_sources(
        "psychology_teachers_are_in_the_roster",
        f"""
        with {_reckoned("full_time_psychology_teachers")},
        rostered as (
            select {_SCHOOL}, count(*) filter (where is_full_time and {counted}) as teachers
            from protected.teacher
            where (district_code, school_year) in (select district_code, school_year from reckoned)
            and batch_id = any(array({standing("teacher", "reckoned")}))
            group by {_SCHOOL}, batch_id
        )
        select source_sheet, source_row from reckoned
        where {_told_and_none_agrees("rostered", _same("rostered", _SCHOOL), same)}
        """,
        what=Text(
            "统计表所填专职心理健康教育教师数与教师花名册一致",
            "the full-time teachers of mental health are as many as in the roster",
        ),
        matters=Text(
            "专职心理教师（C42）按教师花名册判定，两处不一须查明",
            "Clause C42 rests on the roster: where the two differ, one of them is wrong",
        ),
        column="full_time_psychology_teachers",
    )


def _bought_seats() -> Check:
    district = "district_code, school_year"
    return _two_sources(
        "bought_seats_are_those_of_the_district",
        f"""
        with reckoned as (
            select min(source_sheet) as source_sheet, min(source_row) as source_row, {district},
                sum(bought_seats) as bought_seats
            from {{batch}} group by {district} having sum(bought_seats) is not null
        ),
        told as (
            select {district}, case when count(bought_seats) = count(*) then sum(bought_seats) end as seats
            from raw.migrant_children
            where ({district}) in (select {district} from reckoned)
            and batch_id = any(array({standing("migrant_children", "reckoned")}))
            group by {district}, batch_id
        )
        select source_sheet, source_row from reckoned
        where {_told_and_none_agrees("told", _same("told", district), "seats = bought_seats", "seats")}
        """,
        what=Text(
            "各校政府购买学位数之和等于随迁子女表中的区县合计",
            "the places bought of the schools make the sum that the record of migrant children tells",
        ),
        matters=Text(
            "购买学位（C19）按区县表判定，漏报一校比例就不真实",
            "Clause C19 rests on the district's record: a school left out would falsify its share",
        ),
        column="bought_seats",
    )


def _teachers_of_stages() -> Check:
    within = "teachers <= full_time_teachers"
    return _two_sources(
        "teachers_of_the_stages_are_within_the_school",
        f"""
        with {_reckoned("full_time_teachers")},
        staffed as (
            select {_SCHOOL}, sum(full_time_teachers) as teachers from raw.staffing
            where stage in ('primary', 'junior_secondary', 'senior_secondary')
            and (district_code, school_year) in (select district_code, school_year from reckoned)
            and batch_id = any(array({standing("staffing", "reckoned")}))
            group by {_SCHOOL}, batch_id
        )
        select source_sheet, source_row from reckoned
        where {_told_and_none_agrees("staffed", _same("staffed", _SCHOOL), within, "teachers")}
        """,
        what=Text(
            "各学段专任教师数之和不超过全校专任教师数",
            "the full-time teachers of the stages are no more than those of the school",
        ),
        matters=Text(
            "R1、R3 按分学段专任教师计算，多出的教师无从核实",
            "R1 and R3 count the teachers of a stage: more than the school has cannot be true",
        ),
        column="full_time_teachers",
    )


def _sum_of(total: str, parts: tuple[str, ...]) -> str:
    """Broken where the parts that are known exceed the total, or all are known and do not make it."""
    known = " + ".join(f"coalesce({part}, 0)" for part in parts)
    return f"{known} > {total} or {' + '.join(parts)} <> {total}"


def _pupil_change(_contract: Contract) -> list[Check]:
    matters = Text(
        "学生变动的恒等式不成立，说明有学生漏报或重报",
        "Where it does not hold, pupils are left out or counted twice",
    )
    mend = Text("与 331 表核对各项，改正后重新交入", "compare with form 331 and correct it")
    return [
        no_row_where(
            "last_year_and_changes_make_this_year",
            "last_year_students + increase - decrease <> students",
            what=Text(
                "上学年初在校生 + 增加 − 减少 = 本学年初在校生",
                "last year's pupils + increase − decrease = this year's pupils",
            ),
            matters=matters,
            mend=mend,
            column="students",
        ),
        no_row_where(
            "increases_make_their_total",
            _sum_of("increase", INCREASES),
            what=Text("招生、复学、转入、其他之和等于增加数", "the kinds of increase make its total"),
            matters=matters,
            mend=mend,
            column="increase",
        ),
        no_row_where(
            "decreases_make_their_total",
            _sum_of("decrease", DECREASES),
            what=Text(
                "毕业、结业、休学、退学、死亡、转出、其他之和等于减少数",
                "the kinds of decrease make its total",
            ),
            matters=matters,
            mend=mend,
            column="decrease",
        ),
        _last_year_as_told(),
        _this_year_as_enrolled(),
    ]


def _enrolled(asked: str, years_on: int) -> str:
    """Pupils by school and stage as the enrolment has them, but where rows of it were set aside."""
    return f"""
        select district_code, school_year + {years_on} as school_year, school_code, stage,
            case when count(students) = count(*) then sum(students) end as students
        from raw.enrolment as enrolment
        where (district_code, school_year) in (select district_code, school_year from {asked})
        and batch_id = any(array({standing("enrolment", asked)}))
        and not exists (
            select 1 from ops.rejected_key as rejected where rejected.batch_id = enrolment.batch_id
            and (rejected.school_code is null or rejected.school_code = enrolment.school_code)
        )
        group by district_code, school_year, school_code, stage, batch_id
    """


def _last_year_as_told() -> Check:
    told, enrolled = _same("told", _STAGE), _same("enrolled", _STAGE)
    return no_rows(
        "last_year_is_what_was_told",
        f"""
        with reckoned as (select source_sheet, source_row, {_STAGE}, last_year_students from {{batch}}),
        before as (select distinct district_code, school_year - 1 as school_year from reckoned),
        told as (
            select district_code, school_year + 1 as school_year, school_code, stage, students
            from raw.pupil_change
            where (district_code, school_year) in (select district_code, school_year from before)
            and batch_id = any(array({standing("pupil_change", "before")}))
        ),
        enrolled as ({_enrolled("before", 1)})
        select source_sheet, source_row from reckoned
        where case when exists (select 1 from told where {told})
            then not exists (select 1 from told where {told} and told.students = last_year_students)
            else {_told_and_none_agrees("enrolled", enrolled, "students = last_year_students", "students")}
        end
        """,
        what=Text(
            "“上学年初在校学生数”等于该校该学段上一学年所报的在校学生数",
            "last year's pupils are as many as the school told for that stage last year",
        ),
        matters=Text(
            "接不上年初数，巩固与流失无从核算",
            "If the years do not join, nobody can say who stayed and who left",
        ),
        mend=Text(
            "核对上一学年的表；上年数已更正的，先重交上年表",
            "compare with last year's form; where that was corrected, hand it in again first",
        ),
        column="last_year_students",
    )


def _this_year_as_enrolled() -> Check:
    same = _same("enrolled", _STAGE)
    return no_rows(
        "students_are_those_enrolled",
        f"""
        with reckoned as (select source_sheet, source_row, {_STAGE}, students as changed from {{batch}}),
        enrolled as ({_enrolled("reckoned", 0)})
        select source_sheet, source_row from reckoned
        where {_told_and_none_agrees("enrolled", same, "students = changed", "students")}
        """,
        what=Text(
            "“本学年初在校学生数”等于在校生表中该校该学段的合计",
            "this year's pupils are as many as the enrolment has at that stage of the school",
        ),
        matters=Text(
            "同一学年初只有一个在校生数", "There is one number of pupils at the start of a school year"
        ),
        mend=Text("核对 331 表与在校生表", "compare form 331 with the enrolment"),
        column="students",
    )


RULES: dict[str, Callable[[Contract], list[Check]]] = {
    "pupil_change": _pupil_change,
    "school_basics": _school_basics,
}
