with classes as (
    select * from {{ ref('int_class_sizes') }}
),

members as (
    select * from {{ ref('int_compulsory_members') }}
),

bands as (
    select * from {{ ref('int_class_size_bands') }}
),

set_aside as (
    select * from {{ ref('stg_class_roster_set_aside') }}
),

bands_set_aside as (
    select * from {{ ref('stg_class_size_band_set_aside') }}
),

parameters as (
    select * from {{ ref('places_parameter') }}
),

tolerance as (
    select max(value) as min_share
    from parameters
    where parameter = 'roster_min_share_of_students'
),

reported_years as (
    select
        district_code,
        school_year
    from classes
    union
    select
        district_code,
        school_year
    from bands
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

-- A class is counted once: where a roster of the stage is there the bands say the same classes again.
banded as (
    select bands.*
    from bands
    left join rostered
        on
            bands.district_code = rostered.district_code
            and bands.school_year = rostered.school_year
            and bands.stage = rostered.stage
            and bands.school_code = rostered.school_code
    where rostered.school_code is null
),

-- Bands do not say which classes are large: of the ledger nothing is known but where none needs to be in it.
reported as (
    select
        'class_roster' as source_code,
        district_code,
        school_year,
        stage,
        school_code,
        counted_school_code,
        students,
        classes,
        classes_over_standard,
        classes_56_and_over,
        classes_66_and_over,
        entry_classes_over_standard,
        large_classes_in_ledger,
        large_classes_planned_after_deadline
    from rostered
    union all
    select
        'class_size_band' as source_code,
        district_code,
        school_year,
        stage,
        school_code,
        counted_school_code,
        null as students,
        classes,
        classes_over_standard,
        classes_56_and_over,
        classes_66_and_over,
        entry_classes_over_standard,
        case when classes_over_standard = 0 then 0 end as large_classes_in_ledger,
        case when classes_over_standard = 0 then 0 end as large_classes_planned_after_deadline
    from banded
),

-- Who should report is known of every year of which any roster or form of classes came.
expected as (
    select
        members.district_code,
        members.school_year,
        members.stage,
        members.school_code,
        members.counted_school_code,
        members.students
    from members
    inner join reported_years
        on
            members.district_code = reported_years.district_code
            and members.school_year = reported_years.school_year
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
    from reported
),

all_set_aside as (
    select
        'class_roster' as source_code,
        set_aside.*
    from set_aside
    union all
    select
        'class_size_band' as source_code,
        bands_set_aside.*
    from bands_set_aside
),

-- Bands that came hold the whole stage, and what was set aside of the other source is not counted.
left_out as (
    select
        keys.district_code,
        keys.school_year,
        keys.stage,
        keys.school_code
    from keys
    left join reported
        on
            keys.district_code = reported.district_code
            and keys.school_year = reported.school_year
            and keys.stage = reported.stage
            and keys.school_code = reported.school_code
    inner join all_set_aside
        on
            keys.district_code = all_set_aside.district_code
            and keys.school_year = all_set_aside.school_year
            and (all_set_aside.stage is null or keys.stage = all_set_aside.stage)
            and (all_set_aside.school_code is null or keys.school_code = all_set_aside.school_code)
    where
        reported.school_code is null
        or reported.source_code = 'class_roster' and all_set_aside.source_code = 'class_roster'
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
        reported.source_code,
        reported.students as students_rostered,
        coalesce(reported.classes, 0) as classes,
        coalesce(reported.classes_over_standard, 0) as classes_over_standard,
        coalesce(reported.classes_56_and_over, 0) as classes_56_and_over,
        coalesce(reported.classes_66_and_over, 0) as classes_66_and_over,
        case when reported.classes_over_standard is null then 0 else reported.entry_classes_over_standard end
            as entry_classes_over_standard,
        case when reported.classes_over_standard is null then 0 else reported.large_classes_in_ledger end
            as large_classes_in_ledger,
        case
            when reported.classes_over_standard is null then 0
            else reported.large_classes_planned_after_deadline
        end as large_classes_planned_after_deadline,
        case
            when left_out.school_code is not null then 'row_set_aside'
            when reported.school_code is null and coalesce(expected.students, 1) <> 0 then 'roster_missing'
            when reported.school_code is not null and reported.classes_over_standard is null
                then 'class_bands_incomplete'
            when reported.students < expected.students * tolerance.min_share then 'roster_incomplete'
        end as reason_code
    from keys
    cross join tolerance
    left join expected
        on
            keys.district_code = expected.district_code
            and keys.school_year = expected.school_year
            and keys.stage = expected.stage
            and keys.school_code = expected.school_code
    left join reported
        on
            keys.district_code = reported.district_code
            and keys.school_year = reported.school_year
            and keys.stage = reported.stage
            and keys.school_code = reported.school_code
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
    case
        when count(distinct source_code) > 1 then 'both'
        else coalesce(min(source_code), 'none')
    end as source_code,
    sum(students_rostered) as students_rostered,
    sum(classes)::bigint as classes,
    sum(classes_over_standard)::bigint as classes_over_standard,
    sum(classes_56_and_over)::bigint as classes_56_and_over,
    sum(classes_66_and_over)::bigint as classes_66_and_over,
    ({{ sum_if_complete('entry_classes_over_standard') }})::bigint as entry_classes_over_standard,
    ({{ sum_if_complete('large_classes_in_ledger') }})::bigint as large_classes_in_ledger,
    ({{ sum_if_complete('large_classes_planned_after_deadline') }})::bigint
        as large_classes_planned_after_deadline,
    count(reason_code) = 0 as is_reported,
    min(reason_code) as reason_code
from judged
group by
    district_code,
    school_year,
    stage,
    counted_school_code
