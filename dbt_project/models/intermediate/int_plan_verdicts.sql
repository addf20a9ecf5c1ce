with components as (
    select * from {{ ref('int_component_statuses') }}
),

plans as (
    select * from {{ ref('plan') }}
),

statuses as (
    select * from {{ ref('clause_status') }}
),

-- The worst of the judged components is the clause's, the worst of the clauses is the plan's.
clauses as (
    select
        components.plan_code,
        components.region_code,
        components.district_code,
        components.year,
        components.clause_code,
        max(statuses.severity) as severity
    from components
    inner join plans on components.plan_code = plans.plan_code
    inner join statuses on components.year_status = statuses.status
    where plans.kind = 'assessment' and components.is_judged and components.is_in_plan
    group by
        components.plan_code,
        components.region_code,
        components.district_code,
        components.year,
        components.clause_code
),

named as (
    select
        clauses.*,
        statuses.status
    from clauses
    inner join statuses on clauses.severity = statuses.severity
),

totals as (
    select
        plan_code,
        region_code,
        district_code,
        year,
        max(severity) as severity,
        count(*) filter (where status <> 'not_applicable') as clauses_judged,
        count(*) filter (where status = 'met') as clauses_met,
        count(*) filter (where status = 'not_met') as clauses_not_met,
        count(*) filter (where status = 'no_data') as clauses_no_data
    from named
    group by
        plan_code,
        region_code,
        district_code,
        year
)

select
    totals.plan_code,
    totals.region_code,
    totals.district_code,
    totals.year,
    totals.clauses_judged,
    totals.clauses_met,
    totals.clauses_not_met,
    totals.clauses_no_data,
    statuses.status as year_status
from totals
inner join statuses on totals.severity = statuses.severity
