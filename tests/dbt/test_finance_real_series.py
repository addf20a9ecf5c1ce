"""Published series from their files to the marts: nation, Guangdong; with ../shared Beijing and New Jersey.

What the marts say of them is recomputed here from the files, by plain reading and counting.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.accept import accept_batches
from ingest.load import load_file
from ingest.real_places import land_real_places
from ingest.sample.district import DATA_DIR
from ingest.sample.write import write_published_finance
from tests.conftest import SHARED

FINANCE_MODELS = ["+mart_finance__spending_floor", "+mart_finance__restatements"]
STAGES = {
    "普通小学": "primary",
    "普通初中": "junior_secondary",
    "普通高中": "senior_secondary",
    "小学": "primary",
    "初中": "junior_secondary",
    "中等职业学校": "secondary_vocational",
    "普通高等学校": "higher_education",
    "全学段": "all_stages",
    "": "all_stages",
}
EDITIONS = range(2015, 2026)

Row = dict[str, Any]
Lines = Iterator[dict[str, str]]


def lines(path: Path, encoding: str = "utf-8-sig") -> Lines:
    with path.open(encoding=encoding, newline="") as stream:
        yield from csv.DictReader(stream)


def number(text: str) -> Decimal | None:
    return Decimal(text) if text.strip() else None


@pytest.fixture(scope="module")
def night(module_warehouse: str, build: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The series that the project ships, and those of other places where they are at hand."""
    landing = tmp_path_factory.mktemp("landing")
    landed = write_published_finance(landing)
    if SHARED.exists():
        landed += [path for path in land_real_places(SHARED / "data", landing) if "finance" in path.parts]
    for path in landed:
        outcome = load_file(path, path.relative_to(landing).parts[0])
        assert outcome.status == "loaded", (path.name, outcome.problems)
    for record in ("finance", "price_index"):
        assert accept_batches(record).accepted
    build(FINANCE_MODELS)


@pytest.fixture(scope="module")
def mart(night: None, query: Callable) -> list[Row]:
    return query(
        "select region_code, district_code, entity_code, entity_name, leg, item_code, stage, scope_code, "
        "fiscal_year, edition, vintage, amount, is_restated, previous_amount, previous_source, "
        "compared_edition, change_pct, published_growth_pct, published_growth_basis, status, reason, "
        "verdict, verdict_nominal, floor_amount, floor_amount_nominal, floor_verdict, floor_set_year, "
        "direction_printed, direction_comparable_scope from marts_build.mart_finance__spending_floor"
    )


@pytest.fixture(scope="module")
def chinese(mart: list[Row]) -> dict[tuple[str, str, str, int], Row]:
    """Nation and Guangdong, by name, leg, stage and year: no year is printed in two scopes."""
    rows = [found for found in mart if not found["region_code"].startswith(("NJ", "CN-BJ"))]
    found = {(r["entity_name"], r["leg"], r["stage"], r["fiscal_year"]): r for r in rows}
    assert len(found) == len(rows)
    return found


# The files that the project ships --------------------------------------------------------------------------


def shipped() -> list[dict[str, Any]]:
    """The lines of ``data/finance_*.csv``, amounts in yuan."""
    found = []
    for path in sorted(DATA_DIR.glob("finance_*.csv")):
        leg, unit, factor = (
            ("total", "亿元", 10**8) if path.stem.endswith("total") else ("per_student_published", "元", 1)
        )
        # The whole budget is no spending on education: mart_finance__budget_share holds it.
        for line in (line for line in lines(path) if line["测度"] != "一般公共预算支出"):
            amount, prior = number(line[f"金额({unit})"]), number(line[f"上年金额({unit})"])
            found.append(
                {
                    "key": (line["主体名称"], leg, STAGES[line["学段"]], int(line["财政年度"])),
                    "amount": None if amount is None else amount * factor,
                    "prior": None if prior is None else prior * factor,
                    "growth": number(line["公布增长率(%)"]),
                    "basis": line["增长率口径"],
                }
            )
    return found


def test_every_shipped_line_stands_in_the_mart(chinese: dict[tuple[str, str, str, int], Row]) -> None:
    told = shipped()
    assert len({line["key"] for line in told}) == len(told)
    for line in told:
        found = chinese[line["key"]]
        assert found["amount"] == line["amount"], line
        assert found["published_growth_pct"] == line["growth"], line
        if line["prior"] is not None:
            assert (found["previous_amount"], found["previous_source"]) == (line["prior"], "printed_beside")


