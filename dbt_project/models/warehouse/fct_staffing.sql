with staffing as (
    select * from {{ ref('stg_staffing') }}
    where stage <> 'special_education'
)

select
    region_code,
    district_code,
    school_year,
    school_code,
    stage,
    staff,
    full_time_teachers,
    over_qualified_teachers,
    backbone_teachers,
    pe_arts_teachers,
    shared_pe_arts_teachers,
    mid_plus_title_teachers,
    training_teachers,
    training_person_times,
    training_hours,
    published_students_per_teacher,
    published_median_salary,
    currency_code,
    batch_id,
    source_sheet,
    source_row,
    source_block
from staffing
