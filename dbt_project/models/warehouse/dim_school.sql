with register as (
    select * from {{ ref('stg_school') }}
),

enrolment as (
    select * from {{ ref('stg_enrolment') }}
),

set_aside as (
    select * from {{ ref('stg_enrolment_set_aside') }}
),

staffing as (
    select * from {{ ref('stg_staffing') }}
),

facilities as (
    select * from {{ ref('stg_facilities') }}
),

types as (
    select * from {{ ref('code_school_type') }}
),

operators as (
    select * from {{ ref('code_operator') }}
),

places as (
    select * from {{ ref('code_urban_rural') }}
),

-- A school may have figures and no row in the register: it is kept, and flagged.
known as (
    select
        region_code,
        district_code,
        school_year,
        school_code
    from register
    union
    select
        region_code,
        district_code,
        school_year,
        school_code
    from enrolment
    union
    select
        region_code,
        district_code,
        school_year,
        school_code
    from staffing
    union
    select
        region_code,
        district_code,
        school_year,
        school_code
    from facilities
    union
    -- A school whose only row was set aside is still a school of the district.
    select
        region_code,
        district_code,
        school_year,
        school_code
    from set_aside
    where school_code is not null
),

described as (
    select
        known.region_code,
        known.district_code,
        known.school_year,
        known.school_code,
        register.school_name,
        register.school_type_code,
        register.operator_code,
        register.urban_rural_code,
        register.town_code,
        register.town_name,
        register.parent_school_code,
        register.built_year,
        register.is_dense_inner_city,
        register.is_rural_small,
        register.school_code is not null as is_registered,
        -- The form leaves the field empty for an ordinary school: only an explicit no makes a campus.
        (register.counts_as_school is null or register.counts_as_school) as counts_as_school
    from known
    left join register
        on
            known.district_code = register.district_code
            and known.school_year = register.school_year
            and known.school_code = register.school_code
),

attached as (
    select
        described.*,
        parents.school_code is not null as has_parent,
        coalesce(parents.counts_as_school, false) as is_parent_counted
    from described
    left join described as parents
        on
            described.district_code = parents.district_code
            and described.school_year = parents.school_year
            and described.parent_school_code = parents.school_code
            and parents.is_registered
            and not described.counts_as_school
)

select
    attached.district_code || '|' || attached.school_year || '|' || attached.school_code as school_key,
    attached.region_code,
    attached.district_code,
    attached.school_year,
    attached.school_code,
    attached.school_name,
    attached.school_type_code,
    types.name_zh as school_type_zh,
    types.name_en as school_type_en,
    types.type_group,
    coalesce(types.is_special, false) as is_special,
    coalesce(types.is_vocational, false) as is_vocational,
    coalesce(types.is_teaching_point, false) as is_teaching_point,
    attached.operator_code,
    coalesce(operators.sector, 'not_stated') as sector,
    attached.urban_rural_code,
    coalesce(places.urban_rural_group, 'not_stated') as urban_rural_group,
    coalesce(places.area_group, 'not_stated') as area_group,
    attached.town_code,
    attached.town_name,
    attached.is_registered,
    attached.counts_as_school,
    attached.parent_school_code,
    attached.built_year,
    attached.is_dense_inner_city,
    attached.is_rural_small,
    case
        when attached.is_parent_counted then attached.parent_school_code
        else attached.school_code
    end as counted_school_code,
    case
        when not attached.is_registered then 'not_in_register'
        when attached.counts_as_school then null
        when not attached.has_parent then 'campus_without_parent'
        when not attached.is_parent_counted then 'parent_is_campus'
    end as note_code
from attached
left join types on attached.school_type_code = types.code
left join operators on attached.operator_code = operators.code
left join places on attached.urban_rural_code = places.code
