"""Special education: what is shown, what is withheld, and that nothing withheld can be worked out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from ingest import database, warehouse
from ingest.settings import DBT_DIR, home

YEAR = 2022
SMALL = range(1, 10)
PLACEMENTS = ["home_teaching", "not_enrolled", "other", "regular_class", "special_class", "special_school"]
CATEGORIES = ["hearing", "intellectual", "mental", "multiple", "other", "physical", "speech", "visual"]
MART = "mart_special_education__coverage"
# A cell: category of disability, placement, whether there is a plan, and the number of such children.
Cell = tuple[str, str, bool, int]


def _children(district: str, cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """One made row a child; the key is a running number, nobody's."""
    return [
        {
            "region_code": "CN",
            "district_code": district,
            "school_year": YEAR,
            "child_key": f"{district}-{cell}-{number}",
            "disability_category": category,
            "stage": "primary",
            "is_school_age": True,
            "placement_code": placement,
            "has_plan": has_plan,
        }
        for cell, (category, placement, has_plan, count) in enumerate(cells)
        for number in range(count)
    ]


DISTRICTS: dict[str, list[Cell]] = {
    # 12 of 240 not enrolled is 95 % exactly, and nothing is small.
    "open": [("visual", "special_school", True, 228), ("visual", "not_enrolled", False, 12)],
    "below": [("visual", "special_school", True, 227), ("visual", "not_enrolled", False, 13)],
    # 3 of 200 are not enrolled: the number is withheld, the verdict stays.
    "few_out": [("visual", "special_school", True, 100), ("hearing", "regular_class", True, 97),
                ("hearing", "not_enrolled", True, 3)],
    # 3 of 100: the verdict says 1 to 5, so nothing else may say more.
    "guarded": [("visual", "special_school", True, 50), ("hearing", "regular_class", True, 47),
                ("hearing", "not_enrolled", True, 3)],
    "pinned": [("visual", "special_school", True, 29), ("visual", "not_enrolled", True, 1)],
    "tiny": [("visual", "special_school", True, 9)],
    "small_category": [("visual", "special_school", True, 4), ("speech", "regular_class", True, 11),
                       ("mental", "special_class", True, 60)],
    "rounded": [("visual", "special_school", True, 1899), ("visual", "not_enrolled", True, 100)],
}  # fmt: skip


@pytest.fixture(scope="module")
def whole_build(module_warehouse: str, accepted_rows: Any, build: Any) -> warehouse.BuildOutcome:
    """Everything is built and tested, on these rows alone."""
    rows = [row for district, cells in DISTRICTS.items() for row in _children(district, cells)]
    over_age = _children("aged_out", [("visual", "special_school", True, 20)])
    accepted_rows("special_education", [*rows, *({**row, "is_school_age": False} for row in over_age)])
    return build()


@pytest.fixture(scope="module")
def coverage(whole_build: warehouse.BuildOutcome, query: Any) -> dict[tuple[str, ...], Any]:
    """The mart's rows by district, breakdown and category."""
    shown = query(f"select * from marts_build.{MART}")
    return {(row["district_code"], row["breakdown"], row["category"]): row for row in shown}


def test_every_unit_test_of_the_project_ran(whole_build: warehouse.BuildOutcome) -> None:
    """Nowhere else do they all: what builds a part leaves them out."""
    texts = [file.read_text(encoding="utf-8") for file in DBT_DIR.rglob("*.yml")]
    files = [yaml.safe_load(text) for text in texts if "unit_tests:" in text]
    written = [test["name"] for file in files for test in file.get("unit_tests", ())]
    ran = [node for node in whole_build.nodes if node.resource_type == "unit_test"]
    assert sorted(node.node_name for node in ran if node.status == "pass") == sorted(written)
    assert len(written) > 50


def _overall(coverage: Any, district: str) -> dict[str, Any]:
    return coverage[district, "overall", "all"]


@pytest.mark.parametrize(("district", "verdict"), [("open", "met"), ("below", "not_met")])
def test_the_standard_is_inclusive(coverage: Any, district: str, verdict: str) -> None:
    row = _overall(coverage, district)
    assert (row["verdict"], row["is_suppressed"], row["reason"]) == (verdict, False, None)
    assert (row["children"], row["enrolled_min_pct"]) == (240, 95)


