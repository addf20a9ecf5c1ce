"""Good rows of the marts of what a district provides and declares, and what breaks them one by one."""

from __future__ import annotations

from typing import Any

SCHOOL_YEAR = {"district_code": "990101", "school_year": 2022}
YEAR = {"district_code": "990101", "year": 2022}
Rows = list[dict[str, Any]]


def _school_conditions() -> Rows:
    row = {
        **SCHOOL_YEAR,
        "is_recognised": True,
        "is_recognition_expired": False,
        "rooms_reason_code": None,
        **{f"{kind}_rooms_needed": 2 for kind in ("music", "art")},
        **{f"{kind}_rooms_large_enough": 2 for kind in ("music", "art")},
        **{f"is_short_of_{kind}_rooms": False for kind in ("music", "art")},
    }
    rows = [{**row, "school_code": f"S{number}"} for number in range(1, 7)]
    rows[1] |= {"is_recognised": False, "is_recognition_expired": True}
    rows[2] |= {"music_rooms_large_enough": 1, "is_short_of_music_rooms": True}
    unknown = {"art_rooms_large_enough": None, "is_short_of_art_rooms": None}
    rows[3] |= {**unknown, "rooms_reason_code": "rooms_not_reported"}
    rows[4] |= {"is_recognised": None, "is_recognition_expired": None}
    return rows


def _school_clusters() -> Rows:
    row = {
        **SCHOOL_YEAR,
        "school_code": "S1",
        "cluster_kind": "school_district",
        "cluster_code": "XQ01",
        "is_member": True,
        "is_compulsory_school": True,
        "is_in_cluster": True,
    }
    left = {"cluster_code": "XQ02", "is_member": False}
    none = {"cluster_kind": "none", "cluster_code": "none", "is_member": False, "is_in_cluster": False}
    return [row, {**row, **left}, {**row, **none, "school_code": "S2"}]


def _declarations() -> Rows:
    row = {
        **YEAR,
        "item_code": "layout",
        "subject_code": "990101",
        "is_declared_not_measured": True,
        "document": "文号",
        "document_date": "2022-01-01",
        "status_code": "yes",
        "counted_value": 1,
        "is_counted": True,
        "reason_code": None,
    }
    bare = {"document": None, "document_date": None}
    open_ = {**bare, "counted_value": None, "is_counted": False}
    charter = {"item_code": "charter", "subject_code": "S1", "status_code": "no", "counted_value": 0}
    plan = {"item_code": "special_plan", "status_code": "not_declared", "reason_code": "declaration_missing"}
    return [row, {**row, **bare, **charter}, {**row, **open_, **plan}]


def _satisfaction() -> Rows:
    row = {
        **YEAR,
        "respondent_type": "parent",
        "issued": 100,
        "valid": 90,
        "satisfied": 81,
        "satisfied_pct": 90.0,
        "interviewed": 10,
        "interview_satisfied": 10,
        "reason_code": None,
    }
    return [row, {**row, "respondent_type": "all", "issued": None}]


def _migrant_children() -> Rows:
    row = {
        **SCHOOL_YEAR,
        "stage": "primary",
        "eligible_children": 100,
        "placed_children": 90,
        "in_public_schools": 80,
        "placed_pct": 90.0,
        "reason_code": None,
    }
    missing = {"stage": "compulsory", "placed_pct": None, "reason_code": "value_missing"}
    counts = dict.fromkeys(("eligible_children", "placed_children", "in_public_schools"))
    return [row, {**row, **missing, **counts}]


CONDITIONS, CLUSTERS = "mart_policy__school_conditions", "mart_policy__school_clusters"
DECLARED, SURVEY, MIGRANTS = (
    "mart_policy__declarations",
    "mart_policy__satisfaction",
    "mart_policy__migrant_children",
)
GOOD = {
    CONDITIONS: _school_conditions,
    CLUSTERS: _school_clusters,
    DECLARED: _declarations,
    SURVEY: _satisfaction,
    MIGRANTS: _migrant_children,
}

# record and row of the batches that the marts were made of
BATCHES = {
    "school_cluster": {
        "region_code": "CN",
        **SCHOOL_YEAR,
        "school_code": "S1",
        "cluster_kind": "school_district",
        "cluster_code": "XQ01",
    },
    "declaration": {
        "region_code": "CN",
        **YEAR,
        "item_code": "layout",
        "subject_code": "990101",
        "answer": True,
    },
    "satisfaction": {"region_code": "CN", **YEAR, "respondent_type": "parent", "valid": 90},
    "migrant_children": {"region_code": "CN", **SCHOOL_YEAR, "stage": "primary", "eligible_children": 100},
}

