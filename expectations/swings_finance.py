"""Amounts that leap against the year before: of one series only, by the band of their item and basis.

Two amounts are of one series when entity, stage, item, scope, basis, vintage, source of funds, currency and
prices are the same. Last year's is the one in the file itself or in what is current, of the same edition
before another, and then of the same table, or else of the one that counts before the others; where none has
it, the one that is printed beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from expectations.held import same_series, told_amounts
from expectations.rule_parts import listed, seed_rows
from expectations.rules_growths import MAX_YEARLY_FACTOR
from expectations.swing_bands import LIMITS, bands, explanations, outside
from ingest.contract import Contract


def finance_swings(contract: Contract, batch_id: UUID, earlier: Sequence[UUID]) -> str:
    """Statement that writes into ops.swing what leaps in a batch of amounts."""
    rows = f"(select * from {contract.table} where batch_id = '{batch_id}') as batch_rows"
    told = told_amounts(contract, earlier).replace("{batch}", rows)
    limits = ", ".join(
        f"({listed([row['item_code'], row['basis']])}, {', '.join(row[name] for name in LIMITS)})"
        for row in bands(contract.record)
    )
    # A step beyond the factor between two amounts of one row is told as one of unit, and not again here.
    beside = (
        f"case when arriving.amount between arriving.prior_amount / {MAX_YEARLY_FACTOR} "
        f"and arriving.prior_amount * {MAX_YEARLY_FACTOR} then arriving.prior_amount end"
    )
    return f"""
        insert into ops.swing (
            batch_id, record, district_code, year, school_code, stage, field_name, basis, value_before,
            value_now, band, explanation, explained_by, source_sheet, source_row, school_codes
        )
        with {told},
        numbered as (select row_number() over () as number, * from arriving),
        -- Joined, then chosen: to choose for each row by itself would read all that is told for each.
        candidates as (
            select arriving.number, told.amount, row_number() over (
                partition by arriving.number
                order by told.edition = arriving.edition desc, told.edition desc,
                    told.table_code = arriving.table_code desc,
                    array_position(array[{_tables()}], told.table_code) asc nulls last,
                    told.is_own desc, told.amount desc
            ) as choice
            from numbered as arriving
            inner join told
                on told.fiscal_year = arriving.fiscal_year - 1 and {same_series("told", "arriving")}
            where told.amount is not null
        ),
        paired as (
            select arriving.*, coalesce(known.amount, {beside}) as amount_before
            from numbered as arriving
            left join candidates as known on arriving.number = known.number and known.choice = 1
        ),
        measured as (
            select paired.*, paired.fiscal_year as year, paired.item_code as field_name,
                {outside("paired.amount", "paired.amount_before")}
            from paired
            inner join (values {limits}) as limits (item_code, basis, {", ".join(LIMITS)})
                on paired.item_code = limits.item_code and paired.basis = limits.basis
        )
        select
            '{batch_id}'::uuid, '{contract.record}', measured.district_code, measured.year,
            measured.entity_code, measured.stage, measured.field_name, measured.basis,
            measured.amount_before, measured.amount,
            case when measured.is_far_outside then 'outer' else 'inner' end,
            said.explanation, said.explained_by, measured.source_sheet, measured.source_row,
            array[measured.entity_code]
        from measured
        left join lateral (
            {explanations(contract, "measured", "array[measured.entity_code]")}
        ) as said on true
        where measured.is_large and measured.is_outside
    """


def _tables() -> str:
    """Codes of the tables in SQL, the one that counts first first."""
    rows = sorted(seed_rows("code_finance_table"), key=lambda row: int(row["precedence"]), reverse=True)
    return listed(row["code"] for row in rows)
