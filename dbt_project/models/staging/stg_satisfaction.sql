with current_batches as (
    {{ current_batches('satisfaction') }}
),

all_rows as (
    select * from {{ source('raw', 'satisfaction') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.year,
    all_rows.respondent_type,
    all_rows.issued,
    all_rows.valid,
    all_rows.satisfied,
    all_rows.interviewed,
    all_rows.interview_satisfied,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
