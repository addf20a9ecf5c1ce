with history as (
    select * from {{ ref('int_finance_printed') }}
),

printed as (
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
        'printed' as amount_origin,
        price_basis,
        currency_code,
        amount,
        prior_amount,
        growth_pct,
        growth_basis,
        recurring_revenue_growth_pct,
        gap_percentage_points,
        table_code,
        document,
        known_from_date,
        known_until_date,
        batch_id,
        source_sheet,
        source_row,
        source_block
    from history
),

-- Where last year's amount was printed, which need not be where this year's was.
printed_as_previous_year as (
    select
        region_code,
        district_code,
        entity_level,
        entity_code,
        entity_name,
        fiscal_year - 1 as fiscal_year,
        stage,
        item_code,
        scope_code,
        fund_source_code,
        basis,
        vintage,
        edition,
        'printed_as_previous_year' as amount_origin,
        price_basis,
        currency_code,
        prior_amount as amount,
        null::numeric as prior_amount,
        null::numeric as growth_pct,
        null::text as growth_basis,
        null::numeric as recurring_revenue_growth_pct,
        null::numeric as gap_percentage_points,
        prior_table_code as table_code,
        prior_document as document,
        known_from_date,
        known_until_date,
        prior_batch_id as batch_id,
        prior_source_sheet as source_sheet,
        prior_source_row as source_row,
        prior_source_block as source_block
    from history
    where prior_amount is not null
),

amounts as (
    select * from printed
    union all
    select * from printed_as_previous_year
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
    growth_pct,
    growth_basis,
    recurring_revenue_growth_pct,
    gap_percentage_points,
    table_code,
    document,
    known_from_date,
    known_until_date,
    batch_id,
    source_sheet,
    source_row,
    source_block
from amounts
