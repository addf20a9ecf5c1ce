with projects as (
    select * from {{ ref('int_projects') }}
),

plan_rows as (
    select * from {{ ref('stg_project') }}
),

projects_set_aside as (
    select * from {{ ref('stg_project_set_aside') }}
),

areas as (
    select * from {{ ref('mart_policy__project_areas') }}
),

land_cases as (
    select * from {{ ref('mart_policy__land_cases') }}
),

land_set_aside as (
    select * from {{ ref('stg_land_case_set_aside') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

registers as (
    select
        projects.district_code,
        max(projects.as_of_on) as as_of_on,
        coalesce(max(projects_set_aside.rows_set_aside), 0) as rows_set_aside
    from projects
    left join projects_set_aside on projects.district_code = projects_set_aside.district_code
    group by projects.district_code
),

-- Every school year of the district up to the report: of later years the register knows nothing.
register_years as (
    select
        registers.district_code,
        registers.rows_set_aside,
        schools.school_year as year,
        least(make_date(schools.school_year, 12, 31), registers.as_of_on) as as_of_on
    from registers
    inner join schools
        on
            registers.district_code = schools.district_code
            and schools.school_year <= extract(year from registers.as_of_on)
    group by
        registers.district_code,
        registers.rows_set_aside,
        registers.as_of_on,
        schools.school_year
),

-- Once in its district (none) and once in each of its plans, with the day that the plan promises.
memberships as (
    select
        district_code,
        'none' as standard_code,
        project_code,
        planned_completion_on
    from projects
    union all
    select
        district_code,
        plan_code as standard_code,
        project_code,
        planned_completion_on
    from plan_rows
),

lists as (
    select
        district_code,
        standard_code
    from memberships
    group by district_code, standard_code
),

dated as (
    select
        register_years.district_code,
        register_years.year,
        memberships.standard_code,
        projects.seats_added,
        -- What has no code yet is a school of its own.
        coalesce(projects.school_code, projects.project_code) as school_or_project,
        projects.completed_on <= register_years.as_of_on as is_completed,
        memberships.planned_completion_on <= register_years.as_of_on as is_due,
        coalesce(least(projects.completed_on, register_years.as_of_on + 1), register_years.as_of_on + 1)
        > memberships.planned_completion_on as is_past_plan,
        memberships.planned_completion_on is null as is_undated
    from register_years
    inner join memberships on register_years.district_code = memberships.district_code
    inner join projects
        on
            memberships.district_code = projects.district_code
            and memberships.project_code = projects.project_code
),

project_sums as (
    select
        register_years.district_code,
        register_years.year,
        lists.standard_code,
        register_years.rows_set_aside,
        count(dated.district_code) as projects,
        count(dated.district_code) filter (where dated.is_completed) as completed,
        count(distinct dated.school_or_project) filter (where dated.is_completed) as schools_completed,
        count(dated.seats_added) filter (where dated.is_completed) as completed_with_seats,
        coalesce(sum(dated.seats_added) filter (where dated.is_completed), 0) as seats_added,
        count(dated.district_code) filter (where dated.is_undated) as undated,
        count(dated.district_code) filter (where dated.is_due) as due,
        count(dated.district_code) filter (where dated.is_due and dated.is_past_plan) as late
    from register_years
    inner join lists on register_years.district_code = lists.district_code
    left join dated
        on
            register_years.district_code = dated.district_code
            and register_years.year = dated.year
            and lists.standard_code = dated.standard_code
    group by
        register_years.district_code,
        register_years.year,
        lists.standard_code,
        register_years.rows_set_aside
),

project_measures as (
    select
        project_sums.district_code,
        project_sums.year,
        project_sums.standard_code,
        listed.measure_code,
        listed.value,
        listed.cases_reported,
        listed.cases_expected + project_sums.rows_set_aside as cases_expected
    from project_sums
    cross join lateral (
        values
        ('projects_completed', project_sums.completed, project_sums.projects, project_sums.projects),
        (
            'project_schools_completed',
            project_sums.schools_completed,
            project_sums.projects,
            project_sums.projects
        ),
        (
            'seats_added',
            project_sums.seats_added,
            project_sums.projects - project_sums.completed + project_sums.completed_with_seats,
            project_sums.projects
        ),
        (
            'projects_due',
            project_sums.due,
            project_sums.projects - project_sums.undated,
            project_sums.projects
        ),
        (
            'projects_late',
            project_sums.late,
            project_sums.projects - project_sums.undated,
            project_sums.projects
        )
    ) as listed (measure_code, value, cases_reported, cases_expected)
),

area_schools as (
    select
        district_code,
        school_year as year,
        coalesce(school_code, project_code) as unit_code,
        bool_or(verdict = 'no_data') as has_gaps,
        bool_or(basis = 'enrolment') as is_enrolled,
        bool_and(verdict in ('met', 'not_applicable')) as meets_areas,
        bool_or(verdict = 'met') as is_judged
    from areas
    group by
        district_code,
        school_year,
        coalesce(school_code, project_code)
),

area_sums as (
    select
        register_years.district_code,
        register_years.year,
        register_years.rows_set_aside,
        count(area_schools.unit_code) as schools,
        count(area_schools.unit_code)
        filter (where area_schools.is_enrolled and not area_schools.has_gaps) as reported,
        count(area_schools.unit_code)
        filter (where area_schools.is_enrolled and area_schools.meets_areas and area_schools.is_judged)
            as meeting
    from register_years
    left join area_schools
        on
            register_years.district_code = area_schools.district_code
            and register_years.year = area_schools.year
    group by
        register_years.district_code,
        register_years.year,
        register_years.rows_set_aside
),

area_measures as (
    select
        area_sums.district_code,
        area_sums.year,
        'none' as standard_code,
        listed.measure_code,
        listed.value,
        area_sums.reported as cases_reported,
        area_sums.schools + area_sums.rows_set_aside as cases_expected
    from area_sums
    cross join lateral (
        values
        ('rebuilt_schools', area_sums.schools),
        ('rebuilt_schools_meeting_areas', area_sums.meeting)
    ) as listed (measure_code, value)
),

-- A row that was set aside may be of any kind of case.
land_sums as (
    select
        land_cases.district_code,
        land_cases.year,
        coalesce(max(land_set_aside.rows_set_aside), 0) as rows_set_aside,
        count(*) filter (where land_cases.kind = 'planned_site') as sites,
        count(*) filter (where land_cases.is_site_complete) as sites_complete,
        count(*) filter (where land_cases.kind = 'residential_project') as all_residential,
        count(*) filter (
            where land_cases.kind = 'residential_project'
            and (not land_cases.has_own_school or land_cases.has_education_consent is not null)
        ) as residential_known,
        count(*) filter (
            where land_cases.kind = 'residential_project' and coalesce(land_cases.has_own_school, true)
        ) as residential,
        count(*) filter (
            where land_cases.kind = 'residential_project'
            and coalesce(land_cases.has_own_school, true)
            and land_cases.has_education_consent
        ) as residential_with_consent,
        count(*) filter (where land_cases.is_granted) as granted,
        count(*) filter (where land_cases.is_granted and land_cases.is_without_seats is not null)
            as granted_known,
        count(*) filter (where land_cases.is_granted_without_seats) as granted_without_seats
    from land_cases
    left join land_set_aside
        on land_cases.district_code || '|' || land_cases.year = land_set_aside.partition_key
    group by land_cases.district_code, land_cases.year
),

land_measures as (
    select
        land_sums.district_code,
        land_sums.year,
        'none' as standard_code,
        listed.measure_code,
        listed.value,
        listed.cases_reported,
        listed.cases_expected + land_sums.rows_set_aside as cases_expected
    from land_sums
    cross join lateral (
        values
        ('sites_planned', land_sums.sites, land_sums.sites, land_sums.sites),
        ('sites_complete', land_sums.sites_complete, land_sums.sites, land_sums.sites),
        (
            'residential_projects',
            land_sums.residential,
            land_sums.residential_known,
            land_sums.all_residential
        ),
        (
            'residential_projects_with_consent',
            land_sums.residential_with_consent,
            land_sums.residential_known,
            land_sums.all_residential
        ),
        ('parcels_granted', land_sums.granted, land_sums.granted_known, land_sums.granted),
        (
            'parcels_granted_without_seats',
            land_sums.granted_without_seats,
            land_sums.granted_known,
            land_sums.granted
        )
    ) as listed (measure_code, value, cases_reported, cases_expected)
),

measures as (
    select * from project_measures
    union all
    select * from area_measures
    union all
    select * from land_measures
)

select
    district_code,
    year,
    'compulsory' as stage,
    standard_code,
    measure_code,
    value::numeric as value,
    cases_reported,
    cases_expected,
    null::text as reason_code
from measures
