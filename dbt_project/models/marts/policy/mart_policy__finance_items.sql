with growths as (
    select * from {{ ref('int_finance_growths') }}
),

items as (
    select * from {{ ref('code_finance_item') }}
),

legs as (
    select * from {{ ref('finance_leg') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

reasons as (
    select * from {{ ref('finance_reason') }}
)

select
    growths.region_code,
    growths.district_code,
    growths.fiscal_year,
    growths.item_code,
    items.name_zh as item_zh,
    items.name_en as item_en,
    growths.leg,
    legs.name_zh as leg_zh,
    legs.name_en as leg_en,
    growths.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    growths.currency_code,
    growths.amount,
    growths.compared_amount,
    growths.previous_amount,
    growths.change_amount,
    growths.growth_pct,
    growths.reason as reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from growths
inner join items on growths.item_code = items.code
inner join legs on growths.leg = legs.leg
left join stages on growths.stage = stages.code
left join reasons on growths.reason = reasons.reason
