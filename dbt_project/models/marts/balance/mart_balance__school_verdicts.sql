with school_verdicts as (
    select * from {{ ref('int_school_verdicts') }}
),

standards as (
    select * from {{ ref('standard') }}
),

stages as (
    select * from {{ ref('code_stage') }}
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
)

select
    school_verdicts.standard_code,
    standards.name_zh as standard_zh,
    standards.name_en as standard_en,
    schools.region_code,
    school_verdicts.district_code,
    districts.district_name,
    school_verdicts.school_year,
    school_verdicts.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    school_verdicts.school_code,
    schools.school_name,
    schools.school_type_zh,
    schools.school_type_en,
    schools.sector,
    schools.urban_rural_group,
    schools.town_code,
    schools.town_name,
    school_verdicts.students,
    school_verdicts.min_indicators_met,
    school_verdicts.indicators_judged,
    school_verdicts.indicators_reported,
    school_verdicts.indicators_met,
    school_verdicts.indicators_near,
    round(school_verdicts.lowest_share, 16) as lowest_share,
    school_verdicts.unmet_indicators,
    school_verdicts.near_indicators,
    school_verdicts.missing_indicators,
    school_verdicts.concession_codes,
    school_verdicts.indicators_turned_by_rounding,
    school_verdicts.is_turned_by_rounding,
    school_verdicts.verdict,
    verdicts.name_zh as verdict_zh,
    verdicts.name_en as verdict_en,
    school_verdicts.verdict = 'met' as is_passing,
    school_verdicts.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en,
    schools.note_code,
    notes.name_zh as note_zh,
    notes.name_en as note_en
from school_verdicts
inner join standards on school_verdicts.standard_code = standards.standard_code
inner join stages on school_verdicts.stage = stages.code
inner join schools
    on
        school_verdicts.district_code = schools.district_code
        and school_verdicts.school_year = schools.school_year
        and school_verdicts.school_code = schools.school_code
inner join districts on school_verdicts.district_code = districts.district_code
inner join verdicts on school_verdicts.verdict = verdicts.verdict
left join reasons on school_verdicts.reason_code = reasons.reason_code
left join reasons as notes on schools.note_code = notes.reason_code
