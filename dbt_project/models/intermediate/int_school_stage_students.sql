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

set_aside as (
    select * from {{ ref('stg_enrolment_set_aside') }}
    where stage <> 'special_education'
),

expecting_types as (
    select distinct type_group
    from expected_stages
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

-- A stage of which nothing but rows set aside came; a stage that was not read counts where it can be meant.
left_out as (
    select
        schools.district_code,
        schools.school_year,
        schools.school_code,
        schools.counted_school_code,
        set_aside.stage
    from set_aside
    inner join schools
        on
            set_aside.district_code = schools.district_code
            and set_aside.school_year = schools.school_year
            and set_aside.school_code = schools.school_code
    left join expected_stages
        on
            schools.type_group = expected_stages.type_group
            and set_aside.stage = expected_stages.stage
    left join expecting_types on schools.type_group = expecting_types.type_group
    where
        set_aside.is_stage_read
        or expected_stages.stage is not null
        or expecting_types.type_group is null
),

nothing_reported as (
    select * from unreported
    union
    select left_out.*
    from left_out
    left join reported
        on
            left_out.district_code = reported.district_code
            and left_out.school_year = reported.school_year
            and left_out.school_code = reported.school_code
            and left_out.stage = reported.stage
    where reported.stage is null
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
        null as classes
    from nothing_reported
),

-- A school of which a row was set aside is not known as a whole: what is left of it would be too small.
checked as (
    select
        all_stages.*,
        coalesce(own_rows.stage, any_rows.stage) is not null as is_set_aside
    from all_stages
    left join set_aside as own_rows
        on
            all_stages.district_code = own_rows.district_code
            and all_stages.school_year = own_rows.school_year
            and all_stages.stage = own_rows.stage
            and all_stages.school_code = own_rows.school_code
    left join set_aside as any_rows
        on
            all_stages.district_code = any_rows.district_code
            and all_stages.school_year = any_rows.school_year
            and all_stages.stage = any_rows.stage
            and any_rows.school_code is null
),

known as (
    select
        district_code,
        school_year,
        school_code,
        counted_school_code,
        stage,
        is_reported,
        case when not is_set_aside then students end as students,
        case when not is_set_aside then female_students end as female_students,
        case when not is_set_aside then boarding_students end as boarding_students,
        case when not is_set_aside then migrant_students end as migrant_students,
        case when not is_set_aside then left_behind_students end as left_behind_students,
        case when not is_set_aside then classes end as classes,
        case
            when is_set_aside then 'row_set_aside'
            when not is_reported then 'enrolment_row_missing'
        end as reason_code
    from checked
),

weighted as (
    select
        known.*,
        weights.weight,
        known.students * weights.weight as weighted_students
    from known
    left join weights on known.stage = weights.stage
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
    classes,
    weighted_students,
    school_weighted_students,
    {{ divide('weighted_students', 'school_weighted_students') }} as split_share,
    reason_code
from totalled
