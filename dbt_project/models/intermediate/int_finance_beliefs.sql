with legs as (
    select
        *,
        -- Within a year of publication, a higher vintage is the later word.
        edition || '-' || lpad(vintage_precedence::text, 2, '0') as publication
    from {{ ref('int_finance_legs') }}
),

-- Only a series of which some year was told in two ways has a past that differs from the present.
years_told_twice as (
    select
        district_code,
        series_key,
        fiscal_year
    from legs
    where not is_budget
    group by district_code, series_key, fiscal_year
    having count(distinct amount) > 1 or count(distinct growth_pct) > 1
),

told_twice as (
    select distinct
        district_code,
        series_key
    from years_told_twice
),

dated as (
    select legs.*
    from legs
    inner join told_twice
        on legs.district_code = told_twice.district_code and legs.series_key = told_twice.series_key
    where not legs.is_budget
),

points as (
    select
        district_code,
        series_key,
        'loaded' as belief_axis,
        known_from_date::text as belief_point
    from dated
    union
    select
        district_code,
        series_key,
        'loaded' as belief_axis,
        known_until_date::text as belief_point
    from dated
    where known_until_date is not null
    union
    select
        district_code,
        series_key,
        'published' as belief_axis,
        publication as belief_point
    from dated
    where known_until_date is null
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
    document,
    batch_id,
    source_sheet,
    source_row
from ranked
where preference = 1
