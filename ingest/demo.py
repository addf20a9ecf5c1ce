"""A night that a person watches: progress while it runs, and what it found when it is over."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from ingest import exit_codes, summary
from ingest.airflow_run import NOTHING_NEW, NightOutcome, screen
from ingest.airflow_run import run_night as run_dags
from ingest.contract import contracts
from ingest.night import MENDED, WAREHOUSE, Step
from ingest.settings import home, landing_dir

SHOWN = {"replay_mended", "load", "build", "publish"}  # of those that went well
STEP_NAMES = {
    NOTHING_NEW: "没有新文件 no new files",
    "list_files": "找新文件 look for new files",
    "load": "读取 read",
    "check": "批次检查 check",
    "accept": "接收 accept",
    "report_refusals": "报告拒收 report refusals",
    "replay_mended": "改正重载 replay",
    "is_anything_new": "有无变化 anything new",
    "build": "计算与测试 dbt build and test",
    "check_marts": "发布检查 check the marts",
    "publish": "发布 publish",
}


def run(console: Console, real: Path | None) -> int:
    """Land the demo's files, run the night, print what came of it; the exit code."""
    if real is None:
        _land_made_district()
        return run_night(console)
    if not real.is_dir():
        console.print(f"没有这个文件夹 no such folder: {real}", style="bold red", markup=False)
        return exit_codes.REFUSED
    from ingest.real_places import land_real_places

    landed = land_real_places(real, landing_dir())
    console.print(f"真实数据 real data of other places: {len(landed)} 个文件 files → {landing_dir()}")
    return run_night(console)


def _land_made_district() -> None:
    from ingest.sample.write import write_five_schools, write_published_finance, write_sample

    write_sample(landing_dir())
    write_five_schools(landing_dir())
    write_published_finance(landing_dir())


def run_night(console: Console) -> int:
    """Run the night over the landing folder with progress; the exit code."""
    began = time.monotonic()
    with screen() as terminal:
        outcome = _watch(Console(file=terminal, force_terminal=console.is_terminal or None))
    _write_quality_page()
    return _report(console, outcome, time.monotonic() - began)


def _watch(terminal: Console) -> NightOutcome:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=terminal, transient=terminal.is_terminal) as progress:
        bar = progress.add_task("准备 Airflow  prepare Airflow", total=len(contracts()) + 2)

        def on_step(step: Step) -> None:
            title = _title(step)
            progress.update(bar, description=title)
            if _ends_a_dag(step):
                progress.advance(bar)
            if step.state == "failed" or (step.state == "done" and step.name in SHOWN):
                line = f"  {_mark(step)} {title}{_counts(step)}"
                progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

        return run_dags(on_step)


def _title(step: Step) -> str:
    names = {MENDED: "改正件"} | {record: contract.name_zh for record, contract in contracts().items()}
    subject = "" if step.record == WAREHOUSE else f"{names[step.record]} {step.record} · "
    return f"{subject}{STEP_NAMES[step.name]}{f' {step.file_name}' if step.file_name else ''}"


def _ends_a_dag(step: Step) -> bool:
    return step.state in {"done", "failed"} and step.name in {"report_refusals", NOTHING_NEW, "publish"}


def _mark(step: Step) -> str:
    if step.state == "failed":
        return "✗"
    return "!" if step.counts.get("rows_rejected") else "✓"


def _counts(step: Step) -> str:
    if step.name == "load":
        loaded, rejected = step.counts.get("rows_loaded", 0), step.counts.get("rows_rejected", 0)
        return f"：{loaded} 行 rows" + (f"，隔离 quarantined {rejected}" if rejected else "")
    shown = "，".join(f"{name} {count}" for name, count in step.counts.items())
    return f"：{shown}" if shown else ""


def _write_quality_page() -> None:
    from expectations.report import write_report

    write_report(home() / "quality.html")


def _report(console: Console, outcome: NightOutcome, seconds: float) -> int:
    for reason_zh, reason_en in outcome.failures:
        console.print(f"[bold red]未完成 failed[/] {reason_zh}\n  {reason_en}")
    if outcome.failures:
        console.print(
            f"昨夜已发布的数据保持可读 last night's marts stay readable. 日志 log: {outcome.log_file}",
            markup=False,
        )
        return exit_codes.NIGHT_FAILED
    if not outcome.is_anything_new and not outcome.refusals:
        console.print("[bold green]没有新内容，未作任何更改 nothing new: nothing was changed[/]")
    summary.print_summary(console, outcome.refusals, outcome.run_id)
    console.print(f"\n用时 took {seconds:.1f} s · 日志 log: {outcome.log_file}", markup=False)
    return exit_codes.REFUSED if outcome.refusals else exit_codes.DONE