_S1 = "where school_code = 'S1'"
_MET = "where status_code = 'yes'"
_PARENT = "where respondent_type = 'parent'"
_PRIMARY = "where stage = 'primary'"

# mart, what is broken, the one check that fails, words of its messages
BROKEN = [
    (
        CONDITIONS,
        f"update mart set is_recognition_expired = true {_S1}",
        "expired_is_not_recognised",
        "已过期",
        "expired",
    ),
    (
        CONDITIONS,
        f"update mart set music_rooms_large_enough = 1 {_S1}",
        "is_short_of_music_rooms_follows",
        "与间数一致",
        "follows from the rooms",
    ),
    (
        CONDITIONS,
        f"update mart set is_short_of_art_rooms = true {_S1}",
        "is_short_of_art_rooms_follows",
        "与间数一致",
        "follows from the rooms",
    ),
    (
        CONDITIONS,
        "update mart set rooms_reason_code = null",
        "rooms_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (
        SURVEY,
        f"update mart set respondent_type = 'nobody' {_PARENT}",
        "respondent_type.codes",
        "respondent_type",
        "one of",
    ),
    (
        CLUSTERS,
        "update mart set is_member = false",
        "in_a_cluster_by_a_membership",
        "成员记录一致",
        "one of its memberships",
    ),
    (
        CLUSTERS,
        "update mart set is_compulsory_school = false, is_member = true where cluster_kind = 'none'",
        "none_is_no_member",
        "不是成员",
        "is no member",
    ),
    (
        DECLARED,
        f"update mart set document = null {_MET}",
        "counted_is_proven",
        "文件和日期",
        "document and date",
    ),
    (
        DECLARED,
        "update mart set is_counted = true, counted_value = 0 where status_code = 'not_declared'",
        "status_says_what_counts",
        "与状态一致",
        "follows from its status",
    ),
    (
        DECLARED,
        "update mart set reason_code = null",
        "counted_value_or_reason",
        "写明原因",
        "a reason is given",
    ),
    (
        DECLARED,
        f"update mart set is_declared_not_measured = false {_MET}",
        "marked_as_declared",
        "注明为申报",
        "marked as declared",
    ),
    (
        DECLARED,
        "update mart set status_code = 'maybe' where status_code = 'not_declared'",
        "status_code.codes",
        "status_code",
        "one of",
    ),
    (
        SURVEY,
        "delete from mart where respondent_type = 'all'",
        "total_is_there",
        "有一行合计",
        "has one total",
    ),
    (
        SURVEY,
        f"update mart set issued = 89 {_PARENT}",
        "valid_within_issued",
        "不超过",
        "does not exceed",
    ),
    (
        SURVEY,
        f"update mart set satisfied = 91 {_PARENT}",
        "satisfied_within_valid",
        "不超过",
        "does not exceed",
    ),
    (
        SURVEY,
        f"update mart set interview_satisfied = 11 {_PARENT}",
        "interview_satisfied_within_interviewed",
        "不超过",
        "does not exceed",
    ),
    (
        SURVEY,
        f"update mart set satisfied_pct = 101 {_PARENT}",
        "satisfied_pct.range",
        "100",
        "between",
    ),
    (
        SURVEY,
        "update mart set satisfied_pct = null",
        "satisfied_pct_or_reason",
        "写明原因",
        "reason is given",
    ),
    (
        MIGRANTS,
        f"update mart set eligible_children = 89 {_PRIMARY}",
        "placed_children_within_eligible_children",
        "不超过",
        "does not exceed",
    ),
    (
        MIGRANTS,
        f"update mart set in_public_schools = 91 {_PRIMARY}",
        "in_public_schools_within_placed_children",
        "不超过",
        "does not exceed",
    ),
    (
        MIGRANTS,
        "update mart set placed_pct = -1",
        "placed_pct.range",
        "100",
        "between",
    ),
    (
        MIGRANTS,
        "update mart set reason_code = null",
        "placed_pct_or_reason",
        "写明原因",
        "reason is given",
    ),
]


def _of_every_mart(name: str) -> list[tuple[str, str, str, str, str]]:
    """A row that stands twice, a partition that is not there, one that nothing was handed in for."""
    elsewhere = (
        'insert into mart select (jsonb_populate_record(m, \'{"district_code": "990102"}\')).* from mart as m'
    )
    lacking = "every_compulsory_school" if name == CONDITIONS else "expected_partitions"
    return [
        (name, "insert into mart select * from mart limit 1", "key_is_unique", "只出现一行", "keys do not"),
        (name, "truncate mart", lacking, "个分区缺失", "partitions are missing"),
        (name, elsewhere, "only_current_partitions", "现行批次", "current batches"),
    ]


BROKEN += [entry for name in GOOD for entry in _of_every_mart(name)]
