with schools as (
    select * from {{ ref('int_school_conditions') }}
),

rooms as (
    select * from {{ ref('int_school_rooms') }}
),

declarations as (
    select * from {{ ref('int_declarations') }}
    where level = 'school' and is_asked
),

furnished as (
    select
        district_code,
        school_year,
        school_code,
        max(concession_code) filter (where room_kind = 'music') as music_concession_code,
        max(least_area_m2) filter (where room_kind = 'music') as music_least_area_m2,
        max(rooms_needed) filter (where room_kind = 'music') as music_rooms_needed,
        max(rooms_large_enough) filter (where room_kind = 'music') as music_rooms_large_enough,
        max(rooms_too_small) filter (where room_kind = 'music') as music_rooms_too_small,
        bool_or(is_short) filter (where room_kind = 'music') as is_short_of_music_rooms,
        max(concession_code) filter (where room_kind = 'art') as art_concession_code,
        max(least_area_m2) filter (where room_kind = 'art') as art_least_area_m2,
        max(rooms_needed) filter (where room_kind = 'art') as art_rooms_needed,
        max(rooms_large_enough) filter (where room_kind = 'art') as art_rooms_large_enough,
        max(rooms_too_small) filter (where room_kind = 'art') as art_rooms_too_small,
        bool_or(is_short) filter (where room_kind = 'art') as is_short_of_art_rooms,
        max(reason_code) as rooms_reason_code
    from rooms
    group by
        district_code,
        school_year,
        school_code
),

declared as (
    select
        district_code,
        year,
        subject_code,
        bool_or(counted_value = 1) filter (where item_code = 'curriculum') as teaches_whole_curriculum,
        max(document) filter (where item_code = 'curriculum') as curriculum_document,
        bool_or(counted_value = 1) filter (where item_code = 'party_organisation') as has_party_organisation,
        max(document) filter (where item_code = 'party_organisation') as party_organisation_document,
        bool_or(counted_value = 1) filter (where item_code = 'charter') as has_charter,
        max(document) filter (where item_code = 'charter') as charter_document,
        bool_or(counted_value = 1) filter (where item_code = 'digital_management') as is_managed_digitally,
        max(document) filter (where item_code = 'digital_management') as digital_management_document,
        bool_or(counted_value = 1) filter (where item_code = 'it_use') as is_it_used,
        max(document) filter (where item_code = 'it_use') as it_use_document,
        bool_or(counted_value = 1) filter (where item_code = 'moral_education') as is_moral_education_good,
        max(document) filter (where item_code = 'moral_education') as moral_education_document,
        bool_or(counted_value = 1) filter (where item_code = 'workload') as is_workload_passed,
        max(document) filter (where item_code = 'workload') as workload_document
    from declarations
    group by
        district_code,
        year,
        subject_code
)

select
    schools.district_code,
    schools.school_year,
    schools.school_code,
    schools.school_name,
    schools.sector,
    schools.urban_rural_group,
    schools.is_public,
    schools.is_rural,
    schools.ledger_date,
    schools.is_recognised,
    schools.recognised_on,
    schools.recognition_expires_on,
    schools.is_recognition_expired,
    schools.recognition_document,
    schools.is_in_cluster,
    schools.is_paired,
    schools.is_managed_by_district,
    schools.classes,
    schools.are_rooms_reported,
    furnished.music_concession_code,
    furnished.music_least_area_m2,
    furnished.music_rooms_needed,
    furnished.music_rooms_large_enough,
    furnished.music_rooms_too_small,
    furnished.is_short_of_music_rooms,
    furnished.art_concession_code,
    furnished.art_least_area_m2,
    furnished.art_rooms_needed,
    furnished.art_rooms_large_enough,
    furnished.art_rooms_too_small,
    furnished.is_short_of_art_rooms,
    furnished.rooms_reason_code,
    schools.has_counselling_room,
    schools.needs_resource_room,
    schools.has_resource_room,
    case
        when schools.needs_resource_room then not schools.has_resource_room
        else schools.needs_resource_room
    end as is_short_of_resource_room,
    declared.teaches_whole_curriculum,
    declared.curriculum_document,
    declared.has_party_organisation,
    declared.party_organisation_document,
    declared.has_charter,
    declared.charter_document,
    declared.is_managed_digitally,
    declared.digital_management_document,
    declared.is_it_used,
    declared.it_use_document,
    declared.is_moral_education_good,
    declared.moral_education_document,
    declared.is_workload_passed,
    declared.workload_document
from schools
left join furnished
    on
        schools.district_code = furnished.district_code
        and schools.school_year = furnished.school_year
        and schools.school_code = furnished.school_code
left join declared
    on
        schools.district_code = declared.district_code
        and schools.school_year = declared.year
        and schools.school_code = declared.subject_code
