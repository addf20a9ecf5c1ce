"""Accepting a layout: every difference is decided upon by name, and the file can be read that way, or nothing
is recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ingest.contract import Field, code_list
from ingest.drift.accepted_layouts import Accepted, read_with
from ingest.drift.compare import Difference
from ingest.drift.held import difference_text
from ingest.drift.readings import Terms, sheet_drift
from ingest.drift.record import DecisionError
from ingest.drift.survey import Survey
from ingest.forms.grid import normal
from ingest.profile import FieldSource, normal_header
from ingest.readers import recognised_with
from ingest.scan import Scan, scan

UNIT = re.compile(r"[(（]([^()（）]*)[)）]\s*$")
PLAIN_UNITS = ("", "元")


@dataclass(frozen=True)
class Asked:
    """What somebody decided about a file's differences."""

    year_from: int
    year_to: int | None
    accepted_by: str
    renames: tuple[tuple[str, str], ...] = ()  # (old, new)
    ignored: tuple[str, ...] = ()
    codes: tuple[tuple[str, str, str], ...] = ()  # (column, text, code)


@dataclass
class _Decided:
    renames: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    codes: dict[tuple[str, str], str] = field(default_factory=dict)
    cells: dict[str, dict[str, Any]] = field(default_factory=dict)


def decide(survey: Survey, asked: Asked) -> Accepted:
    """The layout as it is to be accepted, on top of what was. DecisionError says what is missing or wrong."""
    if not survey.drift.held:
        raise DecisionError("没有需要登记的差异", "there is nothing to accept in this file")
    decided = _start(survey.accepted)
    _rename(survey, asked, decided)
    _ignore(survey, asked, decided)
    _check_all_named(survey, decided)
    accepted = _accepted(survey, asked, decided)
    found = _look(survey, accepted)
    for column, text, code in asked.codes:
        decided.codes.update([_code(survey, found.drift.differences, column, text, code)])
    accepted = _accepted(survey, asked, decided)
    if asked.codes:
        found = _look(survey, accepted)
    _check_left(found.drift.held)
    _check_rows(survey, found)
    _check_years(accepted, found)
    return accepted


def _start(before: Accepted | None) -> _Decided:
    if before is None:
        return _Decided()
    codes = {(name, text): code for name, text, code in before.codes}
    cells = {name: dict(change) for name, change in before.cells}
    return _Decided(dict(before.renames), list(before.ignored), codes, cells)


def _rename(survey: Survey, asked: Asked, decided: _Decided) -> None:
    forms = [d for d in survey.drift.held if d.kind == "form"]
    for old, new in asked.renames:
        if forms:
            decided.cells[old] = cell_change(survey, old, new)
            continue
        gone = _one(survey, "gone", old)
        found = _one(survey, "new", new)
        _check_unit(survey, gone, found)
        taken = next((o for o, n in decided.renames.items() if normal_header(n) == normal_header(new)), None)
        if gone.header in decided.renames or taken is not None:
            raise DecisionError(f"“{old}”“{new}”只能改名一次", f"“{old}”, “{new}”: one rename each")
        decided.renames[gone.header] = found.header


def _ignore(survey: Survey, asked: Asked, decided: _Decided) -> None:
    for header in asked.ignored:
        wanted = normal_header(header)
        there = [d for d in survey.drift.differences if wanted == normal_header(_name(d))]
        if not there:
            raise _no_difference(header)
        if there[0].kind in ("gone", "form") and there[0].is_required:
            zh = f"“{header}”是必需的列，不能略过；用 --rename 指明它现在的列名"
            raise DecisionError(zh, f"“{header}” is required; say with --rename what it is called now")
        decided.ignored.append(_name(there[0]))


def _name(difference: Difference) -> str:
    """What a difference is called by who decides upon it."""
    return (difference.field_name or "") if difference.kind == "form" else difference.header


def _check_all_named(survey: Survey, decided: _Decided) -> None:
    """To leave a new column out is not yet to say what became of the one that is gone."""
    named = {normal_header(h) for h in (*decided.renames, *decided.renames.values(), *decided.ignored)}
    columns = [d for d in survey.drift.held if d.kind in ("gone", "new")]
    _check_left([d for d in columns if normal_header(d.header) not in named])


def _one(survey: Survey, kind: str, header: str) -> Difference:
    wanted = normal_header(header)
    found = [d for d in survey.drift.differences if d.kind == kind and normal_header(d.header) == wanted]
    if not found:
        raise _no_difference(header, kind)
    return found[0]


def _no_difference(header: str, kind: str = "") -> DecisionError:
    zh = {"gone": "不是缺少的列", "new": "不是新列"}.get(kind, "不在差异之中")
    en = {"gone": "is no column that is gone", "new": "is no new column"}.get(kind, "is no difference")
    return DecisionError(f"“{header}”{zh}；先看 junheng profile diff", f"“{header}” {en}")


def _check_unit(survey: Survey, gone: Difference, found: Difference) -> None:
    """A column in another unit is another column: the profile would multiply it wrongly."""
    old, new = (_unit(d.header) for d in (gone, found))
    if old == new or (old in PLAIN_UNITS and new in PLAIN_UNITS):
        return
    zh = f"“{gone.header}”与“{found.header}”单位不同，不是改名；请数据工程师另写版式"
    en = f"“{gone.header}” and “{found.header}” have different units: that needs a profile, not a rename"
    raise DecisionError(zh, en)


def _unit(header: str) -> str:
    found = UNIT.search(header)
    return normal_header(found.group(1)) if found else ""


