with current_batches as (
    {{ current_batches('migrant_children') }}
),

all_rows as (
    select * from {{ source('raw', 'migrant_children') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.school_year,
    all_rows.stage,
    all_rows.eligible_children,
    all_rows.in_public_schools,
    all_rows.in_bought_private_seats,
    all_rows.bought_seats,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
