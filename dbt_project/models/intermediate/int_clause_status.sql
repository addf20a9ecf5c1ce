with components as (
    select * from {{ ref('int_clause_components') }}
),

statuses as (
    select * from {{ ref('clause_status') }}
),

ranked as (
    select
        components.*,
        statuses.severity,
        row_number() over (
            partition by
                components.plan_code,
                components.clause_code,
                components.district_code,
                components.year
            order by statuses.severity desc, components.component_number asc
        ) as badness
    from components
    inner join statuses on components.year_status = statuses.status
    where components.is_judged
),

-- The clause is as bad as the worst of its judged components, by clause_status.severity.
clauses as (
    select
        plan_code,
        clause_code,
        region_code,
        district_code,
        year,
        count(*) as components_judged,
        count(*) filter (where year_status = 'met') as components_met,
        count(*) filter (where year_status = 'no_data') as components_no_data,
        max(component_number) filter (where badness = 1) as deciding_component,
        max(year_status) filter (where badness = 1) as year_status
    from ranked
    group by
        plan_code,
        clause_code,
        region_code,
        district_code,
        year
)

select
    this_year.plan_code,
    this_year.clause_code,
    this_year.region_code,
    this_year.district_code,
    this_year.year,
    this_year.components_judged,
    this_year.components_met,
    this_year.components_no_data,
    this_year.deciding_component,
    case
        when this_year.year_status = 'not_met' and last_year.year_status = 'met' then 'met_last_year_not_now'
        else this_year.year_status
    end as status
from clauses as this_year
left join clauses as last_year
    on
        this_year.plan_code = last_year.plan_code
        and this_year.clause_code = last_year.clause_code
        and this_year.district_code = last_year.district_code
        and this_year.year - 1 = last_year.year
