with component_records as (
    select * from {{ ref('int_component_records') }}
),

components as (
    select * from {{ ref('clause_component') }}
),

judgements as (
    select * from {{ ref('judgement') }}
),

plan_years as (
    select * from {{ ref('int_plan_years') }}
    where is_in_plan
),

batches as (
    select * from {{ ref('int_record_batches') }}
),

records as (
    select
        components.plan_code,
        components.clause_code,
        component_records.record,
        coalesce(judgements.needs_previous_year, false) as needs_previous_year
    from components
    inner join component_records
        on
            -- A clause that follows another plan rests on all that the plan rests on.
            components.followed_plan = component_records.plan_code
            or components.plan_code = component_records.plan_code
            and components.clause_code = component_records.clause_code
            and components.component_number = component_records.component_number
    left join judgements on components.judgement = judgements.judgement
)

select
    records.plan_code,
    records.clause_code,
    plan_years.district_code,
    plan_years.year,
    string_agg(
        distinct batches.batch_id::text, ',' order by batches.batch_id::text
    ) as source_batches
from records
inner join plan_years on records.plan_code = plan_years.plan_code
inner join batches
    on
        plan_years.district_code = batches.district_code
        and records.record = batches.record
        and (
            batches.year is null
            or plan_years.year = batches.year
            or records.needs_previous_year and plan_years.year - 1 = batches.year
        )
group by
    records.plan_code,
    records.clause_code,
    plan_years.district_code,
    plan_years.year
