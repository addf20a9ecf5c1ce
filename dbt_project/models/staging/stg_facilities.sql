with current_batches as (
    {{ current_batches('facilities') }}
),

all_rows as (
    select * from {{ source('raw', 'facilities') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.school_year,
    all_rows.school_code,
    all_rows.teaching_auxiliary_area_m2,
    all_rows.indoor_sports_area_m2,
    all_rows.sports_ground_area_m2,
    all_rows.shared_sports_area_m2,
    all_rows.teaching_equipment_yuan,
    all_rows.multimedia_classrooms,
    all_rows.computers,
    all_rows.books,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
