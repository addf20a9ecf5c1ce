{% set belief = ['belief_axis', 'belief_point', 'district_code', 'series_key'] -%}

with levels as (
    select * from {{ ref('int_spending_levels') }}
),

comparisons as (
    select * from {{ ref('int_spending_comparisons') }}
    where is_chosen
),

floors as (
    select * from {{ ref('int_spending_floor') }}
),

readings as (
    select * from {{ ref('finance_reading') }}
),

-- The floor in the prices and currency that were compared; in those of the amount itself where none could be.
tracked as (
    select
        levels.*,
        readings.reading,
        comparisons.amount as compared_amount,
        comparisons.previous_amount,
        comparisons.change_amount,
        comparisons.growth_pct,
        comparisons.growth_basis,
        comparisons.index_previous_year_100,
        comparisons.is_scope_restated,
        comparisons.direction_printed,
        comparisons.direction_comparable_scope,
        comparisons.direction_real,
        case when comparisons.is_evident then comparisons.price_basis else levels.price_basis end
            as floor_price_basis,
        case when comparisons.is_evident then comparisons.currency_code else levels.currency_code end
            as floor_currency_code
    from levels
    cross join readings
    left join comparisons
        on
            levels.fiscal_year = comparisons.fiscal_year
            and {{ equal_columns('levels', 'comparisons', belief) }}
),

directed as (
    select
        tracked.*,
        floors.vintage as floor_vintage,
        floors.amount as floor_compared_amount,
        floors.floor_amount,
        floors.floor_set_year,
        floors.shortfall_amount,
        floors.exception_amount,
        floors.exception_documents,
        case tracked.reading
            when 'nominal' then tracked.direction_printed
            when 'comparable_scope'
                then coalesce(tracked.direction_comparable_scope, tracked.direction_printed)
            when 'real' then tracked.direction_real
        end as direction,
        -- Last year's amount as this reading holds it against this year's, in this year's scope and prices.
        case tracked.reading
            when 'nominal' then tracked.previous_amount
            when 'comparable_scope' then tracked.previous_on_scope
            when 'real' then round(tracked.previous_on_scope * tracked.index_previous_year_100 / 100, 12)
        end as previous_comparable_amount
    from (
        select
            *,
            case
                when is_scope_restated and growth_pct > -100
                    then round(compared_amount * 100 / (100 + growth_pct), 12)
                else previous_amount
            end as previous_on_scope
        from tracked
    ) as tracked
    left join floors
        on
            tracked.fiscal_year = floors.fiscal_year
            and tracked.reading = floors.reading
            and tracked.floor_price_basis = floors.price_basis
            and tracked.floor_currency_code = floors.currency_code
            and {{ equal_columns('tracked', 'floors', belief) }}
)

select
    {{ belief | join(', ') }},
    fiscal_year,
    reading,
    floor_vintage,
    compared_amount,
    previous_comparable_amount,
    direction,
    floor_compared_amount,
    floor_amount,
    floor_set_year,
    shortfall_amount,
    exception_amount,
    exception_documents,
    case
        when direction is null then 'no_data'
        when direction = 'falls' then 'not_met'
        else 'met'
    end as verdict,
    case
        when direction is null then 'no_data'
        when direction = 'rises' then 'met'
        else 'not_met'
    end as verdict_strict,
    case
        when num_nulls(floor_amount, floor_compared_amount) > 0 then 'no_data'
        when floor_compared_amount < floor_amount then 'not_met'
        else 'met'
    end as floor_verdict,
    case
        when num_nulls(floor_amount, floor_compared_amount) > 0 then 'no_data'
        when floor_compared_amount > floor_amount then 'met'
        else 'not_met'
    end as floor_verdict_strict
from directed
