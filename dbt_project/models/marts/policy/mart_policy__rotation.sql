with teacher_schools as (
    select * from {{ ref('int_teacher_schools') }}
    where stage = 'compulsory'
),

moves as (
    select * from {{ ref('int_teacher_moves') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

rotation_schools as (
    select * from {{ ref('int_rotation_schools') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

parameters as (
    select
        {{ teacher_parameter('rotation_denominator') }} as rotation_denominator,
        {{ teacher_parameter('rotation_eligible_years', 'integer') }} as rotation_eligible_years
    from {{ ref('teacher_parameter') }}
),

joined as (
    select
        teacher_schools.*,
        parameters.rotation_denominator,
        parameters.rotation_eligible_years,
        rotation_schools.is_town_or_quality,
        teacher_schools.is_reported and teacher_schools.is_rotation_recorded as is_known,
        coalesce(moves.sent, 0) as sent,
        coalesce(moves.sent_to_rural, 0) as sent_to_rural,
        coalesce(moves.sent_backbone, 0) as sent_backbone,
        coalesce(moves.received, 0) as received,
        case
            when parameters.rotation_denominator = 'eligible' then teacher_schools.eligible_teachers
            else teacher_schools.full_time_teachers
        end as denominator_teachers,
        case
            when teacher_schools.reason_code is not null then teacher_schools.reason_code
            when not teacher_schools.is_rotation_recorded then 'rotation_record_missing'
            when teacher_schools.eligible_teachers is null then 'value_missing'
        end as gap_code
    from teacher_schools
    cross join parameters
    inner join rotation_schools
        on
            teacher_schools.district_code = rotation_schools.district_code
            and teacher_schools.school_year = rotation_schools.school_year
            and teacher_schools.school_code = rotation_schools.school_code
    left join moves
        on
            teacher_schools.district_code = moves.district_code
            and teacher_schools.school_year = moves.school_year
            and teacher_schools.school_code = moves.school_code
)

select
    joined.region_code,
    joined.district_code,
    joined.school_year,
    joined.school_code,
    schools.school_name,
    joined.sector,
    joined.urban_rural_group,
    joined.is_town_or_quality,
    joined.full_time_teachers,
    joined.eligible_teachers,
    joined.rotation_eligible_years,
    joined.rotation_denominator,
    joined.denominator_teachers,
    case when joined.is_known then joined.rotated_teachers end as rotated_teachers,
    case when joined.is_known then joined.rotated_to_rural end as rotated_to_rural,
    case when joined.is_known then joined.rotated_backbone end as rotated_backbone,
    case when joined.is_known then joined.sent end as teachers_sent,
    case when joined.is_known then joined.sent_to_rural end as teachers_sent_to_rural,
    case when joined.is_known then joined.sent_backbone end as backbone_teachers_sent,
    case when joined.is_known then joined.received end as teachers_received,
    case
        when joined.is_known
            then round({{ divide('joined.rotated_teachers * 100', 'joined.denominator_teachers') }}, 1)
    end as rotated_pct,
    case
        when joined.is_known
            then round({{ divide('joined.rotated_teachers * 100', 'joined.eligible_teachers') }}, 1)
    end as rotated_of_eligible_pct,
    joined.is_known
    and joined.is_town_or_quality
    and joined.eligible_teachers > 0
    and joined.sent_to_rural = 0 as sends_none_to_rural,
    joined.is_known and joined.urban_rural_group = 'rural' and joined.received = 0 as receives_none,
    joined.is_known,
    joined.gap_code as reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from joined
inner join schools
    on
        joined.district_code = schools.district_code
        and joined.school_year = schools.school_year
        and joined.school_code = schools.school_code
left join reasons on joined.gap_code = reasons.reason_code
