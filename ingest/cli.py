"""The ``junheng`` command. Commands only parse, call and print; the work is done by the modules they name."""

from __future__ import annotations

import enum
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, NoReturn

import psycopg
import typer
from rich.console import Console

from ingest import embedded, exit_codes
from ingest.database import database_url, migrate
from ingest.drift import profile_cli
from ingest.settings import database_url_from_environment, home, landing_dir

EXIT_CODES = (
    "Exit codes: 0 done, 1 system error, 2 wrong usage, 3 input refused, 4 the night failed "
    "(last night's marts stay readable), 5 nothing published yet."
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="均衡 Junheng: is compulsory education balanced, and does spending on it ever fall?",
    epilog=EXIT_CODES,
)
database_app = typer.Typer(
    no_args_is_help=True, help="内置数据库 The embedded database: start, stop, url, migrate."
)
app.add_typer(database_app, name="db")
app.add_typer(profile_cli.app, name="profile")
rejected_app = typer.Typer()
app.add_typer(rejected_app, name="rejected")
batch_app = typer.Typer(no_args_is_help=True)
app.add_typer(batch_app, name="batch")
WIDTH_OF_A_FILE = 160  # what is not a terminal has no width of its own
console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
errors = Console(stderr=True)


def _known_record(name: str | None) -> str | None:
    """Wrong usage when no contract has the name: the clerk sees those there are."""
    from ingest.contract import contracts

    if name is not None and name not in contracts():
        names = ", ".join(sorted(contracts()))
        raise typer.BadParameter(f"没有记录 no record “{name}”；应为其中之一 expected one of: {names}")
    return name


def _known_status(status: str | None) -> str | None:
    """Wrong usage when clauses have no such status."""
    from ingest.clause_board import STATUS_STYLES

    if status is not None and status not in STATUS_STYLES:
        raise typer.BadParameter(f"应为其中之一 expected one of: {', '.join(STATUS_STYLES)}")
    return status


def _known_language(language: str) -> str:
    from ingest.tables import LANGUAGES

    if language not in LANGUAGES:
        raise typer.BadParameter(f"应为其中之一 expected one of: {', '.join(LANGUAGES)}")
    return language


class Layouts(enum.StrEnum):
    """In which layouts the made district is written."""

    OWN = "own"
    REAL = "real"


Record = Annotated[
    str | None,
    typer.Option(
        "--record", help="Record of the files: school, enrolment, staffing, …", callback=_known_record
    ),
]


@app.command(epilog="Example: junheng demo  ·  junheng demo --real ../shared/data")
def demo(
    real: Annotated[
        Path | None, typer.Option(help="Folder with real data of other places; their files are used instead.")
    ] = None,
) -> None:
    """演示 Run a first night on a made district and on published figures, and print what it found."""
    from ingest import demo as demonstration

    prepare_database()
    raise typer.Exit(demonstration.run(console, real))


@app.command(epilog="Example: junheng nightly")
def nightly() -> None:
    """运行一夜 Run the night over the landing folder: the same DAGs that the scheduler runs."""
    from ingest import demo as demonstration

    prepare_database()
    raise typer.Exit(demonstration.run_night(console))


@app.command(
    epilog="Example: junheng ingest 2022_在校生.xlsx --record enrolment  ·  junheng ingest 工作簿/2021"
)
def ingest(
    files: Annotated[
        list[Path],
        typer.Argument(help="Files to read; a folder of school workbooks is one batch.", metavar="FILE…"),
    ],
    record: Record = None,
) -> None:
    """接收文件 Read files, check them and make them current; 'junheng nightly' then computes with them."""
    from ingest import hand_in

    prepare_database()
    is_refused = False
    for path in files:  # told one by one: a later file may meet a system error
        outcome = hand_in.hand_in(path, record)
        hand_in.print_outcome(console, outcome)
        is_refused = is_refused or outcome.is_refused
    if is_refused:
        raise typer.Exit(exit_codes.REFUSED)


@app.command(epilog="Example: junheng status")
def status() -> None:
    """状态 What is published, what is current, what was refused."""
    from ingest import ledger_report

    prepare_database()
    raise typer.Exit(ledger_report.print_status(console))


Batch = Annotated[
    str | None,
    typer.Option("--batch", help="Batch by its id or how it begins, or 'latest'.", metavar="ID"),
]


@rejected_app.callback(
    invoke_without_command=True, epilog="Example: junheng rejected --record enrolment --limit 50"
)
def rejected(
    context: typer.Context,
    record: Record = None,
    file: Annotated[str | None, typer.Option(help="Only rows of files whose name contains this.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many lines.")] = 30,
) -> None:
    """隔离行 Rows that were set aside: where they stand, what was found, how to mend them."""
    from ingest import ledger_report

    if context.invoked_subcommand is None:
        prepare_database()
        ledger_report.print_rejected(console, record, file, limit)