def _code(
    survey: Survey, differences: Iterable[Difference], column: str, text: str, code: str
) -> tuple[tuple[str, str], str]:
    wanted = normal_header(column)
    for d in differences:
        is_column = wanted in (normal_header(d.header), normal_header(d.field_name or ""))
        if d.kind == "code" and is_column and normal_header(d.value or "") == normal_header(text):
            field_ = survey.contract.field(d.field_name or "")
            return (field_.name, d.value or ""), known_code(field_, _sources(survey, field_.name), code)
    zh, en = f"“{column}”中没有新代码“{text}”", f"there is no new code “{text}” in “{column}”"
    raise DecisionError(f"{zh}；先看 junheng profile diff", en)


def _sources(survey: Survey, name: str) -> list[FieldSource]:
    return [b.sources[name] for b in survey.profile.blocks if name in b.sources]


def known_code(field_: Field, sources: Sequence[FieldSource], code: str) -> str:
    """The code that a text stands for, by the list or the profile; empty stays empty."""
    ways = {normal_header(k): v for s in sources for k, v in (*s.codes, *((c, c) for _, c in s.codes))}
    ways |= {normal_header(c): c for s in sources for _, c in s.match}
    for entry in code_list(field_.code_list) if field_.code_list else ():
        for way in (entry.code, entry.name_zh, entry.name_en):
            ways.setdefault(normal_header(way), entry.code)
    if not code:
        return ""
    if normal_header(code) not in ways:
        shown = "、".join(sorted(set(ways.values()))[:12])
        raise DecisionError(f"“{code}”不是已有代码：{shown}", f"“{code}” is no known code: {shown}")
    return ways[normal_header(code)]


def cell_change(survey: Survey, name: str, place: str) -> dict[str, Any]:
    """What a cell of a form is now: the row and column of that number, with the texts that stand there.

    ``place`` is 编号, or 编号:列; for a cell of the school's own form the heading as it is called now.
    """
    layout = survey.profile.form_layout
    spec = next((cell for cell in layout.cells if cell.name == name), None)
    if spec is None:
        raise DecisionError(f"版式没有“{name}”这一格", f"the layout has no cell “{name}”")
    if spec.under is not None:
        return {"under": f"^{re.escape(normal(place))}$"}
    found = re.fullmatch(r"(\d+)(?::(\d+))?", place)
    source = survey.opener.forms()
    grid = source.first_grid(layout, spec.form) if source else None
    if found is None or grid is None:
        raise DecisionError(f"“{place}”应为 编号 或 编号:列", f"“{place}”: expected 编号 or 编号:column")
    row, column = int(found.group(1)), int(found.group(2)) if found.group(2) else spec.column
    if row not in grid.row_of or (isinstance(column, int) and column not in grid.column_of):
        raise DecisionError(f"{spec.form} 没有 {place}", f"there is no {place} in {spec.form}")
    change: dict[str, Any] = {"row": row, "column": column}
    change["label"] = f"^{re.escape(grid.label(grid.row_of[row]))}$" if spec.label else None
    if spec.heading and isinstance(column, int):
        change["heading"] = f"^{re.escape(grid.heading(grid.column_of[column]))}$"
    return change


def _accepted(survey: Survey, asked: Asked, decided: _Decided) -> Accepted:
    before, snapshot = survey.accepted, survey.opener.snapshot
    is_by_headers = bool(decided.renames or decided.ignored)
    layouts = {tuple(names): None for names in survey.drift.layouts} if is_by_headers else {}
    return Accepted(
        layout_id=UUID(int=0),  # it is named when it is recorded
        profile=survey.drift.profile.name,
        record=survey.contract.record,
        layouts=tuple(layouts) if layouts or before is None else before.layouts,
        renames=tuple(decided.renames.items()),
        ignored=tuple(dict.fromkeys(decided.ignored)),
        codes=tuple((name, text, code) for (name, text), code in decided.codes.items()),
        cells=tuple(sorted(decided.cells.items())),
        year_from=asked.year_from,
        year_to=asked.year_to,
        accepted_by=asked.accepted_by,
        accepted_at=datetime.now(UTC),
        file_name=snapshot.path.name,
        file_sha256=snapshot.sha256,
    )


def _look(survey: Survey, accepted: Accepted) -> Scan:
    """The file read as it would be; DecisionError names what its headers leave undecided."""
    profile = read_with(survey.profile, accepted)
    found = recognised_with(survey.opener, profile)
    if found is None:
        _check_left([d for d in survey.drift.held if d.header not in dict(accepted.renames)])
        raise DecisionError("按此登记仍无法识别该文件", "the file would still not be recognised")
    drift = sheet_drift(survey.opener, found)
    _check_left(drift.held)
    return scan(survey.opener, survey.contract, found, Terms())


def _check_left(left: Sequence[Difference]) -> None:
    if left:
        zh, en = zip(*(difference_text(d) for d in left), strict=True)
        raise DecisionError(
            f"还须逐项决定（--rename、--ignore 或 --code）：{'；'.join(zh)}",
            f"still to be decided (--rename, --ignore or --code): {'; '.join(en)}",
        )


def _check_rows(survey: Survey, found: Scan) -> None:
    limit = survey.contract.max_rejected_share
    if found.rows_rejected > limit * found.rows:
        raise DecisionError(
            f"按此登记，{found.rows} 行中有 {found.rows_rejected} 行无法读取，超过 {limit:.0%}",
            f"read so, {found.rows_rejected} of {found.rows} rows could not be read, above {limit:.0%}",
        )


def _check_years(accepted: Accepted, found: Scan) -> None:
    if not accepted.covers(found.years):
        years = ", ".join(map(str, sorted(found.years)))
        raise DecisionError(
            f"文件的年份为 {years}，不在 {accepted.years} 之内",
            f"the file is of {years}, not {accepted.years}",
        )
