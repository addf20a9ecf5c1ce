"""Withdrawing a batch at the terminal: shown, asked, done, told."""

from __future__ import annotations

import typer
from rich.console import Console

from ingest import exit_codes
from ingest.database import connect
from ingest.withdraw import WithdrawError, to_withdraw
from ingest.withdraw import withdraw as take_back


def withdraw(console: Console, errors: Console, asked: tuple[str, str, str], *, yes: bool) -> int:
    """``asked`` are the batch, who withdraws it and why. The exit code."""
    name, by, reason = asked
    try:
        with connect("junheng_loader") as connection:
            batch = to_withdraw(connection, name)
            connection.commit()  # nobody waits for whoever leaves the question open
            shown = f"{batch.file_name} ({batch.record}, {str(batch.batch_id)[:8]})"
            if not yes and not typer.confirm(f"撤回 withdraw {shown}?"):
                return exit_codes.WRONG_USAGE
            partitions = take_back(connection, batch, by, reason)
    except WithdrawError as error:
        errors.print(f"✗ {error.zh}\n  {error.en}", style="red", markup=False, soft_wrap=True)
        return exit_codes.WRONG_USAGE
    console.print(
        f"已撤回 withdrawn: {shown}\n"
        f"  {partitions} 个分区不再有数据；此前被它取代的不恢复；下一次 junheng nightly 起不再计入结果\n"
        f"  {partitions} partitions are empty; what it had replaced stays replaced; left out of the results "
        "from the next junheng nightly on",
        markup=False,
        soft_wrap=True,
    )
    return exit_codes.DONE
