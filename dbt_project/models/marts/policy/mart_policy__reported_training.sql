with staffing as (
    select * from {{ ref('fct_staffing') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

-- Where no school of a district tells it, it was not asked that year: nobody is missing.
asked as (
    select distinct
        district_code,
        school_year,
        stage
    from staffing
    where training_person_times is not null or training_hours is not null
),

-- A campus belongs to its parent; a figure that one of them lacks is not known of the whole.
counted as (
    select
        staffing.region_code,
        staffing.district_code,
        staffing.school_year,
        schools.counted_school_code as school_code,
        staffing.stage,
        {{ sum_if_complete('staffing.training_teachers') }} as training_teachers,
        {{ sum_if_complete('staffing.training_person_times') }} as training_person_times,
        {{ sum_if_complete('staffing.training_hours') }} as training_hours
    from staffing
    inner join asked
        on
            staffing.district_code = asked.district_code
            and staffing.school_year = asked.school_year
            and staffing.stage = asked.stage
    inner join schools
        on
            staffing.district_code = schools.district_code
            and staffing.school_year = schools.school_year
            and staffing.school_code = schools.school_code
    group by
        staffing.region_code,
        staffing.district_code,
        staffing.school_year,
        schools.counted_school_code,
        staffing.stage
),

divided as (
    select
        *,
        round({{ divide('training_person_times', 'training_teachers') }}, 2) as person_times_per_teacher,
        round({{ divide('training_hours', 'training_teachers') }}, 2) as hours_per_teacher,
        case
            when training_teachers is null or training_person_times is null or training_hours is null
                then 'value_missing'
            when training_teachers = 0 then 'denominator_zero'
        end as reason_code
    from counted
)

select
    divided.region_code,
    divided.district_code,
    divided.school_year,
    divided.school_year - 1 as training_school_year,
    divided.school_code,
    schools.school_name,
    schools.sector,
    schools.urban_rural_group,
    divided.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    divided.training_teachers::bigint as training_teachers,
    divided.training_person_times::bigint as training_person_times,
    divided.training_hours,
    divided.person_times_per_teacher,
    divided.hours_per_teacher,
    divided.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from divided
inner join stages on divided.stage = stages.code
left join schools
    on
        divided.district_code = schools.district_code
        and divided.school_year = schools.school_year
        and divided.school_code = schools.school_code
left join reasons on divided.reason_code = reasons.reason_code
