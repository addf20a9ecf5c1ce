{% set line = [
    'belief_axis', 'belief_point', 'district_code', 'series_key', 'price_basis', 'currency_code'
] -%}
{% set track = line + ['vintage'] -%}

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

vintages as (
    select * from {{ ref('code_finance_vintage') }}
),

-- A document excuses one source of funds: that which the clause speaks of.
allowed as (
    select
        series.district_code,
        series.series_key,
        exceptions.currency_code,
        exceptions.first_fiscal_year,
        coalesce(exceptions.last_fiscal_year, 9999) as last_fiscal_year,
        exceptions.amount,
        exceptions.document
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
    where series.is_headline_fund_source
),

-- Where the published growth is not that of the printed amounts, last year is carried to the new scope.
linked as (
    select
        {{ columns_of('levels', track) }},
        levels.fiscal_year,
        levels.edition,
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
        partition by {{ columns_of('levels', track) }}
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
        )) as scope_factor,
        bool_or(level_origin = 'printed') over (partition by {{ line | join(', ') }}, fiscal_year) as is_told
    from linked
),

-- By what an amount of the year is divided to be held against other years; 1 for printed amounts.
factored as (
    select
        scoped.*,
        readings.reading,
        vintages.precedence,
        case when readings.reading = 'nominal' then 0 else scoped.scope_chain end as scope_part,
        case
            when readings.reading <> 'real' or scoped.price_basis = 'constant' then 0
            else price_levels.chain
        end as price_chain,
        case
            when readings.reading = 'nominal' then 1
            when readings.reading = 'comparable_scope' or scoped.price_basis = 'constant'
                then scoped.scope_factor
            else scoped.scope_factor * price_levels.price_level
        end as factor
    from scoped
    inner join series
        on scoped.district_code = series.district_code and scoped.series_key = series.series_key
    inner join vintages on scoped.vintage = vintages.code
    cross join readings
    left join price_levels
        on
            series.price_region_code = price_levels.region_code
            and scoped.fiscal_year = price_levels.fiscal_year
),

-- Years that are held to the floor: those that are told, and those planned or under way.
targets as (
    select * from factored
    where level_origin = 'printed' or (level_origin = 'open' and not is_told)
),

-- Worked back from a growth on another scope, a level is none of the printed amounts.
reached as (
    select * from factored
    where amount is not null and not (reading = 'nominal' and level_origin = 'implied_on_moved_scope')
),

-- Each earlier year asks for what it reached, in the highest vintage that tells both years.
asked as (
    select
        {{ columns_of('targets', line) }},
        targets.reading,
        targets.fiscal_year,
        targets.vintage,
        targets.precedence,
        targets.amount,
        targets.factor,
        reached.fiscal_year as reached_year,
        case
            when targets.factor = reached.factor then reached.amount
            else round({{ divide('reached.amount * targets.factor', 'reached.factor') }}, 12)
        end as required_amount,
        row_number() over (
            partition by
                {{ columns_of('targets', line) }}, targets.reading, targets.fiscal_year, reached.fiscal_year
            order by targets.precedence desc
        ) as preference
    from targets
    inner join reached
        on
            {{ equal_columns('targets', 'reached', track) }}
            and targets.reading = reached.reading
            and targets.fiscal_year > reached.fiscal_year
            and targets.scope_part = reached.scope_part
            and targets.price_chain = reached.price_chain
            -- Constant prices of two editions need not be those of the same year.
            and (targets.price_basis <> 'constant' or targets.edition = reached.edition)
),

-- An exception lowers the bar that a year without it set.
excused as (
    select
        {{ columns_of('asked', line) }},
        asked.reading,
        asked.fiscal_year,
        asked.reached_year,
        sum(allowed.amount) as excused_amount
    from asked
    inner join allowed
        on
            asked.district_code = allowed.district_code
            and asked.series_key = allowed.series_key
            and asked.currency_code = allowed.currency_code
            and asked.fiscal_year between allowed.first_fiscal_year and allowed.last_fiscal_year
            and asked.reached_year not between allowed.first_fiscal_year and allowed.last_fiscal_year
    where asked.preference = 1
    group by {{ columns_of('asked', line) }}, asked.reading, asked.fiscal_year, asked.reached_year
),

lowered as (
    select
        asked.*,
        case
            when excused.excused_amount is null then asked.required_amount
            else greatest(asked.required_amount - excused.excused_amount, 0)
        end as floor_amount
    from asked
    left join excused
        on
            asked.reading = excused.reading
            and asked.fiscal_year = excused.fiscal_year
            and asked.reached_year = excused.reached_year
            and {{ equal_columns('asked', 'excused', line) }}
    where asked.preference = 1
),

-- The year that asks for most against what is told of both.
ranked as (
    select
        *,
        row_number() over (
            partition by {{ line | join(', ') }}, reading, fiscal_year
            order by
                case when amount is null then floor_amount else floor_amount - amount end desc nulls last,
                precedence desc,
                reached_year asc
        ) as preference_of_year
    from lowered
),

target_years as (
    select distinct
        {{ line | join(', ') }},
        reading,
        fiscal_year
    from targets
),

-- What documents on record allow in the year, whether it is needed or not.
allowed_in_year as (
    select
        {{ columns_of('target_years', line) }},
        target_years.reading,
        target_years.fiscal_year,
        sum(allowed.amount) as exception_amount,
        string_agg(allowed.document, '; ' order by allowed.document) as exception_documents
    from target_years
    inner join allowed
        on
            target_years.district_code = allowed.district_code
            and target_years.series_key = allowed.series_key
            and target_years.currency_code = allowed.currency_code
            and target_years.fiscal_year between allowed.first_fiscal_year and allowed.last_fiscal_year
    group by {{ columns_of('target_years', line) }}, target_years.reading, target_years.fiscal_year
)

select
    {{ columns_of('ranked', line) }},
    ranked.fiscal_year,
    ranked.reading,
    ranked.vintage,
    ranked.amount,
    allowed_in_year.exception_amount,
    allowed_in_year.exception_documents,
    ranked.floor_amount,
    ranked.reached_year as floor_set_year,
    case
        when ranked.amount is not null then greatest(ranked.floor_amount - ranked.amount, 0)
    end as shortfall_amount
from ranked
left join allowed_in_year
    on
        ranked.reading = allowed_in_year.reading
        and ranked.fiscal_year = allowed_in_year.fiscal_year
        and {{ equal_columns('ranked', 'allowed_in_year', line) }}
where ranked.preference_of_year = 1
