with persons as (
    select * from {{ ref('int_teacher_persons') }}
),

teacher_schools as (
    select * from {{ ref('int_teacher_schools') }}
),

parameters as (
    select {{ teacher_parameter('pay_min_persons', 'integer') }} as pay_min_persons
    from {{ ref('teacher_parameter') }}
),

-- Private schools pay by other rules: the standard leaves their teachers out on both sides.
paid as (
    select
        persons.district_code,
        persons.school_year,
        persons.counted_school_code as school_code,
        persons.annual_pay_yuan
    from persons
    inner join teacher_schools
        on
            persons.district_code = teacher_schools.district_code
            and persons.school_year = teacher_schools.school_year
            and persons.counted_school_code = teacher_schools.school_code
            and persons.stage = teacher_schools.stage
    where
        persons.is_full_time
        and teacher_schools.is_reported
        and teacher_schools.sector = 'public'
),

by_school as (
    select
        district_code,
        school_year,
        school_code,
        count(*) as teachers,
        count(annual_pay_yuan) as persons,
        sum(annual_pay_yuan) as pay
    from paid
    group by district_code, school_year, school_code
),

small as (
    select
        by_school.*,
        parameters.pay_min_persons,
        by_school.persons > 0 and by_school.persons < parameters.pay_min_persons as is_small,
        row_number() over (
            partition by by_school.district_code, by_school.school_year
            order by
                (by_school.persons >= parameters.pay_min_persons) asc, by_school.persons asc,
                by_school.school_code asc
        ) as hiding_order
    from by_school
    cross join parameters
),

-- The district's average less the schools that are shown must not leave fewer than the least number.
hidden as (
    select
        *,
        is_small or coalesce(sum(persons) over before_it, 0) between 1 and pay_min_persons - 1 as is_hidden
    from small
    window before_it as (
        partition by district_code, school_year
        order by hiding_order asc
        rows between unbounded preceding and 1 preceding
    )
),

whole as (
    select
        district_code,
        school_year,
        'all' as school_code,
        sum(teachers) as teachers,
        sum(persons) as persons,
        sum(pay) as pay,
        sum(persons) between 1 and min(pay_min_persons) - 1 as is_hidden
    from hidden
    group by district_code, school_year
),

all_rows as (
    select
        district_code,
        school_year,
        school_code,
        teachers,
        persons,
        pay,
        is_hidden
    from hidden
    union all
    select
        district_code,
        school_year,
        school_code,
        teachers,
        persons,
        pay,
        is_hidden
    from whole
)

select
    district_code,
    school_year,
    school_code,
    teachers::bigint as teachers,
    persons::bigint as persons,
    case when not is_hidden then {{ divide('pay', 'persons') }} end as average_pay_yuan,
    case
        when persons = 0 then 'value_missing'
        when is_hidden then 'pay_of_few_persons'
    end as reason_code
from all_rows
