with contributions as (
    select * from {{ ref('int_school_contributions') }}
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

reasons as (
    select * from {{ ref('reason') }}
)

select
    contributions.standard_code,
    indicators.standard_zh,
    indicators.standard_en,
    schools.region_code,
    contributions.district_code,
    districts.district_name,
    contributions.school_year,
    contributions.stage,
    indicators.stage_zh,
    indicators.stage_en,
    contributions.indicator_code,
    indicators.indicator_number,
    indicators.indicator_zh,
    indicators.indicator_en,
    indicators.unit_zh,
    indicators.unit_en,
    contributions.school_code,
    schools.school_name,
    schools.sector,
    schools.urban_rural_group,
    contributions.students,
    contributions.numerator,
    contributions.denominator,
    round(contributions.value, 16) as value,
    round(contributions.mean, 16) as mean,
    round(contributions.distance, 16) as distance,
    contributions.distance < 0 as is_below_mean,
    round(contributions.weight_share, 16) as weight_share,
    round(contributions.squared_share, 16) as squared_share,
    case
        when contributions.squared_share is not null then rank() over (
            partition by
                contributions.standard_code,
                contributions.district_code,
                contributions.school_year,
                contributions.stage,
                contributions.indicator_code
            order by contributions.squared_share desc nulls last
        )
    end as share_rank,
    contributions.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from contributions
inner join indicators
    on
        contributions.standard_code = indicators.standard_code
        and contributions.stage = indicators.stage
        and contributions.indicator_code = indicators.indicator_code
inner join schools
    on
        contributions.district_code = schools.district_code
        and contributions.school_year = schools.school_year
        and contributions.school_code = schools.school_code
inner join districts on contributions.district_code = districts.district_code
left join reasons on contributions.reason_code = reasons.reason_code
