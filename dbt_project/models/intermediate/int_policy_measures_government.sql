with schools as (
    select * from {{ ref('int_school_conditions') }}
),

rooms as (
    select * from {{ ref('int_school_rooms') }}
),

declarations as (
    select * from {{ ref('int_declarations') }}
),

results as (
    select * from {{ ref('int_declaration_results') }}
),

surveys as (
    select * from {{ ref('int_satisfaction') }}
),

migrants as (
    select * from {{ ref('int_migrant_children') }}
),

school_totals as (
    select
        district_code,
        school_year,
        bool_or(has_recognition_ledger) as has_recognition_ledger,
        bool_or(has_cluster_ledger) as has_cluster_ledger,
        bool_or(has_pairing_ledger) as has_pairing_ledger,
        bool_or(has_room_list) as has_room_list,
        count(*) as schools,
        count(is_public) as sector_known,
        count(*) filter (where is_public) as public_schools,
        count(is_rural) as place_known,
        count(*) filter (where is_rural) as rural_schools,
        count(is_managed_by_district) filter (where is_public) as managed_known,
        count(*) filter (where is_public and is_managed_by_district) as managed,
        count(*) filter (where is_public and is_recognised) as recognised,
        count(*) filter (where is_in_cluster) as clustered,
        count(*) filter (where is_rural and is_paired) as paired_rural,
        count(*) filter (where are_rooms_reported) as rooms_reported,
        count(*) filter (where has_counselling_room) as counselling,
        count(needs_resource_room) as need_known,
        count(*) filter (where needs_resource_room) as needing,
        count(*) filter (where needs_resource_room and has_resource_room) as needing_with_one,
        -- Of a school that needs none it does not matter what it has.
        count(*) filter (where not needs_resource_room or needs_resource_room and are_rooms_reported)
            as resource_known
    from schools
    group by
        district_code,
        school_year
),

-- What the register says is always there; what a ledger or a list says only where it was handed in.
school_measures as (
    select
        totals.district_code,
        totals.school_year as year,
        'compulsory' as stage,
        counts.measure_code,
        counts.value,
        counts.cases_reported,
        counts.cases_expected
    from school_totals as totals
    cross join
        lateral (
            values
            ('compulsory_schools', true, totals.schools, totals.schools, totals.schools),
            ('public_schools', true, totals.public_schools, totals.sector_known, totals.schools),
            ('rural_schools', true, totals.rural_schools, totals.place_known, totals.schools),
            (
                'schools_managed_known',
                true,
                totals.managed_known,
                totals.managed_known,
                totals.public_schools
            ),
            (
                'schools_managed_by_district',
                true,
                totals.managed,
                totals.managed_known,
                totals.public_schools
            ),
            (
                'recognised_schools',
                totals.has_recognition_ledger,
                totals.recognised,
                totals.sector_known,
                totals.schools
            ),
            (
                'clustered_schools',
                totals.has_cluster_ledger,
                totals.clustered,
                totals.schools,
                totals.schools
            ),
            (
                'paired_rural_schools',
                totals.has_pairing_ledger,
                totals.paired_rural,
                totals.place_known,
                totals.schools
            ),
            (
                'schools_with_rooms_reported',
                totals.has_room_list,
                totals.rooms_reported,
                totals.rooms_reported,
                totals.schools
            ),
            (
                'schools_with_counselling_room',
                totals.has_room_list,
                totals.counselling,
                totals.rooms_reported,
                totals.schools
            ),
            (
                'schools_needing_resource_room',
                totals.has_room_list,
                totals.needing,
                totals.need_known,
                totals.schools
            ),
            (
                'schools_needing_resource_room_with_one',
                totals.has_room_list,
                totals.needing_with_one,
                totals.resource_known,
                totals.schools
            )
        ) as counts (measure_code, is_handed_in, value, cases_reported, cases_expected)
    where counts.is_handed_in
),

