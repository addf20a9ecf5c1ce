with schools as (
    select * from {{ ref('stg_school') }}
),

enrolment as (
    select * from {{ ref('stg_enrolment') }}
),

staffing as (
    select * from {{ ref('stg_staffing') }}
),

facilities as (
    select * from {{ ref('stg_facilities') }}
),

sightings as (
    select
        region_code,
        district_code,
        school_year,
        district_name
    from schools
    union
    select
        region_code,
        district_code,
        school_year,
        null as district_name
    from enrolment
    union
    select
        region_code,
        district_code,
        school_year,
        null as district_name
    from staffing
    union
    select
        region_code,
        district_code,
        school_year,
        null as district_name
    from facilities
),

named as (
    select
        *,
        max(school_year) filter (where district_name is not null)
            over (partition by district_code) as last_named_year
    from sightings
)

select
    district_code,
    region_code,
    max(district_name) filter (where school_year = last_named_year) as district_name,
    min(school_year) as first_school_year,
    max(school_year) as last_school_year
from named
group by
    district_code,
    region_code
