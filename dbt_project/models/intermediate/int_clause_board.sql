with clause_statuses as (
    select * from {{ ref('int_clause_status') }}
),

components as (
    select * from {{ ref('int_component_board') }}
),

clauses as (
    select * from {{ ref('plan_clause') }}
),

sections as (
    select * from {{ ref('plan_section') }}
),

plans as (
    select * from {{ ref('plan') }}
),

statuses as (
    select * from {{ ref('clause_status') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

batches as (
    select * from {{ ref('int_clause_batches') }}
)

select
    clause_statuses.plan_code,
    plans.name_zh as plan_zh,
    plans.name_en as plan_en,
    plans.kind as plan_kind,
    clause_statuses.region_code,
    clause_statuses.district_code,
    districts.district_name,
    clause_statuses.year,
    clause_statuses.clause_code,
    clauses.sort_order,
    clauses.section,
    sections.name_zh as section_zh,
    sections.name_en as section_en,
    sections.part,
    clauses.name_zh,
    clauses.name_en,
    clauses.is_veto,
    clauses.evidence = 'declared' as is_declared,
    clauses.national_indicator,
    clauses.deadline_year,
    clause_statuses.status,
    statuses.name_zh as status_zh,
    statuses.name_en as status_en,
    clause_statuses.components_judged,
    clause_statuses.components_met,
    clause_statuses.components_no_data,
    clause_statuses.deciding_component as component_number,
    components.component_zh,
    components.component_en,
    components.stage,
    components.stage_zh,
    components.stage_en,
    components.counted_zh,
    components.counted_en,
    components.numerator,
    components.denominator,
    components.value,
    components.value_rounded,
    components.unit_zh,
    components.unit_en,
    components.direction,
    components.direction_zh,
    components.direction_en,
    components.direction_symbol,
    components.target,
    components.previous_value,
    components.is_turned_by_rounding,
    components.documents,
    components.document_date,
    components.cases_reported,
    components.cases_expected,
    components.coverage_share,
    components.is_complete,
    components.reason_code,
    components.reason_zh,
    components.reason_en,
    components.reading_zh,
    components.reading_en,
    components.drill_down,
    components.drill_down_condition,
    batches.source_batches,
    plans.source
from clause_statuses
inner join components
    on
        clause_statuses.plan_code = components.plan_code
        and clause_statuses.clause_code = components.clause_code
        and clause_statuses.deciding_component = components.component_number
        and clause_statuses.district_code = components.district_code
        and clause_statuses.year = components.year
inner join clauses
    on
        clause_statuses.plan_code = clauses.plan_code
        and clause_statuses.clause_code = clauses.clause_code
inner join plans on clause_statuses.plan_code = plans.plan_code
inner join statuses on clause_statuses.status = statuses.status
inner join districts on clause_statuses.district_code = districts.district_code
left join sections
    on
        clauses.plan_code = sections.plan_code
        and clauses.section = sections.section
left join batches
    on
        clause_statuses.plan_code = batches.plan_code
        and clause_statuses.clause_code = batches.clause_code
        and clause_statuses.district_code = batches.district_code
        and clause_statuses.year = batches.year
