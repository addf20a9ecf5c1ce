with stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

standards as (
    select * from {{ ref('standard') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

assessed_stages as (
    select
        standard_code,
        stage
    from indicators
    group by
        standard_code,
        stage
),

counted as (
    select
        district_code,
        school_year,
        counted_school_code as school_code,
        stage,
        {{ sum_if_complete('students') }} as students
    from stage_students
    group by
        district_code,
        school_year,
        counted_school_code,
        stage
),

-- Every stage of a school is a candidate under every standard that holds in its region and year.
candidates as (
    select
        standards.standard_code,
        standards.min_teaching_point_students,
        standards.excludes_special,
        standards.excludes_vocational,
        counted.district_code,
        counted.school_year,
        counted.school_code,
        counted.stage,
        counted.students,
        schools.is_special,
        schools.is_vocational,
        schools.is_teaching_point,
        assessed_stages.stage is not null as is_assessed,
        -- A school of which a part is missing is not called small.
        case
            when count(*) over by_school = count(counted.students) over by_school
                then sum(counted.students) over by_school
        end as school_students,
        bool_or(assessed_stages.stage is not null) over by_school as has_assessed_stage
    from counted
    inner join schools
        on
            counted.district_code = schools.district_code
            and counted.school_year = schools.school_year
            and counted.school_code = schools.school_code
    inner join standards
        on
            (standards.region_code is null or schools.region_code = standards.region_code)
            and counted.school_year >= standards.first_school_year
            and (standards.last_school_year is null or counted.school_year <= standards.last_school_year)
    left join assessed_stages
        on
            standards.standard_code = assessed_stages.standard_code
            and counted.stage = assessed_stages.stage
    window by_school as (
        partition by standards.standard_code, counted.district_code, counted.school_year, counted.school_code
    )
),

judged as (
    select
        *,
        case
            when excludes_special and is_special then 'special_school'
            when excludes_vocational and is_vocational then 'vocational_school'
            when stage = 'senior_secondary' and not has_assessed_stage then 'senior_only'
            when not is_assessed then 'stage_not_assessed'
            when is_teaching_point and school_students < min_teaching_point_students
                then 'small_teaching_point'
            when students = 0 then 'no_students'
        end as exclusion_code
    from candidates
)

select
    standard_code,
    district_code,
    school_year,
    school_code,
    stage,
    students,
    exclusion_code is null as is_in_scope,
    exclusion_code
from judged
