{% set amount_key = [
    'region_code', 'district_code', 'entity_code', 'fiscal_year', 'stage', 'item_code', 'scope_code',
    'fund_source_code', 'basis', 'vintage', 'edition'
] -%}
{% set span = amount_key + ['span_from'] -%}
{% set latest = 'known_from desc, batch_id desc, source_row desc' -%}

with history as (
    select * from {{ ref('stg_finance_history') }}
),

-- When the rows changed that count for an amount: several tables may print it.
changes as (
    select
        {{ amount_key | join(', ') }},
        known_from as span_from
    from history
    union
    select
        {{ amount_key | join(', ') }},
        known_until as span_from
    from history
    where known_until is not null
),

spans as (
    select
        *,
        lead(span_from) over (partition by {{ amount_key | join(', ') }} order by span_from) as span_until
    from changes
),

standing as (
    select
        history.*,
        spans.span_from,
        spans.span_until
    from spans
    inner join history
        on
            {{ equal_columns('spans', 'history', amount_key) }}
            and spans.span_from >= history.known_from
            and (history.known_until is null or spans.span_from < history.known_until)
),

-- Of several tables the one handed in last counts; one that prints a growth alone says nothing of the amount.
ranked as (
    select
        *,
        row_number() over (
            partition by {{ span | join(', ') }} order by (amount is not null) desc, {{ latest }}
        ) as preference
    from standing
),

chosen as (
    select * from ranked
    where preference = 1
),

-- A table that prints less does not unsay what stands in another: last year's amount, and the growth of an
-- amount that both print.
alike as (
    select
        standing.*,
        (standing.amount <> chosen.amount) is not true as is_of_the_amount
    from standing
    inner join chosen on {{ equal_columns('standing', 'chosen', span) }}
    where
        standing.currency_code = chosen.currency_code
        and (standing.price_basis <> chosen.price_basis) is not true
),

ranked_growths as (
    select
        *,
        row_number() over (partition by {{ span | join(', ') }} order by {{ latest }}) as preference
    from alike
    where is_of_the_amount and growth_pct is not null
),

ranked_gaps as (
    select
        *,
        row_number() over (partition by {{ span | join(', ') }} order by {{ latest }}) as preference
    from alike
    where is_of_the_amount and num_nonnulls(recurring_revenue_growth_pct, gap_percentage_points) > 0
),

ranked_priors as (
    select
        *,
        row_number() over (partition by {{ span | join(', ') }} order by {{ latest }}) as preference
    from alike
    where prior_amount is not null
)

select
    {{ columns_of('chosen', amount_key) }},
    chosen.entity_level,
    chosen.entity_name,
    chosen.price_basis,
    chosen.currency_code,
    chosen.amount,
    ranked_priors.prior_amount,
    ranked_growths.growth_pct,
    case when ranked_growths.growth_pct is null then chosen.growth_basis else ranked_growths.growth_basis end
        as growth_basis,
    ranked_gaps.recurring_revenue_growth_pct,
    ranked_gaps.gap_percentage_points,
    chosen.table_code,
    chosen.document,
    -- The day as the bureau counts it: a night at one o'clock belongs to the day that begins.
    (chosen.span_from at time zone 'Asia/Shanghai')::date as known_from_date,
    (chosen.span_until at time zone 'Asia/Shanghai')::date as known_until_date,
    chosen.batch_id,
    chosen.source_sheet,
    chosen.source_row,
    chosen.source_block
from chosen
left join ranked_priors
    on
        ranked_priors.preference = 1
        and {{ equal_columns('chosen', 'ranked_priors', span) }}
left join ranked_growths
    on
        ranked_growths.preference = 1
        and {{ equal_columns('chosen', 'ranked_growths', span) }}
left join ranked_gaps
    on
        ranked_gaps.preference = 1
        and {{ equal_columns('chosen', 'ranked_gaps', span) }}
