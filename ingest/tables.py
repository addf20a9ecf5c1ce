"""Rows of a query and tables of the console: what every printed report uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import dict_row
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ingest.database import connect

Row = dict[str, Any]
LANGUAGES = ("zh", "en", "both")


def read(statement: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
    """Rows of a query as dictionaries, read with the rights of the one who runs the command."""
    with connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, parameters).fetchall()


def is_published() -> bool:
    """Whether any night was published."""
    return bool(read("select 1 from ops.publication where status = 'published' limit 1"))


def table(title: str, *columns: str, right: Sequence[int] = ()) -> Table:
    """A table of the console with plain lines; ``right`` are the columns that hold numbers."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for position, column in enumerate(columns):
        made.add_column(column, justify="right" if position in right else "left", overflow="fold")
    return made


def number(value: object) -> str:
    """A count with thousands separators; a dash where there is none."""
    return "–" if value is None else f"{value:,}"


def figure(value: Any, decimals: int) -> str:
    """A figure with so many decimals; a dash where it is missing, never a zero."""
    return "–" if value is None else f"{value:,.{decimals}f}"


def words(zh: str | None, en: str | None, language: str, between: str = " ") -> str:
    """A text in the language asked for; both one after the other."""
    found = [text for code, text in (("zh", zh), ("en", en)) if language in (code, "both")]
    # A unit such as % is the same word in both.
    return between.join(dict.fromkeys(text for text in found if text))


def said(row: Row, name: str, language: str, between: str = "\n") -> str:
    """A text of the row in the language asked for, safe to print; both under each other."""
    return escape(words(row[f"{name}_zh"], row[f"{name}_en"], language, between))


def say(console: Console, text: str, indent: int = 0, style: str = "") -> None:
    """Print marked-up lines; one that is too long goes on below where it began."""
    console.print(Padding.indent(Text.from_markup(text, style=style), indent))
