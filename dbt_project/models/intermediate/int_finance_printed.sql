{% set amount_key = [
    'region_code', 'district_code', 'entity_code', 'fiscal_year', 'stage', 'item_code', 'scope_code',
    'fund_source_code', 'basis', 'vintage', 'edition'
] -%}
{% set span = amount_key + ['span_from'] -%}
{# In the order of the seed: handing a table in anew changes nothing but its own figures. -#}
{% set first -%}
    precedence desc nulls last, table_code asc, known_from desc, batch_id desc, source_row desc
{%- endset -%}
{% set origin = ['table_code', 'document', 'batch_id', 'source_sheet', 'source_row', 'source_block'] -%}

with history as (
    select * from {{ ref('stg_finance_history') }}
),

tables as (
    select * from {{ ref('code_finance_table') }}
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
        spans.span_until,
        tables.precedence
    from spans
    inner join history
        on
            {{ equal_columns('spans', 'history', amount_key) }}
            and spans.span_from >= history.known_from
            and (history.known_until is null or spans.span_from < history.known_until)
    left join tables on history.table_code = tables.code
),

-- A table that prints a growth alone says nothing of the amount.
ranked as (
    select
        *,
        row_number() over (
            partition by {{ span | join(', ') }} order by (amount is not null) desc, {{ first }}
        ) as amount_preference
    from standing
),

chosen as (
    select * from ranked
    where amount_preference = 1
),

-- A table that prints less does not unsay what stands in another: the growth of an amount that both print,
-- one of them perhaps in ten thousands; and last year's amount, which is subtracted and so must be of the
-- same printing.
alike as (
    select
        ranked.*,
        ranked.amount_preference = 1 as is_own,
        ({{ equal_as_printed('ranked.amount', 'chosen.amount') }}) is not false as is_of_the_amount,
        ranked.amount = chosen.amount as is_the_amount
    from ranked
    inner join chosen on {{ equal_columns('ranked', 'chosen', span) }}
    where
        ranked.currency_code = chosen.currency_code
        and (ranked.price_basis <> chosen.price_basis) is not true
),

ranked_growths as (
    select
        *,
        row_number() over (
            partition by {{ span | join(', ') }} order by is_own desc, {{ first }}
        ) as preference
    from alike
    where is_of_the_amount and growth_pct is not null
),

ranked_gaps as (
    select
        *,
        row_number() over (
            partition by {{ span | join(', ') }} order by is_own desc, {{ first }}
        ) as preference
    from alike
    where is_of_the_amount and num_nonnulls(recurring_revenue_growth_pct, gap_percentage_points) > 0
),

ranked_priors as (
    select
        *,
        row_number() over (
            partition by {{ span | join(', ') }} order by is_own desc, {{ first }}
        ) as preference
    from alike
    where (is_own or is_the_amount) and prior_amount is not null
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
    {{ columns_of('chosen', origin) }},
    {{ columns_as('ranked_priors', origin, 'prior_') }},
    chosen.span_from as known_from,
    -- The day as the bureau counts it: a night at one o'clock belongs to the day that begins.
    (chosen.span_from at time zone 'Asia/Shanghai')::date as known_from_date,
    (chosen.span_until at time zone 'Asia/Shanghai')::date as known_until_date
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
