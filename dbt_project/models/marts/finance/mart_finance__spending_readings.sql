with spending as (
    select * from {{ ref('int_spending_status') }}
    where belief_axis = 'now'
),

by_reading as (
    select * from {{ ref('int_spending_readings') }}
    where belief_axis = 'now'
),

reading_names as (
    select * from {{ ref('finance_reading') }}
),

legs as (
    select * from {{ ref('finance_leg') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

items as (
    select * from {{ ref('code_finance_item') }}
    where is_spending
),

scopes as (
    select * from {{ ref('code_finance_scope') }}
),

verdicts as (
    select * from {{ ref('verdict') }}
),

parameters as (
    select max(value) filter (where parameter = 'computed_amount_decimals')::integer as computed_decimals
    from {{ ref('finance_parameter') }}
),

-- Cut to the cent only here, after the verdict; what is printed with more decimals keeps them.
rounded as (
    select
        by_reading.*,
        case
            when legs.student_count_method in ('year_average', 'school_year_start')
                then parameters.computed_decimals
            else
                greatest(
                    parameters.computed_decimals, scale(spending.amount), scale(by_reading.compared_amount)
                )
        end as decimals
    from by_reading
    inner join spending
        on
            by_reading.district_code = spending.district_code
            and by_reading.series_key = spending.series_key
            and by_reading.fiscal_year = spending.fiscal_year
    inner join legs on spending.leg = legs.leg
    cross join parameters
)

select
    spending.region_code,
    spending.district_code,
    spending.entity_code,
    spending.entity_name,
    spending.entity_level,
    spending.leg,
    legs.name_zh as leg_zh,
    legs.name_en as leg_en,
    spending.item_code,
    items.name_zh as item_zh,
    items.name_en as item_en,
    spending.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    spending.scope_code,
    scopes.name_zh as scope_zh,
    scopes.name_en as scope_en,
    spending.fund_source_code,
    spending.fiscal_year,
    rounded.reading,
    reading_names.name_zh as reading_zh,
    reading_names.name_en as reading_en,
    reading_names.definition_zh,
    reading_names.definition_en,
    rounded.reading = spending.judged_on as is_judged,
    rounded.floor_vintage,
    spending.currency_code,
    {% for column in [
        'compared_amount', 'previous_comparable_amount', 'floor_compared_amount', 'floor_amount', 'shortfall_amount'
    ] %}
        round(rounded.{{ column }}, rounded.decimals) as {{ column }},
    {% endfor %}
    rounded.floor_set_year,
    rounded.exception_amount,
    rounded.exception_documents,
    rounded.direction,
    rounded.verdict,
    verdicts.name_zh as verdict_zh,
    verdicts.name_en as verdict_en,
    rounded.verdict_strict,
    rounded.floor_verdict,
    floor_verdicts.name_zh as floor_verdict_zh,
    floor_verdicts.name_en as floor_verdict_en,
    rounded.floor_verdict_strict,
    spending.batch_id,
    spending.source_sheet,
    spending.source_row
from rounded
inner join spending
    on
        rounded.district_code = spending.district_code
        and rounded.series_key = spending.series_key
        and rounded.fiscal_year = spending.fiscal_year
inner join reading_names on rounded.reading = reading_names.reading
inner join legs on spending.leg = legs.leg
-- Revenue, pay and standards are no spending: other marts judge them.
inner join items on spending.item_code = items.code
inner join stages on spending.stage = stages.code
inner join scopes on spending.scope_code = scopes.code
inner join verdicts on rounded.verdict = verdicts.verdict
inner join verdicts as floor_verdicts on rounded.floor_verdict = floor_verdicts.verdict
