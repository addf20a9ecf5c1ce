with coefficients as (
    select * from {{ ref('int_coefficients') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
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

described as (
    select
        coefficients.*,
        indicators.standard_zh,
        indicators.standard_en,
        indicators.stage_zh,
        indicators.stage_en,
        indicators.indicator_number,
        indicators.indicator_zh,
        indicators.indicator_en,
        indicators.unit_zh,
        indicators.unit_en,
        indicators.decimals,
        indicators.coefficient_limit,
        indicators.borderline_margin,
        districts.region_code,
        districts.district_name,
        round(coefficients.coefficient, 16) as exact_coefficient,
        round(coefficients.coefficient, indicators.coefficient_decimals) as coefficient_rounded
    from coefficients
    inner join indicators
        on
            coefficients.standard_code = indicators.standard_code
            and coefficients.stage = indicators.stage
            and coefficients.indicator_code = indicators.indicator_code
    inner join districts on coefficients.district_code = districts.district_code
),

judged as (
    select
        *,
        case
            when coefficient_limit is null then 'not_applicable'
            when schools_reported < schools_in_scope or exact_coefficient is null then 'no_data'
            when exact_coefficient <= coefficient_limit then 'met'
            else 'not_met'
        end as verdict,
        -- Near the limit, or judged otherwise if the rounded figure were compared.
        (
            abs(exact_coefficient - coefficient_limit) <= borderline_margin
            or (exact_coefficient <= coefficient_limit) <> (coefficient_rounded <= coefficient_limit)
        ) as is_borderline,
        case
            when reason_code is not null then reason_code
            when coefficient_limit is null then 'no_limit'
        end as stated_reason_code
    from described
)

select
    judged.standard_code,
    judged.standard_zh,
    judged.standard_en,
    judged.region_code,
    judged.district_code,
    judged.district_name,
    judged.school_year,
    judged.stage,
    judged.stage_zh,
    judged.stage_en,
    judged.indicator_code,
    judged.indicator_number,
    judged.indicator_zh,
    judged.indicator_en,
    judged.unit_zh,
    judged.unit_en,
    judged.schools_in_scope,
    judged.schools_reported,
    {{ divide('judged.schools_reported', 'judged.schools_in_scope') }} as reported_share,
    judged.students,
    judged.numerator_total,
    judged.denominator_total,
    round(judged.mean, 16) as mean,
    round(judged.mean, judged.decimals) as mean_rounded,
    judged.exact_coefficient as coefficient,
    judged.coefficient_rounded,
    judged.coefficient_limit,
    judged.is_borderline,
    judged.verdict,
    verdicts.name_zh as verdict_zh,
    verdicts.name_en as verdict_en,
    judged.stated_reason_code as reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from judged
inner join verdicts on judged.verdict = verdicts.verdict
left join reasons on judged.stated_reason_code = reasons.reason_code
