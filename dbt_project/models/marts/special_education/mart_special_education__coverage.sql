with margins as (
    select * from {{ ref('int_special_education_margins') }}
),

overall_counts as (
    select * from {{ ref('int_special_education_counts') }}
    where breakdown = 'overall'
),

suppression as (
    select * from {{ ref('int_special_education_suppression') }}
),

breakdowns as (
    select * from {{ ref('special_education_breakdown') }}
),

categories as (
    select
        'placement' as breakdown,
        code,
        name_zh,
        name_en
    from {{ ref('code_placement') }}
    union all
    select
        'disability_category' as breakdown,
        code,
        name_zh,
        name_en
    from {{ ref('code_disability_category') }}
    union all
    select
        'overall' as breakdown,
        'all' as code,
        '全部' as name_zh,
        'All' as name_en
),

verdicts as (
    select * from {{ ref('verdict') }}
),

reasons as (
    select * from {{ ref('special_education_reason') }}
),

overall as (
    select
        margins.region_code,
        margins.district_code,
        margins.school_year,
        overall_counts.breakdown,
        overall_counts.category,
        margins.children,
        margins.enrolled,
        overall_counts.with_plan,
        null::bigint as with_visits,
        margins.is_children_hidden,
        margins.is_enrolled_hidden,
        margins.is_plan_hidden,
        false as is_visits_hidden,
        margins.is_verdict_hidden,
        margins.enrolled_min_pct,
        case
            when margins.children = 0 or margins.is_verdict_hidden then 'no_data'
            -- Compared unrounded and without dividing.
            when margins.enrolled * 100 >= margins.enrolled_min_pct * margins.children then 'met'
            else 'not_met'
        end as verdict
    from margins
    inner join overall_counts
        on
            margins.region_code = overall_counts.region_code
            and margins.district_code = overall_counts.district_code
            and margins.school_year = overall_counts.school_year
),

all_rows as (
    select * from overall
    union all
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
        is_children_hidden,
        is_enrolled_hidden,
        is_plan_hidden,
        is_visits_hidden,
        false as is_verdict_hidden,
        null::numeric as enrolled_min_pct,
        -- The standard judges the district, not a category.
        'not_applicable' as verdict
    from suppression
),

published as (
    select
        region_code,
        district_code,
        school_year,
        breakdown,
        category,
        verdict,
        enrolled_min_pct,
        case when not is_children_hidden then children end as children,
        case when not is_enrolled_hidden then enrolled end as enrolled,
        case when not is_plan_hidden then with_plan end as with_plan,
        case when not is_visits_hidden then with_visits end as with_visits,
        is_children_hidden or is_enrolled_hidden or is_plan_hidden or is_visits_hidden as is_suppressed,
        case
            when is_verdict_hidden then 'small_count_and_verdict'
            when is_children_hidden or is_enrolled_hidden or is_plan_hidden or is_visits_hidden
                then 'small_count'
            when children = 0 then 'no_children'
            when breakdown = 'placement' and category = 'home_teaching' and with_visits is null
                then 'visits_missing'
        end as reason
    from all_rows
),

with_shares as (
    select
        *,
        -- One decimal, as the national form prints shares.
        round(enrolled * 100::numeric / nullif(children, 0), 1) as enrolled_pct,
        round(with_plan * 100::numeric / nullif(children, 0), 1) as with_plan_pct,
        round(with_visits * 100::numeric / nullif(children, 0), 1) as with_visits_pct
    from published
)

select
    with_shares.region_code,
    with_shares.district_code,
    with_shares.school_year,
    with_shares.breakdown,
    breakdowns.name_zh as breakdown_zh,
    breakdowns.name_en as breakdown_en,
    with_shares.category,
    categories.name_zh as category_zh,
    categories.name_en as category_en,
    with_shares.children,
    with_shares.enrolled,
    with_shares.enrolled_pct,
    with_shares.with_plan,
    with_shares.with_plan_pct,
    with_shares.with_visits,
    with_shares.with_visits_pct,
    with_shares.enrolled_min_pct,
    with_shares.verdict,
    verdicts.name_zh as verdict_zh,
    verdicts.name_en as verdict_en,
    (
        with_shares.verdict in ('met', 'not_met')
        and (with_shares.enrolled_pct >= with_shares.enrolled_min_pct) <> (with_shares.verdict = 'met')
    ) is true as is_turned_by_rounding,
    with_shares.is_suppressed,
    with_shares.reason,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from with_shares
inner join breakdowns on with_shares.breakdown = breakdowns.breakdown
inner join categories
    on
        with_shares.breakdown = categories.breakdown
        and with_shares.category = categories.code
inner join verdicts on with_shares.verdict = verdicts.verdict
left join reasons on with_shares.reason = reasons.reason
