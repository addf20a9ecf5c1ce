with schools as (
    select * from {{ ref('dim_school') }}
    where is_special
),

enrolment as (
    select * from {{ ref('stg_enrolment') }}
    where stage = 'special_education'
),

staffing as (
    select * from {{ ref('stg_staffing') }}
    where stage = 'special_education'
),

set_aside as (
    select * from {{ ref('stg_enrolment_set_aside') }}
    where stage = 'special_education'
),

funds as (
    select * from {{ ref('int_school_funds') }}
    where is_special
),

pupils as (
    select
        district_code,
        school_year,
        school_code,
        {{ sum_if_complete('students') }} as students
    from enrolment
    group by district_code, school_year, school_code
),

-- A row set aside may be of any special school of its year, unless it says of which.
described as (
    select
        schools.region_code,
        schools.district_code,
        schools.school_year,
        schools.school_code,
        pupils.school_code is not null as is_reported,
        case
            when not exists (
                select 1
                from set_aside
                where
                    set_aside.district_code = schools.district_code
                    and set_aside.school_year = schools.school_year
                    and coalesce(set_aside.school_code, schools.school_code) = schools.school_code
            ) then pupils.students
        end as students,
        staffing.staff,
        staffing.full_time_teachers,
        funds.public_funds_account_yuan
    from schools
    left join pupils
        on
            schools.district_code = pupils.district_code
            and schools.school_year = pupils.school_year
            and schools.school_code = pupils.school_code
    left join staffing
        on
            schools.district_code = staffing.district_code
            and schools.school_year = staffing.school_year
            and schools.school_code = staffing.school_code
    left join funds
        on
            schools.district_code = funds.district_code
            and schools.school_year = funds.school_year
            and schools.school_code = funds.school_code
)

select
    region_code,
    district_code,
    school_year,
    count(*) as special_schools,
    count(*) filter (where is_reported) as schools_reported,
    {{ sum_if_complete('students') }}::bigint as students,
    {{ sum_if_complete('staff') }}::bigint as staff,
    {{ sum_if_complete('full_time_teachers') }}::bigint as full_time_teachers,
    {{ sum_if_complete('public_funds_account_yuan') }} as public_funds_account_yuan
from described
group by region_code, district_code, school_year
having bool_or(is_reported)
