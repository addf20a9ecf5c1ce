"""Marts of teachers in which everything holds, and what breaks them one by one."""

from __future__ import annotations

from typing import Any

SCHOOL = {"district_code": "990101", "school_year": 2022}
Rows = list[dict[str, Any]]


def rotation() -> Rows:
    row = {
        **SCHOOL,
        "school_code": "S1",
        "full_time_teachers": 40,
        "eligible_teachers": 20,
        "rotated_teachers": 4,
        "rotated_to_rural": 2,
        "rotated_backbone": 1,
        "teachers_sent": 3,
        "teachers_sent_to_rural": 2,
        "backbone_teachers_sent": 1,
        "teachers_received": 4,
        "sends_none_to_rural": False,
        "receives_none": False,
        "reason_code": None,
    }
    none = {"rotated_teachers": 0, "rotated_to_rural": 0, "rotated_backbone": 0, "teachers_sent": 0}
    none |= {"teachers_sent_to_rural": 0, "backbone_teachers_sent": 0, "sends_none_to_rural": True}
    unknown = {name: None for name in row if name.startswith(("rotated", "teachers_", "backbone"))}
    return [
        row,
        {**row, **none, "school_code": "S2"},
        {**row, **unknown, "school_code": "S3", "reason_code": "rotation_record_missing"},
    ]


def training() -> Rows:
    row = {
        **SCHOOL,
        "school_code": "S1",
        "full_time_teachers": 40,
        "teachers_in_training_cycle": 40,
        "teachers_trained_360_hours": 40,
        "trained_pct": 100,
        "special_education_teachers": 2,
        "special_education_teachers_trained": 1,
        "verdict": "met",
        "reason_code": None,
    }
    short = {"teachers_trained_360_hours": 39, "trained_pct": 97.5, "verdict": "not_met"}
    gap = {"teachers_in_training_cycle": 38, "teachers_trained_360_hours": 38, "verdict": "no_data"}
    return [
        row,
        {**row, **short, "school_code": "S2"},
        {**row, **gap, "school_code": "S3", "reason_code": "training_year_missing"},
    ]


def backbone_teachers() -> Rows:
    row = {
        **SCHOOL,
        "school_code": "S1",
        "stage": "primary",
        "students": 300,
        "backbone_teachers": 3,
        "line_per_100_students": 1,
        "verdict": "met",
        "reason_code": None,
    }
    missing = {"backbone_teachers": None, "verdict": "no_data", "reason_code": "teacher_roster_missing"}
    return [
        row,
        {**row, "school_code": "S2", "students": 301, "verdict": "not_met"},
        {**row, **missing, "school_code": "S3"},
    ]


def posts() -> Rows:
    row = {
        **SCHOOL,
        "school_code": "S1",
        "subject_group": "all",
        "posts": 40,
        "teachers": 38,
        "vacant_posts": 2,
        "temporary_teachers": 1,
        "is_short": True,
        "is_short_of_subject": False,
        "is_temporary_despite_vacancy": True,
        "reason_code": None,
    }
    full = {"teachers": 41, "vacant_posts": 0, "is_short": False, "is_temporary_despite_vacancy": False}
    gap = {"posts": None, "vacant_posts": None, "reason_code": "establishment_row_missing"}
    subject = {
        "subject_group": "pe",
        "posts": 2,
        "teachers": 1,
        "vacant_posts": 1,
        "temporary_teachers": None,
    }
    return [
        row,
        {**row, **full, "school_code": "S2"},
        {**row, **full, **gap, "school_code": "S3"},
        {**row, **subject, "is_short_of_subject": True, "is_temporary_despite_vacancy": False},
    ]


def teacher_support() -> Rows:
    row = {
        **SCHOOL,
        "school_code": "S1",
        "sector": "public",
        "teachers_on_roster": 41,
        "full_time_teachers": 40,
        "licensed_teachers": 40,
        "teachers_with_ethics_credit": 41,
        "insured_teachers": 41,
        "paid_teachers": 40,
        "average_pay_yuan": 100_000,
        "reason_code": None,
        "pay_reason_code": None,
    }
    hidden = {"average_pay_yuan": None, "pay_reason_code": "pay_of_few_persons"}
    return [
        row,
        {**row, **hidden, "school_code": "S2", "paid_teachers": 3},
        {**row, **hidden, "school_code": "S3", "paid_teachers": 6},
        {**row, "school_code": "S4", "paid_teachers": 5},
    ]


GOOD = {
    "mart_policy__rotation": rotation,
    "mart_policy__training": training,
    "mart_policy__backbone_teachers": backbone_teachers,
    "mart_policy__posts": posts,
    "mart_policy__teacher_support": teacher_support,
}

ROTATION, TRAINING, BACKBONE, POSTS, SUPPORT = GOOD
_AGAIN = "insert into mart select * from mart limit 1"
_TRUNCATED = ("truncate mart", "expected_partitions", "1 个分区中有 1 个", "1 of 1 partitions are missing")
_FIRST = "where school_code = 'S1'"

