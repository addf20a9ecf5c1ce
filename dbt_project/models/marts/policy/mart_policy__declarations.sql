with declarations as (
    select * from {{ ref('int_declarations') }}
),

results as (
    select * from {{ ref('int_declaration_results') }}
),

items as (
    select * from {{ ref('code_declaration_item') }}
),

result_names as (
    select * from {{ ref('declaration_result') }}
),

statuses as (
    select * from {{ ref('declaration_status') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

dimension as (
    select * from {{ ref('dim_school') }}
),

every as (
    select
        declarations.district_code,
        declarations.year,
        declarations.item_code,
        items.name_zh as item_zh,
        items.name_en as item_en,
        items.serves,
        items.unit,
        declarations.level,
        declarations.subject_code,
        case when declarations.level = 'school' then declarations.subject_code end as school_code,
        false as is_computed,
        declarations.is_asked,
        declarations.answer,
        declarations.declared_value,
        declarations.document,
        declarations.document_date,
        declarations.status_code,
        declarations.counted_value,
        null::numeric as numerator,
        null::numeric as denominator,
        (declarations.counted_value is not null)::integer as parts_reported,
        1 as parts_expected,
        declarations.reason_code
    from declarations
    inner join items on declarations.item_code = items.code
    union all
    select
        results.district_code,
        results.year,
        results.result_code as item_code,
        result_names.name_zh as item_zh,
        result_names.name_en as item_en,
        result_names.serves,
        result_names.unit,
        'district' as level,
        results.district_code as subject_code,
        null as school_code,
        true as is_computed,
        true as is_asked,
        null::boolean as answer,
        null::numeric as declared_value,
        null as document,
        null::date as document_date,
        case when results.value is null then 'incomplete' else 'computed' end as status_code,
        round(results.value, 16) as counted_value,
        results.numerator,
        results.denominator,
        results.parts_reported,
        results.parts_expected,
        results.reason_code
    from results
    inner join result_names on results.result_code = result_names.result_code
)

select
    every.district_code,
    every.year,
    every.item_code,
    every.item_zh,
    every.item_en,
    every.serves,
    every.unit,
    every.level,
    every.subject_code,
    every.school_code,
    dimension.school_name,
    true as is_declared_not_measured,
    every.is_computed,
    every.is_asked,
    every.answer,
    every.declared_value,
    every.document,
    every.document_date,
    every.status_code,
    statuses.name_zh as status_zh,
    statuses.name_en as status_en,
    every.counted_value,
    every.counted_value is not null as is_counted,
    every.numerator,
    every.denominator,
    every.parts_reported::bigint as parts_reported,
    every.parts_expected::bigint as parts_expected,
    every.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from every
inner join statuses on every.status_code = statuses.status_code
left join reasons on every.reason_code = reasons.reason_code
left join dimension
    on
        every.district_code = dimension.district_code
        and every.year = dimension.school_year
        and every.school_code = dimension.school_code
