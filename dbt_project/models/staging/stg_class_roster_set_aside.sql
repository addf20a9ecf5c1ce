with set_aside as (
    {{ rows_set_aside('class_roster') }}
)

select
    district_code,
    school_year,
    school_code,
    stage
from set_aside