# mart, what is broken, the one check that fails, words of its messages
BROKEN = [
    *((name, *_TRUNCATED) for name in GOOD),
    *((name, _AGAIN, "key_is_unique", "每个键只出现一行", "keys do not") for name in GOOD),
    *(
        (
            name,
            f"update mart set school_year = 2021 where school_code = '{'S4' if name == SUPPORT else 'S2'}'",
            "only_current_partitions",
            "现行批次",
            "current batches",
        )
        for name in GOOD
    ),
    *(
        (ROTATION, f"update mart set {part} = {whole} + 1 {_FIRST}", f"{part}_within_{whole}", whole, whole)
        for part, whole in (
            ("rotated_to_rural", "rotated_teachers"),
            ("rotated_backbone", "rotated_teachers"),
            ("teachers_sent_to_rural", "teachers_sent"),
            ("backbone_teachers_sent", "teachers_sent"),
            ("eligible_teachers", "full_time_teachers"),
            ("rotated_teachers", "eligible_teachers"),
        )
    ),
    (ROTATION, "update mart set reason_code = null", "rotated_teachers_or_reason", "写明原因", "a reason"),
    (
        ROTATION,
        f"update mart set receives_none = true {_FIRST}",
        "flags_follow_counts",
        "未接收",
        "receive none",
    ),
    (
        TRAINING,
        f"update mart set teachers_in_training_cycle = 41, verdict = 'not_met' {_FIRST}",
        "teachers_in_training_cycle_within_full_time_teachers",
        "不超过",
        "does not exceed",
    ),
    (
        TRAINING,
        f"update mart set teachers_trained_360_hours = 41 {_FIRST}",
        "teachers_trained_360_hours_within_teachers_in_training_cycle",
        "不超过",
        "does not exceed",
    ),
    (
        TRAINING,
        f"update mart set special_education_teachers_trained = 3 {_FIRST}",
        "special_education_teachers_trained_within_special_education_teachers",
        "不超过",
        "does not exceed",
    ),
    (TRAINING, f"update mart set trained_pct = 101 {_FIRST}", "trained_pct.range", "0 与 100", "0 and 100"),
    (
        TRAINING,
        "update mart set verdict = 'met' where school_code = 'S3'",
        "verdict_follows_counts",
        "不判达标",
        "met where none",
    ),
    (TRAINING, "update mart set reason_code = null", "no_data_is_explained", "写明原因", "a reason"),
    (
        TRAINING,
        "update mart set verdict = 'unknown' where school_code = 'S3'",
        "verdict.codes",
        "verdict",
        "one of verdict",
    ),
    (
        BACKBONE,
        "update mart set verdict = 'met' where school_code = 'S2'",
        "verdict_follows_counts",
        "名册人数",
        "from roster and pupils",
    ),
    (
        BACKBONE,
        "update mart set verdict = 'unknown', reason_code = null where school_code = 'S3'",
        "verdict.codes",
        "verdict",
        "one of verdict",
    ),
    (BACKBONE, "update mart set reason_code = null", "no_data_is_explained", "写明原因", "a reason"),
    (
        POSTS,
        "update mart set is_short_of_subject = false",
        "shortage_follows_counts",
        "由编制数",
        "from posts and teachers",
    ),
    (
        POSTS,
        "update mart set is_temporary_despite_vacancy = true where school_code = 'S2'",
        "temporary_despite_vacancy_follows_counts",
        "既有空编又有临聘",
        "need both",
    ),
    (POSTS, "update mart set reason_code = null", "vacant_posts_or_reason", "写明原因", "a reason"),
    *(
        (SUPPORT, f"update mart set {part} = {whole} + 1 {_FIRST}", f"{part}_within_{whole}", whole, whole)
        for part, whole in (
            ("licensed_teachers", "full_time_teachers"),
            ("teachers_with_ethics_credit", "teachers_on_roster"),
            ("insured_teachers", "teachers_on_roster"),
            ("paid_teachers", "full_time_teachers"),
            ("full_time_teachers", "teachers_on_roster"),
        )
    ),
    (
        SUPPORT,
        f"update mart set teachers_on_roster = null {_FIRST}",
        "teachers_on_roster_or_reason",
        "写明原因",
        "a reason",
    ),
    (
        SUPPORT,
        "update mart set paid_teachers = 4 where school_code = 'S4'",
        "no_pay_of_a_few",
        "5 人及以上",
        "at least 5 persons",
    ),
    (
        SUPPORT,
        f"update mart set sector = 'private' {_FIRST}",
        "no_pay_of_a_few",
        "公办学校",
        "public schools",
    ),
    (
        SUPPORT,
        "update mart set average_pay_yuan = 100000, pay_reason_code = null where school_code = 'S3'",
        "hidden_pay_stays_hidden",
        "不少于 5 人",
        "at least 5 persons",
    ),
    (SUPPORT, "update mart set pay_reason_code = null", "pay_or_reason", "写明原因", "a reason"),
]
