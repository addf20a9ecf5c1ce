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
    select * from {{ ref('stg_school_set_aside') }}
    where record in ('class_roster', 'class_size_band')
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
        case when count(*) = count(is_56_and_over) then count(*) filter (where is_56_and_over) end
            as classes_56_and_over,
        case when count(*) = count(is_66_and_over) then count(*) filter (where is_66_and_over) end
            as classes_66_and_over,
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

-- What there is of each school, campuses on their own.
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
    union
    select
        district_code,
        school_year,
        stage,
        school_code,
        counted_school_code
    from bands
),

left_out as (
    select
        keys.district_code,
        keys.school_year,
        keys.stage,
        keys.school_code,
        bool_or(set_aside.record = 'class_roster') as is_of_roster
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

campuses as (
    select
        keys.district_code,
        keys.school_year,
        keys.stage,
        keys.counted_school_code,
        expected.school_code is not null as is_in_scope,
        expected.students as students_enrolled,
        rostered.students as students_rostered,
        rostered.school_code is not null as has_roster,
        bands.school_code is not null as has_bands,
        bands.school_code is not null and bands.classes_over_standard is null as is_band_missing,
        expected.school_code is not null and coalesce(expected.students, 1) <> 0 as is_due,
        left_out.school_code is not null as is_set_aside,
        coalesce(left_out.is_of_roster, false) as is_roster_set_aside
    from keys
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
    left join bands
        on
            keys.district_code = bands.district_code
            and keys.school_year = bands.school_year
            and keys.stage = bands.stage
            and keys.school_code = bands.school_code
    left join left_out
        on
            keys.district_code = left_out.district_code
            and keys.school_year = left_out.school_year
            and keys.stage = left_out.stage
            and keys.school_code = left_out.school_code
),

-- The roster of a parent may hold the classes of its campuses: it is whole when no row of it was set aside
-- and it holds the pupils who are enrolled. Bands are of one form: they are whole when every campus has it.
judged as (
    select
        campuses.district_code,
        campuses.school_year,
        campuses.stage,
        campuses.counted_school_code,
        bool_or(campuses.is_in_scope) as is_in_scope,
        case
            when
                count(*) filter (where campuses.is_in_scope)
                = count(*) filter (where campuses.students_enrolled is not null)
                then sum(campuses.students_enrolled)
        end as students_enrolled,
        bool_or(campuses.has_roster) as has_roster,
        bool_or(campuses.has_bands) as has_bands,
        case
            when bool_or(campuses.is_roster_set_aside) then 'row_set_aside'
            when sum(campuses.students_rostered) < sum(campuses.students_enrolled) * max(tolerance.min_share)
                then 'roster_incomplete'
            when
                bool_or(campuses.is_in_scope and campuses.students_enrolled is null)
                and bool_or(campuses.is_due and not campuses.has_roster)
                then 'roster_missing'
        end as roster_reason_code,
        case
            when bool_or(campuses.is_band_missing) then 'class_bands_incomplete'
            when bool_or(campuses.is_set_aside and not campuses.has_bands) then 'row_set_aside'
            when bool_or((campuses.is_due or campuses.has_roster) and not campuses.has_bands)
                then 'roster_missing'
        end as bands_reason_code,
        case
            when bool_or(campuses.is_set_aside) then 'row_set_aside'
            when bool_or(campuses.is_due) then 'roster_missing'
        end as none_reason_code
    from campuses
    cross join tolerance
    group by
        campuses.district_code,
        campuses.school_year,
        campuses.stage,
        campuses.counted_school_code
),

-- A class is counted once: the bands say the classes of the roster again, so one of the two is read.
chosen as (
    select
        judged.*,
        case
            when judged.has_roster and judged.roster_reason_code is null then 'class_roster'
            when judged.has_bands and judged.bands_reason_code is null then 'class_size_band'
            when judged.has_roster then 'class_roster'
            when judged.has_bands then 'class_size_band'
            else 'none'
        end as source_code
    from judged
),

-- Bands do not say which classes are large: of the ledger nothing is known but where none needs to be in it.
-- What a roster or a band does not tell is no number.
figures as (
    select
        'class_roster' as source_code,
        district_code,
        school_year,
        stage,
        counted_school_code,
        sum(students) as students_rostered,
        sum(classes) as classes,
        sum(classes_over_standard) as classes_over_standard,
        {{ sum_if_complete('classes_56_and_over') }} as classes_56_and_over,
        {{ sum_if_complete('classes_66_and_over') }} as classes_66_and_over,
        sum(entry_classes_over_standard) as entry_classes_over_standard,
        sum(large_classes_in_ledger) as large_classes_in_ledger,
        sum(large_classes_planned_after_deadline) as large_classes_planned_after_deadline
    from rostered
    group by
        district_code,
        school_year,
        stage,
        counted_school_code
    union all
    select
        'class_size_band' as source_code,
        district_code,
        school_year,
        stage,
        counted_school_code,
        null as students_rostered,
        sum(classes) as classes,
        {{ sum_if_complete('classes_over_standard') }} as classes_over_standard,
        {{ sum_if_complete('classes_56_and_over') }} as classes_56_and_over,
        {{ sum_if_complete('classes_66_and_over') }} as classes_66_and_over,
        {{ sum_if_complete('entry_classes_over_standard') }} as entry_classes_over_standard,
        case when {{ sum_if_complete('classes_over_standard') }} = 0 then 0 end as large_classes_in_ledger,
        case when {{ sum_if_complete('classes_over_standard') }} = 0 then 0 end
            as large_classes_planned_after_deadline
    from bands
    group by
        district_code,
        school_year,
        stage,
        counted_school_code
),

named as (
    select
        chosen.*,
        case chosen.source_code
            when 'class_roster' then chosen.roster_reason_code
            when 'class_size_band' then chosen.bands_reason_code
            else chosen.none_reason_code
        end as reason_code,
        -- Nothing told is no number of classes; but where no pupil is enrolled there is none.
        case when chosen.source_code = 'none' and chosen.none_reason_code is null then 0 end
            as classes_without_source
    from chosen
)

select
    named.district_code,
    named.school_year,
    named.stage,
    named.counted_school_code as school_code,
    named.is_in_scope,
    named.students_enrolled,
    named.source_code,
    figures.students_rostered,
    coalesce(figures.classes, named.classes_without_source)::bigint as classes,
    coalesce(figures.classes_over_standard, named.classes_without_source)::bigint as classes_over_standard,
    coalesce(figures.classes_56_and_over, named.classes_without_source)::bigint as classes_56_and_over,
    coalesce(figures.classes_66_and_over, named.classes_without_source)::bigint as classes_66_and_over,
    coalesce(figures.entry_classes_over_standard, named.classes_without_source)::bigint
        as entry_classes_over_standard,
    coalesce(figures.large_classes_in_ledger, named.classes_without_source)::bigint
        as large_classes_in_ledger,
    coalesce(figures.large_classes_planned_after_deadline, named.classes_without_source)::bigint
        as large_classes_planned_after_deadline,
    named.reason_code is null as is_reported,
    named.reason_code
from named
left join figures
    on
        named.district_code = figures.district_code
        and named.school_year = figures.school_year
        and named.stage = figures.stage
        and named.counted_school_code = figures.counted_school_code
        and named.source_code = figures.source_code
