with teacher_schools as (
    select * from {{ ref('int_teacher_schools') }}
    where stage = 'compulsory'
),

pay as (
    select * from {{ ref('int_teacher_pay') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

-- Private schools are no part of the average that is compared, and schools that did not report have none.
paid as (
    select
        teacher_schools.*,
        pay.average_pay_yuan,
        pay.persons as paid_teachers,
        case
            when teacher_schools.reason_code is not null then teacher_schools.reason_code
            when teacher_schools.sector <> 'public' then 'not_public_school'
            when pay.school_code is null then 'value_missing'
            else pay.reason_code
        end as pay_reason_code
    from teacher_schools
    left join pay
        on
            teacher_schools.district_code = pay.district_code
            and teacher_schools.school_year = pay.school_year
            and teacher_schools.school_code = pay.school_code
)

select
    paid.region_code,
    paid.district_code,
    paid.school_year,
    paid.school_code,
    schools.school_name,
    paid.sector,
    paid.urban_rural_group,
    paid.is_in_scope,
    paid.is_reported,
    paid.teachers as teachers_on_roster,
    paid.full_time_teachers,
    paid.licensed_teachers,
    paid.temporary_teachers,
    paid.teachers_with_ethics_credit,
    paid.vetoed_teachers_promoted,
    paid.insured_teachers,
    paid.psychology_teachers,
    paid.paid_teachers,
    round(paid.average_pay_yuan) as average_pay_yuan,
    coalesce(paid.licensed_teachers < paid.full_time_teachers, false) as lacks_licences,
    coalesce(paid.teachers_with_ethics_credit < paid.teachers, false) as lacks_ethics_credits,
    coalesce(paid.vetoed_teachers_promoted > 0, false) as has_vetoed_teachers_promoted,
    coalesce(paid.sector = 'private' and paid.insured_teachers < paid.teachers, false)
        as lacks_social_insurance,
    coalesce(paid.is_in_scope and paid.psychology_teachers = 0, false) as lacks_psychology_teacher,
    paid.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en,
    paid.pay_reason_code,
    pay_reasons.name_zh as pay_reason_zh,
    pay_reasons.name_en as pay_reason_en
from paid
inner join schools
    on
        paid.district_code = schools.district_code
        and paid.school_year = schools.school_year
        and paid.school_code = schools.school_code
left join reasons on paid.reason_code = reasons.reason_code
left join reasons as pay_reasons on paid.pay_reason_code = pay_reasons.reason_code