def test_nominal_growths_are_the_recomputed_ones(chinese: dict[tuple[str, str, str, int], Row]) -> None:
    compared = 0
    for line in shipped():
        found = chinese[line["key"]]
        if line["basis"] == "名义" and found["change_pct"] is not None:
            assert found["change_pct"] == line["growth"], line
            compared += 1
    assert compared > 12


@pytest.mark.parametrize("stage", ["primary", "junior_secondary"])
def test_the_nation_from_2013_to_2022(chinese: dict[tuple[str, str, str, int], Row], stage: str) -> None:
    years = {year: chinese["全国", "per_student_published", stage, year] for year in range(2013, 2023)}
    verdicts = [years[year]["verdict"] for year in range(2013, 2023)]
    # 2013 and 2018 stand only beside the year after them, 2018 on another scope than 2017.
    assert verdicts == ["no_data", *["met"] * 4, "no_data", *["met"] * 4]
    assert (years[2018]["reason"], years[2013]["reason"]) == ("scope_changed", "previous_year_missing")
    assert years[2022]["floor_amount"] == years[2021]["amount"]
    assert {years[year]["floor_verdict"] for year in range(2014, 2023) if year != 2018} == {"met"}


def test_national_junior_2021_falls_as_printed_and_rises_on_the_comparable_scope(
    chinese: dict[tuple[str, str, str, int], Row],
) -> None:
    found = chinese["全国", "per_student_published", "junior_secondary", 2021]
    assert found["status"] == "falls_on_printed_rises_on_comparable_scope"
    assert (found["change_pct"], found["published_growth_pct"]) == (Decimal("-0.18"), Decimal("1.74"))
    assert (found["verdict"], found["verdict_nominal"]) == ("met", "not_met")
    assert (found["floor_amount"], found["floor_amount_nominal"]) == (
        Decimal("17468.11"),
        Decimal("17803.60"),
    )
    after = chinese["全国", "per_student_published", "junior_secondary", 2022]
    assert after["floor_amount_nominal"] == Decimal("17803.60"), "the printed amounts still ask for 2020"


def test_national_higher_education_falls_in_2022(chinese: dict[tuple[str, str, str, int], Row]) -> None:
    found = chinese["全国", "per_student_published", "higher_education", 2022]
    assert (found["status"], found["change_pct"], found["floor_verdict"]) == (
        "falls",
        Decimal("-1.69"),
        "not_met",
    )


def test_falls_in_guangdong_are_those_published(chinese: dict[tuple[str, str, str, int], Row]) -> None:
    published = {line["key"] for line in shipped() if line["growth"] is not None and line["growth"] < 0}
    falls = {key for key, found in chinese.items() if found["status"] == "falls"}
    assert falls == published
    assert ("广东省", "per_student_published", "junior_secondary", 2022) in falls
    by_year = Counter(key[3] for key in falls if key[0] != "全国")
    assert by_year == {2016: 19, 2022: 2}


def test_guangdong_junior_2022_is_below_the_floor_that_its_growth_tells(
    chinese: dict[tuple[str, str, str, int], Row],
) -> None:
    found = chinese["广东省", "per_student_published", "junior_secondary", 2022]
    assert (found["published_growth_pct"], found["verdict"]) == (Decimal("-0.84"), "not_met")
    # 21,955.12 / 0.9916: 2021 was not printed.
    assert (found["floor_amount"], found["floor_set_year"]) == (Decimal("22141.11"), 2021)
    assert found["floor_verdict"] == "not_met"


# The golden figures in ../shared ---------------------------------------------------------------------------


@pytest.mark.shared
def test_golden_figures_per_pupil_agree(
    chinese: dict[tuple[str, str, str, int], Row], shared_dir: Path
) -> None:
    told = list(lines(shared_dir / "golden" / "finance_national_per_student.csv"))
    for line in told:
        found = chinese["全国", "per_student_published", STAGES[line["stage"]], int(line["year"])]
        assert found["amount"] == Decimal(line["value_yuan"]), line
        assert found["previous_amount"] == Decimal(line["prev_published_yuan"]), line
        assert found["published_growth_pct"] == number(line["published_growth_pct"]), line
        if line["growth_basis"] == "nominal":
            assert found["change_pct"] == Decimal(line["published_growth_pct"]), line
    assert len(told) == 18


