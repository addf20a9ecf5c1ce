"""What a check is: one promise about a table, in Chinese and English, and the expectation that holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

# Sheets and rows named in a message; the ledger and the file hold the rest.
MAX_PLACES = 5
TIME_ZONE = ZoneInfo("Asia/Shanghai")


class Text(NamedTuple):
    """The same sentence for a clerk and for an engineer."""

    zh: str
    en: str


def today() -> date:
    """The day that graces are held against."""
    return datetime.now(TIME_ZONE).date()


NOTHING = Text("", "")
ROWS = Text("行", "rows")
BROKEN = Text("不符", "do not")
MISSING = Text("缺失", "are missing")


class Swap(NamedTuple):
    """Two columns of a record that a clerk may have taken for each other, and their names in its contract."""

    columns: tuple[str, str]
    names: tuple[Text, Text]


class Grace(NamedTuple):
    """A check that only warns: whose it is to settle, and the last day on which it does not hold anything."""

    owner: Text
    until: date

    @classmethod
    def first_of(cls, rows: Iterable[Mapping[str, str]]) -> Grace:
        """That of the row of a seed whose days end first: one check speaks for all of them."""
        first = min(rows, key=lambda row: row["warn_until"])
        return cls(Text(first["owner_zh"], first["owner_en"]), date.fromisoformat(first["warn_until"]))


@dataclass(frozen=True)
class Check:
    """One promise. A check is an error, a batch or a mart that breaks one goes no further, but for its grace.

    ``expectation`` names a class of Great Expectations, or our ExpectNoRows; ``arguments`` are its own.
    The texts are clauses without a full stop: ``what`` must hold, when it ``matters``, how to ``mend`` it.
    ``broken_where`` is the SQL condition of the rows that break it, for a check of each row by itself.
    ``counted`` says what the counts are of (None: a count would say nothing) and ``fault`` what is wrong
    with them; ``total_query`` (SQL, one number) counts them all where that is not the number of rows.
    ``names_query`` (SQL, two texts: zh, en) names what breaks the promise where a place would not say it;
    it must give nothing personal. ``grace`` makes it a warning until its last day. ``swaps`` are tried on
    rows that break it; ``broken_by_any`` is the SQL condition of a row that breaks this or another rule.
    """

    name: str
    expectation: str
    arguments: Mapping[str, Any]
    what: Text
    matters: Text
    mend: Text
    column: str | None = None
    broken_where: str | None = None
    counted: Text | None = ROWS
    fault: Text = BROKEN
    total_query: str | None = None
    names_query: str | None = None
    grace: Grace | None = None
    swaps: tuple[Swap, ...] = ()
    broken_by_any: str | None = None

    @property
    def severity(self) -> str:
        """``warning`` within its grace, else ``critical``."""
        return "warning" if self.grace and today() <= self.grace.until else "critical"

    @property
    def is_row_wise(self) -> bool:
        """Whether it looks at each row by itself: what holds for the rows of two batches holds for both."""
        return self.broken_where is not None

    @property
    def is_sql(self) -> bool:
        """Whether the check is a query of ours; else it is an expectation about one column."""
        return "unexpected_rows_query" in self.arguments

    @property
    def places_query(self) -> str | None:
        """SQL for sheet and row of what breaks the promise; None where it has no place."""
        if self.broken_where:
            return f"select source_sheet, source_row from {{batch}} where {self.broken_where}"
        query = str(self.arguments.get("unexpected_rows_query", ""))
        return query if "source_row" in query.partition(" from ")[0] else None


def no_rows(
    name: str,
    query: str,
    *,
    what: Text,
    matters: Text,
    mend: Text,
    column: str | None = None,
    counted: Text | None = ROWS,
    fault: Text = BROKEN,
    total_query: str | None = None,
    names_query: str | None = None,
    grace: Grace | None = None,
) -> Check:
    """A check in SQL: it holds when ``query`` returns nothing.

    The query reads ``{batch}`` (a derived table that brings its own alias) and selects places
    (source_sheet, source_row) or a constant, never a value: what it selects may be shown. It must not
    contain the word join, for then Great Expectations leaves out the alias.
    """
    return Check(
        name=name,
        expectation="ExpectNoRows",
        arguments={"unexpected_rows_query": " ".join(query.split())},
        what=what,
        matters=matters,
        mend=mend,
        column=column,
        counted=counted,
        fault=fault,
        total_query=" ".join(total_query.split()) if total_query else None,
        names_query=" ".join(names_query.split()) if names_query else None,
        grace=grace,
    )


def no_row_where(name: str, condition: str, *, what: Text, matters: Text, mend: Text, column: str) -> Check:
    """A check of each row by itself: it holds when no row meets the SQL ``condition``."""
    query = f"select source_sheet, source_row from {{batch}} where {condition}"
    check = no_rows(name, query, what=what, matters=matters, mend=mend, column=column)
    return replace(check, broken_where=" ".join(condition.split()))


@dataclass(frozen=True)
class Outcome:
    """What became of a check: counts, places (sheet, row) and names only where it failed; never values.

    ``hint`` is a guess at the cause, for a reader to confirm: nothing is mended by it.
    """

    check: Check
    is_success: bool
    unexpected_count: int | None = None
    element_count: int | None = None
    places: tuple[tuple[str, int], ...] = field(default=())
    names: tuple[Text, ...] = field(default=())
    hint: Text = NOTHING

    @property
    def is_holding(self) -> bool:
        """Whether it keeps what was checked from going on."""
        return not self.is_success and self.check.severity == "critical"

    def message(self, subject: str | None = None) -> Text:
        """One line a language: what must hold and, where it does not, how many break it and how to mend it.

        ``subject`` is the file or the table that was checked.
        """
        check = self.check
        prefix = Text(f"{subject}：", f"{subject}: ") if subject else NOTHING
        if self.is_success:
            return Text(prefix.zh + check.what.zh, prefix.en + check.what.en)
        counts, places, names, grace = self._counts(), self._places(), self._names(), self._grace()
        why = Text(f"{check.matters.zh}。请{check.mend.zh}。", f"{check.matters.en}. Mend: {check.mend.en}.")
        return Text(
            f"{prefix.zh}应满足：{check.what.zh}{counts.zh}{places.zh}{names.zh}。{why.zh}{self.hint.zh}{grace.zh}",
            f"{prefix.en}must hold: {check.what.en}{counts.en}{places.en}{names.en}. "
            f"{why.en}{self.hint.en}{grace.en}",
        )

    def _counts(self) -> Text:
        counted = self.check.counted
        if self.unexpected_count is None or counted is None:
            return NOTHING
        fault, some = self.check.fault, self.unexpected_count
        if not self.element_count:
            return Text(f"；有 {some} {counted.zh}{fault.zh}", f"; {some} {counted.en} {fault.en}")
        return Text(
            f"；{self.element_count} {counted.zh}中有 {some} {counted.zh}{fault.zh}",
            f"; {some} of {self.element_count} {counted.en} {fault.en}",
        )

    def _places(self) -> Text:
        if not self.places:
            return NOTHING
        sheets: dict[str, list[int]] = {}
        for sheet, row in self.places:
            sheets.setdefault(sheet, []).append(row)
        zh = "；".join(
            (f"工作表“{s}”" if s else "") + f"第 {'、'.join(map(str, rows))} 行" for s, rows in sheets.items()
        )
        en = "; ".join(
            (f"sheet “{s}” " if s else "") + f"row{'s' * (len(rows) > 1)} {', '.join(map(str, rows))}"
            for s, rows in sheets.items()
        )
        more = self._more(len(self.places))
        return Text(f"（{zh}{more.zh}）", f" ({en}{more.en})")

    def _names(self) -> Text:
        if not self.names:
            return NOTHING
        more = self._more(len(self.names))
        zh, en = "；".join(name.zh for name in self.names), "; ".join(name.en for name in self.names)
        return Text(f"（{zh}{more.zh}）", f" ({en}{more.en})")

    def _more(self, shown: int) -> Text:
        return Text("等", " and more") if (self.unexpected_count or 0) > shown else NOTHING

    def _grace(self) -> Text:
        grace = self.check.grace
        if grace is None or self.is_holding:
            return NOTHING
        until = grace.until.isoformat()
        return Text(
            f"（提示，不影响入库与发布；由{grace.owner.zh}于 {until} 前核实，此后按错误处理。）",
            f" (A warning that holds nothing back; {grace.owner.en} settles it by {until}, "
            "from then on it is an error.)",
        )


class Failure(NamedTuple):
    """A check that failed, as a clerk reads it."""

    check_name: str
    message_zh: str
    message_en: str


def failures(outcomes: list[Outcome], subject: str | None = None) -> tuple[Failure, ...]:
    """The failed ones among the outcomes that hold something back, in order."""
    return tuple(Failure(o.check.name, *o.message(subject)) for o in outcomes if o.is_holding)
