{% set track = [
    'belief_axis', 'belief_point', 'district_code', 'series_key', 'vintage', 'price_basis', 'currency_code'
] -%}

with legs as (
    select * from {{ ref('int_finance_beliefs') }}
),

comparisons as (
    select * from {{ ref('int_spending_comparisons') }}
    where is_chosen_in_vintage and is_evident
),

executions as (
    select * from {{ ref('stg_budget_execution') }}
),

series as (
    select * from {{ ref('int_spending_series') }}
),

-- The latest edition speaks for the year.
ranked as (
    select
        *,
        row_number()
            over (partition by {{ track | join(', ') }}, fiscal_year order by edition desc)
            as edition_rank
    from legs
    where amount is not null and not is_budget
),

printed as (
    select
        {{ track | join(', ') }},
        fiscal_year,
        edition,
        amount
    from ranked
    where edition_rank = 1
),

-- Where only a growth is printed, the year before it is known as nearly as the growth is rounded.
implied as (
    select
        {{ columns_of('comparisons', track) }},
        comparisons.fiscal_year - 1 as fiscal_year,
        comparisons.edition,
        round({{ divide('comparisons.amount * 100', '100 + comparisons.growth_pct') }}, 12) as amount,
        case when comparisons.is_scope_restated then 'implied_on_moved_scope' else 'implied_by_growth' end
            as level_origin
    from comparisons
    left join printed
        on
            comparisons.fiscal_year - 1 = printed.fiscal_year
            and {{ equal_columns('comparisons', 'printed', track) }}
    where
        comparisons.previous_amount is null
        and comparisons.amount is not null
        and comparisons.growth_pct > -100
        and printed.amount is null
),

tracks as (
    select distinct {{ track | join(', ') }}
    from printed
),

-- Years that are planned or under way have a floor before they have a level.
open_years as (
    select
        belief_axis,
        belief_point,
        district_code,
        series_key,
        fiscal_year
    from legs
    where is_budget
    union
    select
        legs.belief_axis,
        legs.belief_point,
        legs.district_code,
        legs.series_key,
        executions.fiscal_year
    from executions
    inner join series
        on
            executions.region_code = series.region_code
            and executions.district_code = series.district_code
            and executions.entity_code = series.entity_code
            and executions.item_code = series.item_code
            and executions.stage = series.stage
            and executions.scope_code = series.scope_code
            and series.is_headline_fund_source
    inner join legs on series.district_code = legs.district_code and series.series_key = legs.series_key
),

planned as (
    select
        {{ columns_of('tracks', track) }},
        open_years.fiscal_year
    from tracks
    inner join open_years
        on
            tracks.belief_axis = open_years.belief_axis
            and tracks.belief_point = open_years.belief_point
            and tracks.district_code = open_years.district_code
            and tracks.series_key = open_years.series_key
    left join printed
        on
            open_years.fiscal_year = printed.fiscal_year
            and {{ equal_columns('tracks', 'printed', track) }}
    -- A year that the growth of the next one tells is over, though a budget of it is on record.
    left join implied
        on
            open_years.fiscal_year = implied.fiscal_year
            and {{ equal_columns('tracks', 'implied', track) }}
    where num_nonnulls(printed.fiscal_year, implied.fiscal_year) = 0
),

all_years as (
    select
        {{ track | join(', ') }},
        fiscal_year,
        edition,
        amount,
        'printed' as level_origin
    from printed
    union all
    select
        {{ track | join(', ') }},
        fiscal_year,
        edition,
        amount,
        level_origin
    from implied
    union all
    select
        {{ track | join(', ') }},
        fiscal_year,
        null::integer as edition,
        null::numeric as amount,
        'open' as level_origin
    from planned
)

select
    {{ track | join(', ') }},
    fiscal_year,
    edition,
    amount,
    level_origin
from all_years
