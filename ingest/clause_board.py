"""The clause scoreboard for a person: what each clause counts, what it asks for, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ingest.questions import one_of
from ingest.tables import Row, figure, read, said, table

STATUS_STYLES = {
    "met": "green",
    "not_met": "bold red",
    "met_last_year_not_now": "red",
    "no_data": "yellow",
    "not_due": "cyan",
    "not_applicable": "dim",
}
HEADS = {
    "zh": ("条款与计量", "值", "要求", "状态"),
    "en": ("clause and what is counted", "value", "asked", "status"),
    "both": ("条款与计量 clause and what is counted", "值 value", "要求 asked", "状态 status"),
}
BETWEEN_ITEMS = {"zh": "；", "en": "; "}  # as mart_assessment__district_verdict lists what breaks a verdict
VALUE_WIDTH, ASKED_WIDTH, STATUS_WIDTH = 16, 13, 14  # in a table of 80 columns

BOARD, ITEMS = "mart_policy__clause_scoreboard", "mart_assessment__items"
ROWS = """
    with asked as (
        select *, max(year) over (partition by plan_code, district_code) as latest_year
        from marts.{mart}
        where
            (%(district)s::text is null or district_code = %(district)s)
            and (%(clause)s::text is null or clause_code = upper(%(clause)s))
    )

    select * from asked
    where
        year = coalesce(%(year)s::integer, latest_year)
        and (%(status)s::text is null or status = %(status)s)
    order by plan_code, district_code, year, sort_order
"""
KNOWN = """
    select district_code, district_name, year, clause_code, plan_code, sort_order from marts.{mart}
    order by plan_code, sort_order, district_code, year
"""
VERDICTS = """
    select * from marts.mart_assessment__district_verdict
    where district_code = any (%(districts)s) and year = any (%(years)s)
    order by plan_code, district_code, year
"""
STATUSES = "select status, name_zh, name_en from warehouse.clause_status order by severity desc"
TOTALS = """
    select plan_code, plan_zh, plan_en, district_code, district_name, year, status, count(*) as clauses
    from marts.mart_policy__clause_scoreboard
    group by plan_code, plan_zh, plan_en, district_code, district_name, year, status
    order by plan_code, district_code, year
"""


@dataclass(frozen=True)
class Asked:
    """Which rows of the board are wanted; None is every district, the latest year, every clause or status."""

    district: str | None = None
    year: int | None = None
    clause: str | None = None
    status: str | None = None


def is_built() -> bool:
    """Whether what is published holds a scoreboard: a night before there was one has none."""
    (row,) = read("select to_regclass('marts.mart_policy__clause_scoreboard') is not null as is_there")
    return bool(row["is_there"])


def statuses() -> list[Row]:
    """Statuses with their names, the worst first."""
    return read(STATUSES)


def check(asked: Asked) -> None:
    """QuestionError with those there are, where a district, year or clause is asked for that there is not."""
    known = [row for mart in (BOARD, ITEMS) for row in read(KNOWN.format(mart=mart))]
    if asked.district is not None:
        one_of("区县", "district", asked.district, {r["district_code"]: r["district_name"] for r in known})
    if asked.year is not None:
        one_of("年度", "year", asked.year, {str(year): None for year in sorted({r["year"] for r in known})})
    if asked.clause is not None:
        one_of("条款", "clause", asked.clause.upper(), {r["clause_code"]: None for r in known})


def rows(asked: Asked) -> list[Row]:
    """Rows of the districts' plans in their order; items of assessments too where one is asked for."""
    values = {"district": asked.district, "year": asked.year, "clause": asked.clause, "status": asked.status}
    marts = (BOARD, ITEMS) if asked.clause else (BOARD,)
    return [row for mart in marts for row in read(ROWS.format(mart=mart), values)]


def print_board(console: Console, asked: Asked, language: str) -> bool:
    """Print the board, totals by status and the verdicts of assessments; whether there was anything."""
    found = rows(asked)
    for board in _boards(found):
        console.print(_board(board, language, console.width))
        console.print(_totals_line(board, language))
    if found and asked.clause is None and asked.status is None:
        _print_verdicts(console, found, language)
    return bool(found)


def _boards(found: Iterable[Row]) -> list[list[Row]]:
    boards: dict[tuple[str, str, int], list[Row]] = {}
    for row in found:
        boards.setdefault((row["plan_code"], row["district_code"], row["year"]), []).append(row)
    return list(boards.values())


