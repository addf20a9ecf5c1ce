"""What a profile may say, each said once in a made layout; and what makes a profile wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest import profile_files, readers
from ingest.contract import contracts
from ingest.load import load_file
from ingest.problems import RefusedFileError
from ingest.profile import BadProfileError, normal_header
from ingest.profile_files import profiles, read_profile
from ingest.readers import records_that_recognise
from tests.ingest.conftest import HEADERS as ENROLMENT
from tests.ingest.conftest import Put, Query, csv_bytes, good_rows, write_xlsx

GOOD: dict[str, Any] = {
    "name": "made_wide",
    "version": 1,
    "record": "enrolment",
    "title": {"zh": "虚构宽表", "en": "Made wide form"},
    "formats": ["csv"],
    "encodings": ["utf-8", "windows-1252"],
    "file_name": r"^wide_(\d{4})\.csv$",
    "file_name_like": {"zh": "wide_2023.csv", "en": "wide_2023.csv"},
    "required_headers": ["SCHOOL", "TOWN"],
    "null_tokens": ["", "*", "N.A."],
    "skip_rows": [{"header": "SCHOOL", "matches": "^State"}],
    "fields": {
        "region_code": {"constant": "ZZ"},
        "district_code": {"join": ["COUNTY", "TOWN"], "separator": "-", "prefix": "ZZ-"},
        "school_year": {"file_name": 1, "add": -1},
        "school_code": {"headers": ["CODE", "SCHOOL"]},
        "stage": {"header": "KIND", "codes": {"P": "primary", "J": "junior_secondary"}},
    },
    "repeat": [
        {
            "fields": {"grade": {"constant": "1"}, "students": {"sum": ["B1", "G1"]}},
            "skip_empty": ["students"],
        },
        {"fields": {"grade": {"constant": "2"}, "students": {"header": "T2"}}, "skip_empty": ["students"]},
    ],
}
HEADERS = ["SCHOOL", "COUNTY", "TOWN", "KIND", "B1", "G1", "T2"]
ROWS = [
    ["Peña", "1", "a", "P", "10", "5", "*"],  # grade 1 only
    ["State total", "", "", "", "99", "99", "99"],  # no data
    ["Álamo", "1", "b", "J", "1", "N.A.", "7"],  # a part of the sum is missing: so is the sum
    *([f"S{i}", "1", "a", "P", "*", "*", "3"] for i in range(5)),  # grade 2 only
]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The made profile is the only one."""
    path = tmp_path / "made.yaml"
    path.write_text(yaml.safe_dump(GOOD, allow_unicode=True), encoding="utf-8")
    only = (read_profile(path),)
    monkeypatch.setattr(readers, "profiles", lambda: only)


def test_blocks_sums_joins_codes_and_names_of_files(made: None, put: Put, query: Query) -> None:
    content = csv_bytes(ROWS, HEADERS, encoding="windows-1252")
    outcome = load_file(put("wide_2024.csv", content), "enrolment")
    counts = (outcome.rows_read, outcome.rows_loaded, outcome.rows_rejected, outcome.rows_skipped)
    assert counts == (9, 7, 1, 1)
    (half,) = query("select source_row, source_column, header, rule from ops.rejected_row")
    assert tuple(half.values()) == (4, "E+F", "B1+G1", "required")
    rows = query(
        "select source_row, source_block, district_code, school_year, school_code, stage, grade, students "
        "from raw.enrolment where source_row < 5 order by 1, 2"
    )
    assert [tuple(r.values()) for r in rows] == [
        (2, 0, "ZZ-1-a", 2023, "Peña", "primary", "1", 15),
        (4, 1, "ZZ-1-b", 2023, "Álamo", "junior_secondary", "2", 7),
    ]
    assert query("select encoding from ops.load_batch") == [{"encoding": "windows-1252"}]


def test_another_name_of_the_file_is_another_batch(made: None, put: Put, query: Query) -> None:
    content = csv_bytes(ROWS[:1], HEADERS)
    batches = {load_file(put(f"wide_{year}.csv", content), "enrolment").batch_id for year in (2023, 2024)}
    assert len(batches) == 2


