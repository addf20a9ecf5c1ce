with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

school_groups as (
    select * from {{ ref('int_school_groups') }}
),

inequality as (
    select * from {{ ref('int_inequality') }}
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
        school_groups.dimension_code,
        school_groups.group_code,
        case when school_indicators.is_reported then school_indicators.students end as students,
        case when school_indicators.is_reported then school_indicators.numerator end as numerator,
        case when school_indicators.is_reported then school_indicators.denominator end as denominator
    from school_indicators
    inner join school_groups
        on
            school_indicators.district_code = school_groups.district_code
            and school_indicators.school_year = school_groups.school_year
            and school_indicators.school_code = school_groups.school_code
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
        {{ spread('numerator', 'denominator') }} as spread
    from grouped
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
    totals.standard_code,
    totals.district_code,
    totals.school_year,
    totals.stage,
    totals.indicator_code,
    totals.dimension_code,
    totals.group_code,
    totals.scale,
    totals.schools_in_scope,
    totals.schools_reported,
    totals.students,
    totals.numerator_total,
    totals.denominator_total,
    totals.spread,
    {{ divide('totals.numerator_total * totals.scale', 'totals.denominator_total') }} as mean,
    case
        when totals.schools_reported > 1
            then {{ coefficient('totals.spread', 'totals.denominator_total', 'totals.numerator_total') }}
    end as coefficient,
    inequality.theil,
    inequality.gini,
    inequality.mcloone
from totals
left join inequality
    on
        totals.standard_code = inequality.standard_code
        and totals.district_code = inequality.district_code
        and totals.school_year = inequality.school_year
        and totals.stage = inequality.stage
        and totals.indicator_code = inequality.indicator_code
        and totals.dimension_code = inequality.dimension_code
        and totals.group_code = inequality.group_code
