with rooms as (
    select * from {{ ref('stg_room') }}
),

dimension as (
    select * from {{ ref('dim_school') }}
),

schools as (
    select * from {{ ref('int_government_schools') }}
),

standards as (
    select * from {{ ref('room_standard') }}
),

-- Rooms of a campus that does not count are its parent's.
counted_rooms as (
    select
        rooms.district_code,
        rooms.school_year,
        dimension.counted_school_code as school_code,
        rooms.room_kind,
        rooms.area_m2
    from rooms
    inner join dimension
        on
            rooms.district_code = dimension.district_code
            and rooms.school_year = dimension.school_year
            and rooms.school_code = dimension.school_code
),

reporting as (
    select distinct
        district_code,
        school_year,
        school_code
    from counted_rooms
),

applicable as (
    select
        schools.district_code,
        schools.school_year,
        schools.school_code,
        schools.classes,
        standards.room_kind,
        standards.concession_code,
        standards.least_area_m2,
        standards.classes_per_room,
        row_number() over (
            partition by schools.district_code, schools.school_year, schools.school_code, standards.room_kind
            order by standards.least_area_m2, standards.concession_code
        ) as place
    from schools
    inner join standards
        on
            (standards.built_until is null or schools.built_year <= standards.built_until)
            and (not standards.is_for_small_rural or schools.is_rural_small)
            and (standards.highest_stage is null or schools.highest_stage = standards.highest_stage)
),

measured as (
    select
        applicable.district_code,
        applicable.school_year,
        applicable.school_code,
        applicable.room_kind,
        applicable.concession_code,
        applicable.least_area_m2,
        applicable.classes,
        reporting.school_code is not null as is_reported,
        ceil(applicable.classes::numeric / applicable.classes_per_room)::bigint as rooms_needed,
        count(counted_rooms.area_m2) filter (
            where counted_rooms.area_m2 >= applicable.least_area_m2
        ) as rooms_large_enough,
        count(counted_rooms.area_m2) filter (
            where counted_rooms.area_m2 < applicable.least_area_m2
        ) as rooms_too_small,
        count(counted_rooms.school_code) - count(counted_rooms.area_m2) as rooms_without_area
    from applicable
    left join reporting
        on
            applicable.district_code = reporting.district_code
            and applicable.school_year = reporting.school_year
            and applicable.school_code = reporting.school_code
    left join counted_rooms
        on
            applicable.district_code = counted_rooms.district_code
            and applicable.school_year = counted_rooms.school_year
            and applicable.school_code = counted_rooms.school_code
            and applicable.room_kind = counted_rooms.room_kind
    where applicable.place = 1
    group by
        applicable.district_code,
        applicable.school_year,
        applicable.school_code,
        applicable.room_kind,
        applicable.concession_code,
        applicable.least_area_m2,
        applicable.classes_per_room,
        applicable.classes,
        reporting.school_code
)

select
    district_code,
    school_year,
    school_code,
    room_kind,
    concession_code,
    least_area_m2,
    classes,
    rooms_needed,
    case when is_reported then rooms_large_enough end as rooms_large_enough,
    case when is_reported then rooms_too_small end as rooms_too_small,
    case when is_reported then rooms_without_area end as rooms_without_area,
    case
        when not is_reported then null
        when rooms_large_enough >= rooms_needed then false
        -- Whatever the unmeasured rooms are, they would not be enough.
        when rooms_large_enough + rooms_without_area < rooms_needed then true
    end as is_short,
    case
        when not is_reported then 'rooms_not_reported'
        when rooms_needed is null then 'classes_missing'
        when
            rooms_large_enough >= rooms_needed or rooms_large_enough + rooms_without_area < rooms_needed
            then null
        else 'room_area_missing'
    end as reason_code
from measured
