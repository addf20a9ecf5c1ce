with levels as (
    select * from {{ ref('int_spending_levels') }}
    where belief_axis = 'now' and leg = 'total' and stage = 'all_stages'
),

entity_levels as (
    select * from {{ ref('code_entity_level') }}
),

vintages as (
    select * from {{ ref('code_finance_vintage') }}
),

education as (
    select * from levels
    where item_code = 'budget_education' and amount is not null
),

whole as (
    select * from levels
    where item_code = 'general_budget_expenditure' and amount is not null
),

-- Education and the whole out of the same kind of document, never of two.
paired as (
    select
        education.*,
        whole.amount as general_budget_amount,
        whole.batch_id as general_budget_batch_id,
        whole.source_sheet as general_budget_source_sheet,
        whole.source_row as general_budget_source_row,
        {{ divide('education.amount * 100', 'whole.amount') }} as share_pct
    from education
    inner join whole
        on
            education.region_code = whole.region_code
            and education.district_code = whole.district_code
            and education.entity_code = whole.entity_code
            and education.fiscal_year = whole.fiscal_year
            and education.vintage = whole.vintage
            and education.currency_code = whole.currency_code
)

select
    paired.region_code,
    paired.district_code,
    paired.entity_code,
    paired.entity_name,
    paired.entity_level,
    entity_levels.name_zh as entity_level_zh,
    entity_levels.name_en as entity_level_en,
    paired.scope_code,
    paired.fund_source_code,
    paired.fiscal_year,
    paired.vintage,
    vintages.name_zh as vintage_zh,
    vintages.name_en as vintage_en,
    paired.currency_code,
    paired.amount as education_amount,
    paired.general_budget_amount,
    round(paired.share_pct, 2) as share_pct,
    round(last_year.share_pct, 2) as previous_share_pct,
    round(paired.share_pct - last_year.share_pct, 2) as change_points,
    case sign(paired.share_pct - last_year.share_pct)
        when -1 then 'falls'
        when 0 then 'unchanged'
        when 1 then 'rises'
    end as direction,
    paired.batch_id,
    paired.source_sheet,
    paired.source_row,
    paired.general_budget_batch_id,
    paired.general_budget_source_sheet,
    paired.general_budget_source_row
from paired
inner join entity_levels on paired.entity_level = entity_levels.code
inner join vintages on paired.vintage = vintages.code
left join paired as last_year
    on
        paired.region_code = last_year.region_code
        and paired.district_code = last_year.district_code
        and paired.entity_code = last_year.entity_code
        and paired.scope_code = last_year.scope_code
        and paired.fund_source_code = last_year.fund_source_code
        and paired.currency_code = last_year.currency_code
        and paired.vintage = last_year.vintage
        and paired.fiscal_year - 1 = last_year.fiscal_year
