with current_batches as (
    {{ current_batches('declaration') }}
),

all_rows as (
    select * from {{ source('raw', 'declaration') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.year,
    all_rows.item_code,
    all_rows.subject_code,
    all_rows.answer,
    all_rows.declared_value,
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
