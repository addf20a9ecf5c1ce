-- In every dimension the groups hold each school once, and between + within is the squared coefficient.
with coefficients as (
    select * from {{ ref('int_coefficients') }}
),

gaps as (
    select * from {{ ref('int_group_gaps') }}
)

select
    gaps.standard_code,
    gaps.district_code,
    gaps.school_year,
    gaps.stage,
    gaps.indicator_code,
    gaps.dimension_code,
    gaps.schools_in_scope,
    coefficients.schools_in_scope as schools_in_whole,
    gaps.between_squared + gaps.within_squared as squared_from_groups,
    coefficients.coefficient * coefficients.coefficient as squared_from_schools
from gaps
inner join coefficients
    on
        gaps.standard_code = coefficients.standard_code
        and gaps.district_code = coefficients.district_code
        and gaps.school_year = coefficients.school_year
        and gaps.stage = coefficients.stage
        and gaps.indicator_code = coefficients.indicator_code
where
    gaps.schools_in_scope <> coefficients.schools_in_scope
    or gaps.schools_reported <> coefficients.schools_reported
    or abs(
        gaps.between_squared + gaps.within_squared - coefficients.coefficient * coefficients.coefficient
    ) > 1e-20
