"""What a clerk meets at the command line: one message a problem in two languages, and an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ingest import cli, exit_codes
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
