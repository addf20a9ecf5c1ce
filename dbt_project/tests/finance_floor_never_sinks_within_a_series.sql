-- Matters: a floor that sinks without an exception on record would forgive a fall.
-- Mend: look at the year in int_spending_floor whose floor is below that of the year before.
{% set line = [
    'belief_axis', 'belief_point', 'district_code', 'series_key', 'price_basis', 'currency_code'
] -%}

with floors as (
    select * from {{ ref('int_spending_floor') }}
    where reading = 'nominal' and price_basis <> 'constant'
),

levels as (
    select * from {{ ref('int_spending_vintage_levels') }}
),

-- Where two vintages tell a series, the floor may move from the one to the other.
told_once as (
    select {{ line | join(', ') }}
    from levels
    group by {{ line | join(', ') }}
    having count(distinct vintage) = 1
),

stepped as (
    select
        floors.belief_axis,
        floors.belief_point,
        floors.series_key,
        floors.fiscal_year,
        floors.exception_amount,
        floors.floor_amount,
        lag(floors.floor_amount) over (
            partition by {{ columns_of('floors', line) }} order by floors.fiscal_year
        ) as last_floor_amount
    from floors
    inner join told_once on {{ equal_columns('floors', 'told_once', line) }}
)

select
    belief_axis,
    belief_point,
    series_key,
    fiscal_year,
    floor_amount,
    last_floor_amount
from stepped
where exception_amount is null and floor_amount < last_floor_amount
