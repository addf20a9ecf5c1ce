"""Marts of teachers are expected where the standard of their schools holds, and nowhere else."""

from __future__ import annotations

import pytest
from made_batches import make_current, put_batch

from expectations.marts_teachers import MARTS
from expectations.promises import Mart
from expectations.runner import Runner
from ingest import database


@pytest.mark.parametrize(
    ("region", "year", "is_expected"), [("CN", 2017, True), ("CN", 2016, False), ("US-NJ", 2022, False)]
)
@pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.name)
def test_an_empty_mart_misses_only_what_the_standard_covers(
    warehouse: str, mart: Mart, region: str, year: int, is_expected: bool
) -> None:
    place = {"region_code": region, "district_code": "D", "school_year": year, "school_code": "S1"}
    rows = {
        "enrolment": {**place, "stage": "primary", "grade": "all", "students": 1},
        "teacher": {**place, "teacher_key": "k", "is_full_time": True},
        "establishment": {**place, "subject": "all", "posts": 40},
    }
    with database.connect() as connection:
        for record, row in rows.items():
            make_current(connection, record, put_batch(connection, record, [row]))
    (expected, *_) = (check for check in mart.checks("marts_build") if check.name == "expected_partitions")
    empty = "select null::text as district_code, null::integer as school_year where false"
    with Runner("junheng_transformer") as runner:
        (outcome,) = runner.run(empty, [expected])
    assert outcome.is_success is not is_expected
