"""What a clerk meets at the command line: one message a problem in two languages, and an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from ingest import cli, exit_codes, ledger_report
from tests.ingest.conftest import HEADERS, csv_bytes, good_rows

SIX_BAD = [[*row[:5], "许多" if i < 6 else 100, *row[6:]] for i, row in enumerate(good_rows())]
REFUSED = {
    "empty.csv": (b"", "0 bytes"),
    "cut.xlsx": (b"PK\x03\x04 cut", "a complete workbook"),
    "disguised.csv": (b"PK\x03\x04 cut", "a real .csv file"),
    "locked.xlsx": (b"\xd0\xcf\x11\xe0 locked", "with a password"),
    "wide.csv": (csv_bytes(good_rows(), encoding="utf-16-le"), "a text file"),
    "foreign.csv": (b"a,b,c\n1,2,3\n", "the headers of one of: "),
    "short.csv": (csv_bytes([], [h for h in HEADERS if h != "年级"]), "junheng_enrolment"),
    "header.csv": (csv_bytes([]), "rows of data below the header"),
    "bad.csv": (csv_bytes(SIX_BAD), "6 / 10 = 60.0%"),
}


def junheng(*arguments: object) -> Result:
    """What the command answers."""
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def problems(result: Result) -> Sequence[str]:
    """The refusals that were printed."""
    return [line for line in result.output.splitlines() if line.startswith("✗")]


@pytest.mark.usefixtures("warehouse")
def test_bad_input_is_refused_with_one_message_each(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name, (content, _) in REFUSED.items():
        (tmp_path / name).write_bytes(content)
    said = {**{name: text for name, (_, text) in REFUSED.items()}, "folder": "a file, not a folder"}
    said["absent.csv"] = "a file that exists"
    for name, text in said.items():
        result = junheng("ingest", tmp_path / name)
        assert (result.exit_code, len(problems(result))) == (exit_codes.REFUSED, 1), result.output
        assert name in problems(result)[0]
        assert text in result.output
        assert "Mend: " in result.output


@pytest.mark.usefixtures("warehouse")
def test_what_is_good_goes_on_beside_what_is_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "在校生 表.csv", tmp_path / "a.csv"
    good.write_bytes(csv_bytes(good_rows()))
    bad.write_bytes(b"")
    result = junheng("ingest", bad, good)
    assert result.exit_code == exit_codes.REFUSED
    assert "在校生 表.csv → enrolment: 10 行入库" in result.output
    again = junheng("ingest", good)
    assert (again.exit_code, "known already" in again.output) == (exit_codes.DONE, True)


def test_a_record_that_does_not_exist_is_wrong_usage() -> None:
    result = junheng("rejected", "--record", "pupils")
    assert result.exit_code == 2
    assert "enrolment" in result.output


def test_system_errors_are_one_line_without_a_cell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cell = "张三丰"

    def fail() -> None:
        raise ValueError(cell)

    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path))
    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as left:
        cli.main()
    told = capsys.readouterr().err
    log = (tmp_path / "logs" / "error.log").read_text(encoding="utf-8")
    assert left.value.code == exit_codes.SYSTEM_ERROR
    assert (told.count("\n"), "Traceback" in told) == (1, False)
    assert "builtins.ValueError" in log
    assert cell not in told + log


def test_a_home_that_cannot_be_written_is_still_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.delenv("JUNHENG_DATABASE_URL", raising=False)
    monkeypatch.setattr("sys.argv", ["junheng", "status"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == exit_codes.SYSTEM_ERROR
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("command", ["scoreboard", "balance"])
def test_before_the_first_night_nothing_is_published(command: str) -> None:
    result = junheng(command)
    assert result.exit_code == exit_codes.NOTHING_PUBLISHED
    assert "nothing is published yet" in result.output


@pytest.mark.parametrize(("option", "value"), [("--status", "green"), ("--language", "fr")])
def test_an_unknown_status_or_language_is_wrong_usage(option: str, value: str) -> None:
    result = junheng("scoreboard", option, value)
    assert result.exit_code == 2
    assert ("not_met" if option == "--status" else "both") in result.output


@pytest.mark.usefixtures("warehouse")
def test_what_failed_goes_back_comes_in_mended_and_is_reported(tmp_path: Path) -> None:
    rows = [[*row[:5], "许多" if i == 3 else 100, *row[6:]] for i, row in enumerate(good_rows())]
    (tmp_path / "在校生.csv").write_bytes(csv_bytes(rows))
    assert junheng("ingest", tmp_path / "在校生.csv").exit_code == exit_codes.DONE
    listed = junheng("rejected", "--record", "enrolment", "--limit", 5)
    assert "不是整数 not a whole number (not_an_integer)\n  在校生.csv，第 5 行，F 列" in listed.output
    summary = Console(record=True, width=200)
    ledger_report.print_rejected_by_rule(summary)
    told = summary.export_text()
    assert all(said in told for said in ("不是整数", "not a whole number", "(not_an_integer)"))
    tmp_path.chmod(0o755)
    shared = junheng("rejected", "export", "--out", tmp_path)
    assert (shared.exit_code, "only its owner may enter" in shared.output) == (exit_codes.REFUSED, True)

    result = junheng("rejected", "export", "--batch", "latest", "--out", tmp_path / "退回")
    assert result.exit_code == exit_codes.DONE, result.output
    assert "1 处待改 to be mended" in result.output
    (returned,) = (tmp_path / "退回").iterdir()
    still = junheng("replay", returned)
    assert still.exit_code == exit_codes.REFUSED
    assert "row 2, column F “在校生数”: found “许多”" in still.output
    mended = tmp_path / "改好.csv"
    mended.write_bytes(returned.read_bytes().replace("许多".encode(), b"103", 1))
    taken = junheng("replay", mended)
    assert taken.exit_code == exit_codes.DONE, taken.output
    assert "改好.csv → 在校生 enrolment（在校生.csv）" in taken.output
    assert "隔离 set aside 1 → 0；改正入库 taken 1；重复行撤回 withdrawn 0" in taken.output
    assert "S0003" in taken.output
    assert "已收过，未作更改 known already" in junheng("replay", mended).output
    assert "没有隔离行" in junheng("rejected").output
    assert "没有可退回的行" in junheng("rejected", "export", "--out", tmp_path / "退回").output

    report = junheng("batch", "report", "--record", "enrolment", "--out", tmp_path / "报告")
    assert report.exit_code == exit_codes.DONE, report.output
    assert sorted(path.suffix for path in (tmp_path / "报告").iterdir()) == [".html", ".xlsx"]
    assert junheng("batch", "report", "--batch", "zzz").exit_code == exit_codes.WRONG_USAGE
