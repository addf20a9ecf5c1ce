"""Suites of the marts of teachers: counts within their wholes, verdicts from counts, no pay of a few."""

from __future__ import annotations

import csv

from expectations.check import Check, Text, no_rows
from expectations.promises import (
    REBUILD,
    Mart,
    between,
    current,
    holds,
    in_set,
    never_above,
    nothing_left_over,
    partitions_present,
)
from expectations.rules_teachers import parameter
from ingest.settings import SEEDS_DIR

_YEAR = "district_code, school_year"
_SCHOOL = ("district_code", "school_year", "school_code")
_WHY = Text("空白会被读成没有问题", "A blank is read as no problem")
_FOLLOWS = Text("判定须能由公布的数得出", "A verdict must follow from the figures beside it")


def _partitions(record: str) -> list[Check]:
    """Every district and year with that record, a roster and pupils; and no other."""
    place = _where_the_scope_holds()
    sources = [current(table, _YEAR, place) for table in (record, "protected.teacher")]
    # The pupils of a special school as a whole are in no scope.
    sources.append(current("raw.enrolment", _YEAR, f"{place} and stage <> 'special_education'"))
    accepted = " intersect ".join(dict.fromkeys(f"({source})" for source in sources))
    what = Text(
        "每个已接收教师与在校生数据的区县与学年都在",
        "every district and year with accepted teachers and pupils is there",
    )
    return [partitions_present("expected_partitions", accepted, _YEAR, what), _none_left(record)]


