with plan_rows as (
    select * from {{ ref('stg_project') }}
),

types as (
    select * from {{ ref('code_school_type') }}
),

kinds as (
    select * from {{ ref('code_project_kind') }}
),

-- A project in several plans is one project: what its rows say of it must agree, and else it is not known.
merged as (
    select
        region_code,
        district_code,
        project_code,
        count(*) as plans,
        string_agg(plan_code, '|' order by plan_code) as plan_codes,
        min(project_name) as project_name,
        min(kind) as kind,
        max(as_of_on) as as_of_on,
        max(school_code) as school_code,
        max(town_code) as town_code,
        max(school_type_code) as school_type_code,
        max(location) as location,
        max(standard_document) as standard_document,
        -- The earliest promise is the one to be kept.
        min(planned_completion_on) as planned_completion_on,
        max(completed_on) as completed_on,
        case when count(distinct seats_before) = 1 then max(seats_before) end as seats_before,
        case when count(distinct seats_after) = 1 then max(seats_after) end as seats_after,
        case when count(distinct primary_seats_before) = 1 then max(primary_seats_before) end
            as primary_seats_before,
        case when count(distinct primary_seats_after) = 1 then max(primary_seats_after) end
            as primary_seats_after,
        max(design_students) as design_students,
        max(design_primary_students) as design_primary_students,
        max(land_area_m2) as land_area_m2,
        max(building_area_m2) as building_area_m2,
        max(teaching_rooms_area_m2) as teaching_rooms_area_m2,
        max(sports_area_m2) as sports_area_m2,
        greatest(
            count(distinct kind),
            count(distinct school_code),
            count(distinct seats_before),
            count(distinct seats_after),
            count(distinct completed_on),
            count(distinct design_students)
        ) > 1 as do_plans_disagree
    from plan_rows
    group by region_code, district_code, project_code
),

typed as (
    select
        merged.*,
        types.type_group,
        kinds.is_new,
        merged.seats_after - merged.seats_before as seats_added,
        case
            when types.type_group = 'primary' then merged.seats_after - merged.seats_before
            when types.type_group in ('junior_secondary', 'complete_secondary') then 0
            else merged.primary_seats_after - merged.primary_seats_before
        end as primary_seats_added,
        case
            when types.type_group = 'primary' then merged.design_students
            when types.type_group in ('junior_secondary', 'complete_secondary') then 0
            else merged.design_primary_students
        end as primary_design_students
    from merged
    left join types on merged.school_type_code = types.code
    left join kinds on merged.kind = kinds.code
)

select
    region_code,
    district_code,
    project_code,
    project_name,
    kind,
    is_new,
    plans,
    plan_codes,
    as_of_on,
    school_code,
    town_code,
    type_group,
    location,
    standard_document,
    planned_completion_on,
    completed_on,
    coalesce(completed_on, planned_completion_on) as expected_on,
    seats_before,
    seats_after,
    seats_added,
    primary_seats_added,
    seats_added - primary_seats_added as junior_secondary_seats_added,
    design_students,
    primary_design_students,
    design_students - primary_design_students as junior_secondary_design_students,
    land_area_m2,
    building_area_m2,
    teaching_rooms_area_m2,
    sports_area_m2,
    do_plans_disagree
from typed
