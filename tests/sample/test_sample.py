"""The made district: same seed, same bytes; planted things stand where said; truths are right."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from xlsxwriter.utility import xl_cell_to_rowcol

from ingest.contract import contracts
from ingest.sample.children import children
from ingest.sample.district import GOOD_YEAR, LATEST, YEARS, District, School, register, schools_in
from ingest.sample.finance import FALL_STAGE
from ingest.sample.truth import (
    INDICATORS,
    Part,
    coefficients,
    parts,
    root,
    squared_coefficient,
    to_decimal,
)
from ingest.sample.write import DEFAULT_SEED, Manifest, Planted, write_five_schools, write_sample


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("sample")
    return folder, write_sample(folder)


def content(path: Path) -> list[list[str]]:
    """Every row of a written file as text, read without the project's reader."""
    if path.suffix == ".xlsx":
        sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
        return [
            [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in row] for row in rows
        ]
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "gb18030")
    return list(csv.reader(io.StringIO(text, newline="")))


def digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_times(sample: tuple[Path, Manifest], tmp_path: Path) -> None:
    folder, _ = sample
    write_sample(tmp_path)
    assert digest(tmp_path) == digest(folder)
    for path in digest(folder):
        if path != "manifest.json":
            assert (tmp_path / path).stat().st_mtime_ns == (folder / path).stat().st_mtime_ns


def test_another_seed_gives_other_pupils(sample: tuple[Path, Manifest], tmp_path: Path) -> None:
    folder, _ = sample
    write_sample(tmp_path, DEFAULT_SEED + 1)
    assert set(digest(tmp_path)) == set(digest(folder))
    changed = {path for path, value in digest(tmp_path).items() if digest(folder)[path] != value}
    assert any("enrolment" in path for path in changed)


def test_the_manifest_on_disk_is_the_one_returned(sample: tuple[Path, Manifest]) -> None:
    folder, manifest = sample
    assert (folder / "manifest.json").read_text(encoding="utf-8") == manifest.to_json()
    assert json.loads(manifest.to_json())["seed"] == DEFAULT_SEED


def test_every_record_comes_in_every_form(sample: tuple[Path, Manifest]) -> None:
    folder, manifest = sample
    by_record = {
        record: [folder / file.path for file in manifest.files if file.record == record]
        for record in contracts()
    }
    # The other records hold all years in one file.
    yearly = {record: files for record, files in by_record.items() if len(files) > 1}
    assert {"school", "enrolment", "staffing", "facilities", "special_education", "finance"} <= set(yearly)
    for record, files in yearly.items():
        starts = {
            path.suffix + ("+bom" if path.read_bytes()[:3] == b"\xef\xbb\xbf" else "") for path in files
        }
        assert starts == {".xlsx", ".csv", ".csv+bom"}, record


def test_files_hold_as_many_rows_as_the_manifest_says(sample: tuple[Path, Manifest]) -> None:
    folder, manifest = sample
    for file in manifest.files:
        rows = content(folder / file.path)
        assert len(rows) - (2 if file.sheet else 1) == file.rows_written, file.path


def planted_cell(folder: Path, entry: Planted) -> str:
    rows = content(folder / entry.path)
    header = rows[1 if entry.sheet else 0]
    place = xl_cell_to_rowcol(f"{entry.column}{entry.row}")
    assert header[place[1]] == entry.header
    return rows[place[0]][place[1]]


def test_planted_cells_stand_where_the_manifest_says(sample: tuple[Path, Manifest]) -> None:
    folder, manifest = sample
    by_rule: dict[str | None, set[str]] = {}
    for entry in manifest.planted:
        if entry.column:
            by_rule.setdefault(entry.rule or entry.outcome, set()).add(planted_cell(folder, entry))
    assert by_rule["required"] == {"", "*"}
    assert by_rule["unknown_code"] == {"130", "大学", "在家自学", "托儿所"}
    assert by_rule["not_an_integer"] == {"约四十人", "无", "12台", "若干"}
    assert by_rule["not_a_number"] == {"二千六百"}
    assert by_rule["not_a_boolean"] == {"不详"}
    assert by_rule["out_of_range"] == {"-5", "3021"}
    assert by_rule["wrong_pattern"] == {"人民币"}
    assert by_rule["skipped"] == {"合计", "小计", "总计"}
    assert {"*", ""} < by_rule["read"]


def test_figures_with_separators_are_listed_with_their_value(sample: tuple[Path, Manifest]) -> None:
    folder, manifest = sample
    listed = [entry for entry in manifest.planted if entry.value is not None]
    assert len(listed) == 3
    for entry in listed:
        found = planted_cell(folder, entry)
        assert "," in found
        assert Decimal(found.replace(",", "")) == Decimal(entry.value or "")


