"""Profiles, their layouts and the differences of a file, printed for a person."""

from __future__ import annotations

import shlex
from pathlib import Path

import psycopg
from rich.console import Console
from rich.markup import escape

from ingest.chunks import SheetHeader, column_letter
from ingest.contract import contracts
from ingest.drift.accepted_layouts import Accepted, all_accepted
from ingest.drift.compare import Difference, expected_headers, moves
from ingest.drift.held import difference_text
from ingest.drift.held_ledger import former_columns
from ingest.drift.survey import Survey
from ingest.profile import Profile, normal_header
from ingest.profile_files import profiles
from ingest.tables import number, read, table, words

STATES = {
    "same": ("相同", "same", ""),
    "moved": ("移位", "moved", "cyan"),
    "gone": ("缺少", "gone", "red"),
    "new": ("新列", "new", "yellow"),
    "code": ("新代码", "new code", "yellow"),
    "form": ("表式不同", "form differs", "red"),
}


def print_profiles(console: Console, connection: psycopg.Connection) -> None:
    """Every profile, with what was accepted for it and what it holds."""
    accepted = all_accepted(connection)
    held = [row["profile"] for row in held_files()]
    shown = table("版式 profiles", "名称 name", "记录 record", "格式", "已登记 accepted", "暂存 held")
    for profile in profiles():
        active = sum(1 for a in accepted if a.profile == profile.name and a.withdrawn_at is None)
        counts = (number(active) if active else "–", number(held.count(profile.name) or None))
        name = f"{profile.name}\n{profile.title_zh}"
        shown.add_row(escape(name), profile.record, " ".join(profile.formats), *counts)
    console.print(shown)


def print_profile(console: Console, connection: psycopg.Connection, profile: Profile) -> None:
    """The layout that the profile's file says, and those that were accepted, with their years."""
    console.print(f"{profile.name} · {profile.title_zh} · {profile.title_en}", markup=False)
    if profile.forms is None:
        for is_wanted, zh, en in ((True, "必需", "required"), (False, "可选", "optional")):
            names = [
                headers[0] for headers, is_required in expected_headers(profile) if is_required == is_wanted
            ]
            console.print(f"{zh} {en}: {'、'.join(names) or '–'}", markup=False)
    for accepted in all_accepted(connection, profile.name):
        console.print(_accepted_text(accepted), markup=False)


def _accepted_text(accepted: Accepted) -> str:
    state = "已登记 accepted"
    if accepted.withdrawn_at is not None:
        state = f"已撤销 withdrawn {accepted.withdrawn_at:%Y-%m-%d} {accepted.withdrawn_by}"
    lines = [
        f"{str(accepted.layout_id)[:8]}  {accepted.years}  {state}",
        f"  {accepted.accepted_at:%Y-%m-%d %H:%M} {accepted.accepted_by} · {accepted.file_name} "
        f"内容 content {accepted.file_sha256[:12]}",
        *decision_lines(accepted),
    ]
    return "\n".join(lines)


def decision_lines(accepted: Accepted) -> list[str]:
    """What was decided, a line each."""
    lines = [f"  改名 renamed: {old} → {new}" for old, new in accepted.renames]
    lines += [f"  略过 ignored: {header}" for header in accepted.ignored]
    for name, text, code in accepted.codes:
        lines.append(f"  代码 code: {name} “{text}” → {code or '不是代码，隔离 no code, set aside'}")
    for name, change in accepted.cells:
        place = change.get("under") or f"编号 {change.get('row')} 列 {change.get('column')}"
        lines.append(f"  单元格 cell: {name} → {place}")
    return lines


def print_differences(
    console: Console, connection: psycopg.Connection, survey: Survey, language: str
) -> None:
    """In what a file differs from the layout that is known, and the command that accepts it."""
    drift, snapshot = survey.drift, survey.opener.snapshot
    profile = drift.profile
    title = words(profile.title_zh, profile.title_en, language, " · ")
    console.print(f"{snapshot.path.name} ↔ {profile.name} · {title}", markup=False)
    console.print(f"内容 content {snapshot.sha256[:12]}", markup=False)
    if survey.accepted:
        console.print(_accepted_text(survey.accepted), markup=False)
    moved = _moved(connection, survey)
    shown = table(
        "",
        words("状态", "state", language),
        words("版式", "layout", language),
        words("文件", "file", language),
        words("列", "column", language),
    )
    for difference in (*drift.differences, *moved):
        shown.add_row(*_cells(difference, language))
    if drift.differences or moved:
        console.print(shown)
    same = _same(survey, moved)
    if same:
        text = words("相同", "same", language)
        console.print(f"{text} ({len(same)}): {'、'.join(same)}", markup=False)
    _print_verdict(console, survey, language)


