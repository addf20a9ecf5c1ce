with declarations as (
    select * from {{ ref('int_declarations') }}
    where level = 'district' and document is not null
),

parts as (
    select * from {{ ref('declaration_result_part') }}
),

-- An item stands for itself; a result is proven by the documents of its parts.
proofs as (
    select
        district_code,
        year,
        item_code as member_code,
        document,
        document_date
    from declarations
    union all
    select
        declarations.district_code,
        declarations.year,
        parts.result_code as member_code,
        declarations.document,
        declarations.document_date
    from declarations
    inner join parts on declarations.item_code = parts.item_code
)

select
    district_code,
    year,
    member_code,
    string_agg(distinct document, '；' order by document) as documents,
    max(document_date) as document_date
from proofs
group by
    district_code,
    year,
    member_code
