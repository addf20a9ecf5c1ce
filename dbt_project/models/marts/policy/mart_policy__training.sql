with teacher_schools as (
    select * from {{ ref('int_teacher_schools') }}
    where stage = 'compulsory'
),

schools as (
    select * from {{ ref('dim_school') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

verdicts as (
    select * from {{ ref('verdict') }}
),

parameters as (
    select
        {{ teacher_parameter('training_window_years', 'integer') }} as training_window_years,
        {{ teacher_parameter('training_hours', 'numeric') }} as training_hours
    from {{ ref('teacher_parameter') }}
),

judged as (
    select
        teacher_schools.*,
        parameters.training_hours,
        teacher_schools.school_year - parameters.training_window_years + 1 as first_year,
        teacher_schools.teachers_in_training_cycle - teacher_schools.teachers_trained as untrained,
        teacher_schools.full_time_teachers - teacher_schools.teachers_in_training_cycle as not_known,
        case
            when not teacher_schools.is_reported or teacher_schools.full_time_teachers = 0 then 'no_data'
            when teacher_schools.teachers_trained < teacher_schools.teachers_in_training_cycle then 'not_met'
            when teacher_schools.teachers_in_training_cycle < teacher_schools.full_time_teachers
                then 'no_data'
            else 'met'
        end as verdict,
        case
            when teacher_schools.reason_code is not null then teacher_schools.reason_code
            when teacher_schools.teachers_in_training_cycle < teacher_schools.full_time_teachers
                then 'training_year_missing'
        end as gap_code
    from teacher_schools
    cross join parameters
)

select
    judged.region_code,
    judged.district_code,
    judged.school_year,
    judged.school_code,
    schools.school_name,
    judged.sector,
    judged.urban_rural_group,
    judged.first_year as first_training_year,
    judged.school_year as last_training_year,
    judged.training_hours,
    judged.full_time_teachers,
    judged.teachers_in_training_cycle,
    judged.teachers_trained as teachers_trained_360_hours,
    judged.untrained as teachers_untrained,
    judged.not_known as teachers_not_known,
    round({{ divide('judged.teachers_trained * 100', 'judged.teachers_in_training_cycle') }}, 1)
        as trained_pct,
    judged.special_education_teachers,
    judged.special_education_teachers_trained,
    coalesce(judged.untrained > 0, false) as has_untrained_teachers,
    coalesce(
        judged.special_education_teachers_trained < judged.special_education_teachers, false
    ) as has_untrained_special_education_teachers,
    judged.verdict,
    verdicts.name_zh as verdict_zh,
    verdicts.name_en as verdict_en,
    judged.gap_code as reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from judged
inner join schools
    on
        judged.district_code = schools.district_code
        and judged.school_year = schools.school_year
        and judged.school_code = schools.school_code
inner join verdicts on judged.verdict = verdicts.verdict
left join reasons on judged.gap_code = reasons.reason_code
