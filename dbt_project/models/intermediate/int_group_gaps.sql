with group_means as (
    select * from {{ ref('int_group_means') }}
),

dimensions as (
    select * from {{ ref('group_dimension') }}
),

wholes as (
    select
        *,
        sum(numerator_total) over whole as numerator_whole,
        sum(denominator_total) over whole as denominator_whole
    from group_means
    window whole as (
        partition by standard_code, district_code, school_year, stage, indicator_code, dimension_code
    )
),

deviations as (
    select
        wholes.*,
        dimensions.first_group,
        dimensions.second_group,
        wholes.numerator_total * wholes.denominator_whole
        - wholes.denominator_total * wholes.numerator_whole as deviation
    from wholes
    inner join dimensions on wholes.dimension_code = dimensions.dimension_code
),

sums as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        first_group,
        second_group,
        scale,
        numerator_whole,
        denominator_whole,
        count(*) as group_count,
        sum(schools_in_scope) as schools_in_scope,
        sum(schools_reported) as schools_reported,
        sum(students) as students,
        max(mean) filter (where group_code = first_group) as first_mean,
        max(mean) filter (where group_code = second_group) as second_mean,
        max(mean) as highest_mean,
        min(mean) as lowest_mean,
        count(mean) as group_count_reported,
        min(schools_reported) as smallest_group_schools,
        min(schools_reported) filter (where group_code in (first_group, second_group))
            as smallest_pair_schools,
        sum({{ divide('deviation * deviation', 'denominator_total') }}) as between_spread,
        -- sum((n * D_g - d * N_g)^2 / d) of a group, brought to the scale of the whole.
        sum({{ divide(
            'spread * denominator_whole * denominator_whole', 'denominator_total * denominator_total'
        ) }}) as within_spread
    from deviations
    group by
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        first_group,
        second_group,
        scale,
        numerator_whole,
        denominator_whole
)

select
    standard_code,
    district_code,
    school_year,
    stage,
    indicator_code,
    dimension_code,
    first_group,
    second_group,
    group_count,
    group_count_reported,
    smallest_group_schools,
    smallest_pair_schools,
    schools_in_scope,
    schools_reported,
    students,
    {{ divide('numerator_whole * scale', 'denominator_whole') }} as mean,
    first_mean,
    second_mean,
    {{ divide('first_mean', 'second_mean') }} as ratio,
    case when group_count_reported > 1 then {{ divide('highest_mean', 'lowest_mean') }} end as range_ratio,
    case
        when group_count_reported > 1
            then {{ coefficient('between_spread', 'denominator_whole', 'numerator_whole') }}
    end as between_coefficient,
    {{ divide('between_spread', 'denominator_whole * numerator_whole * numerator_whole') }}
        as between_squared,
    {{ divide('within_spread', 'denominator_whole * numerator_whole * numerator_whole') }} as within_squared,
    {{ divide('within_spread', '(between_spread + within_spread)') }} as within_share
from sums
