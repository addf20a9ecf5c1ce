with current_batches as (
    {{ current_batches('price_index') }}
),

all_rows as (
    select * from {{ source('raw', 'price_index') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.index_code,
    all_rows.fiscal_year,
    all_rows.index_previous_year_100,
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
