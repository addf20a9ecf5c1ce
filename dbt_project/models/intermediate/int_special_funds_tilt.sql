with school_funds as (
    select * from {{ ref('int_school_funds') }}
    where is_expected
),

tilt_groups as (
    select * from {{ ref('tilt_group') }}
),

membership as (
    select
        school_funds.region_code,
        school_funds.district_code,
        school_funds.fiscal_year,
        tilt_groups.group_code,
        not school_funds.is_favoured as is_other,
        case tilt_groups.group_code
            when 'favoured' then school_funds.is_favoured
            when 'township' then coalesce(school_funds.is_township, false)
            when 'weak' then coalesce(school_funds.is_weak, false)
            when 'special' then school_funds.is_special
            when 'boarding' then coalesce(school_funds.is_boarding, false)
            when 'small' then coalesce(school_funds.is_small, false)
        end as is_member,
        -- A school of which one of the two is missing would bend both sums.
        school_funds.special_funds_yuan is not null and school_funds.students > 0 as is_counted,
        school_funds.special_funds_yuan,
        school_funds.students
    from school_funds
    cross join tilt_groups
),

parameters as (
    select max(value) filter (where parameter = 'suppression_threshold')::integer as threshold
    from {{ ref('special_education_parameter') }}
),

-- Money of all schools of a group over all their pupils: a mean of the schools' shares is another figure.
summed as (
    select
        region_code,
        district_code,
        fiscal_year,
        group_code,
        count(*) filter (where is_member or is_other) as schools_expected,
        count(*) filter (where (is_member or is_other) and is_counted) as schools_reported,
        count(*) filter (where is_member and is_counted) as group_schools,
        count(*) filter (where is_other and is_counted) as other_schools,
        sum(special_funds_yuan) filter (where is_member and is_counted) as group_funds_yuan,
        sum(students) filter (where is_member and is_counted) as group_students,
        sum(special_funds_yuan) filter (where is_other and is_counted) as other_funds_yuan,
        sum(students) filter (where is_other and is_counted) as other_students
    from membership
    group by region_code, district_code, fiscal_year, group_code
),

-- Few pupils of special schools are withheld, and so is every quotient that would give them back.
shown as (
    select
        summed.*,
        case
            when summed.group_code <> 'special' then summed.group_students
            when not {{ is_small('summed.group_students', 'parameters.threshold') }}
                then summed.group_students
        end as shown_group_students
    from summed
    cross join parameters
)

select
    region_code,
    district_code,
    fiscal_year,
    group_code,
    schools_expected,
    schools_reported,
    group_schools,
    other_schools,
    group_funds_yuan,
    shown_group_students as group_students,
    other_funds_yuan,
    other_students,
    {{ divide('group_funds_yuan', 'shown_group_students') }} as group_funds_per_student,
    {{ divide('other_funds_yuan', 'other_students') }} as other_funds_per_student,
    -- Multiplied before divided: equal groups give exactly 1.
    {{ divide('group_funds_yuan * other_students', 'other_funds_yuan * shown_group_students') }}
        as tilt_ratio,
    case
        when group_schools = 0 or other_schools = 0 then 'group_absent'
        when other_funds_yuan = 0 then 'denominator_zero'
        when group_students > 0 and shown_group_students is null then 'small_count'
    end as reason_code
from shown
