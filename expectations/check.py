"""What a check is: one promise about a table, in Chinese and English, and the expectation that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

# Sheets and rows named in a message; the ledger and the file hold the rest.
MAX_PLACES = 5


class Text(NamedTuple):
    """The same sentence for a clerk and for an engineer."""

    zh: str
    en: str


ROWS = Text("行", "rows")
BROKEN = Text("不符", "do not")
MISSING = Text("缺失", "are missing")


@dataclass(frozen=True)
class Check:
    """One promise. Every check is an error: a batch or a mart that breaks one goes no further.

    ``expectation`` names a class of Great Expectations, or our ExpectNoRows; ``arguments`` are its own.
    The texts are clauses without a full stop: ``what`` must hold, when it ``matters``, how to ``mend`` it.
    ``broken_where`` is the SQL condition of the rows that break it, for a check of each row by itself.
    ``counted`` says what the counts are of (None: a count would say nothing) and ``fault`` what is wrong
    with them; ``total_query`` (SQL, one number) counts them all where that is not the number of rows.
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
    severity: str = "critical"

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
    )


def no_row_where(name: str, condition: str, *, what: Text, matters: Text, mend: Text, column: str) -> Check:
    """A check of each row by itself: it holds when no row meets the SQL ``condition``."""
    query = f"select source_sheet, source_row from {{batch}} where {condition}"
    check = no_rows(name, query, what=what, matters=matters, mend=mend, column=column)
    return replace(check, broken_where=" ".join(condition.split()))


@dataclass(frozen=True)
class Outcome:
    """What became of a check: counts and places (sheet, row) only where it failed; never values."""

    check: Check
    is_success: bool
    unexpected_count: int | None = None
    element_count: int | None = None
    places: tuple[tuple[str, int], ...] = field(default=())

    def message(self, subject: str | None = None) -> Text:
        """One line a language: what must hold and, where it does not, how many break it and how to mend it.

        ``subject`` is the file or the table that was checked.
        """
        check = self.check
        prefix = Text(f"{subject}：", f"{subject}: ") if subject else Text("", "")
        if self.is_success:
            return Text(prefix.zh + check.what.zh, prefix.en + check.what.en)
        counts, places = self._counts(), self._places()
        why = Text(f"{check.matters.zh}。请{check.mend.zh}。", f"{check.matters.en}. Mend: {check.mend.en}.")
        return Text(
            f"{prefix.zh}应满足：{check.what.zh}{counts.zh}{places.zh}。{why.zh}",
            f"{prefix.en}must hold: {check.what.en}{counts.en}{places.en}. {why.en}",
        )

    def _counts(self) -> Text:
        counted = self.check.counted
        if self.unexpected_count is None or counted is None:
            return Text("", "")
        fault, some = self.check.fault, self.unexpected_count
        if not self.element_count:
            return Text(f"；有 {some} {counted.zh}{fault.zh}", f"; {some} {counted.en} {fault.en}")
        return Text(
            f"；{self.element_count} {counted.zh}中有 {some} {counted.zh}{fault.zh}",
            f"; {some} of {self.element_count} {counted.en} {fault.en}",
        )

    def _places(self) -> Text:
        if not self.places:
            return Text("", "")
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
        more = Text("等", " and more") if (self.unexpected_count or 0) > len(self.places) else Text("", "")
        return Text(f"（{zh}{more.zh}）", f" ({en}{more.en})")


class Failure(NamedTuple):
    """A check that failed, as a clerk reads it."""

    check_name: str
    message_zh: str
    message_en: str


def failures(outcomes: list[Outcome], subject: str | None = None) -> tuple[Failure, ...]:
    """The failed ones among the outcomes, in order."""
    return tuple(Failure(o.check.name, *o.message(subject)) for o in outcomes if not o.is_success)