def _widths(width: int) -> tuple[int, int, int]:
    """Of value, asked and status: what the clause does not need goes to the status and its reason."""
    return VALUE_WIDTH, ASKED_WIDTH, max(STATUS_WIDTH, (width - 60) // 2)


def _board(board: list[Row], language: str, width: int) -> Table:
    first = board[0]
    shown = table(
        f"{first['district_name'] or ''} {first['district_code']} · {first['year']} · "
        f"{said(first, 'plan', language, ' ')}",
        *HEADS[language],
        right=[1],
    )
    # What is long folds in the first column: figures and statuses are read at a glance.
    for column, most in zip(shown.columns[1:], _widths(width), strict=True):
        column.max_width = most
    for row in board:
        shown.add_row(
            f"[bold]{row['clause_code']} {said(row, 'name', language, ' ')}[/]\n{_counted(row, language)}",
            _value(row, language),
            _asked(row, language),
            _status(row, language),
        )
    return shown


def _counted(row: Row, language: str) -> str:
    lines = []
    for code in ("zh", "en"):
        if language not in (code, "both"):
            continue
        text, counted = row[f"component_{code}"], row[f"counted_{code}"]
        # Of a bare count the measure's name says the same again.
        if row["denominator"] is not None and counted and counted != text:
            text = f"{text}{'：' if code == 'zh' else ': '}{counted}"
        lines.append(escape(text or ""))
    reading = said(row, "reading", language)
    return "\n".join([*lines, *([f"[italic dim]{reading}[/]"] if reading else [])])


def _value(row: Row, language: str) -> str:
    if row["value"] is None:
        return "–"
    if row["direction"] == "is_declared":
        yes, no = {"zh": ("是", "否"), "en": ("yes", "no")}.get(language, ("是 yes", "否 no"))
        return yes if row["value"] == 1 else no
    decimals = max(0, -row["value_rounded"].as_tuple().exponent)
    text = f"{figure(row['value_rounded'], decimals)} {said(row, 'unit', language, ' ')}"
    if row["denominator"] is None:
        return text
    return f"{text}\n{_plain(row['numerator'])} / {_plain(row['denominator'])}"


def _plain(value: object) -> str:
    """A figure without zeros that say nothing."""
    return "–" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def _asked(row: Row, language: str) -> str:
    if row["direction"] == "is_declared":
        return str(row["direction_symbol"])
    line = row["target"] if row["target"] is not None else row["previous_value"]
    text = f"{row['direction_symbol']} {_plain(line)}" if line is not None else str(row["direction_symbol"])
    if row["target"] is None and line is not None:
        text += {"zh": "\n（上年）", "en": "\n(last year)"}.get(language, "\n上年 last year")
    if row["deadline_year"] is not None:
        text += {"zh": f"\n期限 {row['deadline_year']}", "en": f"\nby {row['deadline_year']}"}.get(
            language, f"\n期限 by {row['deadline_year']}"
        )
    return text


def _status(row: Row, language: str) -> str:
    text = f"[{STATUS_STYLES[row['status']]}]{said(row, 'status', language, ' ')}[/]"
    if row["is_declared"]:
        text += {"zh": "（申报）", "en": " (declared)"}.get(language, "（申报 declared）")
        if row["documents"]:
            text += f"\n[dim]{escape(row['documents'])} {row['document_date'] or ''}[/]"
    if row["status"] in ("no_data", "not_applicable"):
        text += f"\n[dim]{said(row, 'reason', language)}[/]"
    if row["cases_expected"] is not None and not row["is_complete"]:
        text += f"\n[dim]{row['cases_reported']}/{row['cases_expected']}[/]"
    return text


def _totals_line(board: list[Row], language: str) -> str:
    counts = [(status, sum(row["status"] == status["status"] for row in board)) for status in statuses()]
    return "  ".join(
        f"[{STATUS_STYLES[status['status']]}]{said(status, 'name', language, ' ')} {count}[/]"
        for status, count in reversed(counts)
        if count
    )


def _print_verdicts(console: Console, found: list[Row], language: str) -> None:
    places = {
        "districts": sorted({row["district_code"] for row in found}),
        "years": sorted({row["year"] for row in found}),
    }
    for row in read(VERDICTS, places):
        style = STATUS_STYLES[row["verdict"]]
        console.print(
            f"\n[bold]{said(row, 'plan', language, ' ')}[/] {row['district_code']} {row['year']}: "
            f"[{style}]{said(row, 'verdict', language, ' ')}[/] "
            f"({row['clauses_met']}/{row['clauses_judged']})"
        )
        for name in ("breaks", "missing"):
            for code in ("zh", "en"):
                text = row[f"{name}_{code}"] if language in (code, "both") else None
                for item in (text or "").split(BETWEEN_ITEMS[code]) if text else ():
                    console.print(f"  · {escape(item)}", highlight=False)


def print_totals(console: Console) -> None:
    """Print how many clauses stand how, by district and year."""
    named = statuses()
    for (_, district), years in _by_district(read(TOTALS)).items():
        first = next(iter(years.values()))[0]
        shown = table(
            f"{first['district_name'] or ''} {district} · {first['plan_zh']} {first['plan_en']} · "
            "各年条款状态 clauses by status",
            "年度 year",
            *(f"{status['name_zh']}\n{status['name_en']}" for status in named),
            right=range(1, len(named) + 1),
        )
        for year, counted in years.items():
            of_status = {row["status"]: row["clauses"] for row in counted}
            shown.add_row(
                str(year),
                *(_coloured(of_status.get(status["status"], 0), status["status"]) for status in named),
            )
        console.print(shown)


def _by_district(found: Iterable[Row]) -> dict[tuple[str, str], dict[int, list[Row]]]:
    districts: dict[tuple[str, str], dict[int, list[Row]]] = {}
    for row in found:
        years = districts.setdefault((row["plan_code"], row["district_code"]), {})
        years.setdefault(row["year"], []).append(row)
    return districts


def _coloured(count: int, status: str) -> str:
    return f"[{STATUS_STYLES[status]}]{count}[/]" if count else "[dim]0[/]"
