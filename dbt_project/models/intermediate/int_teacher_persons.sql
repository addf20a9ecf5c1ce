-- Ephemeral: no relation with a row a teacher exists outside schema protected, not even a view.
{{ config(materialized='ephemeral', contract={'enforced': false}) }}

with teachers as (
    select * from {{ ref('stg_teacher') }}
),

moves as (
    select * from {{ ref('stg_teacher_rotation') }}
),

training as (
    select * from {{ ref('stg_teacher_training') }}
),

set_aside as (
    select * from {{ ref('stg_teacher_set_aside') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

rotation_schools as (
    select * from {{ ref('int_rotation_schools') }}
),

subjects as (
    select * from {{ ref('code_subject') }}
),

levels as (
    select * from {{ ref('code_backbone_level') }}
),

kinds as (
    select * from {{ ref('code_rotation_kind') }}
),

named_parameters as (
    select
        {{ teacher_parameter('reference_day') }} as reference_day,
        {{ teacher_parameter('backbone_min_level') }} as backbone_min_level,
        {{ teacher_parameter('rotation_eligible_years', 'integer') }} as rotation_eligible_years,
        {{ teacher_parameter('training_window_years', 'integer') }} as training_window_years,
        {{ teacher_parameter('training_hours', 'numeric') }} as training_hours,
        {{ teacher_parameter('special_education_training_hours', 'numeric') }}
            as special_education_training_hours,
        {{ teacher_parameter('psychology_teacher_reading') }} as psychology_teacher_reading
    from {{ ref('teacher_parameter') }}
),

parameters as (
    select
        named_parameters.*,
        levels.level_rank as least_level_rank
    from named_parameters
    inner join levels on named_parameters.backbone_min_level = levels.code
),

dated as (
    select
        teachers.*,
        parameters.*,
        levels.level_rank,
        (teachers.school_year || '-' || parameters.reference_day)::date as reference_date
    from teachers
    inner join levels on teachers.backbone_level = levels.code
    cross join parameters
),

recognised as (
    select
        *,
        (
            level_rank >= least_level_rank
            and backbone_document is not null
            and backbone_valid_from <= reference_date
            and (backbone_valid_to is null or backbone_valid_to >= reference_date)
        ) is true as is_recognised
    from dated
),

-- A teacher on the lists of two schools counts once, where he is full-time, with every recognition he has.
ranked as (
    select
        *,
        bool_or(is_recognised) over by_teacher as is_backbone,
        row_number() over (by_teacher order by is_full_time desc, school_code asc) as place
    from recognised
    window by_teacher as (partition by district_code, school_year, teacher_key)
),

people as (
    select * from ranked
    where place = 1
),

moved as (
    select
        moves.district_code,
        moves.school_year,
        moves.teacher_key,
        coalesce(bool_or(schools_left.is_town_or_quality and schools_joined.is_rural), false) as is_to_rural
    from moves
    inner join kinds on moves.kind = kinds.code
    left join rotation_schools as schools_left
        on
            moves.district_code = schools_left.district_code
            and moves.school_year = schools_left.school_year
            and moves.from_school_code = schools_left.school_code
    left join rotation_schools as schools_joined
        on
            moves.district_code = schools_joined.district_code
            and moves.school_year = schools_joined.school_year
            and moves.to_school_code = schools_joined.school_code
    where kinds.counts_as_rotation
    group by moves.district_code, moves.school_year, moves.teacher_key
),

-- A year without a row of the teacher is a year without hours only where the whole record of it was read.
training_batches as (
    select distinct
        district_code,
        year,
        batch_id
    from training
),

batches_set_aside as (
    select distinct batch_id
    from set_aside
    where record = 'teacher_training'
),

training_years as (
    select
        training_batches.district_code,
        training_batches.year,
        bool_and(batches_set_aside.batch_id is null) as is_complete
    from training_batches
    left join batches_set_aside on training_batches.batch_id = batches_set_aside.batch_id
    group by training_batches.district_code, training_batches.year
),

rosters as (
    select distinct
        district_code,
        school_year
    from teachers
),

windows as (
    select
        rosters.district_code,
        rosters.school_year,
        count(*) filter (where training_years.is_complete) = parameters.training_window_years
            as is_window_known,
        coalesce(
            bool_or(training_years.year = rosters.school_year and training_years.is_complete), false
        ) as is_last_year_known
    from rosters
    cross join parameters
    left join training_years
        on
            rosters.district_code = training_years.district_code
            and rosters.school_year - parameters.training_window_years < training_years.year
            and rosters.school_year >= training_years.year
    group by rosters.district_code, rosters.school_year, parameters.training_window_years
),

hours as (
    select
        people.district_code,
        people.school_year,
        people.teacher_key,
        sum(training.hours) as hours,
        sum(training.hours) filter (
            where training.is_special_education and training.year = people.school_year
        ) as special_education_hours
    from people
    inner join training
        on
            people.district_code = training.district_code
            and people.teacher_key = training.teacher_key
            and people.school_year - people.training_window_years < training.year
            and people.school_year >= training.year
    group by people.district_code, people.school_year, people.teacher_key
)

select
    people.district_code,
    people.school_year,
    people.teacher_key,
    people.school_code,
    coalesce(schools.counted_school_code, people.school_code) as counted_school_code,
    people.stage,
    subjects.subject_group,
    people.employment,
    people.is_full_time,
    people.has_licence,
    people.has_ethics_credit,
    people.has_ethics_veto and people.was_promoted_or_awarded as is_vetoed_and_promoted,
    people.has_social_insurance,
    people.is_special_education_teacher,
    people.annual_pay_yuan,
    people.is_full_time and people.is_backbone as is_backbone,
    people.is_full_time and moved.teacher_key is not null as is_rotated,
    people.is_full_time and coalesce(moved.is_to_rural, false) as is_rotated_to_rural,
    -- Who was moved this year was eligible: the years at the new school begin with the move.
    case
        when not people.is_full_time then false
        when moved.teacher_key is not null then true
        else
            people.started_at_school_on
            <= people.reference_date - make_interval(years => people.rotation_eligible_years)
    end as is_eligible,
    case
        when not people.is_full_time then false
        when people.psychology_teacher_reading = 'subject' then subjects.subject_group = 'psychology'
        when people.psychology_teacher_reading = 'certificate' then people.has_psychology_certificate
        else subjects.subject_group = 'psychology' and people.has_psychology_certificate
    end as is_psychology_teacher,
    case
        when hours.hours >= people.training_hours then true
        when windows.is_window_known then false
    end as is_trained,
    case
        when hours.special_education_hours >= people.special_education_training_hours then true
        when windows.is_last_year_known then false
    end as is_trained_in_special_education
from people
inner join subjects on people.subject = subjects.code
inner join windows
    on
        people.district_code = windows.district_code
        and people.school_year = windows.school_year
left join schools
    on
        people.district_code = schools.district_code
        and people.school_year = schools.school_year
        and people.school_code = schools.school_code
left join moved
    on
        people.district_code = moved.district_code
        and people.school_year = moved.school_year
        and people.teacher_key = moved.teacher_key
left join hours
    on
        people.district_code = hours.district_code
        and people.school_year = hours.school_year
        and people.teacher_key = hours.teacher_key
