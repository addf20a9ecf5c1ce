"""Batches: known again, superseded, loaded twice at once, killed half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest import database
from ingest.accept import accept_batches, pending_batches
from ingest.landing import pending_files
from ingest.load import load_file
from tests.ingest.conftest import HEADERS, Put, Query, csv_bytes, good_rows

STUDENTS = HEADERS.index("在校生数")
CURRENT = (
    "select school_code, students from raw.enrolment r join ops.current_batch c "
    "on c.record = 'enrolment' and c.batch_id = r.batch_id and c.partition_key = r.partition_key order by 1"
)


def test_the_same_bytes_again_are_known_and_change_nothing(put: Put, query: Query) -> None:
    first = load_file(put("a.csv", csv_bytes(good_rows())), "enrolment")
    accept_batches("enrolment")
    again = load_file(put("copy.csv", csv_bytes(good_rows())), "enrolment")
    assert (again.status, again.batch_id, again.rows_loaded) == ("known", first.batch_id, 10)
    assert query("select count(*) as n from raw.enrolment") == [{"n": 10}]
    assert query("select status from ops.load_batch") == [{"status": "accepted"}]
    assert pending_batches("enrolment") == []


def test_a_refused_batch_stays_refused(put: Put, query: Query) -> None:
    rows = good_rows()
    for row in rows[:6]:
        row[STUDENTS] = "x"
    load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    again = load_file(put("b.csv", csv_bytes(rows)), "enrolment")
    assert again.status == "known"
    assert "同样内容已被退回" in again.problems[0].message_zh()
    assert "was refused before" in again.problems[0].message_en()
    assert len(query("select 1 from ops.rejected_row")) == 6


def test_a_new_version_of_a_profile_is_a_new_batch(
    put: Put, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from ingest import profile_files

    path = put("a.csv", csv_bytes(good_rows()))
    first = load_file(path, "enrolment")
    newer = tuple(replace(p, version=p.version + 1) for p in profile_files.profiles())
    monkeypatch.setattr("ingest.readers.profiles", lambda: newer)
    second = load_file(path, "enrolment")
    assert (second.status, second.batch_id == first.batch_id) == ("loaded", False)


def test_a_corrected_file_supersedes_and_the_old_rows_stay(put: Put, query: Query) -> None:
    rows = good_rows(3)
    old = load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    accept_batches("enrolment")
    rows[0][STUDENTS] = 555
    new = load_file(put("a.csv", csv_bytes(rows[:2])), "enrolment")
    outcome = accept_batches("enrolment")
    assert (outcome.accepted, outcome.partitions) == ((new.batch_id,), 1)
    assert [tuple(r.values()) for r in query(CURRENT)] == [("S0000", 555), ("S0001", 101)]
    left = query("select count(*) as n from raw.enrolment where batch_id = %s", old.batch_id)
    assert left == [{"n": 3}]
    (history,) = query("select superseded_by from ops.partition_batch where batch_id = %s", old.batch_id)
    assert history["superseded_by"] == new.batch_id


def test_only_the_partitions_of_the_new_file_are_superseded(put: Put, query: Query) -> None:
    both = [*good_rows(2), *[[r[0], 2022, *r[2:]] for r in good_rows(2)]]
    load_file(put("a.csv", csv_bytes(both)), "enrolment")
    accept_batches("enrolment")
    load_file(
        put("b.csv", csv_bytes([[*r[:STUDENTS], 7, *r[STUDENTS + 1 :]] for r in good_rows(2)])), "enrolment"
    )
    accept_batches("enrolment")
    assert sorted(r["students"] for r in query(CURRENT)) == [7, 7, 100, 101]


def test_of_two_files_of_a_night_the_later_written_counts(put: Put, query: Query) -> None:
    late = put("a.csv", csv_bytes([[*good_rows(1)[0][:STUDENTS], 2, 1, 1]]))
    early = put("b.csv", csv_bytes([[*good_rows(1)[0][:STUDENTS], 1, 1, 1]]))
    os.utime(early, (1_000_000_000, 1_000_000_000))
    load_file(late, "enrolment")
    load_file(early, "enrolment")
    accept_batches("enrolment")
    assert [r["students"] for r in query(CURRENT)] == [2]


def test_a_batch_that_failed_its_checks_is_refused_with_its_reason(put: Put, query: Query) -> None:
    batch_id = load_file(put("a.csv", csv_bytes(good_rows())), "enrolment").batch_id
    assert batch_id is not None
    outcome = accept_batches("enrolment", {batch_id: ("合计不符", "totals differ")})
    assert (outcome.accepted, outcome.refused) == ((), (batch_id,))
    assert query(CURRENT) == []
    (row,) = query("select status, reason_zh, reason_en from ops.load_batch")
    assert row == {"status": "refused", "reason_zh": "合计不符", "reason_en": "totals differ"}


def test_more_partitions_than_locks(put: Put, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.accept.MAX_PARTITION_LOCKS", 5)
    rows = [[f"9901{i:02d}", *row[1:]] for i, row in enumerate(good_rows(20))]
    load_file(put("a.csv", csv_bytes(rows)), "enrolment")
    assert accept_batches("enrolment").partitions == 20
    assert len(query(CURRENT)) == 20


def test_two_processes_loading_one_file_make_one_batch(put: Put, query: Query) -> None:
    path = put("a.csv", csv_bytes(good_rows(5000)))
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: load_file(path, "enrolment"), range(4)))
    assert sorted(o.status for o in outcomes) == ["known", "known", "known", "loaded"]
    assert query("select count(*) as n from raw.enrolment") == [{"n": 5000}]


def test_two_acceptances_at_once_decide_every_batch_once(put: Put, query: Query) -> None:
    for i in range(6):
        rows = good_rows(3)
        rows[0][STUDENTS] = 200 + i
        load_file(put(f"{i}.csv", csv_bytes(rows)), "enrolment")
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: accept_batches("enrolment"), range(4)))
    assert sorted(len(o.accepted) for o in outcomes) == [0, 0, 0, 6]
    assert len(query("select 1 from ops.current_batch")) == 1


KILLED_WHILE_COPYING = """
import sys, time
from pathlib import Path
from ingest import load
finish = load._finish
def stall(*arguments):
    print("copied", flush=True)
    time.sleep(600)
