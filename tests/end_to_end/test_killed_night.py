"""A night killed after the copy and run again gives the marts of an undisturbed night, bit for bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.sample.write import write_five_schools
from tests.conftest import fresh_warehouse
from tests.end_to_end.conftest import build_and_publish, load_everything, read_ledger

LOAD_AND_WAIT = """
import sys, time
from ingest import night
print(night.load("enrolment", sys.argv[1])["status"], flush=True)
time.sleep(600)
"""


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
    server: str, template_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    write_five_schools(tmp_path)
    with fresh_warehouse(server, template_database):
        load_everything()
        undisturbed = build_and_publish()
    with fresh_warehouse(server, template_database):
        (enrolment,) = sorted(str(path) for path in (tmp_path / "enrolment").rglob("*") if path.is_file())
        load_and_be_killed(enrolment)
        (batch,) = read_ledger("select status from ops.load_batch")
        assert batch["status"] == "loaded"
        load_everything()
        assert build_and_publish() == undisturbed
        doubled = read_ledger(
            "select 1 from raw.enrolment group by school_code, school_year having count(*) > 1"
        )
        assert doubled == []
