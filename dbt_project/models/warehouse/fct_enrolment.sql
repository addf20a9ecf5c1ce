-- The pupils of a special school as a whole are so few that no analyst sees them: int_special_schools reads
-- them, and what may be shown leaves by mart_special_education__schools.
with enrolment as (
    select * from {{ ref('stg_enrolment') }}
    where stage <> 'special_education'
),

marked as (
    select
        *,
        count(*) filter (where grade <> 'all')
            over (partition by district_code, school_year, school_code, stage) as grade_rows
    from enrolment
)

select
    region_code,
    district_code,
    school_year,
    school_code,
    stage,
    grade,
    students,
    female_students,
    boarding_students,
    migrant_students,
    left_behind_students,
    classes,
    -- A source may print the grades and their sum: only one of the two is added up.
    (grade <> 'all' or grade_rows = 0) as is_counted,
    batch_id,
    source_sheet,
    source_row,
    source_block
from marked
