with amounts as (
    select
        *,
        vintage = 'budget' as is_budget
    from {{ ref('int_finance_amounts') }}
),

items as (
    select * from {{ ref('code_finance_item') }}
),

vintages as (
    select * from {{ ref('code_finance_vintage') }}
),

computed_legs as (
    select * from {{ ref('finance_leg') }}
    where student_count_method in ('year_average', 'school_year_start')
),

average_students as (
    select * from {{ ref('int_finance_average_students') }}
),

-- The ways in which the pupils of a year are counted; an average is kept as pupils × months, undivided.
student_counts as (
    select
        region_code,
        district_code,
        fiscal_year,
        stage,
        'year_average' as student_count_method,
        average_students as students,
        student_months as divisor,
        months as multiplier,
        reason
    from average_students
    union all
    select
        region_code,
        district_code,
        fiscal_year,
        stage,
        'school_year_start' as student_count_method,
        this_school_year_students as students,
        this_school_year_students as divisor,
        1 as multiplier,
        case
            when this_school_year_students is null then 'enrolment_missing'
            when this_school_year_students = 0 then 'no_students'
        end as reason
    from average_students
),

published as (
    select
        amounts.*,
        case amounts.basis
            when 'total' then 'total'
            when 'per_teacher' then 'per_teacher_published'
            else 'per_student_published'
        end as leg,
        null::numeric as students,
        case when amounts.amount is null then 'amount_missing' end as amount_reason
    from amounts
),

-- Revenue is not spent on pupils: only spending is divided by them.
district_totals as (
    select
        amounts.*,
        computed_legs.leg,
        computed_legs.student_count_method
    from amounts
    inner join items on amounts.item_code = items.code
    cross join computed_legs
    where amounts.basis = 'total' and amounts.entity_level = 'district' and items.is_spending
),

computed as (
    select
        district_totals.*,
        this_year.students,
        -- Multiplied before divided, and to more places than a cent of the total can move.
        round({{ divide('district_totals.amount * this_year.multiplier', 'this_year.divisor') }}, 12)
            as amount_per_student,
        round({{ divide('district_totals.prior_amount * last_year.multiplier', 'last_year.divisor') }}, 12)
            as prior_amount_per_student,
        case
            when district_totals.amount is null then 'amount_missing'
            when this_year.stage is null then 'enrolment_missing'
            else this_year.reason
        end as amount_reason
    from district_totals
    left join student_counts as this_year
        on
            district_totals.district_code = this_year.district_code
            and district_totals.region_code = this_year.region_code
            and district_totals.stage = this_year.stage
            and district_totals.fiscal_year = this_year.fiscal_year
            and district_totals.student_count_method = this_year.student_count_method
    left join student_counts as last_year
        on
            district_totals.district_code = last_year.district_code
            and district_totals.region_code = last_year.region_code
            and district_totals.stage = last_year.stage
            and district_totals.fiscal_year - 1 = last_year.fiscal_year
            and district_totals.student_count_method = last_year.student_count_method
),

{% set printed_columns = [
    'region_code', 'district_code', 'entity_level', 'entity_code', 'entity_name', 'leg', 'fiscal_year', 'stage',
    'item_code', 'scope_code', 'fund_source_code', 'vintage', 'edition', 'amount_origin', 'is_budget',
    'price_basis', 'currency_code', 'students', 'amount_reason', 'table_code', 'document',
    'known_from_date', 'known_until_date', 'batch_id', 'source_sheet', 'source_row'
] -%}

legs as (
    select
        {{ printed_columns | join(', ') }},
        amount,
        prior_amount,
        growth_pct,
        growth_basis
    from published
    union all
    select
        {{ printed_columns | join(', ') }},
        amount_per_student as amount,
        prior_amount_per_student as prior_amount,
        null as growth_pct,
        null as growth_basis
    from computed
)

select
    md5(concat_ws(
        '|', legs.region_code, legs.district_code, legs.entity_code, legs.leg, legs.item_code, legs.stage,
        legs.fund_source_code, legs.scope_code
    )) as series_key,
    md5(concat_ws(
        '|', legs.region_code, legs.district_code, legs.entity_code, legs.leg, legs.item_code, legs.stage,
        legs.fund_source_code
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
    legs.fund_source_code,
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
    legs.students,
    legs.prior_amount,
    legs.growth_pct,
    legs.growth_basis,
    legs.table_code,
    legs.document,
    legs.known_from_date,
    legs.known_until_date,
    legs.batch_id,
    legs.source_sheet,
    legs.source_row
from legs
inner join vintages on legs.vintage = vintages.code
