with legs as (
    select * from {{ ref('int_finance_legs') }}
),

price_levels as (
    select distinct region_code from {{ ref('int_price_levels') }}
),

parameters as (
    select max(value) filter (where parameter = 'headline_fund_source') as headline_fund_source
    from {{ ref('finance_parameter') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by district_code, series_key
            order by known_from_date desc, edition desc, fiscal_year desc, entity_name asc
        ) as preference
    from legs
),

named as (
    select
        ranked.*,
        -- Documents and reports that name no source of funds speak of one series alone.
        row_number() over (
            partition by
                ranked.region_code, ranked.district_code, ranked.entity_code, ranked.leg, ranked.item_code,
                ranked.stage, ranked.scope_code
            order by
                (ranked.fund_source_code = parameters.headline_fund_source) desc,
                (ranked.fund_source_code = 'not_stated') desc,
                ranked.fund_source_code asc
        ) as source_preference
    from ranked
    cross join parameters
    where ranked.preference = 1
)

select
    named.series_key,
    named.family_key,
    named.region_code,
    named.district_code,
    named.entity_level,
    named.entity_code,
    named.entity_name,
    named.leg,
    case named.leg
        when 'total' then 'total'
        when 'per_teacher_published' then 'per_teacher'
        else 'per_student'
    end as basis,
    named.item_code,
    named.stage,
    named.scope_code,
    named.fund_source_code,
    (
        named.source_preference = 1
        and named.fund_source_code in (parameters.headline_fund_source, 'not_stated')
    ) as is_headline_fund_source,
    -- Prices of the region itself, or else of the nation that its code begins with.
    coalesce(price_levels.region_code, split_part(named.region_code, '-', 1)) as price_region_code
from named
cross join parameters
left join price_levels on named.region_code = price_levels.region_code
