"""Real files of other places, read by profiles alone: how much comes in, what is quarantined and why."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import python_calamine

from ingest.load import LoadOutcome, load_file
from ingest.real_places import deliveries, land_real_places

pytestmark = pytest.mark.shared

Loaded = tuple[dict[tuple[str, str], LoadOutcome], str]
EDITIONS = range(2015, 2026)


@pytest.fixture(scope="module")
def loaded(shared_dir: Path, module_warehouse: str, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    landing = tmp_path_factory.mktemp("landing")
    outcomes = {}
    for path in land_real_places(shared_dir / "data", landing):
        record = path.relative_to(landing).parts[0]
        outcomes[record, path.name] = load_file(path, record)
    return outcomes, module_warehouse


def rows(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, values).fetchall()


def rejected(url: str, outcome: LoadOutcome) -> Counter[tuple[str, str | None]]:
    found = rows(url, "select rule, found from ops.rejected_row where batch_id = %s", outcome.batch_id)
    return Counter(found)


def of_place(loaded: Loaded, record: str, start: str) -> LoadOutcome:
    return next(o for (r, name), o in loaded[0].items() if r == record and name.startswith(start))


def test_every_file_is_taken(loaded: Loaded) -> None:
    outcomes, _ = loaded
    assert len(outcomes) == 2 + 3 + 11 * 4 + 1
    assert {outcome.status for outcome in outcomes.values()} == {"loaded"}, [
        problem.message_en() for outcome in outcomes.values() for problem in outcome.problems
    ]


# Costa Rica ---------------------------------------------------------------------------------------------


def test_costa_rica_brings_every_school_but_the_one_printed_twice(loaded: Loaded) -> None:
    outcome = of_place(loaded, "school", "MATRICULA")
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_rejected) == (8_773, 8_771, 2)
    assert rejected(loaded[1], outcome) == {("duplicate_key", None): 2}
    groups = dict(
        rows(
            loaded[1],
            "select urban_rural_code || ' ' || operator_code, count(*) from raw.school "
            "where region_code = 'CR' group by 1",
        )
    )
    assert sum(groups.values()) == outcome.rows_loaded
    assert groups["urban private"] > groups["rural private"] > 0


def printed_by_year(shared_dir: Path) -> tuple[Counter[int], Counter[int]]:
    """Pupils by the TOTAL column, girls of grades 7 to 11 by their columns; read without the project."""
    book = next((shared_dir / "data" / "costa_rica_mep" / "raw").glob("MATRICULA*"))
    sheet = python_calamine.CalamineWorkbook.from_path(book).get_sheet_by_name("MAT.COLEGIOS").to_python()
    pupils: Counter[int] = Counter()
    girls: Counter[int] = Counter()
    for line in sheet[3:]:
        row = dict(zip(sheet[2], line, strict=True))
        pupils[int(row["CURSO LECTIVO"])] += int(row["TOTAL"])
        girls[int(row["CURSO LECTIVO"])] += sum(int(row[f"M{grade}"] or 0) for grade in range(7, 12))
    return pupils, girls


def test_costa_rica_pupils_by_grade_add_up_to_the_printed_total(loaded: Loaded, shared_dir: Path) -> None:
    pupils, girls = printed_by_year(shared_dir)
    found = rows(
        loaded[1],
        "select school_year, sum(students), sum(female_students) from raw.enrolment "
        "where region_code = 'CR' group by 1",
    )
    by_year = {year: (int(students), int(female)) for year, students, female in found}
    assert set(by_year) == set(range(2014, 2023))
    for year in range(2015, 2023):
        assert by_year[year] == (pupils[year], girls[year])
    # The section that stands twice in 2014 is out with both of its lines: 88 pupils, none in grades 7 to 9.
    assert pupils[2014] - by_year[2014][0] == 88
    assert 0 < girls[2014] - by_year[2014][1] <= 40


def test_costa_rica_girls_of_grade_twelve_are_missing_not_zero(loaded: Loaded) -> None:
    # One line of 2017 prints 1 girl among 0 pupils there: the column is not taken.
    found = rows(
        loaded[1],
        "select grade = '12', count(*) = count(female_students), count(female_students) = 0 "
        "from raw.enrolment where region_code = 'CR' group by 1 order by 1",
    )
    assert found == [(False, True, False), (True, False, True)]


def test_costa_rica_line_without_lower_grades_gives_no_rows_for_them(loaded: Loaded) -> None:
    # 183 lines leave grades 7 to 9 blank: no row, and never a 0. Both lines of the doubled section go.
    outcome = of_place(loaded, "enrolment", "MATRICULA")
    assert outcome.rows_read == 6 * 8_773 - 3 * 183
    assert (outcome.rows_rejected, outcome.rows_skipped) == (12, 0)


def test_costa_rica_stages_follow_the_grades(loaded: Loaded) -> None:
    found = rows(
        loaded[1],
        "select stage, array_agg(distinct grade::int order by grade::int) from raw.enrolment "
        "where region_code = 'CR' group by 1 order by 1",
    )
    assert found == [("junior_secondary", [7, 8, 9]), ("senior_secondary", [10, 11, 12])]


def test_costa_rica_cantons_keep_their_province(loaded: Loaded) -> None:
    found = rows(loaded[1], "select count(distinct district_code) from raw.school where region_code = 'CR'")
    assert found == [(82,)]
    codes = rows(loaded[1], "select distinct district_code from raw.school where region_code = 'CR'")
    assert all(code.startswith("CR-") and len(code) == 6 for (code,) in codes)


@pytest.mark.parametrize("start", ["RENDIMIENTO", "REPITENTES"])
def test_costa_rica_workbooks_of_other_matter_are_refused(
    start: str, module_warehouse: str, shared_dir: Path
) -> None:
    book = next((shared_dir / "data" / "costa_rica_mep" / "raw").glob(f"{start}*"))
    outcome = load_file(book, "enrolment")
    assert outcome.status == "refused"
    assert outcome.rows_loaded == 0
    assert len(outcome.problems) == 1
    message = outcome.problems[0].message_en()
    assert "Costa Rica, initial enrolment" in message
    assert "T7" in message, "the missing headers are named"


# Taiwan -------------------------------------------------------------------------------------------------


def test_taiwan_brings_every_school_pupil_and_teacher(loaded: Loaded) -> None:
    outcomes = {record: of_place(loaded, record, "113-107") for record in ("school", "enrolment", "staffing")}
    assert [outcomes[record].rows_rejected for record in outcomes] == [0, 0, 0]
    assert outcomes["school"].rows_loaded == outcomes["staffing"].rows_loaded == 2_668
    assert outcomes["enrolment"].rows_loaded == 6 * 2_668
    found = rows(
        loaded[1],
        "select (select sum(students) from raw.enrolment where region_code = 'TW'), "
        "(select sum(classes) from raw.enrolment where region_code = 'TW'), "
        "(select sum(full_time_teachers) from raw.staffing where region_code = 'TW')",
    )
    assert found == [(1_202_761, 52_398, 100_374)]


def test_taiwan_groups_are_those_of_the_source(loaded: Loaded) -> None:
    found = dict(
        rows(
            loaded[1],
            "select urban_rural_code, count(*) from raw.school where region_code = 'TW' group by 1",
        )
    )
    assert found == {"remote": 642 + 159 + 108, "not_remote": 1_759}
    years = rows(loaded[1], "select distinct school_year from raw.school where region_code = 'TW'")
    assert years == [(2024,)]
    districts = rows(
        loaded[1], "select count(distinct district_code) from raw.school where region_code = 'TW'"
    )
    assert districts == [(22,)]


def test_taiwan_private_schools_are_known_by_code_even_when_the_name_hides_it(loaded: Loaded) -> None:
    found = rows(
        loaded[1],
        "select operator_code, count(*), count(*) filter (where school_name ~ '私立|財團法人') "
        "from raw.school where region_code = 'TW' group by 1 order by 1",
    )
    assert found == [("private", 67, 59), ("public", 2_601, 0)]


# New Jersey ---------------------------------------------------------------------------------------------


def source_lines(shared_dir: Path, form: str, edition: int) -> list[dict[str, str]]:
    path = shared_dir / "data" / "nj_tges" / "raw" / str(edition) / f"{form}_{edition}.CSV"
    with path.open(encoding="windows-1252", newline="") as stream:
        return list(csv.DictReader(stream))


def is_unit(line: dict[str, str]) -> bool:
    return line["DIST"] not in ("", "N.A.")


@pytest.mark.parametrize("edition", EDITIONS)
def test_new_jersey_state_and_group_lines_are_skipped(edition: int, loaded: Loaded, shared_dir: Path) -> None:
    lines = source_lines(shared_dir, "CSG1", edition)
    units = [line for line in lines if is_unit(line)]
    camdem = sum(line["CONAME"] == "CAMDEM" for line in units)
    amounts = [line[name] for line in units for name in ("PP11", "PP21", "PP31")]
    present = sum(text not in ("", "N.R.", "N.A.") for text in amounts)
    outcome = of_place(loaded, "finance", f"CSG1_{edition}")
    assert outcome.rows_loaded == present - 3 * camdem
    assert outcome.rows_read == outcome.rows_loaded + outcome.rows_rejected + outcome.rows_skipped
    school = of_place(loaded, "school", f"CSG1_{edition}")
    assert school.rows_loaded == 3 * (len(units) - camdem)


def test_new_jersey_county_that_does_not_exist_is_quarantined(loaded: Loaded) -> None:
    for record, start in (("school", "CSG1_2015"), ("enrolment", "CSG1_2015"), ("staffing", "CSG16_2015")):
        found = rejected(loaded[1], of_place(loaded, record, start))
        assert set(found) == {("unknown_code", "CAMDEM")}, record
    others = [
        outcome
        for (_, name), outcome in loaded[0].items()
        if name.startswith("CSG") and "2015" not in name and outcome.rows_rejected
    ]
    assert not others, [rejected(loaded[1], outcome) for outcome in others]


def test_new_jersey_years_and_vintages_follow_the_edition(loaded: Loaded) -> None:
    found = rows(
        loaded[1],
        "select fiscal_year - edition, vintage from raw.finance where region_code = 'NJ' "
        "group by 1, 2 order by 1",
    )
    assert found == [(-2, "final_account"), (-1, "final_account"), (0, "budget")]
    years = rows(
        loaded[1], "select min(school_year), max(school_year) from raw.enrolment where region_code = 'NJ'"
    )
    assert years == [(2012, 2023)]
    staffing = rows(
        loaded[1], "select min(school_year), max(school_year) from raw.staffing where region_code = 'NJ'"
    )
    assert staffing == [(2013, 2024)]


def test_new_jersey_figures_are_those_of_the_line(loaded: Loaded, shared_dir: Path) -> None:
    line = next(line for line in source_lines(shared_dir, "CSG1", 2019) if line["DIST"] == "110")
    found = rows(
        loaded[1],
        "select fiscal_year, vintage, amount, currency_code from raw.finance "
        "where entity_code = 'NJ-110' and edition = 2019 order by 1",
    )
    assert found == [
        (2017, "final_account", Decimal(line["PP11"]), "USD"),
        (2018, "final_account", Decimal(line["PP21"]), "USD"),
        (2019, "budget", Decimal(line["PP31"]), "USD"),
    ]
    ratio = next(line for line in source_lines(shared_dir, "CSG16", 2019) if line["DIST"] == "110")
    batch = of_place(loaded, "staffing", "CSG16_2019").batch_id
    staffed = rows(
        loaded[1],
        "select school_year, published_students_per_teacher, published_median_salary, full_time_teachers "
        "from raw.staffing where school_code = 'NJ-110' and batch_id = %s order by 1",
        batch,
    )
    assert staffed == [
        (2017, Decimal(ratio["STRAT0016"]), Decimal(ratio["SALT0016"]), None),
        (2018, Decimal(ratio["STRAT0116"]), Decimal(ratio["SALT0116"]), None),
    ]


def test_new_jersey_windows_1252_names_are_read_right(loaded: Loaded) -> None:
    found = rows(
        loaded[1],
        "select b.encoding, count(*) from raw.school s join ops.load_batch b using (batch_id) "
        "where s.school_name like '%%’%%' group by 1",
    )
    assert [encoding for encoding, _ in found] == ["windows-1252"]


def test_new_jersey_has_twenty_one_counties(loaded: Loaded) -> None:
    found = rows(loaded[1], "select count(distinct district_code) from raw.school where region_code = 'NJ'")
    assert found == [(21,)]


# Beijing ------------------------------------------------------------------------------------------------


def test_beijing_districts_come_in_two_stages_and_two_years(loaded: Loaded) -> None:
    outcome = of_place(loaded, "finance", "北京市")
    assert (outcome.rows_loaded, outcome.rows_rejected, outcome.rows_skipped) == (64, 0, 0)
    found = rows(
        loaded[1],
        "select fiscal_year, edition, stage, count(distinct district_code) from raw.finance "
        "where region_code = 'CN-BJ' group by 1, 2, 3 order by 1, 3",
    )
    assert found == [
        (2014, 2023, "kindergarten", 16),
        (2014, 2023, "primary", 16),
        (2025, 2025, "kindergarten", 16),
        (2025, 2025, "primary", 16),
    ]


def test_beijing_figures_stand_with_last_years_and_the_growth(loaded: Loaded) -> None:
    found = rows(
        loaded[1],
        "select amount, prior_amount, growth_pct, entity_name from raw.finance "
        "where district_code = '110105' and fiscal_year = 2025 and stage = 'primary'",
    )
    assert found == [(Decimal("5015.67"), Decimal("5678.78"), Decimal("-11.68"), "朝阳区")]


def test_beijing_twin_in_another_encoding_stays_out(shared_dir: Path) -> None:
    names = [delivery.source.name for delivery in deliveries(shared_dir / "data")]
    assert any(name.startswith("北京市") for name in names)
    assert not [name for name in names if name.endswith(".gbk.csv")]


# Landing ------------------------------------------------------------------------------------------------


def test_later_editions_are_handed_in_later(shared_dir: Path, tmp_path: Path) -> None:
    landed = land_real_places(shared_dir / "data", tmp_path)
    editions = [path for path in landed if path.parent.name == "new_jersey" and path.parts[-3] == "finance"]
    assert [path.name for path in editions] == [f"CSG1_{edition}.CSV" for edition in EDITIONS]
    times = [path.stat().st_mtime for path in editions]
    assert times == sorted(times)
    assert len(set(times)) == len(times)


def test_landing_twice_changes_nothing(shared_dir: Path, tmp_path: Path) -> None:
    def state() -> dict[Path, tuple[int, int, int]]:
        return {
            path: (path.stat().st_ino, path.stat().st_size, path.stat().st_mtime_ns)
            for path in tmp_path.rglob("*")
            if path.is_file()
        }

    land_real_places(shared_dir / "data", tmp_path)
    first = state()
    land_real_places(shared_dir / "data", tmp_path)
    assert state() == first
    assert not [path for path in first if path.name.startswith(".")]


def test_a_folder_without_the_files_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="none of the listed files"):
        land_real_places(tmp_path, tmp_path / "landing")
