with current_batches as (
    {{ current_batches('project') }}
),

all_rows as (
    select * from {{ source('raw', 'project') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.project_code,
    all_rows.plan_code,
    all_rows.project_name,
    all_rows.kind,
    all_rows.as_of_on,
    all_rows.school_code,
    all_rows.town_code,
    all_rows.school_type_code,
    all_rows.location,
    all_rows.standard_document,
    all_rows.planned_completion_on,
    all_rows.completed_on,
    all_rows.seats_before,
    all_rows.seats_after,
    all_rows.primary_seats_before,
    all_rows.primary_seats_after,
    all_rows.design_students,
    all_rows.design_primary_students,
    all_rows.land_area_m2,
    all_rows.building_area_m2,
    all_rows.teaching_rooms_area_m2,
    all_rows.sports_area_m2,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