def test_a_name_that_does_not_fit_is_refused(made: None, put: Put, query: Query) -> None:
    outcome = load_file(put("other.csv", csv_bytes(ROWS, HEADERS)), "enrolment")
    assert [p.rule for p in outcome.problems] == ["file_name"]
    assert "a file name like “wide_2023.csv”" in outcome.problems[0].message_en()
    assert "文件名如“wide_2023.csv”" in outcome.problems[0].message_zh()


def test_a_missing_part_of_a_sum_is_refused_not_left_out(made: None, put: Put, query: Query) -> None:
    headers = [h for h in HEADERS if h != "G1"]
    outcome = load_file(put("wide_2024.csv", csv_bytes([[*r[:5], r[6]] for r in ROWS], headers)), "enrolment")
    assert [p.rule for p in outcome.problems] == ["missing_header"]
    assert "“G1”" in outcome.problems[0].message_zh()
    assert "“G1”" in outcome.problems[0].message_en()


WRONG = [
    ({"repeat": [{"optional": True, "fields": {"grade": {"constant": "1"}}}]}, "an optional block"),
    ({"record": "nonsense"}, "nonsense"),
    ({"formats": ["pdf"]}, "formats"),
    ({"fields": {"nonsense": {"constant": 1}}}, "nonsense"),
    ({"fields": {"stage": {"header": "A", "constant": "primary"}}}, "exactly one"),
    ({"fields": {"students": {"header": "A", "unit": "斤"}}}, "斤"),
    ({"fields": {"school_year": {"file_name": 2}}}, "group 2"),
    ({"file_name_like": {"zh": "wide.csv", "en": "wide.csv"}}, "file_name_like"),
    ({"fields": {"school_year": {"header": "A", "pattern": r"\d+"}}}, "one group"),
    ({"fields": {"school_year": {"header": "A", "pattern": "^.*?([0-9]+)"}}}, "is to be said"),
    ({"fields": {"stage": {"header": "A", "match": [["小+学", "primary"]]}}}, "is to be said"),
    ({"fields": {"school_year": {"copy_of": "grade"}}, "repeat": []}, "no source"),
]


@pytest.mark.parametrize(("change", "named"), WRONG)
def test_a_wrong_profile_is_named_with_what_is_wrong(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump({**GOOD, **change}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BadProfileError) as caught:
        read_profile(path)
    assert "wrong.yaml" in str(caught.value)
    assert named in str(caught.value)


def test_every_record_has_a_standard_layout() -> None:
    assert {p.record for p in profiles() if p.follows_contract} == set(contracts())


def test_no_two_fields_of_a_contract_share_a_header() -> None:
    for contract in contracts().values():
        owners: dict[str, str] = {}
        for field in contract.fields:
            for header in {normal_header(h) for h in field.headers}:
                assert owners.setdefault(header, field.name) == field.name, (contract.record, header)


def test_a_file_is_recognised_by_its_headers(put: Put, tmp_path: Path) -> None:
    assert records_that_recognise(put("a.csv", csv_bytes(good_rows()))) == ["enrolment"]
    assert records_that_recognise(write_xlsx(tmp_path / "a.xlsx", good_rows())) == ["enrolment"]
    with pytest.raises(RefusedFileError) as refusal:
        records_that_recognise(put("b.csv", b"x,y\n"))
    assert refusal.value.problem.rule == "unknown_layout"
    with pytest.raises(RefusedFileError) as refusal:
        records_that_recognise(put("c.csv", csv_bytes([], [h for h in ENROLMENT if h != "年级"])))
    assert "年级" in refusal.value.problem.message_zh()
    assert "enrolment" in refusal.value.problem.message_en()


def test_pupils_do_not_pass_for_rooms_that_are_all_missing(put: Put, query: Query) -> None:
    outcome = load_file(put("a.csv", csv_bytes(good_rows())), "facilities")
    assert [p.rule for p in outcome.problems] == ["missing_header"]
    assert "教学及辅助用房面积" in outcome.problems[0].message_zh()
    assert "junheng_facilities" in outcome.problems[0].message_en()


def test_the_fingerprint_is_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    prints = {record: profile_files.reader_fingerprint(record) for record in contracts()}
    assert len(set(prints.values())) == len(prints)
