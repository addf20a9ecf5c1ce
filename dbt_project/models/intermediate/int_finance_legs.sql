with amounts as (
    select
        *,
        vintage = 'budget' as is_budget
    from {{ ref('fct_finance_amount') }}
),

items as (
    select * from {{ ref('code_finance_item') }}
),

vintages as (
    select * from {{ ref('code_finance_vintage') }}
),

students as (
    select * from {{ ref('int_finance_average_students') }}
),

published as (
    select
        amounts.*,
        case amounts.basis
            when 'total' then 'total'
            when 'per_teacher' then 'per_teacher_published'
            else 'per_student_published'
        end as leg,
        null::numeric as average_students,
        case when amounts.amount is null then 'amount_missing' end as amount_reason
    from amounts
),

district_totals as (
    select amounts.*
    from amounts
    inner join items on amounts.item_code = items.code
    -- Revenue is not spent on pupils: only spending is divided by them.
    where amounts.basis = 'total' and amounts.entity_level = 'district' and items.is_spending
),

computed as (
    select
        district_totals.region_code,
        district_totals.district_code,
        district_totals.entity_level,
        district_totals.entity_code,
        district_totals.entity_name,
        district_totals.fiscal_year,
        district_totals.stage,
        district_totals.item_code,
        district_totals.scope_code,
        district_totals.vintage,
        district_totals.edition,
        district_totals.amount_origin,
        district_totals.price_basis,
        district_totals.currency_code,
        -- Multiplied before divided, and to more places than a cent of the total can move.
        round(
            {{ divide('district_totals.amount * this_year.months', 'this_year.student_months') }}, 12
        ) as amount,
        round(
            {{ divide('district_totals.prior_amount * last_year.months', 'last_year.student_months') }}, 12
        ) as prior_amount,
        district_totals.document,
        district_totals.batch_id,
        district_totals.source_sheet,
        district_totals.source_row,
        district_totals.is_budget,
        this_year.average_students,
        case
            when district_totals.amount is null then 'amount_missing'
            when this_year.stage is null then 'enrolment_missing'
            else this_year.reason
        end as amount_reason
    from district_totals
    left join students as this_year
        on
            district_totals.district_code = this_year.district_code
            and district_totals.region_code = this_year.region_code
            and district_totals.stage = this_year.stage
            and district_totals.fiscal_year = this_year.fiscal_year
    left join students as last_year
        on
            district_totals.district_code = last_year.district_code
            and district_totals.region_code = last_year.region_code
            and district_totals.stage = last_year.stage
            and district_totals.fiscal_year - 1 = last_year.fiscal_year
),

legs as (
    select
        leg,
        region_code,
        district_code,
        entity_level,
        entity_code,
        entity_name,
        fiscal_year,
        stage,
        item_code,
        scope_code,
        vintage,
        edition,
        amount_origin,
        price_basis,
        currency_code,
        amount,
        prior_amount,
        growth_pct,
        growth_basis,
        document,
        batch_id,
        source_sheet,
        source_row,
        is_budget,
        average_students,
        amount_reason
    from published
    union all
    select
        'per_student_computed' as leg,
        region_code,
        district_code,
        entity_level,
        entity_code,
        entity_name,
        fiscal_year,
        stage,
        item_code,
        scope_code,
        vintage,
        edition,
        amount_origin,
        price_basis,
        currency_code,
        amount,
        prior_amount,
        null as growth_pct,
        null as growth_basis,
        document,
        batch_id,
        source_sheet,
        source_row,
        is_budget,
        average_students,
        amount_reason
    from computed
)

select
    md5(concat_ws(
        '|', legs.region_code, legs.district_code, legs.entity_code, legs.leg, legs.item_code, legs.stage,
        legs.scope_code
    )) as series_key,
    md5(concat_ws(
        '|', legs.region_code, legs.district_code, legs.entity_code, legs.leg, legs.item_code, legs.stage
    )) as family_key,
    legs.region_code,
    legs.district_code,
    legs.entity_level,
    legs.entity_code,
    legs.entity_name,
    legs.leg,
    legs.item_code,
    legs.stage,
    legs.scope_code,
    legs.fiscal_year,
    legs.vintage,
    vintages.precedence as vintage_precedence,
    legs.edition,
    legs.amount_origin,
    legs.is_budget,
    coalesce(legs.price_basis, 'not_stated') as price_basis,
    legs.currency_code,
    legs.amount,
    legs.amount_reason,
    legs.average_students,
    legs.prior_amount,
    legs.growth_pct,
    legs.growth_basis,
    legs.document,
    legs.batch_id,
    legs.source_sheet,
    legs.source_row
from legs
inner join vintages on legs.vintage = vintages.code
