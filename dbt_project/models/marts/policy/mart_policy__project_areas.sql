with projects as (
    select * from {{ ref('int_projects') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

indicators as (
    select * from {{ ref('int_school_indicators') }}
    where standard_code = 'national_2017'
),

thresholds as (
    select * from {{ ref('standard_threshold') }}
    where standard_code = 'national_2017'
),

area_limits as (
    select * from {{ ref('project_area_limit') }}
),

weights as (
    select * from {{ ref('split_weight') }}
),

settings as (
    select max(value)::integer as start_month
    from {{ ref('places_parameter') }}
    where parameter = 'school_year_start_month'
),

district_years as (
    select
        district_code,
        school_year
    from schools
    group by district_code, school_year
),

-- A school is held to its areas from the first school year that starts after the project is finished.
finished as (
    select
        projects.region_code,
        projects.district_code,
        district_years.school_year,
        projects.project_code,
        projects.project_name,
        projects.kind,
        projects.type_group,
        coalesce(schools.counted_school_code, projects.school_code) as school_code,
        projects.design_students,
        projects.primary_design_students,
        projects.junior_secondary_design_students,
        projects.land_area_m2,
        projects.building_area_m2,
        projects.teaching_rooms_area_m2,
        projects.sports_area_m2
    from projects
    cross join settings
    inner join district_years
        on
            projects.district_code = district_years.district_code
            and projects.completed_on <= make_date(district_years.school_year, settings.start_month, 1)
    left join schools
        on
            district_years.district_code = schools.district_code
            and district_years.school_year = schools.school_year
            and projects.school_code = schools.school_code
),

areas as (
    select
        finished.*,
        listed.item_code,
        listed.area_m2
    from finished
    cross join lateral (
        values
        ('land_m2_per_student', finished.land_area_m2),
        ('building_m2_per_student', finished.building_area_m2),
        ('teaching_rooms_m2_per_student', finished.teaching_rooms_area_m2),
        ('sports_m2_per_student', finished.sports_area_m2)
    ) as listed (item_code, area_m2)
),

design_weights as (
    select
        max(weight) filter (where stage = 'primary') as primary_weight,
        max(weight) filter (where stage = 'junior_secondary') as junior_weight
    from weights
),

-- At design the areas are split by weighted pupils, as the national method splits them.
by_design as (
    select
        areas.district_code,
        areas.school_year,
        areas.project_code,
        area_limits.stage,
        areas.item_code,
        'design' as basis,
        case area_limits.stage
            when 'primary' then areas.primary_design_students
            else areas.junior_secondary_design_students
        end as students,
        case
            when areas.type_group in ('complete_secondary', 'twelve_year') then null
            when area_limits.stage = 'primary' then {{ divide(
                'areas.area_m2 * design_weights.primary_weight',
                '(areas.primary_design_students * design_weights.primary_weight'
                ~ ' + areas.junior_secondary_design_students * design_weights.junior_weight)'
            ) }}
            else {{ divide(
                'areas.area_m2 * design_weights.junior_weight',
                '(areas.primary_design_students * design_weights.primary_weight'
                ~ ' + areas.junior_secondary_design_students * design_weights.junior_weight)'
            ) }}
        end as value,
        case
            when areas.type_group in ('complete_secondary', 'twelve_year') then 'senior_design_not_stated'
            when areas.area_m2 is null then 'value_missing'
            when areas.primary_design_students is null then 'design_students_missing'
            when areas.design_students is null then 'design_students_missing'
        end as reason_code
    from areas
    inner join area_limits
        on
            areas.region_code = area_limits.region_code
            and areas.item_code = area_limits.item_code
    cross join design_weights
    where
        coalesce(
            case area_limits.stage
                when 'primary' then areas.primary_design_students
                else areas.junior_secondary_design_students
            end,
            1
        ) > 0
        and not (
            area_limits.stage = 'primary' and areas.type_group in ('junior_secondary', 'complete_secondary')
        )
        and not (area_limits.stage = 'junior_secondary' and areas.type_group = 'primary')
),

enrolled as (
    select
        district_code,
        school_year,
        stage,
        counted_school_code as school_code,
        {{ sum_if_complete('students') }} as students
    from stage_students
    group by
        district_code,
        school_year,
        stage,
        counted_school_code
),

shares as (
    select
        enrolled.*,
        {{ divide(
            'enrolled.students * weights.weight',
            'sum(enrolled.students * weights.weight) over by_school'
        ) }} as share,
        count(*) over by_school = count(enrolled.students) over by_school as is_whole
    from enrolled
    inner join weights on enrolled.stage = weights.stage
    window by_school as (partition by enrolled.district_code, enrolled.school_year, enrolled.school_code)
),

-- With the pupils who sit in it: rooms and grounds as the school now reports them, land and floor as built.
at_enrolment as (
    select
        areas.district_code,
        areas.school_year,
        areas.project_code,
        area_limits.stage,
        areas.item_code,
        'enrolment' as basis,
        shares.students,
        case
            when area_limits.indicator_code is not null then indicators.value
            when shares.is_whole then {{ divide('areas.area_m2 * shares.share', 'shares.students') }}
        end as value,
        case
            when area_limits.indicator_code is not null then indicators.reason_code
            when areas.area_m2 is null then 'value_missing'
            when not shares.is_whole then 'split_students_missing'
            when shares.students = 0 then 'no_students'
        end as reason_code
    from areas
    inner join area_limits
        on
            areas.region_code = area_limits.region_code
            and areas.item_code = area_limits.item_code
    inner join shares
        on
            areas.district_code = shares.district_code
            and areas.school_year = shares.school_year
            and areas.school_code = shares.school_code
            and area_limits.stage = shares.stage
    left join indicators
        on
            areas.district_code = indicators.district_code
            and areas.school_year = indicators.school_year
            and areas.school_code = indicators.school_code
            and area_limits.stage = indicators.stage
            and area_limits.indicator_code = indicators.indicator_code
),

both_bases as (
    select * from by_design
    union all
    select * from at_enrolment
),

held as (
    select
        finished.region_code,
        finished.project_name,
        finished.kind,
        finished.school_code,
        both_bases.*,
        coalesce(area_limits.threshold, thresholds.threshold) as threshold
    from both_bases
    inner join finished
        on
            both_bases.district_code = finished.district_code
            and both_bases.school_year = finished.school_year
            and both_bases.project_code = finished.project_code
    inner join area_limits
        on
            finished.region_code = area_limits.region_code
            and both_bases.item_code = area_limits.item_code
            and both_bases.stage = area_limits.stage
    left join thresholds
        on
            area_limits.indicator_code = thresholds.indicator_code
            and both_bases.stage = thresholds.stage
)

select
    held.district_code,
    held.school_year,
    held.project_code,
    held.project_name,
    held.kind,
    held.school_code,
    schools.school_name,
    held.stage,
    held.basis,
    held.item_code,
    held.students,
    held.value,
    held.threshold,
    case
        when held.threshold is null then 'not_applicable'
        when held.value is null then 'no_data'
        when held.value >= held.threshold then 'met'
        else 'not_met'
    end as verdict,
    case when held.value is null then coalesce(held.reason_code, 'value_missing') end as reason_code
from held
left join schools
    on
        held.district_code = schools.district_code
        and held.school_year = schools.school_year
        and held.school_code = schools.school_code
