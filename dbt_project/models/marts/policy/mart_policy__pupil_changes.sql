with changes as (
    select * from {{ ref('stg_pupil_change') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

-- A kind of change that one school leaves open is not known of the district: no sum stands for it.
summed as (
    select
        changes.region_code,
        changes.district_code,
        changes.school_year,
        changes.stage,
        count(*) as schools,
        {{ sum_if_complete('changes.last_year_students') }} as last_year_students,
        {{ sum_if_complete('changes.increase') }} as increase,
        {{ sum_if_complete('changes.admitted') }} as admitted,
        {{ sum_if_complete('changes.resumed') }} as resumed,
        {{ sum_if_complete('changes.transferred_in') }} as transferred_in,
        {{ sum_if_complete('changes.other_increase') }} as other_increase,
        {{ sum_if_complete('changes.decrease') }} as decrease,
        {{ sum_if_complete('changes.graduated') }} as graduated,
        {{ sum_if_complete('changes.completed') }} as completed,
        {{ sum_if_complete('changes.suspended') }} as suspended,
        {{ sum_if_complete('changes.dropped_out') }} as dropped_out,
        {{ sum_if_complete('changes.died') }} as died,
        {{ sum_if_complete('changes.transferred_out') }} as transferred_out,
        {{ sum_if_complete('changes.other_decrease') }} as other_decrease,
        {{ sum_if_complete('changes.students') }} as students
    from changes
    group by
        changes.region_code,
        changes.district_code,
        changes.school_year,
        changes.stage
)

select
    summed.region_code,
    summed.district_code,
    summed.school_year,
    summed.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    summed.schools,
    summed.last_year_students::bigint as last_year_students,
    summed.increase::bigint as increase,
    summed.admitted::bigint as admitted,
    summed.resumed::bigint as resumed,
    summed.transferred_in::bigint as transferred_in,
    summed.other_increase::bigint as other_increase,
    summed.decrease::bigint as decrease,
    summed.graduated::bigint as graduated,
    summed.completed::bigint as completed,
    summed.suspended::bigint as suspended,
    summed.dropped_out::bigint as dropped_out,
    summed.died::bigint as died,
    summed.transferred_out::bigint as transferred_out,
    summed.other_decrease::bigint as other_decrease,
    summed.students::bigint as students
from summed
inner join stages on summed.stage = stages.code
