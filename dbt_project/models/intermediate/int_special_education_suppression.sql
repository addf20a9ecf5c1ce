with counts as (
    select * from {{ ref('int_special_education_counts') }}
    where breakdown <> 'overall'
),

margins as (
    select * from {{ ref('int_special_education_margins') }}
),

placements as (
    select * from {{ ref('code_placement') }}
),

-- Children placed anywhere add up to the enrolled, whose number is published by itself: they protect one
-- another, and the not enrolled share the fate of that number.
sided as (
    select
        counts.*,
        margins.threshold,
        margins.is_children_hidden as is_total_hidden,
        margins.is_enrolled_hidden as is_enrolled_total_hidden,
        margins.is_plan_hidden as is_plan_total_hidden,
        margins.is_breakdown_guarded,
        margins.not_enrolled as total_not_enrolled,
        case
            when counts.breakdown = 'placement' and not placements.is_enrolled then 'not_enrolled'
            when counts.breakdown = 'placement' then 'enrolled'
            else 'all'
        end as side,
        {{ is_small('counts.children', 'margins.threshold') }} as is_small_row
    from counts
    inner join margins
        on
            counts.region_code = margins.region_code
            and counts.district_code = margins.district_code
            and counts.school_year = margins.school_year
    left join placements on counts.category = placements.code
),

-- The not enrolled, when hidden, are one more hidden number beside the placements.
offered as (
    select
        *,
        side = 'enrolled' and is_enrolled_total_hidden as is_beside_hidden,
        case when side = 'enrolled' and is_enrolled_total_hidden then 1 else 0 end as hidden_beside,
        case when side = 'enrolled' and is_enrolled_total_hidden then total_not_enrolled else 0 end
            as children_beside,
        -- Small ones first, then by size; beside the not enrolled by code, lest the order bound that number.
        row_number() over (
            partition by region_code, district_code, school_year, breakdown, side
            order by
                (not is_small_row) asc,
                case
                    when not (side = 'enrolled' and is_enrolled_total_hidden) then children
                end asc nulls last,
                category asc
        ) as hiding_order
    from sided
),

accumulated as (
    select
        *,
        bool_or(is_small_row) over same_side or is_beside_hidden as is_any_hidden,
        hiding_order - 1 + hidden_beside as hidden_before,
        sum(children) over same_side_in_order - children + children_beside as children_before
    from offered
    window
        same_side as (partition by region_code, district_code, school_year, breakdown, side),
        same_side_in_order as (
            partition by region_code, district_code, school_year, breakdown, side
            order by hiding_order
            rows between unbounded preceding and current row
        )
),

rows_hidden as (
    select
        *,
        case
            when is_small_row or is_total_hidden then true
            when breakdown = 'placement' and is_breakdown_guarded then true
            when side = 'not_enrolled' then is_enrolled_total_hidden
            when not is_any_hidden then false
            -- Enough are hidden: two or more, not few in all, and not each of them the largest small number.
            else
                hidden_before < 2
                or children_before < threshold
                or children_before = hidden_before * (threshold - 1)
        end as is_row_hidden
    from accumulated
),

-- Ties: a row as large as one that is hidden is hidden too, lest the choice tell which is smaller.
ties_hidden as (
    select
        *,
        bool_or(is_row_hidden) over (
            partition by region_code, district_code, school_year, breakdown, side, children
        ) and (is_row_hidden or not is_beside_hidden) as is_hidden
    from rows_hidden
),

measured as (
    select
        *,
        -- Where a child learns says whether it is enrolled: no second number to protect there.
        breakdown <> 'placement'
        and ({{ is_small('enrolled', 'threshold') }} or {{ is_small('not_enrolled', 'threshold') }})
            as is_enrolled_small,
        {{ is_small('with_plan', 'threshold') }} or {{ is_small('without_plan', 'threshold') }}
            as is_plan_small,
        {{ is_small('with_visits', 'threshold') }} or {{ is_small('children - with_visits', 'threshold') }}
            as is_visits_small
    from ties_hidden
),

ordered as (
    select
        *,
        row_number() over (
            partition by region_code, district_code, school_year, breakdown
            order by (is_hidden or is_enrolled_small) desc, children asc, category asc
        ) as enrolled_order,
        row_number() over (
            partition by region_code, district_code, school_year, breakdown
            order by (is_hidden or is_plan_small) desc, children asc, category asc
        ) as plan_order
    from measured
),

summed as (
    select
        *,
        bool_or(is_hidden or is_enrolled_small) over same_breakdown as is_any_enrolled_hidden,
        bool_or(is_hidden or is_plan_small) over same_breakdown as is_any_plan_hidden,
        sum(enrolled) over in_enrolled_order - enrolled as enrolled_before,
        sum(not_enrolled) over in_enrolled_order - not_enrolled as not_enrolled_before,
        sum(with_plan) over in_plan_order - with_plan as with_plan_before,
        sum(without_plan) over in_plan_order - without_plan as without_plan_before
    from ordered
    window
        same_breakdown as (partition by region_code, district_code, school_year, breakdown),
        in_enrolled_order as (
            partition by region_code, district_code, school_year, breakdown order by enrolled_order
            rows between unbounded preceding and current row
        ),
        in_plan_order as (
            partition by region_code, district_code, school_year, breakdown order by plan_order
            rows between unbounded preceding and current row
        )
)

select
    region_code,
    district_code,
    school_year,
    breakdown,
    category,
    children,
    enrolled,
    with_plan,
    with_visits,
    is_hidden as is_children_hidden,
    case
        when is_hidden or is_enrolled_small or is_breakdown_guarded then true
        -- Where the enrolled in total are hidden, nothing can be taken from them.
        when breakdown = 'placement' or is_enrolled_total_hidden or not is_any_enrolled_hidden then false
        else
            enrolled_order <= 2
            or {{ is_small('enrolled_before', 'threshold') }}
            or {{ is_small('not_enrolled_before', 'threshold') }}
    end as is_enrolled_hidden,
    case
        when is_hidden or is_plan_small then true
        when is_plan_total_hidden or not is_any_plan_hidden then false
        else
            plan_order <= 2
            or {{ is_small('with_plan_before', 'threshold') }}
            or {{ is_small('without_plan_before', 'threshold') }}
    end as is_plan_hidden,
    -- Only one category is taught at home: its visits stand in no sum from which they could be taken.
    with_visits is not null and (is_hidden or is_visits_small) as is_visits_hidden
from summed
