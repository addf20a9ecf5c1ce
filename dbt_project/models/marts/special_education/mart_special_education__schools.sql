with schools as (
    select * from {{ ref('int_special_schools') }}
),

coverage as (
    select * from {{ ref('mart_special_education__coverage') }}
    where breakdown = 'placement' and category = 'special_school'
),

parameters as (
    select max(value) filter (where parameter = 'suppression_threshold')::integer as threshold
    from {{ ref('special_education_parameter') }}
),

-- Few pupils are withheld, and so are those whose number would give away what the mart of coverage withholds.
judged as (
    select
        schools.*,
        coalesce(
            {{ is_small('schools.students', 'parameters.threshold') }}
            or (coverage.category is not null and coverage.children is null),
            false
        ) as is_suppressed
    from schools
    cross join parameters
    left join coverage
        on
            schools.region_code = coverage.region_code
            and schools.district_code = coverage.district_code
            and schools.school_year = coverage.school_year
),

published as (
    select
        *,
        case when not is_suppressed then students end as shown_students
    from judged
)

select
    region_code,
    district_code,
    school_year,
    special_schools,
    schools_reported,
    shown_students as students,
    staff,
    full_time_teachers,
    round(shown_students::numeric / nullif(full_time_teachers, 0), 1) as students_per_teacher,
    case when not is_suppressed then public_funds_account_yuan end as public_funds_account_yuan,
    trunc(public_funds_account_yuan / nullif(shown_students, 0)) as public_funds_yuan_per_student,
    is_suppressed,
    case
        when is_suppressed then 'small_count'
        when students is null then 'pupils_missing'
        when students = 0 then 'no_pupils'
        when public_funds_account_yuan is null then 'funds_missing'
    end as reason
from published
