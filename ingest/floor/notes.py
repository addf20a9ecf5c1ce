"""What must be said of single years of a series: exceptions, reasons, vintages, rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.markup import escape

from ingest.contract import code_list
from ingest.money import Unit
from ingest.tables import Row, said, words

OTHER = "†"  # beside a change that does not come from the amount that is shown


def code_name(codes: str, wanted: str, language: str) -> str:
    """Name of a code as its list has it."""
    (found,) = [code for code in code_list(codes) if code.code == wanted]
    return words(found.name_zh, found.name_en, language)


def notes(rows: Sequence[Row], unit: Unit, language: str) -> list[str]:
    """A line a note; years of which the same is said share one."""
    years: dict[str, list[int]] = {}
    for row in rows:
        for note in NOTES:
            text = note(row, unit, language)
            if text:
                years.setdefault(text, []).append(row["fiscal_year"])
    return [f"{_span(found)} {text}" for text, found in years.items()]


def _span(years: Sequence[int]) -> str:
    """2018–2020, 2022 for 2018, 2019, 2020 and 2022."""
    spans: list[list[int]] = []
    for year in years:
        if spans and year == spans[-1][-1] + 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    return ", ".join(str(one[0]) if len(one) == 1 else f"{one[0]}–{one[-1]}" for one in spans)


def _status(row: Row, unit: Unit, language: str) -> str:
    """What amounts alone do not show: nothing to compare, or two readings that differ."""
    if row["status"] in ("rises", "falls", "unchanged") and row["reason"] is None:
        return ""
    status = said(row, "status", language, " ")
    reason = said(row, "reason", language, " ")
    return words(f"{status}：{reason}", f"{status}: {reason}", "en" if language == "en" else "zh").rstrip(
        "：: "
    )


def _exception(row: Row, unit: Unit, language: str) -> str:
    if row["exception_amount"] is None:
        return ""
    amount = unit.show(row["exception_amount"])
    documents = escape(row["exception_documents"] or "–")
    return words(
        f"例外：底线降低 {amount} {escape(unit.zh)}，依据 {documents}",
        f"exception: floor lowered by {amount} {escape(unit.en)}, by {documents}",
        language,
        "\n",
    )


def is_compared_otherwise(row: Row) -> bool:
    """Whether the year is held against the year before with another amount than the one that is shown."""
    return row["compared_amount"] is not None and row["compared_amount"] != row["amount"]


def _compared(row: Row, unit: Unit, language: str) -> str:
    """The amount of the same vintage and edition as that of last year, which the change comes from."""
    if not is_compared_otherwise(row):
        return ""
    amount = unit.show(row["compared_amount"])
    vintage = code_name("finance_vintage", row["compared_vintage"], language)
    return words(
        f"{OTHER} 与上年比较时取同一版本（{vintage}）的 {amount}",
        f"{OTHER} held against last year with {amount} of the same vintage ({vintage})",
        language,
        "\n",
    )


def _floor_compared(row: Row, unit: Unit, language: str) -> str:
    if row["floor_amount"] is None or row["floor_compared_amount"] in (None, row["amount"]):
        return ""
    amount = unit.show(row["floor_compared_amount"])
    vintage = code_name("finance_vintage", row["floor_vintage"], language)
    return words(
        f"与底线比较时取底线所用版本（{vintage}）的 {amount}",
        f"held against the floor with {amount} of its vintage ({vintage})",
        language,
        "\n",
    )


def _strict(row: Row, unit: Unit, language: str) -> str:
    if row["verdict_strict"] == row["verdict"] and row["floor_verdict_strict"] == row["floor_verdict"]:
        return ""
    return words("严格读法（须有增长）未达标", "not met where equal is not enough", language)


def _rounding(row: Row, unit: Unit, language: str) -> str:
    if not row["is_turned_by_rounding"]:
        return ""
    return words(
        "按精确值判定；只看公布位数结论相反", "judged on exact amounts; rounded ones say otherwise", language
    )


def _restated(row: Row, unit: Unit, language: str) -> str:
    if not row["is_restated"]:
        return ""
    return words("各年版公布的金额不同", "editions print different amounts", language)


NOTES: tuple[Callable[[Row, Unit, str], str], ...] = (
    _status,
    _exception,
    _compared,
    _floor_compared,
    _strict,
    _rounding,
    _restated,
)
