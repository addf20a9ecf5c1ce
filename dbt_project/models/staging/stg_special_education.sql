-- Ephemeral: no relation with a row a child exists outside schema protected, not even a view.
{{ config(materialized='ephemeral', contract={'enforced': false}) }}

with current_batches as (
    {{ current_batches('special_education') }}
),

all_rows as (
    select * from {{ source('protected', 'special_education') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.school_year,
    all_rows.child_key,
    all_rows.disability_category,
    all_rows.stage,
    all_rows.is_school_age,
    all_rows.placement_code,
    all_rows.has_plan,
    all_rows.home_visits_required,
    all_rows.home_visits_made
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
