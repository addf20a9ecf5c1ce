-- Matters: a floor that sinks while its series goes on would forgive a fall.
-- Mend: look at the year that breaks the series in int_spending_floor.
with floors as (
    select * from {{ ref('int_spending_floor') }}
)

select
    floors.series_key,
    floors.fiscal_year,
    floors.floor_amount
from floors
inner join floors as last_year
    on
        floors.district_code = last_year.district_code
        and floors.series_key = last_year.series_key
        and floors.fiscal_year - 1 = last_year.fiscal_year
        and floors.floor_since_year = last_year.floor_since_year
where floors.floor_amount < last_year.floor_amount
