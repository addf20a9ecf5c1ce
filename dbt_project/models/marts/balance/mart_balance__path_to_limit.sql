with coefficients as (
    select * from {{ ref('mart_balance__coefficients') }}
),

totals as (
    select * from {{ ref('int_coefficients') }}
),

rise_steps as (
    select * from {{ ref('int_rise_steps') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

measures as (
    select * from {{ ref('measure') }}
),

units as (
    select * from {{ ref('measure_unit') }}
),

targets as (
    select * from {{ ref('rise_target') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

-- Each coefficient over its limit, once for each target that its indicator has.
over_limit as (
    select
        coefficients.standard_code,
        coefficients.standard_zh,
        coefficients.standard_en,
        coefficients.region_code,
        coefficients.district_code,
        coefficients.district_name,
        coefficients.school_year,
        coefficients.stage,
        coefficients.stage_zh,
        coefficients.stage_en,
        coefficients.indicator_code,
        coefficients.indicator_number,
        coefficients.indicator_zh,
        coefficients.indicator_en,
        coefficients.coefficient_limit,
        indicators.scale,
        indicators.coefficient_decimals,
        units.name_zh as unit_zh,
        units.name_en as unit_en,
        totals.numerator_total,
        totals.denominator_total,
        totals.spread,
        targets.target_code,
        targets.name_zh as target_zh,
        targets.name_en as target_en,
        case targets.target_code
            when 'threshold' then indicators.threshold
            when 'mean' then totals.mean
        end as target_value
    from coefficients
    inner join totals
        on
            coefficients.standard_code = totals.standard_code
            and coefficients.district_code = totals.district_code
            and coefficients.school_year = totals.school_year
            and coefficients.stage = totals.stage
            and coefficients.indicator_code = totals.indicator_code
    inner join indicators
        on
            coefficients.standard_code = indicators.standard_code
            and coefficients.stage = indicators.stage
            and coefficients.indicator_code = indicators.indicator_code
    inner join measures on indicators.numerator_measure = measures.measure_code
    inner join units on measures.unit = units.unit
    cross join targets
    where
        coefficients.verdict = 'not_met'
        and indicators.direction is distinct from 'at_most'
        and targets.target_code in ('threshold', 'mean')
),

aimed as (
    select * from over_limit
    where target_value is not null
),

cumulated as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        target_code,
        step,
        school_code,
        value,
        units_needed,
        sum(units_needed) over so_far as units_total,
        sum(spread_change) over so_far as spread_change_total,
        schools_below_target
    from rise_steps
    window so_far as (
        partition by standard_code, district_code, school_year, stage, indicator_code, target_code
        order by step
    )
),

-- Step 0 is today: no school has risen.
steps as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        target_code,
        0 as step,
        null as school_code,
        null as value,
        null as units_needed,
        0 as units_total,
        0 as spread_change_total,
        0 as schools_below_target
    from aimed
    union all
    select * from cumulated
),

after_each as (
    select
        aimed.*,
        steps.step,
        steps.school_code,
        steps.value,
        steps.units_needed,
        steps.units_total,
        steps.schools_below_target as schools_counted,
        {{ divide('(aimed.numerator_total + steps.units_total) * aimed.scale', 'aimed.denominator_total') }}
            as mean,
        {{ coefficient(
            '(aimed.spread + steps.spread_change_total '
            ~ '- aimed.denominator_total * steps.units_total * steps.units_total)',
            'aimed.denominator_total',
            '(aimed.numerator_total + steps.units_total)'
        ) }} as coefficient
    from aimed
    inner join steps
        on
            aimed.standard_code = steps.standard_code
            and aimed.district_code = steps.district_code
            and aimed.school_year = steps.school_year
            and aimed.stage = steps.stage
            and aimed.indicator_code = steps.indicator_code
            and aimed.target_code = steps.target_code
),

judged as (
    select
        *,
        max(schools_counted) over whole as schools_below_target,
        min(step) filter (where round(coefficient, 16) <= coefficient_limit) over whole as steps_needed
    from after_each
    window whole as (
        partition by standard_code, district_code, school_year, stage, indicator_code, target_code
    )
),

stated as (
    select
        *,
        case
            when schools_below_target = 0 then 'no_school_below_target'
            when steps_needed is null then 'rises_not_enough'
        end as reason_code
    from judged
    where step <= coalesce(steps_needed, step)
)

select
    stated.standard_code,
    stated.standard_zh,
    stated.standard_en,
    stated.region_code,
    stated.district_code,
    stated.district_name,
    stated.school_year,
    stated.stage,
    stated.stage_zh,
    stated.stage_en,
    stated.indicator_code,
    stated.indicator_number,
    stated.indicator_zh,
    stated.indicator_en,
    stated.target_code,
    stated.target_zh,
    stated.target_en,
    round(stated.target_value, 16) as target_value,
    stated.step,
    stated.school_code,
    schools.school_name,
    round(stated.value, 16) as value_before,
    stated.units_needed,
    stated.units_total,
    stated.unit_zh,
    stated.unit_en,
    round(stated.mean, 16) as mean,
    round(stated.coefficient, 16) as coefficient,
    round(stated.coefficient, stated.coefficient_decimals) as coefficient_rounded,
    stated.coefficient_limit,
    coalesce(stated.step = stated.steps_needed, false) as is_enough,
    stated.steps_needed,
    stated.schools_below_target,
    stated.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from stated
left join schools
    on
        stated.district_code = schools.district_code
        and stated.school_year = schools.school_year
        and stated.school_code = schools.school_code
left join reasons on stated.reason_code = reasons.reason_code
