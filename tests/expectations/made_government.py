"""Good rows of the records that a district writes down itself, and what breaks them one by one."""

from __future__ import annotations

from typing import Any

SCHOOL_YEAR = {"region_code": "CN", "district_code": "990101", "school_year": 2022}


def school_cluster(number: int, **other: Any) -> dict[str, Any]:
    """A member of a school district."""
    row = {
        "school_code": f"S{number}",
        "cluster_kind": "school_district",
        "cluster_code": "XQ01",
        "cluster_name": "第一学区",
        "joined_on": "2019-09-01",
        "left_on": None,
    }
    return {**SCHOOL_YEAR, **row, **other}


MAKERS = {
    "school_cluster": school_cluster,
}

# record, what is changed in the third row, the one check that fails, words of its messages
BROKEN_ROWS = [
    ("school_cluster", {"left_on": "2019-09-01"}, "left_on_after_joined_on", "退出日期", "is later than"),
    ("school_cluster", {"cluster_kind": "club"}, "cluster_kind.codes", "代码表 cluster_kind", "code of the"),
]
