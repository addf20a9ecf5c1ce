with school_verdicts as (
    select * from {{ ref('int_school_verdicts') }}
),

school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

coefficients as (
    select * from {{ ref('int_coefficients') }}
),

changes as (
    select * from {{ ref('int_coefficient_changes') }}
),

composites as (
    select * from {{ ref('int_composites') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

composite_limits as (
    select * from {{ ref('standard_composite') }}
),

-- Standards that judge coefficients, one by one or as a mean.
judged_indicators as (
    select
        indicators.standard_code,
        indicators.stage,
        indicators.indicator_code,
        indicators.direction,
        indicators.threshold,
        indicators.coefficient_limit
    from indicators
    left join composite_limits
        on
            indicators.standard_code = composite_limits.standard_code
            and indicators.stage = composite_limits.stage
    where
        indicators.coefficient_limit is not null
        or composite_limits.composite_limit is not null
),

passing as (
    select
        school_verdicts.district_code,
        school_verdicts.school_year,
        stages.stage,
        school_verdicts.standard_code,
        count(*) as schools,
        count(*) filter (where school_verdicts.verdict <> 'no_data') as schools_judged,
        count(*) filter (where school_verdicts.verdict = 'met') as schools_passing
    from school_verdicts
    cross join lateral (values (school_verdicts.stage), ('compulsory')) as stages (stage)
    group by
        school_verdicts.district_code,
        school_verdicts.school_year,
        stages.stage,
        school_verdicts.standard_code
),

passing_measures as (
    select
        passing.district_code,
        passing.school_year as year,
        passing.stage,
        passing.standard_code,
        measures.measure_code,
        case when passing.schools_judged > 0 then measures.value end as value,
        passing.schools_judged as cases_reported,
        passing.schools as cases_expected,
        case when passing.schools_judged = 0 then 'no_school_reported' end as reason_code
    from passing
    cross join lateral (
        values
        ('schools_passing', passing.schools_passing),
        ('schools_assessed', passing.schools_judged)
    ) as measures (measure_code, value)
),

meeting as (
    select
        school_indicators.district_code,
        school_indicators.school_year,
        school_indicators.stage,
        school_indicators.standard_code,
        school_indicators.indicator_code,
        count(*) as schools,
        count(*) filter (where school_indicators.is_reported) as schools_compared,
        count(*) filter (
            where
            {{ reaches(
                'school_indicators.value', 'judged_indicators.direction', 'judged_indicators.threshold'
            ) }}
        ) as schools_meeting
    from school_indicators
    inner join judged_indicators
        on
            school_indicators.standard_code = judged_indicators.standard_code
            and school_indicators.stage = judged_indicators.stage
            and school_indicators.indicator_code = judged_indicators.indicator_code
    where judged_indicators.threshold is not null
    group by
        school_indicators.district_code,
        school_indicators.school_year,
        school_indicators.stage,
        school_indicators.standard_code,
        school_indicators.indicator_code
),

meeting_measures as (
    select
        meeting.district_code,
        meeting.school_year as year,
        meeting.stage,
        meeting.standard_code,
        measures.measure_code || '/' || meeting.indicator_code as measure_code,
        case when meeting.schools_compared > 0 then measures.value end as value,
        meeting.schools_compared as cases_reported,
        meeting.schools as cases_expected,
        case when meeting.schools_compared = 0 then 'no_school_reported' end as reason_code
    from meeting
    cross join lateral (
        values
        ('schools_meeting', meeting.schools_meeting),
        ('schools_compared', meeting.schools_compared)
    ) as measures (measure_code, value)
),

coefficient_measures as (
    select
        coefficients.district_code,
        coefficients.school_year as year,
        coefficients.stage,
        coefficients.standard_code,
        'coefficient/' || coefficients.indicator_code as measure_code,
        coefficients.coefficient as value,
        coefficients.schools_reported as cases_reported,
        coefficients.schools_in_scope as cases_expected,
        case when coefficients.coefficient is null then coefficients.reason_code end as reason_code
    from coefficients
    inner join judged_indicators
        on
            coefficients.standard_code = judged_indicators.standard_code
            and coefficients.stage = judged_indicators.stage
            and coefficients.indicator_code = judged_indicators.indicator_code
),

-- A coefficient that lacks schools is not held against its limit.
limited as (
    select
        coefficients.district_code,
        coefficients.school_year,
        stages.stage,
        coefficients.standard_code,
        count(*) as coefficients,
        count(*) filter (where coefficients.reason_code is null) as coefficients_limited,
        count(*) filter (
            where
            coefficients.reason_code is null
            and {{ reaches('coefficients.coefficient', "'at_most'", 'judged_indicators.coefficient_limit') }}
        ) as coefficients_within_limit
    from coefficients
    inner join judged_indicators
        on
            coefficients.standard_code = judged_indicators.standard_code
            and coefficients.stage = judged_indicators.stage
            and coefficients.indicator_code = judged_indicators.indicator_code
    cross join lateral (values (coefficients.stage), ('compulsory')) as stages (stage)
    where judged_indicators.coefficient_limit is not null
    group by
        coefficients.district_code,
        coefficients.school_year,
        stages.stage,
        coefficients.standard_code
),

limited_measures as (
    select
        limited.district_code,
        limited.school_year as year,
        limited.stage,
        limited.standard_code,
        measures.measure_code,
        case when limited.coefficients_limited > 0 then measures.value end as value,
        limited.coefficients_limited as cases_reported,
        limited.coefficients as cases_expected,
        case when limited.coefficients_limited = 0 then 'schools_missing' end as reason_code
    from limited
    cross join lateral (
        values
        ('coefficients_within_limit', limited.coefficients_within_limit),
        ('coefficients_limited', limited.coefficients_limited)
    ) as measures (measure_code, value)
),

shrunk as (
    select
        changes.district_code,
        changes.school_year,
        stages.stage,
        changes.standard_code,
        count(*) as coefficients,
        count(changes.is_shrunk) as coefficients_compared,
        count(*) filter (where changes.is_shrunk) as coefficients_shrunk,
        min(changes.reason_code) as reason_code,
        count(changes.is_shrunk_same_schools) as compared_same_schools,
        count(*) filter (where changes.is_shrunk_same_schools) as shrunk_same_schools,
        min(changes.same_schools_reason_code) as same_schools_reason_code
    from changes
    inner join judged_indicators
        on
            changes.standard_code = judged_indicators.standard_code
            and changes.stage = judged_indicators.stage
            and changes.indicator_code = judged_indicators.indicator_code
    cross join lateral (values (changes.stage), ('compulsory')) as stages (stage)
    group by
        changes.district_code,
        changes.school_year,
        stages.stage,
        changes.standard_code
),

shrunk_measures as (
    select
        shrunk.district_code,
        shrunk.school_year as year,
        shrunk.stage,
        shrunk.standard_code,
        measures.measure_code,
        case when measures.compared > 0 then measures.value end as value,
        measures.compared as cases_reported,
        shrunk.coefficients as cases_expected,
        case when measures.compared = 0 then measures.reason_code end as reason_code
    from shrunk
    cross join lateral (
        values
        (
            'coefficients_shrunk',
            shrunk.coefficients_shrunk,
            shrunk.coefficients_compared,
            shrunk.reason_code
        ),
        (
            'coefficients_compared',
            shrunk.coefficients_compared,
            shrunk.coefficients_compared,
            shrunk.reason_code
        ),
        (
            'coefficients_shrunk_same_schools',
            shrunk.shrunk_same_schools,
            shrunk.compared_same_schools,
            shrunk.same_schools_reason_code
        ),
        (
            'coefficients_compared_same_schools',
            shrunk.compared_same_schools,
            shrunk.compared_same_schools,
            shrunk.same_schools_reason_code
        )
    ) as measures (measure_code, value, compared, reason_code)
),

composite_measures as (
    select
        district_code,
        school_year as year,
        stage,
        standard_code,
        'composite_coefficient' as measure_code,
        composite as value,
        indicators_reported as cases_reported,
        indicators_averaged as cases_expected,
        reason_code
    from composites
),

all_measures as (
    select * from passing_measures
    union all
    select * from meeting_measures
    union all
    select * from coefficient_measures
    union all
    select * from limited_measures
    union all
    select * from shrunk_measures
    union all
    select * from composite_measures
)

select
    district_code,
    year,
    stage,
    standard_code,
    measure_code,
    value,
    cases_reported,
    cases_expected,
    reason_code
from all_measures
