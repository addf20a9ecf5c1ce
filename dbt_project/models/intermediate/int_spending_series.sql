with legs as (
    select * from {{ ref('int_finance_legs') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by district_code, series_key
            order by known_from_date desc, edition desc, fiscal_year desc, entity_name asc
        ) as preference
    from legs
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
    fund_source_code
from ranked
where preference = 1
