with legs as (
    select * from {{ ref('int_finance_beliefs') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by belief_axis, belief_point, district_code, series_key, fiscal_year
            order by
                -- A row that says nothing does not hide one that does, nor a budget an account.
                (amount is null and growth_pct is null) asc,
                is_budget asc,
                (amount is null) asc,
                vintage_precedence desc,
                edition desc,
                (amount_origin = 'printed') desc,
                price_basis asc,
                currency_code asc
        ) as preference
    from legs
),

-- Several amounts of one year, scope and vintage: the figure was restated.
amounts_known as (
    select
        belief_axis,
        belief_point,
        district_code,
        series_key,
        fiscal_year,
        vintage,
        count(distinct amount) as distinct_amounts
    from legs
    group by belief_axis, belief_point, district_code, series_key, fiscal_year, vintage
)

select
    ranked.belief_axis,
    ranked.belief_point,
    ranked.series_key,
    ranked.family_key,
    ranked.region_code,
    ranked.district_code,
    ranked.entity_level,
    ranked.entity_code,
    ranked.entity_name,
    ranked.leg,
    ranked.item_code,
    ranked.stage,
    ranked.scope_code,
    ranked.fund_source_code,
    ranked.fiscal_year,
    ranked.vintage,
    ranked.edition,
    ranked.amount_origin,
    ranked.is_budget,
    ranked.price_basis,
    ranked.currency_code,
    ranked.amount,
    ranked.amount_reason,
    ranked.students,
    amounts_known.distinct_amounts > 1 as is_restated,
    ranked.table_code,
    ranked.document,
    ranked.batch_id,
    ranked.source_sheet,
    ranked.source_row
from ranked
inner join amounts_known
    on
        ranked.belief_axis = amounts_known.belief_axis
        and ranked.belief_point = amounts_known.belief_point
        and ranked.district_code = amounts_known.district_code
        and ranked.series_key = amounts_known.series_key
        and ranked.fiscal_year = amounts_known.fiscal_year
        and ranked.vintage = amounts_known.vintage
where ranked.preference = 1
