with current_batches as (
    {{ current_batches('finance') }}
),

all_rows as (
    select * from {{ source('raw', 'finance') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.entity_level,
    all_rows.entity_code,
    all_rows.entity_name,
    all_rows.fiscal_year,
    all_rows.stage,
    all_rows.item_code,
    all_rows.scope_code,
    all_rows.basis,
    all_rows.vintage,
    all_rows.edition,
    coalesce(all_rows.fund_source_code, 'not_stated') as fund_source_code,
    all_rows.price_basis,
    all_rows.amount,
    all_rows.currency_code,
    all_rows.prior_amount,
    all_rows.growth_pct,
    all_rows.growth_basis,
    all_rows.recurring_revenue_growth_pct,
    all_rows.gap_percentage_points,
    coalesce(all_rows.table_code, 'not_stated') as table_code,
    all_rows.document,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
