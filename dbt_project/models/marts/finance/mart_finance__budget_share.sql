with beliefs as (
    select * from {{ ref('int_finance_beliefs') }}
    where belief_axis = 'now' and leg = 'total' and stage = 'all_stages' and not is_budget
),

parameters as (
    select max(value) filter (where parameter = 'headline_fund_source') as headline_fund_source
    from {{ ref('finance_parameter') }}
),

entity_levels as (
    select * from {{ ref('code_entity_level') }}
),

vintages as (
    select * from {{ ref('code_finance_vintage') }}
),

-- Education out of the general public budget over all of it; the latest edition, the named source first.
amounts as (
    select
        beliefs.*,
        row_number() over (
            partition by
                beliefs.region_code, beliefs.district_code, beliefs.entity_code, beliefs.item_code,
                case when beliefs.item_code = 'budget_education' then beliefs.scope_code end,
                beliefs.fiscal_year, beliefs.vintage, beliefs.price_basis, beliefs.currency_code
            order by
                (beliefs.fund_source_code = parameters.headline_fund_source) desc,
                beliefs.edition desc,
                beliefs.scope_code asc
        ) as preference
    from beliefs
    cross join parameters
    where
        beliefs.amount is not null
        and beliefs.item_code in ('budget_education', 'general_budget_expenditure')
        and beliefs.fund_source_code in (parameters.headline_fund_source, 'not_stated')
),

education as (
    select * from amounts
    where item_code = 'budget_education' and preference = 1
),

whole as (
    select * from amounts
    where item_code = 'general_budget_expenditure' and preference = 1
),

-- Education and the whole out of the same kind of document, never of two.
paired as (
    select
        education.*,
        whole.amount as general_budget_amount,
        whole.batch_id as general_budget_batch_id,
        whole.source_sheet as general_budget_source_sheet,
        whole.source_row as general_budget_source_row,
        {{ divide('education.amount * 100', 'whole.amount') }} as share_pct,
        row_number() over (
            partition by
                education.region_code, education.district_code, education.entity_code, education.scope_code,
                education.fiscal_year, education.currency_code
            order by education.vintage_precedence desc, education.price_basis desc
        ) as preference_of_vintage
    from education
    inner join whole
        on
            education.region_code = whole.region_code
            and education.district_code = whole.district_code
            and education.entity_code = whole.entity_code
            and education.fiscal_year = whole.fiscal_year
            and education.vintage = whole.vintage
            and education.price_basis = whole.price_basis
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
        and paired.currency_code = last_year.currency_code
        and paired.vintage = last_year.vintage
        and paired.price_basis = last_year.price_basis
        and paired.fiscal_year - 1 = last_year.fiscal_year
-- The highest vintage that tells both.
where paired.preference_of_vintage = 1
