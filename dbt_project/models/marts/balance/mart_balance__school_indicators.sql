{% set rounded = 'round(school_indicators.value, indicators.decimals)' %}

with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

verdicts as (
    select * from {{ ref('verdict') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

concessions as (
    select * from {{ ref('standard_concession') }}
),

judged as (
    select
        school_indicators.standard_code,
        indicators.standard_zh,
        indicators.standard_en,
        schools.region_code,
        school_indicators.district_code,
        districts.district_name,
        school_indicators.school_year,
        school_indicators.stage,
        indicators.stage_zh,
        indicators.stage_en,
        school_indicators.school_code,
        schools.school_name,
        schools.school_type_zh,
        schools.school_type_en,
        schools.sector,
        schools.urban_rural_group,
        schools.town_code,
        schools.town_name,
        school_indicators.indicator_code,
        indicators.indicator_number,
        indicators.indicator_zh,
        indicators.indicator_en,
        indicators.unit_zh,
        indicators.unit_en,
        school_indicators.students,
        school_indicators.numerator,
        school_indicators.denominator,
        school_indicators.concession_code,
        school_indicators.concession_amount,
        round(school_indicators.value, 16) as value,
        round(school_indicators.value, indicators.decimals) as value_rounded,
        indicators.direction,
        indicators.threshold,
        indicators.floor_value,
        schools.note_code,
        case
            when indicators.threshold is null then 'not_applicable'
            when school_indicators.value is null then 'no_data'
            when
                {{ reaches('school_indicators.value', 'indicators.direction', 'indicators.threshold') }}
                then 'met'
            else 'not_met'
        end as verdict,
        -- The printed figure would be judged otherwise.
        coalesce(
            {{ reaches('school_indicators.value', 'indicators.direction', 'indicators.threshold') }}
            <> {{ reaches(rounded, 'indicators.direction', 'indicators.threshold') }},
            false
        ) as is_turned_by_rounding,
        case
            when school_indicators.reason_code is not null then school_indicators.reason_code
            when indicators.threshold is null then 'no_limit'
        end as reason_code
    from school_indicators
    inner join indicators
        on
            school_indicators.standard_code = indicators.standard_code
            and school_indicators.stage = indicators.stage
            and school_indicators.indicator_code = indicators.indicator_code
    inner join schools
        on
            school_indicators.district_code = schools.district_code
            and school_indicators.school_year = schools.school_year
            and school_indicators.school_code = schools.school_code
    inner join districts on school_indicators.district_code = districts.district_code
)

select
    judged.standard_code,
    judged.standard_zh,
    judged.standard_en,
    judged.region_code,
    judged.district_code,
    judged.district_name,
    judged.school_year,
    judged.stage,
    judged.stage_zh,
    judged.stage_en,
    judged.school_code,
    judged.school_name,
    judged.school_type_zh,
    judged.school_type_en,
    judged.sector,
    judged.urban_rural_group,
    judged.town_code,
    judged.town_name,
    judged.indicator_code,
    judged.indicator_number,
    judged.indicator_zh,
    judged.indicator_en,
    judged.unit_zh,
    judged.unit_en,
    judged.students,
    judged.numerator,
    judged.denominator,
    judged.concession_code,
    concessions.name_zh as concession_zh,
    concessions.name_en as concession_en,
    judged.concession_amount,
    judged.value,
    judged.value_rounded,
    judged.direction,
    judged.threshold,
    judged.floor_value,
    judged.verdict,
    verdicts.name_zh as verdict_zh,
    verdicts.name_en as verdict_en,
    judged.is_turned_by_rounding,
    judged.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en,
    judged.note_code,
    notes.name_zh as note_zh,
    notes.name_en as note_en
from judged
inner join verdicts on judged.verdict = verdicts.verdict
left join reasons on judged.reason_code = reasons.reason_code
left join concessions
    on
        judged.standard_code = concessions.standard_code
        and judged.concession_code = concessions.concession_code
left join reasons as notes on judged.note_code = notes.reason_code
