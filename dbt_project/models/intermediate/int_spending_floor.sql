{% set track = [
    'belief_axis', 'belief_point', 'district_code', 'series_key', 'vintage', 'price_basis', 'currency_code'
] -%}

with levels as (
    select * from {{ ref('int_spending_vintage_levels') }}
),

comparisons as (
    select * from {{ ref('int_spending_comparisons') }}
    where is_chosen_in_vintage
),

series as (
    select * from {{ ref('int_spending_series') }}
),

exceptions as (
    select * from {{ ref('stg_finance_exception') }}
),

price_levels as (
    select * from {{ ref('int_price_levels') }}
),

readings as (
    select * from {{ ref('finance_reading') }}
),

series_years as (
    select distinct
        district_code,
        series_key,
        fiscal_year
    from levels
),

-- What an exception allows stands in every year in which it holds.
allowed as (
    select
        series.district_code,
        series.series_key,
        series_years.fiscal_year,
        exceptions.currency_code,
        sum(exceptions.amount) as exception_amount,
        string_agg(exceptions.document, '; ' order by exceptions.document) as exception_documents
    from series
    inner join exceptions
        on
            series.region_code = exceptions.region_code
            and series.district_code = exceptions.district_code
            and series.entity_code = exceptions.entity_code
            and series.item_code = exceptions.item_code
            and series.stage = exceptions.stage
            and series.scope_code = exceptions.scope_code
            and series.basis = exceptions.basis
            and series.is_headline_fund_source
    inner join series_years
        on
            series.district_code = series_years.district_code
            and series.series_key = series_years.series_key
            and exceptions.first_fiscal_year <= series_years.fiscal_year
            and (
                exceptions.last_fiscal_year is null
                or exceptions.last_fiscal_year >= series_years.fiscal_year
            )
    group by series.district_code, series.series_key, series_years.fiscal_year, exceptions.currency_code
),

-- Where the published growth is not that of the printed amounts, last year is carried to the new scope.
linked as (
    select
        {{ columns_of('levels', track) }},
        levels.fiscal_year,
        levels.amount,
        levels.level_origin,
        case
            when
                comparisons.is_scope_restated
                and comparisons.growth_pct > -100
                and comparisons.amount > 0
                and lag(levels.level_origin) over track_years = 'printed'
                then
                    {{ divide(
                        'comparisons.amount * 100',
                        '(100 + comparisons.growth_pct) * lag(levels.amount) over track_years'
                    ) }}
        end as scope_link
    from levels
    left join comparisons
        on
            levels.fiscal_year = comparisons.fiscal_year
            and {{ equal_columns('levels', 'comparisons', track) }}
    window track_years as (
        partition by
            {{ columns_of('levels', track) }}
        order by levels.fiscal_year
    )
),

-- A scope that moved from a year of which nothing is printed leaves no way back to the years before.
scoped as (
    select
        *,
        count(*) filter (where level_origin = 'implied_on_moved_scope') over (
            partition by {{ track | join(', ') }} order by fiscal_year
            rows between unbounded preceding and current row
        ) as scope_chain,
        exp(sum(ln(coalesce(scope_link, 1::numeric))) over (
            partition by {{ track | join(', ') }} order by fiscal_year
            rows between unbounded preceding and current row
        )) as scope_factor
    from linked
),

-- By what a yuan of the year is divided to be held against those of other years; 1 for printed amounts.
factored as (
    select
        scoped.*,
        readings.reading,
        allowed.exception_amount,
        allowed.exception_documents,
        case
            when readings.reading <> 'real' or scoped.price_basis = 'constant' then 0
            else price_levels.chain
        end as price_chain,
        case when readings.reading = 'nominal' then 0 else scoped.scope_chain end as scope_part,
        case
            when readings.reading = 'nominal' then 1
            when readings.reading = 'comparable_scope' or scoped.price_basis = 'constant'
                then scoped.scope_factor
            else scoped.scope_factor * price_levels.price_level
        end as factor
    from scoped
    inner join series
        on scoped.district_code = series.district_code and scoped.series_key = series.series_key
    cross join readings
    left join price_levels
        on
            split_part(series.region_code, '-', 1) = price_levels.region_code
            and scoped.fiscal_year = price_levels.fiscal_year
    left join allowed
        on
            scoped.district_code = allowed.district_code
            and scoped.series_key = allowed.series_key
            and scoped.fiscal_year = allowed.fiscal_year
            and scoped.currency_code = allowed.currency_code
),

-- Without an exception on record nothing is allowed.
-- A level reached under one counts as what would have been reached without it.
leveled as (
    select
        *,
        case
            -- Worked back from a growth on another scope, a level is none of the printed amounts.
            when reading = 'nominal' and level_origin = 'implied_on_moved_scope' then null
            when factor = 1 then amount + coalesce(exception_amount, 0)
            else {{ divide('amount + coalesce(exception_amount, 0)', 'factor') }}
        end as comparable_level
    from factored
),

ratcheted as (
    select
        *,
        max(comparable_level) over before_now as required_level
    from leveled
    window
        before_now as (
            partition by {{ track | join(', ') }}, reading, price_chain, scope_part order by fiscal_year
            rows between unbounded preceding and 1 preceding
        )
),

set_by as (
    select
        *,
        max(case when required_level is null or comparable_level > required_level then fiscal_year end) over (
            partition by {{ track | join(', ') }}, reading, price_chain, scope_part order by fiscal_year
            rows between unbounded preceding and 1 preceding
        ) as floor_set_year
    from ratcheted
),

floors as (
    select
        *,
        case
            when required_level is null or factor is null then null
            when factor = 1 then greatest(required_level - coalesce(exception_amount, 0), 0)
            else greatest(round(required_level * factor, 12) - coalesce(exception_amount, 0), 0)
        end as floor_amount
    from set_by
    where level_origin in ('printed', 'open')
)

select
    {{ track | join(', ') }},
    fiscal_year,
    reading,
    amount,
    factor,
    exception_amount,
    exception_documents,
    floor_amount,
    case when floor_amount is not null then floor_set_year end as floor_set_year,
    case when num_nulls(floor_amount, amount) = 0 then greatest(floor_amount - amount, 0) end
        as shortfall_amount
from floors
