with projects as (
    select * from {{ ref('int_projects') }}
),

kinds as (
    select * from {{ ref('code_project_kind') }}
),

registers as (
    select
        district_code,
        max(as_of_on) as as_of_on
    from projects
    group by district_code
),

-- What was promised for a day after the report is not due yet.
judged as (
    select
        projects.*,
        registers.as_of_on as register_as_of_on,
        projects.completed_on is not null as is_completed,
        projects.planned_completion_on <= registers.as_of_on as is_due,
        coalesce(projects.completed_on, registers.as_of_on + 1) - projects.planned_completion_on
            as days_past_plan
    from projects
    inner join registers on projects.district_code = registers.district_code
)

select
    judged.district_code,
    judged.project_code,
    extract(year from judged.expected_on)::integer as year,
    judged.project_name,
    judged.kind,
    kinds.name_zh as kind_zh,
    kinds.name_en as kind_en,
    judged.plans,
    judged.plan_codes,
    judged.register_as_of_on as as_of_on,
    judged.school_code,
    judged.town_code,
    judged.location,
    judged.standard_document,
    judged.planned_completion_on,
    judged.completed_on,
    judged.is_completed,
    judged.is_due,
    coalesce(judged.is_due and judged.days_past_plan > 0, false) as is_late,
    case when judged.is_due then greatest(judged.days_past_plan, 0) end as days_late,
    judged.seats_before,
    judged.seats_after,
    judged.seats_added,
    judged.primary_seats_added,
    judged.junior_secondary_seats_added,
    judged.design_students,
    judged.do_plans_disagree
from judged
inner join kinds on judged.kind = kinds.code
