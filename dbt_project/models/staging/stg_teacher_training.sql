-- Ephemeral: no relation with a row a teacher exists outside schema protected, not even a view.
{{ config(materialized='ephemeral', contract={'enforced': false}) }}

with current_batches as (
    {{ current_batches('teacher_training') }}
),

all_rows as (
    select * from {{ source('protected', 'teacher_training') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.year,
    all_rows.teacher_key,
    all_rows.is_special_education,
    all_rows.hours,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
