with stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

standards as (
    select * from {{ ref('standard') }}
),

concessions as (
    select * from {{ ref('standard_concession') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

assessed_stages as (
    select
        standard_code,
        stage
    from indicators
    group by
        standard_code,
        stage
),

-- A school of which a part is missing is neither small nor full of migrant workers' children.
sizes as (
    select
        district_code,
        school_year,
        counted_school_code as school_code,
        {{ sum_if_complete('students') }} as students
    from stage_students
    group by
        district_code,
        school_year,
        counted_school_code
),

migrants as (
    select
        assessed_stages.standard_code,
        stage_students.district_code,
        stage_students.school_year,
        stage_students.counted_school_code as school_code,
        {{ sum_if_complete('stage_students.migrant_students') }} as migrant_students,
        {{ sum_if_complete('stage_students.students') }} as students
    from stage_students
    inner join assessed_stages on stage_students.stage = assessed_stages.stage
    group by
        assessed_stages.standard_code,
        stage_students.district_code,
        stage_students.school_year,
        stage_students.counted_school_code
),

migrant_shares as (
    select
        standard_code,
        district_code,
        school_year,
        school_code,
        {{ divide('migrant_students', 'students') }} as migrant_share
    from migrants
),

-- What a school claims, one row a claim.
claims as (
    select
        schools.district_code,
        schools.school_year,
        schools.school_code,
        made.claim_field
    from schools
    cross join
        lateral (
            values
            ('is_rural_small', schools.is_rural_small),
            ('is_dense_inner_city', schools.is_dense_inner_city)
        ) as made (claim_field, is_claimed)
    where made.is_claimed
)

-- A condition that the concession does not set holds; one that it sets and nobody can judge does not.
select
    concessions.standard_code,
    schools.district_code,
    schools.school_year,
    schools.school_code,
    concessions.concession_code,
    concessions.item_code,
    concessions.stage,
    concessions.subject,
    concessions.extra_measure,
    concessions.threshold,
    concessions.largest_class_below,
    sizes.students,
    migrant_shares.migrant_share
from schools
cross join concessions
inner join standards
    on
        concessions.standard_code = standards.standard_code
        and (standards.region_code is null or schools.region_code = standards.region_code)
left join sizes
    on
        schools.district_code = sizes.district_code
        and schools.school_year = sizes.school_year
        and schools.school_code = sizes.school_code
left join migrant_shares
    on
        concessions.standard_code = migrant_shares.standard_code
        and schools.district_code = migrant_shares.district_code
        and schools.school_year = migrant_shares.school_year
        and schools.school_code = migrant_shares.school_code
left join claims
    on
        concessions.claim_field = claims.claim_field
        and schools.district_code = claims.district_code
        and schools.school_year = claims.school_year
        and schools.school_code = claims.school_code
where
    schools.school_code = schools.counted_school_code
    and schools.school_year >= concessions.first_school_year
    and (concessions.last_school_year is null or schools.school_year <= concessions.last_school_year)
    and (concessions.claim_field is null or claims.claim_field is not null)
    and (concessions.area_group is null or schools.area_group = concessions.area_group)
    and (concessions.min_students is null or sizes.students >= concessions.min_students)
    and (concessions.max_students is null or sizes.students <= concessions.max_students)
    and (concessions.latest_built_year is null or schools.built_year <= concessions.latest_built_year)
    and (
        concessions.migrant_share_above is null
        or migrant_shares.migrant_share > concessions.migrant_share_above
    )
