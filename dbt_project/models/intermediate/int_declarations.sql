with declared as (
    select * from {{ ref('stg_declaration') }}
),

items as (
    select * from {{ ref('code_declaration_item') }}
),

schools as (
    select * from {{ ref('int_government_schools') }}
),

handed_in as (
    select distinct
        district_code,
        year
    from declared
),

-- What a district that hands in declarations is asked for: its own items, and those of each of its schools.
asked as (
    select
        handed_in.district_code,
        handed_in.year,
        items.code as item_code,
        handed_in.district_code as subject_code
    from handed_in
    inner join items on items.level = 'district'
    union all
    select
        handed_in.district_code,
        handed_in.year,
        items.code as item_code,
        schools.school_code as subject_code
    from handed_in
    inner join items on items.level = 'school'
    inner join schools
        on
            handed_in.district_code = schools.district_code
            and handed_in.year = schools.school_year
),

every as (
    select
        district_code,
        year,
        item_code,
        subject_code
    from asked
    union
    -- Also what nobody asked for: a special school's charter is shown and counts nowhere.
    select
        district_code,
        year,
        item_code,
        subject_code
    from declared
),

answered as (
    select
        every.district_code,
        every.year,
        every.item_code,
        every.subject_code,
        items.level,
        items.kind,
        asked.item_code is not null as is_asked,
        declared.answer,
        declared.declared_value,
        declared.document,
        declared.document_date,
        coalesce(declared.document is not null and declared.document_date is not null, false) as is_proven,
        case
            when items.kind = 'answer' then declared.answer::integer::numeric
            else declared.declared_value
        end as stated
    from every
    inner join items on every.item_code = items.code
    left join asked
        on
            every.district_code = asked.district_code
            and every.year = asked.year
            and every.item_code = asked.item_code
            and every.subject_code = asked.subject_code
    left join declared
        on
            every.district_code = declared.district_code
            and every.year = declared.year
            and every.item_code = declared.item_code
            and every.subject_code = declared.subject_code
),

judged as (
    select
        *,
        case
            when stated is null then 'not_declared'
            -- A no needs no proof.
            when kind = 'answer' and stated = 0 then 'no'
            when not is_proven then 'not_proven'
            when kind = 'answer' then 'yes'
            else 'figure'
        end as status_code
    from answered
)

select
    district_code,
    year,
    item_code,
    subject_code,
    level,
    kind,
    is_asked,
    answer,
    declared_value,
    document,
    document_date,
    status_code,
    case when status_code in ('yes', 'no', 'figure') then stated end as counted_value,
    case status_code
        when 'not_declared' then 'declaration_missing'
        when 'not_proven' then 'document_missing'
    end as reason_code
from judged
