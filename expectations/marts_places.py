"""Suites of classes, seats, projects and land: every case that a clause rests on is named, and only those."""

from __future__ import annotations

from expectations.check import Check, Text
from expectations.promises import Mart, current, holds, partitions_present

_CLASS = "district_code, school_year, school_code, stage, grade, class_number"


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
)
