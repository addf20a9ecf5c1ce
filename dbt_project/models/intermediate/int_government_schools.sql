with scope as (
    select * from {{ ref('int_school_scope') }}
),

stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

enrolment as (
    select * from {{ ref('fct_enrolment') }}
),

-- Counts of children with special needs are read where they stand and leave this model as a yes or no.
enrolment_rows as (
    select * from {{ ref('stg_enrolment') }}
),

class_bands as (
    select * from {{ ref('int_class_size_bands') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

operators as (
    select * from {{ ref('operator_management') }}
),

parameters as (
    select
        max(value) filter (where parameter = 'scope_standard') as scope_standard,
        max(value) filter (where parameter = 'ledger_month')::integer as ledger_month,
        max(value) filter (where parameter = 'ledger_day')::integer as ledger_day,
        max(value) filter (where parameter = 'resource_room_min_students')::integer as resource_room_min
    from {{ ref('government_parameter') }}
),

compulsory as (
    select
        scope.district_code,
        scope.school_year,
        scope.school_code,
        scope.stage,
        stages.sort_order
    from scope
    inner join parameters on scope.standard_code = parameters.scope_standard
    inner join stages on scope.stage = stages.code
    where scope.is_in_scope
),

special_students as (
    select
        enrolment.district_code,
        enrolment.school_year,
        enrolment.school_code,
        enrolment.stage,
        sum(enrolment_rows.regular_class_special_students) as known_students,
        count(*) = count(enrolment_rows.regular_class_special_students) as are_known
    from enrolment
    inner join enrolment_rows
        on
            enrolment.batch_id = enrolment_rows.batch_id
            and enrolment.source_sheet is not distinct from enrolment_rows.source_sheet
            and enrolment.source_row = enrolment_rows.source_row
            and enrolment.source_block = enrolment_rows.source_block
    where enrolment.is_counted
    group by
        enrolment.district_code,
        enrolment.school_year,
        enrolment.school_code,
        enrolment.stage
),

-- Classes of the compulsory stages only: rooms of a school with senior classes are held against these.
-- Where the enrolment does not tell them, the form of class sizes does.
counted as (
    select
        compulsory.district_code,
        compulsory.school_year,
        compulsory.school_code,
        (array_agg(compulsory.stage order by compulsory.sort_order desc))[1] as highest_stage,
        {{ sum_if_complete('coalesce(stage_students.classes, class_bands.classes)') }} as classes,
        coalesce(sum(special_students.known_students), 0) as known_special_students,
        coalesce(bool_and(special_students.are_known and stage_students.reason_code is null), false)
        and count(*) = count(special_students.stage) as are_special_students_known
    from compulsory
    inner join stage_students
        on
            compulsory.district_code = stage_students.district_code
            and compulsory.school_year = stage_students.school_year
            and compulsory.school_code = stage_students.counted_school_code
            and compulsory.stage = stage_students.stage
    left join class_bands
        on
            stage_students.district_code = class_bands.district_code
            and stage_students.school_year = class_bands.school_year
            and stage_students.school_code = class_bands.school_code
            and stage_students.stage = class_bands.stage
    left join special_students
        on
            stage_students.district_code = special_students.district_code
            and stage_students.school_year = special_students.school_year
            and stage_students.school_code = special_students.school_code
            and stage_students.stage = special_students.stage
    group by
        compulsory.district_code,
        compulsory.school_year,
        compulsory.school_code
)

select
    counted.district_code,
    counted.school_year,
    counted.school_code,
    schools.school_name,
    schools.sector,
    schools.urban_rural_group,
    counted.highest_stage,
    case when schools.sector <> 'not_stated' then schools.sector = 'public' end as is_public,
    case
        when schools.urban_rural_group <> 'not_stated' then schools.urban_rural_group = 'rural'
    end as is_rural,
    operators.is_managed_by_district,
    schools.built_year,
    schools.is_rural_small,
    counted.classes::bigint as classes,
    case
        when counted.known_special_students >= parameters.resource_room_min then true
        when counted.are_special_students_known then false
    end as needs_resource_room,
    make_date(counted.school_year, parameters.ledger_month, parameters.ledger_day) as ledger_date
from counted
inner join schools
    on
        counted.district_code = schools.district_code
        and counted.school_year = schools.school_year
        and counted.school_code = schools.school_code
left join operators on schools.operator_code = operators.operator_code
cross join parameters