def _moved(connection: psycopg.Connection, survey: Survey) -> list[Difference]:
    former = former_columns(connection, survey.drift.profile.name)
    headers = [SheetHeader("", names, 1) for names in survey.drift.layouts]
    return [difference for header in headers for difference in moves(header, former)]


def _same(survey: Survey, moved: list[Difference]) -> list[str]:
    """Headers that are known and stand where they stood."""
    other = {normal_header(d.header) for d in (*survey.drift.differences, *moved)}
    names = [f"{column_letter(c)} {n}" for ns in survey.drift.layouts for c, n in enumerate(ns) if n]
    return [name for name in names if normal_header(name.split(" ", 1)[1]) not in other]


def _cells(d: Difference, language: str) -> tuple[str, str, str, str]:
    zh, en, style = STATES[d.kind]
    state = words(zh, en, language)
    if not d.is_held:
        state += words("（不影响）", " (told only)", language, "")
    marked = f"[{style}]{escape(state)}[/{style}]" if style else escape(state)
    known, there, place = "", d.header, d.column or ""
    if d.kind == "gone":
        known, there = d.header, f"? {d.proposal}" if d.proposal else "–"
    elif d.kind == "moved":
        known, place = d.header, f"{d.before} → {d.column}"
    elif d.kind == "code":
        known, there = d.header, f"{d.value} × {d.rows}"
    elif d.kind == "form":
        known, there = f"{d.field_name}：{d.header}", d.found or "–"
        place = f"{d.rows} 份"
    return marked, escape(known), escape(there), escape(place)


def _print_verdict(console: Console, survey: Survey, language: str) -> None:
    if not survey.drift.held:
        text = words("没有需要登记的差异", "nothing has to be accepted", language, " · ")
        console.print(text, markup=False)
        return
    text = words("该文件暂存；核对后登记", "the file is held; to accept it after a look", language, " · ")
    console.print(f"{text}:\n  {accept_command(survey)}", markup=False, soft_wrap=True)


def accept_command(survey: Survey) -> str:
    """The command that accepts what is proposed; what nobody can propose is left to be filled in."""
    parts = ["junheng profile accept", shlex.quote(str(survey.opener.snapshot.path))]
    proposed = {d.proposal for d in survey.drift.held if d.proposal}
    for d in survey.drift.held:
        if d.kind == "gone" and (d.is_required or d.proposal):
            new = d.proposal or "…"
            parts.append(f"--rename {shlex.quote(f'{d.header}={new}')}")
        elif d.kind == "gone" or (d.kind == "new" and d.header not in proposed):
            parts.append(f"--ignore {shlex.quote(d.header)}")
        elif d.kind == "code":
            parts.append(f"--code {shlex.quote(f'{d.header}:{d.value}=…')}")
        elif d.kind == "form":
            parts.append(f"--rename {shlex.quote(f'{d.field_name}=…')}")
    years = sorted(survey.scan.years) if survey.scan else []
    first = years[0] if years else "起始学年"
    return " ".join([*parts, f"--from {first}", "--by 姓名"])


def held_files() -> list[dict[str, object]]:
    """Files that are held now, the oldest first."""
    return read(
        "select record, profile, file_name, file_path, reason_zh, reason_en, held_at from ops.held_file "
        "where resolved_at is null order by held_at, held_file_id"
    )


def print_held(console: Console) -> None:
    """Print files that are held, and what must be done."""
    for row in held_files():
        where = "" if Path(str(row["file_path"])).exists() else "（文件已不在原处 no longer there）"
        name = contracts()[str(row["record"])].name_zh
        console.print(f"⏸ 暂存 held {row['file_name']}（{name}）{where}", style="yellow", markup=False)
        console.print(f"  {row['reason_zh']}\n  {row['reason_en']}", markup=False, soft_wrap=True)


def print_told(console: Console, batch_id: str) -> None:
    """Print differences that held nothing up: columns that moved, columns that nobody reads."""
    for row in read("select layout_differences from ops.load_batch where batch_id = %s", [batch_id]):
        for entry in row["layout_differences"] or ():
            zh, en = difference_text(Difference(**entry))
            console.print(f"  {zh} {en}", markup=False, soft_wrap=True)
