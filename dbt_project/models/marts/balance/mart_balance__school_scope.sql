with scope as (
    select * from {{ ref('int_school_scope') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

standards as (
    select * from {{ ref('standard') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

reasons as (
    select * from {{ ref('reason') }}
)

select
    scope.standard_code,
    standards.name_zh as standard_zh,
    standards.name_en as standard_en,
    schools.region_code,
    scope.district_code,
    scope.school_year,
    scope.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    scope.school_code,
    schools.school_name,
    schools.school_type_zh,
    schools.school_type_en,
    schools.sector,
    schools.urban_rural_group,
    -- So few pupils of a special school are shown for the district only: mart_special_education__schools.
    case when not schools.is_special then scope.students end as students,
    scope.is_in_scope,
    scope.exclusion_code,
    exclusions.name_zh as exclusion_zh,
    exclusions.name_en as exclusion_en,
    schools.note_code,
    notes.name_zh as note_zh,
    notes.name_en as note_en
from scope
inner join schools
    on
        scope.district_code = schools.district_code
        and scope.school_year = schools.school_year
        and scope.school_code = schools.school_code
inner join standards on scope.standard_code = standards.standard_code
inner join stages on scope.stage = stages.code
left join reasons as exclusions on scope.exclusion_code = exclusions.reason_code
left join reasons as notes on schools.note_code = notes.reason_code
