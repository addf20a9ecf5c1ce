-- Taken from what is published: a share that is withheld there is withheld here too.
with coverage as (
    select * from {{ ref('mart_special_education__coverage') }}
),

shares as (
    select
        district_code,
        school_year,
        'special_education_enrolled_pct' as measure_code,
        children,
        enrolled as covered,
        reason
    from coverage
    where breakdown = 'overall'
    union all
    select
        district_code,
        school_year,
        'special_education_with_plan_pct' as measure_code,
        children,
        with_plan as covered,
        reason
    from coverage
    where breakdown = 'overall'
    union all
    select
        district_code,
        school_year,
        'home_visits_made_pct' as measure_code,
        children,
        with_visits as covered,
        reason
    from coverage
    where breakdown = 'placement' and category = 'home_teaching'
),

-- Unrounded: 99.96 % is not every child.
computed as (
    select
        district_code,
        school_year,
        measure_code,
        reason,
        {{ divide('covered * 100', 'children') }} as value
    from shares
)

select
    district_code,
    school_year as year,
    'compulsory' as stage,
    'none' as standard_code,
    measure_code,
    value,
    case when value is null then 0 else 1 end::bigint as cases_reported,
    1::bigint as cases_expected,
    case
        when value is not null then null
        when reason = 'no_children' then 'denominator_zero'
        when reason = 'visits_missing' then 'visits_missing'
        else 'small_count'
    end as reason_code
from computed
