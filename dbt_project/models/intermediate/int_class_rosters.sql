with classes as (
    select * from {{ ref('int_class_sizes') }}
),

members as (
    select * from {{ ref('int_compulsory_members') }}
),

set_aside as (
    select * from {{ ref('stg_class_roster_set_aside') }}
),

parameters as (
    select * from {{ ref('places_parameter') }}
),

tolerance as (
    select max(value) as min_share
    from parameters
    where parameter = 'roster_min_share_of_students'
),

roster_years as (
    select
        district_code,
        school_year
    from classes
    group by district_code, school_year
),

rostered as (
    select
        district_code,
        school_year,
        stage,
        school_code,
        counted_school_code,
        count(*) as classes,
        sum(students) as students,
        count(*) filter (where is_over_standard) as classes_over_standard,
        count(*) filter (where is_56_and_over) as classes_56_and_over,
        count(*) filter (where is_66_and_over) as classes_66_and_over,
        count(*) filter (where is_over_standard and is_entry_grade) as entry_classes_over_standard,
        count(*) filter (where is_over_standard and is_in_ledger) as large_classes_in_ledger,
        count(*) filter (where is_over_standard and is_planned_after_deadline)
            as large_classes_planned_after_deadline
    from classes
    group by
        district_code,
        school_year,
        stage,
        school_code,
        counted_school_code
),

-- Who should report is known of every year of which any roster came.
expected as (
    select
        members.district_code,
        members.school_year,
        members.stage,
        members.school_code,
        members.counted_school_code,
        members.students
    from members
    inner join roster_years
        on
            members.district_code = roster_years.district_code
            and members.school_year = roster_years.school_year
),

keys as (
    select
        district_code,
        school_year,
        stage,
        school_code,
        counted_school_code
    from expected
    union
    select
        district_code,
        school_year,
        stage,
        school_code,
        counted_school_code
    from rostered
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
),

-- A roster is whole when no row of it was set aside and it holds the pupils who are enrolled.
judged as (
    select
        keys.district_code,
        keys.school_year,
        keys.stage,
        keys.counted_school_code,
        expected.school_code is not null as is_in_scope,
        expected.students as students_enrolled,
        rostered.students as students_rostered,
        coalesce(rostered.classes, 0) as classes,
        coalesce(rostered.classes_over_standard, 0) as classes_over_standard,
        coalesce(rostered.classes_56_and_over, 0) as classes_56_and_over,
        coalesce(rostered.classes_66_and_over, 0) as classes_66_and_over,
        coalesce(rostered.entry_classes_over_standard, 0) as entry_classes_over_standard,
        coalesce(rostered.large_classes_in_ledger, 0) as large_classes_in_ledger,
        coalesce(rostered.large_classes_planned_after_deadline, 0) as large_classes_planned_after_deadline,
        case
            when left_out.school_code is not null then 'row_set_aside'
            when rostered.school_code is null and coalesce(expected.students, 1) <> 0 then 'roster_missing'
            when rostered.students < expected.students * tolerance.min_share then 'roster_incomplete'
        end as reason_code
    from keys
    cross join tolerance
    left join expected
        on
            keys.district_code = expected.district_code
            and keys.school_year = expected.school_year
            and keys.stage = expected.stage
            and keys.school_code = expected.school_code
    left join rostered
        on
            keys.district_code = rostered.district_code
            and keys.school_year = rostered.school_year
            and keys.stage = rostered.stage
            and keys.school_code = rostered.school_code
    left join left_out
        on
            keys.district_code = left_out.district_code
            and keys.school_year = left_out.school_year
            and keys.stage = left_out.stage
            and keys.school_code = left_out.school_code
)

select
    district_code,
    school_year,
    stage,
    counted_school_code as school_code,
    bool_or(is_in_scope) as is_in_scope,
    {{ sum_if_complete('students_enrolled') }} as students_enrolled,
    sum(students_rostered) as students_rostered,
    sum(classes)::bigint as classes,
    sum(classes_over_standard)::bigint as classes_over_standard,
    sum(classes_56_and_over)::bigint as classes_56_and_over,
    sum(classes_66_and_over)::bigint as classes_66_and_over,
    sum(entry_classes_over_standard)::bigint as entry_classes_over_standard,
    sum(large_classes_in_ledger)::bigint as large_classes_in_ledger,
    sum(large_classes_planned_after_deadline)::bigint as large_classes_planned_after_deadline,
    count(reason_code) = 0 as is_reported,
    min(reason_code) as reason_code
from judged
group by
    district_code,
    school_year,
    stage,
    counted_school_code
