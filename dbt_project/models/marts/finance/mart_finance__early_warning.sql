with warnings as (
    select * from {{ ref('int_spending_early_warnings') }}
),

warning_names as (
    select * from {{ ref('finance_warning') }}
),

bases as (
    select * from {{ ref('code_finance_basis') }}
),

items as (
    select * from {{ ref('code_finance_item') }}
    where is_spending
),

stages as (
    select * from {{ ref('code_stage') }}
),

scopes as (
    select * from {{ ref('code_finance_scope') }}
),

legs as (
    select * from {{ ref('finance_leg') }}
)

select
    warnings.region_code,
    warnings.district_code,
    warnings.entity_code,
    warnings.entity_name,
    warnings.entity_level,
    warnings.item_code,
    items.name_zh as item_zh,
    items.name_en as item_en,
    warnings.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    warnings.scope_code,
    scopes.name_zh as scope_zh,
    scopes.name_en as scope_en,
    warnings.fund_source_code,
    warnings.fiscal_year,
    warnings.basis,
    bases.name_zh as basis_zh,
    bases.name_en as basis_en,
    warnings.leg,
    legs.name_zh as leg_zh,
    legs.name_en as leg_en,
    warnings.currency_code,
    warnings.floor_vintage,
    warnings.floor_set_year,
    round(warnings.floor_amount, 2) as floor_amount,
    warnings.students,
    warnings.students_school_year,
    round(warnings.required_amount, 2) as required_amount,
    warnings.budget_amount,
    warnings.executed_amount,
    warnings.through_date,
    round(warnings.elapsed_pct, 1) as elapsed_pct,
    round(warnings.executed_pct, 1) as executed_pct,
    round(warnings.budget_shortfall_amount, 2) as budget_shortfall_amount,
    round({{ divide('warnings.budget_shortfall_amount', 'warnings.students') }}, 2)
        as budget_shortfall_per_student,
    round(warnings.missing_amount, 2) as missing_amount,
    round({{ divide('warnings.missing_amount', 'warnings.students') }}, 2) as missing_per_student,
    warnings.warning,
    warning_names.name_zh as warning_zh,
    warning_names.name_en as warning_en,
    warning_names.is_alarm,
    warnings.budget_batch_id,
    warnings.execution_batch_id
from warnings
inner join warning_names on warnings.warning = warning_names.warning
inner join bases on warnings.basis = bases.code
-- Revenue, pay and standards are no spending: other marts judge them.
inner join items on warnings.item_code = items.code
inner join stages on warnings.stage = stages.code
inner join scopes on warnings.scope_code = scopes.code
left join legs on warnings.leg = legs.leg
