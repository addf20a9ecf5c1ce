with persons as (
    select * from {{ ref('int_teacher_persons') }}
),

teacher_schools as (
    select * from {{ ref('int_teacher_schools') }}
),

establishment as (
    select * from {{ ref('stg_establishment') }}
),

set_aside as (
    select * from {{ ref('stg_teacher_set_aside') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

subjects as (
    select * from {{ ref('code_subject') }}
),

shortage_subjects as (
    select * from {{ ref('teacher_shortage_subject') }}
),

establishment_batches as (
    select distinct
        district_code,
        school_year,
        batch_id
    from establishment
),

establishment_years as (
    select distinct
        district_code,
        school_year
    from establishment_batches
),

-- Only public schools have established posts.
public_schools as (
    select
        teacher_schools.region_code,
        teacher_schools.district_code,
        teacher_schools.school_year,
        teacher_schools.school_code,
        teacher_schools.is_reported,
        teacher_schools.reason_code
    from teacher_schools
    inner join establishment_years
        on
            teacher_schools.district_code = establishment_years.district_code
            and teacher_schools.school_year = establishment_years.school_year
    where
        teacher_schools.is_in_scope
        and teacher_schools.stage = 'compulsory'
        and teacher_schools.sector = 'public'
),

subject_groups as (
    select 'all' as subject_group
    union all
    select subject_group
    from shortage_subjects
),

posts as (
    select
        establishment.district_code,
        establishment.school_year,
        schools.counted_school_code as school_code,
        subjects.subject_group,
        {{ sum_if_complete('establishment.posts') }} as posts
    from establishment
    inner join subjects on establishment.subject = subjects.code
    inner join schools
        on
            establishment.district_code = schools.district_code
            and establishment.school_year = schools.school_year
            and establishment.school_code = schools.school_code
    group by
        establishment.district_code,
        establishment.school_year,
        schools.counted_school_code,
        subjects.subject_group
),

-- A row of posts set aside may be of any subject, and of any school when its school was not read.
rows_set_aside as (
    select distinct
        establishment_batches.district_code,
        establishment_batches.school_year,
        coalesce(schools.counted_school_code, set_aside.school_code) as school_code
    from establishment_batches
    inner join set_aside
        on
            establishment_batches.batch_id = set_aside.batch_id
            and (
                set_aside.district_code is null
                or establishment_batches.district_code = set_aside.district_code
            )
            and (set_aside.school_year is null or establishment_batches.school_year = set_aside.school_year)
    left join schools
        on
            establishment_batches.district_code = schools.district_code
            and establishment_batches.school_year = schools.school_year
            and set_aside.school_code = schools.school_code
),

touched as (
    select distinct
        public_schools.district_code,
        public_schools.school_year,
        public_schools.school_code
    from public_schools
    inner join rows_set_aside
        on
            public_schools.district_code = rows_set_aside.district_code
            and public_schools.school_year = rows_set_aside.school_year
            and (
                rows_set_aside.school_code is null
                or public_schools.school_code = rows_set_aside.school_code
            )
),

-- Posts are the whole school's, so the teachers of every stage of it are held against them.
by_subject as (
    select
        district_code,
        school_year,
        counted_school_code as school_code,
        subject_group,
        count(*) filter (where is_full_time) as teachers
    from persons
    group by district_code, school_year, counted_school_code, subject_group
),

by_school as (
    select
        district_code,
        school_year,
        counted_school_code as school_code,
        count(*) filter (where employment = 'establishment') as teachers,
        count(*) filter (where employment = 'temporary') as temporary_teachers
    from persons
    group by district_code, school_year, counted_school_code
),

compared as (
    select
        public_schools.region_code,
        public_schools.district_code,
        public_schools.school_year,
        public_schools.school_code,
        subject_groups.subject_group,
        case when touched.school_code is null then posts.posts end::bigint as posts,
        case
            when not public_schools.is_reported then null
            when subject_groups.subject_group = 'all' then coalesce(by_school.teachers, 0)
            else coalesce(by_subject.teachers, 0)
        end as teachers,
        case
            when public_schools.is_reported and subject_groups.subject_group = 'all'
                then coalesce(by_school.temporary_teachers, 0)
        end as temporary_teachers,
        case
            when not public_schools.is_reported then public_schools.reason_code
            when touched.school_code is not null then 'row_set_aside'
            when posts.posts is null then 'establishment_row_missing'
        end as reason_code
    from public_schools
    cross join subject_groups
    left join posts
        on
            public_schools.district_code = posts.district_code
            and public_schools.school_year = posts.school_year
            and public_schools.school_code = posts.school_code
            and subject_groups.subject_group = posts.subject_group
    left join by_subject
        on
            public_schools.district_code = by_subject.district_code
            and public_schools.school_year = by_subject.school_year
            and public_schools.school_code = by_subject.school_code
            and subject_groups.subject_group = by_subject.subject_group
    left join by_school
        on
            public_schools.district_code = by_school.district_code
            and public_schools.school_year = by_school.school_year
            and public_schools.school_code = by_school.school_code
    left join touched
        on
            public_schools.district_code = touched.district_code
            and public_schools.school_year = touched.school_year
            and public_schools.school_code = touched.school_code
)

select
    region_code,
    district_code,
    school_year,
    school_code,
    subject_group,
    posts,
    teachers,
    temporary_teachers,
    case when posts is not null and teachers is not null then greatest(posts - teachers, 0) end
        as vacant_posts,
    teachers < posts as is_short,
    subject_group = 'all' and teachers < posts and temporary_teachers > 0 as is_temporary_despite_vacancy,
    reason_code
from compared
