with clauses as (
    select * from {{ ref('int_clause_board') }}
    where plan_kind = 'assessment'
),

components as (
    select * from {{ ref('int_component_board') }}
    where is_judged
),

coefficients as (
    select * from {{ ref('int_coefficients') }}
),

school_verdicts as (
    select * from {{ ref('int_school_verdicts') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

-- The coefficients over their limits, by name: a count of them does not say where to begin.
over_limit as (
    select
        coefficients.standard_code,
        coefficients.district_code,
        coefficients.school_year,
        string_agg(
            indicators.stage_zh || ' ' || indicators.indicator_number || ' ' || indicators.indicator_zh || ' '
            || round(coefficients.coefficient, indicators.coefficient_decimals) || '（限值 '
            || {{ plain_number('indicators.coefficient_limit') }} || '）',
            '、' order by coefficients.stage desc, indicators.sort_order asc
        ) as detail_zh,
        string_agg(
            indicators.stage_en || ' ' || indicators.indicator_number || ' ' || indicators.indicator_en || ' '
            || round(coefficients.coefficient, indicators.coefficient_decimals) || ' (limit '
            || {{ plain_number('indicators.coefficient_limit') }} || ')',
            ', ' order by coefficients.stage desc, indicators.sort_order asc
        ) as detail_en
    from coefficients
    inner join indicators
        on
            coefficients.standard_code = indicators.standard_code
            and coefficients.stage = indicators.stage
            and coefficients.indicator_code = indicators.indicator_code
    where
        coefficients.reason_code is null
        and not {{ reaches('coefficients.coefficient', "'at_most'", 'indicators.coefficient_limit') }}
    group by
        coefficients.standard_code,
        coefficients.district_code,
        coefficients.school_year
),

failing as (
    select * from school_verdicts
    where verdict = 'not_met'
),

-- Which indicators the failing schools lack, and how many of them each.
lacked as (
    select
        failing.standard_code,
        failing.district_code,
        failing.school_year,
        lacks.indicator_number,
        count(*) as schools
    from failing
    cross join
        lateral unnest(string_to_array(failing.unmet_indicators, ',')) as lacks (indicator_number)
    group by
        failing.standard_code,
        failing.district_code,
        failing.school_year,
        lacks.indicator_number
),

lacked_by_schools as (
    select
        standard_code,
        district_code,
        school_year,
        '未达标学校所缺 ' || string_agg(
            indicator_number || ' ' || schools || ' 所', '、' order by schools desc, indicator_number asc
        ) as detail_zh,
        'failing schools lack ' || string_agg(
            indicator_number || ' (' || schools || ')', ', ' order by schools desc, indicator_number asc
        ) as detail_en
    from lacked
    group by
        standard_code,
        district_code,
        school_year
),

named as (
    select
        failing.standard_code,
        failing.district_code,
        failing.school_year,
        string_agg(
            coalesce(schools.school_name, failing.school_code) || ' · ' || stages.name_zh || ' '
            || stages.name_en || ' · ' || failing.unmet_indicators,
            '；' order by failing.stage desc, failing.school_code asc
        ) as failing_schools
    from failing
    inner join stages on failing.stage = stages.code
    inner join schools
        on
            failing.district_code = schools.district_code
            and failing.school_year = schools.school_year
            and failing.school_code = schools.school_code
    group by
        failing.standard_code,
        failing.district_code,
        failing.school_year
),

-- Every component that is judged, not only the one that decides its clause: each is to be mended.
told as (
    select
        components.plan_code,
        components.district_code,
        components.year,
        components.component_number,
        components.direction,
        components.unit_zh,
        components.unit_en,
        components.direction_zh,
        components.direction_en,
        components.reason_zh,
        components.reason_en,
        clauses.sort_order,
        named.failing_schools,
        clauses.clause_code || ' ' || clauses.name_zh || '：' || components.component_zh as item_zh,
        clauses.clause_code || ' ' || clauses.name_en || ': ' || components.component_en as item_en,
        -- The verdict is on the year: what was met before does not soften it.
        case
            when components.status = 'met_last_year_not_now' then 'not_met' else components.status
        end as year_status,
        -- A value that rounding would carry over the line is printed with more digits.
        {{ plain_number(
            'case when components.is_turned_by_rounding then components.value else components.value_rounded end'
        ) }} as found,
        {{ plain_number('coalesce(components.target, components.previous_value)') }} as line,
        {{ plain_number('components.numerator') }} || '/' || {{ plain_number('components.denominator') }}
            as parts,
        case clauses.part
            when 'coefficients' then over_limit.detail_zh when 'schools' then lacked_by_schools.detail_zh
        end as detail_zh,
        case clauses.part
            when 'coefficients' then over_limit.detail_en when 'schools' then lacked_by_schools.detail_en
        end as detail_en
    from components
    inner join clauses
        on
            components.plan_code = clauses.plan_code
            and components.clause_code = clauses.clause_code
            and components.district_code = clauses.district_code
            and components.year = clauses.year
    left join over_limit
        on
            components.standard_code = over_limit.standard_code
            and components.district_code = over_limit.district_code
            and components.year = over_limit.school_year
    left join lacked_by_schools
        on
            components.standard_code = lacked_by_schools.standard_code
            and components.district_code = lacked_by_schools.district_code
            and components.year = lacked_by_schools.school_year
    left join named
        on
            clauses.part = 'schools'
            and components.standard_code = named.standard_code
            and components.district_code = named.district_code
            and components.year = named.school_year
)

select
    plan_code,
    district_code,
    year,
    string_agg(
        item_zh || case
            when direction = 'is_declared' then '（申报为否）'
            else concat(
                ' ', found, ' ', unit_zh,
                '（', parts || '，', '应', direction_zh, ' ' || line, '）', '：' || detail_zh
            )
        end, '；'
        order by sort_order, component_number
    ) filter (where year_status = 'not_met') as breaks_zh,
    string_agg(
        item_en || case
            when direction = 'is_declared' then ' (declared as no)'
            else concat(
                ' ', found, ' ', unit_en,
                ' (', parts || '; ', 'asked: ', lower(direction_en), ' ' || line, ')', ': ' || detail_en
            )
        end, '; '
        order by sort_order, component_number
    ) filter (where year_status = 'not_met') as breaks_en,
    string_agg(item_zh || coalesce('（' || reason_zh || '）', ''), '；' order by sort_order, component_number)
    filter (where year_status = 'no_data') as missing_zh,
    string_agg(
        item_en || coalesce(' (' || lower(reason_en) || ')', ''), '; ' order by sort_order, component_number
    ) filter (where year_status = 'no_data') as missing_en,
    max(failing_schools) as failing_schools
from told
group by
    plan_code,
    district_code,
    year