def _where_the_scope_holds() -> str:
    """Where the standard holds whose scope gives the schools: elsewhere no school is expected."""
    wanted = parameter("scope_standard")
    with (SEEDS_DIR / "standard.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = [row for row in csv.DictReader(stream) if row["standard_code"] == wanted]
    region = f" and region_code = '{row['region_code']}'" if row["region_code"] else ""
    return f"school_year >= {row['first_school_year']}{region}"


def _none_left(record: str) -> Check:
    return nothing_left_over(current(record, _YEAR), _YEAR)


def _reason_where_missing(figure: str) -> Check:
    return holds(
        f"{figure}_or_reason",
        f"{figure} is null and reason_code is null",
        Text(f"没有 {figure} 时写明原因", f"where {figure} is missing, a reason is given"),
        _WHY,
        column=figure,
    )


def _rotation(_schema: str) -> list[Check]:
    return [
        *_partitions("protected.teacher"),
        never_above("eligible_teachers", "full_time_teachers"),
        never_above("rotated_teachers", "eligible_teachers"),
        never_above("rotated_to_rural", "rotated_teachers"),
        never_above("rotated_backbone", "rotated_teachers"),
        never_above("teachers_sent_to_rural", "teachers_sent"),
        never_above("backbone_teachers_sent", "teachers_sent"),
        _reason_where_missing("rotated_teachers"),
        holds(
            "flags_follow_counts",
            "sends_none_to_rural and teachers_sent_to_rural > 0 or receives_none and teachers_received > 0 "
            "or (sends_none_to_rural or receives_none) and rotated_teachers is null",
            Text("未派出、未接收的标记与人数一致", "schools said to send or receive none do so"),
            _FOLLOWS,
            column="sends_none_to_rural",
        ),
    ]


def _training(_schema: str) -> list[Check]:
    known, trained = "teachers_in_training_cycle", "teachers_trained_360_hours"
    return [
        *_partitions("protected.teacher"),
        never_above(known, "full_time_teachers"),
        never_above(trained, known),
        never_above("special_education_teachers_trained", "special_education_teachers"),
        between("trained_pct", 0, 100),
        in_set("verdict", "verdict"),
        holds(
            "verdict_follows_counts",
            f"(verdict = 'not_met') <> coalesce({trained} < {known}, false) "
            f"or verdict = 'met' and coalesce({trained} < full_time_teachers, true)",
            Text("有人未满学时即未达标，有人不明不判达标", "not met where one lacks hours, met where none"),
            _FOLLOWS,
            column="verdict",
        ),
        holds(
            "no_data_is_explained",
            "verdict = 'no_data' and reason_code is null and full_time_teachers <> 0",
            Text("缺数据的写明原因", "where there is no verdict, a reason is given"),
            _WHY,
            column="reason_code",
        ),
    ]


def _backbone(_schema: str) -> list[Check]:
    return [
        *_partitions("protected.teacher"),
        in_set("verdict", "verdict"),
        holds(
            "verdict_follows_counts",
            "verdict = 'met' and coalesce("
            "backbone_teachers * 100 < line_per_100_students * students, true) "
            "or verdict = 'not_met' and coalesce("
            "backbone_teachers * 100 >= line_per_100_students * students, true)",
            Text("判定由名册人数与学生数得出", "the verdict follows from roster and pupils"),
            _FOLLOWS,
            column="verdict",
        ),
        holds(
            "no_data_is_explained",
            "(verdict = 'no_data') <> (reason_code is not null)",
            Text("缺数据的写明原因，且仅此", "a reason is given where there is no verdict, and only there"),
            _WHY,
            column="reason_code",
        ),
    ]


def _posts(_schema: str) -> list[Check]:
    return [
        *_partitions("raw.establishment"),
        holds(
            "shortage_follows_counts",
            "is_short <> coalesce(teachers < posts, false) "
            "or vacant_posts <> greatest(posts - teachers, 0) "
            "or is_short_of_subject <> (is_short and subject_group <> 'all')",
            Text("缺员由编制数与在岗教师数得出", "a shortage follows from posts and teachers"),
            _FOLLOWS,
            column="is_short",
        ),
        holds(
            "temporary_despite_vacancy_follows_counts",
            "is_temporary_despite_vacancy <> coalesce("
            "subject_group = 'all' and is_short and temporary_teachers > 0, false)",
            Text("有编不补须既有空编又有临聘", "temporary teachers despite vacancies need both"),
            _FOLLOWS,
            column="is_temporary_despite_vacancy",
        ),
        _reason_where_missing("vacant_posts"),
    ]


def _support(_schema: str) -> list[Check]:
    fewest = parameter("pay_min_persons")
    return [
        *_partitions("protected.teacher"),
        *(
            never_above(part, whole)
            for part, whole in (
                ("full_time_teachers", "teachers_on_roster"),
                ("licensed_teachers", "full_time_teachers"),
                ("teachers_with_ethics_credit", "teachers_on_roster"),
                ("insured_teachers", "teachers_on_roster"),
                ("paid_teachers", "full_time_teachers"),
            )
        ),
        _reason_where_missing("teachers_on_roster"),
        holds(
            "no_pay_of_a_few",
            f"average_pay_yuan is not null and (coalesce(paid_teachers, 0) < {fewest} or sector <> 'public')",
            Text(
                f"只公布公办学校 {fewest} 人及以上的平均工资",
                f"average pay is shown of at least {fewest} persons, of public schools",
            ),
            Text("人数过少的平均工资会暴露个人收入", "The average of a few tells what one of them earns"),
            column="average_pay_yuan",
        ),
        no_rows(
            "hidden_pay_stays_hidden",
            f"select 1 as broken from {{batch}} where average_pay_yuan is null group by {_YEAR} "
            f"having sum(paid_teachers) between 1 and {fewest} - 1",
            what=Text(
                f"全区县减去公布各校后余下的不少于 {fewest} 人",
                f"what is left of the district without the schools shown is at least {fewest} persons",
            ),
            matters=Text("余数等于未公布者的工资", "What is left over is the pay that is withheld"),
            mend=REBUILD,
            column="average_pay_yuan",
            counted=None,
        ),
        holds(
            "pay_or_reason",
            "(average_pay_yuan is null) <> (pay_reason_code is not null)",
            Text("没有平均工资时写明原因", "where no average pay is shown, a reason is given"),
            _WHY,
            column="pay_reason_code",
        ),
    ]


MARTS = (
    Mart(
        "mart_policy__rotation",
        (
            *(*_SCHOOL, "full_time_teachers", "eligible_teachers", "rotated_teachers", "rotated_to_rural"),
            *("rotated_backbone", "teachers_sent", "teachers_sent_to_rural", "backbone_teachers_sent"),
            *("teachers_received", "sends_none_to_rural", "receives_none", "reason_code"),
        ),
        _SCHOOL,
        _rotation,
    ),
    Mart(
        "mart_policy__training",
        (
            *(*_SCHOOL, "full_time_teachers", "teachers_in_training_cycle", "teachers_trained_360_hours"),
            *("trained_pct", "special_education_teachers", "special_education_teachers_trained"),
            *("verdict", "reason_code"),
        ),
        _SCHOOL,
        _training,
    ),
    Mart(
        "mart_policy__backbone_teachers",
        (
            *(*_SCHOOL, "stage", "students", "backbone_teachers", "line_per_100_students"),
            *("verdict", "reason_code"),
        ),
        (*_SCHOOL, "stage"),
        _backbone,
    ),
    Mart(
        "mart_policy__posts",
        (
            *(*_SCHOOL, "subject_group", "posts", "teachers", "vacant_posts", "temporary_teachers"),
            *("is_short", "is_short_of_subject", "is_temporary_despite_vacancy", "reason_code"),
        ),
        (*_SCHOOL, "subject_group"),
        _posts,
    ),
    Mart(
        "mart_policy__teacher_support",
        (
            *(*_SCHOOL, "sector", "teachers_on_roster", "full_time_teachers", "licensed_teachers"),
            *("teachers_with_ethics_credit", "insured_teachers", "paid_teachers", "average_pay_yuan"),
            *("reason_code", "pay_reason_code"),
        ),
        _SCHOOL,
        _support,
    ),
)
