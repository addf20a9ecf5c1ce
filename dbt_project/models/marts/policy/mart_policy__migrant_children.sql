with migrants as (
    select * from {{ ref('int_migrant_children') }}
)

select
    district_code,
    school_year,
    stage,
    eligible_children,
    in_public_schools,
    in_bought_private_seats,
    placed_children,
    bought_seats,
    -- One decimal, as the national form prints shares; judged unrounded elsewhere.
    round(placed_children * 100::numeric / nullif(eligible_children, 0), 1) as placed_pct,
    round(in_public_schools * 100::numeric / nullif(eligible_children, 0), 1) as in_public_pct,
    stages_reported,
    stages_expected,
    coalesce(reason_code, case when eligible_children = 0 then 'denominator_zero' end) as reason_code
from migrants
