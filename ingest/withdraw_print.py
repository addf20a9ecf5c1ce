"""Withdrawing a batch at the terminal: shown, asked, done, told."""

from __future__ import annotations

import shlex

import typer
from rich.console import Console

from ingest import exit_codes
from ingest.database import connect
from ingest.hand_back.withdrawn_mends import Mended, mended_in
from ingest.settings import landing_dir
from ingest.withdraw import Counting, RefusedFile, WithdrawError, to_withdraw
from ingest.withdraw import withdraw as take_back


def withdraw(console: Console, errors: Console, asked: tuple[str, str, str], *, yes: bool) -> int:
    """``asked`` are the batch, who withdraws it and why. The exit code."""
    name, by, reason = asked
    try:
        with connect("junheng_loader") as connection:
            batch = to_withdraw(connection, name)
            _tell_mended(console, mended_in(connection, batch.record, batch.batch_id))
            connection.commit()  # nobody waits for whoever leaves the question open
            _tell_scope(console, batch)
            shown = f"{batch.file_name} ({batch.record}, {str(batch.batch_id)[:8]})"
            if not yes and not typer.confirm(f"撤回 withdraw {shown}?"):
                return exit_codes.WRONG_USAGE
            done = take_back(connection, batch, by, reason)
    except WithdrawError as error:
        errors.print(f"✗ {error.zh}\n  {error.en}", style="red", markup=False, soft_wrap=True)
        return exit_codes.WRONG_USAGE
    console.print(
        f"已撤回 withdrawn: {shown}\n"
        f"  {done.partitions} 个分区不再有数据；此前被它取代的不恢复；下一次 junheng nightly 起不再计入结果\n"
        f"  {done.partitions} partitions are empty; what it had replaced stays replaced; left out of the "
        "results from the next junheng nightly on",
        markup=False,
        soft_wrap=True,
    )
    for refused in done.again:
        _tell_again(console, refused)
    return exit_codes.DONE


def _tell_scope(console: Console, batch: Counting) -> None:
    """All that goes with the batch, which may be more than what is wrong in it."""
    zh, en = batch.scope
    console.print(
        f"它有 {len(batch.partition_keys)} 个分区（{zh}），撤回后全部不再计入；"
        "其中有对的、别的文件又没有的，不要撤回，请在原处交改正后的完整文件\n"
        f"It holds {len(batch.partition_keys)} partitions ({en}); once it is withdrawn none of them counts. "
        "Where some of it is right and in no other file do not withdraw it: hand in the whole file "
        "corrected, in its place",
        style="yellow",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _tell_mended(console: Console, mended: Mended | None) -> None:
    """That more goes than the one workbook by whose name it was asked for."""
    if mended is not None:
        zh, en = mended.said
        console.print(f"! {zh}\n  {en}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def _tell_again(console: Console, refused: RefusedFile) -> None:
    """How a refused file comes in again, of which the rows were removed when others told them all."""
    path = refused.path
    shown = shlex.quote(str(path))
    if refused.replaces:
        names_zh, names_en = "、".join(refused.replaces), ", ".join(refused.replaces)
        zh = f"其余数据现由 {names_zh} 提供，夜间不再读取它；交入会连这些一并取代，确需如此再交"
        en = (
            f"other rows are told by {names_en} by now, so no night reads it; handed in it replaces those "
            "too: do so only if that is meant"
        )
    elif path.is_relative_to(landing_dir()) and path.exists():
        zh = "下一次 junheng nightly 重新读取，也可现在交入"
        en = "the next junheng nightly reads it again, or hand it in now"
    else:
        zh, en = "请重新交入", "hand it in again"
    console.print(
        f"· {path.name}：此前被拒收，各行因其他文件已提供而删除；{zh}：junheng ingest {shown}\n"
        f"  {path.name}: refused before, and its rows were removed because other files told them; {en}: "
        f"junheng ingest {shown}",
        markup=False,
        soft_wrap=True,
    )
