with places as (
    select * from {{ ref('int_school_places') }}
),

towns as (
    select * from {{ ref('mart_policy__places_by_town') }}
),

sizes as (
    select * from {{ ref('mart_policy__school_size') }}
),

population as (
    select * from {{ ref('stg_population') }}
),

registers as (
    select * from {{ ref('stg_project') }}
),

-- Years in which residents were told: of other years nothing is said of towns.
population_years as (
    select
        district_code,
        year
    from population
    where residents is not null
    group by district_code, year
),

register_districts as (
    select
        district_code,
        extract(year from max(as_of_on))::integer as last_year
    from registers
    group by district_code
),

place_sums as (
    select
        district_code,
        school_year as year,
        coalesce(stage, 'compulsory') as stage,
        sum(seats) filter (where seats_reason_code is null) as seats,
        count(*) filter (where seats_reason_code is null) as seats_reported,
        count(*) as schools,
        sum(admitted) filter (where is_zoned and zone_reason_code is null) as admitted,
        sum(admitted_in_zone) filter (where is_zoned and zone_reason_code is null) as admitted_in_zone,
        count(*) filter (where is_zoned and zone_reason_code is null) as zoned_reported,
        count(*) filter (where is_zoned) as zoned
    from places
    where is_admission_year
    group by grouping sets (
        (district_code, school_year, stage),
        (district_code, school_year)
    )
),

place_measures as (
    select
        place_sums.district_code,
        place_sums.year,
        place_sums.stage,
        listed.measure_code,
        listed.value,
        listed.cases_reported,
        listed.cases_expected,
        case when listed.cases_reported = 0 then 'no_school_reported' end as reason_code
    from place_sums
    cross join lateral (
        values
        ('seats', place_sums.seats, place_sums.seats_reported, place_sums.schools),
        ('admitted', place_sums.admitted, place_sums.zoned_reported, place_sums.zoned),
        ('admitted_in_zone', place_sums.admitted_in_zone, place_sums.zoned_reported, place_sums.zoned)
    ) as listed (measure_code, value, cases_reported, cases_expected)
),

town_sums as (
    select
        towns.district_code,
        towns.year,
        towns.stage,
        count(*) as towns,
        count(towns.residents) as towns_with_residents,
        sum(towns.residents) as residents,
        count(*) filter (where towns.ratio_reason_code is null) as towns_with_ratio,
        count(*) filter (where towns.is_below_seats) as towns_below_seats
    from towns
    inner join population_years
        on
            towns.district_code = population_years.district_code
            and towns.year = population_years.year
    where towns.is_data_year
    group by towns.district_code, towns.year, towns.stage
),

town_measures as (
    select
        town_sums.district_code,
        town_sums.year,
        town_sums.stage,
        listed.measure_code,
        listed.value,
        listed.cases_reported,
        listed.cases_expected,
        listed.reason_code
    from town_sums
    cross join lateral (
        values
        (
            'residents',
            case when town_sums.towns_with_residents = town_sums.towns then town_sums.residents end,
            town_sums.towns_with_residents,
            town_sums.towns,
            case when town_sums.towns_with_residents < town_sums.towns then 'residents_missing' end
        ),
        ('towns', town_sums.towns, town_sums.towns, town_sums.towns, null),
        (
            'towns_below_seats',
            case when town_sums.towns_with_ratio > 0 then town_sums.towns_below_seats end,
            town_sums.towns_with_ratio,
            town_sums.towns,
            case when town_sums.towns_with_ratio = 0 then 'admission_row_missing' end
        )
    ) as listed (measure_code, value, cases_reported, cases_expected, reason_code)
),

forecast_sums as (
    select
        towns.district_code,
        towns.year,
        count(*) as town_stages,
        count(towns.gap_seats) as town_stages_complete,
        max(towns.gap_seats) as largest_gap_seats
    from towns
    inner join population_years
        on
            towns.district_code = population_years.district_code
            and towns.year = population_years.year
    where towns.is_data_year
    group by towns.district_code, towns.year
),

forecast_measures as (
    select
        forecast_sums.district_code,
        forecast_sums.year,
        'compulsory' as stage,
        listed.measure_code,
        listed.value,
        forecast_sums.town_stages_complete as cases_reported,
        forecast_sums.town_stages as cases_expected,
        case when listed.value is null then 'births_missing' end as reason_code
    from forecast_sums
    cross join lateral (
        values
        ('forecast_town_stages_complete', forecast_sums.town_stages_complete),
        ('forecast_town_stages_expected', forecast_sums.town_stages),
        ('forecast_largest_gap_seats', forecast_sums.largest_gap_seats)
    ) as listed (measure_code, value)
),

size_years as (
    select
        district_code,
        school_year as year,
        count(*) filter (where limit_code = 'plan' and not is_long_school) as new_schools,
        count(is_over) filter (where limit_code = 'plan' and not is_long_school) as new_reported,
        count(*) filter (where limit_code = 'plan' and not is_long_school and is_over) as new_over,
        count(*) filter (where limit_code = 'plan' and is_long_school) as long_schools,
        count(is_over) filter (where limit_code = 'plan' and is_long_school) as long_reported,
        count(*) filter (where limit_code = 'plan' and is_long_school and is_over) as long_over,
        count(*) filter (where limit_code = 'national' and school_code is not null) as schools,
        count(is_over) filter (where limit_code = 'national' and school_code is not null) as reported,
        count(*) filter (where limit_code = 'national' and school_code is not null and is_over) as over_size
    from sizes
    group by district_code, school_year
),

-- That there is no new school is known where a register of projects was accepted; of standing ones anyway.
size_measures as (
    select
        size_years.district_code,
        size_years.year,
        'compulsory' as stage,
        listed.measure_code,
        listed.value,
        listed.cases_reported,
        listed.cases_expected,
        case when listed.cases_reported = 0 and listed.cases_expected > 0 then 'no_school_reported' end
            as reason_code
    from size_years
    left join register_districts on size_years.district_code = register_districts.district_code
    cross join
        lateral (
            values
            (true, 'new_schools', size_years.new_schools, size_years.new_reported, size_years.new_schools),
            (
                true,
                'new_schools_over_size',
                size_years.new_over,
                size_years.new_reported,
                size_years.new_schools
            ),
            (
                true,
                'long_schools',
                size_years.long_schools,
                size_years.long_reported,
                size_years.long_schools
            ),
            (
                true,
                'long_schools_over_size',
                size_years.long_over,
                size_years.long_reported,
                size_years.long_schools
            ),
            (false, 'schools_counted', size_years.schools, size_years.reported, size_years.schools),
            (false, 'schools_over_size', size_years.over_size, size_years.reported, size_years.schools)
        ) as listed (is_of_register, measure_code, value, cases_reported, cases_expected)
    where not listed.is_of_register or register_districts.last_year >= size_years.year
),

measures as (
    select * from place_measures
    union all
    select * from town_measures
    union all
    select * from forecast_measures
    union all
    select * from size_measures
)

select
    district_code,
    year,
    stage,
    'none' as standard_code,
    measure_code,
    case when reason_code is null then value::numeric end as value,
    cases_reported,
    cases_expected,
    reason_code
from measures
