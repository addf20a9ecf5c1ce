"""The ``junheng`` command: the groups of ``ingest.commands`` put together, and system errors told."""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

import psycopg
import typer

from ingest import embedded, exit_codes
from ingest.commands import database, figures, files, night, papers
from ingest.commands.shared import errors
from ingest.drift import profile_cli
from ingest.settings import home

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
for group in (night, files, figures, papers):
    app.add_typer(group.app)
app.add_typer(database.app, name="db")
app.add_typer(profile_cli.app, name="profile")


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
