"""The worked example of the method, file in, mart out: 0.515257, and none of the wrong answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.sample.write import write_five_schools
from tests.end_to_end.conftest import build_and_publish, load_everything, read


@pytest.fixture(scope="module")
def books(module_warehouse: str, landing: Path) -> dict[str, Any]:
    write_five_schools(landing)
    outcomes = load_everything()
    assert {outcome["status"] for outcome in outcomes} == {"loaded"}
    build_and_publish()
    (row,) = read(
        "select * from marts.mart_balance__coefficients "
        "where indicator_code = 'books_per_student' and stage = 'primary'"
    )
    return row


def test_the_coefficient_is_the_published_one(books: dict[str, Any]) -> None:
    assert float(books["coefficient"]) == pytest.approx(0.515257, abs=5e-7)
    assert float(books["coefficient_rounded"]) == 0.515
    assert float(books["mean"]) == pytest.approx(6.334437, abs=5e-7)


@pytest.mark.parametrize(("variant", "wrong"), [("unweighted", 0.488771), ("sample", 0.546462)])
def test_a_wrong_variant_does_not_come_out(books: dict[str, Any], variant: str, wrong: float) -> None:
    assert abs(float(books["coefficient"]) - wrong) > 0.01, variant


def test_numerator_denominator_and_coverage_stand_beside_it(books: dict[str, Any]) -> None:
    assert (books["numerator_total"], books["students"]) == (1913, 302)
    assert (books["schools_in_scope"], books["schools_reported"]) == (5, 5)
