with counts as (
    select * from {{ ref('int_teacher_counts') }}
),

scope as (
    select * from {{ ref('int_school_scope') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

roster as (
    select * from {{ ref('stg_teacher') }}
),

rotation as (
    select * from {{ ref('stg_teacher_rotation') }}
),

training as (
    select * from {{ ref('stg_teacher_training') }}
),

set_aside as (
    select * from {{ ref('stg_teacher_set_aside') }}
),

parameters as (
    select
        {{ teacher_parameter('scope_standard') }} as scope_standard,
        {{ teacher_parameter('counted_exclusions') }} as counted_exclusions,
        {{ teacher_parameter('training_window_years', 'integer') }} as training_window_years
    from {{ ref('teacher_parameter') }}
),

assessed_stages as (
    select distinct
        standard_code,
        stage
    from indicators
),

roster_batches as (
    select distinct
        district_code,
        school_year,
        batch_id
    from roster
),

roster_years as (
    select distinct
        district_code,
        school_year
    from roster_batches
),

rotation_batches as (
    select distinct
        district_code,
        school_year,
        batch_id
    from rotation
),

rotation_years as (
    select
        rotation_batches.district_code,
        rotation_batches.school_year,
        coalesce(sum(set_aside.rows_set_aside), 0) as rows_set_aside
    from rotation_batches
    left join set_aside
        on
            rotation_batches.batch_id = set_aside.batch_id
            and (set_aside.district_code is null or rotation_batches.district_code = set_aside.district_code)
            and (set_aside.school_year is null or rotation_batches.school_year = set_aside.school_year)
    group by rotation_batches.district_code, rotation_batches.school_year
),

training_years as (
    select distinct
        district_code,
        year
    from training
),

training_windows as (
    select distinct
        roster_years.district_code,
        roster_years.school_year
    from roster_years
    cross join parameters
    inner join training_years
        on
            roster_years.district_code = training_years.district_code
            and roster_years.school_year - parameters.training_window_years < training_years.year
            and roster_years.school_year >= training_years.year
),

-- The seven indicators leave some schools out; what the government owes the teachers of them is still due.
expected as (
    select
        scope.district_code,
        scope.school_year,
        scope.school_code,
        scope.stage,
        scope.students,
        scope.is_in_scope
    from scope
    inner join parameters on scope.standard_code = parameters.scope_standard
    inner join assessed_stages
        on
            scope.standard_code = assessed_stages.standard_code
            and scope.stage = assessed_stages.stage
    inner join roster_years
        on
            scope.district_code = roster_years.district_code
            and scope.school_year = roster_years.school_year
    where
        scope.is_in_scope
        or scope.exclusion_code = any(string_to_array(parameters.counted_exclusions, '|'))
),

-- What could not be read may be anything: such a row belongs wherever it may belong.
rows_set_aside as (
    select
        roster_batches.district_code,
        roster_batches.school_year,
        coalesce(schools.counted_school_code, set_aside.school_code) as school_code,
        set_aside.stage
    from roster_batches
    inner join set_aside
        on
            roster_batches.batch_id = set_aside.batch_id
            and (set_aside.district_code is null or roster_batches.district_code = set_aside.district_code)
            and (set_aside.school_year is null or roster_batches.school_year = set_aside.school_year)
    left join schools
        on
            roster_batches.district_code = schools.district_code
            and roster_batches.school_year = schools.school_year
            and set_aside.school_code = schools.school_code
),

touched as (
    select distinct
        expected.district_code,
        expected.school_year,
        expected.school_code,
        expected.stage
    from expected
    inner join rows_set_aside
        on
            expected.district_code = rows_set_aside.district_code
            and expected.school_year = rows_set_aside.school_year
            and (rows_set_aside.school_code is null or expected.school_code = rows_set_aside.school_code)
            and (rows_set_aside.stage is null or expected.stage = rows_set_aside.stage)
),

stages as (
    select
        expected.district_code,
        expected.school_year,
        expected.school_code,
        expected.stage,
        expected.students,
        expected.is_in_scope,
        counts.school_code is not null and touched.school_code is null as is_reported,
        case
            when touched.school_code is not null then 'row_set_aside'
            when counts.school_code is null then 'teacher_roster_missing'
        end as reason_code,
        counts.teachers,
        counts.full_time_teachers,
        counts.licensed_teachers,
        counts.backbone_teachers,
        counts.temporary_teachers,
        counts.eligible_teachers,
        counts.rotated_teachers,
        counts.rotated_to_rural,
        counts.rotated_backbone,
        counts.teachers_with_ethics_credit,
        counts.vetoed_teachers_promoted,
        counts.insured_teachers,
        counts.psychology_teachers,
        counts.special_education_teachers,
        counts.special_education_teachers_trained,
        counts.teachers_in_training_cycle,
        counts.teachers_trained
    from expected
    left join counts
        on
            expected.district_code = counts.district_code
            and expected.school_year = counts.school_year
            and expected.school_code = counts.school_code
            and expected.stage = counts.stage
    left join touched
        on
            expected.district_code = touched.district_code
            and expected.school_year = touched.school_year
            and expected.school_code = touched.school_code
            and expected.stage = touched.stage
),

-- Both stages of a school together; a school of which one stage is not known is not known.
stages_and_schools as (
    select
        district_code,
        school_year,
        school_code,
        coalesce(stage, 'compulsory') as stage,
        bool_or(is_in_scope) as is_in_scope,
        bool_and(is_reported) as is_reported,
        min(reason_code) as reason_code,
        {{ sum_if_complete('students') }} as students,
        {{ sum_if_complete('teachers') }} as teachers,
        {{ sum_if_complete('full_time_teachers') }} as full_time_teachers,
        {{ sum_if_complete('licensed_teachers') }} as licensed_teachers,
        {{ sum_if_complete('backbone_teachers') }} as backbone_teachers,
        {{ sum_if_complete('temporary_teachers') }} as temporary_teachers,
        {{ sum_if_complete('eligible_teachers') }} as eligible_teachers,
        {{ sum_if_complete('rotated_teachers') }} as rotated_teachers,
        {{ sum_if_complete('rotated_to_rural') }} as rotated_to_rural,
        {{ sum_if_complete('rotated_backbone') }} as rotated_backbone,
        {{ sum_if_complete('teachers_with_ethics_credit') }} as teachers_with_ethics_credit,
        {{ sum_if_complete('vetoed_teachers_promoted') }} as vetoed_teachers_promoted,
        {{ sum_if_complete('insured_teachers') }} as insured_teachers,
        {{ sum_if_complete('psychology_teachers') }} as psychology_teachers,
        {{ sum_if_complete('special_education_teachers') }} as special_education_teachers,
        {{ sum_if_complete('special_education_teachers_trained') }}
            as special_education_teachers_trained,
        {{ sum_if_complete('teachers_in_training_cycle') }} as teachers_in_training_cycle,
        {{ sum_if_complete('teachers_trained') }} as teachers_trained
    from stages
    group by grouping sets (
        (district_code, school_year, school_code, stage),
        (district_code, school_year, school_code)
    )
),

-- A psychology teacher who teaches the school's other stages is there for its younger pupils as well.
psychology as (
    select
        district_code,
        school_year,
        school_code,
        {{ sum_if_complete('psychology_teachers') }} as psychology_teachers
    from counts
    group by district_code, school_year, school_code
)

select
    schools.region_code,
    found.district_code,
    found.school_year,
    found.school_code,
    found.stage,
    schools.sector,
    schools.urban_rural_group,
    found.students::bigint as students,
    found.is_in_scope,
    found.is_reported,
    found.reason_code,
    rotation_years.school_year is not null as is_rotation_recorded,
    coalesce(rotation_years.rows_set_aside, 0)::bigint as rotation_rows_set_aside,
    training_windows.school_year is not null as is_training_recorded,
    case when found.is_reported then found.teachers end::bigint as teachers,
    case when found.is_reported then found.full_time_teachers end::bigint as full_time_teachers,
    case when found.is_reported then found.licensed_teachers end::bigint as licensed_teachers,
    case when found.is_reported then found.backbone_teachers end::bigint as backbone_teachers,
    case when found.is_reported then found.temporary_teachers end::bigint as temporary_teachers,
    case when found.is_reported then found.eligible_teachers end::bigint as eligible_teachers,
    case when found.is_reported then found.rotated_teachers end::bigint as rotated_teachers,
    case when found.is_reported then found.rotated_to_rural end::bigint as rotated_to_rural,
    case when found.is_reported then found.rotated_backbone end::bigint as rotated_backbone,
    case when found.is_reported then found.teachers_with_ethics_credit end::bigint
        as teachers_with_ethics_credit,
    case when found.is_reported then found.vetoed_teachers_promoted end::bigint as vetoed_teachers_promoted,
    case when found.is_reported then found.insured_teachers end::bigint as insured_teachers,
    case
        when not found.is_reported then null
        when found.stage = 'compulsory' then psychology.psychology_teachers
        else found.psychology_teachers
    end::bigint as psychology_teachers,
    case when found.is_reported then found.special_education_teachers end::bigint
        as special_education_teachers,
    case when found.is_reported then found.special_education_teachers_trained end::bigint
        as special_education_teachers_trained,
    case when found.is_reported then found.teachers_in_training_cycle end::bigint
        as teachers_in_training_cycle,
    case when found.is_reported then found.teachers_trained end::bigint as teachers_trained
from stages_and_schools as found
inner join schools
    on
        found.district_code = schools.district_code
        and found.school_year = schools.school_year
        and found.school_code = schools.school_code
left join rotation_years
    on
        found.district_code = rotation_years.district_code
        and found.school_year = rotation_years.school_year
left join training_windows
    on
        found.district_code = training_windows.district_code
        and found.school_year = training_windows.school_year
left join psychology
    on
        found.district_code = psychology.district_code
        and found.school_year = psychology.school_year
        and found.school_code = psychology.school_code
