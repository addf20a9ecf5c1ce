"""Suites of what a district provides and declares: schools, clusters, surveys, migrant children."""

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
    reason_stated,
)
from ingest.settings import SEEDS_DIR

_SCHOOL_YEAR = "district_code, school_year"
_SCHOOL = f"{_SCHOOL_YEAR}, school_code"
_YEAR = "district_code, year"


def _scope_standard() -> str:
    """The standard whose scope says which schools are compulsory schools."""
    with (SEEDS_DIR / "government_parameter.csv").open(encoding="utf-8", newline="") as stream:
        return next(row["value"] for row in csv.DictReader(stream) if row["parameter"] == "scope_standard")


def _school_conditions(schema: str) -> list[Check]:
    schools = (
        f"select distinct {_SCHOOL} from {schema}.mart_balance__school_scope "
        f"where is_in_scope and standard_code = '{_scope_standard()}'"
    )
    what = Text("每所义务教育学校都在", "every compulsory school is there")
    return [
        partitions_present("every_compulsory_school", schools, _SCHOOL, what),
        nothing_left_over(schools, _SCHOOL),
        holds(
            "expired_is_not_recognised",
            "is_recognised and is_recognition_expired",
            Text("已过期的不算现代化学校", "an expired recognition is none"),
            Text("过期仍计会虚高覆盖率", "Counted after it expired, it raises the share"),
            column="is_recognised",
        ),
        *(_shortage(kind) for kind in ("music", "art")),
        holds(
            "rooms_or_reason",
            "(is_short_of_music_rooms is null or is_short_of_art_rooms is null) "
            "and rooms_reason_code is null",
            Text("不能判断教室是否足够时写明原因", "where rooms cannot be judged, a reason is given"),
            Text("空白会被读成没有问题", "A blank is read as no problem"),
            column="rooms_reason_code",
        ),
    ]


def _shortage(kind: str) -> Check:
    large, needed, short = f"{kind}_rooms_large_enough", f"{kind}_rooms_needed", f"is_short_of_{kind}_rooms"
    return holds(
        f"{short}_follows",
        f"{short} and {large} >= {needed} or not {short} and {large} < {needed}",
        Text(f"{short} 与间数一致", f"{short} follows from the rooms"),
        Text("面积不足的教室不得抵数", "A room that is too small does not count as one"),
        column=short,
    )


def _school_clusters(schema: str) -> list[Check]:
    accepted = current("raw.school_cluster", _SCHOOL_YEAR)
    what = Text("每个已接收名册的区县与学年都在", "every district and year with accepted members is there")
    return [
        partitions_present("expected_partitions", accepted, _SCHOOL_YEAR, what),
        nothing_left_over(accepted, _SCHOOL_YEAR),
        no_rows(
            "in_a_cluster_by_a_membership",
            f"select 1 as broken from {{batch}} where is_compulsory_school group by {_SCHOOL} "
            "having bool_or(is_member) <> bool_or(is_in_cluster)",
            what=Text(
                "学校是否加入与其成员记录一致", "a school is in a cluster when one of its memberships holds"
            ),
            matters=Text("已退出的不得再计", "Who left is not counted any longer"),
            mend=REBUILD,
            column="is_in_cluster",
        ),
        holds(
            "none_is_no_member",
            "cluster_kind = 'none' and is_member",
            Text("未加入的学校不是成员", "a school in none is no member"),
            Text("覆盖率以成员学校计", "The share counts members"),
            column="cluster_kind",
        ),
    ]


