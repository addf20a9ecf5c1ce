-- A school that told nothing of its classes has no number of them, not zero; one that told has one.
with rosters as (
    select * from {{ ref('int_class_rosters') }}
)

select
    district_code,
    school_year,
    stage,
    school_code,
    source_code,
    reason_code
from rosters
where
    is_reported and (classes is null or classes_over_standard is null)
    or source_code = 'none' and reason_code is not null and num_nonnulls(
        classes,
        classes_over_standard,
        classes_56_and_over,
        classes_66_and_over,
        entry_classes_over_standard,
        large_classes_in_ledger,
        large_classes_planned_after_deadline
    ) > 0
