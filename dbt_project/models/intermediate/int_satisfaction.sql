with surveys as (
    select * from {{ ref('stg_satisfaction') }}
),

-- The form prints a total row; where it does not, the total is the sum of the respondents.
summed as (
    select
        district_code,
        year,
        {{ sum_if_complete('issued') }}::bigint as issued,
        {{ sum_if_complete('valid') }}::bigint as valid,
        {{ sum_if_complete('satisfied') }}::bigint as satisfied,
        {{ sum_if_complete('interviewed') }}::bigint as interviewed,
        {{ sum_if_complete('interview_satisfied') }}::bigint as interview_satisfied
    from surveys
    group by
        district_code,
        year
    having count(*) filter (where respondent_type = 'all') = 0
),

every as (
    select
        district_code,
        year,
        respondent_type,
        false as is_summed,
        issued,
        valid,
        satisfied,
        interviewed,
        interview_satisfied
    from surveys
    union all
    select
        district_code,
        year,
        'all' as respondent_type,
        true as is_summed,
        issued,
        valid,
        satisfied,
        interviewed,
        interview_satisfied
    from summed
)

select
    district_code,
    year,
    respondent_type,
    is_summed,
    issued,
    valid,
    satisfied,
    interviewed,
    interview_satisfied
from every
