"""Around the spending floor of an entity: what was believed before, and how the year under way stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from ingest import money
from ingest.findings import VERDICT_STYLES
from ingest.floor.board import basis_of, title
from ingest.floor.layout import Layout, fitting
from ingest.floor.series import series
from ingest.tables import Row, read, said, say, words

NAMES = "select verdict, name_zh, name_en from warehouse.verdict"
RESTATED: tuple[Layout, ...] = (
    (
        ("year",),
        ("point",),
        ("vintage",),
        ("amount",),
        ("restated",),
        ("cause",),
        ("verdict",),
        ("floor_verdict",),
    ),
    (("year",), ("point", "vintage"), ("amount", "restated"), ("cause",), ("verdict", "floor_verdict")),
)
HEADS = {
    "point": ("起", "from"),
    "vintage": ("版本", "vintage"),
    "restated": ("比此前", "on before"),
    "cause": ("原因", "cause"),
}


def print_restatements(console: Console, rows: Sequence[Row], language: str, is_exact: bool) -> None:
    """Print what was believed of a year from when, by which edition, vintage and file, and what turned."""
    say(console, f"\n[bold]{words('重述', 'Restatements', language)}[/]")
    if not rows:
        say(console, words("没有后来改变的年份", "no year was changed later", language), 2)
        return
    names = {row["verdict"]: row for row in read(NAMES)}
    for of_series in series(rows):
        say(console, f"[bold]■ {title(of_series[0], language)}[/]")
        for axis in dict.fromkeys(row["belief_axis"] for row in of_series):
            _print_axis(
                console, [row for row in of_series if row["belief_axis"] == axis], names, language, is_exact
            )


def _print_axis(
    console: Console, rows: Sequence[Row], names: Mapping[str, Row], language: str, is_exact: bool
) -> None:
    amounts = [row["amount"] for row in rows]
    unit = money.unit_of(amounts, rows[0]["currency_code"] or "", basis_of(rows[0]["leg"]), is_exact)
    say(
        console,
        f"{said(rows[0], 'belief_axis', language, ' ')} · "
        f"{words('单位', 'unit', language)}: {unit.name(language)}",
        2,
    )
    console.print(
        fitting(console, RESTATED, [_cells(row, unit, names, language) for row in rows], language, HEADS)
    )
    for file_name, versions in _files(rows, language).items():
        say(console, f"{versions}: {escape(file_name)}", 2, "dim")


def _cells(row: Row, unit: money.Unit, names: Mapping[str, Row], language: str) -> dict[str, str]:
    edition = words(f"{row['edition']} 年版", f"edition {row['edition']}", language) if row["edition"] else ""
    vintage = said(row, "vintage", language, " ")
    return {
        "year": str(row["fiscal_year"]),
        "point": _point(row, language),
        "vintage": " ".join(text for text in (vintage, edition) if text),
        "amount": unit.show(row["amount"]),
        "restated": _restated(row, unit),
        "cause": said(row, "cause", language, " ") or words("首次", "first", language),
        "verdict": _turned(row, "verdict", names, language),
        "floor_verdict": _turned(row, "floor_verdict", names, language),
    }


def _point(row: Row, language: str) -> str:
    """From when: a day of loading, or the edition of a publication."""
    if row["believed_from_date"] is not None:
        text = str(row["believed_from_date"])
    else:
        edition = str(row["believed_from_point"]).split("-")[0]
        text = words(f"{edition} 年版", f"edition {edition}", language)
    return f"{text} {words('现行', 'now', language)}" if row["is_believed_now"] else text


def _restated(row: Row, unit: money.Unit) -> str:
    if row["restated_amount"] is None:
        return ""
    sign = "+" if row["restated_amount"] > 0 else ""
    return f"{sign}{unit.show(row['restated_amount'])}"


def _turned(row: Row, name: str, names: Mapping[str, Row], language: str) -> str:
    """The verdict of then, with that of now where it turned."""
    then = _named(row[name], names, language)
    if not row[f"is_{name}_turned"]:
        return then
    return f"{then} → {_named(row[f'{name}_now'], names, language)}"


def _named(verdict: str | None, names: Mapping[str, Row], language: str) -> str:
    if verdict is None:
        return "–"
    return f"[{VERDICT_STYLES.get(verdict, 'default')}]{said(names[verdict], 'name', language, ' ')}[/]"


def _files(rows: Iterable[Row], language: str) -> dict[str, str]:
    """Files behind the versions of each year, which are counted from the first line of the year."""
    found: dict[str, dict[int, list[str]]] = {}
    for row in rows:
        if row["file_name"]:
            years = found.setdefault(row["file_name"], {})
            years.setdefault(row["fiscal_year"], []).append(str(row["version"]))
    return {
        name: ", ".join(
            words(f"{year} 第 {'、'.join(of_year)} 版", f"{year} version {', '.join(of_year)}", language)
            for year, of_year in years.items()
        )
        for name, years in found.items()
    }


def print_warnings(console: Console, rows: Sequence[Row], language: str, is_exact: bool) -> None:
    """Print years under way against the floor: budget, execution, what is missing in all and per pupil."""
    say(console, f"\n[bold]{words('年中预警', 'Early warning', language)}[/]")
    if not rows:
        say(console, words("没有进行中的年度", "no year is under way", language), 2)
    for row in rows:
        mark = "[bold red]⚠[/] " if row["is_alarm"] else ""
        say(console, f"[bold]■ {row['fiscal_year']} · {title(row, language)}[/]")
        say(console, f"{mark}{said(row, 'warning', language, ' ')}", 2)
        for label, text in _lines(row, language, is_exact):
            say(console, f"{label}: {text}", 2)


def _lines(row: Row, language: str, is_exact: bool) -> list[tuple[str, str]]:
    """What is known of the year, each figure with its name; what is not known is left out."""
    names = ("required_amount", "budget_amount", "executed_amount")
    whole = money.unit_of((row[name] for name in names), row["currency_code"], "total", is_exact)
    by_head = money.unit_of([row["floor_amount"]], row["currency_code"], row["basis"], is_exact)
    per_pupil = money.unit_of([row["missing_per_student"]], row["currency_code"], "per_student", is_exact)

    def shown(name: str, unit: money.Unit) -> str:
        return "" if row[name] is None else f"{unit.show(row[name])} {escape(unit.name(_one(language)))}"

    def both(name: str, per_student: str) -> str:
        return " · ".join(text for text in (shown(name, whole), shown(per_student, per_pupil)) if text)

    pupils = "" if row["students"] is None else f"{row['students']:,.0f} ({row['students_school_year']})"
    spent = f"{shown('executed_amount', whole)}{_pace(row, language)}"
    floor = f"{shown('floor_amount', by_head)} ({row['floor_set_year'] or '–'})"
    found = [
        (
            words("底线（形成年）", "floor (set in)", language),
            floor if row["floor_amount"] is not None else "",
        ),
        (words("学生数（学年）", "pupils (school year)", language), pupils),
        (words("应达总额", "required in all", language), shown("required_amount", whole)),
        (words("全年预算", "budget", language), shown("budget_amount", whole)),
        (
            words("预算缺口", "budget short of it", language),
            both("budget_shortfall_amount", "budget_shortfall_per_student"),
        ),
        (words("累计执行", "spent so far", language), spent if row["executed_amount"] is not None else ""),
        (words("尚缺", "still missing", language), both("missing_amount", "missing_per_student")),
    ]
    return [(label, text) for label, text in found if text]


def _pace(row: Row, language: str) -> str:
    if row["executed_pct"] is None or row["elapsed_pct"] is None:
        return ""
    return words(
        f"（至 {row['through_date']}，应达的 {row['executed_pct']}%；全年已过 {row['elapsed_pct']}%）",
        f" (to {row['through_date']}: {row['executed_pct']}% of what is required; "
        f"{row['elapsed_pct']}% of the year)",
        language,
    )


def _one(language: str) -> str:
    """A unit beside each figure is said in one language: both would be read as two units."""
    return "en" if language == "en" else "zh"
