with coefficients as (
    select * from {{ ref('int_coefficients') }}
),

composite_limits as (
    select * from {{ ref('standard_composite') }}
),

-- Every indicator of the standard belongs to the mean, the one without any figure too.
totals as (
    select
        coefficients.standard_code,
        coefficients.district_code,
        coefficients.school_year,
        coefficients.stage,
        composite_limits.composite_limit,
        count(*) as indicators_averaged,
        count(case when coefficients.reason_code is null then 1 end) as indicators_reported,
        sum(coefficients.coefficient) as coefficient_total
    from coefficients
    inner join composite_limits
        on
            coefficients.standard_code = composite_limits.standard_code
            and coefficients.stage = composite_limits.stage
    group by
        coefficients.standard_code,
        coefficients.district_code,
        coefficients.school_year,
        coefficients.stage,
        composite_limits.composite_limit
)

select
    standard_code,
    district_code,
    school_year,
    stage,
    indicators_averaged,
    indicators_reported,
    case when indicators_reported = indicators_averaged then coefficient_total end as coefficient_total,
    case
        when indicators_reported = indicators_averaged
            then {{ divide('coefficient_total', 'indicators_averaged') }}
    end as composite,
    composite_limit,
    case when indicators_reported < indicators_averaged then 'indicators_missing' end as reason_code
from totals
