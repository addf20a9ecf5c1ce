with current_batches as (
    {{ current_batches('staffing') }}
),

all_rows as (
    select * from {{ source('raw', 'staffing') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.school_year,
    all_rows.school_code,
    all_rows.stage,
    all_rows.staff,
    all_rows.full_time_teachers,
    all_rows.over_qualified_teachers,
    all_rows.backbone_teachers,
    all_rows.pe_arts_teachers,
    all_rows.shared_pe_arts_teachers,
    all_rows.mid_plus_title_teachers,
    all_rows.training_teachers,
    all_rows.training_person_times,
    all_rows.training_hours,
    all_rows.published_students_per_teacher,
    all_rows.published_median_salary,
    all_rows.currency_code,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
