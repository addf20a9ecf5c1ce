"""Promises that marts make, said once: keys, code sets, bounds, rounding, the partitions that must be there.

Queries select a constant: no figure of a mart stands in a result.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from expectations.check import MISSING, Check, Text, no_rows
from ingest.settings import SEEDS_DIR

# Coefficients are published with three decimals, so a rounded one is at most half of the last away.
COEFFICIENT_DECIMALS = 3
# Exact figures are stored to 16 decimals; what is computed from them may differ in the last few.
EXACT = "0.000000000001"
# Amounts per student are cut to the cent each, so a difference of two is at most this far off.
CENTS = "0.02"

COLUMNS = Text("列", "columns")
PARTITIONS = Text("个分区", "partitions")
REBUILD = Text(
    "检查模型后重新建模；已发布的数据不受影响", "look at the model and build again; what is published stays"
)
RELOAD = Text(
    "核对已接收的批次与模型的筛选条件后重新建模",
    "compare the accepted batches with the model's filters, build again",
)


@dataclass(frozen=True)
class Mart:
    """A mart: the columns that its checks read, its key, and the checks made for a schema."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    checks: Callable[[str], list[Check]]


def columns_present(mart: Mart) -> Check:
    """Asked of the catalogue (information_schema.columns of the mart), before anything else."""
    needed = ", ".join(f"('{name}')" for name in mart.columns)
    return no_rows(
        "columns_are_there",
        f"select needed.name from (values {needed}) as needed (name) "
        "where needed.name not in (select column_name from {batch})",
        what=Text("表存在且含检查所用的全部列", "the table is there with every column that is checked"),
        matters=Text("缺列的表会使报表与查询失效", "Without them reports and queries break"),
        mend=Text("检查模型是否改名或未建成", "see whether the model was renamed or not built"),
        counted=COLUMNS,
        fault=MISSING,
        total_query=f"select {len(mart.columns)}",
    )


def suite(mart: Mart, schema: str) -> list[Check]:
    """Every check of a mart whose columns are there."""
    return [unique_key(mart), *mart.checks(schema)]


def holds(
    name: str, broken: str, what: Text, matters: Text, column: str | None = None, mend: Text = REBUILD
) -> Check:
    """A check of each row; ``broken`` is the condition of a row that breaks it."""
    query = f"select 1 as broken from {{batch}} where {broken}"
    return no_rows(name, query, what=what, matters=matters, mend=mend, column=column)


def unique_key(mart: Mart) -> Check:
    key = ", ".join(mart.key)
    return no_rows(
        "key_is_unique",
        f"select 1 as broken from {{batch}} group by {key} having count(*) > 1",
        what=Text("每个键只出现一行", "each key has one row"),
        matters=Text("重复行会在报表中重复计算", "A report adds up rows that stand twice"),
        mend=REBUILD,
        counted=Text("个键", "keys"),
        total_query=f"select count(*) from (select 1 from {{batch}} group by {key}) as keys",
    )


def in_set(column: str, seed: str) -> Check:
    return Check(
        name=f"{column}.codes",
        expectation="ExpectColumnValuesToBeInSet",
        arguments={"column": column, "value_set": list(codes(seed))},
        what=Text(f"{column} 取值在 {seed} 之内", f"{column} is one of {seed}"),
        matters=Text("页面只认识这些代码", "Pages know no other codes"),
        mend=REBUILD,
        column=column,
    )


def between(column: str, low: int, high: int | None) -> Check:
    zh = f"在 {low} 与 {high} 之间" if high is not None else f"不小于 {low}"
    en = f"between {low} and {high}" if high is not None else f"at least {low}"
    return Check(
        name=f"{column}.range",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": column, "min_value": low, "max_value": high},
        what=Text(f"{column} {zh}", f"{column} is {en}"),
        matters=Text("超出即为计算或单位有误", "Outside of it the computation or the unit is wrong"),
        mend=REBUILD,
        column=column,
    )


@cache
def codes(seed: str) -> tuple[str, ...]:
    """Codes of a seed: its first column."""
    with (SEEDS_DIR / f"{seed}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(row[0] for row in csv.reader(stream))[1:]


def reason_stated(figure: str, reason: str) -> Check:
    return holds(
        f"{figure}_or_reason",
        f"{figure} is null and {reason} is null",
        Text(f"没有 {figure} 时写明原因", f"where {figure} is missing, a reason is given"),
        Text("空白会被读成没有问题", "A blank is read as no problem"),
        column=figure,
    )


def never_above(part: str, whole: str) -> Check:
    return holds(
        f"{part}_within_{whole}",
        f"{part} > {whole}",
        Text(f"{part} 不超过 {whole}", f"{part} does not exceed {whole}"),
        Text("超出说明学校被重复计算", "Above it schools are counted twice"),
        column=part,
    )


def rounded(exact: str, rounded: str) -> Check:
    half = f"0.5 * 10.0 ^ -{COEFFICIENT_DECIMALS} + {EXACT}"
    return holds(
        f"{rounded}_is_rounded",
        f"({exact} is null) <> ({rounded} is null) or abs({exact} - {rounded}) > {half} "
        f"or {rounded} <> round({rounded}, {COEFFICIENT_DECIMALS})",
        Text(
            f"{rounded} 是 {exact} 保留 {COEFFICIENT_DECIMALS} 位小数",
            f"{rounded} is {exact} rounded to {COEFFICIENT_DECIMALS} decimals",
        ),
        Text("公布数须能由未取整的数得到", "What is published must follow from the exact figure"),
        column=rounded,
    )


def partitions_present(name: str, expected: str, columns: str, what: Text) -> Check:
    """Every row of ``expected`` (a select of ``columns``) has rows in the mart."""
    return no_rows(
        name,
        f"select 1 as broken from ({expected}) as expected "
        f"where ({columns}) not in (select {columns} from {{batch}})",
        what=what,
        matters=Text("缺失的分区会被读成没有上报", "A partition that is missing reads as not reported"),
        mend=RELOAD,
        counted=PARTITIONS,
        fault=MISSING,
        total_query=f"select count(*) from ({expected}) as expected",
    )


def nothing_left_over(expected: str, columns: str) -> Check:
    return no_rows(
        "only_current_partitions",
        f"select distinct {columns} from {{batch}} where ({columns}) not in ({expected})",
        what=Text("只含现行批次的区县与年度", "it holds only districts and years of current batches"),
        matters=Text("被替换的数据不得继续公布", "What was replaced must not be published any longer"),
        mend=RELOAD,
        counted=PARTITIONS,
        total_query=f"select count(*) from (select distinct {columns} from {{batch}}) as held",
    )


def current(table: str, columns: str, condition: str = "true") -> str:
    """Distinct ``columns`` of the current rows of a raw table."""
    record = table.partition(".")[2]
    return (
        f"select distinct {columns} from {table} where {condition} and (partition_key, batch_id) in "
        f"(select partition_key, batch_id from ops.current_batch where record = '{record}')"
    )
