-- A clause on large classes is met, and an item passed, only where every school of the year has told.
with components as (
    select * from {{ ref('mart_policy__clause_components') }}
),

rosters as (
    select * from {{ ref('int_class_rosters') }}
),

silent as (
    select
        district_code,
        school_year,
        count(*) as schools
    from rosters
    where is_in_scope and not is_reported
    group by district_code, school_year
)

select
    components.plan_code,
    components.clause_code,
    components.component_number,
    components.district_code,
    components.year,
    components.numerator_measure,
    components.status,
    silent.schools
from components
inner join silent
    on
        components.district_code = silent.district_code
        and components.year = silent.school_year
where
    components.stage = 'compulsory'
    and components.numerator_measure in (
        'classes_over_standard',
        'classes_over_standard_change',
        'schools_with_more_large_classes',
        'entry_classes_over_standard',
        'large_classes_in_ledger',
        'large_classes_without_ledger'
    )
    and (components.status = 'met' or components.is_complete)
