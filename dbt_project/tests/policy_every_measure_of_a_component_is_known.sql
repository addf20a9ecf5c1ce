-- A component whose measure no family knows would stay without data for ever.
with used as (
    select numerator_measure as measure_code from {{ ref('clause_component') }}
    union
    select denominator_measure as measure_code from {{ ref('clause_component') }}
),

known as (
    select measure_code from {{ ref('policy_measure') }}
)

select used.measure_code
from used
left join known
    on {{ is_measure('used.measure_code', 'known.measure_code') }}
where used.measure_code is not null and known.measure_code is null
