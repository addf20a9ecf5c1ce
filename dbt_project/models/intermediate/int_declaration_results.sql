with declarations as (
    select * from {{ ref('int_declarations') }}
),

results as (
    select * from {{ ref('declaration_result') }}
),

parts as (
    select * from {{ ref('declaration_result_part') }}
),

gathered as (
    select
        declarations.district_code,
        declarations.year,
        results.result_code,
        results.method,
        count(*) as parts_expected,
        count(declarations.counted_value) as parts_reported,
        min(declarations.counted_value) as least,
        max(declarations.counted_value) as largest,
        sum(parts.sign * declarations.counted_value) filter (where parts.part = 'numerator') as numerator,
        sum(parts.sign * declarations.counted_value) filter (where parts.part = 'denominator') as denominator,
        min(declarations.reason_code) as part_reason_code
    from declarations
    inner join parts on declarations.item_code = parts.item_code
    inner join results on parts.result_code = results.result_code
    where declarations.level = 'district'
    group by
        declarations.district_code,
        declarations.year,
        results.result_code,
        results.method
),

computed as (
    select
        *,
        parts_reported = parts_expected as is_complete,
        case
            -- One no is enough; a yes needs all of them.
            when method = 'all_yes' and least = 0 then 0
            when parts_reported < parts_expected then null
            when method in ('all_yes', 'least') then least
            when method = 'largest' then largest
            when method = 'ratio_pct' then {{ divide('numerator * 100', 'denominator') }}
        end as value
    from gathered
)

select
    district_code,
    year,
    result_code,
    method,
    value,
    case when method = 'ratio_pct' and is_complete then numerator end as numerator,
    case when method = 'ratio_pct' and is_complete then denominator end as denominator,
    parts_reported,
    parts_expected,
    case
        when value is not null then null
        when not is_complete then part_reason_code
        else 'denominator_zero'
    end as reason_code
from computed
