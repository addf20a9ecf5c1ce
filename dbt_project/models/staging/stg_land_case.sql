with current_batches as (
    {{ current_batches('land_case') }}
),

all_rows as (
    select * from {{ source('raw', 'land_case') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.year,
    all_rows.kind,
    all_rows.case_code,
    all_rows.case_name,
    all_rows.town_code,
    all_rows.location,
    all_rows.land_area_m2,
    all_rows.planned_students,
    all_rows.standard_document,
    all_rows.has_own_school,
    all_rows.has_education_consent,
    all_rows.consent_document,
    all_rows.is_without_seats,
    all_rows.granted_on,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
