with spending as (
    select * from {{ ref('int_spending_status') }}
    where belief_axis = 'now'
),

readings as (
    select * from {{ ref('int_spending_readings') }}
    where belief_axis = 'now'
),

reading_names as (
    select * from {{ ref('finance_reading') }}
),

fund_sources as (
    select * from {{ ref('code_finance_fund_source') }}
),

parameters as (
    select
        max(value) filter (where parameter = 'computed_amount_decimals')::integer as computed_decimals,
        max(value) filter (where parameter = 'last_school_year_months')::numeric as last_months,
        max(value) filter (where parameter = 'this_school_year_months')::numeric as this_months
    from {{ ref('finance_parameter') }}
),

legs as (
    select
        *,
        coalesce(student_count_method in ('year_average', 'school_year_start'), false) as is_computed
    from {{ ref('finance_leg') }}
),

-- One column a reading, beside the one that is judged.
by_reading as (
    select
        district_code,
        series_key,
        fiscal_year,
    {% for reading in ['nominal', 'comparable_scope', 'real'] %}
        max(verdict) filter (where reading = '{{ reading }}') as verdict_{{ reading }},
        max(floor_verdict) filter (where reading = '{{ reading }}') as floor_verdict_{{ reading }},
        max(floor_amount) filter (where reading = '{{ reading }}') as floor_amount_{{ reading }}
        {{- "," if not loop.last }}
    {% endfor %}
    from readings
    group by district_code, series_key, fiscal_year
),

-- Published amounts stay as printed; computed ones are cut to the cent only here, after the verdict.
rounded as (
    select
        spending.*,
        by_reading.verdict_nominal,
        by_reading.verdict_comparable_scope,
        by_reading.verdict_real,
        by_reading.floor_verdict_nominal,
        by_reading.floor_verdict_comparable_scope,
        by_reading.floor_verdict_real,
        legs.name_zh as leg_zh,
        legs.name_en as leg_en,
        legs.student_count_method,
        legs.method_zh,
        legs.method_en,
        parameters.last_months,
        parameters.this_months,
        {% for column in [
            'amount', 'compared_amount', 'previous_amount', 'change_amount', 'floor_compared_amount'
        ] %}
            case
                when legs.is_computed then round(spending.{{ column }}, parameters.computed_decimals)
                else spending.{{ column }}
            end as {{ column }}_published,
        {% endfor %}
        {% for column in ['floor_amount', 'shortfall_amount'] %}
            round(
                spending.{{ column }},
                case
                    when legs.is_computed then parameters.computed_decimals
                    else greatest(parameters.computed_decimals, scale(spending.floor_compared_amount))
                end
            ) as {{ column }}_published,
        {% endfor %}
        round(by_reading.floor_amount_nominal, parameters.computed_decimals) as floor_amount_nominal,
        round(by_reading.floor_amount_comparable_scope, parameters.computed_decimals)
            as floor_amount_comparable_scope,
        round(by_reading.floor_amount_real, parameters.computed_decimals) as floor_amount_real
    from spending
    inner join legs on spending.leg = legs.leg
    inner join by_reading
        on
            spending.district_code = by_reading.district_code
            and spending.series_key = by_reading.series_key
            and spending.fiscal_year = by_reading.fiscal_year
    cross join parameters
),

statuses as (
    select * from {{ ref('finance_status') }}
),

reasons as (
    select * from {{ ref('finance_reason') }}
),

verdicts as (
    select * from {{ ref('verdict') }}
),

