with enrolment as (
    select * from {{ ref('stg_enrolment') }}
),

rejected as (
    select * from {{ source('ops', 'rejected_key') }}
    where record = 'enrolment'
),

partitions as (
    select
        batch_id,
        district_code,
        school_year,
        stage,
        min(region_code) as region_code
    from enrolment
    group by batch_id, district_code, school_year, stage
)

-- What could not be read may be anything: such a row belongs wherever it may belong.
select
    partitions.region_code,
    partitions.district_code,
    partitions.school_year,
    partitions.stage,
    rejected.school_code,
    bool_or(rejected.stage is not null) as is_stage_read,
    count(*) as rows_set_aside
from partitions
inner join rejected
    on
        partitions.batch_id = rejected.batch_id
        and (rejected.district_code is null or partitions.district_code = rejected.district_code)
        and (rejected.school_year is null or partitions.school_year = rejected.school_year)
        and (rejected.stage is null or partitions.stage = rejected.stage)
group by
    partitions.region_code,
    partitions.district_code,
    partitions.school_year,
    partitions.stage,
    rejected.school_code
