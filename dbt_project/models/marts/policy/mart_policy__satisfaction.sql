with surveys as (
    select * from {{ ref('int_satisfaction') }}
),

respondents as (
    select * from {{ ref('code_respondent_type') }}
)

select
    surveys.district_code,
    surveys.year,
    surveys.respondent_type,
    respondents.name_zh as respondent_zh,
    respondents.name_en as respondent_en,
    surveys.is_summed,
    surveys.issued,
    surveys.valid,
    surveys.satisfied,
    -- One decimal, as the national form prints shares; judged unrounded elsewhere.
    round(surveys.satisfied * 100::numeric / nullif(surveys.valid, 0), 1) as satisfied_pct,
    surveys.interviewed,
    surveys.interview_satisfied,
    round(surveys.interview_satisfied * 100::numeric / nullif(surveys.interviewed, 0), 1)
        as interview_satisfied_pct,
    case
        when surveys.valid is null or surveys.satisfied is null then 'value_missing'
        when surveys.valid = 0 then 'denominator_zero'
    end as reason_code
from surveys
inner join respondents on surveys.respondent_type = respondents.code
