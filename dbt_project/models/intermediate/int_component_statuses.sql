with component_values as (
    select * from {{ ref('int_component_values') }}
),

components as (
    select * from {{ ref('clause_component') }}
),

clauses as (
    select * from {{ ref('plan_clause') }}
),

judgements as (
    select * from {{ ref('judgement') }}
),

measures as (
    select * from {{ ref('policy_measure') }}
),

compared as (
    select
        this_year.*,
        components.denominator_measure,
        components.judgement,
        components.target,
        components.is_judged,
        clauses.deadline_year,
        coalesce(judgements.needs_previous_year, false) as needs_previous_year,
        last_year.value as previous_value,
        coalesce(last_year.is_complete, false) as is_previous_complete,
        (components.denominator_measure is null and coalesce(measures.is_count, false)) as is_count
    from component_values as this_year
    inner join components
        on
            this_year.plan_code = components.plan_code
            and this_year.clause_code = components.clause_code
            and this_year.component_number = components.component_number
    inner join clauses
        on
            this_year.plan_code = clauses.plan_code
            and this_year.clause_code = clauses.clause_code
    left join judgements on components.judgement = judgements.judgement
    left join measures
        on {{ is_measure('components.numerator_measure', 'measures.measure_code') }}
    left join component_values as last_year
        on
            this_year.plan_code = last_year.plan_code
            and this_year.clause_code = last_year.clause_code
            and this_year.component_number = last_year.component_number
            and this_year.district_code = last_year.district_code
            and this_year.year - 1 = last_year.year
),

tried as (
    select
        *,
        case judgement
            when 'at_least' then value >= target
            when 'every_one' then value >= target
            when 'at_most' then value <= target
            when 'more_than' then value > target
            when 'less_than' then value < target
            when 'equals' then value = target
            when 'rises' then value > previous_value
            when 'falls' then value < previous_value
            when 'does_not_fall' then value >= previous_value
            when 'does_not_rise' then value <= previous_value
            when 'is_declared' then value = 1
        end as is_reached,
        -- One more school can neither lower a count nor mend one that fails where every one must pass.
        (
            (is_count and judgement in ('at_most', 'less_than', 'equals') and value > target)
            or (judgement = 'every_one' and value < target)
        ) is true as is_broken_already
    from compared
),

reasoned as (
    select
        *,
        case
            when not is_judged then coalesce(reason_code, 'not_judged')
            when denominator = 0 and not is_complete then 'schools_missing'
            when value is null then reason_code
            when needs_previous_year and previous_value is null then 'previous_year_missing'
            when needs_previous_year and not is_previous_complete then 'previous_year_incomplete'
            when not is_complete and not is_broken_already then 'schools_missing'
        end as stated_reason_code
    from tried
),

decided as (
    select
        *,
        case
            when not is_judged or stated_reason_code = 'denominator_zero' then 'not_applicable'
            when stated_reason_code is not null or is_reached is null then 'no_data'
            when is_reached then 'met'
            when year < deadline_year then 'not_due'
            else 'not_met'
        end as year_status
    from reasoned
)

select
    plan_code,
    clause_code,
    component_number,
    region_code,
    district_code,
    year,
    is_in_plan,
    is_judged,
    numerator,
    denominator,
    value,
    previous_value,
    target,
    is_complete,
    cases_reported,
    cases_expected,
    year_status,
    stated_reason_code as reason_code
from decided
