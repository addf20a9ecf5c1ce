with schools as (
    select * from {{ ref('dim_school') }}
),

stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

projects as (
    select * from {{ ref('int_projects') }}
    where is_new
),

size_limits as (
    select * from {{ ref('school_size_limit') }}
),

concessions as (
    select * from {{ ref('standard_concession') }}
    where item_code = 'G4'
),

stages as (
    select stage
    from {{ ref('stage_grade') }}
    group by stage
),

district_years as (
    select
        region_code,
        district_code,
        school_year
    from schools
    group by region_code, district_code, school_year
),

compulsory as (
    select
        stage_students.district_code,
        stage_students.school_year,
        stage_students.counted_school_code as school_code,
        {{ sum_if_complete('stage_students.students') }} as students,
        {{ sum_if_complete('stage_students.migrant_students') }} as migrant_students,
        min(stage_students.reason_code) as reason_code
    from stage_students
    inner join stages on stage_students.stage = stages.stage
    group by
        stage_students.district_code,
        stage_students.school_year,
        stage_students.counted_school_code
),

-- A new school is told by its project, from the year in which it is or should be finished.
new_projects as (
    select
        district_years.region_code,
        district_years.district_code,
        district_years.school_year,
        projects.project_code,
        projects.project_name,
        projects.school_code,
        projects.type_group,
        projects.design_students
    from district_years
    inner join projects
        on
            district_years.district_code = projects.district_code
            and projects.expected_on < make_date(district_years.school_year + 1, 1, 1)
),

new_schools as (
    select
        district_code,
        school_year,
        school_code,
        min(project_code) as project_code,
        max(design_students) as design_students
    from new_projects
    group by district_code, school_year, school_code
),

standing as (
    select
        schools.region_code,
        schools.district_code,
        schools.school_year,
        schools.school_code as unit_code,
        schools.school_code,
        schools.school_name,
        schools.town_code,
        new_schools.project_code,
        schools.type_group,
        schools.built_year,
        new_schools.school_code is not null as is_new,
        compulsory.students,
        compulsory.migrant_students,
        compulsory.reason_code,
        new_schools.design_students
    from schools
    inner join compulsory
        on
            schools.district_code = compulsory.district_code
            and schools.school_year = compulsory.school_year
            and schools.school_code = compulsory.school_code
    left join new_schools
        on
            schools.district_code = new_schools.district_code
            and schools.school_year = new_schools.school_year
            and schools.school_code = new_schools.school_code
),

not_yet_open as (
    select
        new_projects.region_code,
        new_projects.district_code,
        new_projects.school_year,
        new_projects.project_code as unit_code,
        new_projects.school_code,
        new_projects.project_name as school_name,
        null as town_code,
        new_projects.project_code,
        new_projects.type_group,
        null::integer as built_year,
        true as is_new,
        null::numeric as students,
        null::numeric as migrant_students,
        'not_yet_open' as reason_code,
        new_projects.design_students
    from new_projects
    left join standing
        on
            new_projects.district_code = standing.district_code
            and new_projects.school_year = standing.school_year
            and new_projects.school_code = standing.school_code
    where standing.school_code is null
),

units as (
    select * from standing
    union all
    select * from not_yet_open
),

held as (
    select
        units.*,
        size_limits.limit_code,
        size_limits.max_students as limit_students,
        {{ divide('units.migrant_students', 'units.students') }} as migrant_share
    from units
    inner join size_limits
        on
            units.region_code = size_limits.region_code
            and units.type_group = size_limits.type_group
            and (units.is_new or not size_limits.is_for_new_schools_only)
),

conceded as (
    select
        held.district_code,
        held.school_year,
        held.unit_code,
        max(concessions.threshold) as conceded_students,
        min(concessions.concession_code) as concession_code
    from held
    inner join concessions
        on
            concessions.subject
            = case
                when held.type_group in ('nine_year', 'twelve_year') then 'several_stages' else 'one_stage'
            end
            and (concessions.latest_built_year is null or held.built_year <= concessions.latest_built_year)
            and (
                concessions.migrant_share_above is null
                or held.migrant_share > concessions.migrant_share_above
            )
            and held.school_year >= concessions.first_school_year
            and (concessions.last_school_year is null or held.school_year <= concessions.last_school_year)
    where held.limit_code = 'national'
    group by held.district_code, held.school_year, held.unit_code
),

allowed as (
    select
        held.*,
        conceded.concession_code,
        coalesce(conceded.conceded_students, held.limit_students) as allowed_students
    from held
    left join conceded
        on
            held.limit_code = 'national'
            and held.district_code = conceded.district_code
            and held.school_year = conceded.school_year
            and held.unit_code = conceded.unit_code
)

-- A new school is held to its limit by what it is designed for and by who sits in it.
select
    district_code,
    school_year,
    unit_code,
    limit_code,
    school_code,
    school_name,
    town_code,
    project_code,
    type_group,
    type_group in ('nine_year', 'twelve_year') as is_long_school,
    is_new,
    built_year,
    students,
    case when is_new then design_students end as design_students,
    limit_students,
    allowed_students,
    concession_code,
    greatest(
        students - allowed_students,
        case when is_new and limit_code = 'plan' then design_students - allowed_students end,
        0
    ) as students_over,
    case
        when students > allowed_students then true
        when is_new and limit_code = 'plan' and design_students > allowed_students then true
        when students is not null then false
        when is_new and limit_code = 'plan' and design_students is not null and reason_code = 'not_yet_open'
            then false
    end as is_over,
    case
        when
            students is null
            and not coalesce(
                reason_code = 'not_yet_open' and design_students is not null and limit_code = 'plan', false
            )
            then reason_code
    end as reason_code
from allowed
