with places as (
    select * from {{ ref('int_school_places') }}
),

stages as (
    select * from {{ ref('code_stage') }}
)

select
    places.district_code,
    places.school_year,
    places.school_code,
    places.school_name,
    places.town_code,
    places.town_name,
    places.sector,
    places.area_group,
    places.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    places.is_boarding,
    places.is_zoned,
    places.admitted,
    places.admitted_in_zone,
    places.admitted - places.admitted_in_zone as admitted_out_of_zone,
    round(100 * {{ divide('places.admitted_in_zone', 'places.admitted') }}, 4) as in_zone_pct,
    places.zone_reason_code as reason_code
from places
inner join stages on places.stage = stages.code
where places.is_admission_year
