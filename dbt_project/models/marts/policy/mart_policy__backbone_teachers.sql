with backbone as (
    select * from {{ ref('int_teacher_backbone') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

stages as (
    select * from {{ ref('code_stage') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

verdicts as (
    select * from {{ ref('verdict') }}
),

judged as (
    select
        *,
        case
            when is_below_line is null then 'no_data'
            when is_below_line then 'not_met'
            else 'met'
        end as verdict
    from backbone
)

select
    judged.region_code,
    judged.district_code,
    judged.school_year,
    judged.school_code,
    schools.school_name,
    judged.stage,
    stages.name_zh as stage_zh,
    stages.name_en as stage_en,
    schools.sector,
    schools.urban_rural_group,
    judged.students,
    judged.backbone_teachers,
    judged.declared_backbone_teachers,
    judged.declared_backbone_teachers - judged.backbone_teachers as declared_less_roster,
    round(judged.backbone_per_100, 2) as backbone_per_100_students,
    judged.backbone_per_100_students as line_per_100_students,
    case
        when judged.is_below_line is not null
            then greatest(
                ceil(judged.backbone_per_100_students * judged.students / 100) - judged.backbone_teachers, 0
            )
    end::bigint as teachers_short,
    coalesce(judged.is_below_line, false) as is_below_line,
    coalesce(judged.declared_backbone_teachers <> judged.backbone_teachers, false) as differs_from_declared,
    judged.verdict,
    verdicts.name_zh as verdict_zh,
    verdicts.name_en as verdict_en,
    judged.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from judged
inner join schools
    on
        judged.district_code = schools.district_code
        and judged.school_year = schools.school_year
        and judged.school_code = schools.school_code
inner join stages on judged.stage = stages.code
inner join verdicts on judged.verdict = verdicts.verdict
left join reasons on judged.reason_code = reasons.reason_code