room_measures as (
    select
        rooms.district_code,
        rooms.school_year as year,
        'compulsory' as stage,
        'schools_short_of_' || rooms.room_kind || '_rooms' as measure_code,
        count(*) filter (where rooms.is_short) as value,
        count(rooms.is_short) as cases_reported,
        count(*) as cases_expected
    from rooms
    inner join schools
        on
            rooms.district_code = schools.district_code
            and rooms.school_year = schools.school_year
            and rooms.school_code = schools.school_code
    where schools.has_room_list
    group by
        rooms.district_code,
        rooms.school_year,
        rooms.room_kind
),

school_declarations as (
    select
        district_code,
        year,
        'compulsory' as stage,
        'declared_schools/' || item_code as measure_code,
        count(*) filter (where counted_value = 1) as value,
        count(counted_value) as cases_reported,
        count(*) as cases_expected
    from declarations
    where level = 'school' and is_asked
    group by
        district_code,
        year,
        item_code
),

counts as (
    select * from school_measures
    union all
    select * from room_measures
    union all
    select * from school_declarations
),

-- A count over schools of which none reported is not zero.
known_counts as (
    select
        district_code,
        year,
        stage,
        measure_code,
        case when cases_reported > 0 or cases_expected = 0 then value end as value,
        cases_reported,
        cases_expected,
        case when cases_reported = 0 and cases_expected > 0 then 'no_school_reported' end as reason_code
    from counts
),

district_declarations as (
    select
        district_code,
        year,
        'compulsory' as stage,
        case kind when 'answer' then 'declared/' else 'declared_value/' end || item_code as measure_code,
        counted_value as value,
        (counted_value is not null)::integer as cases_reported,
        1 as cases_expected,
        reason_code
    from declarations
    where level = 'district' and is_asked
),

computed_declarations as (
    select
        district_code,
        year,
        'compulsory' as stage,
        case method when 'all_yes' then 'declared/' else 'declared_value/' end || result_code as measure_code,
        value,
        parts_reported as cases_reported,
        parts_expected as cases_expected,
        reason_code
    from results
),

survey_measures as (
    select
        surveys.district_code,
        surveys.year,
        'compulsory' as stage,
        counts.measure_code,
        counts.value,
        (counts.value is not null)::integer as cases_reported,
        1 as cases_expected,
        case when counts.value is null then 'value_missing' end as reason_code
    from (
        select
            district_code,
            year,
            max(valid) filter (where respondent_type = 'all') as valid,
            max(satisfied) filter (where respondent_type = 'all') as satisfied,
            max(valid) filter (where respondent_type = 'parent') as parents
        from surveys
        group by
            district_code,
            year
    ) as surveys
    cross join lateral (
        values
        ('valid_responses', surveys.valid),
        ('satisfied_responses', surveys.satisfied),
        ('parent_responses', surveys.parents)
    ) as counts (measure_code, value)
),

migrant_measures as (
    select
        migrants.district_code,
        migrants.school_year as year,
        migrants.stage,
        counts.measure_code,
        counts.value,
        migrants.stages_reported as cases_reported,
        migrants.stages_expected as cases_expected,
        case when counts.value is null then 'value_missing' end as reason_code
    from migrants
    cross join lateral (
        values
        ('migrant_eligible', migrants.eligible_children),
        ('migrant_placed', migrants.placed_children),
        ('migrant_in_public', migrants.in_public_schools)
    ) as counts (measure_code, value)
),

measures as (
    select * from known_counts
    union all
    select * from district_declarations
    union all
    select * from computed_declarations
    union all
    select * from survey_measures
    union all
    select * from migrant_measures
)

select
    district_code,
    year,
    stage,
    'none' as standard_code,
    measure_code,
    value::numeric as value,
    cases_reported::bigint as cases_reported,
    cases_expected::bigint as cases_expected,
    reason_code
from measures