def test_a_verdict_that_rounding_would_turn_is_marked(coverage: Any) -> None:
    row = _overall(coverage, "rounded")
    assert (row["enrolled"], row["children"]) == (1899, 1999)
    assert (str(row["enrolled_pct"]), row["verdict"], row["is_turned_by_rounding"]) == (
        "95.0",
        "not_met",
        True,
    )


def test_few_not_enrolled_withhold_the_number_and_keep_the_verdict(coverage: Any) -> None:
    row = _overall(coverage, "few_out")
    assert (row["children"], row["enrolled"], row["enrolled_pct"]) == (200, None, None)
    assert (row["verdict"], row["is_suppressed"], row["reason"]) == ("met", True, "small_count")
    assert (row["with_plan"], str(row["with_plan_pct"])) == (200, "100.0")
    assert coverage["few_out", "placement", "not_enrolled"]["children"] is None
    assert coverage["few_out", "disability_category", "hearing"]["enrolled"] is None
    assert coverage["few_out", "disability_category", "visual"]["enrolled"] == 100


def test_a_verdict_that_is_the_number_is_withheld(coverage: Any) -> None:
    row = _overall(coverage, "pinned")
    assert (row["children"], row["enrolled"]) == (30, None)
    assert (row["verdict"], row["reason"]) == ("no_data", "small_count_and_verdict")


def test_where_the_verdict_narrows_the_number_no_breakdown_narrows_it_further(coverage: Any) -> None:
    assert _overall(coverage, "guarded")["verdict"] == "met"
    rows = [row for key, row in coverage.items() if key[0] == "guarded" and key[1] != "overall"]
    assert len(rows) == 5
    assert [row["enrolled"] for row in rows] == [None] * 5
    shown = {row["category"]: row["children"] for row in rows if row["children"] is not None}
    assert shown == {"visual": 50, "hearing": 50}


def test_fewer_children_than_the_threshold_are_not_shown_at_all(coverage: Any) -> None:
    rows = [row for key, row in coverage.items() if key[0] == "tiny"]
    assert len(rows) == 3
    for row in rows:
        assert [row[name] for name in ("children", "enrolled", "with_plan", "enrolled_pct")] == [None] * 4
        assert row["is_suppressed"]


def test_a_small_category_takes_the_smallest_other_with_it(coverage: Any) -> None:
    shown = {
        key[2]: row["children"] for key, row in coverage.items() if key[:2] == ("small_category", "placement")
    }
    assert shown == {"special_school": None, "regular_class": None, "special_class": 60}


def test_children_out_of_school_age_are_not_judged(coverage: Any) -> None:
    row = _overall(coverage, "aged_out")
    assert (row["children"], row["verdict"], row["reason"]) == (0, "no_data", "no_children")


def test_categories_are_not_judged_and_every_name_is_there(coverage: Any) -> None:
    for (_, breakdown, _), row in coverage.items():
        assert breakdown == "overall" or row["verdict"] == "not_applicable"
        names = [
            row[f"{name}_{language}"]
            for name in ("breakdown", "category", "verdict")
            for language in ("zh", "en")
        ]
        assert all(names)


@pytest.mark.parametrize("role", ["junheng_analyst", "junheng_bi"])
@pytest.mark.parametrize(
    "relation",
    [
        "protected.special_education",
        "intermediate.int_special_education_counts",
        "intermediate.int_special_education_margins",
        "intermediate.int_special_education_suppression",
    ],
)
def test_readers_reach_neither_children_nor_exact_counts(coverage: Any, role: str, relation: str) -> None:
    with (
        database.connect(role, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"permission denied for schema"),
    ):
        connection.execute(f"select count(*) from {relation}")


def test_no_relation_outside_protected_holds_a_child(coverage: Any, query: Any) -> None:
    found = query(
        """
        select table_schema from information_schema.columns
        where column_name = 'child_key' and table_schema <> 'protected'
        """
    )
    assert found == []


# The attack: from the published rows alone, bound every withheld number and see whether one is pinned down.


def _compiled(folder: str, model: str) -> str:
    path = home() / "dbt" / "target" / "compiled" / "junheng" / "models" / folder / f"{model}.sql"
    return Path(path).read_text(encoding="utf-8")


