with plan_rows as (
    select * from {{ ref('stg_project') }}
),

projects as (
    select * from {{ ref('mart_policy__projects') }}
),

plan_names as (
    select * from {{ ref('code_plan') }}
)

select
    plan_rows.district_code,
    plan_rows.plan_code,
    plan_names.name_zh as plan_zh,
    plan_names.name_en as plan_en,
    plan_rows.project_code,
    projects.project_name,
    projects.school_code,
    projects.kind_zh,
    projects.kind_en,
    projects.year,
    plan_rows.planned_completion_on,
    projects.completed_on,
    projects.is_completed,
    projects.as_of_on,
    coalesce(
        plan_rows.planned_completion_on <= projects.as_of_on
        and coalesce(projects.completed_on, projects.as_of_on + 1) > plan_rows.planned_completion_on,
        false
    ) as is_late,
    projects.seats_added
from plan_rows
inner join projects
    on
        plan_rows.district_code = projects.district_code
        and plan_rows.project_code = projects.project_code
inner join plan_names on plan_rows.plan_code = plan_names.code
