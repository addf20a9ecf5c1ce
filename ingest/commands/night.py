"""``junheng demo`` and ``junheng nightly``: a night that a person watches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest.commands.shared import console, prepare_database

app = typer.Typer()


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