CHAIN = [
    ("intermediate", "int_special_education_counts"),
    ("intermediate", "int_special_education_margins"),
    ("intermediate", "int_special_education_suppression"),
    ("marts/special_education", MART),
]
_REFERENCE = re.compile(r'"[^"]+"\."(?:intermediate|marts_build)"\."(\w+)"')
_CHILDREN = re.compile(r'"[^"]+"\."protected"\."special_education"')
_CURRENT = re.compile(r'"[^"]+"\."ops"\."current_batch"')


@pytest.fixture(scope="module")
def publishing(coverage: Any) -> Iterator[Any]:
    """A function: cells of many districts in, the mart's rows out, by the very SQL that dbt compiled."""
    steps = []
    for folder, model in CHAIN:
        text = _CHILDREN.sub("made_children", _compiled(folder, model))
        text = _CURRENT.sub("made_batches", text)
        steps.append(f"create temp table made_{model} as " + _REFERENCE.sub(r"made_\1", text))
    with database.connect() as connection:
        connection.execute("create temp table made_children (like protected.special_education)")
        connection.execute(
            "create temp table made_batches as "
            "select 'special_education' as record, '' as partition_key, gen_random_uuid() as batch_id"
        )
        yield lambda districts: _publish(connection, steps, districts)


def _publish(
    connection: Any, steps: Sequence[str], districts: Sequence[Sequence[Cell]]
) -> list[dict[str, Any]]:
    with connection.transaction(force_rollback=True):
        for number, cells in enumerate(districts):
            for category, placement, has_plan, count in cells:
                connection.execute(
                    """
                    insert into made_children (batch_id, partition_key, source_sheet, source_row,
                        source_block, region_code, district_code, school_year, disability_category, stage,
                        is_school_age, placement_code, has_plan)
                    select batch_id, '', '', 1, 0, 'CN', %s, %s, %s, 'primary', true, %s, %s
                    from made_batches cross join generate_series(1, %s)
                    """,
                    [str(number), YEAR, category, placement, has_plan, count],
                )
        for step in steps:
            connection.execute(step)
        cursor = connection.cursor(row_factory=dict_row)
        return cursor.execute(f"select * from made_{MART}").fetchall()


Bounds = list[int]  # lowest and highest possible number
UNBOUNDED = 10**9


