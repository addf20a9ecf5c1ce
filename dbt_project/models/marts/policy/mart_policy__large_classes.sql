with classes as (
    select * from {{ ref('int_class_sizes') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

grades as (
    select * from {{ ref('code_grade') }}
),

methods as (
    select * from {{ ref('code_class_ledger_method') }}
),

rosters as (
    select * from {{ ref('int_class_rosters') }}
),

-- A school of which a stage is not whole has no number of large classes, not none.
school_years as (
    select
        district_code,
        school_year,
        school_code,
        case when bool_and(is_reported) then sum(classes_over_standard) end as large_classes
    from rosters
    group by district_code, school_year, school_code
),

district_years as (
    select
        district_code,
        school_year
    from rosters
    group by district_code, school_year
),

-- A school that was not there in a year of which the others told had no large class then.
school_changes as (
    select
        school_years.district_code,
        school_years.school_year,
        school_years.school_code,
        (
            school_years.large_classes
            - case when earlier.school_code is null then 0 else earlier.large_classes end
        )::bigint as large_classes_change
    from school_years
    inner join district_years
        on
            school_years.district_code = district_years.district_code
            and school_years.school_year = district_years.school_year + 1
    left join school_years as earlier
        on
            school_years.district_code = earlier.district_code
            and school_years.school_code = earlier.school_code
            and school_years.school_year = earlier.school_year + 1
),

-- Only of a stage whose roster was whole is it known that a class that is not in it was not large.
roster_years as (
    select
        district_code,
        school_year,
        stage,
        school_code
    from rosters
    where source_code = 'class_roster' and is_reported
),

-- What the grade of a large class needs: pupils can move within it before a room is built.
grade_sums as (
    select
        district_code,
        school_year,
        school_code,
        stage,
        grade,
        sum(students)::bigint as grade_students,
        count(*) as grade_classes,
        count(*) filter (where is_over_standard) as grade_large_classes,
        sum(greatest(standard_students - students, 0))::bigint as grade_free_seats,
        ceil(sum(students)::numeric / max(standard_students))::bigint as grade_classes_needed
    from classes
    group by
        district_code,
        school_year,
        school_code,
        stage,
        grade
)

select
    classes.district_code,
    classes.school_year,
    classes.school_code,
    schools.school_name,
    schools.town_code,
    schools.town_name,
    schools.sector,
    classes.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    classes.grade,
    grades.name_zh as grade_zh,
    grades.name_en as grade_en,
    classes.class_number,
    classes.students,
    classes.standard_students,
    classes.students_above_standard,
    classes.is_56_and_over,
    classes.is_66_and_over,
    classes.is_entry_grade,
    classes.is_in_ledger,
    classes.ledger_method,
    methods.name_zh as ledger_method_zh,
    methods.name_en as ledger_method_en,
    classes.ledger_planned_end_on,
    classes.ledger_document,
    classes.is_planned_after_deadline,
    case
        when earlier.school_code is not null then earlier.is_over_standard
        when roster_years.school_code is not null then false
    end as was_large_last_year,
    school_changes.large_classes_change as school_large_classes_change,
    grade_sums.grade_students,
    grade_sums.grade_classes,
    grade_sums.grade_large_classes,
    grade_sums.grade_free_seats,
    grade_sums.grade_classes_needed,
    greatest(grade_sums.grade_classes_needed - grade_sums.grade_classes, 0) as grade_extra_rooms_needed,
    greatest(
        grade_sums.grade_students - grade_sums.grade_classes * classes.standard_students, 0
    ) as grade_extra_seats_needed,
    grade_sums.grade_classes_needed <= grade_sums.grade_classes as is_solved_within_grade
from classes
inner join grade_sums
    on
        classes.district_code = grade_sums.district_code
        and classes.school_year = grade_sums.school_year
        and classes.school_code = grade_sums.school_code
        and classes.stage = grade_sums.stage
        and classes.grade = grade_sums.grade
left join schools
    on
        classes.district_code = schools.district_code
        and classes.school_year = schools.school_year
        and classes.school_code = schools.school_code
left join school_changes
    on
        classes.district_code = school_changes.district_code
        and classes.school_year = school_changes.school_year
        and classes.counted_school_code = school_changes.school_code
left join stages on classes.stage = stages.code
left join grades on classes.grade = grades.code
left join methods on classes.ledger_method = methods.code
left join roster_years
    on
        classes.district_code = roster_years.district_code
        and classes.counted_school_code = roster_years.school_code
        and classes.stage = roster_years.stage
        and classes.school_year = roster_years.school_year + 1
-- Grades are whole numbers wherever a limit holds, so the class sat one grade lower a year ago.
left join classes as earlier
    on
        classes.district_code = earlier.district_code
        and classes.school_code = earlier.school_code
        and classes.school_year = earlier.school_year + 1
        and classes.stage = earlier.stage
        and classes.class_number = earlier.class_number
        and classes.grade = case when earlier.grade <> 'all' then (earlier.grade::integer + 1)::text end
where classes.is_over_standard
