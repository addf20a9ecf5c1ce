"""Checks of what the spending floor rests on beside amounts: exceptions, price indices, execution."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from uuid import UUID

from expectations.check import Check, Text, no_row_where, no_rows
from ingest.contract import Contract
from ingest.settings import SEEDS_DIR

LEG_BASES = ("total", "per_student")
# A change of 2.5 % entered as 2.5 stands far below, an index on a base long ago may stand above.
LOWEST_INDEX, HIGHEST_INDEX = 50, 1000
# A budget is adjusted within the year; three halves of it are not spent without a slip of unit.
MAX_EXECUTED_SHARE = "1.5"
_SERIES = ("entity_code", "fiscal_year", "item_code", "stage", "scope_code")


def _listed(texts: Sequence[str]) -> str:
    """Texts as a list in SQL."""
    return ", ".join(f"'{text}'" for text in texts)


def _spending_items() -> str:
    """Items of the list that are spending, as a list in SQL."""
    with (SEEDS_DIR / "code_finance_item.csv").open(encoding="utf-8", newline="") as stream:
        return _listed([row["code"] for row in csv.DictReader(stream) if row["is_spending"] == "true"])


def _finance_exception(contract: Contract) -> list[Check]:
    first, last = contract.field("first_fiscal_year"), contract.field("last_fiscal_year")
    return [
        no_row_where(
            "years_are_in_order",
            "last_fiscal_year < first_fiscal_year",
            what=Text(
                f"“{last.name_zh}”不早于“{first.name_zh}”",
                f"“{last.name_en}” is not before “{first.name_en}”",
            ),
            matters=Text(
                "起止颠倒的例外在任何年度都不起作用",
                "An exception that ends before it starts lowers no floor",
            ),
            mend=Text(
                "按文件核对起止年度；长期有效的终止年度留空",
                "compare the years with the document; leave the last year empty when it holds for good",
            ),
            column="last_fiscal_year",
        ),
        no_row_where(
            "exception_is_to_spending",
            f"item_code not in ({_spending_items()}) or basis not in ({_listed(LEG_BASES)})",
            what=Text(
                "项目为支出类项目，计量方式为总额或生均",
                "the item is spending, the basis is the total or per student",
            ),
            matters=Text(
                "只增不减只考核支出总额与生均支出，其他例外不起作用",
                "Only spending, in all and per student, has a floor: another exception lowers nothing",
            ),
            mend=Text("改正项目或计量方式", "correct the item or the basis"),
            column="item_code",
        ),
    ]


def _price_index(contract: Contract) -> list[Check]:
    return [
        no_row_where(
            "index_is_of_the_previous_year",
            f"index_previous_year_100 not between {LOWEST_INDEX} and {HIGHEST_INDEX}",
            what=Text(
                f"指数以上年为100（在 {LOWEST_INDEX} 至 {HIGHEST_INDEX} 之间）",
                f"the index takes the year before as 100 (between {LOWEST_INDEX} and {HIGHEST_INDEX})",
            ),
            matters=Text(
                "不符多为填了涨跌幅，如把102.5填成2.5，实际增长会全部算错",
                "Mostly the change was entered, 2.5 for 102.5, and every growth in real terms would be wrong",
            ),
            mend=Text(
                "填写上年=100的指数，如102.5", "enter the index with the year before as 100, such as 102.5"
            ),
            column="index_previous_year_100",
        ),
        no_row_where(
            "index_is_of_the_whole_region",
            "district_code <> region_code",
            what=Text("区县代码等于地域代码", "the district code is the region's own code"),
            matters=Text(
                "一个地域一套指数，下级地区的指数会与之混淆",
                "A region has one series of an index; that of a part of it would be taken for it",
            ),
            mend=Text(
                "两列都填地域代码（如 CN）；下级地区的指数不要放入",
                "enter the region's code (such as CN) in both; leave out indices of parts of a region",
            ),
            column="district_code",
        ),
    ]


def _budget_execution(contract: Contract) -> list[Check]:
    return [
        no_row_where(
            "through_date_is_in_fiscal_year",
            "extract(year from through_date) <> fiscal_year",
            what=Text("截止日期在财政年度内", "the day executed through lies in the fiscal year"),
            matters=Text(
                "日期与年度不符时，执行数会算到别的年度",
                "Where they differ, the spending is counted in another year",
            ),
            mend=Text("核对截止日期与财政年度", "compare the day with the fiscal year"),
            column="through_date",
        ),
        no_row_where(
            "executed_within_budget",
            f"executed_amount > {MAX_EXECUTED_SHARE} * budget_amount",
            what=Text(
                f"累计执行数不超过调整预算数的 {MAX_EXECUTED_SHARE} 倍",
                f"what was executed is at most {MAX_EXECUTED_SHARE} times the adjusted budget",
            ),
            matters=Text(
                "超出这么多多为元与万元混用，或预算未按调整数填报",
                "Above it yuan are mostly mixed with ten thousands, or the budget was not adjusted",
            ),
            mend=Text("核对两列的单位与调整预算数", "compare the units of the two and the adjusted budget"),
            column="executed_amount",
        ),
    ]


def executed_cumulates(contract: Contract, earlier: Sequence[UUID]) -> Check:
    """What was executed never shrinks within a year: neither in the batch nor beside other days that count.

    Other days are those of the last batch that will be current before this one, partition by partition: one
    of ``earlier``, or else the current one. Within the batch the later row is named.
    """
    same = " and ".join(f"other.{name} = arriving.{name}" for name in _SERIES)
    waiting = f"array[{_listed([str(batch_id) for batch_id in earlier])}]::uuid[]"
    columns = ", ".join((*_SERIES, "through_date", "executed_amount"))
    return no_rows(
        "executed_cumulates",
        f"""
        with arriving as (select source_sheet, source_row, partition_key, {columns} from {{batch}}),
        candidate as (
            select partition_key, batch_id, 0 as place from ops.current_batch
            where record = '{contract.record}'
            union all
            select distinct partition_key, batch_id, array_position({waiting}, batch_id)
            from {contract.table} where batch_id = any({waiting})
        ),
        standing as (
            select partition_key, batch_id from candidate
            where (partition_key, place) in (select partition_key, max(place) from candidate group by 1)
            and partition_key not in (select partition_key from arriving)
        ),
        other as (
            select {columns}, true as is_own from arriving
            union all
            select {columns}, false from {contract.table}
            where (partition_key, batch_id) in (select partition_key, batch_id from standing)
        )
        select source_sheet, source_row from arriving where exists (
            select 1 from other where {same} and (
                other.through_date < arriving.through_date
                and other.executed_amount > arriving.executed_amount
                or not other.is_own and other.through_date > arriving.through_date
                and other.executed_amount < arriving.executed_amount
            )
        )
        """,
        what=Text(
            "同一年度的累计执行数不小于更早日期的累计执行数",
            "what was executed is not less than up to an earlier day of the same year",
        ),
        matters=Text(
            "累计数变小多为填了当月数，会误报缺口",
            "A sum that shrinks is mostly that of a single month and would raise a false alarm",
        ),
        mend=Text(
            "填写自年初累计的执行数；更早的数有误时一并改正",
            "enter the sum since the start of the year; where the earlier figure is wrong, correct that one",
        ),
        column="executed_amount",
    )


RULES: dict[str, Callable[[Contract], list[Check]]] = {
    "budget_execution": _budget_execution,
    "finance_exception": _finance_exception,
    "price_index": _price_index,
}
# Checks of a batch that are held against what counts beside it.
BESIDE_OTHERS: dict[str, Callable[[Contract, Sequence[UUID]], Check]] = {
    "budget_execution": executed_cumulates
}
