with current_batches as (
    select distinct
        record,
        batch_id
    from {{ source('ops', 'current_batch') }}
    where record in ('teacher', 'teacher_rotation', 'teacher_training', 'establishment')
),

rejected as (
    select * from {{ source('ops', 'rejected_key') }}
)

select
    rejected.record,
    rejected.batch_id,
    rejected.district_code,
    rejected.school_year,
    rejected.school_code,
    rejected.stage,
    count(*) as rows_set_aside
from rejected
inner join current_batches
    on
        rejected.record = current_batches.record
        and rejected.batch_id = current_batches.batch_id
group by
    rejected.record,
    rejected.batch_id,
    rejected.district_code,
    rejected.school_year,
    rejected.school_code,
    rejected.stage
