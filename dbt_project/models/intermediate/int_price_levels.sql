with price_indices as (
    select * from {{ ref('stg_price_index') }}
),

parameters as (
    select max(value) filter (where parameter = 'price_index') as index_code
    from {{ ref('finance_parameter') }}
),

chosen as (
    select price_indices.*
    from price_indices
    inner join parameters on price_indices.index_code = parameters.index_code
),

-- A year without an index breaks the chain: levels before and after it are not of the same prices.
unbroken as (
    select
        *,
        fiscal_year - row_number() over (partition by region_code order by fiscal_year) as chain
    from chosen
)

select
    region_code,
    fiscal_year,
    index_code,
    index_previous_year_100,
    chain::integer as chain,
    -- The product of the indices: logarithms to 40 decimals, so that no cent can move.
    exp(sum(ln(round(index_previous_year_100 / 100, 40))) over (
        partition by region_code, chain order by fiscal_year
        rows between unbounded preceding and current row
    )) as price_level,
    document
from unbroken
