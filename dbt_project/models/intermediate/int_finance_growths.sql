with statuses as (
    select * from {{ ref('int_spending_status') }}
    where belief_axis = 'now' and entity_level = 'district'
),

legs as (
    select * from {{ ref('finance_leg') }}
),

parameters as (
    select
        max(value) filter (where parameter = 'judged_on') as judged_on,
        max(value) filter (where parameter = 'headline_scope') as headline_scope,
        max(value) filter (where parameter = 'headline_fund_source') as headline_fund_source,
        max(value) filter (where parameter = 'student_count_method') as student_count_method
    from {{ ref('finance_parameter') }}
),

-- Of the ways to count pupils, only that of the standard is judged.
spending as (
    select statuses.*
    from statuses
    inner join legs on statuses.leg = legs.leg
    cross join parameters
    where
        legs.student_count_method is null
        or legs.student_count_method in ('as_published', parameters.student_count_method)
),

ranked as (
    select
        spending.*,
        row_number() over (
            partition by
                spending.district_code, spending.fiscal_year, spending.item_code, spending.leg, spending.stage
            order by
                -- A scope that can be compared with the year before, then the headline of the bulletins.
                (spending.direction_judged is null) asc,
                (spending.scope_code = parameters.headline_scope) desc,
                (spending.fund_source_code = parameters.headline_fund_source) desc,
                (spending.fund_source_code = 'not_stated') desc,
                (spending.entity_code = spending.district_code) desc,
                spending.scope_code asc,
                spending.fund_source_code asc,
                spending.entity_code asc,
                spending.region_code asc
        ) as preference
    from spending
    cross join parameters
),

grown as (
    select
        *,
        case
            when judged_on = 'comparable_scope' and is_scope_restated then growth_pct
            else coalesce(change_pct, case when change_amount is null then growth_pct end)
        end as judged_growth_pct
    from ranked
    where preference = 1
)

select
    region_code,
    district_code,
    fiscal_year,
    item_code,
    leg,
    stage,
    scope_code,
    fund_source_code,
    coalesce(compared_vintage, vintage) as vintage,
    coalesce(compared_edition, edition) as edition,
    currency_code,
    amount,
    compared_amount,
    previous_amount,
    change_amount,
    judged_growth_pct as growth_pct,
    case
        when judged_growth_pct is null then null
        when judged_on = 'comparable_scope' and is_scope_restated then 'comparable_scope'
        else 'printed'
    end as growth_source,
    direction_judged,
    shortfall_amount,
    case
        when judged_growth_pct is not null then null
        when direction_judged is not null then 'previous_amount_zero'
        else reason
    end as reason
from grown
