with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

coefficients as (
    select * from {{ ref('int_coefficients') }}
),

parts as (
    select
        school_indicators.standard_code,
        school_indicators.district_code,
        school_indicators.school_year,
        school_indicators.stage,
        school_indicators.indicator_code,
        school_indicators.school_code,
        school_indicators.students,
        school_indicators.numerator,
        school_indicators.denominator,
        school_indicators.value,
        school_indicators.is_reported,
        school_indicators.reason_code,
        coefficients.mean,
        coefficients.spread,
        coefficients.denominator_total,
        school_indicators.value - coefficients.mean as distance,
        school_indicators.numerator * coefficients.denominator_total
        - school_indicators.denominator * coefficients.numerator_total as deviation
    from school_indicators
    inner join coefficients
        on
            school_indicators.standard_code = coefficients.standard_code
            and school_indicators.district_code = coefficients.district_code
            and school_indicators.school_year = coefficients.school_year
            and school_indicators.stage = coefficients.stage
            and school_indicators.indicator_code = coefficients.indicator_code
)

-- The squared coefficient is spread / (D * N^2): the share of a school is its part of the spread.
select
    standard_code,
    district_code,
    school_year,
    stage,
    indicator_code,
    school_code,
    students,
    numerator,
    denominator,
    value,
    mean,
    distance,
    case when is_reported then {{ divide('denominator', 'denominator_total') }} end as weight_share,
    case
        when is_reported then {{ divide('deviation * deviation', '(denominator * spread)') }}
    end as squared_share,
    case
        when reason_code is not null then reason_code
        when spread = 0 then 'no_spread'
    end as reason_code
from parts
