{% set belief = ['belief_axis', 'belief_point', 'district_code', 'series_key'] -%}
{% set track = belief + ['vintage', 'price_basis', 'currency_code'] -%}

with legs as (
    select * from {{ ref('int_finance_beliefs') }}
    -- What was planned is never held against what was spent.
    where not is_budget
),

price_levels as (
    select * from {{ ref('int_price_levels') }}
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
    left join price_levels
        on
            split_part(paired.region_code, '-', 1) = price_levels.region_code
            and paired.fiscal_year = price_levels.fiscal_year
),

signed as (
    select
        *,
        -- The growth on the comparable scope is not the growth of the printed amounts: the scope moved.
        (
            growth_basis = 'comparable_scope'
            and growth_pct is not null
            and (change_pct is null or round(change_pct, scale(growth_pct)) <> growth_pct)
        ) is true as is_scope_restated,
        case
            when change_amount is not null then sign(change_amount)
            when (growth_basis = 'comparable_scope') is not true then sign(growth_pct)
        end as printed_sign,
        case when growth_basis = 'comparable_scope' then sign(growth_pct) end as comparable_sign,
        case
            when growth_basis = 'comparable_scope' and growth_pct is not null
                then sign(100 + growth_pct - index_previous_year_100)
            when change_amount is not null
                then sign(amount * 100 - known_previous_amount * index_previous_year_100)
            else sign(100 + growth_pct - index_previous_year_100)
        end as real_sign,
        case
            when previous_source in ('printed_beside', 'same_edition') then 3
            when previous_source = 'other_edition' then 2
            when growth_pct is not null then 1
            else 0
        end as evidence
    from compared
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
