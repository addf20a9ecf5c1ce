"""Amounts of one table that must fit together, in whichever of its files they stand."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from expectations.check import Check, Text, no_rows
from expectations.rules_growths import RECOMPUTED, printed_tolerance
from expectations.rules_parts import FILE, whole_table
from ingest.contract import Contract

# One printed table's amounts: what is part of what is asked within them only. One file may hold several.
_ACCOUNT = (
    *("entity_code", "fiscal_year", "basis", "vintage", "edition"),
    "coalesce(fund_source_code, 'not_stated')",
    "coalesce(table_code, 'not_stated')",
)


def amount_checks(contract: Contract, earlier: Sequence[UUID]) -> list[Check]:
    """The checks of this module. ``earlier`` are batches that will become current before, in order."""
    if contract.record != "finance":
        return []
    return [
        # Each item has scopes of its own, so scopes are not compared.
        _within(
            (contract, earlier),
            "public_funds_within_education",
            part="item_code = 'public_funds'",
            larger="item_code = 'budget_education'",
            by=(*_ACCOUNT, "stage"),
            what=Text("公用经费不超过教育经费（同一张表）", "public funds are within spending on education"),
        ),
        _within(
            (contract, earlier),
            "education_within_general_budget",
            part="item_code = 'budget_education' and basis = 'total'",
            larger="item_code = 'general_budget_expenditure'",
            by=("entity_code", "fiscal_year", "basis", "edition"),
            what=Text(
                "教育支出不超过一般公共预算支出（同一年版）",
                "spending on education is within the general budget (of one edition)",
            ),
        ),
        _stages_within_all(contract, earlier),
        _revenue_growth_agrees(contract, earlier),
    ]


def _files_of(rows: str, condition: str, table: str) -> str:
    """Query that names the other files whose rows are in the contradiction."""
    file = FILE.format(whose="named.batch_id")
    return (
        f"{table} select distinct {file} as name_zh, {file} as name_en "
        f"from (select batch_id from {rows} where not is_own and {condition}) as named"
    )


def _stages_within_all(contract: Contract, earlier: Sequence[UUID]) -> Check:
    account = ", ".join((*_ACCOUNT, "scope_code", "item_code", "currency_code"))
    columns = (*contract.key, "currency_code", "amount")
    table = f"with {whole_table(contract, earlier, columns)}"
    broken = f"""
        from whole where basis = 'total' group by {account}
        having bool_or(is_own) and sum(amount) filter (where stage <> 'all_stages')
        > 1.0001 * max(amount) filter (where stage = 'all_stages')
    """
    return no_rows(
        "stages_within_all",
        f"""
        {table}
        select min(source_sheet) filter (where is_own) as source_sheet,
            min(source_row) filter (where is_own) as source_row
        {broken}
        """,
        what=Text("各学段金额之和不超过全学段合计", "the stages together do not exceed all stages"),
        matters=Text(
            "分项大于合计，多为单位或列位有误", "Parts above their total are mostly of another unit"
        ),
        mend=Text("核对该项目各学段与合计的金额", "compare the amounts of the stages with the total"),
        column="stage",
        counted=Text("个项目", "items"),
        names_query=_files_of("whole", f"({account}) in (select {account} {broken})", table),
    )


def _within(
    held: tuple[Contract, Sequence[UUID]],
    name: str,
    *,
    part: str,
    larger: str,
    by: tuple[str, ...],
    what: Text,
) -> Check:
    """Of two items of one document, the part is no larger than the whole in its widest scope."""
    contract, earlier = held
    columns = (*contract.key, "currency_code", "amount")
    of_own = f"filter (where is_own and {larger}) over same_account"
    place = ", ".join(
        f"case when is_own then {column} else min({column}) {of_own} end as {column}"
        for column in ("source_sheet", "source_row")
    )
    table = f"""
        with {whole_table(contract, earlier, columns)},
        reckoned as (
            select is_own, batch_id, amount, {part} as is_part, {place},
                max(amount) filter (where {larger}) over same_account as largest
            from whole
            window same_account as (partition by {", ".join(by)}, currency_code)
        )
    """
    broken = "is_part and amount > largest and source_row is not null"
    return no_rows(
        name,
        f"{table} select source_sheet, source_row from reckoned where {broken}",
        what=what,
        matters=Text(
            "部分大于总体多为两项互换或单位不一", "A part above its whole is mostly of another unit or item"
        ),
        mend=Text("核对两项的项目、单位与口径", "compare item, unit and scope of the two amounts"),
        column="item_code",
        names_query=_files_of("reckoned", broken, table),
    )


def _revenue_growth_agrees(contract: Contract, earlier: Sequence[UUID]) -> Check:
    """The identity of the gap holds as well where the growth of revenue and the gap are swapped: this does
    not."""
    revenue, gap = (contract.field(n) for n in ("recurring_revenue_growth_pct", "gap_percentage_points"))
    whose = ("entity_code", "fiscal_year", "vintage", "edition")
    reckoned = (
        "case when growth_basis is distinct from 'comparable_scope' and prior_amount > 0 "
        f"then {RECOMPUTED} end"
    )
    # As revenue itself prints it, or as its amounts give it: another scope is not marked in every table. One
    # that is marked nominal is what its amounts give, and swapped where it is not.
    printed = "case when growth_basis = 'nominal' and prior_amount > 0 then null else growth_pct end"
    tolerance = printed_tolerance(1, revenue.name)
    apart = " and ".join(
        f"(abs(itself.{growth} - beside.{revenue.name}) <= {tolerance}) is not true"
        for growth in ("printed", "reckoned")
    )
    same = " and ".join(f"itself.{name} = beside.{name}" for name in whose)
    columns = (
        *contract.key,
        *("amount", "prior_amount", "growth_pct", "growth_basis", revenue.name),
    )
    place = ", ".join(
        f"case when beside.is_own then beside.{column} else itself.{column} end as {column}"
        for column in ("source_sheet", "source_row")
    )
    origin = ", ".join(("is_own", "batch_id", "source_sheet", "source_row", *whose))
    table = f"""
        with {whole_table(contract, earlier, columns)},
        beside as (select {origin}, {revenue.name} from whole where {revenue.name} is not null),
        itself as (
            select {origin}, {printed} as printed, {reckoned} as reckoned from whole
            where num_nonnulls(growth_pct, {reckoned}) > 0
            and item_code = 'recurring_revenue' and basis = 'total' and stage = 'all_stages'
        ),
        apart as (
            select distinct {place}, case when beside.is_own then itself.batch_id else beside.batch_id end
                as batch_id, beside.is_own and itself.is_own as is_own
            from beside, itself where {same} and {apart} and (beside.is_own or itself.is_own)
        )
    """
    return no_rows(
        "revenue_growth_agrees",
        f"{table} select distinct source_sheet, source_row from apart",
        what=Text(
            f"“{revenue.name_zh}”等于同一张表中财政经常性收入本身的增长率",
            f"“{revenue.name_en}” is the growth of recurring revenue itself in the same table",
        ),
        matters=Text(
            f"不符多为“{revenue.name_zh}”与“{gap.name_zh}”两列互换",
            f"Mostly the columns “{revenue.name_en}” and “{gap.name_en}” are swapped",
        ),
        mend=Text("与公布的表核对这两列", "compare the two columns with the table as published"),
        column=revenue.name,
        names_query=_files_of("apart", "true", table),
    )
