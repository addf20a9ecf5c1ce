"""The clause scoreboard at the command line: value, line, reading and status, and what a filter leaves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from psycopg import sql
from typer.testing import CliRunner, Result

from ingest import cli, database, exit_codes

CLAUSE: dict[str, Any] = {
    "plan_code": "gaoming_2019",
    "plan_zh": "甲方案",
    "plan_en": "Plan A",
    "district_code": "990101",
    "district_name": "样本市均衡区",
    "year": 2022,
    "clause_code": "C27",
    "sort_order": 27,
    "name_zh": "教师交流轮岗比例",
    "name_en": "Rotation of teachers",
    "status": "met",
    "status_zh": "达标",
    "status_en": "Met",
    "is_declared": False,
    "documents": None,
    "document_date": None,
    "component_zh": "交流轮岗教师占专任教师",
    "component_en": "Rotated among full-time teachers",
    "counted_zh": "交流轮岗教师 ÷ 专任教师",
    "counted_en": "Rotated teachers ÷ Full-time teachers",
    "numerator": Decimal(17),
    "denominator": Decimal(300),
    "value": Decimal("5.6666666666666667"),
    "value_rounded": Decimal("5.7"),
    "unit_zh": "%",
    "unit_en": "%",
    "direction": "at_least",
    "direction_symbol": "≥",
    "target": Decimal(5),
    "previous_value": Decimal("4.5"),
    "deadline_year": None,
    "cases_reported": 40,
    "cases_expected": 40,
    "is_complete": True,
    "reason_zh": None,
    "reason_en": None,
    "reading_zh": "分母取全体专任教师",
    "reading_en": "All full-time teachers are taken",
}
MISSING = {
    "clause_code": "C02",
    "sort_order": 2,
    "status": "no_data",
    "status_zh": "缺数据",
    "status_en": "No data",
    "numerator": None,
    "denominator": None,
    "value": None,
    "value_rounded": None,
    "deadline_year": 2020,
    "cases_reported": 38,
    "is_complete": False,
    "reason_zh": "有学校缺数据",
    "reason_en": "Schools of the scope have no value",
    "reading_zh": None,
    "reading_en": None,
}
TREND = {
    "clause_code": "C43",
    "sort_order": 43,
    "status": "not_met",
    "status_zh": "未达标",
    "status_en": "Not met",
    "is_declared": True,
    "documents": "甲文〔2022〕1号",
    "document_date": "2022-09-01",
    "direction": "rises",
    "direction_symbol": "↑",
    "target": None,
    "denominator": None,
}
PROVEN = {
    "clause_code": "C44",
    "sort_order": 44,
    "status": "not_met",
    "direction": "is_declared",
    "direction_symbol": "✓",
    "target": None,
    "denominator": None,
    "value": Decimal(0),
    "value_rounded": Decimal(0),
}
VERDICT: dict[str, Any] = {
    "plan_code": "national_2017",
    "plan_zh": "国家评估",
    "plan_en": "National assessment",
    "district_code": "990101",
    "year": 2022,
    "verdict": "not_met",
    "verdict_zh": "未达标",
    "verdict_en": "Not met",
    "clauses_met": 30,
    "clauses_judged": 33,
    "breaks_zh": "G5 班级学生数：3 个班",
    "breaks_en": "G5 Size of classes: 3 classes",
    "missing_zh": None,
    "missing_en": None,
}
STATUSES = (
    ("not_met", "未达标", "Not met", 6),
    ("met_last_year_not_now", "上年达标、今年未达标", "Met last year, not now", 5),
    ("no_data", "缺数据", "No data", 4),
    ("not_due", "未到期", "Not due yet", 3),
    ("met", "达标", "Met", 2),
    ("not_applicable", "不适用", "Not applicable", 1),
)
KINDS = {bool: "boolean", int: "integer", Decimal: "numeric", str: "text"}


def _table(name: str, rows: list[dict[str, Any]]) -> None:
    kinds = {
        column: next((KINDS[type(row[column])] for row in rows if row[column] is not None), "text")
        for column in rows[0]
    }
    schema, table = name.split(".")
    with database.connect() as owner:
        owner.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
        owner.execute(
            sql.SQL("create table {} ({})").format(
                sql.Identifier(schema, table),
                sql.SQL(", ").join(
                    sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind))
                    for column, kind in kinds.items()
                ),
            )
        )
        for row in rows:
            owner.execute(
                sql.SQL("insert into {} values ({})").format(
                    sql.Identifier(schema, table), sql.SQL(", ").join(sql.Placeholder() * len(row))
                ),
                [*row.values()],
            )


@pytest.fixture(scope="module")
def published(module_warehouse: str) -> None:
    """A published night with four clauses of 2022 and one of 2021."""
    now = [{**CLAUSE, **MISSING}, CLAUSE, {**CLAUSE, **TREND}, {**CLAUSE, **PROVEN}]
    _table("marts.mart_policy__clause_scoreboard", [*now, {**CLAUSE, "year": 2021}])
    _table("marts.mart_assessment__items", [{**CLAUSE, "plan_code": "national_2017", "clause_code": "G11"}])
    _table("marts.mart_assessment__district_verdict", [VERDICT])
    names = ("status", "name_zh", "name_en", "severity")
    _table("warehouse.clause_status", [dict(zip(names, status, strict=True)) for status in STATUSES])
    with database.connect() as owner:
        owner.execute(
            "insert into ops.publication (run_id, status, input_fingerprint) values ('r', 'published', 'f')"
        )


def scoreboard(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["scoreboard", *arguments])


@pytest.mark.usefixtures("published")
def test_the_latest_year_is_shown_with_totals_and_the_verdict() -> None:
    said = scoreboard("--language", "zh")
    assert said.exit_code == exit_codes.DONE, said.output
    clauses = [line for line in said.output.splitlines() if "教师交流轮岗比例" in line]
    assert len(clauses) == 4
    assert "5.7 %" in clauses[1]
    assert "≥ 5" in clauses[1]
    assert "17 / 300" in said.output
    assert "分母取全体专任教师" in said.output
    assert "达标 1  缺数据 1  未达标 2" in said.output
    assert "国家评估 990101 2022: 未达标 (30/33)" in said.output
    assert "G5 班级学生数：3 个班" in said.output
    assert "Rotation" not in said.output


@pytest.mark.usefixtures("published")
def test_missing_data_and_trends_and_declarations_are_told() -> None:
    said = scoreboard("--language", "en").output
    missing = next(line for line in said.splitlines() if "C02" in line)
    trend = next(line for line in said.splitlines() if "C43" in line)
    assert "–" in missing
    assert "No data" in missing
    assert "38/40" in said
    assert "by 2020" in said
    assert "Schools of the scope" in said
    assert "↑ 4.5" in trend
    assert "(last year)" in said
    assert "Not met" in trend
    assert "(declared)" in said
    proven = next(line for line in said.splitlines() if "C44" in line)
    assert [cell.strip() for cell in proven.split("│")[2:4]] == ["no", "✓"]
    assert "甲文〔2022〕1号 2022-09-01" in said


@pytest.mark.usefixtures("published")
def test_filters_leave_what_was_asked_for() -> None:
    assert "C27" not in scoreboard("--status", "no_data").output
    assert "C02" not in scoreboard("--year", "2021").output
    item = scoreboard("--clause", "g11").output
    assert "G11" in item
    assert "C27" not in item
    none = scoreboard("--status", "not_due")
    assert (none.exit_code, "no clause has that status" in none.output) == (exit_codes.DONE, True)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("option", "asked", "there"),
    [
        ("--district", "111111", "990101 样本市均衡区"),
        ("--year", "1999", "2021、2022"),
        ("--clause", "C99", "C27"),
    ],
)
def test_what_there_is_not_is_answered_with_what_there_is(option: str, asked: str, there: str) -> None:
    said = scoreboard(option, asked)
    assert said.exit_code == exit_codes.WRONG_USAGE
    assert f"“{asked}”" in said.output
    assert there in said.output


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("width", [80, 100])
def test_the_board_fits_a_terminal_and_leaves_its_room_to_the_clause(
    capsys: pytest.CaptureFixture[str], width: int
) -> None:
    from rich.cells import cell_len
    from rich.console import Console

    from ingest import clause_board

    assert clause_board.print_board(Console(width=width), clause_board.Asked(), "zh")
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("│")]
    assert {cell_len(line) for line in lines} == {cell_len(lines[0])}
    assert cell_len(lines[0]) <= width
    parts = [cell_len(part) for part in lines[0].split("│")[1:-1]]
    assert parts[0] == max(parts), "what is counted needs the room, figures do not"


@pytest.mark.usefixtures("published")
def test_a_night_ends_with_the_clauses_by_status_and_year(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    from ingest import clause_board

    clause_board.print_totals(Console(width=160))
    lines = [line for line in capsys.readouterr().out.splitlines() if "│ 202" in line]
    assert [[cell.strip() for cell in line.strip("│").split("│")] for line in lines] == [
        ["2021", "0", "0", "0", "0", "1", "0"],
        ["2022", "2", "0", "1", "0", "1", "0"],
    ]