load._finish = stall
load.load_file(Path(sys.argv[1]), "enrolment")
"""


def test_killed_between_copy_and_ledger_leaves_nothing_and_runs_again(put: Put, query: Query) -> None:
    path = put("a.csv", csv_bytes(good_rows(100)))
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED_WHILE_COPYING, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "copied"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert query("select 1 from raw.enrolment") == []
    assert query("select 1 from ops.load_batch") == []
    outcome = load_file(path, "enrolment")
    assert (outcome.status, outcome.rows_loaded) == ("loaded", 100)
    accept_batches("enrolment")
    assert len(query(CURRENT)) == 100


def test_landing_shows_what_is_new(tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    folder = tmp_path / "enrolment" / "2023"
    folder.mkdir(parents=True)
    good, bad = folder / "a.csv", folder / "b.csv"
    good.write_bytes(csv_bytes(good_rows()))
    bad.write_bytes(b"x,y\n1,2\n")
    for name in ("~$a.xlsx", ".hidden.csv", "c.csv.part"):
        (folder / name).write_bytes(b"x")
    assert pending_files("enrolment") == [good, bad]
    assert pending_files("school") == []
    for path in (good, bad):
        load_file(path, "enrolment")
    assert pending_files("enrolment") == []
    time.sleep(0.01)
    good.write_bytes(csv_bytes(good_rows(11)))
    assert pending_files("enrolment") == [good]


def test_a_refused_file_is_looked_at_again_when_the_profiles_change(
    tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_LANDING", str(tmp_path))
    (tmp_path / "enrolment").mkdir()
    path = tmp_path / "enrolment" / "a.csv"
    path.write_bytes(b"x,y\n1,2\n")
    load_file(path, "enrolment")
    assert pending_files("enrolment") == []
    monkeypatch.setattr("ingest.landing.reader_fingerprint", lambda *_: "another")
    assert pending_files("enrolment") == [path]


CHILD_HEADERS = ["区县代码", "学年", "学籍号", "姓名", "联系电话", "家庭住址", "残疾类别", "学段"]
CHILD_HEADERS += ["是否义务教育适龄", "安置方式", "是否一人一案"]
SECRETS = ("G990101201501017777", "张三丰", "13800000000", "幸福路一号", "绝密类别")


def test_identifiers_and_names_reach_no_table(put: Put, query: Query) -> None:
    number, name, phone, address, category = SECRETS
    good = ["990101", 2023, number, name, phone, address, "视力", "小学", "是", "随班就读", "否"]
    bad = ["990101", 2023, number + "1", name, phone, address, category, "小学", "也许", "随班就读", "否"]
    others = [[*good[:2], f"G{i}", *good[3:]] for i in range(20)]
    outcome = load_file(
        put("a.csv", csv_bytes([good, bad, good, *others], CHILD_HEADERS)), "special_education"
    )
    assert (outcome.status, outcome.rows_loaded, outcome.rows_rejected) == ("loaded", 20, 3)
    assert {r["rule"] for r in query("select rule from ops.rejected_row")} == {
        "unknown_code", "not_a_boolean", "duplicate_key"
    }  # fmt: skip
    assert query("select 1 from ops.rejected_row where found is not null") == []
    tables = query(
        "select table_schema || '.' || table_name as name from information_schema.tables "
        "where table_schema in ('raw', 'protected', 'ops')"
    )
    for table in tables:
        for row in query(f"select t::text as text from {table['name']} t"):
            assert not [secret for secret in SECRETS if secret in row["text"]], table["name"]


def test_a_row_whose_cells_slipped_shows_no_name(put: Put, query: Query) -> None:
    number, name, *_ = SECRETS
    headers = [*CHILD_HEADERS, "学校标识码"]
    good = ["990101", 2023, number, name, "", "", "视力", "小学", "是", "随班就读", "否", "2199000001"]
    rows = [[*good[:2], f"G{i}", *good[3:]] for i in range(40)]
    for at, row in zip((0, 1, 7, 11), rows, strict=False):
        row[at] = name
    rows[4][0] = number
    outcome = load_file(put("a.csv", csv_bytes(rows, headers)), "special_education")
    assert (outcome.status, outcome.rows_rejected) == ("loaded", 5)
    for table in ("ops.rejected_row", "ops.load_batch", "protected.special_education"):
        text = str(query(f"select t::text as text from {table} t"))
        assert name not in text, table
        assert number not in text, table


def test_the_same_child_has_the_same_key_however_it_is_written(put: Put, query: Query) -> None:
    row = ["990101", 2023, "g123x", "", "", "", "视力", "小学", "是", "随班就读", "否"]
    for year, written in ((2021, "g123x"), (2022, " G123X "), (2023, "Ｇ１２３Ｘ")):
        content = csv_bytes([[row[0], year, written, *row[3:]]], CHILD_HEADERS)
        assert load_file(put(f"{year}.csv", content), "special_education").rows_loaded == 1
    keys = query("select distinct child_key from protected.special_education")
    assert [len(k["child_key"]) for k in keys] == [64]


def test_another_key_gives_other_hashes(
    put: Put, query: Query, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import pyarrow as pa

    from ingest import identity

    first = identity.hash_identifiers(pa.array(["G1", None]))
    monkeypatch.delenv("JUNHENG_IDENTITY_KEY")
    monkeypatch.setattr(identity, "private_file", lambda name: tmp_path / name)
    second = identity.hash_identifiers(pa.array(["G1", None]))
    assert (first[0] == second[0], second[1].as_py()) == (False, None)
    assert second == identity.hash_identifiers(pa.array(["G1", None]))
    assert (tmp_path / identity.KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_loading_needs_no_more_than_the_loader_role(put: Put, query: Query) -> None:
    load_file(put("a.csv", csv_bytes(good_rows())), "enrolment")
    with (
        database.connect("junheng_analyst") as connection,
        pytest.raises(Exception, match="permission denied"),
    ):
        connection.execute("select 1 from raw.enrolment")
