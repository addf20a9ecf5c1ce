with measured as (
    select * from {{ ref('int_component_statuses') }}
),

components as (
    select * from {{ ref('clause_component') }}
),

plan_years as (
    select * from {{ ref('int_plan_years') }}
),

verdicts as (
    select * from {{ ref('int_plan_verdicts') }}
),

-- A clause that asks for another plan's verdict takes it whole: items met over items judged.
followed as (
    select
        components.plan_code,
        components.clause_code,
        components.component_number,
        plan_years.region_code,
        plan_years.district_code,
        plan_years.year,
        plan_years.is_in_plan,
        components.is_judged,
        verdicts.clauses_met::numeric as numerator,
        verdicts.clauses_judged::numeric as denominator,
        verdicts.clauses_met::numeric as value,
        null::numeric as previous_value,
        verdicts.clauses_judged::numeric as target,
        coalesce(verdicts.clauses_no_data = 0, false) as is_complete,
        verdicts.clauses_judged - verdicts.clauses_no_data as cases_reported,
        verdicts.clauses_judged as cases_expected,
        coalesce(verdicts.year_status, 'no_data') as year_status,
        case
            when verdicts.plan_code is null then 'not_assessed'
            when verdicts.year_status = 'no_data' then 'items_missing'
        end as reason_code
    from components
    inner join plan_years on components.plan_code = plan_years.plan_code
    left join verdicts
        on
            components.followed_plan = verdicts.plan_code
            and plan_years.district_code = verdicts.district_code
            and plan_years.year = verdicts.year
    where components.followed_plan is not null
),

together as (
    select * from measured
    union all
    select * from followed
)

select
    this_year.plan_code,
    this_year.clause_code,
    this_year.component_number,
    this_year.region_code,
    this_year.district_code,
    this_year.year,
    this_year.is_judged,
    this_year.numerator,
    this_year.denominator,
    this_year.value,
    this_year.previous_value,
    this_year.target,
    this_year.is_complete,
    this_year.cases_reported,
    this_year.cases_expected,
    this_year.year_status,
    case
        when this_year.year_status = 'not_met' and last_year.year_status = 'met' then 'met_last_year_not_now'
        else this_year.year_status
    end as status,
    this_year.reason_code
from together as this_year
left join together as last_year
    on
        this_year.plan_code = last_year.plan_code
        and this_year.clause_code = last_year.clause_code
        and this_year.component_number = last_year.component_number
        and this_year.district_code = last_year.district_code
        and this_year.year - 1 = last_year.year
        and last_year.is_in_plan
where this_year.is_in_plan
