"""A refusal stands while nothing changes, and is judged anew when the contract, a profile or a code did."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.contract import contracts
from ingest.load import load_file
from tests.ingest.conftest import HEADERS, Put, Query, csv_bytes, good_rows


@pytest.fixture
def half_bad(put: Put) -> Path:
    rows = good_rows()
    for row in rows[:5]:
        row[HEADERS.index("在校生数")] = "许多"
    return put("a.csv", csv_bytes(rows))


def test_the_same_content_stays_refused(half_bad: Path, query: Query) -> None:
    assert load_file(half_bad, "enrolment").status == "refused"
    again = load_file(half_bad, "enrolment")
    assert (again.status, again.problems[0].rule) == ("known", "refused_before")
    assert query("select count(*) as n from ops.rejected_row") == [{"n": 5}]


def test_a_changed_contract_judges_it_anew(
    half_bad: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_file(half_bad, "enrolment").status == "refused"
    lenient = {**contracts(), "enrolment": replace(contracts()["enrolment"], max_rejected_share=0.6)}
    monkeypatch.setattr("ingest.load.contracts", lambda: lenient)
    monkeypatch.setattr("ingest.batch_ledger.reader_fingerprint", lambda *_: "another contract")
    outcome = load_file(half_bad, "enrolment")
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 5, 5)
    assert query("select status from ops.load_batch") == [{"status": "loaded"}]
    assert query("select count(*) as n from raw.enrolment") == [{"n": 5}]
    assert query("select count(*) as n from ops.rejected_row") == [{"n": 5}]
    assert query("select count(*) as n from ops.rejected_key") == [{"n": 5}]
