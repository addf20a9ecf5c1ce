with thresholds as (
    select * from {{ ref('standard_threshold') }}
),

standards as (
    select * from {{ ref('standard') }}
),

indicators as (
    select * from {{ ref('indicator') }}
),

measures as (
    select * from {{ ref('measure') }}
),

stages as (
    select * from {{ ref('code_stage') }}
)

select
    thresholds.standard_code || '|' || thresholds.stage || '|' || thresholds.indicator_code as indicator_key,
    thresholds.standard_code,
    standards.name_zh as standard_zh,
    standards.name_en as standard_en,
    standards.region_code,
    standards.first_school_year,
    standards.last_school_year,
    thresholds.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    thresholds.indicator_code,
    thresholds.indicator_number,
    indicators.name_zh as indicator_zh,
    indicators.name_en as indicator_en,
    indicators.numerator_measure,
    numerators.name_zh as numerator_zh,
    numerators.name_en as numerator_en,
    indicators.denominator_measure,
    denominators.name_zh as denominator_zh,
    denominators.name_en as denominator_en,
    indicators.scale,
    indicators.decimals,
    indicators.unit_zh,
    indicators.unit_en,
    thresholds.direction,
    thresholds.threshold,
    -- What may not be exceeded is eased upwards.
    case thresholds.direction
        when 'at_least' then thresholds.threshold * thresholds.floor_share
        when 'at_most' then {{ divide('thresholds.threshold', 'thresholds.floor_share') }}
    end as floor_value,
    thresholds.coefficient_limit,
    standards.coefficient_decimals,
    standards.borderline_margin,
    standards.min_group_schools,
    standards.min_indicators_met,
    thresholds.sort_order,
    thresholds.clause,
    thresholds.source
from thresholds
inner join standards on thresholds.standard_code = standards.standard_code
inner join indicators on thresholds.indicator_code = indicators.indicator_code
inner join measures as numerators on indicators.numerator_measure = numerators.measure_code
inner join measures as denominators on indicators.denominator_measure = denominators.measure_code
inner join stages on thresholds.stage = stages.code
