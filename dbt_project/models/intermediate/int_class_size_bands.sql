with bands as (
    select * from {{ ref('stg_class_size_band') }}
),

grades as (
    select * from {{ ref('stage_grade') }}
),

size_limits as (
    select * from {{ ref('class_size_limit') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

entry_grades as (
    select
        stage,
        grade
    from grades
    where is_entry_grade
),

-- Of a band that lies on both sides of a limit nobody can say how many classes are above it.
counted as (
    select
        bands.district_code,
        bands.school_year,
        bands.school_code,
        bands.stage,
        bands.grade,
        size_limits.limit_code,
        size_limits.is_assessed,
        listed.classes,
        case
            when listed.min_students > size_limits.max_students then listed.classes
            when listed.max_students <= size_limits.max_students or listed.classes = 0 then 0
        end as classes_above
    from bands
    inner join size_limits
        on
            bands.region_code = size_limits.region_code
            and bands.stage = size_limits.stage
    cross join lateral (
        values
        (0, 25, bands.classes_up_to_25),
        (26, 30, bands.classes_26_30),
        (31, 35, bands.classes_31_35),
        (36, 40, bands.classes_36_40),
        (41, 45, bands.classes_41_45),
        (46, 50, bands.classes_46_50),
        (51, 55, bands.classes_51_55),
        (56, 60, bands.classes_56_60),
        (61, 65, bands.classes_61_65),
        (66, null, bands.classes_66_and_over)
    ) as listed (min_students, max_students, classes)
),

above as (
    select
        district_code,
        school_year,
        school_code,
        stage,
        grade,
        limit_code,
        is_assessed,
        case when count(classes) = count(*) and count(classes_above) = count(*) then sum(classes_above) end
            as classes_above
    from counted
    group by
        district_code,
        school_year,
        school_code,
        stage,
        grade,
        limit_code,
        is_assessed
),

by_grade as (
    select
        district_code,
        school_year,
        school_code,
        stage,
        grade,
        max(classes_above) filter (where is_assessed) as classes_over_standard,
        max(classes_above) filter (where limit_code = '56_and_over') as classes_56_and_over,
        max(classes_above) filter (where limit_code = '66_and_over') as classes_66_and_over
    from above
    group by
        district_code,
        school_year,
        school_code,
        stage,
        grade
)

-- The stage as a whole is what the form prints; without it the grades that came may not be all.
select
    bands.district_code,
    bands.school_year,
    bands.stage,
    bands.school_code,
    coalesce(schools.counted_school_code, bands.school_code) as counted_school_code,
    bands.all_classes as classes,
    by_grade.classes_over_standard::bigint as classes_over_standard,
    by_grade.classes_56_and_over::bigint as classes_56_and_over,
    by_grade.classes_66_and_over::bigint as classes_66_and_over,
    -- No large class at all is none in the entry grade either.
    case
        when by_grade.classes_over_standard = 0 then 0
        else entry.classes_over_standard::bigint
    end as entry_classes_over_standard,
    bands.batch_id,
    bands.source_sheet,
    bands.source_row,
    bands.source_block
from bands
inner join by_grade
    on
        bands.district_code = by_grade.district_code
        and bands.school_year = by_grade.school_year
        and bands.school_code = by_grade.school_code
        and bands.stage = by_grade.stage
        and bands.grade = by_grade.grade
left join entry_grades on bands.stage = entry_grades.stage
left join by_grade as entry
    on
        bands.district_code = entry.district_code
        and bands.school_year = entry.school_year
        and bands.school_code = entry.school_code
        and bands.stage = entry.stage
        and entry_grades.grade = entry.grade
left join schools
    on
        bands.district_code = schools.district_code
        and bands.school_year = schools.school_year
        and bands.school_code = schools.school_code
where bands.grade = 'all'
