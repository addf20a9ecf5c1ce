with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

grouped as (
    select
        school_indicators.standard_code,
        school_indicators.district_code,
        school_indicators.school_year,
        school_indicators.stage,
        school_indicators.indicator_code,
        school_indicators.scale,
        school_indicators.is_reported,
        groups.dimension_code,
        groups.group_code,
        case when school_indicators.is_reported then school_indicators.students end as students,
        case when school_indicators.is_reported then school_indicators.numerator end as numerator,
        case when school_indicators.is_reported then school_indicators.denominator end as denominator
    from school_indicators
    inner join schools
        on
            school_indicators.district_code = schools.district_code
            and school_indicators.school_year = schools.school_year
            and school_indicators.school_code = schools.school_code
    cross join lateral (
        values
        ('urban_rural', schools.urban_rural_group),
        ('area', schools.area_group),
        ('sector', schools.sector),
        ('town', coalesce(schools.town_code, 'not_stated'))
    ) as groups (dimension_code, group_code)
),

deviations as (
    select
        *,
        numerator * sum(denominator) over one_group - denominator * sum(numerator) over one_group as deviation
    from grouped
    window one_group as (
        partition by
            standard_code, district_code, school_year, stage, indicator_code, dimension_code, group_code
    )
),

totals as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        group_code,
        scale,
        count(*) as schools_in_scope,
        count(*) filter (where is_reported) as schools_reported,
        sum(students) as students,
        sum(numerator) as numerator_total,
        sum(denominator) as denominator_total,
        sum({{ divide('deviation * deviation', 'denominator') }}) as spread
    from deviations
    group by
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        group_code,
        scale
)

select
    standard_code,
    district_code,
    school_year,
    stage,
    indicator_code,
    dimension_code,
    group_code,
    scale,
    schools_in_scope,
    schools_reported,
    students,
    numerator_total,
    denominator_total,
    spread,
    {{ divide('numerator_total * scale', 'denominator_total') }} as mean,
    case
        when schools_reported > 1 then {{ coefficient('spread', 'denominator_total', 'numerator_total') }}
    end as coefficient
from totals
