"""Good rows of what the school's statistics say, in records and in marts, and what breaks them one by one."""

from __future__ import annotations

from typing import Any

SCHOOL_YEAR = {"district_code": "990101", "school_year": 2022}
PLACE = {"region_code": "CN", **SCHOOL_YEAR}
Rows = list[dict[str, Any]]


def school_basics(number: int, **other: Any) -> dict[str, Any]:
    """A school that says everything of itself."""
    row = {
        "school_code": f"S{number}",
        "staff": 40,
        "full_time_teachers": 36,
        "established_staff": 38,
        "psychology_teachers": 2,
        "full_time_psychology_teachers": 1,
        "has_counselling_room": True,
        "security_staff": 3,
        "bought_seats": 30,
        "bought_seats_for_migrants": 20,
        "meets_sports_area": True,
        "has_campus_network": True,
    }
    return {**PLACE, **row, **other}


def pupil_change(number: int, **other: Any) -> dict[str, Any]:
    """A stage of a school; 结业 does not apply to it."""
    row = {
        "school_code": f"S{number}",
        "stage": "primary",
        "last_year_students": 600,
        "increase": 121,
        "admitted": 101,
        "resumed": 0,
        "transferred_in": 20,
        "other_increase": 0,
        "decrease": 100,
        "graduated": 95,
        "completed": None,
        "suspended": 0,
        "dropped_out": 0,
        "died": 0,
        "transferred_out": 5,
        "other_decrease": 0,
        "students": 621,
    }
    return {**PLACE, **row, **other}


# What a row of staffing tells of training.
TRAINING = {"training_teachers": 9, "training_person_times": 36, "training_hours": 970.5}
MAKERS = {"school_basics": school_basics, "pupil_change": pupil_change}

# record, what is changed in the third row, the one check that fails, words of its messages
BROKEN_ROWS = [
    (
        "school_basics",
        {"full_time_teachers": 41},
        "full_time_teachers_within_staff",
        "全校教职工数",
        "Staff of",
    ),
    (
        "school_basics",
        {"established_staff": 41},
        "established_staff_within_staff",
        "在编教职工数",
        "establish",
    ),
    (
        "school_basics",
        {"full_time_psychology_teachers": 3},
        "full_time_psychology_teachers_within_psychology_teachers",
        "专职心理健康",
        "mental health",
    ),
    (
        "school_basics",
        {"bought_seats_for_migrants": 31},
        "bought_seats_for_migrants_within_bought_seats",
        "用于随迁子女",
        "for migrant children",
    ),
    (
        "pupil_change",
        {"students": 620},
        "last_year_and_changes_make_this_year",
        "上学年初在校生 + 增加",
        "last year's pupils + increase",
    ),
    (
        "staffing",
        {"training_person_times": 0},
        "training_has_person_times",
        "有培训学时的",
        "hours of training",
    ),
    ("staffing", {"training_teachers": 0}, "training_has_teachers", "不为 0", "there were teachers"),
    (
        "staffing",
        {"training_teachers": 0, "training_hours": None},
        "training_has_teachers",
        "不为 0",
        "there were teachers",
    ),
    ("pupil_change", {"transferred_in": 19}, "increases_make_their_total", "招生、复学", "kinds of increase"),
    ("pupil_change", {"dropped_out": 1}, "decreases_make_their_total", "毕业、结业", "kinds of decrease"),
    (
        "pupil_change",
        {"admitted": None, "transferred_in": 122},
        "increases_make_their_total",
        "之和",
        "kinds",
    ),
]


def basics_mart() -> Rows:
    """Schools of which both sources say the same, one of which they differ, one of which one says nothing."""
    row = {
        **SCHOOL_YEAR,
        "school_code": "S1",
        "staff": 40,
        "full_time_teachers": 36,
        "established_staff": 38,
        "full_time_psychology_teachers": 1,
        "roster_psychology_teachers": 1,
        "are_psychology_teachers_told_differently": False,
        "has_counselling_room": True,
        "list_has_counselling_room": True,
        "is_counselling_room_told_differently": False,
        "bought_seats": 30,
        "bought_seats_for_migrants": 20,
    }
    differs = {"roster_psychology_teachers": 0, "are_psychology_teachers_told_differently": True}
    silent = {"list_has_counselling_room": None, "is_counselling_room_told_differently": None}
    return [row, {**row, **differs, "school_code": "S2"}, {**row, **silent, "school_code": "S3"}]


def changes_mart() -> Rows:
    """One stage whose sums are known and one of which a school left a kind open."""
    row = {
        **SCHOOL_YEAR,
        "stage": "primary",
        "last_year_students": 600,
        "increase": 121,
        "decrease": 100,
        "students": 621,
    }
    return [row]


def training_mart() -> Rows:
    """A school that tells everything, one without teachers then, one that leaves the hours out, a few."""
    row = {
        **SCHOOL_YEAR,
        "school_code": "S1",
        "stage": "primary",
        "training_teachers": 9,
        "training_person_times": 36,
        "training_hours": 970.5,
        "person_times_per_teacher": 4,
        "hours_per_teacher": 107.83,
        "reason_code": None,
    }
    nobody = {"training_teachers": 0, "training_person_times": 0, "training_hours": 0}
    nobody |= {"person_times_per_teacher": None, "hours_per_teacher": None, "reason_code": "denominator_zero"}
    silent = {"training_hours": None, "hours_per_teacher": None, "reason_code": "value_missing"}
    few = dict.fromkeys(
        ("training_person_times", "training_hours", "person_times_per_teacher", "hours_per_teacher")
    )
    few |= {"training_teachers": 4, "reason_code": "training_of_few_teachers"}
    others = zip(("S2", "S3", "S4"), (nobody, silent, few), strict=True)
    return [row, *({**row, **other, "school_code": code} for code, other in others)]


