with current_batches as (
    {{ current_batches('pupil_change') }}
),

all_rows as (
    select * from {{ source('raw', 'pupil_change') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.school_year,
    all_rows.school_code,
    all_rows.stage,
    all_rows.last_year_students,
    all_rows.increase,
    all_rows.admitted,
    all_rows.resumed,
    all_rows.transferred_in,
    all_rows.other_increase,
    all_rows.decrease,
    all_rows.graduated,
    all_rows.completed,
    all_rows.suspended,
    all_rows.dropped_out,
    all_rows.died,
    all_rows.transferred_out,
    all_rows.other_decrease,
    all_rows.students,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
