-- Matters: a placement or category outside its code list would take children away unseen.
-- Mend: add the code to its list, or mend the contract that let it in. Only districts and years are named.
with counts as (
    select * from {{ ref('int_special_education_counts') }}
),

children as (
    select * from {{ ref('stg_special_education') }}
),

published as (
    select * from {{ ref('mart_special_education__coverage') }}
),

expected as (
    select
        district_code,
        school_year,
        count(*) filter (where is_school_age) as children
    from children
    group by district_code, school_year
),

counted as (
    select
        district_code,
        school_year,
        breakdown,
        sum(children) as children
    from counts
    group by district_code, school_year, breakdown
)

select
    expected.district_code,
    expected.school_year
from expected
left join counted
    on
        expected.district_code = counted.district_code
        and expected.school_year = counted.school_year
group by expected.district_code, expected.school_year, expected.children
having
    count(counted.breakdown) <> case when expected.children = 0 then 1 else 3 end
    or min(counted.children) <> expected.children
    or max(counted.children) <> expected.children
union all
select
    counts.district_code,
    counts.school_year
from counts
left join published
    on
        counts.district_code = published.district_code
        and counts.school_year = published.school_year
        and counts.breakdown = published.breakdown
        and counts.category = published.category
where published.category is null