class Attacker:
    """Knows the published rows, and that parts sum to totals and no number is negative."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self.bounds: dict[tuple[str, ...], Bounds] = {}
        self.sums: list[tuple[tuple[str, ...], list[tuple[str, ...]]]] = []
        parts: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            self._know(row)
            parts[row["breakdown"]].append(row["category"])
        for breakdown in ("placement", "disability_category"):
            self._sum_up(breakdown, parts[breakdown])
        self._learn_placements(parts["placement"])
        self._learn_verdict(next(row for row in rows if row["breakdown"] == "overall"))
        self._propagate()

    def _know(self, row: dict[str, Any]) -> None:
        place = (row["breakdown"], row["category"])
        for measure in ("children", "enrolled", "with_plan"):
            known = row[measure]
            self.bounds[*place, measure] = [0, UNBOUNDED] if known is None else [known, known]
        for rest, of in (("not_enrolled", "enrolled"), ("without_plan", "with_plan")):
            self.bounds[*place, rest] = [0, UNBOUNDED]
            self.sums.append(((*place, "children"), [(*place, of), (*place, rest)]))

    def _sum_up(self, breakdown: str, categories: Sequence[str]) -> None:
        for measure in ("children", "enrolled", "not_enrolled", "with_plan", "without_plan"):
            total = ("overall", "all", measure)
            self.sums.append((total, [(breakdown, category, measure) for category in categories]))

    def _learn_placements(self, placements: Sequence[str]) -> None:
        """Where a child learns says whether it is enrolled."""
        for placement in placements:
            none = "enrolled" if placement == "not_enrolled" else "not_enrolled"
            self.bounds["placement", placement, none] = [0, 0]

    def _learn_verdict(self, row: dict[str, Any]) -> None:
        if row["enrolled"] is None and row["children"] is not None:
            # Withheld: one of the two is small. With a verdict of met it must be the not enrolled.
            allowed = row["children"] * 5 // 100
            if row["verdict"] == "met":
                self.bounds["overall", "all", "not_enrolled"] = [1, min(9, allowed)]
            elif row["verdict"] == "not_met":
                self.bounds["overall", "all", "not_enrolled"] = [allowed + 1, UNBOUNDED]

    def _propagate(self) -> None:
        changed = True
        while changed:
            changed = False
            for total, parts in self.sums:
                low = sum(self.bounds[part][0] for part in parts)
                high = sum(self.bounds[part][1] for part in parts)
                changed |= self._narrow(total, low, high)
                for part in parts:
                    others = [self.bounds[other] for other in parts if other != part]
                    least = self.bounds[total][0] - sum(bound[1] for bound in others)
                    most = self.bounds[total][1] - sum(bound[0] for bound in others)
                    changed |= self._narrow(part, least, most)

    def _narrow(self, cell: tuple[str, ...], low: int, high: int) -> bool:
        before = self.bounds[cell]
        self.bounds[cell] = [max(before[0], low), min(before[1], high)]
        return self.bounds[cell] != before

    def small_counts(self) -> list[tuple[str, ...]]:
        """Cells whose number is now known and small."""
        return [cell for cell, (low, high) in self.bounds.items() if low == high and low in SMALL]

    def small_groups(self, rows: Sequence[dict[str, Any]]) -> list[str]:
        """Small numbers of the withheld rows of a breakdown taken together: the total less what is shown."""
        found = []
        for breakdown in ("placement", "disability_category"):
            parts = [row for row in rows if row["breakdown"] == breakdown]
            for measure in ("children", "enrolled", "with_plan"):
                total = self.bounds["overall", "all", measure]
                shown = sum(row[measure] for row in parts if row[measure] is not None)
                if total[0] == total[1] and total[0] - shown in SMALL:
                    found.append(f"{breakdown} {measure}")
        return found


CELLS = st.lists(
    st.tuples(
        st.sampled_from(CATEGORIES),
        st.sampled_from(PLACEMENTS),
        st.booleans(),
        st.one_of(st.integers(1, 12), st.sampled_from([1, 2, 9, 10, 11, 19, 20, 60, 150])),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(districts=st.lists(CELLS, min_size=10, max_size=30))
def test_no_withheld_number_can_be_worked_out(publishing: Any, districts: list[list[Cell]]) -> None:
    rows = publishing(districts)
    for number, cells in enumerate(districts):
        mine = [row for row in rows if row["district_code"] == str(number)]
        assert mine, "every district has its rows"
        attacker = Attacker(mine)
        assert not attacker.small_counts(), (cells, attacker.small_counts())
        assert not attacker.small_groups(mine), (cells, attacker.small_groups(mine))


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(districts=st.lists(CELLS, min_size=10, max_size=30))
def test_what_is_shown_is_true(publishing: Any, districts: list[list[Cell]]) -> None:
    for row in publishing(districts):
        cells = districts[int(row["district_code"])]
        field = {"disability_category": 0, "placement": 1}.get(row["breakdown"])
        mine = [cell for cell in cells if field is None or cell[field] == row["category"]]
        if row["children"] is not None:
            assert row["children"] == sum(cell[3] for cell in mine)
        if row["enrolled"] is not None:
            assert row["enrolled"] == sum(cell[3] for cell in mine if cell[1] != "not_enrolled")
        if row["with_plan"] is not None:
            assert row["with_plan"] == sum(cell[3] for cell in mine if cell[2])


def test_hiding_small_categories_alone_is_a_wrong_variant(publishing: Any) -> None:
    rows = publishing([DISTRICTS["small_category"]])
    assert not Attacker(rows).small_counts()
    for row in rows:
        if row["category"] in {"speech", "regular_class"}:
            # What the mart would show without complementary suppression.
            row.update(children=11, enrolled=11, with_plan=11)
    found = Attacker(rows).small_counts()
    assert ("placement", "special_school", "children") in found
    assert ("disability_category", "visual", "children") in found


def test_showing_enrolled_placements_beside_a_hidden_total_is_a_wrong_variant(publishing: Any) -> None:
    rows = publishing([DISTRICTS["few_out"]])
    assert not Attacker(rows).small_counts()
    for row in rows:
        if row["breakdown"] == "placement" and row["category"] != "not_enrolled":
            count = {"special_school": 100, "regular_class": 97}[row["category"]]
            row.update(children=count, enrolled=count)
    assert ("overall", "all", "not_enrolled") in Attacker(rows).small_counts()
