with stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

scope as (
    select * from {{ ref('int_school_scope') }}
    where standard_code = 'national_2017' and is_in_scope
),

schools as (
    select * from {{ ref('dim_school') }}
)

select
    schools.region_code,
    stage_students.district_code,
    stage_students.school_year,
    stage_students.stage,
    stage_students.school_code,
    stage_students.counted_school_code,
    schools.town_code,
    schools.sector,
    schools.area_group,
    schools.type_group,
    stage_students.students
from stage_students
inner join scope
    on
        stage_students.district_code = scope.district_code
        and stage_students.school_year = scope.school_year
        and stage_students.stage = scope.stage
        and stage_students.counted_school_code = scope.school_code
inner join schools
    on
        stage_students.district_code = schools.district_code
        and stage_students.school_year = schools.school_year
        and stage_students.school_code = schools.school_code
