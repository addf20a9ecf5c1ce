with legs as (
    select * from {{ ref('int_finance_legs') }}
),

parameters as (
    select max(value) filter (where parameter = 'headline_fund_source') as headline_fund_source
    from {{ ref('finance_parameter') }}
),

ranked as (
    select
        legs.*,
        -- Exceptions and reports of execution name no source of funds: they speak of the headline one.
        legs.fund_source_code in (parameters.headline_fund_source, 'not_stated') as is_headline_fund_source,
        row_number() over (
            partition by legs.district_code, legs.series_key
            order by
                legs.known_from_date desc, legs.edition desc, legs.fiscal_year desc, legs.entity_name asc
        ) as preference
    from legs
    cross join parameters
)

select
    series_key,
    family_key,
    region_code,
    district_code,
    entity_level,
    entity_code,
    entity_name,
    leg,
    case leg
        when 'total' then 'total'
        when 'per_teacher_published' then 'per_teacher'
        else 'per_student'
    end as basis,
    item_code,
    stage,
    scope_code,
    fund_source_code,
    is_headline_fund_source
from ranked
where preference = 1
