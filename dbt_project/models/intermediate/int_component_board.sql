with components as (
    select * from {{ ref('int_clause_components') }}
),

definitions as (
    select * from {{ ref('clause_component') }}
),

clauses as (
    select * from {{ ref('plan_clause') }}
),

measures as (
    select * from {{ ref('policy_measure') }}
),

judgements as (
    select * from {{ ref('judgement') }}
),

statuses as (
    select * from {{ ref('clause_status') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

stages as (
    select * from {{ ref('policy_stage') }}
),

documents as (
    select * from {{ ref('int_declared_documents') }}
),

described as (
    select
        components.*,
        definitions.name_zh as component_zh,
        definitions.name_en as component_en,
        definitions.numerator_measure,
        definitions.denominator_measure,
        definitions.standard_code,
        definitions.stage,
        definitions.decimals,
        definitions.unit_zh,
        definitions.unit_en,
        definitions.judgement,
        definitions.reading_zh,
        definitions.reading_en,
        definitions.drill_down,
        -- A count up to a year names the year itself.
        replace(definitions.drill_down_condition, '{year}', components.year::text) as drill_down_condition,
        clauses.deadline_year,
        coalesce(numerators.is_declared, false) as is_declared,
        -- What a family of measures counts is said by the component itself.
        case
            when numerators.measure_code like '%/' then definitions.name_zh else numerators.name_zh
        end as numerator_zh,
        case
            when numerators.measure_code like '%/' then definitions.name_en else numerators.name_en
        end as numerator_en,
        denominators.name_zh as denominator_zh,
        denominators.name_en as denominator_en,
        case definitions.judgement
            when 'rises' then components.previous_value
            when 'falls' then components.previous_value
            when 'does_not_fall' then components.previous_value
            when 'does_not_rise' then components.previous_value
            when 'is_declared' then 1
            else components.target
        end as line
    from components
    inner join definitions
        on
            components.plan_code = definitions.plan_code
            and components.clause_code = definitions.clause_code
            and components.component_number = definitions.component_number
    inner join clauses
        on
            components.plan_code = clauses.plan_code
            and components.clause_code = clauses.clause_code
    left join measures as numerators
        on {{ is_measure('definitions.numerator_measure', 'numerators.measure_code') }}
    left join measures as denominators
        on {{ is_measure('definitions.denominator_measure', 'denominators.measure_code') }}
)

select
    described.plan_code,
    described.clause_code,
    described.component_number,
    described.region_code,
    described.district_code,
    described.year,
    described.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    described.standard_code,
    described.component_zh,
    described.component_en,
    described.numerator_measure,
    described.denominator_measure,
    coalesce(
        described.numerator_zh || coalesce(' ÷ ' || described.denominator_zh, ''), described.component_zh
    ) as counted_zh,
    coalesce(
        described.numerator_en || coalesce(' ÷ ' || described.denominator_en, ''), described.component_en
    ) as counted_en,
    described.numerator,
    described.denominator,
    described.value,
    round(described.value, described.decimals) as value_rounded,
    described.decimals,
    described.unit_zh,
    described.unit_en,
    described.judgement as direction,
    judgements.name_zh as direction_zh,
    judgements.name_en as direction_en,
    judgements.symbol as direction_symbol,
    described.target,
    described.previous_value,
    described.deadline_year,
    described.is_judged,
    described.is_declared,
    documents.documents,
    documents.document_date,
    (
        described.year_status in ('met', 'not_met', 'not_due')
        and described.value <> described.line
        and sign(round(described.value, described.decimals) - described.line)
        <> sign(described.value - described.line)
    ) is true as is_turned_by_rounding,
    described.cases_reported,
    described.cases_expected,
    {{ divide('described.cases_reported', 'described.cases_expected') }} as coverage_share,
    described.is_complete,
    described.status,
    statuses.name_zh as status_zh,
    statuses.name_en as status_en,
    described.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en,
    described.reading_zh,
    described.reading_en,
    described.drill_down,
    described.drill_down_condition
from described
inner join statuses on described.status = statuses.status
left join judgements on described.judgement = judgements.judgement
left join reasons on described.reason_code = reasons.reason_code
left join stages on described.stage = stages.stage
left join documents
    on
        described.is_declared
        and split_part(described.numerator_measure, '/', 2) = documents.member_code
        and described.district_code = documents.district_code
        and described.year = documents.year
