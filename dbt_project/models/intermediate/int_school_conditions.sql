with schools as (
    select * from {{ ref('int_government_schools') }}
),

recognition as (
    select * from {{ ref('stg_recognition') }}
),

clusters as (
    select * from {{ ref('stg_school_cluster') }}
),

pairings as (
    select * from {{ ref('stg_pairing') }}
),

rooms as (
    select * from {{ ref('stg_room') }}
),

dimension as (
    select * from {{ ref('dim_school') }}
),

-- The decision that holds on the day of the ledger or, where none does, the last one.
recognised as (
    select distinct on (recognition.district_code, recognition.school_year, recognition.school_code)
        recognition.district_code,
        recognition.school_year,
        recognition.school_code,
        recognition.recognised_on,
        recognition.expires_on,
        recognition.document,
        coalesce(
            recognition.recognised_on <= schools.ledger_date
            and (recognition.expires_on is null or recognition.expires_on >= schools.ledger_date),
            false
        ) as is_valid,
        coalesce(recognition.expires_on < schools.ledger_date, false) as is_expired
    from recognition
    inner join schools
        on
            recognition.district_code = schools.district_code
            and recognition.school_year = schools.school_year
            and recognition.school_code = schools.school_code
    order by
        recognition.district_code asc,
        recognition.school_year asc,
        recognition.school_code asc,
        is_valid desc,
        recognition.recognised_on desc
),

clustered as (
    select distinct
        clusters.district_code,
        clusters.school_year,
        clusters.school_code
    from clusters
    inner join schools
        on
            clusters.district_code = schools.district_code
            and clusters.school_year = schools.school_year
            and clusters.school_code = schools.school_code
    where
        (clusters.joined_on is null or clusters.joined_on <= schools.ledger_date)
        and (clusters.left_on is null or clusters.left_on > schools.ledger_date)
),

paired as (
    select distinct
        pairings.district_code,
        pairings.school_year,
        pairings.school_code
    from pairings
    inner join schools
        on
            pairings.district_code = schools.district_code
            and pairings.school_year = schools.school_year
            and pairings.school_code = schools.school_code
    where
        (pairings.started_on is null or pairings.started_on <= schools.ledger_date)
        and (pairings.ended_on is null or pairings.ended_on > schools.ledger_date)
),

furnished as (
    select
        rooms.district_code,
        rooms.school_year,
        dimension.counted_school_code as school_code,
        bool_or(rooms.room_kind = 'counselling') as has_counselling_room,
        bool_or(rooms.room_kind = 'resource') as has_resource_room
    from rooms
    inner join dimension
        on
            rooms.district_code = dimension.district_code
            and rooms.school_year = dimension.school_year
            and rooms.school_code = dimension.school_code
    group by
        rooms.district_code,
        rooms.school_year,
        dimension.counted_school_code
),

recognition_ledgers as (
    select distinct
        district_code,
        school_year
    from recognition
),

cluster_ledgers as (
    select distinct
        district_code,
        school_year
    from clusters
),

pairing_ledgers as (
    select distinct
        district_code,
        school_year
    from pairings
),

room_lists as (
    select distinct
        district_code,
        school_year
    from rooms
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
    schools.is_managed_by_district,
    schools.classes,
    schools.ledger_date,
    recognition_ledgers.district_code is not null as has_recognition_ledger,
    cluster_ledgers.district_code is not null as has_cluster_ledger,
    pairing_ledgers.district_code is not null as has_pairing_ledger,
    room_lists.district_code is not null as has_room_list,
    -- A ledger names those that hold it: who is not in it does not. Without a ledger nothing is known.
    case when recognition_ledgers.district_code is not null then coalesce(recognised.is_valid, false) end
        as is_recognised,
    recognised.recognised_on,
    recognised.expires_on as recognition_expires_on,
    recognised.document as recognition_document,
    case
        when recognition_ledgers.district_code is not null
            then coalesce(recognised.is_expired and not recognised.is_valid, false)
    end as is_recognition_expired,
    case when cluster_ledgers.district_code is not null then clustered.school_code is not null end
        as is_in_cluster,
    case when pairing_ledgers.district_code is not null then paired.school_code is not null end as is_paired,
    furnished.school_code is not null as are_rooms_reported,
    furnished.has_counselling_room,
    schools.needs_resource_room,
    furnished.has_resource_room
from schools
left join recognised
    on
        schools.district_code = recognised.district_code
        and schools.school_year = recognised.school_year
        and schools.school_code = recognised.school_code
left join clustered
    on
        schools.district_code = clustered.district_code
        and schools.school_year = clustered.school_year
        and schools.school_code = clustered.school_code
left join paired
    on
        schools.district_code = paired.district_code
        and schools.school_year = paired.school_year
        and schools.school_code = paired.school_code
left join furnished
    on
        schools.district_code = furnished.district_code
        and schools.school_year = furnished.school_year
        and schools.school_code = furnished.school_code
left join recognition_ledgers
    on
        schools.district_code = recognition_ledgers.district_code
        and schools.school_year = recognition_ledgers.school_year
left join cluster_ledgers
    on
        schools.district_code = cluster_ledgers.district_code
        and schools.school_year = cluster_ledgers.school_year
left join pairing_ledgers
    on
        schools.district_code = pairing_ledgers.district_code
        and schools.school_year = pairing_ledgers.school_year
left join room_lists
    on
        schools.district_code = room_lists.district_code
        and schools.school_year = room_lists.school_year
