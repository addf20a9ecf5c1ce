with schools as (
    select * from {{ ref('dim_school') }}
),

clusters as (
    select * from {{ ref('stg_school_cluster') }}
),

dimensions as (
    select * from {{ ref('group_dimension') }}
),

-- These divide the schools of a district: each is in one group, if only in that of what is not stated.
divisions as (
    select
        schools.district_code,
        schools.school_year,
        schools.school_code,
        groups.dimension_code,
        groups.group_code
    from schools
    cross join lateral (
        values
        ('urban_rural', schools.urban_rural_group),
        ('area', schools.area_group),
        ('sector', schools.sector),
        ('town', coalesce(schools.town_code, 'not_stated'))
    ) as groups (dimension_code, group_code)
),

listed as (
    select
        clusters.district_code,
        clusters.school_year,
        schools.counted_school_code as school_code,
        dimensions.dimension_code,
        clusters.cluster_code as group_code,
        clusters.joined_on,
        clusters.left_on,
        cast(clusters.school_year || '-' || dimensions.reference_day as date) as reference_date
    from clusters
    inner join dimensions on clusters.cluster_kind = dimensions.cluster_kind
    inner join schools
        on
            clusters.district_code = schools.district_code
            and clusters.school_year = schools.school_year
            and clusters.school_code = schools.school_code
),

-- A school may be a member of none or of several: it counts in each. A campus stands for its parent.
memberships as (
    select distinct
        district_code,
        school_year,
        school_code,
        dimension_code,
        group_code
    from listed
    where
        (joined_on is null or joined_on <= reference_date)
        and (left_on is null or left_on > reference_date)
)

select
    district_code,
    school_year,
    school_code,
    dimension_code,
    group_code
from divisions
union all
select
    district_code,
    school_year,
    school_code,
    dimension_code,
    group_code
from memberships
