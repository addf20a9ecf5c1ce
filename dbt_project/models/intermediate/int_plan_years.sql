with plans as (
    select * from {{ ref('plan') }}
),

plan_districts as (
    select * from {{ ref('plan_district') }}
),

-- The years in which its schools reported: an account may run ahead of them or reach back decades.
districts as (
    select * from {{ ref('dim_district') }}
),

covered as (
    select distinct
        plan_districts.plan_code,
        districts.region_code,
        districts.district_code,
        districts.first_school_year,
        districts.last_school_year
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
cross join
    lateral generate_series(
        greatest(covered.first_school_year, plans.first_year - 1),
        least(covered.last_school_year, coalesce(plans.last_year, covered.last_school_year))
    ) as years (year)
