with changes as (
    select * from {{ ref('int_coefficient_changes') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

reasons as (
    select * from {{ ref('reason') }}
)

select
    changes.standard_code,
    indicators.standard_zh,
    indicators.standard_en,
    districts.region_code,
    changes.district_code,
    districts.district_name,
    changes.school_year,
    changes.stage,
    indicators.stage_zh,
    indicators.stage_en,
    changes.indicator_code,
    indicators.indicator_number,
    indicators.indicator_zh,
    indicators.indicator_en,
    changes.schools_in_scope,
    changes.previous_schools_in_scope,
    round(changes.coefficient, 16) as coefficient,
    round(changes.coefficient, indicators.coefficient_decimals) as coefficient_rounded,
    round(changes.previous_coefficient, 16) as previous_coefficient,
    round(changes.previous_coefficient, indicators.coefficient_decimals) as previous_coefficient_rounded,
    round(changes.change, 16) as change,
    changes.is_shrunk,
    changes.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en,
    changes.same_schools,
    round(changes.same_schools_coefficient, 16) as same_schools_coefficient,
    round(changes.same_schools_previous_coefficient, 16) as same_schools_previous_coefficient,
    round(changes.same_schools_change, 16) as same_schools_change,
    changes.is_shrunk_same_schools,
    changes.same_schools_reason_code,
    same_reasons.name_zh as same_schools_reason_zh,
    same_reasons.name_en as same_schools_reason_en
from changes
inner join indicators
    on
        changes.standard_code = indicators.standard_code
        and changes.stage = indicators.stage
        and changes.indicator_code = indicators.indicator_code
inner join districts on changes.district_code = districts.district_code
left join reasons on changes.reason_code = reasons.reason_code
left join reasons as same_reasons on changes.same_schools_reason_code = same_reasons.reason_code
