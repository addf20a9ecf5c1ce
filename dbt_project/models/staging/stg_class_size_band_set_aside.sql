with set_aside as (
    {{ rows_set_aside('class_size_band') }}
)

select
    district_code,
    school_year,
    school_code,
    stage
from set_aside