def test_a_key_that_stands_twice_follows_its_first(sample: tuple[Path, Manifest]) -> None:
    folder, manifest = sample
    twins = [entry for entry in manifest.planted if entry.rule == "duplicate_key"]
    assert {entry.record for entry in twins} == {"school", "enrolment", "facilities", "special_education"}
    for first_entry, entry in zip(twins[::2], twins[1::2], strict=True):
        rows = content(folder / entry.path)
        assert (first_entry.path, first_entry.row) == (entry.path, entry.row - 1)
        again, first = rows[entry.row - 1], rows[entry.row - 2]
        differing = [header for header, a, b in zip(rows[0], again, first, strict=True) if a != b]
        keys = {contracts()[entry.record].field(name).name_zh for name in contracts()[entry.record].key}
        assert len(differing) == 1
        assert not keys & set(differing)


def test_nothing_is_planted_in_the_latest_year(sample: tuple[Path, Manifest]) -> None:
    _, manifest = sample
    assert not [entry for entry in manifest.planted if f"{LATEST}学年" in entry.path]
    assert all(
        not file.rows_rejected and not file.rows_skipped
        for file in manifest.files
        if f"{LATEST}学年" in file.path
    )


def test_few_enough_rows_are_bad_for_every_file_to_be_taken(sample: tuple[Path, Manifest]) -> None:
    _, manifest = sample
    for file in manifest.files:
        limit = contracts()[file.record].max_rejected_share
        assert file.rows_rejected / (file.rows_written - file.rows_skipped) < limit, file.path


def test_the_district_has_every_kind_of_school() -> None:
    kinds = {school.type_code for school in register()}
    assert kinds == {"211", "218", "311", "312", "341", "345", "514"}
    assert len(register()) == 45
    assert len(schools_in(2020)) == 44
    assert sum(school.is_private for school in register()) == 6
    assert {school.parent for school in register() if school.parent} == {"2199000001"}
    district = District(DEFAULT_SEED)
    points = [school for school in register() if school.type_code == "218"]
    sizes = [district.students(school, "primary", year) for school in points for year in YEARS]
    assert min(sizes) < 45
    assert max(sizes) > 55
    assert not [size for size in sizes if 45 <= size <= 55], "a point near 50 pupils would flip with the seed"


SHRINKING = ("junior_secondary", "senior_secondary", "all_stages")


def spending_fall(truths: dict[str, Any]) -> dict[str, Any]:
    """The stage that gets more money in all and less a pupil."""
    (fall,) = [
        row
        for row in truths["spending_falls"]
        if (row["item_code"], row["stage"]) == ("budget_education", FALL_STAGE)
    ]
    return fall


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2, 3])
def test_the_planted_truths_hold_for_every_seed(seed: int, tmp_path: Path) -> None:
    truths = write_sample(tmp_path, seed).truths
    assert [(row["indicator_code"], row["stage"]) for row in truths["over_limit"]] == [
        ("teaching_equipment_yuan_per_student", "primary")
    ]
    falls = truths["spending_falls"]
    assert {row["fiscal_year"] for row in falls} == {2022}
    assert {(row["stage"], row["basis"]) for row in falls if row["item_code"] == "budget_education"} == {
        ("primary", "per_student"),
        *((stage, basis) for stage in SHRINKING for basis in ("per_student", "total")),
    }
    fall = spending_fall(truths)
    assert Decimal(fall["change_pct"]) < -1
    assert Decimal(fall["total_change_pct"]) > 1
    for gap in truths["town_country_gap"]:
        assert Decimal(gap["urban_rural"]["ratio"]) > Decimal("1.3"), gap
        assert gap["urban_rural"]["rural"]["schools"] >= 3


def test_cells_of_special_education_lie_on_both_sides_of_ten(sample: tuple[Path, Manifest]) -> None:
    _, manifest = sample
    latest = manifest.truths["special_education"][-1]
    counts = list(latest["school_age_by_category"].values())
    assert latest["children"] == 260
    assert latest["school_age"] == sum(counts) < 260
    assert sum(count >= 10 for count in counts) >= 4
    assert sum(0 < count < 10 for count in counts) >= 2
    good = manifest.truths["special_education"][-2]
    assert 10 <= good["school_age"] - good["school_age_enrolled"] < 12
    assert Decimal(good["enrolment_pct"]) >= 95 > Decimal(latest["enrolment_pct"])
    assert good["school_age_with_plan"] == good["school_age"]
    assert good["school_age_with_visits"] == good["school_age_taught_at_home"]
    assert latest["school_age"] - latest["school_age_with_plan"] >= 10
    assert latest["school_age_taught_at_home"] - latest["school_age_with_visits"] >= 10
    assert latest["school_age_with_visits"] >= 10


