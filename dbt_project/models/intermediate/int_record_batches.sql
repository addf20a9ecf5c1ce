-- Read from the ledger alone: of protected records only the ids of batches come out, never a row.
with accepted as (
    select * from {{ source('ops', 'current_batch') }}
),

-- Every contract divides its batches by district, and next by year where it has one.
keyed as (
    select
        record,
        batch_id,
        split_part(partition_key, '|', 1) as district_code,
        split_part(partition_key, '|', 2) as second_part
    from accepted
)

select distinct
    district_code,
    record,
    batch_id,
    case when second_part ~ '^[0-9]{4}$' then second_part::integer end as year
from keyed
