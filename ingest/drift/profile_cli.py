"""``junheng profile``: layouts that are known, what a file has otherwise, and accepting it after a look."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from ingest import exit_codes
from ingest.database import connect, migrate

if TYPE_CHECKING:
    from ingest.drift.decision import Asked
    from ingest.drift.survey import Survey

app = typer.Typer(
    no_args_is_help=True,
    help="版式 Layouts of files: list, show, diff, accept, withdraw. Nothing is guessed.",
)
WIDTH_OF_A_FILE = 160  # what is not a terminal has no width of its own

File = Annotated[Path, typer.Argument(help="File, or folder of school workbooks.", metavar="FILE")]
Record = Annotated[str | None, typer.Option(help="Record, where the file is read as several.")]
By = Annotated[str, typer.Option(help="Who decides; it is kept.", metavar="NAME")]


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)


def _wrong(zh: str, en: str, code: int = exit_codes.WRONG_USAGE) -> NoReturn:
    Console(stderr=True).print(f"✗ {zh}\n  {en}", style="red", markup=False, soft_wrap=True)
    raise typer.Exit(code)


@contextmanager
def _telling() -> Iterator[None]:
    """What cannot be decided, or opened, is told and ends the command."""
    from ingest.drift.record import DecisionError
    from ingest.problems import RefusedFileError

    migrate()
    try:
        yield
    except DecisionError as error:
        _wrong(error.zh, error.en)
    except RefusedFileError as error:
        _wrong(error.problem.message_zh(), error.problem.message_en(), exit_codes.REFUSED)


@app.command("list", epilog="Example: junheng profile list")
def list_profiles() -> None:
    """列出 Every layout that is known, what was accepted on top of it, and the files that it holds."""
    from ingest.drift import report as layout_report

    with _telling(), connect("junheng_loader") as connection:
        layout_report.print_profiles(_console(), connection)


@app.command(epilog="Example: junheng profile show junheng_enrolment")
def show(name: Annotated[str, typer.Argument(help="Name of the profile.", metavar="NAME")]) -> None:
    """查看 The headers of a layout, and every layout accepted for it, with years, by whom and when."""
    from ingest.drift import report as layout_report
    from ingest.readers import profile_named

    with _telling(), connect("junheng_loader") as connection:
        profile = profile_named(name)
        if profile is None:
            _wrong(f"没有版式“{name}”；见 junheng profile list", f"there is no profile “{name}”")
        layout_report.print_profile(_console(), connection, profile)


@app.command(epilog="Example: junheng profile diff landing/enrolment/2024_在校生.xlsx")
def diff(
    file: File,
    record: Record = None,
    language: Annotated[str, typer.Option(help="Language: zh, en or both.")] = "both",
) -> None:
    """差异 In what a file differs from the layout that is known; nothing is changed."""
    from ingest.drift import report as layout_report
    from ingest.drift.held_ledger import write_shown
    from ingest.drift.survey import surveys
    from ingest.tables import LANGUAGES

    if language not in LANGUAGES:
        raise typer.BadParameter(f"应为其中之一 expected one of: {', '.join(LANGUAGES)}")
    with _telling(), surveys(file, record) as found, connect("junheng_loader") as connection:
        for survey in found:
            layout_report.print_differences(_console(), connection, survey, language)
            snapshot = survey.opener.snapshot
            write_shown(connection, snapshot.path, snapshot.sha256)


@app.command(
    epilog="Example: junheng profile accept 在校生.xlsx --rename 女生数=女生人数 --from 2024 --by 李明"
)
def accept(
    file: File,
    year_from: Annotated[int, typer.Option("--from", help="First year for which it holds.")],
    by: By,
    year_to: Annotated[int | None, typer.Option("--to", help="Last year; open when omitted.")] = None,
    rename: Annotated[
        list[str] | None, typer.Option(help="OLD=NEW: what the layout calls OLD is called NEW now.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="A column that nothing reads, or that is left out from now on.")
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option(help="COLUMN:NEW=EXISTING; with nothing after = its rows stay set aside."),
    ] = None,
    record: Record = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask; the differences must have been shown.")
    ] = False,
    load: Annotated[bool, typer.Option("--load", help="Load the file at once.")] = False,
) -> None:
    """登记 Record the layout of a held file, with years, after a look at its differences."""
    from ingest import hand_in
    from ingest.drift.decision import Asked

    if not by.strip() or (year_to is not None and year_to < year_from):
        raise typer.BadParameter("--by 不能为空，--to 不早于 --from: a name, and --to not before --from")
    asked = Asked(
        year_from,
        year_to,
        by.strip(),
        tuple(_pair(text) for text in rename or ()),
        tuple(ignore or ()),
        tuple(_code(text) for text in code or ()),
    )
    with _telling():
        name = _accept(file.absolute(), record, asked, yes)
    if load:
        outcome = hand_in.hand_in(file, name)
        hand_in.print_outcome(_console(), outcome)
        if outcome.is_refused:
            raise typer.Exit(exit_codes.REFUSED)


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not (sign and old.strip() and new.strip()):
        raise typer.BadParameter(f"应为 expected OLD=NEW: {text}")
    return old.strip(), new.strip()


def _code(text: str) -> tuple[str, str, str]:
    place, sign, known = text.rpartition("=")
    column, colon, new = place.partition(":")
    if not (sign and colon and column.strip() and new.strip()):
        raise typer.BadParameter(f"应为 expected COLUMN:NEW=EXISTING: {text}")
    return column.strip(), new.strip(), known.strip()


def _accept(file: Path, record: str | None, asked: Asked, yes: bool) -> str:
    """Show, ask, record; the record that the file is read as."""
    from ingest.drift import decision as layout_decision
    from ingest.drift import record as layout_record
    from ingest.drift import report as layout_report
    from ingest.drift.held_ledger import write_shown
    from ingest.drift.survey import content_of, surveys

    console = _console()
    with surveys(file, record) as found, connect("junheng_loader") as connection:
        survey = _held_one(found)
        seen = survey.opener.snapshot.sha256
        layout_record.check_shown(connection, file, seen, must_be=yes)
        accepted = layout_decision.decide(survey, asked)
        layout_report.print_differences(console, connection, survey, "both")
        lines = "\n".join(layout_report.decision_lines(accepted))
        console.print(
            f"登记 to be accepted, {accepted.years}, {accepted.accepted_by}:\n{lines}", markup=False
        )
        if not yes:
            write_shown(connection, survey.opener.snapshot.path, seen)
        connection.commit()  # nobody waits for whoever left the question open
        if not yes and not typer.confirm("登记？ Accept it?"):
            raise typer.Exit(exit_codes.WRONG_USAGE)
        if content_of(file) != seen:
            zh, en = "文件内容刚刚改变，未登记", "the file has just changed; nothing was accepted"
            raise layout_record.DecisionError(zh, en)
        layout_id = layout_record.record(connection, accepted, survey.drift.differences, survey.accepted_now)
    console.print(f"已登记 accepted: {str(layout_id)[:8]}", markup=False)
    return accepted.record


def _held_one(found: list[Survey]) -> Survey:
    from ingest.drift.record import DecisionError

    held = [survey for survey in found if survey.drift.held]
    if len(held) > 1:
        names = ", ".join(survey.contract.record for survey in held)
        raise DecisionError(f"请用 --record 指明记录：{names}", f"say with --record which one: {names}")
    return (held or found)[0]


@app.command(epilog="Example: junheng profile withdraw 3f2a91c0 --by 李明")
def withdraw(
    layout: Annotated[str, typer.Argument(help="Beginning of its name, as 'profile show' prints it.")],
    by: By,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """撤销 Take an accepted layout back: files of that layout are held again."""
    from ingest.drift import record as layout_record

    console = _console()
    with _telling(), connect("junheng_loader") as connection:
        accepted = layout_record.to_withdraw(connection, layout)
        connection.commit()  # nobody waits for whoever left the question open
        if not yes and not typer.confirm(f"撤销 withdraw {accepted.profile} {accepted.years}?"):
            raise typer.Exit(exit_codes.WRONG_USAGE)
        files = layout_record.withdraw(connection, accepted, by.strip())
        console.print(f"已撤销 withdrawn: {accepted.profile} {accepted.years}", markup=False)
        for name in files:
            console.print(
                f"  {name}: 按它读入，仍为现行，直至另有文件取代 read by it, current until replaced",
                markup=False,
                soft_wrap=True,
            )
