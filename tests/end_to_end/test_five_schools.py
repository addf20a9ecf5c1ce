"""The worked example of the method, file in, mart out: 0.515257, and none of the wrong answers.

A night killed after the copy and run again gives the same marts, bit for bit.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.sample.write import write_five_schools
from tests.conftest import fresh_warehouse
from tests.end_to_end.conftest import build_and_publish, load_everything, read, read_ledger

LOAD_AND_WAIT = """
import sys, time
from ingest import night
print(night.load("enrolment", sys.argv[1])["status"], flush=True)
time.sleep(600)
"""


@dataclass(frozen=True)
class Undisturbed:
    """What a night that nobody killed published: the row of the worked example, the hash of all marts."""

    books: dict[str, Any]
    fingerprint: str


@pytest.fixture(scope="module")
def undisturbed(server: str, template_database: str, landing: Path) -> Undisturbed:
    write_five_schools(landing)
    with fresh_warehouse(server, template_database):
        outcomes = load_everything()
        assert {outcome["status"] for outcome in outcomes} == {"loaded"}
        fingerprint = build_and_publish()
        (row,) = read(
            "select * from marts.mart_balance__coefficients "
            "where indicator_code = 'books_per_student' and stage = 'primary'"
        )
        return Undisturbed(row, fingerprint)


@pytest.fixture
def books(undisturbed: Undisturbed) -> dict[str, Any]:
    return undisturbed.books


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


def load_and_be_killed(path: str) -> None:
    """Load one file in a process of its own, and kill it between the copy and the acceptance."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD_AND_WAIT, path], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "loaded"
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_killed_load_changes_nothing_in_the_end(
    undisturbed: Undisturbed, server: str, template_database: str, landing: Path
) -> None:
    with fresh_warehouse(server, template_database):
        (enrolment,) = sorted(str(path) for path in (landing / "enrolment").rglob("*") if path.is_file())
        load_and_be_killed(enrolment)
        (batch,) = read_ledger("select status from ops.load_batch")
        assert batch["status"] == "loaded"
        load_everything()
        assert build_and_publish() == undisturbed.fingerprint
        doubled = read_ledger(
            "select 1 from raw.enrolment group by school_code, school_year having count(*) > 1"
        )
        assert doubled == []
