with plans as (
    select * from {{ ref('plan') }}
),

plan_districts as (
    select * from {{ ref('plan_district') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

batches as (
    select * from {{ ref('int_record_batches') }}
),

measures as (
    select * from {{ ref('policy_measure') }}
),

-- An account may run ahead of the schools or reach back decades: it does not make a year of the board.
school_records as (
    select distinct unnest(string_to_array(records, '|')) as record
    from measures
    where calendar = 'school_year'
),

known_years as (
    select
        batches.district_code,
        min(batches.year) as first_year,
        max(batches.year) as last_year
    from batches
    inner join school_records on batches.record = school_records.record
    where batches.year is not null
    group by batches.district_code
),

covered as (
    select distinct
        plan_districts.plan_code,
        districts.region_code,
        districts.district_code
    from plan_districts
    inner join districts
        on
            plan_districts.region_code = districts.region_code
            and coalesce(plan_districts.district_code, districts.district_code) = districts.district_code
)

select
    covered.plan_code,
    covered.region_code,
    covered.district_code,
    years.year,
    -- The year before the plan is only compared with.
    years.year >= plans.first_year as is_in_plan
from covered
inner join plans on covered.plan_code = plans.plan_code
inner join known_years on covered.district_code = known_years.district_code
cross join
    lateral generate_series(
        greatest(known_years.first_year, plans.first_year - 1),
        least(known_years.last_year, coalesce(plans.last_year, known_years.last_year))
    ) as years (year)
