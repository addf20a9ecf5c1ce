"""``junheng db``: the embedded database."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ingest import embedded
from ingest.commands.shared import console, prepare_database
from ingest.database import database_url
from ingest.settings import database_url_from_environment

app = typer.Typer(no_args_is_help=True, help="内置数据库 The embedded database: start, stop, url, migrate.")


@app.command(epilog="Example: junheng db start")
def start() -> None:
    """启动 Start the embedded database and bring its tables up to date."""
    prepare_database()
    console.print("已启动 running" if not database_url_from_environment() else "使用 JUNHENG_DATABASE_URL")


@app.command(epilog="Example: junheng db stop")
def stop() -> None:
    """停止 Stop the embedded database; nothing is lost."""
    embedded.stop()
    console.print("已停止 stopped")


@app.command(epilog='Example: psql "$(junheng db url)"')
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


@app.command("migrate", epilog="Example: junheng db migrate")
def migrate_command() -> None:
    """建表 Bring schemas, roles, ledger and raw tables up to date; safe to run again."""
    prepare_database()
    console.print("已更新 up to date")