@pytest.mark.shared
def test_golden_totals_agree(chinese: dict[tuple[str, str, str, int], Row], shared_dir: Path) -> None:
    recomputed = 0
    for line in lines(shared_dir / "golden" / "finance_national_total.csv"):
        found = chinese["全国", "total", "all_stages", int(line["year"])]
        assert found["amount"] == Decimal(line["value_100m_yuan"]) * 10**8, line
        assert found["published_growth_pct"] == number(line["published_growth_pct"]), line
        # Without an amount of the year before in the mart nothing is recomputed: 2014 and 2019.
        if found["change_pct"] is not None:
            assert found["change_pct"] == Decimal(line["nominal_growth_calc_pct"]), line
            recomputed += 1
    assert recomputed == 6


@pytest.mark.shared
def test_golden_figures_of_guangdong_agree(
    chinese: dict[tuple[str, str, str, int], Row], shared_dir: Path
) -> None:
    factors = {"亿元": 10**8, "元": 1}
    for line in lines(shared_dir / "golden" / "finance_guangdong.csv"):
        measure, _, stage = line["measure"].rstrip(")").partition("(")
        leg = "per_student_published" if measure.startswith("生均") else "total"
        found = chinese[line["area"], leg, STAGES[stage], int(line["year"])]
        amount = number(line["value"])
        assert found["amount"] == (None if amount is None else amount * factors[line["unit"]]), line
        growth = number(line["published_growth_pct"])
        assert found["published_growth_pct"] == growth, line
        if growth is not None:
            assert found["verdict"] == ("met" if growth >= 0 else "not_met"), line
        if found["change_pct"] is not None and growth is not None:
            assert found["change_pct"] == growth, line


# Beijing ---------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_beijing_recomputed_growth_is_the_printed_one_in_every_district(
    mart: list[Row], shared_dir: Path
) -> None:
    found = {
        (r["entity_name"], r["stage"], r["fiscal_year"]): r
        for r in mart
        if r["region_code"] == "CN-BJ" and r["published_growth_pct"] is not None
    }
    (path,) = (shared_dir / "data" / "beijing_open_data").glob("*增长情况.csv")
    falls: Counter[tuple[int, str]] = Counter()
    told = 0
    for line in lines(path):
        for stage, code in (("幼儿园", "kindergarten"), ("普通小学", "primary")):
            last, this = Decimal(line[f"{stage}上年"]), Decimal(line[f"{stage}本年"])
            growth = ((this - last) * 100 / last).quantize(Decimal("0.01"), ROUND_HALF_UP)
            year = int(line["序号"][:4])
            row = found[line["地区"], code, year]
            assert row["change_pct"] == growth == Decimal(line[f"{stage}增长率（%）"]), line
            assert row["published_growth_pct"] == Decimal(line[f"{stage}增长率（%）"]), line
            assert row["status"] == ("falls" if this < last else "rises" if this > last else "unchanged")
            falls[year, code] += this < last
            told += 1
    assert told == len(found) == 64
    assert falls == {
        (2014, "kindergarten"): 3,
        (2014, "primary"): 3,
        (2025, "kindergarten"): 7,
        (2025, "primary"): 4,
    }


# New Jersey ------------------------------------------------------------------------------------------------

Told = dict[tuple[str, int, int], Decimal]


@pytest.fixture(scope="module")
def told(shared_dir: Path) -> Told:
    """What each edition prints as actually spent, by district, year and edition; read without the project."""
    found: Told = {}
    for edition in EDITIONS:
        path = shared_dir / "data" / "nj_tges" / "raw" / str(edition) / f"CSG1_{edition}.CSV"
        for line in lines(path, "windows-1252"):
            # Lines of the state, and the county of 2015 that does not exist.
            if line["DIST"] in ("", "N.A.") or line["CONAME"] == "CAMDEM":
                continue
            for years_before, column in ((2, "PP11"), (1, "PP21")):
                if line[column] not in ("", "*", "N.A.", "N.R."):
                    found[line["DIST"], edition - years_before, edition] = Decimal(line[column])
    return found


@pytest.fixture(scope="module")
def new_jersey(mart: list[Row]) -> list[Row]:
    return [found for found in mart if found["region_code"] == "NJ" and found["vintage"] == "final_account"]


