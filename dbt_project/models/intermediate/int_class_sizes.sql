with roster as (
    select * from {{ ref('stg_class_roster') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

grades as (
    select * from {{ ref('stage_grade') }}
),

size_limits as (
    select * from {{ ref('class_size_limit') }}
),

parameters as (
    select * from {{ ref('places_parameter') }}
),

limits as (
    select
        region_code,
        stage,
        max(max_students) filter (where is_assessed) as standard_students,
        max(max_students) filter (where limit_code = '56_and_over') as below_56_students,
        max(max_students) filter (where limit_code = '66_and_over') as below_66_students
    from size_limits
    group by region_code, stage
),

deadline as (
    select max(value) as ledger_last_year
    from parameters
    where parameter = 'ledger_last_year'
)

-- At the limit a class is not large: only what is above it counts.
select
    roster.region_code,
    roster.district_code,
    roster.school_year,
    roster.school_code,
    coalesce(schools.counted_school_code, roster.school_code) as counted_school_code,
    roster.stage,
    roster.grade,
    roster.class_number,
    roster.students,
    roster.boarding_students,
    limits.standard_students,
    greatest(roster.students - limits.standard_students, 0) as students_above_standard,
    roster.students > limits.standard_students as is_over_standard,
    roster.students > limits.below_56_students as is_56_and_over,
    roster.students > limits.below_66_students as is_66_and_over,
    coalesce(grades.is_entry_grade, false) as is_entry_grade,
    roster.ledger_method,
    roster.ledger_planned_end_on,
    roster.ledger_document,
    (roster.ledger_method is not null and roster.ledger_planned_end_on is not null) as is_in_ledger,
    coalesce(extract(year from roster.ledger_planned_end_on) > deadline.ledger_last_year, false)
        as is_planned_after_deadline,
    roster.batch_id,
    roster.source_sheet,
    roster.source_row,
    roster.source_block
from roster
inner join limits
    on
        roster.region_code = limits.region_code
        and roster.stage = limits.stage
cross join deadline
left join schools
    on
        roster.district_code = schools.district_code
        and roster.school_year = schools.school_year
        and roster.school_code = schools.school_code
left join grades
    on
        roster.stage = grades.stage
        and roster.grade = grades.grade
