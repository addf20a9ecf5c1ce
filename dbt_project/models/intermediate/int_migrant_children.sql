with reported as (
    select * from {{ ref('stg_migrant_children') }}
),

parameters as (
    select max(value) filter (where parameter = 'scope_standard') as scope_standard
    from {{ ref('government_parameter') }}
),

thresholds as (
    select * from {{ ref('standard_threshold') }}
),

compulsory_stages as (
    select distinct thresholds.stage
    from thresholds
    inner join parameters on thresholds.standard_code = parameters.scope_standard
),

handed_in as (
    select distinct
        district_code,
        school_year
    from reported
),

by_stage as (
    select
        handed_in.district_code,
        handed_in.school_year,
        compulsory_stages.stage,
        reported.eligible_children,
        reported.in_public_schools,
        reported.in_bought_private_seats,
        reported.bought_seats
    from handed_in
    cross join compulsory_stages
    left join reported
        on
            handed_in.district_code = reported.district_code
            and handed_in.school_year = reported.school_year
            and compulsory_stages.stage = reported.stage
),

every as (
    select
        district_code,
        school_year,
        stage,
        eligible_children,
        in_public_schools,
        in_bought_private_seats,
        bought_seats,
        1 as stages_expected,
        (in_public_schools + in_bought_private_seats is not null and eligible_children is not null)::integer
            as stages_reported
    from by_stage
    union all
    select
        district_code,
        school_year,
        'compulsory' as stage,
        {{ sum_if_complete('eligible_children') }} as eligible_children,
        {{ sum_if_complete('in_public_schools') }} as in_public_schools,
        {{ sum_if_complete('in_bought_private_seats') }} as in_bought_private_seats,
        {{ sum_if_complete('bought_seats') }} as bought_seats,
        count(*) as stages_expected,
        count(eligible_children + in_public_schools + in_bought_private_seats) as stages_reported
    from by_stage
    group by
        district_code,
        school_year
)

select
    district_code,
    school_year,
    stage,
    eligible_children::bigint as eligible_children,
    in_public_schools::bigint as in_public_schools,
    in_bought_private_seats::bigint as in_bought_private_seats,
    (in_public_schools + in_bought_private_seats)::bigint as placed_children,
    bought_seats::bigint as bought_seats,
    stages_reported::bigint as stages_reported,
    stages_expected::bigint as stages_expected,
    case when stages_reported < stages_expected then 'value_missing' end as reason_code
from every
