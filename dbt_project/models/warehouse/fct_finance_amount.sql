with current_amounts as (
    select * from {{ ref('int_finance_amounts') }}
    where known_until_date is null
),

-- A year that the same edition prints in a row of its own is known by that row.
ranked as (
    select
        *,
        row_number() over (
            partition by
                region_code, district_code, entity_code, fiscal_year, stage, item_code, scope_code,
                fund_source_code, basis, vintage, edition
            order by (amount_origin = 'printed') desc
        ) as preference
    from current_amounts
)

select
    region_code,
    district_code,
    entity_level,
    entity_code,
    entity_name,
    fiscal_year,
    stage,
    item_code,
    scope_code,
    fund_source_code,
    basis,
    vintage,
    edition,
    amount_origin,
    price_basis,
    currency_code,
    amount,
    prior_amount,
    amount - prior_amount as change_amount,
    round((amount - prior_amount) * 100 / nullif(prior_amount, 0), 6) as change_pct,
    growth_pct,
    growth_basis,
    recurring_revenue_growth_pct,
    gap_percentage_points,
    document,
    batch_id,
    source_sheet,
    source_row,
    source_block
from ranked
where preference = 1
