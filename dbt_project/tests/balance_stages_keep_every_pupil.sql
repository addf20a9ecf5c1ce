-- Joining pupils to schools and stages neither loses nor doubles one: the sums are those of the facts.
with facts as (
    select
        district_code,
        school_year,
        stage,
        sum(students) as students
    from {{ ref('fct_enrolment') }}
    where is_counted
    group by
        district_code,
        school_year,
        stage
),

stages as (
    select
        district_code,
        school_year,
        stage,
        sum(students) as students
    from {{ ref('int_school_stage_students') }}
    where is_reported
    group by
        district_code,
        school_year,
        stage
)

select
    facts.district_code,
    facts.school_year,
    facts.stage,
    facts.students,
    stages.students as stage_students
from facts
left join stages
    on
        facts.district_code = stages.district_code
        and facts.school_year = stages.school_year
        and facts.stage = stages.stage
where stages.students is null or facts.students <> stages.students
