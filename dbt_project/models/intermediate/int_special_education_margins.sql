with overall as (
    select * from {{ ref('int_special_education_counts') }}
    where breakdown = 'overall'
),

parameters as (
    select
        max(value) filter (where parameter = 'suppression_threshold')::bigint as threshold,
        max(value) filter (where parameter = 'enrolled_min_pct')::numeric as enrolled_min_pct
    from {{ ref('special_education_parameter') }}
),

hidden as (
    select
        overall.*,
        parameters.threshold,
        parameters.enrolled_min_pct,
        {{ is_small('overall.children', 'parameters.threshold') }} as is_children_hidden,
        (
            {{ is_small('overall.children', 'parameters.threshold') }}
            or {{ is_small('overall.enrolled', 'parameters.threshold') }}
            or {{ is_small('overall.not_enrolled', 'parameters.threshold') }}
        ) as is_enrolled_hidden,
        (
            {{ is_small('overall.children', 'parameters.threshold') }}
            or {{ is_small('overall.with_plan', 'parameters.threshold') }}
            or {{ is_small('overall.without_plan', 'parameters.threshold') }}
        ) as is_plan_hidden,
        -- How many of the numbers 1 … threshold - 1 of children not enrolled would still meet the standard.
        least(
            floor((100 - parameters.enrolled_min_pct) * overall.children / 100), parameters.threshold - 1
        ) as small_counts_that_meet
    from overall
    cross join parameters
),

weighed as (
    select
        *,
        threshold - 1 - small_counts_that_meet as small_counts_that_fail
    from hidden
)

select
    region_code,
    district_code,
    school_year,
    children,
    enrolled,
    not_enrolled,
    threshold,
    enrolled_min_pct,
    is_children_hidden,
    is_enrolled_hidden,
    is_plan_hidden,
    -- A verdict that leaves one possible number is that number. Decided by the number of children alone,
    -- so that withholding it says nothing more.
    (
        is_children_hidden
        or (is_enrolled_hidden and 1 in (small_counts_that_meet, small_counts_that_fail))
    ) as is_verdict_hidden,
    -- The verdict narrows the hidden number: nothing else may narrow it further.
    (
        is_enrolled_hidden
        and not is_children_hidden
        and small_counts_that_meet > 1
        and small_counts_that_fail > 1
    ) as is_breakdown_guarded
from weighed