@pytest.mark.shared
def test_new_jersey_falls_of_actual_against_actual_in_one_edition(told: Told, new_jersey: list[Row]) -> None:
    pairs, falls = set(), set()
    for (district, year, edition), amount in told.items():
        last = told.get((district, year - 1, edition))
        if last is not None and year == edition - 1:
            pairs.add((f"NJ-{district}", year))
            if amount < last:
                falls.add((f"NJ-{district}", year))
    same = [found for found in new_jersey if found["previous_source"] == "same_edition"]
    assert {(r["entity_code"], r["fiscal_year"]) for r in same} == pairs
    assert all(found["compared_edition"] == found["fiscal_year"] + 1 for found in same)
    found_falls = {(r["entity_code"], r["fiscal_year"]) for r in same if r["verdict"] == "not_met"}
    assert found_falls == falls
    by_year = Counter(year for _, year in falls)
    assert by_year == {
        2014: 132,
        2015: 180,
        2016: 168,
        2017: 149,
        2018: 132,
        2019: 138,
        2020: 270,
        2021: 177,
        2022: 140,
        2023: 125,
        2024: 91,
    }


@pytest.mark.shared
def test_new_jersey_restated_figures_are_told_apart(
    told: Told, new_jersey: list[Row], night: None, query: Callable
) -> None:
    printed: dict[tuple[str, int], set[Decimal]] = {}
    for (district, year, _), amount in told.items():
        printed.setdefault((f"NJ-{district}", year), set()).add(amount)
    restated = {key for key, amounts in printed.items() if len(amounts) > 1}
    assert len(restated) == 27
    assert {(r["entity_code"], r["fiscal_year"]) for r in new_jersey if r["is_restated"]} == restated
    versions = query(
        "select * from marts_build.mart_finance__restatements where region_code = 'NJ' "
        "and belief_axis = 'published' order by entity_code, fiscal_year, version"
    )
    changed = [found for found in versions if found["cause"] == "later_edition"]
    assert {(r["entity_code"], r["fiscal_year"]) for r in changed} == restated
    # An edition prints two years as spent: whatever it restates was the last that was known.
    assert {r["cause"] for r in versions} == {None, "later_edition"}
    assert len(versions) == 2 * len(restated)
    for found in changed:
        district, year = found["entity_code"].removeprefix("NJ-"), found["fiscal_year"]
        now, before = told[district, year, year + 2], told[district, year, year + 1]
        assert (found["amount"], found["replaced_amount"]) == (now, before)


def _keeps_the_floor(told: Told, district: str, year: int, edition: int) -> bool | None:
    """Whether a year reached the highest of all before it, as the editions up to one tell it."""
    known = {
        at: amount
        for (of, at, by), amount in sorted(told.items(), key=lambda one: one[0][2])
        if of == district and by <= edition
    }
    earlier = [amount for at, amount in known.items() if at < year]
    return known[year] >= max(earlier) if earlier else None


@pytest.mark.shared
def test_new_jersey_restatements_say_which_verdicts_turned(told: Told, night: None, query: Callable) -> None:
    versions = query(
        "select * from marts_build.mart_finance__restatements where region_code = 'NJ' "
        "and belief_axis = 'published' and not is_believed_now"
    )
    turned = set()
    for found in versions:
        district, year = found["entity_code"].removeprefix("NJ-"), found["fiscal_year"]
        then, now = (_keeps_the_floor(told, district, year, year + 1 + later) for later in (0, 1))
        assert found["is_floor_verdict_turned"] is (then is not now), found
        # The comparison in the one edition that prints both years stands.
        assert not found["is_verdict_turned"]
        if then is not now:
            turned.add((found["entity_code"], year))
    assert len(turned) == 13


@pytest.mark.shared
def test_new_jersey_comparing_across_editions_is_a_wrong_variant(told: Told, new_jersey: list[Row]) -> None:
    """A year as its last edition has it, against last year as its last edition has it: other falls."""
    last_word = {(district, year): amount for (district, year, _), amount in sorted(told.items())}
    across = {
        (f"NJ-{district}", year)
        for (district, year), amount in last_word.items()
        if (district, year - 1) in last_word and amount < last_word[district, year - 1]
    }
    falls = {
        (r["entity_code"], r["fiscal_year"])
        for r in new_jersey
        if r["previous_source"] == "same_edition" and r["verdict"] == "not_met"
    }
    assert across - falls
    assert falls - across
