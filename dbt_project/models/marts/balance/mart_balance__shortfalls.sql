with shortfalls as (
    select * from {{ ref('int_school_shortfalls') }}
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

stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

-- What stands in a school of several stages counts for each by its share; a campus has its own.
shares as (
    select
        district_code,
        school_year,
        counted_school_code as school_code,
        stage,
        max(split_share) as split_share
    from stage_students
    group by
        district_code,
        school_year,
        counted_school_code,
        stage
),

to_threshold as (
    select * from shortfalls
    where target_code = 'threshold'
),

to_floor as (
    select * from shortfalls
    where target_code = 'floor'
),

counted as (
    select
        to_threshold.*,
        to_floor.units_needed as units_below_floor,
        case when measures.is_split_by_stage then shares.split_share else 1 end as school_share,
        units.decimals,
        units.name_zh as unit_zh,
        units.name_en as unit_en
    from to_threshold
    inner join indicators
        on
            to_threshold.standard_code = indicators.standard_code
            and to_threshold.stage = indicators.stage
            and to_threshold.indicator_code = indicators.indicator_code
    inner join measures on indicators.numerator_measure = measures.measure_code
    inner join units on measures.unit = units.unit
    left join to_floor
        on
            to_threshold.standard_code = to_floor.standard_code
            and to_threshold.district_code = to_floor.district_code
            and to_threshold.school_year = to_floor.school_year
            and to_threshold.stage = to_floor.stage
            and to_threshold.school_code = to_floor.school_code
            and to_threshold.indicator_code = to_floor.indicator_code
    left join shares
        on
            to_threshold.district_code = shares.district_code
            and to_threshold.school_year = shares.school_year
            and to_threshold.stage = shares.stage
            and to_threshold.school_code = shares.school_code
)

select
    counted.standard_code,
    indicators.standard_zh,
    indicators.standard_en,
    schools.region_code,
    counted.district_code,
    districts.district_name,
    counted.school_year,
    counted.stage,
    indicators.stage_zh,
    indicators.stage_en,
    counted.school_code,
    schools.school_name,
    counted.indicator_code,
    indicators.indicator_number,
    indicators.indicator_zh,
    indicators.indicator_en,
    counted.numerator,
    counted.denominator,
    round(counted.value, 16) as value,
    indicators.threshold,
    indicators.floor_value,
    round({{ divide('counted.value', 'indicators.threshold') }}, 16) as threshold_share,
    indicators.numerator_measure,
    indicators.numerator_zh,
    indicators.numerator_en,
    counted.unit_zh,
    counted.unit_en,
    round(counted.shortfall, 16) as shortfall,
    counted.units_needed,
    case
        when indicators.floor_value is not null then coalesce(counted.units_below_floor, 0)
    end as units_needed_for_floor,
    round(counted.school_share, 16) as school_share,
    {{ round_up(divide('counted.shortfall', 'counted.school_share'), 'counted.decimals') }}
        as school_units_needed
from counted
inner join indicators
    on
        counted.standard_code = indicators.standard_code
        and counted.stage = indicators.stage
        and counted.indicator_code = indicators.indicator_code
inner join schools
    on
        counted.district_code = schools.district_code
        and counted.school_year = schools.school_year
        and counted.school_code = schools.school_code
inner join districts on counted.district_code = districts.district_code