@rejected_app.command(epilog="Example: junheng rejected export --batch latest --out 退回")
def export(
    record: Record = None,
    batch: Batch = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder that only you may enter; made when it is not there.")
    ] = None,
) -> None:
    """退回 Hand every file back, filtered to what failed: bad cells marked, reasons in the last column."""
    from ingest.hand_back import returned

    prepare_database()
    raise typer.Exit(returned.export(console, record, batch, out))


@app.command(epilog="Example: junheng replay 退回/2022_在校生_退回_1a2b3c4d.xlsx")
def replay(
    files: Annotated[list[Path], typer.Argument(help="Files handed back, mended.", metavar="FILE…")],
) -> None:
    """改正 Take mended rows into the batch they were set aside of; the same file twice changes nothing."""
    from ingest.hand_back import replay_print

    prepare_database()
    raise typer.Exit(replay_print.replay(console, files))


@batch_app.callback()
def batch_group() -> None:
    """批次 One batch: what came, what was taken, what not."""


@batch_app.command(epilog="Example: junheng batch report --record enrolment --out 报告")
def report(
    record: Record = None,
    batch: Batch = None,
    out: Annotated[Path, typer.Option(help="Folder that the page and the sheet go to.")] = Path(),
) -> None:
    """批次报告 One page and one sheet: what came, what was taken, what not, what is new since last time."""
    from expectations.batch_report import batches_to_tell, write_batch_report

    prepare_database()
    batches = batches_to_tell(record, batch)
    if not batches:
        raise typer.BadParameter("没有这样的批次 there is no such batch")
    for path in write_batch_report(batches, out):
        console.print(f"已写出 written: {path}", markup=False, highlight=False, soft_wrap=True)


