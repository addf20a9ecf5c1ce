with current_batches as (
    {{ current_batches('budget_execution') }}
),

all_rows as (
    select * from {{ source('raw', 'budget_execution') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.entity_level,
    all_rows.entity_code,
    all_rows.entity_name,
    all_rows.fiscal_year,
    all_rows.item_code,
    all_rows.stage,
    all_rows.scope_code,
    all_rows.through_date,
    all_rows.budget_amount,
    all_rows.executed_amount,
    all_rows.currency_code,
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
