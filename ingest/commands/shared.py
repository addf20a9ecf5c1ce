"""What the groups of commands share: the console, the options, the database made ready, questions asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from ingest import exit_codes
from ingest.database import migrate

WIDTH_OF_A_FILE = 160  # what is not a terminal has no width of its own
console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
errors = Console(stderr=True)


def prepare_database() -> None:
    """Start what must run and bring tables up to date."""
    migrate()


def known_record(name: str | None) -> str | None:
    """Wrong usage when no contract has the name: the clerk sees those there are."""
    from ingest.contract import contracts

    if name is not None and name not in contracts():
        names = ", ".join(sorted(contracts()))
        raise typer.BadParameter(f"没有记录 no record “{name}”；应为其中之一 expected one of: {names}")
    return name


def known_status(status: str | None) -> str | None:
    """Wrong usage when clauses have no such status."""
    from ingest.clause_board import STATUS_STYLES

    if status is not None and status not in STATUS_STYLES:
        raise typer.BadParameter(f"应为其中之一 expected one of: {', '.join(STATUS_STYLES)}")
    return status


def known_language(language: str) -> str:
    from ingest.tables import LANGUAGES

    if language not in LANGUAGES:
        raise typer.BadParameter(f"应为其中之一 expected one of: {', '.join(LANGUAGES)}")
    return language


Record = Annotated[
    str | None,
    typer.Option(
        "--record", help="Record of the files: school, enrolment, staffing, …", callback=known_record
    ),
]


@contextmanager
def asking() -> Iterator[None]:
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
