{% set records = "('admission', 'class_roster', 'class_size_band', 'facilities', 'staffing')" -%}

with current_batches as (
    select
        record,
        batch_id,
        split_part(partition_key, '|', 1) as district_code,
        split_part(partition_key, '|', 2)::integer as school_year,
        nullif(split_part(partition_key, '|', 3), '') as stage
    from {{ source('ops', 'current_batch') }}
    where record in {{ records }}
),

rejected as (
    select * from {{ source('ops', 'rejected_key') }}
    where record in {{ records }}
)

-- What could not be read may be anything: such a row belongs wherever it may belong.
select
    rejected.record,
    current_batches.district_code,
    current_batches.school_year,
    rejected.school_code,
    coalesce(rejected.stage, current_batches.stage) as stage,
    count(*) as rows_set_aside
from rejected
inner join current_batches
    on
        rejected.record = current_batches.record
        and rejected.batch_id = current_batches.batch_id
        and (rejected.district_code is null or rejected.district_code = current_batches.district_code)
        and (rejected.school_year is null or rejected.school_year = current_batches.school_year)
        and (
            rejected.stage is null
            or current_batches.stage is null
            or rejected.stage = current_batches.stage
        )
group by
    rejected.record,
    current_batches.district_code,
    current_batches.school_year,
    rejected.school_code,
    coalesce(rejected.stage, current_batches.stage)
