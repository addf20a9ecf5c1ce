with finance as (
    select * from {{ ref('stg_finance') }}
),

printed as (
    select
        finance.*,
        'printed' as amount_origin
    from finance
),

printed_as_previous_year as (
    select
        finance.region_code,
        finance.district_code,
        finance.entity_level,
        finance.entity_code,
        finance.entity_name,
        finance.fiscal_year - 1 as fiscal_year,
        finance.stage,
        finance.item_code,
        finance.scope_code,
        finance.basis,
        finance.vintage,
        finance.edition,
        finance.price_basis,
        finance.prior_amount as amount,
        finance.currency_code,
        null::numeric as prior_amount,
        null::numeric as growth_pct,
        null::text as growth_basis,
        finance.document,
        finance.batch_id,
        finance.source_sheet,
        finance.source_row,
        finance.source_block,
        'printed_as_previous_year' as amount_origin
    from finance
    -- A year that the same edition prints in a row of its own is known by that row.
    left join finance as own_row
        on
            finance.district_code = own_row.district_code
            and finance.region_code = own_row.region_code
            and finance.entity_code = own_row.entity_code
            and finance.fiscal_year - 1 = own_row.fiscal_year
            and finance.stage = own_row.stage
            and finance.item_code = own_row.item_code
            and finance.scope_code = own_row.scope_code
            and finance.basis = own_row.basis
            and finance.vintage = own_row.vintage
            and finance.edition = own_row.edition
    where finance.prior_amount is not null and own_row.entity_code is null
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
    document,
    batch_id,
    source_sheet,
    source_row,
    source_block
from amounts
