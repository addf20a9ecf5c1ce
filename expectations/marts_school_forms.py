"""Suites of what the statistics say: a school as a whole, how its pupils changed, special schools."""

from __future__ import annotations

from expectations.check import Check, Text
from expectations.marts_special_education import least_count
from expectations.promises import (
    EXACT,
    Mart,
    current,
    holds,
    never_above,
    nothing_left_over,
    partitions_present,
    reason_stated,
)
from expectations.rules_teachers import parameter

_YEAR = "district_code, school_year"


def _of_record(record: str, columns: str, condition: str = "true") -> list[Check]:
    accepted = current(f"raw.{record}", columns, condition)
    what = Text("每个已接收数据的分区都在", "every partition with accepted rows is there")
    return [
        partitions_present("expected_partitions", accepted, columns, what),
        nothing_left_over(accepted, columns),
    ]


def _school_basics(_schema: str) -> list[Check]:
    return [
        *_of_record("school_basics", _YEAR),
        never_above("full_time_teachers", "staff"),
        never_above("established_staff", "staff"),
        never_above("bought_seats_for_migrants", "bought_seats"),
        _told_apart(
            "are_psychology_teachers_told_differently",
            "full_time_psychology_teachers",
            "roster_psychology_teachers",
        ),
        _told_apart(
            "is_counselling_room_told_differently", "has_counselling_room", "list_has_counselling_room"
        ),
    ]


def _told_apart(flag: str, own: str, other: str) -> Check:
    return holds(
        f"{flag}_follows",
        f"({flag} is null) <> ({own} is null or {other} is null) or {flag} <> ({own} <> {other})",
        Text(f"{flag} 与两处所填一致", f"{flag} follows from the two sources"),
        Text("两处不一不得默默取其一", "Of two sources that differ none may be chosen silently"),
        column=flag,
    )


def _pupil_changes(_schema: str) -> list[Check]:
    return [
        *_of_record("pupil_change", f"{_YEAR}, stage"),
        holds(
            "changes_make_this_year",
            "last_year_students + increase - decrease <> students",
            Text(
                "上学年初在校生 + 增加 − 减少 = 本学年初在校生",
                "last year's pupils + increase − decrease = this year's pupils",
            ),
            Text("不成立说明有学校漏计", "Else a school was left out of one of the sums"),
            column="students",
        ),
    ]


def _reported_training(_schema: str) -> list[Check]:
    told = "(training_person_times is not null or training_hours is not null)"
    fewest = parameter("pay_min_persons")
    return [
        *_of_record("staffing", f"{_YEAR}, stage", f"{told} and stage <> 'special_education'"),
        *(
            holds(
                f"{mean}_follows",
                f"({mean} is null) <> ({total} is null or (training_teachers > 0) is not true) "
                f"or abs({mean} * training_teachers - {total}) > 0.005 * training_teachers + {EXACT}",
                Text(
                    f"{mean} 是 {total} 除以培训统计专任教师数",
                    f"{mean} is {total} over the teachers of the training form",
                ),
                Text("人均数须能由其两端得出", "A mean must follow from the two figures beside it"),
                column=mean,
            )
            for mean, total in (
                ("person_times_per_teacher", "training_person_times"),
                ("hours_per_teacher", "training_hours"),
            )
        ),
        holds(
            "missing_is_explained",
            "(reason_code is not null) <> (hours_per_teacher is null or person_times_per_teacher is null)",
            Text("没有人均数的写明原因，且仅此", "a reason is given where a mean is missing, and only there"),
            Text("空白会被读成没有培训", "A blank is read as no training"),
            column="reason_code",
        ),
        holds(
            "no_training_of_a_few",
            f"{told} and (training_teachers is null or training_teachers between 1 and {fewest} - 1)",
            Text(
                f"只公布 {fewest} 名及以上教师的培训人次与学时",
                f"person-times and hours are shown of at least {fewest} teachers",
            ),
            Text("人数过少的合计会暴露个人的培训", "The total of a few tells the training of one of them"),
            column="training_hours",
        ),
    ]


def _special_schools(_schema: str) -> list[Check]:
    largest_small = least_count() - 1
    return [
        never_above("schools_reported", "special_schools"),
        never_above("full_time_teachers", "staff"),
        holds(
            "no_small_counts",
            f"students between 1 and {largest_small}",
            Text(
                f"公布的学生数不在 1 至 {largest_small} 之间",
                f"no number of pupils that is shown is between 1 and {largest_small}",
            ),
            Text(
                "小于下限的人数可能指向某个孩子，不得公布",
                "A count this small may point at a child and must not be published",
            ),
            column="students",
        ),
        holds(
            "suppression_is_told",
            "is_suppressed and (students is not null or students_per_teacher is not null "
            "or public_funds_account_yuan is not null or public_funds_yuan_per_student is not null "
            "or reason is distinct from 'small_count')",
            Text(
                "不公布的数都注明且由其得出的数也不公布", "what is withheld is marked with all that follows"
            ),
            Text("由比率和金额可以算回人数", "Ratio and amount would give the number back"),
            column="is_suppressed",
        ),
        reason_stated("public_funds_yuan_per_student", "reason"),
    ]


MARTS = (
    Mart(
        "mart_policy__school_basics",
        (
            *("district_code", "school_year", "school_code", "staff", "full_time_teachers"),
            *("established_staff", "full_time_psychology_teachers", "roster_psychology_teachers"),
            *("are_psychology_teachers_told_differently", "has_counselling_room"),
            *("list_has_counselling_room", "is_counselling_room_told_differently"),
            *("bought_seats", "bought_seats_for_migrants"),
        ),
        ("district_code", "school_year", "school_code"),
        _school_basics,
    ),
    Mart(
        "mart_policy__pupil_changes",
        (
            *("district_code", "school_year", "stage", "last_year_students"),
            *("increase", "decrease", "students"),
        ),
        ("district_code", "school_year", "stage"),
        _pupil_changes,
    ),
    Mart(
        "mart_policy__reported_training",
        (
            *("district_code", "school_year", "school_code", "stage", "training_teachers"),
            *("training_person_times", "training_hours", "person_times_per_teacher"),
            *("hours_per_teacher", "reason_code"),
        ),
        ("district_code", "school_year", "school_code", "stage"),
        _reported_training,
    ),
    Mart(
        "mart_special_education__schools",
        (
            *("district_code", "school_year", "special_schools", "schools_reported", "students", "staff"),
            *("full_time_teachers", "students_per_teacher", "public_funds_account_yuan"),
            *("public_funds_yuan_per_student", "is_suppressed", "reason"),
        ),
        ("district_code", "school_year"),
        _special_schools,
    ),
)
