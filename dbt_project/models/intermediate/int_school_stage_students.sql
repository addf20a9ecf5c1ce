with enrolment as (
    select * from {{ ref('fct_enrolment') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

expected_stages as (
    select * from {{ ref('type_group_stage') }}
),

weights as (
    select * from {{ ref('split_weight') }}
),

reported as (
    select
        schools.district_code,
        schools.school_year,
        schools.school_code,
        schools.counted_school_code,
        enrolment.stage,
        {{ sum_if_complete('enrolment.students') }} as students,
        {{ sum_if_complete('enrolment.female_students') }} as female_students,
        {{ sum_if_complete('enrolment.boarding_students') }} as boarding_students,
        {{ sum_if_complete('enrolment.migrant_students') }} as migrant_students,
        {{ sum_if_complete('enrolment.left_behind_students') }} as left_behind_students,
        {{ sum_if_complete('enrolment.regular_class_special_students') }} as regular_class_special_students,
        {{ sum_if_complete('enrolment.classes') }} as classes
    from enrolment
    inner join schools
        on
            enrolment.district_code = schools.district_code
            and enrolment.school_year = schools.school_year
            and enrolment.school_code = schools.school_code
    where enrolment.is_counted
    group by
        schools.district_code,
        schools.school_year,
        schools.school_code,
        schools.counted_school_code,
        enrolment.stage
),

-- A stage that the type of a school promises and that neither it nor its campuses report.
unreported as (
    select
        schools.district_code,
        schools.school_year,
        schools.school_code,
        schools.counted_school_code,
        expected_stages.stage
    from schools
    inner join expected_stages on schools.type_group = expected_stages.type_group
    left join reported
        on
            schools.district_code = reported.district_code
            and schools.school_year = reported.school_year
            and schools.school_code = reported.counted_school_code
            and expected_stages.stage = reported.stage
    where
        reported.stage is null
        and schools.school_code = schools.counted_school_code
),

all_stages as (
    select
        district_code,
        school_year,
        school_code,
        counted_school_code,
        stage,
        true as is_reported,
        students,
        female_students,
        boarding_students,
        migrant_students,
        left_behind_students,
        regular_class_special_students,
        classes
    from reported
    union all
    select
        district_code,
        school_year,
        school_code,
        counted_school_code,
        stage,
        false as is_reported,
        null as students,
        null as female_students,
        null as boarding_students,
        null as migrant_students,
        null as left_behind_students,
        null as regular_class_special_students,
        null as classes
    from unreported
),

weighted as (
    select
        all_stages.*,
        weights.weight,
        all_stages.students * weights.weight as weighted_students
    from all_stages
    left join weights on all_stages.stage = weights.stage
),

totalled as (
    select
        *,
        case
            when
                count(weight) over by_school = count(weighted_students) over by_school
                then sum(weighted_students) over by_school
        end as school_weighted_students
    from weighted
    window by_school as (partition by district_code, school_year, school_code)
)

select
    district_code,
    school_year,
    school_code,
    stage,
    counted_school_code,
    is_reported,
    students,
    female_students,
    boarding_students,
    migrant_students,
    left_behind_students,
    regular_class_special_students,
    classes,
    weighted_students,
    school_weighted_students,
    {{ divide('weighted_students', 'school_weighted_students') }} as split_share
from totalled
