-- One row for each school of scope and indicator of its standard: joins neither multiply nor drop.
with scope as (
    select * from {{ ref('int_school_scope') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

expected as (
    select
        scope.standard_code,
        scope.district_code,
        scope.school_year,
        scope.stage,
        count(*) as row_count
    from scope
    inner join indicators
        on
            scope.standard_code = indicators.standard_code
            and scope.stage = indicators.stage
    where scope.is_in_scope
    group by
        scope.standard_code,
        scope.district_code,
        scope.school_year,
        scope.stage
),

found as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        count(*) as row_count
    from {{ ref('mart_balance__school_indicators') }}
    group by
        standard_code,
        district_code,
        school_year,
        stage
)

select
    expected.standard_code,
    expected.district_code,
    expected.school_year,
    expected.stage,
    expected.row_count,
    found.row_count as found_count
from expected
left join found
    on
        expected.standard_code = found.standard_code
        and expected.district_code = found.district_code
        and expected.school_year = found.school_year
        and expected.stage = found.stage
where found.row_count is null or expected.row_count <> found.row_count
