with teacher_schools as (
    select * from {{ ref('int_teacher_schools') }}
),

measures as (
    select * from {{ ref('int_school_measures') }}
),

parameters as (
    select {{ teacher_parameter('backbone_per_100_students', 'numeric') }} as backbone_per_100_students
    from {{ ref('teacher_parameter') }}
),

-- Of a school of which a campus or a row is missing it is not known.
declared as (
    select
        district_code,
        school_year,
        school_code,
        stage,
        value as backbone_teachers
    from measures
    where measure_code = 'backbone_teachers'
)

select
    teacher_schools.region_code,
    teacher_schools.district_code,
    teacher_schools.school_year,
    teacher_schools.school_code,
    teacher_schools.stage,
    teacher_schools.students,
    teacher_schools.backbone_teachers,
    declared.backbone_teachers::bigint as declared_backbone_teachers,
    parameters.backbone_per_100_students,
    {{ divide('teacher_schools.backbone_teachers * 100::numeric', 'teacher_schools.students') }}
        as backbone_per_100,
    teacher_schools.backbone_teachers * 100
    < parameters.backbone_per_100_students * teacher_schools.students as is_below_line,
    case
        when teacher_schools.reason_code is not null then teacher_schools.reason_code
        when teacher_schools.students is null then 'enrolment_row_missing'
    end as reason_code
from teacher_schools
cross join parameters
left join declared
    on
        teacher_schools.district_code = declared.district_code
        and teacher_schools.school_year = declared.school_year
        and teacher_schools.school_code = declared.school_code
        and teacher_schools.stage = declared.stage
where teacher_schools.is_in_scope and teacher_schools.stage <> 'compulsory'
