with judged as (
    select * from {{ ref('int_three_growths') }}
),

listed as (
    select * from {{ ref('finance_growth') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

items as (
    select * from {{ ref('code_finance_item') }}
),

scopes as (
    select * from {{ ref('code_finance_scope') }}
),

legs as (
    select * from {{ ref('finance_leg') }}
),

verdicts as (
    select * from {{ ref('verdict') }}
),

reasons as (
    select * from {{ ref('finance_reason') }}
),

-- Growth is printed with two decimals; the verdict comes before.
rounded as (
    select
        *,
        round(growth_pct, 2) as growth_pct_rounded,
        round(revenue_growth_pct, 2) as revenue_growth_pct_rounded,
        round(gap_points, 2) as gap_points_rounded,
        round(judged_points, 2) as judged_points_rounded
    from judged
)

select
    rounded.region_code,
    rounded.district_code,
    rounded.fiscal_year,
    rounded.growth_code,
    listed.name_zh as growth_zh,
    listed.name_en as growth_en,
    rounded.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    rounded.item_code,
    items.name_zh as item_zh,
    items.name_en as item_en,
    rounded.leg,
    legs.name_zh as leg_zh,
    legs.name_en as leg_en,
    rounded.scope_code,
    scopes.name_zh as scope_zh,
    scopes.name_en as scope_en,
    rounded.vintage,
    rounded.currency_code,
    round(rounded.compared_amount, 2) as amount,
    round(rounded.previous_amount, 2) as previous_amount,
    rounded.growth_pct_rounded as growth_pct,
    rounded.growth_source,
    rounded.revenue_amount,
    rounded.revenue_previous_amount,
    rounded.revenue_growth_pct_rounded as revenue_growth_pct,
    rounded.revenue_growth_source,
    rounded.published_gap_points,
    rounded.gap_points_rounded as gap_points,
    rounded.verdict,
    verdicts.name_zh as verdict_zh,
    verdicts.name_en as verdict_en,
    rounded.verdict_strict,
    strict_verdicts.name_zh as verdict_strict_zh,
    strict_verdicts.name_en as verdict_strict_en,
    (sign(rounded.judged_points) <> sign(rounded.judged_points_rounded)) is true as is_turned_by_rounding,
    rounded.reason,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from rounded
inner join listed on rounded.growth_code = listed.growth_code and rounded.stage = listed.stage
inner join stages on rounded.stage = stages.code
inner join items on rounded.item_code = items.code
inner join verdicts on rounded.verdict = verdicts.verdict
inner join verdicts as strict_verdicts on rounded.verdict_strict = strict_verdicts.verdict
left join scopes on rounded.scope_code = scopes.code
left join legs on rounded.leg = legs.leg
left join reasons on rounded.reason = reasons.reason
