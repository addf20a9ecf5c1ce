with stage_students as (
    select * from {{ ref('int_school_stage_students') }}
),

staffing as (
    select * from {{ ref('fct_staffing') }}
),

facilities as (
    select * from {{ ref('fct_facilities') }}
),

set_aside as (
    select * from {{ ref('stg_school_set_aside') }}
    where record in ('staffing', 'facilities')
),

-- A campus without pupils of the stage has no part in the figures of its parent.
parts as (
    select *
    from stage_students
    where
        school_code = counted_school_code
        or students is null
        or students > 0
),

-- A row of the school that was set aside leaves its record incomplete: what else stands there may be the
-- wrong one. A row of which the school could not be read only speaks of those that have no row.
parts_set_aside as (
    select
        parts.district_code,
        parts.school_year,
        parts.school_code,
        parts.stage,
        coalesce(
            bool_or(set_aside.school_code is not null) filter (where set_aside.record = 'staffing'), false
        ) as is_staffing_of_school,
        coalesce(
            bool_or(set_aside.school_code is not null) filter (where set_aside.record = 'facilities'), false
        ) as is_facilities_of_school,
        bool_or(set_aside.record = 'staffing') as is_staffing,
        bool_or(set_aside.record = 'facilities') as is_facilities
    from parts
    inner join set_aside
        on
            parts.district_code = set_aside.district_code
            and parts.school_year = set_aside.school_year
            and (set_aside.school_code is null or parts.school_code = set_aside.school_code)
            and (set_aside.stage is null or parts.stage = set_aside.stage)
    group by
        parts.district_code,
        parts.school_year,
        parts.school_code,
        parts.stage
),

enrolment_measures as (
    select
        parts.district_code,
        parts.school_year,
        parts.counted_school_code,
        parts.stage,
        measures.measure_code,
        measures.value,
        case
            when measures.value is not null then null
            else coalesce(parts.reason_code, 'value_missing')
        end as reason_code
    from parts
    cross join lateral (
        values
        ('students', parts.students),
        ('female_students', parts.female_students),
        ('boarding_students', parts.boarding_students),
        ('migrant_students', parts.migrant_students),
        ('left_behind_students', parts.left_behind_students),
        ('classes', parts.classes)
    ) as measures (measure_code, value)
),

-- Teachers are counted by stage in the form itself: nothing is split.
staffing_measures as (
    select
        parts.district_code,
        parts.school_year,
        parts.counted_school_code,
        parts.stage,
        measures.measure_code,
        case when not coalesce(parts_set_aside.is_staffing_of_school, false) then measures.value end
            as value,
        case
            when parts_set_aside.is_staffing_of_school then 'row_set_aside'
            when measures.value is not null then null
            when staffing.school_code is null and parts_set_aside.is_staffing then 'row_set_aside'
            when staffing.school_code is null then 'staffing_row_missing'
            else 'value_missing'
        end as reason_code
    from parts
    left join staffing
        on
            parts.district_code = staffing.district_code
            and parts.school_year = staffing.school_year
            and parts.school_code = staffing.school_code
            and parts.stage = staffing.stage
    left join parts_set_aside
        on
            parts.district_code = parts_set_aside.district_code
            and parts.school_year = parts_set_aside.school_year
            and parts.school_code = parts_set_aside.school_code
            and parts.stage = parts_set_aside.stage
    cross join lateral (
        values
        ('staff', staffing.staff),
        ('full_time_teachers', staffing.full_time_teachers),
        ('over_qualified_teachers', staffing.over_qualified_teachers),
        ('backbone_teachers', staffing.backbone_teachers),
        ('pe_arts_teachers', staffing.pe_arts_teachers),
        ('shared_pe_arts_teachers', staffing.shared_pe_arts_teachers),
        ('mid_plus_title_teachers', staffing.mid_plus_title_teachers)
    ) as measures (measure_code, value)
),

-- Rooms, grounds and equipment belong to the whole school: each stage gets its share by weighted pupils.
facilities_measures as (
    select
        parts.district_code,
        parts.school_year,
        parts.counted_school_code,
        parts.stage,
        measures.measure_code,
        -- Multiplied before divided, so that a school of one stage keeps its figure to the last digit.
        case
            when not coalesce(parts_set_aside.is_facilities_of_school, false)
                then {{ divide(
                    'measures.whole * parts.weighted_students', 'parts.school_weighted_students'
                ) }}
        end as value,
        case
            when parts_set_aside.is_facilities_of_school then 'row_set_aside'
            when facilities.school_code is null and parts_set_aside.is_facilities then 'row_set_aside'
            when facilities.school_code is null then 'facilities_row_missing'
            when measures.part_reason_code is not null then measures.part_reason_code
            when measures.whole is null then 'value_missing'
            when parts.split_share is null then 'split_students_missing'
        end as reason_code
    from parts
    left join facilities
        on
            parts.district_code = facilities.district_code
            and parts.school_year = facilities.school_year
            and parts.school_code = facilities.school_code
    left join parts_set_aside
        on
            parts.district_code = parts_set_aside.district_code
            and parts.school_year = parts_set_aside.school_year
            and parts.school_code = parts_set_aside.school_code
            and parts.stage = parts_set_aside.stage
    cross join lateral (
        values
        (
            'teaching_rooms_area_m2',
            facilities.teaching_rooms_area_m2,
            facilities.teaching_rooms_reason_code
        ),
        ('sports_area_m2', facilities.sports_area_m2, facilities.sports_reason_code),
        ('shared_sports_area_m2', facilities.shared_sports_area_m2, null),
        ('teaching_equipment_yuan', facilities.teaching_equipment_yuan, null),
        ('multimedia_classrooms', facilities.multimedia_classrooms, null),
        ('computers', facilities.computers, null),
        ('books', facilities.books, null)
    ) as measures (measure_code, whole, part_reason_code)
),

all_parts as (
    select * from enrolment_measures
    union all
    select * from staffing_measures
    union all
    select * from facilities_measures
)

select
    district_code,
    school_year,
    counted_school_code as school_code,
    stage,
    measure_code,
    {{ sum_if_complete('value') }} as value,
    min(reason_code) as reason_code
from all_parts
group by
    district_code,
    school_year,
    counted_school_code,
    stage,
    measure_code
