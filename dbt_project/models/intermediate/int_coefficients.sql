with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

-- Only schools with both parts enter the sums; a numerator of zero is a figure and stays in.
parts as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        scale,
        is_reported,
        case when is_reported then students end as students,
        case when is_reported then numerator end as numerator,
        case when is_reported then denominator end as denominator
    from school_indicators
),

totals as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        scale,
        count(*) as schools_in_scope,
        count(*) filter (where is_reported) as schools_reported,
        sum(students) as students,
        sum(numerator) as numerator_total,
        sum(denominator) as denominator_total,
        {{ spread('numerator', 'denominator') }} as spread
    from parts
    group by
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        scale
)

select
    standard_code,
    district_code,
    school_year,
    stage,
    indicator_code,
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
