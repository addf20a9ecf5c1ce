"""The scheduler's DAGs run in one process: a first night, a night without news, a refused file, failures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingest import airflow_run, night, warehouse
from ingest import load as loading
from ingest.accept import accept_batches
from ingest.airflow_run import NOTHING_NEW, NightOutcome, run_night
from ingest.contract import contracts
from ingest.hand_back.rejections import files_to_mend
from ingest.hand_back.returned import hand_back, private_folder
from ingest.landing import pending_mended
from ingest.night import Step
from tests.dags.conftest import rows

pytestmark = pytest.mark.usefixtures("module_warehouse", "landing")

COEFFICIENT = (
    "select coefficient from marts.mart_balance__coefficients "
    "where indicator_code = 'books_per_student' and stage = 'primary'"
)

READ_DAGS_QUIETLY = """
import sys
from pathlib import Path
from ingest import airflow_environment, airflow_run
airflow_environment.apply()
with airflow_run.screen() as terminal, airflow_run._output_to(Path(sys.argv[1])):
    airflow_run._dags()
    terminal.write("progress\\n")
"""


def run() -> tuple[NightOutcome, list[Step]]:
    steps: list[Step] = []
    return run_night(steps.append), steps


@pytest.fixture(scope="module")
def first_night(module_warehouse: str, landing: Path) -> tuple[NightOutcome, list[Step]]:
    """Five schools and one empty file."""
    (landing / "staffing" / "empty.csv").parent.mkdir(exist_ok=True)
    (landing / "staffing" / "empty.csv").touch()
    return run()


def test_a_night_goes_from_files_to_published_marts(first_night: tuple[NightOutcome, list[Step]]) -> None:
    outcome, _ = first_night
    assert outcome.failures == ()
    assert outcome.is_published
    (row,) = rows(COEFFICIENT)
    assert float(row["coefficient"]) == pytest.approx(0.515257, abs=5e-7)


def test_a_refused_file_is_named_and_the_good_ones_went_on(
    first_night: tuple[NightOutcome, list[Step]],
) -> None:
    outcome, _ = first_night
    ((reason_zh, reason_en),) = outcome.refusals
    assert reason_zh.startswith("staffing：1 份文件被拒收")
    assert "empty.csv" in reason_zh
    assert reason_en.startswith("staffing: 1 file(s) refused")
    assert "empty.csv" in reason_en
    assert outcome.counts["files_refused"] == 1
    assert outcome.counts["files_loaded"] == outcome.counts["files"] - 1


def test_every_step_is_told(first_night: tuple[NightOutcome, list[Step]]) -> None:
    _, steps = first_night
    ended = [(step.record, step.name) for step in steps if step.state != "started" and step.name != "load"]
    of_records = ("list_files", "check", "accept", "report_refusals")
    of_warehouse = ("is_anything_new", "build", "check_marts", "publish")
    with_files = {step.record for step in steps if step.name == "load"}
    assert 1 < len(with_files) < len(contracts())
    expected = [(night.MENDED, NOTHING_NEW)]
    expected += [
        (record, name)
        for record in contracts()
        for name in (of_records if record in with_files else (NOTHING_NEW,))
    ]
    assert ended == expected + [(night.WAREHOUSE, name) for name in of_warehouse]


def test_every_check_and_model_of_the_night_bears_its_name(
    first_night: tuple[NightOutcome, list[Step]],
) -> None:
    outcome, _ = first_night
    for table in ("quality_result", "model_outcome", "publication"):
        names = {row["run_id"] for row in rows(f"select distinct run_id from ops.{table}")}
        assert names == {outcome.run_id}, table


def test_what_airflow_says_goes_to_the_log_and_not_to_the_screen(tmp_path: Path) -> None:
    """In a process of its own, where Airflow has not spoken before."""
    read = subprocess.run(
        [sys.executable, "-c", READ_DAGS_QUIETLY, str(tmp_path / "log")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (read.returncode, read.stdout, read.stderr) == (0, "progress\n", "")
    assert "Filling up the DagBag" in (tmp_path / "log").read_text(encoding="utf-8")


def test_the_screen_is_given_back(
    first_night: tuple[NightOutcome, list[Step]], capfd: pytest.CaptureFixture[str]
) -> None:
    sys.stdout.write("after the night\n")
    sys.stdout.flush()
    assert capfd.readouterr().out == "after the night\n"


def test_a_stream_to_the_screen_outlives_the_diversion(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with airflow_run.screen() as terminal, airflow_run._output_to(tmp_path / "log"):
        sys.stdout.write("noise\n")
        terminal.write("progress\n")
    assert capfd.readouterr().out == "progress\n"
    assert (tmp_path / "log").read_text() == "noise\n"


def test_a_night_without_news_changes_nothing(first_night: tuple[NightOutcome, list[Step]]) -> None:
    before = rows("select count(*) as n, max(publication_id) as last from ops.publication")
    outcome, steps = run()
    assert (outcome.is_success, outcome.is_anything_new, outcome.is_published) == (True, False, False)
    assert "build" not in {step.name for step in steps}
    assert rows("select count(*) as n, max(publication_id) as last from ops.publication") == before


def _more_books(landing: Path) -> None:
    """A corrected facilities file: the same rows in bytes that are new."""
    (source,) = (path for path in (landing / "facilities").rglob("*.csv"))
    source.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))


def test_a_system_error_is_tried_again(
    first_night: tuple[NightOutcome, list[Step]], landing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, tries = loading.load_file, []

    def disk_fails_once(path: Path, record: str) -> loading.LoadOutcome:
        tries.append(path)
        if len(tries) == 1:
            raise OSError("Input/output error")
        return really(path, record)

    monkeypatch.setattr(loading, "load_file", disk_fails_once)
    monkeypatch.setattr("ingest.publish.is_anything_new", lambda: False)  # the build is another test's
    _more_books(landing)
    outcome, steps = run()
    assert [step.state for step in steps if step.name == "load"] == ["started", "failed", "started", "done"]
    assert outcome.failures == ()


def test_a_build_that_fails_leaves_last_nights_marts_and_says_so(
    first_night: tuple[NightOutcome, list[Step]], landing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(COEFFICIENT)
    broken = warehouse.NodeOutcome("model.x", "model", "mart_x", "error", "division by zero", None, 0.1)
    builds = []

    def breaks(run_id: str, **_: object) -> warehouse.BuildOutcome:
        builds.append(run_id)
        return warehouse.BuildOutcome(False, (broken,), Path("dbt.log"))

    monkeypatch.setattr(warehouse, "build", breaks)
    monkeypatch.setattr("ingest.publish.is_anything_new", lambda: True)
    outcome, _ = run()
    ((reason_zh, reason_en),) = outcome.failures
    assert "warehouse build：建模未通过：mart_x (error)" in reason_zh
    assert "warehouse build: the build failed: mart_x (error)" in reason_en
    assert len(builds) == 1, "no retry mends a model"
    assert not outcome.is_published
    assert rows(COEFFICIENT) == before
    (status,) = rows("select is_last_night_failed, last_reason_en from marts.publication_status")
    assert status["is_last_night_failed"]
    assert status["last_reason_en"].startswith("build_warehouse.build: the build failed: mart_x (error)")


def test_a_record_that_does_not_come_through_stops_the_build(
    first_night: tuple[NightOutcome, list[Step]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(record: str) -> list[Path]:
        if record == "school":
            raise night.NightError("盘未挂载", "the share is not mounted")
        return []

    monkeypatch.setattr("ingest.landing.pending_files", refuses)
    monkeypatch.setattr("ingest.publish.is_anything_new", lambda: True)
    outcome, steps = run()
    assert outcome.failures == (
        ("school list_files：盘未挂载", "school list_files: the share is not mounted"),
    )
    assert night.WAREHOUSE not in {step.record for step in steps}
    (status,) = rows("select last_reason_zh from marts.publication_status")
    assert status["last_reason_zh"] == "load_school.list_files：盘未挂载"


def test_a_mended_file_in_the_landing_folder_is_replayed(
    first_night: tuple[NightOutcome, list[Step]],
    landing: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (source,) = (path for path in (landing / "facilities").rglob("*.csv"))
    good = source.read_bytes()
    with_bad_cell = good.rstrip().rpartition(b",")[0] + ",许多\n".encode()
    source.write_bytes(with_bad_cell)
    loaded = loading.load_file(source, "facilities")
    assert (loaded.status, loaded.rows_rejected) == ("loaded", 1)
    accept_batches("facilities")
    (file,) = files_to_mend("facilities")
    (returned,) = hand_back(file, private_folder(tmp_path / "returned"))
    (landing / "mended").mkdir()
    right = good.rstrip().rpartition(b",")[2]
    mended = landing / "mended" / "改好.csv"
    mended.write_bytes(returned.path.read_bytes().replace(",许多,".encode(), b"," + right + b",", 1))
    (landing / "mended" / "空.csv").touch()

    monkeypatch.setattr("ingest.publish.is_anything_new", lambda: False)  # the build is another test's
    outcome, steps = run()
    assert outcome.failures == ()
    ((reason_zh, _),) = outcome.refusals
    assert "空.csv" in reason_zh
    (done,) = (step for step in steps if (step.name, step.state) == ("replay_mended", "done"))
    assert (done.counts["files_replayed"], done.counts["rows_mended"]) == (2, 1)
    files = rows(
        "select origin.file_name, count(*) as n from raw.facilities r "
        "inner join ops.current_batch c on c.batch_id = r.batch_id and c.partition_key = r.partition_key "
        "inner join ops.load_batch origin on ops.origin_batch(r.batch_id, r.source_block) = origin.batch_id "
        "group by 1 order by 2"
    )
    assert [(row["file_name"], row["n"]) for row in files] == [
        ("改好.csv", 1),
        (source.name, loaded.rows_loaded),
    ]
    assert pending_mended() == []
