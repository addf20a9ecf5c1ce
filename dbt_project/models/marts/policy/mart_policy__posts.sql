with posts as (
    select * from {{ ref('int_teacher_posts') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

shortage_subjects as (
    select * from {{ ref('teacher_shortage_subject') }}
),

subjects as (
    select * from {{ ref('code_subject') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

named_subjects as (
    select
        subject_group,
        name_zh,
        name_en
    from shortage_subjects
    union all
    select
        subject_group,
        name_zh,
        name_en
    from subjects
    where code = 'all'
)

select
    posts.region_code,
    posts.district_code,
    posts.school_year,
    posts.school_code,
    schools.school_name,
    schools.urban_rural_group,
    posts.subject_group,
    named_subjects.name_zh as subject_group_zh,
    named_subjects.name_en as subject_group_en,
    posts.posts,
    posts.teachers,
    posts.vacant_posts,
    round({{ divide('posts.teachers * 100', 'posts.posts') }}, 1) as filled_pct,
    posts.temporary_teachers,
    coalesce(posts.is_short, false) as is_short,
    coalesce(posts.is_short and posts.subject_group <> 'all', false) as is_short_of_subject,
    coalesce(posts.is_temporary_despite_vacancy, false) as is_temporary_despite_vacancy,
    posts.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from posts
inner join schools
    on
        posts.district_code = schools.district_code
        and posts.school_year = schools.school_year
        and posts.school_code = schools.school_code
inner join named_subjects on posts.subject_group = named_subjects.subject_group
left join reasons on posts.reason_code = reasons.reason_code
