"""A clause explained from marts as the engine publishes them: components, who is behind them, the files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner, Result

from ingest import cli, exit_codes, explain_clause
from ingest.explain_clause import shown_columns

BATCH = UUID(int=7)
PLACE = {"district_code": "990101", "year": 2022}
BOARD = {
    **PLACE,
    "plan_code": "plan",
    "plan_zh": "方案",
    "plan_en": "Plan",
    "district_name": "样本区",
    "clause_code": "C02",
    "sort_order": 2,
    "name_zh": "消除大班额",
    "name_en": "No large classes",
    "status": "not_met",
    "status_zh": "未达标",
    "status_en": "Not met",
    "reason_zh": None,
    "reason_en": None,
    "deadline_year": 2020,
    "is_declared": False,
    "source_batches": str(BATCH),
}
COMPONENT = {
    **PLACE,
    "plan_code": "plan",
    "clause_code": "C02",
    "component_number": 1,
    "component_zh": "超过标准班额的班级",
    "component_en": "Classes above the standard size",
    "stage": "compulsory",
    "stage_zh": "义务教育",
    "standard_code": "none",
    "numerator_measure": "classes_over_standard",
    "numerator": 3,
    "denominator": None,
    "value": 3,
    "decimals": 0,
    "unit_zh": "个班",
    "direction_symbol": "≤",
    "direction_zh": "不高于",
    "target": 0,
    "previous_value": 0,
    "cases_reported": 7,
    "cases_expected": 7,
    "is_judged": True,
    "status": "not_met",
    "status_zh": "未达标",
    "status_en": "Not met",
    "reason_zh": None,
    "reading_zh": "大班额读作超过45人",
    "reading_en": "A large class is above 45 pupils",
    "drill_down": "mart_policy__large_classes",
    "drill_down_condition": "is_large",
}
SMALL = {"stage": "primary", "drill_down_condition": None, "component_number": 2}
DECLARED = {"numerator_measure": "declared/charter", "drill_down": "mart_policy__declarations"}
CLASSES: list[dict[str, Any]] = [
    {
        "district_code": district,
        "school_year": year,
        "school_code": f"S{number}",
        "school_name": f"学校{number}",
        "sector": "private",
        "stage": "primary" if number < 40 else "junior_secondary",
        "stage_zh": "小学" if number < 40 else "初中",
        "students": 40 + number,
        "is_large": number > 5,
    }
    for district, year, count in (("990101", 2022, 50), ("990101", 2021, 1), ("990102", 2022, 1))
    for number in range(1, count + 1)
]
DECLARATIONS = [
    {"district_code": "990101", "year": 2022, "item_code": item, "item_zh": item_zh, "answer": True}
    for item, item_zh in (("charter", "章程"), ("curriculum", "课程"))
]
MARTS: dict[str, list[dict[str, Any]]] = {
    "mart_policy__clause_scoreboard": [
        BOARD,
        {**BOARD, "year": 2021, "status": "met", "status_zh": "达标", "status_en": "Met"},
    ],
    "mart_assessment__items": [{**BOARD, "clause_code": "Q3", "name_zh": "学校章程", "is_declared": True}],
    "mart_policy__clause_components": [
        COMPONENT,
        {**COMPONENT, **SMALL},
        {**COMPONENT, "clause_code": "Q3", **DECLARED, "drill_down_condition": None},
        {**COMPONENT, "clause_code": "Q3", "component_number": 2, "drill_down": "mart_policy__absent"},
    ],
    "mart_policy__large_classes": CLASSES,
    "mart_policy__declarations": DECLARATIONS,
}
KINDS = {bool: "boolean", int: "numeric", str: "text"}


def _create(connection: psycopg.Connection, name: str, rows: list[dict[str, Any]]) -> None:
    kinds = {c: KINDS[type(next((r[c] for r in rows if r[c] is not None), ""))] for c in rows[0]}
    columns = sql.SQL(", ").join(
        sql.SQL(f"{{}} {kind}").format(sql.Identifier(c)) for c, kind in kinds.items()
    )
    connection.execute(sql.SQL("create table marts.{} ({})").format(sql.Identifier(name), columns))
    values = sql.SQL(", ").join(sql.Placeholder() * len(rows[0]))
    statement = sql.SQL("insert into marts.{} values ({})").format(sql.Identifier(name), values)
    for row in rows:
        connection.execute(statement, [*row.values()])


@pytest.fixture(scope="module")
def published(module_warehouse: str) -> None:
    with psycopg.connect(module_warehouse) as connection:
        for name, rows in MARTS.items():
            _create(connection, name, rows)
        connection.execute(
            "insert into ops.load_batch (batch_id, record, profile, profile_version, file_name, file_path, "
            "file_sha256, file_bytes, file_modified_at, status, rows_read, rows_loaded, rows_rejected, "
            "rows_skipped, started_at) values (%s, 'class_roster', 'test', 1, '班级名册.xlsx', 'x', 'abc', "
            "1, now(), 'accepted', 1, 1, 0, 0, now())",
            [BATCH],
        )
        connection.execute(
            "comment on column marts.mart_policy__large_classes.students is '班级学生数 | Pupils.'"
        )
        connection.execute("create schema if not exists warehouse")
        connection.execute(
            "create table warehouse.dim_school as select distinct district_code, school_code, school_name, "
            "school_year::integer as school_year from marts.mart_policy__large_classes"
        )
        connection.execute(
            "insert into ops.publication (run_id, status, input_fingerprint) values ('r', 'published', 'f')"
        )


def junheng(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["explain", *map(str, arguments)], env={"COLUMNS": "240"})


def test_a_clause_is_told_with_components_reading_rows_and_files(published: None) -> None:
    result = junheng("c02")
    assert result.exit_code == exit_codes.DONE, result.output
    said = [
        "消除大班额 No large classes",
        "未达标 Not met",
        "≤ 0",
        "7/7",
        "大班额读作超过45人",
        "班级名册.xlsx",
    ]
    assert not [text for text in said if text not in result.output]


def test_the_rows_behind_are_those_of_the_condition_and_of_the_stage(published: None) -> None:
    output = junheng("C02").output
    # 45 of 50 classes of the district and year are large; 39 are primary, large or not.
    assert "is_large · 分项 components 1 · 45 行 rows" in output
    assert "分项 components 2 · 39 行 rows" in output
    assert "只列前 30 行" in output


def test_columns_and_groups_are_named_in_chinese(published: None) -> None:
    output = junheng("C02").output
    assert "班级学生数" in output
    # A column that says nothing of itself keeps its name alone.
    assert "（中文）" not in output
    assert "民办" in output
    assert "private" not in output


def test_a_drill_down_without_rows_shows_no_empty_table(published: None) -> None:
    output = junheng("C02", "--school", "S2").output
    assert "is_large · 分项 components 1 · 0 行 rows" in output
    assert output.count("班级学生数") == 1


def test_a_school_that_there_is_not_is_answered_with_those_there_are(published: None) -> None:
    said = junheng("C02", "--district", "990101", "--year", 2022, "--school", "S99")
    assert said.exit_code == exit_codes.WRONG_USAGE
    assert "没有学校“S99”" in said.output
    assert "S9 学校9" in said.output


def test_a_count_up_to_a_year_names_the_year_itself() -> None:
    columns = ["district_code", "year", "is_completed"]
    until = {**COMPONENT, "drill_down_condition": "plan_code = 'gaoming_2019' and year <= 2022"}
    assert explain_clause._conditions(BOARD, until, columns, None)[0] == ("district_code",)
    of_plan = {**COMPONENT, "drill_down_condition": "plan_code = 'gaoming_2019'"}
    of_2019 = explain_clause._conditions({**BOARD, "year": 2019}, of_plan, columns, None)
    assert of_2019 == (("district_code", "year"), ("990101", 2019)), "the plan's name is no year"


def test_a_gap_between_groups_is_told_apart_by_its_dimension_not_by_an_indicator() -> None:
    gaps = {**COMPONENT, "numerator_measure": "gaps_shrunk/urban_rural", "drill_down_condition": None}
    columns = ["district_code", "school_year", "indicator_code", "dimension_code"]
    names, values = explain_clause._conditions(BOARD, gaps, columns, None)
    assert dict(zip(names, values, strict=True))["dimension_code"] == "urban_rural"
    assert "indicator_code" not in names


def test_a_school_narrows_the_rows(published: None) -> None:
    output = junheng("C02", "--school", "S9").output
    assert "components 1 · 1 行 rows" in output
    assert "学校9 " in output
    assert "学校8 " not in output


def test_another_year_and_the_latest_by_default(published: None) -> None:
    assert "· 2021" in junheng("C02", "--year", 2021).output
    assert "· 2022" in junheng("C02").output


def test_an_item_shows_its_own_declaration_only(published: None) -> None:
    output = junheng("Q3").output
    assert "章程" in output
    assert "课程" not in output
    assert "申报，非实测 declared, not measured" in output
    assert "the drill-down is not published: mart_policy__absent" in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("C02", "--district", "1"), "没有区县“1”；现有：990101 样本区"),
        (("C02", "--year", "1999"), "没有年度“1999”；现有：2021、2022"),
    ],
)
def test_what_there_is_not_is_said(published: None, arguments: tuple[str, ...], words: str) -> None:
    result = junheng(*arguments)
    assert (result.exit_code, words in result.output) == (exit_codes.WRONG_USAGE, True), result.output


def test_codes_give_way_to_names_and_the_condition_is_always_shown() -> None:
    columns = ["district_code", "school_code", "stage", "stage_zh", "stage_en", "grade_code", "grade_zh"]
    assert shown_columns(columns, None) == ["school_code", "stage_zh", "grade_zh"]
    many = ["school_code", *(f"c{n}" for n in range(30))]
    assert shown_columns(many, "not (c29)")[-1] == "c29"
