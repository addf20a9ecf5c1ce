with current_batches as (
    {{ current_batches('class_size_band') }}
),

all_rows as (
    select * from {{ source('raw', 'class_size_band') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.school_year,
    all_rows.school_code,
    all_rows.stage,
    all_rows.grade,
    all_rows.all_classes,
    all_rows.classes_up_to_25,
    all_rows.classes_26_30,
    all_rows.classes_31_35,
    all_rows.classes_36_40,
    all_rows.classes_41_45,
    all_rows.classes_46_50,
    all_rows.classes_51_55,
    all_rows.classes_56_60,
    all_rows.classes_61_65,
    all_rows.classes_66_and_over,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
