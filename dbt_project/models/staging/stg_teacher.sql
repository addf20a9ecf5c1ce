-- Ephemeral: no relation with a row a teacher exists outside schema protected, not even a view.
{{ config(materialized='ephemeral', contract={'enforced': false}) }}

with current_batches as (
    {{ current_batches('teacher') }}
),

all_rows as (
    select * from {{ source('protected', 'teacher') }}
)

select
    all_rows.region_code,
    all_rows.district_code,
    all_rows.school_year,
    all_rows.school_code,
    all_rows.teacher_key,
    all_rows.stage,
    all_rows.subject,
    all_rows.degree,
    all_rows.has_licence,
    all_rows.title,
    all_rows.backbone_level,
    all_rows.backbone_document,
    all_rows.backbone_valid_from,
    all_rows.backbone_valid_to,
    all_rows.employment,
    all_rows.is_full_time,
    all_rows.started_at_school_on,
    all_rows.has_psychology_certificate,
    all_rows.has_ethics_credit,
    all_rows.has_ethics_veto,
    all_rows.was_promoted_or_awarded,
    all_rows.has_social_insurance,
    all_rows.annual_pay_yuan,
    all_rows.is_special_education_teacher,
    all_rows.batch_id,
    all_rows.source_sheet,
    all_rows.source_row,
    all_rows.source_block
from all_rows
inner join current_batches
    on
        all_rows.batch_id = current_batches.batch_id
        and all_rows.partition_key = current_batches.partition_key
