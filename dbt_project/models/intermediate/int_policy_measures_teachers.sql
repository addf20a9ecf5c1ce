with teacher_schools as (
    select * from {{ ref('int_teacher_schools') }}
),

backbone as (
    select * from {{ ref('int_teacher_backbone') }}
),

posts as (
    select * from {{ ref('int_teacher_posts') }}
),

pay as (
    select * from {{ ref('int_teacher_pay') }}
),

counted as (
    select
        found.district_code,
        found.school_year,
        found.stage,
        found.is_reported,
        found.rotation_rows_set_aside,
        measures.measure_code,
        measures.value,
        measures.measure_code like 'rotated%' as is_of_rotation,
        case
            -- A teacher of whom a year of training is not known is neither trained nor untrained.
            when measures.measure_code in ('teachers_in_training_cycle', 'teachers_trained_360_hours')
                then found.teachers_in_training_cycle = found.full_time_teachers
            else measures.value is not null
        end as is_known
    from teacher_schools as found
    cross join
        lateral (
            values
            ('teachers_on_roster', found.teachers, true),
            ('full_time_teachers', found.full_time_teachers, true),
            ('licensed_teachers', found.licensed_teachers, true),
            ('temporary_teachers', found.temporary_teachers, true),
            ('eligible_teachers', found.eligible_teachers, true),
            ('rotated_teachers', found.rotated_teachers, found.is_rotation_recorded),
            ('rotated_to_rural', found.rotated_to_rural, found.is_rotation_recorded),
            ('rotated_backbone', found.rotated_backbone, found.is_rotation_recorded),
            ('teachers_with_ethics_credit', found.teachers_with_ethics_credit, true),
            ('vetoed_teachers_promoted', found.vetoed_teachers_promoted, true),
            ('private_staff', found.teachers, found.sector = 'private'),
            ('private_staff_insured', found.insured_teachers, found.sector = 'private'),
            ('special_education_teachers', found.special_education_teachers, true),
            (
                'special_education_teachers_trained',
                found.special_education_teachers_trained,
                found.is_training_recorded
            ),
            (
                'teachers_in_training_cycle',
                found.teachers_in_training_cycle,
                found.is_training_recorded
            ),
            ('teachers_trained_360_hours', found.teachers_trained, found.is_training_recorded)
        ) as measures (measure_code, value, is_due)
    where measures.is_due
),

summed as (
    select
        district_code,
        school_year,
        stage,
        measure_code,
        {{ sum_of_reported('value') }} as value,
        -- A move that could not be read may be of a teacher of any school: as many schools are not known.
        greatest(
            count(*) filter (where is_known)
            - max(rotation_rows_set_aside) filter (where is_of_rotation and is_known), 0
        ) as cases_less_moves,
        count(*) filter (where is_known) as cases_reported,
        count(*) as cases_expected,
        bool_or(is_of_rotation) as is_of_rotation,
        bool_or(is_reported) as is_any_reported
    from counted
    group by district_code, school_year, stage, measure_code
),

of_persons as (
    select
        district_code,
        school_year,
        stage,
        measure_code,
        case
            when measure_code = 'teachers_in_training_cycle' then nullif(value, 0)
            else value
        end as value,
        case when is_of_rotation then coalesce(cases_less_moves, 0) else cases_reported end as cases_reported,
        cases_expected,
        case
            when not is_any_reported then 'no_school_reported'
            when value is null then 'value_missing'
            when measure_code = 'teachers_in_training_cycle' and value = 0 then 'training_year_missing'
        end as reason_code
    from summed
),

of_backbone as (
    select
        backbone.district_code,
        backbone.school_year,
        coalesce(backbone.stage, 'compulsory') as stage,
        measures.measure_code,
        sum(measures.value) as value,
        count(backbone.is_below_line) as cases_reported,
        count(*) as cases_expected
    from backbone
    cross join
        lateral (
            values
            ('backbone_schools', case when backbone.is_below_line is not null then 1 end),
            ('backbone_schools_below', backbone.is_below_line::integer)
        ) as measures (measure_code, value)
    group by grouping sets (
        (backbone.district_code, backbone.school_year, measures.measure_code, backbone.stage),
        (backbone.district_code, backbone.school_year, measures.measure_code)
    )
),

