with basics as (
    select * from {{ ref('stg_school_basics') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

conditions as (
    select * from {{ ref('int_school_conditions') }}
),

teachers as (
    select * from {{ ref('int_teacher_schools') }}
    where stage = 'compulsory'
),

-- A campus belongs to its parent; a figure that one of them lacks is not known of the whole.
counted as (
    select
        basics.region_code,
        basics.district_code,
        basics.school_year,
        coalesce(schools.counted_school_code, basics.school_code) as school_code,
        {{ sum_if_complete('basics.staff') }} as staff,
        {{ sum_if_complete('basics.full_time_teachers') }} as full_time_teachers,
        {{ sum_if_complete('basics.established_staff') }} as established_staff,
        {{ sum_if_complete('basics.psychology_teachers') }} as psychology_teachers,
        {{ sum_if_complete('basics.full_time_psychology_teachers') }} as full_time_psychology_teachers,
        bool_or(basics.has_counselling_room) as has_counselling_room,
        {{ sum_if_complete('basics.security_staff') }} as security_staff,
        {{ sum_if_complete('basics.bought_seats') }} as bought_seats,
        {{ sum_if_complete('basics.bought_seats_for_migrants') }} as bought_seats_for_migrants,
        bool_and(basics.meets_sports_area) as meets_sports_area,
        bool_and(basics.has_campus_network) as has_campus_network
    from basics
    left join schools
        on
            basics.district_code = schools.district_code
            and basics.school_year = schools.school_year
            and basics.school_code = schools.school_code
    group by
        basics.region_code,
        basics.district_code,
        basics.school_year,
        coalesce(schools.counted_school_code, basics.school_code)
)

select
    counted.region_code,
    counted.district_code,
    counted.school_year,
    counted.school_code,
    schools.school_name,
    schools.sector,
    counted.staff::bigint as staff,
    counted.full_time_teachers::bigint as full_time_teachers,
    counted.established_staff::bigint as established_staff,
    counted.psychology_teachers::bigint as psychology_teachers,
    counted.full_time_psychology_teachers::bigint as full_time_psychology_teachers,
    teachers.psychology_teachers as roster_psychology_teachers,
    counted.full_time_psychology_teachers <> teachers.psychology_teachers
        as are_psychology_teachers_told_differently,
    counted.has_counselling_room,
    conditions.has_counselling_room as list_has_counselling_room,
    counted.has_counselling_room <> conditions.has_counselling_room as is_counselling_room_told_differently,
    counted.security_staff::bigint as security_staff,
    counted.bought_seats::bigint as bought_seats,
    counted.bought_seats_for_migrants::bigint as bought_seats_for_migrants,
    counted.meets_sports_area,
    counted.has_campus_network
from counted
left join schools
    on
        counted.district_code = schools.district_code
        and counted.school_year = schools.school_year
        and counted.school_code = schools.school_code
left join conditions
    on
        counted.district_code = conditions.district_code
        and counted.school_year = conditions.school_year
        and counted.school_code = conditions.school_code
left join teachers
    on
        counted.district_code = teachers.district_code
        and counted.school_year = teachers.school_year
        and counted.school_code = teachers.school_code
