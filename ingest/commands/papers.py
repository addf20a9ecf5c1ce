"""Files that we write: empty forms to fill in, and the made district."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from ingest.commands.shared import console, known_record
from ingest.settings import landing_dir

app = typer.Typer()


class Layouts(enum.StrEnum):
    """In which layouts the made district is written."""

    OWN = "own"
    REAL = "real"


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
        str | None, typer.Argument(help="Record: school, enrolment, staffing, …", callback=known_record)
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