of_rosters as (
    select
        teacher_schools.district_code,
        teacher_schools.school_year,
        teacher_schools.stage,
        measures.measure_code,
        sum(measures.value) as value,
        count(measures.value) as cases_reported,
        count(*) as cases_expected
    from teacher_schools
    cross join
        lateral (
            values
            ('schools_with_roster', case when teacher_schools.is_reported then 1 end),
            ('schools_with_psychology_teacher', (teacher_schools.psychology_teachers > 0)::integer)
        ) as measures (measure_code, value)
    where teacher_schools.is_in_scope and teacher_schools.stage = 'compulsory'
    group by
        teacher_schools.district_code,
        teacher_schools.school_year,
        teacher_schools.stage,
        measures.measure_code
),

post_schools as (
    select
        district_code,
        school_year,
        school_code,
        bool_or(subject_group = 'all' and reason_code is null) as has_posts,
        max(posts) filter (where subject_group = 'all' and reason_code is null) as posts,
        -- Who is above the posts of one school fills none of another's.
        max(least(teachers, posts)) filter (where subject_group = 'all' and reason_code is null) as filled,
        bool_or(is_temporary_despite_vacancy) filter (where subject_group = 'all')
            as is_temporary_despite_vacancy,
        bool_and(reason_code is null) filter (where subject_group <> 'all') as has_subjects,
        bool_or(is_short) filter (where subject_group <> 'all') as is_short_of_subject
    from posts
    group by district_code, school_year, school_code
),

of_posts as (
    select
        post_schools.district_code,
        post_schools.school_year,
        'compulsory' as stage,
        measures.measure_code,
        sum(measures.value) as value,
        count(*) filter (where measures.is_known) as cases_reported,
        count(*) as cases_expected
    from post_schools
    cross join
        lateral (
            values
            ('establishment_posts', post_schools.posts, post_schools.has_posts),
            ('establishment_filled', post_schools.filled, post_schools.has_posts),
            (
                'schools_with_establishment',
                case when post_schools.has_posts then 1 end,
                post_schools.has_posts
            ),
            (
                'schools_temporary_despite_vacancy',
                post_schools.is_temporary_despite_vacancy::integer,
                post_schools.has_posts
            ),
            ('schools_short_of_subject', post_schools.is_short_of_subject::integer, post_schools.has_subjects)
        ) as measures (measure_code, value, is_known)
    group by post_schools.district_code, post_schools.school_year, measures.measure_code
),

public_schools as (
    select
        district_code,
        school_year,
        count(*) as schools
    from teacher_schools
    where stage = 'compulsory' and sector = 'public'
    group by district_code, school_year
),

schools_paid as (
    select
        district_code,
        school_year,
        count(*) filter (where persons = teachers) as schools
    from pay
    where school_code <> 'all'
    group by district_code, school_year
),

of_pay as (
    select
        public_schools.district_code,
        public_schools.school_year,
        'compulsory' as stage,
        'teacher_pay_yuan' as measure_code,
        pay.average_pay_yuan as value,
        coalesce(schools_paid.schools, 0) as cases_reported,
        public_schools.schools as cases_expected,
        case when pay.school_code is null then 'no_school_reported' else pay.reason_code end as reason_code
    from public_schools
    left join pay
        on
            public_schools.district_code = pay.district_code
            and public_schools.school_year = pay.school_year
            and pay.school_code = 'all'
    left join schools_paid
        on
            public_schools.district_code = schools_paid.district_code
            and public_schools.school_year = schools_paid.school_year
),

-- No private school is no gap in the record: there is nobody to insure.
of_no_private_school as (
    select
        teacher_schools.district_code,
        teacher_schools.school_year,
        teacher_schools.stage,
        measures.measure_code,
        0 as value,
        0 as cases_reported,
        0 as cases_expected,
        null as reason_code
    from teacher_schools
    cross join (values ('private_staff'), ('private_staff_insured')) as measures (measure_code)
    group by
        teacher_schools.district_code,
        teacher_schools.school_year,
        teacher_schools.stage,
        measures.measure_code
    having not bool_or(teacher_schools.sector = 'private')
),

of_schools as (
    select * from of_backbone
    union all
    select * from of_rosters
    union all
    select * from of_posts
),

all_rows as (
    select * from of_persons
    union all
    select
        of_schools.*,
        case when of_schools.value is null then 'no_school_reported' end as reason_code
    from of_schools
    union all
    select * from of_pay
    union all
    select * from of_no_private_school
)

select
    district_code,
    school_year as year,
    stage,
    'none' as standard_code,
    measure_code,
    value::numeric as value,
    cases_reported::bigint as cases_reported,
    cases_expected::bigint as cases_expected,
    reason_code
from all_rows
