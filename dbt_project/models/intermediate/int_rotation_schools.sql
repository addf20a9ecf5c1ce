with schools as (
    select * from {{ ref('dim_school') }}
),

recognition as (
    select * from {{ ref('stg_recognition') }}
),

parameters as (
    select
        {{ teacher_parameter('reference_day') }} as reference_day,
        {{ teacher_parameter('quality_school_reading') }} as quality_school_reading
    from {{ ref('teacher_parameter') }}
),

recognised as (
    select distinct
        recognition.district_code,
        recognition.school_year,
        recognition.school_code
    from recognition
    cross join parameters
    where
        parameters.quality_school_reading = 'recognised'
        and recognition.recognised_on <= (recognition.school_year || '-' || parameters.reference_day)::date
        and (
            recognition.expires_on is null
            or recognition.expires_on >= (recognition.school_year || '-' || parameters.reference_day)::date
        )
)

select
    schools.district_code,
    schools.school_year,
    schools.school_code,
    schools.counted_school_code,
    schools.urban_rural_group = 'rural' as is_rural,
    recognised.school_code is not null as is_quality,
    schools.urban_rural_group = 'urban' or recognised.school_code is not null as is_town_or_quality
from schools
left join recognised
    on
        schools.district_code = recognised.district_code
        and schools.school_year = recognised.school_year
        and schools.counted_school_code = recognised.school_code
