with cases as (
    select * from {{ ref('stg_land_case') }}
),

kinds as (
    select * from {{ ref('code_land_case_kind') }}
)

select
    cases.district_code,
    cases.year,
    cases.kind,
    kinds.name_zh as kind_zh,
    kinds.name_en as kind_en,
    cases.case_code,
    cases.case_name,
    cases.town_code,
    cases.location,
    cases.land_area_m2,
    cases.planned_students,
    cases.standard_document,
    case
        when cases.kind = 'planned_site'
            then
                cases.location is not null
                and cases.land_area_m2 > 0
                and cases.planned_students > 0
                and cases.standard_document is not null
    end as is_site_complete,
    cases.has_own_school,
    cases.has_education_consent,
    cases.consent_document,
    cases.is_without_seats,
    cases.granted_on,
    case when cases.kind = 'parcel' then cases.granted_on is not null end as is_granted,
    case when cases.kind = 'parcel' then cases.granted_on is not null and cases.is_without_seats end
        as is_granted_without_seats
from cases
inner join kinds on cases.kind = kinds.code
