with current_batches as (
    {{ current_batches('population') }}
),

all_rows as (
    select * from {{ source('raw', 'population') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.year,
    all_rows.town_code,
    all_rows.town_name,
    all_rows.residents,
    all_rows.births,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
