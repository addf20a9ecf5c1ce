with restatements as (
    select * from {{ ref('int_spending_restatements') }}
),

series as (
    select * from {{ ref('int_spending_series') }}
),

axes as (
    select * from {{ ref('finance_belief_axis') }}
),

causes as (
    select * from {{ ref('finance_restatement_cause') }}
),

legs as (
    select * from {{ ref('finance_leg') }}
),

items as (
    select * from {{ ref('code_finance_item') }}
    where is_spending
),

stages as (
    select * from {{ ref('code_stage') }}
),

vintages as (
    select * from {{ ref('code_finance_vintage') }}
),

verdicts as (
    select * from {{ ref('verdict') }}
),

parameters as (
    select max(value) filter (where parameter = 'computed_amount_decimals')::integer as computed_decimals
    from {{ ref('finance_parameter') }}
),

named as (
    select
        restatements.*,
        series.region_code,
        series.entity_level,
        series.entity_code,
        series.entity_name,
        series.leg,
        series.item_code,
        series.stage,
        series.scope_code,
        series.fund_source_code,
        case
            when legs.student_count_method in ('year_average', 'school_year_start')
                then parameters.computed_decimals
        end as decimals
    from restatements
    inner join series
        on restatements.district_code = series.district_code and restatements.series_key = series.series_key
    inner join legs on series.leg = legs.leg
    cross join parameters
)

select
    named.region_code,
    named.district_code,
    named.entity_code,
    named.entity_name,
    named.entity_level,
    named.leg,
    legs.name_zh as leg_zh,
    legs.name_en as leg_en,
    named.item_code,
    items.name_zh as item_zh,
    items.name_en as item_en,
    named.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    named.scope_code,
    named.fund_source_code,
    named.fiscal_year,
    named.belief_axis,
    axes.name_zh as belief_axis_zh,
    axes.name_en as belief_axis_en,
    named.version,
    named.believed_from_point,
    named.believed_until_point,
    case when named.belief_axis = 'loaded' then named.believed_from_point::date end as believed_from_date,
    case when named.belief_axis = 'loaded' then named.believed_until_point::date end as believed_until_date,
    named.is_believed_now,
    named.cause,
    causes.name_zh as cause_zh,
    causes.name_en as cause_en,
    named.vintage,
    vintages.name_zh as vintage_zh,
    vintages.name_en as vintage_en,
    named.edition,
    {% for column in [
        'amount', 'replaced_amount', 'restated_amount', 'previous_amount', 'floor_amount', 'amount_now',
        'floor_amount_now'
    ] %}
        case
            when named.decimals is null then named.{{ column }} else round(named.{{ column }}, named.decimals)
        end
            as {{ column }},
    {% endfor %}
    named.verdict,
    then_verdicts.name_zh as verdict_zh,
    then_verdicts.name_en as verdict_en,
    named.verdict_now,
    now_verdicts.name_zh as verdict_now_zh,
    now_verdicts.name_en as verdict_now_en,
    named.is_verdict_turned,
    named.floor_verdict,
    named.floor_verdict_now,
    named.is_floor_verdict_turned,
    named.batch_id
from named
inner join axes on named.belief_axis = axes.belief_axis
inner join legs on named.leg = legs.leg
-- Revenue, pay and standards are no spending: other marts judge them.
inner join items on named.item_code = items.code
inner join stages on named.stage = stages.code
left join causes on named.cause = causes.cause
left join vintages on named.vintage = vintages.code
left join verdicts as then_verdicts on named.verdict = then_verdicts.verdict
left join verdicts as now_verdicts on named.verdict_now = now_verdicts.verdict
