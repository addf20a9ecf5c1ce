with scope as (
    select * from {{ ref('int_school_scope') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

-- A standard that sets a limit judges schools: which kind of school it is must be known.
indicators as (
    select
        *,
        bool_or(threshold is not null or coefficient_limit is not null)
            over (partition by standard_code) as is_judged
    from {{ ref('dim_indicator') }}
),

measures as (
    select * from {{ ref('int_school_measures') }}
),

concessions as (
    select * from {{ ref('int_school_concessions') }}
),

-- What a school may count besides; an amount that is not known is not counted.
extras as (
    select
        concessions.standard_code,
        concessions.district_code,
        concessions.school_year,
        concessions.school_code,
        measures.stage,
        concessions.item_code as indicator_code,
        concessions.concession_code,
        measures.value as amount
    from concessions
    inner join measures
        on
            concessions.district_code = measures.district_code
            and concessions.school_year = measures.school_year
            and concessions.school_code = measures.school_code
            and concessions.extra_measure = measures.measure_code
            and (concessions.stage is null or concessions.stage = measures.stage)
    where measures.value is not null
),

paired as (
    select
        scope.standard_code,
        scope.district_code,
        scope.school_year,
        scope.stage,
        scope.school_code,
        indicators.indicator_code,
        indicators.scale,
        scope.students,
        numerators.value + coalesce(extras.amount, 0) as numerator,
        case when numerators.value is not null then extras.concession_code end as concession_code,
        case when numerators.value is not null then extras.amount end as concession_amount,
        denominators.value as denominator,
        case
            when indicators.is_judged and not schools.is_registered then 'not_in_register'
            when denominators.value is null then denominators.reason_code
            when denominators.value = 0 then 'denominator_zero'
            when numerators.value is null then numerators.reason_code
        end as reason_code
    from scope
    inner join indicators
        on
            scope.standard_code = indicators.standard_code
            and scope.stage = indicators.stage
    inner join schools
        on
            scope.district_code = schools.district_code
            and scope.school_year = schools.school_year
            and scope.school_code = schools.school_code
    left join measures as numerators
        on
            scope.district_code = numerators.district_code
            and scope.school_year = numerators.school_year
            and scope.school_code = numerators.school_code
            and scope.stage = numerators.stage
            and indicators.numerator_measure = numerators.measure_code
    left join measures as denominators
        on
            scope.district_code = denominators.district_code
            and scope.school_year = denominators.school_year
            and scope.school_code = denominators.school_code
            and scope.stage = denominators.stage
            and indicators.denominator_measure = denominators.measure_code
    left join extras
        on
            scope.standard_code = extras.standard_code
            and scope.district_code = extras.district_code
            and scope.school_year = extras.school_year
            and scope.school_code = extras.school_code
            and scope.stage = extras.stage
            and indicators.indicator_code = extras.indicator_code
    where scope.is_in_scope
)

select
    standard_code,
    district_code,
    school_year,
    stage,
    school_code,
    indicator_code,
    scale,
    students,
    numerator,
    denominator,
    concession_code,
    concession_amount,
    reason_code is null as is_reported,
    case when reason_code is null then {{ divide('numerator * scale', 'denominator') }} end as value,
    reason_code
from paired