def special_schools_mart() -> Rows:
    """A district whose special school may be shown and one in which it may not."""
    row = {
        **SCHOOL_YEAR,
        "special_schools": 1,
        "schools_reported": 1,
        "students": 45,
        "staff": 20,
        "full_time_teachers": 16,
        "students_per_teacher": 2.8,
        "public_funds_account_yuan": 369000,
        "public_funds_yuan_per_student": 8200,
        "is_suppressed": False,
        "reason": None,
    }
    hidden = dict.fromkeys(
        ("students", "students_per_teacher", "public_funds_account_yuan", "public_funds_yuan_per_student")
    )
    few = {**hidden, "is_suppressed": True, "reason": "small_count", "district_code": "990102"}
    return [row, {**row, **few}]


BASICS, CHANGES, TRAINED, SPECIAL = (
    "mart_policy__school_basics",
    "mart_policy__pupil_changes",
    "mart_policy__reported_training",
    "mart_special_education__schools",
)
GOOD = {
    BASICS: basics_mart,
    CHANGES: changes_mart,
    TRAINED: training_mart,
    SPECIAL: special_schools_mart,
}
# record and row of the batches that the marts were made of
BATCHES = {
    "school_basics": school_basics(1),
    "pupil_change": pupil_change(1),
    "staffing": {**PLACE, "school_code": "S1", "stage": "primary", "full_time_teachers": 10, **TRAINING},
}
OF_RECORDS = (BASICS, CHANGES, TRAINED)
_AGAIN = "insert into mart select * from mart limit 1"


def _other_year(key: str) -> str:
    columns = f"insert into mart (district_code, school_year, {key})"
    return f"{columns} select district_code, 2021, {key} from mart limit 1"


_OF_990102 = "where district_code = '990102'"

# mart, what is broken, the one check that fails, words of its messages
BROKEN = [
    *((name, _AGAIN, "key_is_unique", "每个键只出现一行", "each key has one row") for name in GOOD),
    *(
        (name, "delete from mart", "expected_partitions", "每个已接收", "every partition")
        for name in OF_RECORDS
    ),
    (BASICS, _other_year("school_code"), "only_current_partitions", "现行批次", "current batches"),
    (
        TRAINED,
        "insert into mart (district_code, school_year, stage, reason_code) "
        "select district_code, 2021, stage, 'value_missing' from mart limit 1",
        "only_current_partitions",
        "现行批次",
        "current batches",
    ),
    (CHANGES, _other_year("stage"), "only_current_partitions", "现行批次", "current batches"),
    *(
        (name, f"update mart set {part} = {whole} + 1", f"{part}_within_{whole}", "不超过", "does not exceed")
        for name, part, whole in (
            (BASICS, "full_time_teachers", "staff"),
            (BASICS, "established_staff", "staff"),
            (BASICS, "bought_seats_for_migrants", "bought_seats"),
            (SPECIAL, "full_time_teachers", "staff"),
            (SPECIAL, "schools_reported", "special_schools"),
        )
    ),
    (
        BASICS,
        "update mart set are_psychology_teachers_told_differently = false where school_code = 'S2'",
        "are_psychology_teachers_told_differently_follows",
        "与两处所填一致",
        "follows from the two sources",
    ),
    (
        BASICS,
        "update mart set is_counselling_room_told_differently = false where school_code = 'S3'",
        "is_counselling_room_told_differently_follows",
        "与两处所填一致",
        "follows from the two sources",
    ),
    *(
        (
            TRAINED,
            f"update mart set {broken} where school_code = 'S1'",
            f"{mean}_follows",
            f"{mean} 是",
            f"{mean} is",
        )
        for broken, mean in (
            ("hours_per_teacher = 107.82", "hours_per_teacher"),
            ("hours_per_teacher = 97.05", "hours_per_teacher"),  # over the teachers of this year
            ("person_times_per_teacher = 3.6", "person_times_per_teacher"),
        )
    ),
    (
        TRAINED,
        "update mart set reason_code = null where school_code = 'S3'",
        "missing_is_explained",
        "写明原因",
        "a reason is given",
    ),
    *(
        (
            TRAINED,
            f"update mart set {shown} where school_code = 'S4'",
            "no_training_of_a_few",
            "5 名及以上",
            "at least 5 teachers",
        )
        for shown in (
            "training_hours = 120, hours_per_teacher = 30",
            "training_person_times = 8, person_times_per_teacher = 2",
            "training_teachers = null, training_hours = 120",
        )
    ),
    (CHANGES, "update mart set students = 620", "changes_make_this_year", "上学年初", "last year's pupils"),
    (
        SPECIAL,
        "update mart set students = 9 where district_code = '990101'",
        "no_small_counts",
        "1 至 9",
        "between 1 and 9",
    ),
    (
        SPECIAL,
        f"update mart set public_funds_yuan_per_student = 8200 {_OF_990102}",
        "suppression_is_told",
        "不公布的数",
        "what is withheld",
    ),
    (
        SPECIAL,
        "update mart set public_funds_yuan_per_student = null where district_code = '990101'",
        "public_funds_yuan_per_student_or_reason",
        "写明原因",
        "a reason is given",
    ),
]
