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

parameters as (
    select max(value) filter (where parameter = 'judged_on') as judged_on
    from {{ ref('finance_parameter') }}
),

other_scopes as (
    select
        district_code,
        family_key,
        fiscal_year,
        count(*) as scopes
    from levels
    where amount is not null
    group by district_code, family_key, fiscal_year
),

joined as (
    select
        levels.*,
        comparisons.vintage as compared_vintage,
        comparisons.edition as compared_edition,
        comparisons.amount as compared_amount,
        comparisons.previous_amount,
        comparisons.previous_source,
        comparisons.previous_edition,
        comparisons.change_amount,
        comparisons.change_pct,
        comparisons.growth_pct,
        comparisons.growth_basis,
        comparisons.direction_printed,
        comparisons.direction_comparable_scope,
        floors.floor_amount,
        floors.floor_since_year,
        floors.shortfall_amount,
        floors.is_scope_restated,
        case parameters.judged_on
            when 'printed'
                then coalesce(comparisons.direction_printed, comparisons.direction_comparable_scope)
            else coalesce(comparisons.direction_comparable_scope, comparisons.direction_printed)
        end as direction_judged,
        last_year.series_key is not null as is_last_year_known,
        last_year.amount is not null as is_last_amount_known,
        last_year.vintage as last_vintage,
        other_scopes.scopes as last_scopes
    from levels
    inner join floors
        on
            levels.district_code = floors.district_code
            and levels.series_key = floors.series_key
            and levels.fiscal_year = floors.fiscal_year
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
    left join other_scopes
        on
            levels.district_code = other_scopes.district_code
            and levels.family_key = other_scopes.family_key
            and levels.fiscal_year - 1 = other_scopes.fiscal_year
    cross join parameters
),

judged as (
    select
        *,
        case
            when direction_judged is null and amount is null then 'no_data'
            when direction_judged is null then 'not_comparable'
            when direction_printed = 'falls' and direction_comparable_scope = 'rises'
                then 'falls_on_printed_rises_on_comparable_scope'
            when direction_printed = 'rises' and direction_comparable_scope = 'falls'
                then 'rises_on_printed_falls_on_comparable_scope'
            when direction_printed = 'falls' and direction_comparable_scope = 'unchanged'
                then 'falls_on_printed_unchanged_on_comparable_scope'
            else direction_judged
        end as status,
        case
            when direction_judged is not null and change_amount is not null then null
            when direction_judged is not null then 'published_growth_only'
            when is_budget then 'vintage_is_budget'
            when amount is null then amount_reason
            when is_last_year_known and not is_last_amount_known then 'previous_amount_missing'
            when is_last_year_known and last_vintage <> vintage then 'vintage_differs'
            when is_last_year_known then 'price_or_currency_differs'
            when last_scopes > 0 then 'scope_changed'
            else 'previous_year_missing'
        end as reason,
        case
            when direction_judged is null then 'no_data'
            when direction_judged = 'falls' then 'not_met'
            else 'met'
        end as verdict,
        case
            when direction_judged is null then 'no_data'
            when direction_judged = 'rises' then 'met'
            else 'not_met'
        end as verdict_strict,
        case
            when shortfall_amount is null then 'no_data'
            when shortfall_amount > 0 then 'not_met'
            else 'met'
        end as floor_verdict
    from joined
)

select
    series_key,
    family_key,
    region_code,
    district_code,
    entity_level,
    entity_code,
    entity_name,
    leg,
    item_code,
    stage,
    scope_code,
    fiscal_year,
    vintage,
    edition,
    amount_origin,
    is_budget,
    price_basis,
    currency_code,
    amount,
    amount_reason,
    average_students,
    is_restated,
    document,
    batch_id,
    source_sheet,
    source_row,
    compared_vintage,
    compared_edition,
    compared_amount,
    previous_amount,
    previous_source,
    previous_edition,
    change_amount,
    change_pct,
    growth_pct,
    growth_basis,
    direction_printed,
    direction_comparable_scope,
    floor_amount,
    floor_since_year,
    shortfall_amount,
    is_scope_restated,
    direction_judged,
    status,
    reason,
    verdict,
    verdict_strict,
    floor_verdict
from judged
