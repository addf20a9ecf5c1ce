with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

coefficients as (
    select * from {{ ref('int_coefficients') }}
),

measures as (
    select * from {{ ref('measure') }}
),

units as (
    select * from {{ ref('measure_unit') }}
),

-- An indicator that may not be exceeded has no shortfall: nothing is to be added.
known as (
    select
        school_indicators.standard_code,
        school_indicators.district_code,
        school_indicators.school_year,
        school_indicators.stage,
        school_indicators.school_code,
        school_indicators.indicator_code,
        school_indicators.scale,
        school_indicators.numerator,
        school_indicators.denominator,
        school_indicators.value,
        indicators.threshold,
        indicators.floor_value,
        coefficients.mean,
        coefficients.numerator_total,
        coefficients.denominator_total,
        measures.unit,
        units.decimals
    from school_indicators
    inner join indicators
        on
            school_indicators.standard_code = indicators.standard_code
            and school_indicators.stage = indicators.stage
            and school_indicators.indicator_code = indicators.indicator_code
    inner join coefficients
        on
            school_indicators.standard_code = coefficients.standard_code
            and school_indicators.district_code = coefficients.district_code
            and school_indicators.school_year = coefficients.school_year
            and school_indicators.stage = coefficients.stage
            and school_indicators.indicator_code = coefficients.indicator_code
    inner join measures on indicators.numerator_measure = measures.measure_code
    inner join units on measures.unit = units.unit
    where
        school_indicators.is_reported
        and indicators.direction is distinct from 'at_most'
),

aimed as (
    select
        known.*,
        targets.target_code,
        targets.target_value,
        targets.numerator_at_target
    from known
    cross join lateral (
        values
        ('threshold', known.threshold, {{ divide('known.threshold * known.denominator', 'known.scale') }}),
        ('floor', known.floor_value, {{ divide('known.floor_value * known.denominator', 'known.scale') }}),
        (
            'mean',
            known.mean,
            {{ divide('known.numerator_total * known.denominator', 'known.denominator_total') }}
        )
    ) as targets (target_code, target_value, numerator_at_target)
)

-- A school at its target or above is left as it is. Compared as the verdict compares.
select
    standard_code,
    district_code,
    school_year,
    stage,
    school_code,
    indicator_code,
    target_code,
    target_value,
    numerator,
    denominator,
    value,
    unit,
    numerator_at_target - numerator as shortfall,
    {{ round_up('(numerator_at_target - numerator)', 'decimals') }} as units_needed
from aimed
where round(value, 16) < round(target_value, 16)
