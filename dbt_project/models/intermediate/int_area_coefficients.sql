with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

levels as (
    select * from {{ ref('area_level') }}
),

-- The first digits of a district's code name its city and its province; other countries' codes do not.
areas as (
    select
        districts.district_code,
        levels.area_level,
        rpad(left(districts.district_code, levels.code_digits), levels.code_length, '0') as area_code
    from districts
    inner join levels
        on
            districts.region_code = levels.region_code
            and districts.district_code ~ ('^[0-9]{' || levels.code_length || '}$')
),

-- Only schools with both parts enter the sums; a numerator of zero is a figure and stays in.
parts as (
    select
        school_indicators.standard_code,
        areas.area_level,
        areas.area_code,
        school_indicators.school_year,
        school_indicators.stage,
        school_indicators.indicator_code,
        school_indicators.scale,
        school_indicators.district_code,
        school_indicators.is_reported,
        case when school_indicators.is_reported then school_indicators.students end as students,
        case when school_indicators.is_reported then school_indicators.numerator end as numerator,
        case when school_indicators.is_reported then school_indicators.denominator end as denominator
    from school_indicators
    inner join areas on school_indicators.district_code = areas.district_code
),

totals as (
    select
        standard_code,
        area_level,
        area_code,
        school_year,
        stage,
        indicator_code,
        scale,
        count(distinct district_code) as districts,
        count(*) as schools_in_scope,
        count(*) filter (where is_reported) as schools_reported,
        sum(students) as students,
        sum(numerator) as numerator_total,
        sum(denominator) as denominator_total,
        {{ spread('numerator', 'denominator') }} as spread
    from parts
    group by
        standard_code,
        area_level,
        area_code,
        school_year,
        stage,
        indicator_code,
        scale
)

select
    standard_code,
    area_level,
    area_code,
    school_year,
    stage,
    indicator_code,
    districts,
    schools_in_scope,
    schools_reported,
    students,
    numerator_total,
    denominator_total,
    spread,
    {{ divide('numerator_total * scale', 'denominator_total') }} as mean,
    case
        when schools_reported > 1 then {{ coefficient('spread', 'denominator_total', 'numerator_total') }}
    end as coefficient,
    {{ coefficient_reason() }} as reason_code
from totals