@batch_app.command(epilog='Example: junheng batch withdraw 1a2b3c4d --by 李明 --reason "已由年报表取代"')
def withdraw(
    batch: Annotated[str, typer.Argument(help="Beginning of its id, or the name of its file.")],
    by: Annotated[str, typer.Option(help="Who withdraws it.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the ledger.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """撤回 Let a batch count no more, with nothing in its place; the next night leaves its figures out."""
    from ingest import withdraw_print

    prepare_database()
    raise typer.Exit(withdraw_print.withdraw(console, errors, (batch, by.strip(), reason.strip()), yes=yes))


@app.command(
    epilog="Example: junheng scoreboard --district 990101 --year 2022  ·  junheng scoreboard --clause C02"
)
def scoreboard(
    district: Annotated[str | None, typer.Option(help="District code; all districts when omitted.")] = None,
    year: Annotated[int | None, typer.Option(help="Year; the latest when omitted.")] = None,
    clause: Annotated[
        str | None, typer.Option(help="Only this clause (C02), or item of the national assessment (G5).")
    ] = None,
    status: Annotated[
        str | None, typer.Option(help="Only clauses of this status.", callback=_known_status)
    ] = None,
    language: Annotated[str, typer.Option(help="Language: zh, en or both.", callback=_known_language)] = "zh",
) -> None:
    """条款看板 Every clause of the plan: what was counted, what is asked, how it stands."""
    from ingest import clause_board, summary

    with _asking():
        asked = clause_board.Asked(district, year, clause, status)
        raise typer.Exit(summary.print_scoreboard(console, asked, language))


@app.command(epilog="Example: junheng floor 990101  ·  junheng floor 全国 --leg total --year-from 2019")
def floor(
    entity: Annotated[
        str, typer.Argument(help="Code or name of an entity, or a part of a name.", metavar="ENTITY")
    ],
    district: Annotated[str | None, typer.Option(help="District that the entity is reported under.")] = None,
    leg: Annotated[str | None, typer.Option(help="Only this leg, by code or name: total, 总额, …")] = None,
    stage: Annotated[str | None, typer.Option(help="Only this stage: primary, 小学, …")] = None,
    item: Annotated[str | None, typer.Option(help="Only this item, by code or name.")] = None,
    year_from: Annotated[int | None, typer.Option(help="From this fiscal year.")] = None,
    year_to: Annotated[int | None, typer.Option(help="Up to this fiscal year.")] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Amounts to the last digit.")] = False,
    language: Annotated[str, typer.Option(help="Language: zh, en or both.", callback=_known_language)] = "zh",
) -> None:
    """经费底线 Who fell, when, by how much, on which leg and scope; what was restated; what alarms."""
    from ingest import summary
    from ingest.floor.series import Asked

    with _asking():
        asked = Asked(entity, district, leg, stage, item, year_from, year_to)
        raise typer.Exit(summary.print_floor(console, asked, language, exact))


@app.command(epilog="Example: junheng balance --district 990101 --year 2022")
def balance(
    district: Annotated[str | None, typer.Option(help="District code; all districts when omitted.")] = None,
    year: Annotated[int | None, typer.Option(help="School year; the latest when omitted.")] = None,
) -> None:
    """差异系数 Coefficients by stage and indicator with limit and verdict."""
    from ingest import summary

    prepare_database()
    raise typer.Exit(summary.print_balance(console, district, year))


def _amount(text: str) -> Decimal:
    """An exact amount above nothing; wrong usage otherwise."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or amount <= 0:
        raise typer.BadParameter(f"应为大于 0 的数 expected a number above 0: {text}")
    return amount


Amount = Annotated[
    Decimal | None, typer.Option(parser=_amount, metavar="N", help="How many units of the numerator.")
]


@contextmanager
def _asking() -> Iterator[None]:
    """For questions to what is published: nothing there, or a name that there is not, is told and ends it."""
    from ingest.questions import QuestionError
    from ingest.tables import is_published

    prepare_database()
    if not is_published():
        console.print("尚未发布任何数据 nothing is published yet: junheng demo · junheng nightly")
        raise typer.Exit(exit_codes.NOTHING_PUBLISHED)
    try:
        yield
    except QuestionError as error:
        errors.print(f"✗ {error.zh}\n  {error.en}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(exit_codes.WRONG_USAGE) from error


@app.command(
    epilog="Example: junheng explain R4 --district 990101 --year 2022 --stage primary --school 9901010001"
    "  ·  junheng explain C02 --district 990101 --year 2022"
)
def explain(
    what: Annotated[
        str, typer.Argument(help="Clause (C02, G5), or indicator by code or number (R4).", metavar="WHAT")
    ],
    school: Annotated[
        str | None, typer.Option(help="School code; an indicator down to row and column.")
    ] = None,
    district: Annotated[str | None, typer.Option(help="District code; the only one when omitted.")] = None,
    year: Annotated[int | None, typer.Option(help="Year; the latest when omitted.")] = None,
    stage: Annotated[str | None, typer.Option(help="Stage of an indicator; all when omitted.")] = None,
    standard: Annotated[str | None, typer.Option(help="Standard; the one with a limit when omitted.")] = None,
) -> None:
    """追溯 How a figure came about: numerator, denominator, what is behind, file, sheet, row and column."""
    from ingest import explain as explanation
    from ingest import explain_clause as clauses
    from ingest import questions

    with _asking():
        if clauses.known(what):
            clauses.explain_clause(console, what, school, district, year)
        elif questions.indicators(what, standard):
            explanation.explain_indicator(console, what, school, district, year, stage, standard)
        else:
            raise clauses.not_known(what, questions.known_indicators())


@app.command(
    "what-if",
    epilog="Example: junheng what-if --district 990101 --year 2022 --stage primary --indicator R2 "
    "--from 9901010001 --to 9901010002 --move 3",
)
def what_if(
    district: Annotated[str, typer.Option(help="District code.")],
    year: Annotated[int, typer.Option(help="School year.")],
    stage: Annotated[str, typer.Option(help="Stage: primary, junior_secondary or its Chinese name.")],
    indicator: Annotated[str, typer.Option(help="Indicator by code or number: R2.")],
    from_school: Annotated[str | None, typer.Option("--from", help="School that gives.")] = None,
    to_school: Annotated[str | None, typer.Option("--to", help="School that gets.")] = None,
    move: Amount = None,
    raise_school: Annotated[str | None, typer.Option("--raise", help="School that gets more.")] = None,
    by: Amount = None,
    standard: Annotated[str | None, typer.Option(help="Standard; the one with a limit when omitted.")] = None,
) -> None:
    """推算 What a move between two schools, or more for one, would do to them and to the coefficient."""
    from ingest import questions
    from ingest import what_if as calculation

    changes = calculation.changes(from_school, to_school, move, raise_school, by)
    if changes is None:
        raise typer.BadParameter("应为 expected: --from A --to B --move N, or --raise SCHOOL --by N")
    with _asking():
        place = questions.place(district, year, stage, indicator, standard)
        calculation.print_answer(console, place, changes)


@app.command(epilog="Example: junheng quality --output quality.html")
def quality(
    output: Annotated[Path, typer.Option(help="Where the page goes.")] = Path("quality.html"),
) -> None:
    """检查报告 Write the results of the quality checks as one page that needs no internet."""
    from expectations.report import write_report

    prepare_database()
    console.print(f"已写出 written: {write_report(output)}")


@app.command(epilog="Example: junheng sample landing --seed 7  ·  junheng sample landing --layouts real")
def sample(
    folder: Annotated[
        Path | None, typer.Argument(help="Where the files go; the landing folder when omitted.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed makes another district.")] = 20190063,
    five_schools: Annotated[bool, typer.Option(help="Add the five schools of the worked example.")] = False,
    layouts: Annotated[
        Layouts, typer.Option(help="own: our templates, with planted faults; real: the offices' own layouts.")
    ] = Layouts.OWN,
) -> None:
    """样本 Write the files of a made district, with planted faults and planted truths in manifest.json."""
    from ingest.sample import write as generator

    target = folder or landing_dir()
    if layouts is Layouts.REAL:
        from ingest.sample.real import describe, write_real_sample

        for line in describe(write_real_sample(target, seed)):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    else:
        generator.write_sample(target, seed)
    if five_schools:
        generator.write_five_schools(target)
    console.print(f"已写出 written: {target}  (manifest.json 列出预设的错误与答案 lists what was planted)")


@app.command(epilog="Example: junheng template staffing  ·  junheng template --all --output templates")
def template(
    record: Annotated[
        str | None, typer.Argument(help="Record: school, enrolment, staffing, …", callback=_known_record)
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="File to write; with --all the folder that the files go to.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Templates of all records.")] = False,
) -> None:
    """模板 Write an empty form to fill in: Chinese headers, drop-down lists, notes, one example row."""
    from ingest.contract import contracts
    from ingest.template import template_name, write_template

    if (record is None) != every:
        raise typer.BadParameter("给出一个记录名，或 --all give one RECORD, or --all")
    if record is not None:
        contract = contracts()[record]
        written = [write_template(contract, output or Path(template_name(contract)))]
    else:
        folder = output or Path("templates")
        written = [write_template(c, folder / template_name(c)) for c in contracts().values()]
    for path in written:
        console.print(f"已写出 written: {path}", markup=False, highlight=False, soft_wrap=True)


@database_app.command(epilog="Example: junheng db start")
def start() -> None:
    """启动 Start the embedded database and bring its tables up to date."""
    prepare_database()
    console.print("已启动 running" if not database_url_from_environment() else "使用 JUNHENG_DATABASE_URL")


@database_app.command(epilog="Example: junheng db stop")
def stop() -> None:
    """停止 Stop the embedded database; nothing is lost."""
    embedded.stop()
    console.print("已停止 stopped")


@database_app.command(epilog='Example: psql "$(junheng db url)"')
def url(
    owner: Annotated[
        bool, typer.Option("--owner", help="The owner's string, who may change everything.")
    ] = False,
) -> None:
    """连接串 Print the string, password included, with which a BI tool or psql may read the marts."""
    prepare_database()
    if owner or database_url_from_environment():
        sys.stdout.write(database_url() + "\n")
    else:
        sys.stdout.write(embedded.reader_url() + "\n")


@database_app.command("migrate", epilog="Example: junheng db migrate")
def migrate_command() -> None:
    """建表 Bring schemas, roles, ledger and raw tables up to date; safe to run again."""
    prepare_database()
    console.print("已更新 up to date")


def prepare_database() -> None:
    """Start what must run and bring tables up to date."""
    migrate()


def main() -> None:
    """Entry point: system errors become one line, not a stack trace."""
    try:
        app()
    except embedded.EmbeddedPostgresError as error:
        _fail(f"内置数据库无法使用 the embedded database cannot be used: {error}")
    except psycopg.OperationalError as error:
        _fail(f"无法连接数据库 the database cannot be reached: {' '.join(str(error).split())}")
    except OSError as error:
        _fail(f"无法读写文件 a file cannot be read or written: {error}{_trace_written(error)}")
    except Exception as error:  # the trace goes to a file: a clerk must not meet one
        _fail(f"程序出错 unexpected {type(error).__name__}{_trace_written(error)}")


def _trace_written(error: BaseException) -> str:
    """Write where the error arose, and say where that stands.

    The text of an error stays out: a database or a parser repeats in it the cell it could not take, and
    that may be a child's.
    """
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        code = getattr(cause, "sqlstate", None) or getattr(cause, "errno", None) or ""
        lines += [f"{type(cause).__module__}.{type(cause).__name__} {code}\n"]
        lines += traceback.format_tb(cause.__traceback__)
        cause = cause.__cause__ or cause.__context__
    log = home() / "logs" / "error.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(lines), encoding="utf-8")
    except OSError:
        return ""
    return f"；请把 {log} 交给管理员 details are in {log}"


def _fail(message: str) -> NoReturn:
    errors.print(message, style="bold red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(exit_codes.SYSTEM_ERROR)
