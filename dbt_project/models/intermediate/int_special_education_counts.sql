with children as (
    select * from {{ ref('stg_special_education') }}
),

placements as (
    select * from {{ ref('code_placement') }}
),

placed as (
    select
        children.region_code,
        children.district_code,
        children.school_year,
        children.is_school_age,
        children.disability_category,
        children.placement_code,
        children.has_plan,
        placements.is_enrolled
    from children
    inner join placements on children.placement_code = placements.code
),

broken_down as (
    select
        placed.*,
        'overall' as breakdown,
        'all' as category
    from placed
    union all
    select
        placed.*,
        'placement' as breakdown,
        placed.placement_code as category
    from placed
    where placed.is_school_age
    union all
    select
        placed.*,
        'disability_category' as breakdown,
        placed.disability_category as category
    from placed
    where placed.is_school_age
)

select
    region_code,
    district_code,
    school_year,
    breakdown,
    category,
    count(*) filter (where is_school_age) as children,
    count(*) filter (where is_school_age and is_enrolled) as enrolled,
    count(*) filter (where is_school_age and not is_enrolled) as not_enrolled,
    count(*) filter (where is_school_age and has_plan) as with_plan,
    count(*) filter (where is_school_age and not has_plan) as without_plan
from broken_down
group by region_code, district_code, school_year, breakdown, category
