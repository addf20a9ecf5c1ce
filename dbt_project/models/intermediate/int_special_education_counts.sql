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
        -- Taught at home as often as is owed; not known where either number is missing.
        case
            when children.placement_code = 'home_teaching'
                then children.home_visits_made >= children.home_visits_required
        end as has_visits,
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
    count(*) filter (where is_school_age and not has_plan) as without_plan,
    case
        when
            breakdown = 'placement'
            and category = 'home_teaching'
            and count(*) filter (where has_visits is null) = 0
            then count(*) filter (where has_visits)
    end as with_visits
from broken_down
group by region_code, district_code, school_year, breakdown, category
