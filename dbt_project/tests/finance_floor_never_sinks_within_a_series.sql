-- Matters: a floor that sinks without an exception on record would forgive a fall.
-- Mend: look at the year in int_spending_floor whose floor is below that of the year before.
with floors as (
    select * from {{ ref('int_spending_floor') }}
    where reading = 'nominal'
),

stepped as (
    select
        belief_axis,
        belief_point,
        series_key,
        vintage,
        fiscal_year,
        exception_amount,
        floor_amount,
        lag(floor_amount) over (
            partition by
                belief_axis, belief_point, district_code, series_key, vintage, price_basis, currency_code
            order by fiscal_year
        ) as last_floor_amount
    from floors
)

select
    belief_axis,
    belief_point,
    series_key,
    vintage,
    fiscal_year,
    floor_amount,
    last_floor_amount
from stepped
where exception_amount is null and floor_amount < last_floor_amount
