{% set belief = ['belief_axis', 'belief_point', 'district_code', 'series_key'] -%}
{% set track = belief + ['vintage', 'price_basis', 'currency_code'] -%}

with beliefs as (
    select * from {{ ref('int_finance_beliefs') }}
    -- What was planned is never held against what was spent.
    where not is_budget
),

series as (
    select * from {{ ref('int_spending_series') }}
),

price_levels as (
    select * from {{ ref('int_price_levels') }}
),

-- A document that prints the same amount again, without a growth, does not unsay the growth.
growths as (
    select
        *,
        row_number() over (
            partition by {{ belief | join(', ') }}, fiscal_year, price_basis, currency_code, amount
            order by vintage_precedence desc, edition desc
        ) as preference
    from beliefs
    where growth_basis = 'comparable_scope' and growth_pct is not null and amount is not null
),

legs as (
    select
        {{ columns_of('beliefs', track) }},
        beliefs.fiscal_year,
        beliefs.vintage_precedence,
        beliefs.edition,
        beliefs.amount,
        beliefs.prior_amount,
        coalesce(beliefs.growth_pct, growths.growth_pct) as growth_pct,
        case when beliefs.growth_pct is null then growths.growth_basis else beliefs.growth_basis end
            as growth_basis
    from beliefs
    left join growths
        on
            beliefs.fiscal_year = growths.fiscal_year
            and beliefs.price_basis = growths.price_basis
            and beliefs.currency_code = growths.currency_code
            and beliefs.amount = growths.amount
            and growths.preference = 1
            and {{ equal_columns('beliefs', 'growths', belief) }}
),

points as (
    select
        *,
        row_number()
            over (partition by {{ track | join(', ') }}, fiscal_year order by edition desc)
            as edition_rank
    from legs
    where amount is not null
),

paired as (
    select
        legs.*,
        -- Printed beside it; in the same edition; in the latest other edition.
        coalesce(legs.prior_amount, same_edition.amount, latest_edition.amount) as known_previous_amount,
        case
            when legs.prior_amount is not null then 'printed_beside'
            when same_edition.amount is not null then 'same_edition'
            when latest_edition.amount is not null then 'other_edition'
        end as known_previous_source,
        case
            when legs.prior_amount is not null or same_edition.amount is not null then legs.edition
            else latest_edition.edition
        end as known_previous_edition
    from legs
    left join points as same_edition
        on
            legs.fiscal_year - 1 = same_edition.fiscal_year
            and legs.edition = same_edition.edition
            and {{ equal_columns('legs', 'same_edition', track) }}
    left join points as latest_edition
        on
            legs.fiscal_year - 1 = latest_edition.fiscal_year
            and latest_edition.edition_rank = 1
            -- Constant prices of two editions need not be those of the same year.
            and legs.price_basis <> 'constant'
            and {{ equal_columns('legs', 'latest_edition', track) }}
),

compared as (
    select
        paired.*,
        case when paired.amount is not null then paired.known_previous_amount end as previous_amount,
        case when paired.amount is not null then paired.known_previous_source end as previous_source,
        case when paired.amount is not null then paired.known_previous_edition end as previous_edition,
        paired.amount - paired.known_previous_amount as change_amount,
        -- More places than any growth is published with, so that rounding it twice cannot matter.
        round(
            (paired.amount - paired.known_previous_amount) * 100 / nullif(paired.known_previous_amount, 0), 12
        ) as change_pct,
        case
            when paired.price_basis = 'constant' then 100
            else price_levels.index_previous_year_100
        end as index_previous_year_100
    from paired
    inner join series
        on paired.district_code = series.district_code and paired.series_key = series.series_key
    left join price_levels
        on
            series.price_region_code = price_levels.region_code
            and paired.fiscal_year = price_levels.fiscal_year
),

-- The growth on the comparable scope is not the growth of the printed amounts: the scope moved.
restated as (
    select
        *,
        (
            growth_basis = 'comparable_scope'
            and growth_pct is not null
            and (change_pct is null or round(change_pct, scale(growth_pct)) <> growth_pct)
        ) is true as is_scope_restated
    from compared
),

-- Where the scope did not move the amounts speak to the cent, and not the growth as it is rounded.
signed as (
    select
        *,
        case
            when change_amount is not null then sign(change_amount)
            when (growth_basis = 'comparable_scope') is not true then sign(growth_pct)
        end as printed_sign,
        case
            when growth_basis <> 'comparable_scope' or growth_pct is null then null
            when is_scope_restated then sign(growth_pct)
            else sign(change_amount)
        end as comparable_sign,
        case
            when change_amount is not null and not is_scope_restated
                then sign(amount * 100 - known_previous_amount * index_previous_year_100)
            else sign(100 + growth_pct - index_previous_year_100)
        end as real_sign,
        case
            when previous_source in ('printed_beside', 'same_edition') then 3
            when previous_source = 'other_edition' then 2
            when growth_pct is not null then 1
            else 0
        end as evidence
    from restated
),

-- Two years out of one document say more than two documents, and these more than a bare growth.
ranked as (
    select
        *,
        row_number() over (
            partition by {{ track | join(', ') }}, fiscal_year
            order by evidence desc, edition desc
        ) as preference_in_vintage,
        row_number() over (
            partition by {{ belief | join(', ') }}, fiscal_year
            order by
                (evidence > 0) desc, vintage_precedence desc, evidence desc, edition desc, price_basis asc,
                currency_code asc
        ) as preference
    from signed
)

select
    belief_axis,
    belief_point,
    series_key,
    district_code,
    fiscal_year,
    vintage,
    edition,
    price_basis,
    currency_code,
    amount,
    previous_amount,
    previous_source,
    previous_edition,
    change_amount,
    change_pct,
    growth_pct,
    growth_basis,
    index_previous_year_100,
    {% for direction in ['printed', 'comparable', 'real'] %}
        case {{ direction }}_sign when -1 then 'falls' when 0 then 'unchanged' when 1 then 'rises' end
            as direction_{{ 'comparable_scope' if direction == 'comparable' else direction }},
    {% endfor %}
    is_scope_restated,
    evidence > 0 as is_evident,
    preference_in_vintage = 1 as is_chosen_in_vintage,
    preference = 1 as is_chosen
from ranked
