with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

groups as (
    select * from {{ ref('int_school_groups') }}
),

-- Many members are sorted sooner by a number than by five codes: the whole that a school belongs to has one,
-- and so has its place in it, from the richest down. Equally rich schools share a place.
reported as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        school_code,
        numerator,
        denominator,
        value,
        {{ three_digits('numerator', 'denominator') }} as near,
        dense_rank() over (
            order by standard_code, district_code, school_year, stage, indicator_code
        ) as whole_number,
        rank() over (
            partition by standard_code, district_code, school_year, stage, indicator_code
            order by value desc nulls last
        ) as place
    from school_indicators
    where is_reported
),

wholes as (
    select distinct
        whole_number,
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code
    from reported
),

school_logarithms as materialized (
    {{ logarithms_near('reported') }}
),

-- A school with nothing adds nothing to Theil's sum (the limit of x ln x), and has no logarithm.
schools as (
    select
        reported.*,
        case
            when reported.near is null then 0
            else reported.numerator * ({{ logarithm('reported', 'numerator', 'denominator') }})
        end as theil_term
    from reported
    left join school_logarithms on reported.near = school_logarithms.near
),

members as (
    select
        schools.whole_number,
        groups.dimension_code,
        groups.group_code,
        schools.place,
        schools.numerator,
        schools.denominator,
        schools.value,
        schools.theil_term
    from schools
    inner join groups
        on
            schools.district_code = groups.district_code
            and schools.school_year = groups.school_year
            and schools.school_code = groups.school_code
    union all
    select
        whole_number,
        'whole' as dimension_code,
        'all' as group_code,
        place,
        numerator,
        denominator,
        value,
        theil_term
    from schools
),

-- What a school, those as rich and those above hold, and how many pupils they have. The median is the highest
-- value below which fewer than half of the pupils are, so more than half are at it or above.
ranked as (
    select
        *,
        sum(numerator) over from_above as numerator_down_to,
        sum(denominator) over from_above as denominator_down_to,
        2 * sum(denominator) over from_above > sum(denominator) over one_group as is_up_to_median
    from members
    window
        one_group as (partition by whole_number, dimension_code, group_code),
        from_above as (partition by whole_number, dimension_code, group_code order by place)
),

-- Each pair of schools adds d_poor * n_rich - n_poor * d_rich to Gini's sum: a pair that is equal adds 0.
totals as (
    select
        whole_number,
        dimension_code,
        group_code,
        count(*) as schools_reported,
        sum(numerator) as numerator_total,
        sum(denominator) as denominator_total,
        sum(theil_term) as theil_sum,
        sum(denominator * numerator_down_to - numerator * denominator_down_to) as gini_sum,
        min(value) as lowest_value,
        max(value) as highest_value,
        max(value) filter (where is_up_to_median) as median,
        sum(value * denominator) filter (where is_up_to_median) as held_to_median,
        sum(denominator) filter (where is_up_to_median) as denominator_to_median
    from ranked
    group by whole_number, dimension_code, group_code
),

means as (
    select
        *,
        {{ three_digits('numerator_total', 'denominator_total') }} as near
    from totals
),

mean_logarithms as materialized (
    {{ logarithms_near('means') }}
)

select
    wholes.standard_code,
    wholes.district_code,
    wholes.school_year,
    wholes.stage,
    wholes.indicator_code,
    means.dimension_code,
    means.group_code,
    means.schools_reported,
    {{ divide('means.highest_value', 'means.lowest_value') }} as range_ratio,
    -- sum(n ln(n/d)) / N - ln(N/D) is sum(s ln(s/p)). A quotient of 40 decimals has a logarithm that is right
    -- to 30 or more: rounded to them, equal schools give exactly 0.
    case
        when means.numerator_total > 0
            then round(
                {{ divide('means.theil_sum', 'means.numerator_total') }}
                - ({{ logarithm('means', 'numerator_total', 'denominator_total') }}),
                30
            )
    end as theil,
    {{ divide('means.gini_sum', 'means.denominator_total * means.numerator_total') }} as gini,
    means.median,
    {{ divide('means.held_to_median', 'means.median * means.denominator_to_median') }} as mcloone
from means
inner join wholes on means.whole_number = wholes.whole_number
left join mean_logarithms on means.near = mean_logarithms.near
