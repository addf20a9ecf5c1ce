"""A file that is held because its layout or its codes changed: what is said of it, and what must be done."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from ingest.drift.compare import Difference, Drift
from ingest.problems import Problem, RefusedFileError, file_problem, printable
from ingest.spool import Snapshot

MAX_NAMED = 6  # differences named in the message; 'junheng profile diff' shows all
RULE = "layout_changed"
RULE_CODES = "new_codes"
RULE_FORMS = "form_changed"


class HeldFileError(RefusedFileError):
    """A file in which something is not as its profile knows it; nothing is read until that is decided."""

    def __init__(self, snapshot: Snapshot, drift: Drift, outside: Sequence[str] = ()) -> None:
        self.snapshot, self.drift = snapshot, drift
        super().__init__(held_problem(snapshot.path, drift, outside))

    @property
    def is_by_headers(self) -> bool:
        """Whether the headers hold it: the rows were not read."""
        return any(d.kind in ("gone", "new") for d in self.drift.held)

    def beyond(self, outside: Sequence[str]) -> HeldFileError:
        """The same, telling that the layout is accepted for other years only."""
        return HeldFileError(self.snapshot, self.drift, outside) if outside else self


def held_problem(path: Path, drift: Drift, outside: Sequence[str] = ()) -> Problem:
    """The one problem of a held file, with the command that shows the differences."""
    zh, en = zip(*(difference_text(d) for d in drift.held), strict=True)
    more = len(zh) - MAX_NAMED
    more_zh, more_en = (f"；另有 {more} 处", f"; {more} more") if more > 0 else ("", "")
    years_zh = f"（只登记了：{'、'.join(outside)}）" if outside else ""
    years_en = f" (accepted only for: {', '.join(outside)})" if outside else ""
    profile, shown = drift.profile, shlex.quote(printable(str(path)))
    return file_problem(
        _rule(drift),
        path.name,
        sheet=drift.held[0].sheet or None,
        expected=(
            f"与已登记的版式一致（最接近的版式：{profile.title_zh}，{profile.name}）{years_zh}。"
            f"不同之处：{'；'.join(zh[:MAX_NAMED])}{more_zh}。整个文件暂存，未入库",
            f"the layout that is known (nearest layout: {profile.title_en}, {profile.name}){years_en}; "
            f"it differs: {'; '.join(en[:MAX_NAMED])}{more_en}; the file is held, nothing of it was loaded",
        ),
        mend=(
            f"改回原样后重新交入；如确为新版式，先看差异再登记：junheng profile diff {shown}",
            "change it back and hand it in again; if it is a new layout, look at it and accept it: "
            f"junheng profile diff {shown}",
        ),
    )


def _rule(drift: Drift) -> str:
    if any(d.kind == "gone" and d.is_required for d in drift.held):
        return "missing_header"
    if any(d.kind == "form" for d in drift.held):
        return RULE_FORMS
    return RULE_CODES if all(d.kind == "code" for d in drift.held) else RULE


def difference_text(difference: Difference) -> tuple[str, str]:
    """One difference in a clause of Chinese and of English; a header may hold any sign."""
    zh, en = _clauses(difference)
    return printable(zh), printable(en)


def _clauses(d: Difference) -> tuple[str, str]:
    if d.kind == "gone":
        maybe = d.proposal is not None
        zh = f"缺“{d.header}”" + (f"（是否改名为“{d.proposal}”？）" if maybe else "")
        return zh, f"“{d.header}” is gone" + (f" (renamed “{d.proposal}”?)" if maybe else "")
    if d.kind == "new":
        return f"新列 {d.column}“{d.header}”", f"new column {d.column} “{d.header}”"
    if d.kind == "moved":
        zh = f"“{d.header}”由 {d.before} 列移到 {d.column} 列"
        return zh, f"“{d.header}” moved from column {d.before} to {d.column}"
    if d.kind == "code":
        zh = f"“{d.header}”有新代码“{d.value}”（{d.rows} 行）"
        return zh, f"new code “{d.value}” in “{d.header}” ({d.rows} rows)"
    found_zh = f"，现为“{d.found}”" if d.found else ""
    found_en = f", found “{d.found}”" if d.found else ""
    zh = f"{d.header}{found_zh}（{d.rows} 份工作簿）"
    return zh, f"{d.header}{found_en} ({d.rows} workbooks)"
