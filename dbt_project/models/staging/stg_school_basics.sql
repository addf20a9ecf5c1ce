with current_batches as (
    {{ current_batches('school_basics') }}
),

all_rows as (
    select * from {{ source('raw', 'school_basics') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.school_year,
    all_rows.school_code,
    all_rows.staff,
    all_rows.full_time_teachers,
    all_rows.established_staff,
    all_rows.psychology_teachers,
    all_rows.full_time_psychology_teachers,
    all_rows.has_counselling_room,
    all_rows.security_staff,
    all_rows.bought_seats,
    all_rows.bought_seats_for_migrants,
    all_rows.meets_sports_area,
    all_rows.has_campus_network,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
