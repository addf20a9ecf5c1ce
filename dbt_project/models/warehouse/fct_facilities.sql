with facilities as (
    select * from {{ ref('stg_facilities') }}
),

checked as (
    select
        *,
        case
            when teaching_auxiliary_area_m2 is null or indoor_sports_area_m2 is null then 'part_missing'
            when indoor_sports_area_m2 > teaching_auxiliary_area_m2 then 'part_exceeds_whole'
        end as teaching_rooms_reason_code,
        case
            when sports_ground_area_m2 is null or indoor_sports_area_m2 is null then 'part_missing'
        end as sports_reason_code
    from facilities
)

select
    region_code,
    district_code,
    school_year,
    school_code,
    teaching_auxiliary_area_m2,
    indoor_sports_area_m2,
    sports_ground_area_m2,
    -- Indoor sports rooms stand inside the auxiliary rooms of the form: out here, in below, never in both.
    case
        when teaching_rooms_reason_code is null then teaching_auxiliary_area_m2 - indoor_sports_area_m2
    end as teaching_rooms_area_m2,
    teaching_rooms_reason_code,
    sports_ground_area_m2 + indoor_sports_area_m2 as sports_area_m2,
    sports_reason_code,
    shared_sports_area_m2,
    teaching_equipment_yuan,
    multimedia_classrooms,
    computers,
    books,
    batch_id,
    source_sheet,
    source_row,
    source_block
from checked
