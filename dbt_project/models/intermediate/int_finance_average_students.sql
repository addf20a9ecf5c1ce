with stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

set_aside as (
    select * from {{ ref('stg_enrolment_set_aside') }}
),

parameters as (
    select
        max(value) filter (where parameter = 'last_school_year_months')::numeric as last_months,
        max(value) filter (where parameter = 'this_school_year_months')::numeric as this_months
    from {{ ref('finance_parameter') }}
),

incomplete as (
    select distinct
        district_code,
        school_year,
        stage
    from set_aside
),

-- A school that should have reported, or of which a row was set aside, is not a school of no pupils.
enrolment as (
    select
        schools.region_code,
        stage_students.district_code,
        stage_students.school_year,
        stage_students.school_code,
        stage_students.stage,
        stage_students.is_reported,
        case when incomplete.stage is null then stage_students.students end as students
    from stage_students
    inner join schools
        on
            stage_students.district_code = schools.district_code
            and stage_students.school_year = schools.school_year
            and stage_students.school_code = schools.school_code
    left join incomplete
        on
            stage_students.district_code = incomplete.district_code
            and stage_students.school_year = incomplete.school_year
            and stage_students.stage = incomplete.stage
),

by_stage as (
    select
        region_code,
        district_code,
        school_year,
        stage,
        stage as stages_included,
        {{ sum_if_complete('students') }} as students,
        count(distinct school_code) filter (where is_reported) as schools
    from enrolment
    group by region_code, district_code, school_year, stage
),

all_stages as (
    select
        region_code,
        district_code,
        school_year,
        'all_stages' as stage,
        string_agg(distinct stage, ',' order by stage) as stages_included,
        {{ sum_if_complete('students') }} as students,
        count(distinct school_code) filter (where is_reported) as schools
    from enrolment
    where stage <> 'all_stages'
    group by region_code, district_code, school_year
),

students as (
    select * from by_stage
    where stage <> 'all_stages'
    union all
    select * from all_stages
),

-- A fiscal year holds the end of one school year and the start of the next.
fiscal_years as (
    select
        coalesce(this_year.region_code, last_year.region_code) as region_code,
        coalesce(this_year.district_code, last_year.district_code) as district_code,
        coalesce(this_year.school_year, last_year.school_year + 1) as fiscal_year,
        coalesce(this_year.stage, last_year.stage) as stage,
        last_year.students as last_school_year_students,
        this_year.students as this_school_year_students,
        last_year.schools as last_school_year_schools,
        this_year.schools as this_school_year_schools,
        this_year.stages_included,
        last_year.stages_included as last_stages_included
    from students as this_year
    full outer join students as last_year
        on
            this_year.region_code = last_year.region_code
            and this_year.district_code = last_year.district_code
            and this_year.stage = last_year.stage
            and this_year.school_year = last_year.school_year + 1
),

weighed as (
    select
        fiscal_years.*,
        parameters.last_months + parameters.this_months as months,
        parameters.last_months * fiscal_years.last_school_year_students
        + parameters.this_months * fiscal_years.this_school_year_students as student_months,
        case
            when fiscal_years.last_school_year_students is null then 'enrolment_missing'
            when fiscal_years.this_school_year_students is null then 'enrolment_missing'
            when fiscal_years.stages_included <> fiscal_years.last_stages_included
                then 'enrolment_stages_differ'
        end as reason
    from fiscal_years
    cross join parameters
)

select
    region_code,
    district_code,
    fiscal_year,
    stage,
    stages_included,
    last_school_year_schools,
    this_school_year_schools,
    last_school_year_students,
    this_school_year_students,
    months,
    case when reason is null then student_months end as student_months,
    case when reason is null then round(student_months / months, 6) end as average_students,
    case when reason is null and student_months = 0 then 'no_students' else reason end as reason
from weighed
