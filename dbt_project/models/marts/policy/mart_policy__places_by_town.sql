with places as (
    select * from {{ ref('int_school_places') }}
),

population as (
    select * from {{ ref('stg_population') }}
),

projects as (
    select * from {{ ref('int_projects') }}
),

grades as (
    select * from {{ ref('stage_grade') }}
),

parameters as (
    select * from {{ ref('places_parameter') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

settings as (
    select
        max(value) filter (where parameter = 'forecast_horizon_years')::integer as horizon_years,
        max(value) filter (where parameter = 'school_year_start_month')::integer as start_month
    from parameters
),

-- A district has places where its people or its seats were told.
districts as (
    select
        places.district_code,
        min(places.school_year) as first_year,
        max(places.school_year) as last_year
    from places
    where
        places.is_admission_year
        or places.district_code in (select population.district_code from population)
    group by places.district_code
),

towns as (
    select
        places.district_code,
        places.town_code
    from places
    where places.town_code is not null
    union
    select
        population.district_code,
        population.town_code
    from population
),

named as (
    select
        district_code,
        town_code,
        max(town_name) as town_name
    from (
        select
            district_code,
            town_code,
            town_name
        from places
        union all
        select
            district_code,
            town_code,
            town_name
        from population
    ) as names
    group by district_code, town_code
),

taught as (
    select stage
    from grades
    group by stage
),

-- Years told: a town without a school of the stage has no seats, as far as its district told of any.
seat_years as (
    select
        district_code,
        school_year
    from places
    where is_admission_year
    group by district_code, school_year
),

town_calendar as (
    select
        districts.district_code,
        districts.first_year,
        districts.last_year,
        towns.town_code,
        taught.stage,
        years.year,
        years.year <= districts.last_year as is_data_year
    from districts
    cross join settings
    inner join towns on districts.district_code = towns.district_code
    cross join
        lateral generate_series(
            districts.first_year, districts.last_year + settings.horizon_years
        ) as years (year)
    cross join taught
),

-- A school that names no town may stand in any: then no town of its district is known as a whole.
homeless as (
    select
        district_code,
        school_year,
        stage
    from places
    where town_code is null
    group by district_code, school_year, stage
),

town_places as (
    select
        places.district_code,
        places.school_year,
        places.stage,
        places.town_code,
        count(*) as schools,
        min(places.seats_reason_code) as seats_reason_code,
        case when count(*) > count(places.students) then 'schools_missing' end as students_reason_code,
        sum(places.seats)::bigint as seats,
        sum(places.students)::bigint as students
    from places
    where places.town_code is not null
    group by
        places.district_code,
        places.school_year,
        places.stage,
        places.town_code
),

-- The last year before in which the town's pupils are known; the first year stands for itself.
known_years as (
    select
        town_calendar.district_code,
        town_calendar.town_code,
        town_calendar.stage,
        town_calendar.year,
        max(earlier.year) as base_year
    from town_calendar
    inner join town_calendar as earlier
        on
            town_calendar.district_code = earlier.district_code
            and town_calendar.town_code = earlier.town_code
            and town_calendar.stage = earlier.stage
            and town_calendar.year > earlier.year
            and earlier.is_data_year
    left join town_places
        on
            earlier.district_code = town_places.district_code
            and earlier.town_code = town_places.town_code
            and earlier.stage = town_places.stage
            and earlier.year = town_places.school_year
    left join homeless
        on
            earlier.district_code = homeless.district_code
            and earlier.stage = homeless.stage
            and earlier.year = homeless.school_year
    where homeless.stage is null and town_places.students_reason_code is null
    group by
        town_calendar.district_code,
        town_calendar.town_code,
        town_calendar.stage,
        town_calendar.year
),

town_years as (
    select
        town_calendar.*,
        coalesce(known_years.base_year, town_calendar.first_year) as base_year
    from town_calendar
    left join known_years
        on
            town_calendar.district_code = known_years.district_code
            and town_calendar.town_code = known_years.town_code
            and town_calendar.stage = known_years.stage
            and town_calendar.year = known_years.year
),

-- Births of the years whose children are in the stage's grades, of the base year and of the year itself.
cohorts as (
    select
        town_years.district_code,
        town_years.town_code,
        town_years.stage,
        town_years.year,
        count(*) as grades,
        count(base_births.births) as base_grades_known,
        count(own_births.births) as grades_known,
        sum(base_births.births) as base_births,
        sum(own_births.births) as births
    from town_years
    inner join grades on town_years.stage = grades.stage
    left join population as base_births
        on
            town_years.district_code = base_births.district_code
            and town_years.town_code = base_births.town_code
            and town_years.base_year - grades.birth_year_offset = base_births.year
    left join population as own_births
        on
            town_years.district_code = own_births.district_code
            and town_years.town_code = own_births.town_code
            and town_years.year - grades.birth_year_offset = own_births.year
    group by
        town_years.district_code,
        town_years.town_code,
        town_years.stage,
        town_years.year
),

-- One project once, whatever the number of plans it stands in.
project_seats as (
    select
        projects.district_code,
        projects.town_code,
        listed.stage,
        projects.expected_on,
        listed.seats_added
    from projects
    cross join
        lateral (
            values
            ('primary', projects.primary_seats_added),
            ('junior_secondary', projects.junior_secondary_seats_added)
        ) as listed (stage, seats_added)
    where coalesce(listed.seats_added, 1) <> 0
),

project_districts as (
    select district_code
    from projects
    group by district_code
),

planned as (
    select
        town_years.district_code,
        town_years.town_code,
        town_years.stage,
        town_years.year,
        count(*) as projects,
        count(project_seats.seats_added) as projects_known,
        sum(project_seats.seats_added)::bigint as seats_added
    from town_years
    cross join settings
    inner join project_seats
        on
            town_years.district_code = project_seats.district_code
            and town_years.town_code = project_seats.town_code
            and town_years.stage = project_seats.stage
            and not town_years.is_data_year
            and project_seats.expected_on > make_date(town_years.last_year, settings.start_month, 1)
            and project_seats.expected_on <= make_date(town_years.year, settings.start_month, 1)
    group by
        town_years.district_code,
        town_years.town_code,
        town_years.stage,
        town_years.year
),

joined as (
    select
        town_years.*,
        named.town_name,
        coalesce(own_places.schools, 0) as schools,
        people.residents,
        case
            when own_homeless.stage is null and own_places.students_reason_code is null
                then own_places.students
        end as students,
        cohorts.births as cohort_births,
        cohorts.base_births,
        cohorts.grades,
        cohorts.grades_known,
        cohorts.base_grades_known,
        case
            when base_homeless.stage is null and base_places.students_reason_code is null
                then coalesce(base_places.students, 0)
        end as base_students,
        case
            when base_homeless.stage is not null then 'school_town_missing'
            else base_places.students_reason_code
        end as base_reason_code,
        case
            when seat_years.school_year is null or seat_homeless.stage is not null then null
            when seat_places.seats_reason_code is null then coalesce(seat_places.seats, 0)
        end as seats_standing,
        case
            when seat_years.school_year is null then 'admission_row_missing'
            when seat_homeless.stage is not null then 'school_town_missing'
            else seat_places.seats_reason_code
        end as seats_standing_reason_code,
        case
            when town_years.is_data_year then 0
            when project_districts.district_code is null then null
            when planned.projects is null then 0
            when planned.projects = planned.projects_known then planned.seats_added
        end as seats_from_projects,
        case
            when town_years.is_data_year then null
            when project_districts.district_code is null then 'project_register_missing'
            when planned.projects > planned.projects_known then 'project_seats_missing'
        end as projects_reason_code
    from town_years
    inner join named
        on
            town_years.district_code = named.district_code
            and town_years.town_code = named.town_code
    inner join cohorts
        on
            town_years.district_code = cohorts.district_code
            and town_years.town_code = cohorts.town_code
            and town_years.stage = cohorts.stage
            and town_years.year = cohorts.year
    left join population as people
        on
            town_years.district_code = people.district_code
            and town_years.town_code = people.town_code
            and town_years.year = people.year
    left join town_places as own_places
        on
            town_years.district_code = own_places.district_code
            and town_years.town_code = own_places.town_code
            and town_years.stage = own_places.stage
            and town_years.year = own_places.school_year
    left join town_places as base_places
        on
            town_years.district_code = base_places.district_code
            and town_years.town_code = base_places.town_code
            and town_years.stage = base_places.stage
            and town_years.base_year = base_places.school_year
    left join town_places as seat_places
        on
            town_years.district_code = seat_places.district_code
            and town_years.town_code = seat_places.town_code
            and town_years.stage = seat_places.stage
            and least(town_years.year, town_years.last_year) = seat_places.school_year
    left join seat_years
        on
            town_years.district_code = seat_years.district_code
            and least(town_years.year, town_years.last_year) = seat_years.school_year
    left join homeless as own_homeless
        on
            town_years.district_code = own_homeless.district_code
            and town_years.stage = own_homeless.stage
            and town_years.year = own_homeless.school_year
    left join homeless as base_homeless
        on
            town_years.district_code = base_homeless.district_code
            and town_years.stage = base_homeless.stage
            and town_years.base_year = base_homeless.school_year
    left join homeless as seat_homeless
        on
            town_years.district_code = seat_homeless.district_code
            and town_years.stage = seat_homeless.stage
            and least(town_years.year, town_years.last_year) = seat_homeless.school_year
    left join project_districts on town_years.district_code = project_districts.district_code
    left join planned
        on
            town_years.district_code = planned.district_code
            and town_years.town_code = planned.town_code
            and town_years.stage = planned.stage
            and town_years.year = planned.year
),

reasoned as (
    select
        *,
        coalesce(seats_standing_reason_code, projects_reason_code) as seats_reason_code,
        case
            when base_students is null then coalesce(base_reason_code, 'schools_missing')
            when base_grades_known < grades or grades_known < grades then 'births_missing'
            when base_births = 0 then 'denominator_zero'
        end as demand_reason_code
    from joined
),

forecast as (
    select
        *,
        case when seats_reason_code is null then seats_standing + seats_from_projects end as seats,
        case
            when demand_reason_code is null
                then ceil({{ divide('cohort_births * base_students', 'base_births') }})::bigint
        end as demand_students
    from reasoned
)

select
    forecast.district_code,
    forecast.year,
    forecast.town_code,
    forecast.town_name,
    forecast.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    forecast.is_data_year,
    forecast.schools,
    forecast.students,
    forecast.residents,
    forecast.seats,
    forecast.seats_reason_code,
    case when forecast.is_data_year then {{ divide('forecast.seats * 1000', 'forecast.residents') }} end
        as seats_per_1000_residents,
    least_seats.value as least_seats_per_1000_residents,
    case
        when not forecast.is_data_year then null
        when forecast.seats is null then forecast.seats_reason_code
        when forecast.residents is null then 'residents_missing'
        when forecast.residents = 0 then 'denominator_zero'
    end as ratio_reason_code,
    forecast.is_data_year
    and forecast.residents > 0
    and forecast.seats * 1000 < least_seats.value * forecast.residents as is_below_seats,
    forecast.base_year,
    forecast.base_students,
    forecast.base_births,
    forecast.cohort_births,
    forecast.demand_students,
    forecast.demand_reason_code,
    forecast.seats_from_projects,
    forecast.demand_students - forecast.seats as gap_seats,
    coalesce(forecast.demand_reason_code, forecast.seats_reason_code) as gap_reason_code,
    coalesce(forecast.demand_students > forecast.seats, false) as is_short_of_seats
from forecast
inner join stages on forecast.stage = stages.code
left join parameters as least_seats
    on
        forecast.stage = least_seats.stage
        and least_seats.parameter = 'seats_per_1000_residents'
