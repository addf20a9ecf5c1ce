with components as (
    select * from {{ ref('clause_component') }}
),

measures as (
    select * from {{ ref('policy_measure') }}
),

used as (
    select
        plan_code,
        clause_code,
        component_number,
        numerator_measure as measure_code
    from components
    where numerator_measure is not null
    union
    select
        plan_code,
        clause_code,
        component_number,
        denominator_measure as measure_code
    from components
    where denominator_measure is not null
)

select distinct
    used.plan_code,
    used.clause_code,
    used.component_number,
    records.record
from used
inner join measures
    on {{ is_measure('used.measure_code', 'measures.measure_code') }}
cross join lateral unnest(string_to_array(measures.records, '|')) as records (record)
