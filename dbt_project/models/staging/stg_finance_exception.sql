with current_batches as (
    {{ current_batches('finance_exception') }}
),

all_rows as (
    select * from {{ source('raw', 'finance_exception') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.entity_level,
    all_rows.entity_code,
    all_rows.entity_name,
    all_rows.item_code,
    all_rows.stage,
    all_rows.scope_code,
    all_rows.basis,
    all_rows.first_fiscal_year,
    all_rows.last_fiscal_year,
    all_rows.amount,
    all_rows.currency_code,
    all_rows.reason,
    all_rows.document,
    all_rows.document_date,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
