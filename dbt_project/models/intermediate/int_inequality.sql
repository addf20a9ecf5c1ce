with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

groups as (
    select * from {{ ref('int_school_groups') }}
),

-- A school with nothing adds nothing to Theil's sum (the limit of x ln x), and has no logarithm.
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
        numerator * case
            when numerator > 0 then ln({{ divide('numerator', 'denominator') }}) else 0
        end as theil_term
    from school_indicators
    where is_reported
),

members as (
    select
        reported.*,
        groups.dimension_code,
        groups.group_code
    from reported
    inner join groups
        on
            reported.district_code = groups.district_code
            and reported.school_year = groups.school_year
            and reported.school_code = groups.school_code
    union all
    select
        reported.*,
        'whole' as dimension_code,
        'all' as group_code
    from reported
),

-- From the poorest school up: what it and those below it hold, and how many pupils they have.
ranked as (
    select
        *,
        sum(numerator) over from_below as numerator_up_to,
        sum(denominator) over from_below as denominator_up_to,
        sum(denominator) over one_group as denominator_of_group
    from members
    window
        one_group as (
            partition by
                standard_code, district_code, school_year, stage, indicator_code, dimension_code, group_code
        ),
        from_below as (
            partition by
                standard_code, district_code, school_year, stage, indicator_code, dimension_code, group_code
            order by value, school_code
            rows between unbounded preceding and current row
        )
),

-- The median is the lowest value up to which half of the pupils or more are.
with_median as (
    select
        *,
        min(value) filter (where 2 * denominator_up_to >= denominator_of_group) over (
            partition by
                standard_code, district_code, school_year, stage, indicator_code, dimension_code, group_code
        ) as median
    from ranked
),

totals as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        group_code,
        count(*) as schools_reported,
        sum(numerator) as numerator_total,
        sum(denominator) as denominator_total,
        sum(theil_term) as theil_sum,
        sum(denominator * (2 * numerator_up_to - numerator)) as lorenz_sum,
        min(value) as lowest_value,
        max(value) as highest_value,
        min(median) as median,
        sum(value * denominator) filter (where value <= median) as held_to_median,
        sum(denominator) filter (where value <= median) as denominator_to_median
    from with_median
    group by
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        group_code
)

select
    standard_code,
    district_code,
    school_year,
    stage,
    indicator_code,
    dimension_code,
    group_code,
    schools_reported,
    {{ divide('highest_value', 'lowest_value') }} as range_ratio,
    -- sum(n ln(n/d)) / N - ln(N/D) is sum(s ln(s/p)). A quotient of 40 decimals has a logarithm that is right
    -- to 30 or more: rounded to them, equal schools give exactly 0.
    case
        when numerator_total > 0
            then round(
                {{ divide('theil_sum', 'numerator_total') }}
                - ln({{ divide('numerator_total', 'denominator_total') }}),
                30
            )
    end as theil,
    {{ divide(
        'denominator_total * numerator_total - lorenz_sum', 'denominator_total * numerator_total'
    ) }} as gini,
    median,
    {{ divide('held_to_median', 'median * denominator_to_median') }} as mcloone
from totals
