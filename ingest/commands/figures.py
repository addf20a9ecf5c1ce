"""Questions to what is published: scoreboard, floor, balance, explain, what-if, quality."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from ingest.commands.shared import asking, console, known_language, known_status, prepare_database

app = typer.Typer()


@app.command(
    epilog="Example: junheng scoreboard --district 990101 --year 2022  ·  junheng scoreboard --clause C02"
)
def scoreboard(
    district: Annotated[str | None, typer.Option(help="District code; all districts when omitted.")] = None,
    year: Annotated[int | None, typer.Option(help="Year; the latest when omitted.")] = None,
    clause: Annotated[
        str | None, typer.Option(help="Only this clause (C02), or item of the national assessment (G5).")
    ] = None,
    status: Annotated[
        str | None, typer.Option(help="Only clauses of this status.", callback=known_status)
    ] = None,
    language: Annotated[str, typer.Option(help="Language: zh, en or both.", callback=known_language)] = "zh",
) -> None:
    """条款看板 Every clause of the plan: what was counted, what is asked, how it stands."""
    from ingest import clause_board, summary

    with asking():
        asked = clause_board.Asked(district, year, clause, status)
        raise typer.Exit(summary.print_scoreboard(console, asked, language))


@app.command(epilog="Example: junheng floor 990101  ·  junheng floor 全国 --leg total --year-from 2019")
def floor(
    entity: Annotated[
        str, typer.Argument(help="Code or name of an entity, or a part of a name.", metavar="ENTITY")
    ],
    district: Annotated[str | None, typer.Option(help="District that the entity is reported under.")] = None,
    leg: Annotated[str | None, typer.Option(help="Only this leg, by code or name: total, 总额, …")] = None,
    stage: Annotated[str | None, typer.Option(help="Only this stage: primary, 小学, …")] = None,
    item: Annotated[str | None, typer.Option(help="Only this item, by code or name.")] = None,
    year_from: Annotated[int | None, typer.Option(help="From this fiscal year.")] = None,
    year_to: Annotated[int | None, typer.Option(help="Up to this fiscal year.")] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Amounts to the last digit.")] = False,
    language: Annotated[str, typer.Option(help="Language: zh, en or both.", callback=known_language)] = "zh",
) -> None:
    """经费底线 Who fell, when, by how much, on which leg and scope; what was restated; what alarms."""
    from ingest import summary
    from ingest.floor.series import Asked

    with asking():
        asked = Asked(entity, district, leg, stage, item, year_from, year_to)
        raise typer.Exit(summary.print_floor(console, asked, language, exact))


@app.command(epilog="Example: junheng balance --district 990101 --year 2022")
def balance(
    district: Annotated[str | None, typer.Option(help="District code; all districts when omitted.")] = None,
    year: Annotated[int | None, typer.Option(help="School year; the latest when omitted.")] = None,
) -> None:
    """差异系数 Coefficients by stage and indicator with limit and verdict."""
    from ingest import summary

    prepare_database()
    raise typer.Exit(summary.print_balance(console, district, year))


def _amount(text: str) -> Decimal:
    """An exact amount above nothing; wrong usage otherwise."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or amount <= 0:
        raise typer.BadParameter(f"应为大于 0 的数 expected a number above 0: {text}")
    return amount


Amount = Annotated[
    Decimal | None, typer.Option(parser=_amount, metavar="N", help="How many units of the numerator.")
]


@app.command(
    epilog="Example: junheng explain R4 --district 990101 --year 2022 --stage primary --school 9901010001"
    "  ·  junheng explain C02 --district 990101 --year 2022"
)
def explain(
    what: Annotated[
        str, typer.Argument(help="Clause (C02, G5), or indicator by code or number (R4).", metavar="WHAT")
    ],
    school: Annotated[
        str | None, typer.Option(help="School code; an indicator down to row and column.")
    ] = None,
    district: Annotated[str | None, typer.Option(help="District code; the only one when omitted.")] = None,
    year: Annotated[int | None, typer.Option(help="Year; the latest when omitted.")] = None,
    stage: Annotated[str | None, typer.Option(help="Stage of an indicator; all when omitted.")] = None,
    standard: Annotated[str | None, typer.Option(help="Standard; the one with a limit when omitted.")] = None,
) -> None:
    """追溯 How a figure came about: numerator, denominator, what is behind, file, sheet, row and column."""
    from ingest import explain as explanation
    from ingest import explain_clause as clauses
    from ingest import questions

    with asking():
        if clauses.known(what):
            clauses.explain_clause(console, what, school, district, year)
        elif questions.indicators(what, standard):
            explanation.explain_indicator(console, what, school, district, year, stage, standard)
        else:
            raise clauses.not_known(what, questions.known_indicators())


@app.command(
    "what-if",
    epilog="Example: junheng what-if --district 990101 --year 2022 --stage primary --indicator R2 "
    "--from 9901010001 --to 9901010002 --move 3",
)
def what_if(
    district: Annotated[str, typer.Option(help="District code.")],
    year: Annotated[int, typer.Option(help="School year.")],
    stage: Annotated[str, typer.Option(help="Stage: primary, junior_secondary or its Chinese name.")],
    indicator: Annotated[str, typer.Option(help="Indicator by code or number: R2.")],
    from_school: Annotated[str | None, typer.Option("--from", help="School that gives.")] = None,
    to_school: Annotated[str | None, typer.Option("--to", help="School that gets.")] = None,
    move: Amount = None,
    raise_school: Annotated[str | None, typer.Option("--raise", help="School that gets more.")] = None,
    by: Amount = None,
    standard: Annotated[str | None, typer.Option(help="Standard; the one with a limit when omitted.")] = None,
) -> None:
    """推算 What a move between two schools, or more for one, would do to them and to the coefficient."""
    from ingest import questions
    from ingest import what_if as calculation

    changes = calculation.changes(from_school, to_school, move, raise_school, by)
    if changes is None:
        raise typer.BadParameter("应为 expected: --from A --to B --move N, or --raise SCHOOL --by N")
    with asking():
        place = questions.place(district, year, stage, indicator, standard)
        calculation.print_answer(console, place, changes)


@app.command(epilog="Example: junheng quality --output quality.html")
def quality(
    output: Annotated[Path, typer.Option(help="Where the page goes.")] = Path("quality.html"),
) -> None:
    """检查报告 Write the results of the quality checks as one page that needs no internet."""
    from expectations.report import write_report

    prepare_database()
    console.print(f"已写出 written: {write_report(output)}")
