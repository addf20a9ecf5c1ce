"""The spending floor of an entity for a person: who fell, when, by how much, on which leg and scope."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from ingest import money
from ingest.floor.chart import FALLS, MARK, MISSING, Point, chart
from ingest.floor.layout import FALLEN, READ, YEARS, fitting, verdict
from ingest.floor.notes import OTHER, code_name, is_compared_otherwise, notes
from ingest.floor.series import SERIES, Answer, series
from ingest.tables import Row, said, say, words


def print_floor(console: Console, found: Answer, language: str, is_exact: bool) -> None:
    """Print which years fell, then every series with its table, chart, notes and readings."""
    together = series(found.floor)
    _print_fallen(console, found, together, language, is_exact)
    empty = [rows for rows in together if not _is_known(rows)]
    for rows in together:
        if _is_known(rows):
            _print_series(console, rows, found.readings, language, is_exact)
    if empty:
        say(console, f"\n[bold]{words('没有可比数据的分支', 'With nothing to compare', language)}[/]")
    for rows in empty:
        reasons = dict.fromkeys(said(row, "reason", language, " ") for row in rows if row["reason_zh"])
        say(console, f"· {title(rows[0], language)}: {'; '.join(reasons)}", 2)


def _is_known(rows: Sequence[Row]) -> bool:
    return any(row["amount"] is not None or row["verdict"] != "no_data" for row in rows)


def title(row: Row, language: str, between: str = " · ") -> str:
    """Leg, item, stage, scope and source of funds of a row of any mart of the floor."""
    scope = code_name("finance_scope", row["scope_code"], language)
    source = code_name("finance_fund_source", row["fund_source_code"], language)
    leg = said(row, "leg", language, " ") or said(row, "basis", language, " ")
    names = [leg, said(row, "item", language, " "), said(row, "stage", language, " "), escape(scope)]
    if row["fund_source_code"] != "not_stated":
        names.append(escape(source))
    return between.join(names)


def basis_of(leg: str) -> str:
    """How amounts of a leg are counted: total, per_student or per_teacher."""
    return next((basis for basis in money.HEADS if leg.startswith(basis)), "total")


def unit_of(rows: Sequence[Row], is_exact: bool, *names: str) -> money.Unit:
    """The unit in which the amounts of a series are shown."""
    amounts = [row[name] for row in rows for name in names]
    return money.unit_of(amounts, rows[0]["currency_code"], basis_of(rows[0]["leg"]), is_exact)


def _print_fallen(
    console: Console, found: Answer, together: Sequence[Sequence[Row]], language: str, is_exact: bool
) -> None:
    say(
        console,
        f"\n[bold]{escape(found.entity.title)} · {words('教育支出底线', 'Spending floor', language)}[/]",
    )
    say(console, _counts(found, len(together), language))
    cells = [
        _fallen_cells(row, unit_of(rows, is_exact, "amount"), language)
        for rows in together
        for row in rows
        if "not_met" in (row["verdict"], row["floor_verdict"]) or row["direction_printed"] == "falls"
    ]
    if not cells:
        return
    heads = {"amount": ("增减", "change")}
    fallen = words(
        "公布数下降、判定下降或低于底线的年份", "Years that fell, or stay below the floor", language
    )
    say(console, fallen, 2)
    console.print(fitting(console, FALLEN, cells, language, heads))


def _counts(found: Answer, series_count: int, language: str) -> str:
    compared = sum(row["verdict"] != "no_data" for row in found.floor)
    fell = sum(row["verdict"] == "not_met" for row in found.floor)
    below = sum(row["floor_verdict"] == "not_met" for row in found.floor)
    turned = {
        (*(row[name] for name in SERIES), row["fiscal_year"])
        for row in found.restated
        if row["is_verdict_turned"] or row["is_floor_verdict_turned"]
    }
    alarms = sum(row["is_alarm"] for row in found.warnings)
    return words(
        f"{series_count} 个序列，{compared} 个年度可比：判定下降 {fell}，低于底线 {below}；"
        f"重述翻转 {len(turned)} 个年度的判定；年中警示 {alarms} 项。",
        f"{series_count} series, {compared} years compared: {fell} judged to fall, {below} below the floor; "
        f"restatements turned verdicts of {len(turned)} years; {alarms} alarms of a year under way.",
        language,
        "\n",
    )


def _fallen_cells(row: Row, unit: money.Unit, language: str) -> dict[str, str]:
    short = row["shortfall_amount"]
    named = unit.name("en" if language == "en" else "zh")
    return {
        "year": str(row["fiscal_year"]),
        "leg": title(row, language),
        "amount": f"{unit.show(row['change_amount'])} {named}" if row["change_amount"] is not None else "–",
        "change": _change(row),
        "shortfall": f"{unit.show(short)} {named}" if short else unit.show(short),
        "verdict": verdict(row, "verdict", language),
        "floor_verdict": verdict(row, "floor_verdict", language),
    }


def _change(row: Row) -> str:
    text = money.change(row["change_pct"], row["change_amount"])
    # Without an amount of last year the published growth is all there is.
    if row["change_pct"] is None and row["published_growth_pct"] is not None:
        return f"({row['published_growth_pct']:+.2f})"
    return f"{text}{_other(row)}"


def _other(row: Row) -> str:
    return OTHER if row["change_amount"] is not None and is_compared_otherwise(row) else ""


def _print_series(
    console: Console, rows: Sequence[Row], readings: Sequence[Row], language: str, is_exact: bool
) -> None:
    unit = unit_of(rows, is_exact, "amount", "previous_amount", "floor_amount")
    say(console, f"\n[bold]■ {title(rows[0], language)}[/]")
    say(console, _how(rows, unit, language), 2, "dim")
    cells = [_year_cells(row, unit, language) for row in rows]
    console.print(fitting(console, YEARS, cells, language))
    _print_chart(console, rows, language)
    for line in notes(rows, unit, language):
        say(console, line, 2)
    _print_readings(console, rows, readings, unit, language)


def _how(rows: Sequence[Row], unit: money.Unit, language: str) -> str:
    """Unit, vintages and how a computed amount came about."""
    vintages = dict.fromkeys(said(row, "vintage", language, " ") for row in rows)
    parts = [
        f"{words('单位', 'unit', language)}: {unit.name(language)}",
        f"{words('版本', 'vintage', language)}: {', '.join(vintages)}",
        f"{words('判定读法', 'judged on', language)}: {said(rows[0], 'judged_on', language, ' ')}",
    ]
    if rows[0]["student_count_method"] in ("year_average", "school_year_start"):
        parts.append(f"{words('算法', 'method', language)}: {said(rows[0], 'method', language, ' ')}")
    return " · ".join(parts)


def _year_cells(row: Row, unit: money.Unit, language: str) -> dict[str, str]:
    return {
        "year": str(row["fiscal_year"]),
        "amount": unit.show(row["amount"]),
        "before": unit.show(row["previous_amount"]),
        "change": f"{money.change(row['change_pct'], row['change_amount'])}{_other(row)}",
        "published": _published(row, language),
        "floor": unit.show(row["floor_amount"]),
        "set_in": f"({row['floor_set_year']})" if row["floor_set_year"] else "",
        "shortfall": unit.show(row["shortfall_amount"]),
        "verdict": verdict(row, "verdict", language),
        "floor_verdict": verdict(row, "floor_verdict", language),
    }


def _published(row: Row, language: str) -> str:
    if row["published_growth_pct"] is None:
        return ""
    return f"{row['published_growth_pct']:+.2f} {said(row, 'published_growth_basis', language, ' ')}"


def _print_chart(console: Console, rows: Sequence[Row], language: str) -> None:
    points = [
        # The floor is held against the amount of its own vintage, and never against a budget.
        Point(row["fiscal_year"], row["amount"], None)
        if row["floor_compared_amount"] is None
        else Point(row["fiscal_year"], row["floor_compared_amount"], row["floor_amount"])
        for row in rows
    ]
    lines = chart(points, console.width - 4)
    for line in lines:
        say(console, line, 2)
    if lines:
        legend = words(
            f"{MARK} 底线 · {MISSING} 缺口 · 右列：比底线高低，{FALLS} 低于底线",
            f"{MARK} floor · {MISSING} missing · right: against the floor, {FALLS} below it",
            language,
            "\n",
        )
        say(console, legend, 2, "dim")


def _print_readings(
    console: Console, rows: Sequence[Row], readings: Sequence[Row], unit: money.Unit, language: str
) -> None:
    """Each reading of the years in which they do not agree."""
    of_series = next((found for found in series(readings) if _is_same(found[0], rows[0])), [])
    cells = []
    for year in dict.fromkeys(row["fiscal_year"] for row in of_series):
        of_year = [row for row in of_series if row["fiscal_year"] == year]
        if not _agree(of_year):
            cells += [_reading_cells(row, unit, language) for row in of_year]
    if not cells:
        return
    say(console, words("读法不一致的年份（* 为判定读法）", "Years read differently (* decides)", language), 2)
    console.print(fitting(console, READ, cells, language))


def _is_same(one: Row, other: Row) -> bool:
    return all(one[name] == other[name] for name in SERIES)


def _agree(of_year: Sequence[Row]) -> bool:
    """Whether the readings that can be judged come to the same."""
    return all(
        len({row[name] for row in of_year if row[name] != "no_data"}) <= 1
        for name in ("verdict", "floor_verdict")
    )


def _reading_cells(row: Row, unit: money.Unit, language: str) -> dict[str, str]:
    mark = "*" if row["is_judged"] else " "
    return {
        "year": str(row["fiscal_year"]),
        "reading": f"{mark}{said(row, 'reading', language, ' ')}",
        "before": unit.show(row["previous_comparable_amount"]),
        "floor": unit.show(row["floor_amount"]),
        "shortfall": unit.show(row["shortfall_amount"]),
        "verdict": verdict(row, "verdict", language),
        "floor_verdict": verdict(row, "floor_verdict", language),
    }
