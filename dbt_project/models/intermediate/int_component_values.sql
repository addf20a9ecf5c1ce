with components as (
    select * from {{ ref('clause_component') }}
),

plan_years as (
    select * from {{ ref('int_plan_years') }}
),

measures as (
    select * from {{ ref('int_policy_measures') }}
),

component_records as (
    select * from {{ ref('int_component_records') }}
),

batches as (
    select * from {{ ref('int_record_batches') }}
),

expected as (
    select
        plan_years.region_code,
        plan_years.district_code,
        plan_years.year,
        plan_years.is_in_plan,
        components.*
    from plan_years
    inner join components on plan_years.plan_code = components.plan_code
    where components.numerator_measure is not null
),

lacking as (
    select distinct
        plan_years.plan_code,
        component_records.clause_code,
        component_records.component_number,
        plan_years.district_code,
        plan_years.year
    from plan_years
    inner join component_records on plan_years.plan_code = component_records.plan_code
    left join batches
        on
            plan_years.district_code = batches.district_code
            and component_records.record = batches.record
            and (plan_years.year = batches.year or batches.year is null)
    where batches.record is null
),

measured as (
    select
        expected.*,
        numerators.value as numerator,
        denominators.value as denominator,
        lacking.plan_code is not null as is_record_lacking,
        coalesce(numerators.cases_reported >= numerators.cases_expected, false) as is_numerator_complete,
        coalesce(
            expected.denominator_measure is null
            or denominators.cases_reported >= denominators.cases_expected,
            false
        ) as is_denominator_complete,
        numerators.cases_reported as numerator_reported,
        numerators.cases_expected as numerator_expected,
        denominators.cases_reported as denominator_reported,
        denominators.cases_expected as denominator_expected,
        coalesce(numerators.reason_code, denominators.reason_code) as measure_reason_code
    from expected
    left join measures as numerators
        on
            expected.district_code = numerators.district_code
            and expected.year = numerators.year
            and expected.stage = numerators.stage
            and expected.standard_code = numerators.standard_code
            and expected.numerator_measure = numerators.measure_code
    left join measures as denominators
        on
            expected.district_code = denominators.district_code
            and expected.year = denominators.year
            and expected.stage = denominators.stage
            and expected.standard_code = denominators.standard_code
            and expected.denominator_measure = denominators.measure_code
    left join lacking
        on
            expected.plan_code = lacking.plan_code
            and expected.clause_code = lacking.clause_code
            and expected.component_number = lacking.component_number
            and expected.district_code = lacking.district_code
            and expected.year = lacking.year
),

computed as (
    select
        *,
        is_numerator_complete and is_denominator_complete as is_complete,
        -- Coverage is that of the part of which more is lacking; the numerator's where both are whole.
        is_numerator_complete and not is_denominator_complete as is_denominator_shown,
        case
            when denominator_measure is null then numerator * scale
            else {{ divide('numerator * scale', 'denominator') }}
        end as exact_value
    from measured
)

select
    plan_code,
    clause_code,
    component_number,
    region_code,
    district_code,
    year,
    is_in_plan,
    trim_scale(numerator) as numerator,
    trim_scale(denominator) as denominator,
    -- What is published is what is judged.
    trim_scale(round(exact_value, 16)) as value,
    is_complete,
    case when is_denominator_shown then denominator_reported else numerator_reported end as cases_reported,
    case when is_denominator_shown then denominator_expected else numerator_expected end as cases_expected,
    case
        when denominator = 0 then 'denominator_zero'
        when exact_value is null and measure_reason_code is not null then measure_reason_code
        when exact_value is null and is_record_lacking then 'record_missing'
        when exact_value is null then 'value_missing'
    end as reason_code
from computed
