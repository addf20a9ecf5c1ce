"""A replay told on the console, first in Chinese, then in English."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ingest import exit_codes
from ingest.contract import contracts
from ingest.hand_back.replay import Replay, replay_file
from ingest.hand_back.replay_report import MAX_SHOWN, Figure


def replay(console: Console, files: Sequence[Path]) -> int:
    """Replay mended files one after the other and tell what became of each; the exit code."""
    is_refused = False
    for path in files:
        for outcome in replay_file(path):
            _print(console, path, outcome)
            is_refused = is_refused or outcome.status == "refused"
    return exit_codes.REFUSED if is_refused else exit_codes.DONE


def _print(console: Console, path: Path, outcome: Replay) -> None:
    if outcome.status == "known":
        _say(console, f"{path.name}: 已收过，未作更改 known already, nothing changed")
        return
    if outcome.status == "refused":
        for zh, en in outcome.reasons[:MAX_SHOWN]:
            _say(console, f"✗ {zh}\n  {en}", "red")
        return
    record = contracts()[outcome.record]
    _say(console, f"{path.name} → {record.name_zh} {record.record}（{outcome.base_file}）")
    _say(
        console,
        f"  隔离 set aside {outcome.rows_before} → {outcome.rows_left}；"
        f"改正入库 taken {outcome.rows_taken}；重复行撤回 withdrawn {outcome.rows_withdrawn}",
    )
    for figure in outcome.figures[:MAX_SHOWN]:
        _say(console, f"  {_told(figure)}")
    if len(outcome.figures) > MAX_SHOWN:
        more = len(outcome.figures) - MAX_SHOWN
        _say(console, f"  … 另有 {more} 行或更多 and {more} rows or more")
    for zh, en in outcome.reasons[:MAX_SHOWN]:
        _say(console, f"! {zh}\n  {en}", "yellow")


def _told(figure: Figure) -> str:
    changes = "；".join(
        f"{zh} {en} {after or '–'}" if figure.is_new else f"{zh} {en} {before or '–'} → {after or '–'}"
        for zh, en, before, after in figure.changes
        if not figure.is_new or after is not None
    )
    what = "新增 new" if figure.is_new else "更改 changed"
    return f"[{figure.place}] {figure.key} {what}：{changes}"


def _say(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
