"""Files in and back: ingest, status, rejected, replay, batch report, batch withdraw."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest import exit_codes
from ingest.commands.shared import Record, console, errors, prepare_database

app = typer.Typer()
rejected_app = typer.Typer()
app.add_typer(rejected_app, name="rejected")
batch_app = typer.Typer(no_args_is_help=True)
app.add_typer(batch_app, name="batch")


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
