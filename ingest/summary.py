"""What a night came to, on one screen: files, quarantine, balance, gaps, spending, clauses."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from ingest import (
    clause_board,
    exit_codes,
    findings,
    findings_special_education,
    findings_spending,
    ledger_report,
    part_notes,
)
from ingest.floor import board as floor_board
from ingest.floor import changes as floor_changes
from ingest.floor import series as floor_series
from ingest.settings import home
from ingest.tables import is_published


def print_summary(console: Console, refusals: Sequence[tuple[str, str]], run_id: str) -> None:
    """Print everything that a reader of a first night asks, then what to try next."""
    ledger_report.print_batches(console)
    part_notes.print_told(console, run_id)
    for reason_zh, reason_en in refusals:
        console.print(f"✗ {reason_zh}\n  {reason_en}", style="red", markup=False)
    ledger_report.print_rejected_by_rule(console)
    if is_published():
        findings.print_coefficients(console, findings.judged(findings.coefficients()))
        findings.print_gaps(console)
        findings_spending.print_spending(console)
        findings_spending.print_outlook(console)
        findings_special_education.print_special_education(console)
        clause_board.print_totals(console)
    print_next(console)


def print_next(console: Console) -> None:
    """Print what to try next."""
    lines = [
        "接下来 what to try next",
        "  junheng scoreboard --district 990101 --year 2022   条款看板 every clause and how it stands",
        "  junheng floor 990101                               经费底线 who fell, when, by how much",
        "  junheng balance --district 990101 --year 2022      差异系数 coefficients",
        "  junheng rejected                                   隔离的行 rows set aside, line by line",
        "  junheng status                                     状态 what is published and current",
        '  psql "$(junheng db url)"                           连接串，BI 工具同用 also for a BI tool',
        f"  {home() / 'quality.html'}   检查报告 results of the checks",
    ]
    console.print("\n" + "\n".join(lines), markup=False, highlight=False)


def print_scoreboard(console: Console, asked: clause_board.Asked, language: str) -> int:
    """Print clauses with their status; the exit code."""
    if not is_published() or not clause_board.is_built():
        return _nothing_published(console)
    clause_board.check(asked)
    if not clause_board.print_board(console, asked, language):
        console.print("没有这个状态的条款 no clause has that status here")
    return exit_codes.DONE


def print_balance(console: Console, district: str | None, year: int | None) -> int:
    """Print the coefficients of a district and year; the exit code."""
    if not is_published():
        return _nothing_published(console)
    rows = findings.coefficients(district, year)
    if not rows:
        console.print("没有这个区县或学年的数据 no figures for that district or year")
    findings.print_coefficients(console, rows)
    return exit_codes.DONE


def print_floor(console: Console, asked: floor_series.Asked, language: str, is_exact: bool) -> int:
    """Print the spending floor of an entity, what was restated and what alarms; the exit code."""
    if not floor_series.is_built():
        return _nothing_published(console)
    found = floor_series.answer(asked)
    floor_board.print_floor(console, found, language, is_exact)
    floor_changes.print_restatements(console, found.restated, language, is_exact)
    floor_changes.print_warnings(console, found.warnings, language, is_exact)
    return exit_codes.DONE


def _nothing_published(console: Console) -> int:
    console.print("尚未发布任何数据 nothing is published yet: junheng demo · junheng nightly")
    return exit_codes.NOTHING_PUBLISHED
