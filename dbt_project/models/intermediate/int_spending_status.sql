{% set belief = ['belief_axis', 'belief_point', 'district_code', 'series_key'] -%}

with levels as (
    select * from {{ ref('int_spending_levels') }}
),

comparisons as (
    select * from {{ ref('int_spending_comparisons') }}
    where is_chosen
),

readings as (
    select * from {{ ref('int_spending_readings') }}
),

parameters as (
    select max(value) filter (where parameter = 'judged_on') as judged_on
    from {{ ref('finance_parameter') }}
),

other_scopes as (
    select
        belief_axis,
        belief_point,
        district_code,
        family_key,
        fiscal_year,
        count(*) as scopes
    from levels
    where amount is not null
    group by belief_axis, belief_point, district_code, family_key, fiscal_year
),

joined as (
    select
        levels.*,
        comparisons.vintage as compared_vintage,
        comparisons.edition as compared_edition,
        comparisons.currency_code as compared_currency_code,
        comparisons.amount as compared_amount,
        comparisons.previous_amount,
        comparisons.previous_source,
        comparisons.previous_edition,
        comparisons.change_amount,
        comparisons.change_pct,
        comparisons.growth_pct,
        comparisons.growth_basis,
        comparisons.index_previous_year_100,
        comparisons.direction_printed,
        comparisons.direction_comparable_scope,
        comparisons.direction_real,
        coalesce(comparisons.is_scope_restated, false) as is_scope_restated,
        judged.reading as judged_on,
        judged.direction as direction_judged,
        judged.floor_vintage,
        judged.floor_compared_amount,
        judged.floor_amount,
        judged.floor_set_year,
        judged.shortfall_amount,
        judged.exception_amount,
        judged.exception_documents,
        judged.verdict,
        judged.verdict_strict,
        judged.floor_verdict,
        judged.floor_verdict_strict,
        last_year.series_key is not null as is_last_year_known,
        last_year.amount is not null as is_last_amount_known,
        last_year.vintage as last_vintage,
        other_scopes.scopes as last_scopes
    from levels
    cross join parameters
    inner join readings as judged
        on
            levels.fiscal_year = judged.fiscal_year
            and parameters.judged_on = judged.reading
            and {{ equal_columns('levels', 'judged', belief) }}
    left join comparisons
        on
            levels.fiscal_year = comparisons.fiscal_year
            and {{ equal_columns('levels', 'comparisons', belief) }}
    left join levels as last_year
        on
            levels.fiscal_year - 1 = last_year.fiscal_year
            and {{ equal_columns('levels', 'last_year', belief) }}
    left join other_scopes
        on
            levels.belief_axis = other_scopes.belief_axis
            and levels.belief_point = other_scopes.belief_point
            and levels.district_code = other_scopes.district_code
            and levels.family_key = other_scopes.family_key
            and levels.fiscal_year - 1 = other_scopes.fiscal_year
),

explained as (
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
            when direction_printed is not null then 'price_index_missing'
            when is_last_year_known and not is_last_amount_known then 'previous_amount_missing'
            when is_last_year_known and last_vintage <> vintage then 'vintage_differs'
            when is_last_year_known then 'price_or_currency_differs'
            when last_scopes > 0 then 'scope_changed'
            else 'previous_year_missing'
        end as reason
    from joined
)

select
    {{ belief | join(', ') }},
    family_key,
    region_code,
    entity_level,
    entity_code,
    entity_name,
    leg,
    item_code,
    stage,
    scope_code,
    fund_source_code,
    fiscal_year,
    vintage,
    edition,
    amount_origin,
    is_budget,
    price_basis,
    currency_code,
    amount,
    amount_reason,
    students,
    is_restated,
    table_code,
    document,
    batch_id,
    source_sheet,
    source_row,
    compared_vintage,
    compared_edition,
    compared_currency_code,
    compared_amount,
    previous_amount,
    previous_source,
    previous_edition,
    change_amount,
    change_pct,
    growth_pct,
    growth_basis,
    index_previous_year_100,
    direction_printed,
    direction_comparable_scope,
    direction_real,
    is_scope_restated,
    judged_on,
    direction_judged,
    floor_vintage,
    floor_compared_amount,
    floor_amount,
    floor_set_year,
    shortfall_amount,
    exception_amount,
    exception_documents,
    status,
    reason,
    verdict,
    verdict_strict,
    floor_verdict,
    floor_verdict_strict
from explained
