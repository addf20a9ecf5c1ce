with staffing as (
    select * from {{ ref('fct_staffing') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

expected_stages as (
    select * from {{ ref('type_group_stage') }}
),

set_aside as (
    select * from {{ ref('stg_school_set_aside') }}
    where record = 'staffing'
),

stages as (
    select * from {{ ref('code_stage') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

parameters as (
    select {{ teacher_parameter('pay_min_persons', 'integer') }} as least_teachers
    from {{ ref('teacher_parameter') }}
),

-- Where no school of a district tells it, it was not asked that year: nobody is missing.
asked as (
    select distinct
        district_code,
        school_year,
        stage
    from staffing
    where training_person_times is not null or training_hours is not null
),

-- Who has pupils or teachers of the stage; a campus without pupils of it has no part in its parent's figures.
told_stages as (
    select
        district_code,
        school_year,
        school_code,
        stage
    from stage_students
    where
        school_code = counted_school_code
        or students is null
        or students > 0
    union
    select
        district_code,
        school_year,
        school_code,
        stage
    from staffing
),

heard_of as (
    select
        district_code,
        school_year,
        school_code
    from stage_students
    union
    select
        district_code,
        school_year,
        school_code
    from staffing
),

-- A school of which neither record tells anything has the stages that its type promises.
members as (
    select
        district_code,
        school_year,
        school_code,
        stage
    from told_stages
    union
    select
        schools.district_code,
        schools.school_year,
        schools.school_code,
        expected_stages.stage
    from schools
    inner join expected_stages on schools.type_group = expected_stages.type_group
    left join heard_of
        on
            schools.district_code = heard_of.district_code
            and schools.school_year = heard_of.school_year
            and schools.school_code = heard_of.school_code
    where heard_of.school_code is null
),

-- A row of the school that was set aside leaves its record incomplete; one of which the school could not be
-- read only speaks of those that have no row.
members_set_aside as (
    select
        members.district_code,
        members.school_year,
        members.school_code,
        members.stage,
        bool_or(set_aside.school_code is not null) as is_of_school
    from members
    inner join set_aside
        on
            members.district_code = set_aside.district_code
            and members.school_year = set_aside.school_year
            and (set_aside.school_code is null or members.school_code = set_aside.school_code)
            and (set_aside.stage is null or members.stage = set_aside.stage)
    group by
        members.district_code,
        members.school_year,
        members.school_code,
        members.stage
),

years_known as (
    select distinct
        district_code,
        school_year
    from schools
    where is_registered
),

found as (
    select
        members.district_code,
        members.school_year,
        members.stage,
        schools.region_code,
        schools.counted_school_code,
        staffing.school_code is not null as has_row,
        members_set_aside.school_code is not null
        and (members_set_aside.is_of_school or staffing.school_code is null) as is_set_aside,
        case when not coalesce(members_set_aside.is_of_school, false) then staffing.training_teachers end
            as training_teachers,
        case when not coalesce(members_set_aside.is_of_school, false) then staffing.training_person_times end
            as training_person_times,
        case when not coalesce(members_set_aside.is_of_school, false) then staffing.training_hours end
            as training_hours,
        -- The year before tells it; where there is none, the year in which it was built.
        case
            when years_known.school_year is not null then schools_before.school_code is null
            else coalesce(schools.built_year >= members.school_year, false)
        end as is_opened
    from members
    inner join asked
        on
            members.district_code = asked.district_code
            and members.school_year = asked.school_year
            and members.stage = asked.stage
    inner join schools
        on
            members.district_code = schools.district_code
            and members.school_year = schools.school_year
            and members.school_code = schools.school_code
    left join staffing
        on
            members.district_code = staffing.district_code
            and members.school_year = staffing.school_year
            and members.school_code = staffing.school_code
            and members.stage = staffing.stage
    left join members_set_aside
        on
            members.district_code = members_set_aside.district_code
            and members.school_year = members_set_aside.school_year
            and members.school_code = members_set_aside.school_code
            and members.stage = members_set_aside.stage
    left join years_known
        on
            members.district_code = years_known.district_code
            and members.school_year = years_known.school_year + 1
    left join schools as schools_before
        on
            members.district_code = schools_before.district_code
            and members.school_year = schools_before.school_year + 1
            and members.school_code = schools_before.school_code
),

-- What opened this year and tells no training had none in the year that the form speaks of.
marked as (
    select
        *,
        is_opened
        and coalesce(training_teachers, training_person_times, training_hours) is null as is_new
    from found
),

of_schools as (
    select
        *,
        bool_and(is_new) over (
            partition by district_code, school_year, counted_school_code, stage
        ) as is_new_school
    from marked
),

-- A campus belongs to its parent; a figure that one of them lacks is not known of the whole.
counted as (
    select
        region_code,
        district_code,
        school_year,
        counted_school_code as school_code,
        stage,
        bool_or(is_new_school) as is_new_school,
        bool_or(is_set_aside) as is_set_aside,
        bool_and(has_row) as has_rows,
        {{ sum_if_complete('training_teachers') }} as training_teachers,
        {{ sum_if_complete('training_person_times') }} as training_person_times,
        {{ sum_if_complete('training_hours') }} as training_hours
    from of_schools
    where is_new_school or not is_new
    group by
        region_code,
        district_code,
        school_year,
        counted_school_code,
        stage
),

-- What a few teachers had is as good as told of one of them; so is what is had by nobody knows how many.
withheld as (
    select
        counted.*,
        coalesce({{ is_small('counted.training_teachers', 'parameters.least_teachers') }}, true)
            as is_withheld
    from counted
    cross join parameters
),

shown as (
    select
        region_code,
        district_code,
        school_year,
        school_code,
        stage,
        training_teachers,
        case when not is_withheld then training_person_times end as training_person_times,
        case when not is_withheld then training_hours end as training_hours,
        case
            when is_new_school then 'not_yet_open'
            when is_set_aside then 'row_set_aside'
            when not has_rows then 'staffing_row_missing'
            when training_teachers is null then 'value_missing'
            when is_withheld then 'training_of_few_teachers'
            when training_person_times is null or training_hours is null then 'value_missing'
            when training_teachers = 0 then 'denominator_zero'
        end as reason_code
    from withheld
)

select
    shown.region_code,
    shown.district_code,
    shown.school_year,
    shown.school_year - 1 as training_school_year,
    shown.school_code,
    schools.school_name,
    schools.sector,
    schools.urban_rural_group,
    shown.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    shown.training_teachers::bigint as training_teachers,
    shown.training_person_times::bigint as training_person_times,
    shown.training_hours,
    round({{ divide('shown.training_person_times', 'shown.training_teachers') }}, 2)
        as person_times_per_teacher,
    round({{ divide('shown.training_hours', 'shown.training_teachers') }}, 2) as hours_per_teacher,
    shown.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from shown
inner join stages on shown.stage = stages.code
left join schools
    on
        shown.district_code = schools.district_code
        and shown.school_year = schools.school_year
        and shown.school_code = schools.school_code
left join reasons on shown.reason_code = reasons.reason_code
