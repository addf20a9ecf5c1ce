with current_batches as (
    {{ current_batches('school') }}
),

all_rows as (
    select * from {{ source('raw', 'school') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.district_name,
    all_rows.school_year,
    all_rows.school_code,
    all_rows.school_name,
    all_rows.school_type_code,
    all_rows.operator_code,
    all_rows.urban_rural_code,
    all_rows.town_code,
    all_rows.town_name,
    all_rows.counts_as_school,
    all_rows.parent_school_code,
    all_rows.built_year,
    all_rows.is_dense_inner_city,
    all_rows.is_rural_small,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
