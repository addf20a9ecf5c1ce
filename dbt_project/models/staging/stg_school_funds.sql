with current_batches as (
    {{ current_batches('school_funds') }}
),

all_rows as (
    select * from {{ source('raw', 'school_funds') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.fiscal_year,
    all_rows.school_code,
    all_rows.public_funds_budget_yuan,
    all_rows.public_funds_account_yuan,
    all_rows.training_budget_yuan,
    all_rows.training_account_yuan,
    all_rows.special_funds_yuan,
    all_rows.allocated_students,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
