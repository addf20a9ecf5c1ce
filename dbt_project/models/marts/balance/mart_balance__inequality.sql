with coefficients as (
    select * from {{ ref('int_coefficients') }}
),

inequality as (
    select * from {{ ref('int_inequality') }}
    where dimension_code = 'whole'
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

-- One school has nobody to be unequal to.
measured as (
    select
        coefficients.standard_code,
        coefficients.district_code,
        coefficients.school_year,
        coefficients.stage,
        coefficients.indicator_code,
        coefficients.schools_in_scope,
        coefficients.schools_reported,
        coefficients.students,
        round(coefficients.coefficient, 16) as coefficient,
        case when coefficients.schools_reported > 1 then round(inequality.range_ratio, 16) end as range_ratio,
        case when coefficients.schools_reported > 1 then round(inequality.theil, 16) end as theil,
        case when coefficients.schools_reported > 1 then round(inequality.gini, 16) end as gini,
        case when coefficients.schools_reported > 1 then round(inequality.median, 16) end as median,
        case when coefficients.schools_reported > 1 then round(inequality.mcloone, 16) end as mcloone,
        case
            when coefficients.reason_code is not null then coefficients.reason_code
            when inequality.range_ratio is null then 'lowest_value_zero'
        end as reason_code
    from coefficients
    left join inequality
        on
            coefficients.standard_code = inequality.standard_code
            and coefficients.district_code = inequality.district_code
            and coefficients.school_year = inequality.school_year
            and coefficients.stage = inequality.stage
            and coefficients.indicator_code = inequality.indicator_code
)

select
    measured.standard_code,
    indicators.standard_zh,
    indicators.standard_en,
    districts.region_code,
    measured.district_code,
    districts.district_name,
    measured.school_year,
    measured.stage,
    indicators.stage_zh,
    indicators.stage_en,
    measured.indicator_code,
    indicators.indicator_number,
    indicators.indicator_zh,
    indicators.indicator_en,
    indicators.unit_zh,
    indicators.unit_en,
    measured.schools_in_scope,
    measured.schools_reported,
    measured.students,
    measured.coefficient,
    measured.range_ratio,
    measured.theil,
    measured.gini,
    measured.median,
    measured.mcloone,
    measured.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from measured
inner join indicators
    on
        measured.standard_code = indicators.standard_code
        and measured.stage = indicators.stage
        and measured.indicator_code = indicators.indicator_code
inner join districts on measured.district_code = districts.district_code
left join reasons on measured.reason_code = reasons.reason_code