def _declarations(schema: str) -> list[Check]:
    accepted = current("raw.declaration", _YEAR)
    what = Text("每个已接收申报的区县与年度都在", "every district and year with declarations is there")
    return [
        partitions_present("expected_partitions", accepted, _YEAR, what),
        nothing_left_over(accepted, _YEAR),
        in_set("status_code", "declaration_status"),
        holds(
            "counted_is_proven",
            "status_code in ('yes', 'figure') and (document is null or document_date is null)",
            Text("计入的“是”与数值都有文件和日期", "a yes or a figure that counts has document and date"),
            Text("没有文件的申报不得计入", "What no document proves must not count"),
            column="document",
        ),
        holds(
            "status_says_what_counts",
            "is_counted <> (status_code in ('yes', 'no', 'figure', 'computed')) "
            "or is_counted <> (counted_value is not null)",
            Text("是否计入与状态一致", "what counts follows from its status"),
            Text("未申报不等于“否”", "What was not declared is not a no"),
            column="is_counted",
        ),
        reason_stated("counted_value", "reason_code"),
        holds(
            "marked_as_declared",
            "not is_declared_not_measured",
            Text("每行都注明为申报", "every row is marked as declared"),
            Text("申报不得当作测算", "A declaration must not pass for a measurement"),
            column="is_declared_not_measured",
        ),
    ]


def _satisfaction(schema: str) -> list[Check]:
    accepted = current("raw.satisfaction", _YEAR)
    what = Text("每个已接收调查的区县与年度都在", "every district and year with a survey is there")
    return [
        partitions_present("expected_partitions", accepted, _YEAR, what),
        nothing_left_over(accepted, _YEAR),
        in_set("respondent_type", "code_respondent_type"),
        no_rows(
            "total_is_there",
            f"select 1 as broken from {{batch}} group by {_YEAR} "
            "having count(*) filter (where respondent_type = 'all') <> 1",
            what=Text("每个区县与年度有一行合计", "each district and year has one total"),
            matters=Text("合计行决定满意度", "The share of satisfied is that of the total"),
            mend=REBUILD,
            column="respondent_type",
        ),
        never_above("valid", "issued"),
        never_above("satisfied", "valid"),
        never_above("interview_satisfied", "interviewed"),
        between("satisfied_pct", 0, 100),
        reason_stated("satisfied_pct", "reason_code"),
    ]


def _migrant_children(schema: str) -> list[Check]:
    accepted = current("raw.migrant_children", _SCHOOL_YEAR)
    what = Text("每个已接收数据的区县与学年都在", "every district and year with accepted children is there")
    return [
        partitions_present("expected_partitions", accepted, _SCHOOL_YEAR, what),
        nothing_left_over(accepted, _SCHOOL_YEAR),
        never_above("placed_children", "eligible_children"),
        never_above("in_public_schools", "placed_children"),
        between("placed_pct", 0, 100),
        reason_stated("placed_pct", "reason_code"),
    ]


MARTS = (
    Mart(
        "mart_policy__school_conditions",
        (
            *("district_code", "school_year", "school_code", "is_recognised", "is_recognition_expired"),
            *("music_rooms_needed", "music_rooms_large_enough", "is_short_of_music_rooms"),
            *("art_rooms_needed", "art_rooms_large_enough", "is_short_of_art_rooms", "rooms_reason_code"),
        ),
        ("district_code", "school_year", "school_code"),
        _school_conditions,
    ),
    Mart(
        "mart_policy__school_clusters",
        (
            *("district_code", "school_year", "school_code", "cluster_kind", "cluster_code"),
            *("is_member", "is_compulsory_school", "is_in_cluster"),
        ),
        ("district_code", "school_year", "school_code", "cluster_kind", "cluster_code"),
        _school_clusters,
    ),
    Mart(
        "mart_policy__declarations",
        (
            *("district_code", "year", "item_code", "subject_code", "is_declared_not_measured"),
            *("document", "document_date", "status_code", "counted_value", "is_counted", "reason_code"),
        ),
        ("district_code", "year", "item_code", "subject_code"),
        _declarations,
    ),
    Mart(
        "mart_policy__satisfaction",
        (
            *("district_code", "year", "respondent_type", "issued", "valid", "satisfied", "satisfied_pct"),
            *("interviewed", "interview_satisfied", "reason_code"),
        ),
        ("district_code", "year", "respondent_type"),
        _satisfaction,
    ),
    Mart(
        "mart_policy__migrant_children",
        (
            *("district_code", "school_year", "stage", "eligible_children", "placed_children"),
            *("in_public_schools", "placed_pct", "reason_code"),
        ),
        ("district_code", "school_year", "stage"),
        _migrant_children,
    ),
)
