with legs as (
    select
        *,
        -- Within a year of publication, a higher vintage is the later word.
        edition || '-' || lpad(vintage_precedence::text, 2, '0') as publication
    from {{ ref('int_finance_legs') }}
),

years as (
    select
        district_code,
        series_key,
        fiscal_year,
        count(distinct amount) > 1
        or count(distinct growth_pct) > 1
        or count(distinct growth_basis) > 1 as is_told_twice
    from legs
    where not is_budget
    group by district_code, series_key, fiscal_year
),

-- A series that came in one load, and of which no year was told in two ways, has no other past than now.
pasts as (
    select
        district_code,
        series_key,
        count(distinct known_from_date) > 1 or bool_or(known_until_date is not null) as is_loaded_twice
    from legs
    where not is_budget
    group by district_code, series_key
),

told_twice as (
    select
        pasts.district_code,
        pasts.series_key,
        pasts.is_loaded_twice,
        bool_or(years.is_told_twice) as is_told_twice
    from pasts
    inner join years on pasts.district_code = years.district_code and pasts.series_key = years.series_key
    group by pasts.district_code, pasts.series_key, pasts.is_loaded_twice
),

dated as (
    select legs.*
    from legs
    inner join told_twice
        on legs.district_code = told_twice.district_code and legs.series_key = told_twice.series_key
    where not legs.is_budget and (told_twice.is_loaded_twice or told_twice.is_told_twice)
),

loads as (
    select dated.*
    from dated
    inner join told_twice
        on dated.district_code = told_twice.district_code and dated.series_key = told_twice.series_key
    where told_twice.is_loaded_twice
),

publications as (
    select dated.*
    from dated
    inner join told_twice
        on dated.district_code = told_twice.district_code and dated.series_key = told_twice.series_key
    where told_twice.is_told_twice and dated.known_until_date is null
),

points as (
    select
        district_code,
        series_key,
        'loaded' as belief_axis,
        known_from_date::text as belief_point
    from loads
    union
    select
        district_code,
        series_key,
        'loaded' as belief_axis,
        known_until_date::text as belief_point
    from loads
    where known_until_date is not null
    union
    select
        district_code,
        series_key,
        'published' as belief_axis,
        publication as belief_point
    from publications
),

believed as (
    select
        'now' as belief_axis,
        'now' as belief_point,
        legs.*
    from legs
    where legs.known_until_date is null
    union all
    select
        points.belief_axis,
        points.belief_point,
        dated.*
    from dated
    inner join points
        on dated.district_code = points.district_code and dated.series_key = points.series_key
    where
        (
            points.belief_axis = 'loaded'
            and dated.known_from_date::text <= points.belief_point
            and (dated.known_until_date is null or dated.known_until_date::text > points.belief_point)
        )
        or (
            points.belief_axis = 'published'
            and dated.known_until_date is null
            and dated.publication <= points.belief_point
        )
),

-- A year that the same edition prints in a row of its own is known by that row; where the row has only a
-- growth, by the amount beside the year after it.
ranked as (
    select
        *,
        row_number() over same_edition as preference,
        lead(amount) over same_edition as amount_beside
    from believed
    window same_edition as (
        partition by
            belief_axis, belief_point, district_code, series_key, fiscal_year, vintage, edition, price_basis,
            currency_code
        order by (amount_origin = 'printed') desc
    )
)

select
    belief_axis,
    belief_point,
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
    fund_source_code,
    fiscal_year,
    vintage,
    vintage_precedence,
    edition,
    amount_origin,
    is_budget,
    price_basis,
    currency_code,
    coalesce(amount, amount_beside) as amount,
    case when num_nonnulls(amount, amount_beside) = 0 then amount_reason end as amount_reason,
    students,
    prior_amount,
    growth_pct,
    growth_basis,
    table_code,
    document,
    batch_id,
    source_sheet,
    source_row
from ranked
where preference = 1
