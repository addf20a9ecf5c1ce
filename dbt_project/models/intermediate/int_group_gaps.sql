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
        - wholes.denominator_total * wholes.numerator_whole as deviation,
        -- N_g ln(s_g / p_g): a group with nothing adds nothing to Theil's sum.
        case
            when wholes.numerator_total > 0
                then wholes.numerator_total * ln({{ divide(
                    'wholes.numerator_total * wholes.denominator_whole',
                    'wholes.denominator_total * wholes.numerator_whole'
                ) }})
        end as theil_term
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
        sum(schools_in_scope)::bigint as schools_in_scope,
        sum(schools_reported)::bigint as schools_reported,
        sum(students) as students,
        max(mean) filter (where group_code = first_group) as first_mean,
        max(mean) filter (where group_code = second_group) as second_mean,
        -- Schools of which the group is not stated are part of the whole and no group to compare with.
        max(mean) filter (where group_code <> 'not_stated') as highest_mean,
        min(mean) filter (where group_code <> 'not_stated') as lowest_mean,
        count(mean) as group_count_reported,
        count(*) filter (where group_code <> 'not_stated') as stated_group_count,
        count(mean) filter (where group_code <> 'not_stated') as stated_group_count_reported,
        min(schools_reported) filter (where group_code <> 'not_stated') as smallest_group_schools,
        max(schools_reported) filter (where group_code = first_group) as first_schools,
        max(schools_reported) filter (where group_code = second_group) as second_schools,
        max(students) filter (where group_code = first_group) as first_students,
        max(students) filter (where group_code = second_group) as second_students,
        min(schools_reported) filter (where group_code in (first_group, second_group))
            as smallest_pair_schools,
        sum({{ divide('deviation * deviation', 'denominator_total') }}) as between_spread,
        -- sum((n * D_g - d * N_g)^2 / d) of a group, brought to the scale of the whole.
        sum({{ divide(
            'spread * denominator_whole * denominator_whole', 'denominator_total * denominator_total'
        ) }}) as within_spread,
        coalesce(sum(theil_term), 0) as theil_between_sum,
        coalesce(sum(numerator_total * theil), 0) as theil_within_sum
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
    stated_group_count,
    stated_group_count_reported,
    smallest_group_schools,
    smallest_pair_schools,
    schools_in_scope,
    schools_reported,
    students,
    first_schools,
    second_schools,
    first_students,
    second_students,
    {{ divide('numerator_whole * scale', 'denominator_whole') }} as mean,
    first_mean,
    second_mean,
    {{ divide('first_mean', 'second_mean') }} as ratio,
    case
        when stated_group_count_reported > 1 then {{ divide('highest_mean', 'lowest_mean') }}
    end as range_ratio,
    case
        when group_count_reported > 1
            then {{ coefficient('between_spread', 'denominator_whole', 'numerator_whole') }}
    end as between_coefficient,
    {{ divide('between_spread', 'denominator_whole * numerator_whole * numerator_whole') }}
        as between_squared,
    {{ divide('within_spread', 'denominator_whole * numerator_whole * numerator_whole') }} as within_squared,
    {{ divide('within_spread', '(between_spread + within_spread)') }} as within_share,
    round({{ divide('theil_between_sum', 'numerator_whole') }}, 30) as theil_between,
    round({{ divide('theil_within_sum', 'numerator_whole') }}, 30) as theil_within
from sums
