with levels as (
    select
        *,
        case when not is_budget then amount end as level
    from {{ ref('int_spending_levels') }}
),

comparisons as (
    select * from {{ ref('int_spending_comparisons') }}
    where is_chosen
),

linked as (
    select
        levels.series_key,
        levels.district_code,
        levels.fiscal_year,
        levels.level,
        comparisons.previous_amount,
        (
            comparisons.vintage = levels.vintage
            and comparisons.currency_code = levels.currency_code
            and comparisons.price_basis = levels.price_basis
        ) is true as is_like_level,
        -- The growth on the comparable scope is not the growth of the printed amounts: the scope moved.
        (
            comparisons.growth_basis = 'comparable_scope'
            and (
                comparisons.change_pct is null
                or round(comparisons.change_pct, scale(comparisons.growth_pct)) <> comparisons.growth_pct
            )
        ) is true as is_scope_restated,
        (
            comparisons.previous_amount = last_year.level
            and levels.vintage = last_year.vintage
        ) is true as is_carried_on
    from levels
    left join comparisons
        on
            levels.district_code = comparisons.district_code
            and levels.series_key = comparisons.series_key
            and levels.fiscal_year = comparisons.fiscal_year
    left join levels as last_year
        on
            levels.district_code = last_year.district_code
            and levels.series_key = last_year.series_key
            and levels.fiscal_year - 1 = last_year.fiscal_year
),

broken as (
    select
        *,
        case when is_carried_on and is_like_level and not is_scope_restated then 0 else 1 end as is_break,
        -- Where the series starts anew, the amount compared with is the first level to hold.
        case when is_like_level and not is_scope_restated then previous_amount end as base
    from linked
),

segmented as (
    select
        *,
        sum(is_break) over (
            partition by district_code, series_key order by fiscal_year
            rows between unbounded preceding and current row
        ) as segment
    from broken
),

ratcheted as (
    select
        *,
        greatest(
            max(case when is_break = 1 then base end) over segment_to_now,
            max(level) over segment_before_now
        ) as floor_amount,
        min(case when is_break = 1 and base is not null then fiscal_year - 1 else fiscal_year end)
            over segment_to_now as floor_since_year
    from segmented
    window
        segment_to_now as (
            partition by district_code, series_key, segment order by fiscal_year
            rows between unbounded preceding and current row
        ),
        segment_before_now as (
            partition by district_code, series_key, segment order by fiscal_year
            rows between unbounded preceding and 1 preceding
        )
)

select
    series_key,
    district_code,
    fiscal_year,
    floor_amount,
    case when floor_amount is not null then floor_since_year end as floor_since_year,
    case
        when floor_amount is not null and level is not null then greatest(floor_amount - level, 0)
    end as shortfall_amount,
    is_scope_restated
from ratcheted
