with current_batches as (
    {{ current_batches('enrolment') }}
),

all_rows as (
    select * from {{ source('raw', 'enrolment') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.school_year,
    all_rows.school_code,
    all_rows.stage,
    all_rows.grade,
    all_rows.students,
    all_rows.female_students,
    all_rows.boarding_students,
    all_rows.migrant_students,
    all_rows.left_behind_students,
    all_rows.regular_class_special_students,
    all_rows.classes,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
