{% set rounded = 'round(school_indicators.value, indicators.decimals)' %}

with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

compared as (
    select
        school_indicators.standard_code,
        school_indicators.district_code,
        school_indicators.school_year,
        school_indicators.stage,
        school_indicators.school_code,
        school_indicators.students,
        school_indicators.is_reported,
        school_indicators.concession_code,
        indicators.indicator_number,
        indicators.sort_order,
        indicators.min_indicators_met,
        {{ reaches('school_indicators.value', 'indicators.direction', 'indicators.threshold') }} as is_met,
        {{ reaches('school_indicators.value', 'indicators.direction', 'indicators.floor_value') }}
            as is_at_floor,
        {{ reaches(rounded, 'indicators.direction', 'indicators.threshold') }} as is_met_rounded,
        {{ reaches(rounded, 'indicators.direction', 'indicators.floor_value') }} as is_at_floor_rounded,
        case indicators.direction
            when 'at_least' then {{ divide('school_indicators.value', 'indicators.threshold') }}
            when 'at_most' then {{ divide('indicators.threshold', 'school_indicators.value') }}
        end as threshold_share
    from school_indicators
    inner join indicators
        on
            school_indicators.standard_code = indicators.standard_code
            and school_indicators.stage = indicators.stage
            and school_indicators.indicator_code = indicators.indicator_code
    where
        indicators.threshold is not null
        and indicators.min_indicators_met is not null
),

totals as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        school_code,
        students,
        min_indicators_met,
        count(*) as indicators_judged,
        count(*) filter (where is_reported) as indicators_reported,
        count(*) filter (where is_met) as indicators_met,
        count(*) filter (where not is_met and is_at_floor) as indicators_near,
        count(*) filter (where is_met_rounded) as indicators_met_rounded,
        count(*) filter (where not is_met_rounded and is_at_floor_rounded) as indicators_near_rounded,
        min(threshold_share) filter (where not is_met) as lowest_share,
        string_agg(indicator_number, ',' order by sort_order) filter (where not is_met) as unmet_indicators,
        string_agg(indicator_number, ',' order by sort_order)
        filter (where not is_met and is_at_floor) as near_indicators,
        string_agg(indicator_number, ',' order by sort_order)
        filter (where not is_reported) as missing_indicators,
        string_agg(indicator_number, ',' order by sort_order)
        filter (where is_met <> is_met_rounded) as indicators_turned_by_rounding,
        string_agg(concession_code, ',' order by sort_order) as concession_codes
    from compared
    group by
        standard_code,
        district_code,
        school_year,
        stage,
        school_code,
        students,
        min_indicators_met
)

select
    standard_code,
    district_code,
    school_year,
    stage,
    school_code,
    students,
    min_indicators_met,
    indicators_judged,
    indicators_reported,
    indicators_met,
    indicators_near,
    lowest_share,
    unmet_indicators,
    near_indicators,
    missing_indicators,
    concession_codes,
    indicators_turned_by_rounding,
    (
        indicators_reported = indicators_judged
        and (indicators_met >= min_indicators_met and indicators_met + indicators_near = indicators_judged)
        <> (
            indicators_met_rounded >= min_indicators_met
            and indicators_met_rounded + indicators_near_rounded = indicators_judged
        )
    ) as is_turned_by_rounding,
    case
        when indicators_reported < indicators_judged then 'no_data'
        when indicators_met >= min_indicators_met and indicators_met + indicators_near = indicators_judged
            then 'met'
        else 'not_met'
    end as verdict,
    case when indicators_reported < indicators_judged then 'indicators_missing' end as reason_code
from totals
