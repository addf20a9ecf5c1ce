with tilt as (
    select * from {{ ref('int_special_funds_tilt') }}
),

tilt_groups as (
    select * from {{ ref('tilt_group') }}
),

reasons as (
    select * from {{ ref('reason') }}
)

select
    tilt.region_code,
    tilt.district_code,
    tilt.fiscal_year,
    tilt.group_code,
    tilt_groups.name_zh as group_zh,
    tilt_groups.name_en as group_en,
    tilt.schools_expected,
    tilt.schools_reported,
    tilt.group_schools,
    tilt.group_students,
    tilt.group_funds_yuan,
    round(tilt.group_funds_per_student, 2) as group_funds_per_student,
    tilt.other_schools,
    tilt.other_students,
    tilt.other_funds_yuan,
    round(tilt.other_funds_per_student, 2) as other_funds_per_student,
    round(tilt.tilt_ratio, 3) as tilt_ratio,
    tilt.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from tilt
inner join tilt_groups on tilt.group_code = tilt_groups.group_code
left join reasons on tilt.reason_code = reasons.reason_code
