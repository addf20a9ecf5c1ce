with coefficients as (
    select * from {{ ref('int_coefficients') }}
    where reason_code is null
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

shortfalls as (
    select * from {{ ref('int_school_shortfalls') }}
    where target_code in ('threshold', 'mean')
),

-- spread = sum((n * D - d * N)^2 / d). A rise by g makes a school's own term (n * D - d * N + g * D)^2 / d,
-- and the higher mean then lowers all terms together by D * g^2.
rises as (
    select
        shortfalls.standard_code,
        shortfalls.district_code,
        shortfalls.school_year,
        shortfalls.stage,
        shortfalls.indicator_code,
        shortfalls.target_code,
        shortfalls.school_code,
        shortfalls.value,
        shortfalls.units_needed,
        shortfalls.denominator,
        coefficients.spread,
        coefficients.numerator_total,
        coefficients.denominator_total,
        indicators.coefficient_limit * indicators.coefficient_limit as squared_limit,
        shortfalls.units_needed * coefficients.denominator_total as rise,
        shortfalls.numerator * coefficients.denominator_total
        - shortfalls.denominator * coefficients.numerator_total as deviation
    from shortfalls
    inner join coefficients
        on
            shortfalls.standard_code = coefficients.standard_code
            and shortfalls.district_code = coefficients.district_code
            and shortfalls.school_year = coefficients.school_year
            and shortfalls.stage = coefficients.stage
            and shortfalls.indicator_code = coefficients.indicator_code
    inner join indicators
        on
            shortfalls.standard_code = indicators.standard_code
            and shortfalls.stage = indicators.stage
            and shortfalls.indicator_code = indicators.indicator_code
    where not {{ reaches('coefficients.coefficient', "'at_most'", 'indicators.coefficient_limit') }}
),

alone as (
    select
        *,
        {{ divide('rise * (2 * deviation + rise)', 'denominator') }} as spread_change,
        {{ divide(
            'spread + ' ~ divide('rise * (2 * deviation + rise)', 'denominator')
            ~ ' - rise * units_needed',
            '(numerator_total + units_needed) * (numerator_total + units_needed)'
        ) }} as squared_alone
    from rises
),

-- Who lowers the coefficient most by rising alone comes first; ties by the code of the school.
numbered as (
    select
        *,
        row_number() over whole as place,
        sum(units_needed) over whole - units_needed as units_before
    from alone
    window whole as (
        partition by standard_code, district_code, school_year, stage, indicator_code, target_code
        order by squared_alone, school_code
    )
),

-- Together, rises help each other: the higher the mean has become, the more a unit counts against the spread
-- that it makes. The worth of a unit at each mean on the way gives one order of the schools.
worths as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        target_code,
        place as line,
        2 * denominator_total
        * (units_before + squared_limit * (numerator_total + units_before)) as unit_worth
    from numbered
),

ordered as (
    select
        numbered.*,
        worths.line,
        row_number() over one_line as size,
        sum(numbered.units_needed) over one_line as units_total,
        sum(numbered.spread_change) over one_line as spread_change_total
    from numbered
    inner join worths
        on
            numbered.standard_code = worths.standard_code
            and numbered.district_code = worths.district_code
            and numbered.school_year = worths.school_year
            and numbered.stage = worths.stage
            and numbered.indicator_code = worths.indicator_code
            and numbered.target_code = worths.target_code
    window one_line as (
        partition by
            numbered.standard_code, numbered.district_code, numbered.school_year, numbered.stage,
            numbered.indicator_code, numbered.target_code, worths.line
        order by
            worths.unit_worth * numbered.units_needed - numbered.spread_change desc,
            numbered.place asc
    )
),

enough as (
    select
        *,
        spread + spread_change_total - denominator_total * units_total * units_total
        <= squared_limit * denominator_total
        * (numerator_total + units_total) * (numerator_total + units_total) as is_enough
    from ordered
),

-- The shortest list of any order; of two as short, that of the earlier order.
lists as (
    select
        *,
        min(size) filter (where is_enough) over whole as fewest,
        min(size) filter (where is_enough) over one_line as fewest_of_line
    from enough
    window
        whole as (partition by standard_code, district_code, school_year, stage, indicator_code, target_code),
        one_line as (
            partition by standard_code, district_code, school_year, stage, indicator_code, target_code, line
        )
),

chosen as (
    select
        *,
        min(line) filter (where fewest is null or fewest_of_line = fewest) over (
            partition by standard_code, district_code, school_year, stage, indicator_code, target_code
        ) as chosen_line,
        max(place) over (
            partition by standard_code, district_code, school_year, stage, indicator_code, target_code
        ) as schools_below_target
    from lists
)

select
    standard_code,
    district_code,
    school_year,
    stage,
    indicator_code,
    target_code,
    school_code,
    row_number() over (
        partition by standard_code, district_code, school_year, stage, indicator_code, target_code
        order by place
    ) as step,
    value,
    units_needed,
    spread_change,
    schools_below_target
from chosen
where
    line = chosen_line
    and (fewest is null or size <= fewest)
