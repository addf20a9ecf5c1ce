-- Joining pupils to schools and stages neither loses nor doubles one: the sums are those of the facts.
-- A school of which a row was set aside shows no pupils, so that its facts are left out on both sides.
with schools_set_aside as (
    select
        district_code,
        school_year,
        school_code,
        stage
    from {{ ref('int_school_stage_students') }}
    where reason_code = 'row_set_aside'
),

facts as (
    select
        enrolment.district_code,
        enrolment.school_year,
        enrolment.stage,
        sum(enrolment.students) as students
    from {{ ref('fct_enrolment') }} as enrolment
    left join schools_set_aside
        on
            enrolment.district_code = schools_set_aside.district_code
            and enrolment.school_year = schools_set_aside.school_year
            and enrolment.school_code = schools_set_aside.school_code
            and enrolment.stage = schools_set_aside.stage
    where enrolment.is_counted and schools_set_aside.school_code is null
    group by
        enrolment.district_code,
        enrolment.school_year,
        enrolment.stage
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
