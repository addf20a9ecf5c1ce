"""Tables of the spending floor that fit the terminal: what has no room of its own stands below another."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from ingest.findings import VERDICT_STYLES
from ingest.tables import Row, said, words

FOLDED = ("leg", "reading", "point", "vintage", "cause")  # words; figures and verdicts stay whole
LEFT = ("year", "verdict", "floor_verdict", "leg", "reading", "point", "vintage", "cause")
HEADS = {
    "year": ("年度", "year"),
    "amount": ("金额", "amount"),
    "before": ("上年可比", "last year"),
    "change": ("增减 %", "change %"),
    "published": ("公布增长 %", "published %"),
    "floor": ("底线", "floor"),
    "set_in": ("形成年", "set in"),
    "shortfall": ("底线缺口", "shortfall"),
    "verdict": ("比上年", "on last year"),
    "floor_verdict": ("比底线", "on floor"),
    "leg": ("分支 · 项目 · 学段 · 口径", "leg · item · stage · scope"),
    "reading": ("读法", "reading"),
}
Layout = tuple[tuple[str, ...], ...]
# The first that fits the terminal; what shares a column stands one below the other.
YEARS: tuple[Layout, ...] = (
    (
        ("year",),
        ("amount",),
        ("before",),
        ("change",),
        ("published",),
        ("floor",),
        ("set_in",),
        ("shortfall",),
        ("verdict",),
        ("floor_verdict",),
    ),
    (
        ("year",),
        ("amount", "before"),
        ("change", "published"),
        ("floor", "set_in"),
        ("shortfall",),
        ("verdict", "floor_verdict"),
    ),
    (
        ("year",),
        ("amount", "before"),
        ("change", "published"),
        ("floor", "set_in", "shortfall"),
        ("verdict", "floor_verdict"),
    ),
)
FALLEN: tuple[Layout, ...] = (
    (("year",), ("leg",), ("amount",), ("change",), ("shortfall",), ("verdict",), ("floor_verdict",)),
    (("year",), ("leg",), ("amount", "change"), ("shortfall",), ("verdict", "floor_verdict")),
)
READ: tuple[Layout, ...] = (
    (("year",), ("reading",), ("before",), ("floor",), ("shortfall",), ("verdict",), ("floor_verdict",)),
    (("year",), ("reading",), ("before",), ("floor", "shortfall"), ("verdict", "floor_verdict")),
)


def fitting(
    console: Console,
    layouts: Sequence[Layout],
    cells: Sequence[dict[str, str]],
    language: str,
    heads: dict[str, tuple[str, str]] | None = None,
) -> Table:
    """The cells in the first layout that fits the console, the last one where none does."""
    named = {**HEADS, **(heads or {})}
    made = [_laid_out(layout, cells, language, named) for layout in layouts]
    for shown in made:
        if Measurement.get(console, console.options.update(max_width=1000), shown).maximum <= console.width:
            return shown
    return made[-1]


def _laid_out(
    layout: Layout, cells: Sequence[dict[str, str]], language: str, heads: dict[str, tuple[str, str]]
) -> Table:
    shown = Table(box=SIMPLE_HEAD, header_style="bold", padding=(0, 1), collapse_padding=True)
    for names in layout:
        head = "\n".join(words(*heads[name], language, "\n") for name in names)
        folds = "published" in names or names[0] in FOLDED
        shown.add_column(
            head,
            justify="left" if names[0] in LEFT else "right",
            overflow="fold",
            no_wrap=not folds,
        )
    for row in cells:
        shown.add_row(*("\n".join(row[name] for name in names).rstrip("\n") for names in layout))
    return shown


def verdict(row: Row, name: str, language: str) -> str:
    """A verdict with its colour."""
    style = VERDICT_STYLES.get(row[name], "")
    text = said(row, name, language, " ")
    return f"[{style}]{text}[/]" if style else text
