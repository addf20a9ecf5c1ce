"""Printed tables of education finance that speak of the same amounts: which file takes the place of which."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from expectations.incoming import check_batches
from ingest.accept import accept_batches
from ingest.load import LoadOutcome
from ingest.sample.sheets import headed
from tests.ingest.conftest import Query
from tests.ingest.test_finance_layouts import Rows, analysis, by_stage, load, open_data


def analysis_1(amount: str = "12,345.67", prior: str = "12,000") -> Rows:
    """Growths of the district, with last year's amounts."""
    parts = ("本年", "上年", "增长%")
    top, _ = headed(
        [
            *((name, ()) for name in ("地区代码", "地区名称")),
            *((name, parts) for name in ("一般公共预算教育经费", "财政经常性收入")),
            ("一般公共预算支出", ("本年",)),
        ],
        0,
    )
    return [
        ["均衡区2021年教育经费统计决算"],
        ["教财分析1表", "", "单位：万元"],
        *top,
        ["990101000", "均衡区", amount, prior, "2.88", "60,000", "59,000", "1.69", "80,000"],
    ]


@pytest.mark.parametrize(
    "name", ["增长幅度比较", "一般公共预算教育经费与财政经常性收入增长幅度比较（百分点）"]
)
def test_the_gap_of_the_growths_is_read_and_swapped_columns_are_refused(
    tmp_path: Path, query: Query, name: str
) -> None:
    rows = analysis_1()
    for row, cell in zip(rows[2:], [name, "", "1.19"], strict=True):
        row.append(cell)
    outcome = load(tmp_path, rows, "分析1.xlsx")
    assert check_batches("finance", [outcome.batch_id], "run-1")[outcome.batch_id].is_success
    (row,) = query(
        "select growth_pct, recurring_revenue_growth_pct, gap_percentage_points from raw.finance "
        "where item_code = 'budget_education'"
    )
    assert list(row.values()) == [Decimal("2.88"), Decimal("1.69"), Decimal("1.19")]
    rows[-1][7], rows[-1][-1] = rows[-1][-1], rows[-1][7]
    outcome = load(tmp_path, rows, "换列.xlsx")
    failures = check_batches("finance", [outcome.batch_id], "run-1")[outcome.batch_id].failures
    told = {failure.check_name: failure.message_zh for failure in failures}
    assert told.keys() == {"growth_is_recomputed", "revenue_growth_agrees"}
    assert "“财政经常性收入增长率”与“增长幅度差”两列互换" in told["revenue_growth_agrees"]


def taken(folder: Path, rows: Rows, name: str) -> LoadOutcome:
    """A file that is checked and becomes current, as in a night."""
    outcome = load(folder, rows, name)
    assert (outcome.status, outcome.rows_rejected) == ("loaded", 0), outcome.problems
    verdict = check_batches("finance", [outcome.batch_id], "run-1")[outcome.batch_id]
    refused = {outcome.batch_id: ("", "")} if verdict.failures else {}
    assert accept_batches("finance", refused).accepted == (outcome.batch_id,), verdict.failures
    return outcome


CURRENT = """
    select stage, item_code, fund_source_code, amount, prior_amount, growth_pct, table_code
    from raw.finance inner join ops.current_batch using (batch_id, partition_key)
    where record = 'finance' and entity_code = '990101' order by stage, item_code, table_code
"""


@pytest.mark.parametrize("order", [("教财分析5-1表", "教财分析5-2表"), ("教财分析5-2表", "教财分析5-1表")])
def test_the_two_tables_of_public_funds_stand_beside_each_other(
    tmp_path: Path, query: Query, order: tuple[str, str]
) -> None:
    for table in order:
        rows = analysis(table)
        rows[4][3] = "1,400.55" if table == "教财分析5-1表" else "1,320.55"
        rows[4][5] = ""
        taken(tmp_path, rows, f"{table}.xlsx")
    assert [(row["table_code"], row["fund_source_code"], row["amount"]) for row in query(CURRENT)] == [
        ("statistics_5_1", "all_sources", Decimal("1400.55")),
        ("statistics_5_2", "general_public_budget", Decimal("1320.55")),
    ]


def test_a_corrected_table_leaves_no_row_of_the_first_standing(tmp_path: Path, query: Query) -> None:
    """A row that was given to the wrong stage is gone, though its key comes no more."""
    rows = [*analysis(), *(["990101000", "均衡区", kind, "1,400", "", ""] for kind in ("普通初中", "合计"))]
    taken(tmp_path, rows, "教财分析5-2表.xlsx")
    rows[-2][2] = "普通高中"
    taken(tmp_path, rows, "教财分析5-2表.xlsx")
    assert {row["stage"] for row in query(CURRENT)} == {"all_stages", "primary", "senior_secondary"}


def test_a_portals_file_for_each_indicator_stands_by_itself(tmp_path: Path, query: Query) -> None:
    indicators = (
        "生均公用经费",
        "生均一般公共预算公用经费",
        "生均一般公共预算教育事业费",
        "生均一般公共预算教育经费",
    )
    for number, indicator in enumerate(indicators):
        header, row, *_ = open_data()
        row[3:8] = [indicator, "小学", "元", 1000 + number, ""]
        row[8] = ""
        taken(tmp_path, [header, row], f"{indicator}.csv")
    assert [(row["table_code"], row["amount"]) for row in query(CURRENT)] == [
        ("open_data", 1003),
        ("open_operating_funds", 1002),
        ("open_budget_public_funds", 1001),
        ("open_public_funds", 1000),
    ]


def test_a_table_that_prints_less_takes_the_place_of_no_other(tmp_path: Path, query: Query) -> None:
    taken(tmp_path, analysis_1(), "分析1.xlsx")
    taken(tmp_path, by_stage(), "年报表.xlsx")
    spent = [
        row
        for row in query(CURRENT)
        if (row["stage"], row["item_code"]) == ("all_stages", "budget_education")
    ]
    assert [(r["table_code"], r["amount"], r["prior_amount"], r["growth_pct"]) for r in spent] == [
        ("statistics_1", Decimal("123456700"), Decimal("120000000"), Decimal("2.88")),
        ("yearly", Decimal("123456700"), None, None),
    ]
