with admissions as (
    select * from {{ ref('stg_admission') }}
),

set_aside as (
    select * from {{ ref('stg_school_set_aside') }}
    where record = 'admission'
),

stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

stages as (
    select stage
    from {{ ref('stage_grade') }}
    group by stage
),

-- A school that names no town in one year stands where it stood in the others, if they agree.
school_towns as (
    select
        district_code,
        school_code,
        max(town_code) as town_code,
        max(town_name) as town_name
    from schools
    group by district_code, school_code
    having count(distinct town_code) = 1
),

admission_years as (
    select
        district_code,
        school_year
    from admissions
    group by district_code, school_year
),

-- Small teaching points have seats and pupils too; special schools are planned apart from the towns.
taught as (
    select
        stage_students.district_code,
        stage_students.school_year,
        stage_students.stage,
        stage_students.school_code,
        stage_students.students
    from stage_students
    inner join stages on stage_students.stage = stages.stage
    inner join schools
        on
            stage_students.district_code = schools.district_code
            and stage_students.school_year = schools.school_year
            and stage_students.school_code = schools.school_code
    where not schools.is_special
),

-- A school known to have no pupils owes no seats, but may tell some.
expected as (
    select * from taught
    where coalesce(students, 1) > 0
),

keys as (
    select
        district_code,
        school_year,
        stage,
        school_code
    from expected
    union
    select
        admissions.district_code,
        admissions.school_year,
        admissions.stage,
        admissions.school_code
    from admissions
    inner join stages on admissions.stage = stages.stage
),

left_out as (
    select
        keys.district_code,
        keys.school_year,
        keys.stage,
        keys.school_code
    from keys
    inner join set_aside
        on
            keys.district_code = set_aside.district_code
            and keys.school_year = set_aside.school_year
            and (set_aside.stage is null or keys.stage = set_aside.stage)
            and (set_aside.school_code is null or keys.school_code = set_aside.school_code)
    group by
        keys.district_code,
        keys.school_year,
        keys.stage,
        keys.school_code
)

select
    schools.region_code,
    keys.district_code,
    keys.school_year,
    keys.stage,
    keys.school_code,
    schools.school_name,
    coalesce(schools.town_code, school_towns.town_code) as town_code,
    coalesce(schools.town_name, school_towns.town_name) as town_name,
    coalesce(schools.sector, 'not_stated') as sector,
    coalesce(schools.area_group, 'not_stated') as area_group,
    taught.students,
    admissions.seats,
    admissions.admitted,
    admissions.admitted_in_zone,
    admissions.is_boarding,
    -- Zones are asked of public schools in town that do not board.
    coalesce(
        schools.sector = 'public'
        and schools.area_group in ('urban_area', 'town_area')
        and not coalesce(admissions.is_boarding, false),
        false
    ) as is_zoned,
    admission_years.district_code is not null as is_admission_year,
    case
        when left_out.school_code is not null then 'row_set_aside'
        when admissions.school_code is null then 'admission_row_missing'
        when admissions.seats is null then 'value_missing'
    end as seats_reason_code,
    case
        when admissions.school_code is null and left_out.school_code is not null then 'row_set_aside'
        when admissions.school_code is null then 'admission_row_missing'
        when admissions.admitted is null or admissions.admitted_in_zone is null then 'value_missing'
    end as zone_reason_code
from keys
left join taught
    on
        keys.district_code = taught.district_code
        and keys.school_year = taught.school_year
        and keys.stage = taught.stage
        and keys.school_code = taught.school_code
left join admissions
    on
        keys.district_code = admissions.district_code
        and keys.school_year = admissions.school_year
        and keys.stage = admissions.stage
        and keys.school_code = admissions.school_code
left join admission_years
    on
        keys.district_code = admission_years.district_code
        and keys.school_year = admission_years.school_year
left join left_out
    on
        keys.district_code = left_out.district_code
        and keys.school_year = left_out.school_year
        and keys.stage = left_out.stage
        and keys.school_code = left_out.school_code
left join schools
    on
        keys.district_code = schools.district_code
        and keys.school_year = schools.school_year
        and keys.school_code = schools.school_code
left join school_towns
    on
        keys.district_code = school_towns.district_code
        and keys.school_code = school_towns.school_code
where not coalesce(schools.is_special, false)
