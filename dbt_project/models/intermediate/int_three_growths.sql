with growths as (
    select * from {{ ref('int_finance_growths') }}
),

listed as (
    select * from {{ ref('finance_growth') }}
),

amounts as (
    select * from {{ ref('fct_finance_amount') }}
    where num_nonnulls(recurring_revenue_growth_pct, gap_percentage_points) > 0
),

-- What a table of the district prints of its revenue beside the growth of its spending, out of whatever
-- funds; the latest edition of a vintage.
ranked_beside as (
    select
        *,
        row_number() over (
            partition by
                region_code, district_code, fiscal_year, stage, item_code, scope_code, vintage
            order by
                (recurring_revenue_growth_pct is null) asc, edition desc, fund_source_code asc,
                entity_code asc
        ) as preference
    from amounts
    where entity_level = 'district' and basis = 'total'
),

-- The gap is of the very growth it stands beside: one source of funds, one edition.
ranked_gaps as (
    select
        *,
        row_number() over (
            partition by
                region_code, district_code, fiscal_year, stage, item_code, scope_code, vintage,
                fund_source_code, edition
            order by entity_code asc
        ) as preference
    from amounts
    where entity_level = 'district' and basis = 'total' and gap_percentage_points is not null
),

-- Years in which the district is known by any of the items that the growths are read from.
known_years as (
    select distinct
        growths.region_code,
        growths.district_code,
        growths.fiscal_year
    from growths
    inner join listed on growths.item_code = listed.item_code
    union
    select
        region_code,
        district_code,
        fiscal_year
    from growths
    where item_code = 'recurring_revenue'
),

-- Per pupil as published where it is, or else the total over the average pupils.
ranked as (
    select
        growths.*,
        row_number() over (
            partition by
                growths.district_code, growths.fiscal_year, growths.item_code, growths.stage,
                growths.leg = 'total'
            order by
                (growths.growth_pct is null) asc,
                (growths.leg = 'per_student_computed') asc,
                growths.leg asc
        ) as preference
    from growths
),

chosen as (
    select * from ranked
    where preference = 1
),

revenue as (
    select * from chosen
    where item_code = 'recurring_revenue' and leg = 'total' and stage = 'all_stages'
),

-- Revenue of the same fiscal year, never of another.
paired as (
    select
        known_years.region_code,
        known_years.district_code,
        known_years.fiscal_year,
        listed.growth_code,
        listed.stage,
        listed.item_code,
        listed.growth_code = 'spending_over_revenue' as is_held_against_revenue,
        chosen.leg,
        chosen.scope_code,
        chosen.vintage,
        chosen.currency_code,
        chosen.amount,
        chosen.compared_amount,
        chosen.previous_amount,
        chosen.growth_pct,
        chosen.growth_source,
        chosen.reason as growth_reason,
        chosen.leg is not null as is_reported,
        case when listed.growth_code = 'spending_over_revenue' then revenue.compared_amount end
            as revenue_amount,
        case when listed.growth_code = 'spending_over_revenue' then revenue.previous_amount end
            as revenue_previous_amount,
        -- Of the revenue itself where a table tells it, else as it is printed beside the growth of spending.
        case
            when listed.growth_code = 'spending_over_revenue'
                then coalesce(revenue.growth_pct, beside.recurring_revenue_growth_pct)
        end as revenue_growth_pct,
        case
            when listed.growth_code <> 'spending_over_revenue' then null
            when revenue.growth_pct is not null then 'revenue_row'
            when beside.recurring_revenue_growth_pct is not null then 'beside_spending'
        end as revenue_growth_source,
        case when listed.growth_code = 'spending_over_revenue' then gaps.gap_percentage_points end
            as published_gap_points
    from known_years
    cross join listed
    left join chosen
        on
            known_years.district_code = chosen.district_code
            and known_years.region_code = chosen.region_code
            and known_years.fiscal_year = chosen.fiscal_year
            and listed.item_code = chosen.item_code
            and listed.stage = chosen.stage
            and (listed.growth_code = 'spending_over_revenue') = (chosen.leg = 'total')
    left join revenue
        on
            known_years.district_code = revenue.district_code
            and known_years.region_code = revenue.region_code
            and known_years.fiscal_year = revenue.fiscal_year
            -- Two growths out of two kinds of document are no pair.
            and chosen.vintage = revenue.vintage
    left join ranked_beside as beside
        on
            chosen.district_code = beside.district_code
            and chosen.region_code = beside.region_code
            and chosen.fiscal_year = beside.fiscal_year
            and chosen.stage = beside.stage
            and chosen.item_code = beside.item_code
            and chosen.scope_code = beside.scope_code
            and chosen.vintage = beside.vintage
            and beside.preference = 1
    left join ranked_gaps as gaps
        on
            chosen.district_code = gaps.district_code
            and chosen.region_code = gaps.region_code
            and chosen.fiscal_year = gaps.fiscal_year
            and chosen.stage = gaps.stage
            and chosen.item_code = gaps.item_code
            and chosen.scope_code = gaps.scope_code
            and chosen.fund_source_code = gaps.fund_source_code
            and chosen.vintage = gaps.vintage
            and chosen.edition = gaps.edition
            and gaps.preference = 1
),

judged as (
    select
        *,
        case when is_held_against_revenue then growth_pct - revenue_growth_pct else growth_pct end
            as judged_points
    from paired
)

select
    region_code,
    district_code,
    fiscal_year,
    growth_code,
    stage,
    item_code,
    leg,
    scope_code,
    vintage,
    currency_code,
    amount,
    compared_amount,
    previous_amount,
    growth_pct,
    growth_source,
    revenue_amount,
    revenue_previous_amount,
    revenue_growth_pct,
    revenue_growth_source,
    published_gap_points,
    case when is_held_against_revenue then judged_points end as gap_points,
    judged_points,
    case
        when judged_points is null then 'no_data'
        when judged_points >= 0 then 'met'
        else 'not_met'
    end as verdict,
    case
        when judged_points is null then 'no_data'
        when judged_points > 0 then 'met'
        else 'not_met'
    end as verdict_strict,
    case
        when judged_points is not null then null
        when not is_reported then 'item_missing'
        when growth_pct is null then growth_reason
        else 'revenue_missing'
    end as reason
from judged