levels as (
    select * from {{ ref('code_entity_level') }}
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

vintages as (
    select * from {{ ref('code_finance_vintage') }}
),

growth_bases as (
    select * from {{ ref('code_growth_basis') }}
)

select
    rounded.region_code,
    rounded.district_code,
    rounded.entity_code,
    rounded.entity_name,
    rounded.entity_level,
    levels.name_zh as entity_level_zh,
    levels.name_en as entity_level_en,
    rounded.leg,
    rounded.leg_zh,
    rounded.leg_en,
    rounded.item_code,
    items.name_zh as item_zh,
    items.name_en as item_en,
    rounded.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    rounded.scope_code,
    scopes.name_zh as scope_zh,
    scopes.name_en as scope_en,
    rounded.fund_source_code,
    fund_sources.name_zh as fund_source_zh,
    fund_sources.name_en as fund_source_en,
    rounded.fiscal_year,
    rounded.vintage,
    vintages.name_zh as vintage_zh,
    vintages.name_en as vintage_en,
    rounded.edition,
    rounded.amount_origin,
    rounded.price_basis,
    rounded.currency_code,
    rounded.amount_published as amount,
    rounded.students,
    rounded.student_count_method,
    rounded.is_restated,
    rounded.compared_vintage,
    rounded.compared_edition,
    rounded.compared_currency_code,
    rounded.compared_amount_published as compared_amount,
    rounded.previous_amount_published as previous_amount,
    rounded.previous_source,
    rounded.previous_edition,
    rounded.change_amount_published as change_amount,
    round(rounded.change_pct, 2) as change_pct,
    rounded.growth_pct as published_growth_pct,
    rounded.growth_basis as published_growth_basis,
    growth_bases.name_zh as published_growth_basis_zh,
    growth_bases.name_en as published_growth_basis_en,
    rounded.direction_printed,
    rounded.direction_comparable_scope,
    rounded.direction_real,
    rounded.is_scope_restated,
    rounded.judged_on,
    reading_names.name_zh as judged_on_zh,
    reading_names.name_en as judged_on_en,
    rounded.floor_vintage,
    rounded.floor_compared_amount_published as floor_compared_amount,
    rounded.floor_amount_published as floor_amount,
    rounded.floor_set_year,
    rounded.shortfall_amount_published as shortfall_amount,
    rounded.exception_amount,
    rounded.exception_documents,
    rounded.floor_amount_nominal,
    rounded.floor_amount_comparable_scope,
    rounded.floor_amount_real,
    rounded.index_previous_year_100,
    rounded.status,
    statuses.name_zh as status_zh,
    statuses.name_en as status_en,
    rounded.reason,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en,
    rounded.verdict,
    verdicts.name_zh as verdict_zh,
    verdicts.name_en as verdict_en,
    rounded.verdict_strict,
    strict_verdicts.name_zh as verdict_strict_zh,
    strict_verdicts.name_en as verdict_strict_en,
    rounded.floor_verdict,
    floor_verdicts.name_zh as floor_verdict_zh,
    floor_verdicts.name_en as floor_verdict_en,
    rounded.floor_verdict_strict,
    rounded.verdict_nominal,
    rounded.verdict_comparable_scope,
    rounded.verdict_real,
    rounded.floor_verdict_nominal,
    rounded.floor_verdict_comparable_scope,
    rounded.floor_verdict_real,
    -- The published figures alone would be read otherwise.
    (
        sign(rounded.change_amount_published) <> sign(rounded.change_amount)
        or sign(rounded.shortfall_amount_published) <> sign(rounded.shortfall_amount)
    ) is true as is_turned_by_rounding,
    replace(
        replace(rounded.method_zh, '{last}', rounded.last_months::text), '{this}', rounded.this_months::text
    )
        as method_zh,
    replace(
        replace(rounded.method_en, '{last}', rounded.last_months::text), '{this}', rounded.this_months::text
    )
        as method_en,
    rounded.document,
    rounded.batch_id,
    rounded.source_sheet,
    rounded.source_row
from rounded
inner join reading_names on rounded.judged_on = reading_names.reading
inner join fund_sources on rounded.fund_source_code = fund_sources.code
inner join statuses on rounded.status = statuses.status
left join reasons on rounded.reason = reasons.reason
inner join verdicts on rounded.verdict = verdicts.verdict
inner join verdicts as strict_verdicts on rounded.verdict_strict = strict_verdicts.verdict
inner join verdicts as floor_verdicts on rounded.floor_verdict = floor_verdicts.verdict
inner join levels on rounded.entity_level = levels.code
inner join stages on rounded.stage = stages.code
-- Revenue, pay and standards are no spending: other marts judge them.
inner join items on rounded.item_code = items.code and items.is_spending
inner join scopes on rounded.scope_code = scopes.code
inner join vintages on rounded.vintage = vintages.code
left join growth_bases on rounded.growth_basis = growth_bases.code
