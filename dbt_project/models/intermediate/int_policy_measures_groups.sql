with changes as (
    select * from {{ ref('int_group_gap_changes') }}
),

dimensions as (
    select * from {{ ref('group_dimension') }}
),

-- Only a dimension with a pair has one gap; a district without one of the two has nothing to compare.
-- Both stages of compulsory education together are a stage of their own.
gaps as (
    select
        changes.standard_code,
        changes.district_code,
        changes.school_year,
        stages.stage,
        changes.dimension_code,
        changes.stated_group_count > 1 as is_expected,
        changes.is_shrunk,
        changes.is_shrunk_same_schools,
        changes.reason_code,
        changes.same_schools_reason_code
    from changes
    inner join dimensions on changes.dimension_code = dimensions.dimension_code
    cross join lateral (values (changes.stage), ('compulsory')) as stages (stage)
    where
        dimensions.first_group is not null
        and changes.stage in ('primary', 'junior_secondary')
),

counted as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        dimension_code,
        count(*) filter (where is_expected) as expected,
        count(*) filter (where is_expected and is_shrunk is not null) as compared,
        count(*) filter (where is_expected and is_shrunk) as shrunk,
        count(*) filter (where is_expected and is_shrunk_same_schools is not null) as compared_same_schools,
        count(*) filter (where is_expected and is_shrunk_same_schools) as shrunk_same_schools,
        mode() within group (order by reason_code) as reason_code,
        mode() within group (order by same_schools_reason_code) as same_schools_reason_code
    from gaps
    group by
        standard_code,
        district_code,
        school_year,
        stage,
        dimension_code
),

measures as (
    select
        counted.standard_code,
        counted.district_code,
        counted.school_year,
        counted.stage,
        counted.expected,
        figures.measure || '/' || counted.dimension_code as measure_code,
        figures.value,
        figures.compared,
        case when figures.value is null then figures.reason_code end as reason_code
    from counted
    cross join lateral (
        values
        ('gaps_compared', counted.compared, counted.compared, null),
        (
            'gaps_shrunk',
            case when counted.compared > 0 then counted.shrunk end,
            counted.compared,
            counted.reason_code
        ),
        (
            'gaps_compared_same_schools',
            counted.compared_same_schools,
            counted.compared_same_schools,
            null
        ),
        (
            'gaps_shrunk_same_schools',
            case when counted.compared_same_schools > 0 then counted.shrunk_same_schools end,
            counted.compared_same_schools,
            counted.same_schools_reason_code
        )
    ) as figures (measure, value, compared, reason_code)
)

select
    district_code,
    school_year as year,
    stage,
    standard_code,
    measure_code,
    cast(value as numeric) as value,
    compared as cases_reported,
    expected as cases_expected,
    reason_code
from measures
