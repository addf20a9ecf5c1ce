with current_batches as (
    {{ current_batches('land_case') }}
),

rejected as (
    select * from {{ source('ops', 'rejected_key') }}
    where record = 'land_case'
)

select
    split_part(current_batches.partition_key, '|', 1) as district_code,
    current_batches.partition_key,
    count(*) as rows_set_aside
from current_batches
inner join rejected
    on
        current_batches.batch_id = rejected.batch_id
        and (
            rejected.district_code is null
            or split_part(current_batches.partition_key, '|', 1) = rejected.district_code
        )
group by current_batches.partition_key
