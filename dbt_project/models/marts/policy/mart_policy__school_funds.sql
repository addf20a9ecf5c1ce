with all_funds as (
    select * from {{ ref('int_school_funds') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

parameters as (
    select max(value) filter (where parameter = 'suppression_threshold')::integer as threshold
    from {{ ref('special_education_parameter') }}
),

-- Few pupils of a special school are withheld with what would give them back; its boarders always are, for
-- they are a part of them.
marked as (
    select
        all_funds.*,
        all_funds.is_special and (
            coalesce(all_funds.students < parameters.threshold, true)
            or coalesce(all_funds.allocated_students < parameters.threshold, false)
        ) as is_withheld
    from all_funds
    cross join parameters
),

school_funds as (
    select
        *,
        case when not is_withheld then students end as shown_students,
        case when not is_withheld then allocated_students end as shown_allocated_students,
        case when not is_special then boarding_students end as shown_boarding_students
    from marked
)

select
    school_funds.region_code,
    school_funds.district_code,
    school_funds.fiscal_year,
    school_funds.school_year,
    school_funds.school_code,
    school_funds.school_name,
    school_funds.school_type_code,
    school_funds.sector,
    school_funds.urban_rural_group,
    school_funds.stages,
    school_funds.shown_students as students,
    school_funds.shown_boarding_students as boarding_students,
    school_funds.shown_allocated_students as allocated_students,
    school_funds.public_funds_budget_yuan,
    school_funds.public_funds_account_yuan,
    round({{ divide('school_funds.public_funds_budget_yuan', 'school_funds.shown_students') }}, 2)
        as public_funds_budget_per_student,
    round({{ divide('school_funds.public_funds_account_yuan', 'school_funds.shown_students') }}, 2)
        as public_funds_account_per_student,
    school_funds.special_funds_yuan,
    round({{ divide('school_funds.special_funds_yuan', 'school_funds.shown_students') }}, 2)
        as special_funds_per_student,
    school_funds.training_budget_yuan,
    school_funds.training_account_yuan,
    round({{ divide('school_funds.training_budget_yuan * 100', 'school_funds.public_funds_budget_yuan') }}, 1)
        as training_budget_pct,
    round(
        {{ divide('school_funds.training_account_yuan * 100', 'school_funds.public_funds_account_yuan') }}, 1
    ) as training_account_pct,
    school_funds.training_min_pct,
    school_funds.is_expected,
    school_funds.is_reported,
    school_funds.is_township,
    school_funds.is_weak,
    school_funds.is_special,
    school_funds.is_boarding,
    school_funds.is_small,
    school_funds.is_favoured,
    trunc(school_funds.small_school_funds_required) as small_school_funds_required,
    school_funds.is_funded_as_full,
    school_funds.is_training_budget_met,
    school_funds.is_training_account_met,
    school_funds.is_training_met,
    school_funds.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en,
    school_funds.small_reason_code,
    small_reasons.name_zh as small_reason_zh,
    small_reasons.name_en as small_reason_en,
    school_funds.training_reason_code,
    training_reasons.name_zh as training_reason_zh,
    training_reasons.name_en as training_reason_en
from school_funds
left join reasons on school_funds.reason_code = reasons.reason_code
left join reasons as small_reasons on school_funds.small_reason_code = small_reasons.reason_code
left join reasons as training_reasons on school_funds.training_reason_code = training_reasons.reason_code
