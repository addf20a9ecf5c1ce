"""The made district through the loader: counts, rejected rows and figures are those of the manifest."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingest.contract import contracts
from ingest.load import LoadOutcome, load_file
from ingest.sample.write import Manifest, write_five_schools, write_published_finance, write_sample

Loaded = tuple[Path, Manifest, dict[str, LoadOutcome], str]


@pytest.fixture(scope="module")
def loaded(module_warehouse: str, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = tmp_path_factory.mktemp("landing")
    manifest = write_sample(folder)
    outcomes = {file.path: load_file(folder / file.path, file.record) for file in manifest.files}
    return folder, manifest, outcomes, module_warehouse


def rows(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, values).fetchall()


def test_every_file_is_loaded_with_the_listed_counts(loaded: Loaded) -> None:
    _, manifest, outcomes, _ = loaded
    for file in manifest.files:
        outcome = outcomes[file.path]
        assert outcome.status == "loaded", (file.path, outcome.problems)
        assert (outcome.rows_read, outcome.rows_rejected, outcome.rows_skipped, outcome.rows_loaded) == (
            file.rows_written,
            file.rows_rejected,
            file.rows_skipped,
            file.rows_written - file.rows_rejected - file.rows_skipped,
        ), file.path


def test_rejected_rows_are_the_planted_ones_and_no_others(loaded: Loaded) -> None:
    _, manifest, outcomes, url = loaded
    paths = {outcome.batch_id: path for path, outcome in outcomes.items()}
    found = {
        (paths[batch], sheet or None, row, rule)
        for batch, sheet, row, rule in rows(
            url, "select batch_id, source_sheet, source_row, rule from ops.rejected_row"
        )
    }
    planted = {
        (entry.path, entry.sheet, entry.row, entry.rule)
        for entry in manifest.planted
        if entry.outcome == "rejected"
    }
    assert found == planted


def test_rejected_cells_are_named_by_column_and_header(loaded: Loaded) -> None:
    _, manifest, outcomes, url = loaded
    for entry in manifest.planted:
        if entry.outcome != "rejected" or entry.column is None:
            continue
        found = rows(
            url,
            "select source_column, header from ops.rejected_row where batch_id = %s and source_row = %s",
            outcomes[entry.path].batch_id,
            entry.row,
        )
        assert found == [(entry.column, entry.header)], entry


def test_figures_with_separators_and_missing_ones_are_read_as_listed(loaded: Loaded) -> None:
    _, manifest, outcomes, url = loaded
    read = [entry for entry in manifest.planted if entry.outcome == "read"]
    assert len(read) == 6
    for entry in read:
        found = rows(
            url,
            "select c.field_name from ops.batch_column c where c.batch_id = %s and c.source_column = %s",
            outcomes[entry.path].batch_id,
            entry.column,
        )
        field = contracts()[entry.record].field(found[0][0])
        value = rows(
            url,
            f"select {field.name} from raw.{entry.record} where batch_id = %s and source_row = %s",
            outcomes[entry.path].batch_id,
            entry.row,
        )[0][0]
        is_wan = entry.header is not None and "万元" in entry.header
        expected = None if entry.value is None else Decimal(entry.value) * (10_000 if is_wan else 1)
        assert value == expected, entry


def test_nothing_personal_reaches_the_database(loaded: Loaded) -> None:
    url = loaded[3]
    text = " ".join(
        str(row)
        for table in ("protected.special_education", "ops.rejected_row", "ops.load_batch", "ops.batch_column")
        for row in rows(url, f"select * from {table}")
    )
    assert "样本童" not in text
    assert "YB990101" not in text
    assert "样本路" not in text
    assert "在家自学" not in text, "a sensitive value stands in a report"
    assert "若干" not in text, "a sensitive value stands in a report"


def test_ten_thousands_of_yuan_become_yuan(loaded: Loaded) -> None:
    _, manifest, _, url = loaded
    fall = next(row for row in manifest.truths["spending_falls"] if row["basis"] == "total")
    found = rows(
        url,
        "select amount, prior_amount from raw.finance "
        "where fiscal_year = %s and stage = %s and item_code = %s and basis = 'total'",
        fall["fiscal_year"],
        fall["stage"],
        fall["item_code"],
    )
    assert found == [(Decimal(fall["total_amount"]), Decimal(fall["total_prior_amount"]))]
    equipment = rows(url, "select sum(teaching_equipment_yuan) from raw.facilities where school_year = 2022")[
        0
    ][0]
    assert 60_000_000 < equipment < 150_000_000


def test_five_schools_and_published_figures_are_loaded_whole(loaded: Loaded, tmp_path: Path) -> None:
    url = loaded[3]
    for path in (*write_five_schools(tmp_path), *write_published_finance(tmp_path)):
        outcome = load_file(path, path.parent.name)
        assert outcome.status == "loaded", (path.name, outcome.problems)
        assert outcome.rows_rejected == outcome.rows_skipped == 0, path.name
    found = rows(
        url,
        "select e.students, f.books from raw.enrolment e join raw.facilities f "
        "using (district_code, school_year, school_code) "
        "where e.district_code = '990102' order by school_code",
    )
    assert found == [(45, 279), (37, 137), (89, 935), (76, 160), (55, 402)]