def test_children_are_invented(sample: tuple[Path, Manifest]) -> None:
    noise = District(DEFAULT_SEED).noise
    for year in YEARS:
        every = children(noise, year)
        assert len({child.number for child in every}) == len(every)
        assert all(child.number.startswith("YB990101") and "样本" in child.name for child in every)


def five_schools(shared_dir: Path) -> list[Part]:
    rows = list(csv.DictReader((shared_dir / "golden" / "cv_five_schools.csv").open(encoding="utf-8")))
    return [
        Part(
            School(row["school"], row["school"], "211", "831", "", "111", {"primary": 1}, 2018, None, number),
            "primary",
            int(row["students"]),
            {"teaching_rooms_area_m2": Fraction(int(row["books"]))},
        )
        for number, row in enumerate(rows)
    ]


@pytest.mark.shared
def test_the_truth_is_worked_out_as_the_published_example(shared_dir: Path) -> None:
    books = next(indicator for indicator in INDICATORS if indicator.numerator == "teaching_rooms_area_m2")
    assert root(squared_coefficient(five_schools(shared_dir), books)) == "0.515257"


def test_a_school_of_two_stages_gives_its_junior_pupils_a_tenth_more() -> None:
    found = [part for part in parts(District(DEFAULT_SEED), LATEST) if part.school.type_code == "312"]
    assert {part.stage for part in found} == {"primary", "junior_secondary"}
    for indicator in (indicator for indicator in INDICATORS if indicator.is_split):
        by_stage = {(part.school.code, part.stage): part.value(indicator) for part in found}
        for (code, stage), value in by_stage.items():
            if stage == "junior_secondary":
                assert value == Fraction("1.1") * by_stage[code, "primary"]


def test_the_truth_leaves_out_what_the_method_leaves_out() -> None:
    district = District(DEFAULT_SEED)
    found = {part.school.code for part in parts(district, LATEST)}
    left_out = {school.code for school in schools_in(LATEST)} - found
    assert left_out == {"5199000001", "2199000022", "2199000025", "2199000026", "2199000027"}
    first = next(part for part in parts(district, LATEST) if part.school.code == "2199000001")
    both = [school for school in register() if "2199000001" in (school.code, school.parent)]
    assert first.students == sum(district.students(school, "primary", LATEST) for school in both)


def test_latest_coefficients_are_those_of_fourteen_indicator_stages() -> None:
    rows = coefficients(District(DEFAULT_SEED))
    assert len(rows) == 14
    assert {row["schools"] for row in rows if row["stage"] == "primary"} == {29}
    assert {row["schools"] for row in rows if row["stage"] == "junior_secondary"} == {17}


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("1/3", 6, "0.333333"),
        ("2/3", 2, "0.67"),
        ("-1/8", 2, "-0.13"),
        ("12", 2, "12.00"),
        ("5/1000", 2, "0.01"),
    ],
)
def test_fractions_are_printed_rounded_half_up(value: str, places: int, text: str) -> None:
    assert to_decimal(Fraction(value), places) == text


def test_five_schools_carry_the_published_figures(tmp_path: Path) -> None:
    paths = {path.parent.name: content(path) for path in write_five_schools(tmp_path)}
    assert [row[-1] for row in paths["enrolment"][1:]] == ["45", "37", "89", "76", "55"]
    assert [row[-1] for row in paths["facilities"][1:]] == ["279", "137", "935", "160", "402"]
    assert [row[6] for row in paths["school"][1:]] == ["urban", "urban", "rural", "rural", "rural"]
    assert {row[1] for rows in paths.values() for row in rows[1:]} == {"990102"}


def test_in_the_good_year_every_coefficient_shrinks_and_in_the_next_it_opens_again() -> None:
    district = District(DEFAULT_SEED)
    found = {
        year: {
            (row["stage"], row["indicator_code"]): Decimal(row["coefficient"])
            for row in coefficients(district, year)
        }
        for year in (GOOD_YEAR - 1, GOOD_YEAR, GOOD_YEAR + 1)
    }
    assert len(found[GOOD_YEAR]) == 14
    for key, coefficient in found[GOOD_YEAR].items():
        assert found[GOOD_YEAR - 1][key] > coefficient < found[GOOD_YEAR + 1][key], key
