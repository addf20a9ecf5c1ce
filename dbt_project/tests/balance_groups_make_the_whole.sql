-- In every dimension that divides the schools, the groups hold each school once; between + within is the
-- squared coefficient, and in Theil's index the index of the schools.
with coefficients as (
    select * from {{ ref('int_coefficients') }}
),

inequality as (
    select * from {{ ref('int_inequality') }}
    where dimension_code = 'whole'
),

gaps as (
    select * from {{ ref('int_group_gaps') }}
),

dimensions as (
    select * from {{ ref('group_dimension') }}
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
    coefficients.coefficient * coefficients.coefficient as squared_from_schools,
    gaps.theil_between + gaps.theil_within as theil_from_groups,
    inequality.theil as theil_from_schools
from gaps
inner join coefficients
    on
        gaps.standard_code = coefficients.standard_code
        and gaps.district_code = coefficients.district_code
        and gaps.school_year = coefficients.school_year
        and gaps.stage = coefficients.stage
        and gaps.indicator_code = coefficients.indicator_code
inner join dimensions on gaps.dimension_code = dimensions.dimension_code
left join inequality
    on
        gaps.standard_code = inequality.standard_code
        and gaps.district_code = inequality.district_code
        and gaps.school_year = inequality.school_year
        and gaps.stage = inequality.stage
        and gaps.indicator_code = inequality.indicator_code
where
    dimensions.is_partition
    and (
        gaps.schools_in_scope <> coefficients.schools_in_scope
        or gaps.schools_reported <> coefficients.schools_reported
        or abs(
            gaps.between_squared + gaps.within_squared - coefficients.coefficient * coefficients.coefficient
        ) > 1e-20
        or abs(gaps.theil_between + gaps.theil_within - inequality.theil) > 1e-20
        or (gaps.theil_between is null) <> (inequality.theil is null)
    )
