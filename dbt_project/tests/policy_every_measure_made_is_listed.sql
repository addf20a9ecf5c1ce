-- What a family counts has a name, a unit and its records in the seed.
with made as (
    select distinct measure_code from {{ ref('int_policy_measures') }}
),

known as (
    select measure_code from {{ ref('policy_measure') }}
)

select made.measure_code
from made
left join known
    on {{ is_measure('made.measure_code', 'known.measure_code') }}
where known.measure_code is null
