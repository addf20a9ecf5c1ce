"""Good rows of the marts of classes, seats, projects and land, and what breaks them one by one."""

from __future__ import annotations

from typing import Any

DISTRICT_YEAR = {"district_code": "990101", "school_year": 2022}


def _large_classes() -> list[dict[str, Any]]:
    row = {
        **DISTRICT_YEAR,
        "school_code": "S1",
        "stage": "primary",
        "grade": "1",
        "class_number": "1",
        "students": 57,
        "standard_students": 45,
        "students_above_standard": 12,
        "is_56_and_over": True,
        "is_66_and_over": False,
        "is_in_ledger": False,
        "ledger_method": None,
        "ledger_planned_end_on": None,
        "grade_students": 91,
        "grade_classes": 2,
        "grade_classes_needed": 3,
        "grade_extra_rooms_needed": 1,
    }
    ledger = {"is_in_ledger": True, "ledger_method": "split", "ledger_planned_end_on": "2020-12-31"}
    other = {"class_number": "2", "students": 46, "students_above_standard": 1, "is_56_and_over": False}
    return [row, {**row, **other, **ledger}]


GOOD = {
    "mart_policy__large_classes": _large_classes,
}

_CLASS = {**DISTRICT_YEAR, "region_code": "CN", "school_code": "S1", "stage": "primary", "grade": "1"}
# One row of each record, of which the marts above are made.
RECORDS = {
    "class_roster": {**_CLASS, "class_number": "1", "students": 57},
}
# What the promises read of the warehouse: (table, columns and kinds, rows).
SEEDS: list[tuple[str, str, list[tuple[Any, ...]]]] = [
    (
        "class_size_limit",
        "region_code text, stage text, max_students integer, is_assessed boolean",
        [("CN", "primary", 45, True), ("CN", "primary", 55, False)],
    ),
]

CLASSES = "mart_policy__large_classes"
_AGAIN = "insert into mart select * from mart limit 1"

# mart, what is broken, the one check that fails, words of its messages
BROKEN = [
    (CLASSES, _AGAIN, "key_is_unique", "每个键只出现一行", "1 of 2 keys do not"),
    (CLASSES, "delete from mart where students = 57", "every_large_class", "每个超过标准", "every class"),
    (
        CLASSES,
        "update mart set students_above_standard = students_above_standard + 1",
        "excess_is_recomputed",
        "超额数",
        "the excess",
    ),
    (CLASSES, "update mart set is_56_and_over = false", "bands_lie_within", "56、66", "from 56"),
    (
        CLASSES,
        "update mart set grade_classes_needed = 2, grade_extra_rooms_needed = 0",
        "rooms_seat_the_grade",
        "容纳全年级",
        "seat the grade",
    ),
    (CLASSES, "update mart set is_in_ledger = true", "ledger_entry_is_whole", "台账", "in the ledger"),
]
