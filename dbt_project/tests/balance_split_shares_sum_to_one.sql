-- The shares of a school's stages make the whole school, to far below a square centimetre or a cent.
select
    district_code,
    school_year,
    school_code,
    sum(split_share) as share
from {{ ref('int_school_stage_students') }}
where split_share is not null
group by
    district_code,
    school_year,
    school_code
having abs(sum(split_share) - 1) > 1e-30
