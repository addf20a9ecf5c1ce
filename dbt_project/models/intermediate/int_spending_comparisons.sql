with legs as (
    select * from {{ ref('int_finance_legs') }}
    -- What was planned is never held against what was spent.
    where not is_budget
),

points as (
    select
        *,
        row_number() over (
            partition by district_code, series_key, fiscal_year, vintage, price_basis, currency_code
            order by edition desc
        ) as edition_rank
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
            legs.district_code = same_edition.district_code
            and legs.series_key = same_edition.series_key
            and legs.fiscal_year - 1 = same_edition.fiscal_year
            and legs.vintage = same_edition.vintage
            and legs.edition = same_edition.edition
            and legs.currency_code = same_edition.currency_code
            and legs.price_basis = same_edition.price_basis
    left join points as latest_edition
        on
            legs.district_code = latest_edition.district_code
            and legs.series_key = latest_edition.series_key
            and legs.fiscal_year - 1 = latest_edition.fiscal_year
            and legs.vintage = latest_edition.vintage
            and legs.currency_code = latest_edition.currency_code
            and legs.price_basis = latest_edition.price_basis
            and latest_edition.edition_rank = 1
),

compared as (
    select
        *,
        case when amount is not null then known_previous_amount end as previous_amount,
        case when amount is not null then known_previous_source end as previous_source,
        case when amount is not null then known_previous_edition end as previous_edition,
        amount - known_previous_amount as change_amount,
        -- More places than any growth is published with, so that rounding it twice cannot matter.
        round((amount - known_previous_amount) * 100 / nullif(known_previous_amount, 0), 12) as change_pct
    from paired
),

signed as (
    select
        *,
        case
            when change_amount is not null then sign(change_amount)
            when (growth_basis = 'comparable_scope') is not true then sign(growth_pct)
        end as printed_sign,
        case when growth_basis = 'comparable_scope' then sign(growth_pct) end as comparable_sign,
        case
            when previous_source in ('printed_beside', 'same_edition') then 3
            when previous_source = 'other_edition' then 2
            when growth_pct is not null then 1
            else 0
        end as evidence
    from compared
),

ranked as (
    select
        *,
        -- Two years out of one document say more than two documents, and these more than a bare growth.
        row_number() over (
            partition by district_code, series_key, fiscal_year
            order by
                (evidence > 0) desc,
                vintage_precedence desc,
                evidence desc,
                edition desc,
                price_basis asc,
                currency_code asc
        ) as preference
    from signed
)

select
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
    case printed_sign when -1 then 'falls' when 0 then 'unchanged' when 1 then 'rises' end
        as direction_printed,
    case comparable_sign when -1 then 'falls' when 0 then 'unchanged' when 1 then 'rises' end
        as direction_comparable_scope,
    preference = 1 as is_chosen
from ranked
