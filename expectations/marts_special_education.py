"""Suite of special education in aggregates: no count so small that it points at a child."""

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
from ingest.settings import SEEDS_DIR

_YEAR = "district_code, school_year"
_DISTRICT_YEAR = f"region_code, {_YEAR}"
_COUNTS = ("children", "enrolled", "with_plan", "with_visits")
_GIVEN_AWAY = Text(
    "小于下限的人数可能指向某个孩子，不得公布",
    "A count this small may point at a child and must not be published",
)


def least_count() -> int:
    """The least count that is published, from the parameters of the mart."""
    path = SEEDS_DIR / "special_education_parameter.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        values = {row["parameter"]: row["value"] for row in csv.DictReader(stream)}
    return int(values["suppression_threshold"])


def _coverage(schema: str) -> list[Check]:
    accepted = current("protected.special_education", _YEAR)
    largest_small = least_count() - 1
    rests = (f"children - {count}" for count in _COUNTS[1:])
    shown = (*_COUNTS, *rests)
    small = " or ".join(f"{count} between 1 and {largest_small}" for count in shown)
    what = Text(
        "每个已接收特教数据的区县与学年都在", "every district and year with accepted children is there"
    )
    return [
        partitions_present("expected_partitions", accepted, _YEAR, what),
        nothing_left_over(accepted, _YEAR),
        holds(
            "no_small_counts",
            small,
            Text(
                f"公布的人数及其补数都不在 1 至 {largest_small} 之间",
                f"no count that is shown, nor its complement, is between 1 and {largest_small}",
            ),
            _GIVEN_AWAY,
            column="children",
        ),
        _hidden_stay_hidden(largest_small),
        holds(
            "suppression_is_told",
            "is_suppressed <> (children is null or enrolled is null or with_plan is null "
            "or category = 'home_teaching' and with_visits is null "
            "and reason is distinct from 'visits_missing') "
            "or is_suppressed and reason is null",
            Text(
                "不公布的数都注明，注明的确未公布",
                "what is withheld is marked, and what is marked is withheld",
            ),
            Text("空白须能分清是未公布还是缺数据", "A blank must tell withheld from missing"),
            column="is_suppressed",
        ),
        never_above("enrolled", "children"),
        never_above("with_plan", "children"),
        never_above("with_visits", "children"),
        between("enrolled_pct", 0, 100),
        between("with_plan_pct", 0, 100),
        between("with_visits_pct", 0, 100),
        in_set("verdict", "verdict"),
        holds(
            "verdict_follows_counts",
            "verdict = 'met' and enrolled * 100 < enrolled_min_pct * children "
            "or verdict = 'not_met' and enrolled * 100 >= enrolled_min_pct * children "
            "or verdict in ('met', 'not_met') and children = 0",
            Text("判定与公布的人数一致", "the verdict follows from the counts that are shown"),
            Text("没有适龄儿童时不作判定", "Where there are no children, nothing is judged"),
            column="verdict",
        ),
    ]


def _hidden_stay_hidden(largest_small: int) -> Check:
    """One hidden count, or a small rest, follows from the total and the counts that are shown."""
    groups = f"{_DISTRICT_YEAR}, breakdown"
    return no_rows(
        "hidden_counts_stay_hidden",
        f"""
        select 1 as broken
        from (
            select {groups}, sum(children) as shown, count(*) - count(children) as hidden
            from {{batch}} where breakdown <> 'overall' group by {groups}
        ) as parts,
        (select {_DISTRICT_YEAR}, children from {{batch}} where breakdown = 'overall') as total
        where parts.region_code = total.region_code and parts.district_code = total.district_code
        and parts.school_year = total.school_year and parts.hidden > 0 and total.children is not null
        and (parts.hidden = 1 or total.children - coalesce(parts.shown, 0) <= {largest_small})
        """,
        what=Text(
            "未公布的人数不能由合计减去其他各项得出",
            "a count that is withheld does not follow from the total less the others",
        ),
        matters=_GIVEN_AWAY,
        mend=REBUILD,
        column="children",
        counted=Text("个分组", "breakdowns"),
        total_query=f"select count(*) from (select 1 from {{batch}} where breakdown <> 'overall' "
        f"group by {groups}) as parts",
    )


_KEY = ("region_code", "district_code", "school_year", "breakdown", "category")

MARTS = (
    Mart(
        "mart_special_education__coverage",
        (
            *(*_KEY, *_COUNTS, "enrolled_pct", "with_plan_pct", "with_visits_pct", "enrolled_min_pct"),
            *("verdict", "is_suppressed", "reason"),
        ),
        _KEY,
        _coverage,
    ),
)
