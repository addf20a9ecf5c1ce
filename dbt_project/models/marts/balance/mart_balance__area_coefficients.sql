with coefficients as (
    select * from {{ ref('int_area_coefficients') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

levels as (
    select * from {{ ref('area_level') }}
),

reasons as (
    select * from {{ ref('reason') }}
)

-- The standards set their limits for counties: a city or a province gets a figure and no verdict.
select
    coefficients.standard_code,
    indicators.standard_zh,
    indicators.standard_en,
    levels.region_code,
    coefficients.area_level,
    levels.name_zh as area_level_zh,
    levels.name_en as area_level_en,
    coefficients.area_code,
    coefficients.school_year,
    coefficients.stage,
    indicators.stage_zh,
    indicators.stage_en,
    coefficients.indicator_code,
    indicators.indicator_number,
    indicators.indicator_zh,
    indicators.indicator_en,
    indicators.unit_zh,
    indicators.unit_en,
    coefficients.districts,
    coefficients.schools_in_scope,
    coefficients.schools_reported,
    coefficients.students,
    coefficients.numerator_total,
    coefficients.denominator_total,
    round(coefficients.mean, 16) as mean,
    round(coefficients.mean, indicators.decimals) as mean_rounded,
    round(coefficients.coefficient, 16) as coefficient,
    round(coefficients.coefficient, indicators.coefficient_decimals) as coefficient_rounded,
    coefficients.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from coefficients
inner join indicators
    on
        coefficients.standard_code = indicators.standard_code
        and coefficients.stage = indicators.stage
        and coefficients.indicator_code = indicators.indicator_code
inner join levels on coefficients.area_level = levels.area_level
left join reasons on coefficients.reason_code = reasons.reason_code
