with composites as (
    select * from {{ ref('int_composites') }}
),

standards as (
    select * from {{ ref('standard') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

verdicts as (
    select * from {{ ref('verdict') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

judged as (
    select
        composites.*,
        case
            when composites.composite is null then 'no_data'
            when {{ reaches('composites.composite', "'at_most'", 'composites.composite_limit') }} then 'met'
            else 'not_met'
        end as verdict,
        abs(round(composites.composite, 16) - composites.composite_limit) <= standards.borderline_margin
            as is_borderline,
        standards.name_zh as standard_zh,
        standards.name_en as standard_en,
        round(composites.composite, standards.coefficient_decimals) as composite_rounded
    from composites
    inner join standards on composites.standard_code = standards.standard_code
)

select
    judged.standard_code,
    judged.standard_zh,
    judged.standard_en,
    districts.region_code,
    judged.district_code,
    districts.district_name,
    judged.school_year,
    judged.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    judged.indicators_averaged,
    judged.indicators_reported,
    round(judged.coefficient_total, 16) as coefficient_total,
    round(judged.composite, 16) as composite,
    judged.composite_rounded,
    judged.composite_limit,
    judged.verdict,
    verdicts.name_zh as verdict_zh,
    verdicts.name_en as verdict_en,
    judged.is_borderline,
    judged.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from judged
inner join stages on judged.stage = stages.code
inner join districts on judged.district_code = districts.district_code
inner join verdicts on judged.verdict = verdicts.verdict
left join reasons on judged.reason_code = reasons.reason_code
