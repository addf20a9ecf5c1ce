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

-- A year without an index breaks the chain: nothing before it is of the same prices as what comes after.
unbroken as (
    select
        *,
        fiscal_year - row_number() over (partition by region_code order by fiscal_year) as chain
    from chosen
),

-- The first index of a chain speaks of the year before it: that year, which has no index, is its start.
started as (
    select
        region_code,
        fiscal_year,
        index_code,
        index_previous_year_100,
        chain,
        document
    from unbroken
    union all
    select
        region_code,
        min(fiscal_year) - 1 as fiscal_year,
        min(index_code) as index_code,
        null::numeric as index_previous_year_100,
        chain,
        null::text as document
    from unbroken
    group by region_code, chain
)

select
    region_code,
    fiscal_year,
    index_code,
    index_previous_year_100,
    chain::integer as chain,
    -- The product of the indices: logarithms to 40 decimals, so that no cent can move.
    exp(sum(ln(round(coalesce(index_previous_year_100 / 100, 1), 40))) over (
        partition by region_code, chain order by fiscal_year
        rows between unbounded preceding and current row
    )) as price_level,
    document
from started
