with moves as (
    select * from {{ ref('stg_teacher_rotation') }}
),

persons as (
    select * from {{ ref('int_teacher_persons') }}
),

teacher_schools as (
    select * from {{ ref('int_teacher_schools') }}
),

kinds as (
    select * from {{ ref('code_rotation_kind') }}
),

rotation_schools as (
    select * from {{ ref('int_rotation_schools') }}
),

-- Moves of full-time teachers of compulsory schools that are on the roster; the roster says who is backbone.
moved as (
    select
        moves.district_code,
        moves.school_year,
        moves.teacher_key,
        coalesce(schools_left.counted_school_code, moves.from_school_code) as school_left,
        coalesce(schools_joined.counted_school_code, moves.to_school_code) as school_joined,
        persons.is_backbone,
        (schools_left.is_town_or_quality and schools_joined.is_rural) is true as is_to_rural
    from moves
    inner join kinds on moves.kind = kinds.code
    inner join persons
        on
            moves.district_code = persons.district_code
            and moves.school_year = persons.school_year
            and moves.teacher_key = persons.teacher_key
    inner join teacher_schools
        on
            persons.district_code = teacher_schools.district_code
            and persons.school_year = teacher_schools.school_year
            and persons.counted_school_code = teacher_schools.school_code
            and persons.stage = teacher_schools.stage
    left join rotation_schools as schools_left
        on
            moves.district_code = schools_left.district_code
            and moves.school_year = schools_left.school_year
            and moves.from_school_code = schools_left.school_code
    left join rotation_schools as schools_joined
        on
            moves.district_code = schools_joined.district_code
            and moves.school_year = schools_joined.school_year
            and moves.to_school_code = schools_joined.school_code
    where kinds.counts_as_rotation and persons.is_rotated and teacher_schools.is_reported
),

sent_and_received as (
    select
        district_code,
        school_year,
        school_left as school_code,
        true as is_sent,
        teacher_key,
        is_backbone,
        is_to_rural
    from moved
    union all
    select
        district_code,
        school_year,
        school_joined as school_code,
        false as is_sent,
        teacher_key,
        is_backbone,
        is_to_rural
    from moved
)

select
    district_code,
    school_year,
    school_code,
    count(distinct teacher_key) filter (where is_sent) as sent,
    count(distinct teacher_key) filter (where is_sent and is_to_rural) as sent_to_rural,
    count(distinct teacher_key) filter (where is_sent and is_backbone) as sent_backbone,
    count(distinct teacher_key) filter (where not is_sent) as received
from sent_and_received
group by district_code, school_year, school_code
