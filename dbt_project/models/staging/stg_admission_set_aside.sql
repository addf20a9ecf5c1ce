with set_aside as (
    {{ rows_set_aside('admission') }}
)

select
    district_code,
    school_year,
    school_code,
    stage
from set_aside
