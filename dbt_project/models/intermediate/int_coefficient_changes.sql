with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

coefficients as (
    select * from {{ ref('int_coefficients') }}
),

-- Schools of the scope in both years, each with its figures of both. One that lacks a figure stays in.
pairs as (
    select
        present.standard_code,
        present.district_code,
        present.school_year,
        present.stage,
        present.indicator_code,
        present.is_reported and past.is_reported as is_reported,
        case when present.is_reported and past.is_reported then present.numerator end as numerator,
        case when present.is_reported and past.is_reported then present.denominator end as denominator,
        case when present.is_reported and past.is_reported then past.numerator end as past_numerator,
        case when present.is_reported and past.is_reported then past.denominator end as past_denominator
    from school_indicators as present
    inner join school_indicators as past
        on
            present.standard_code = past.standard_code
            and present.district_code = past.district_code
            and present.school_year = past.school_year + 1
            and present.stage = past.stage
            and present.school_code = past.school_code
            and present.indicator_code = past.indicator_code
),

spreads as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        count(*) as same_schools,
        count(*) filter (where is_reported) as same_schools_reported,
        sum(numerator) as numerator_total,
        sum(denominator) as denominator_total,
        sum(past_numerator) as past_numerator_total,
        sum(past_denominator) as past_denominator_total,
        {{ spread('numerator', 'denominator') }} as spread,
        {{ spread('past_numerator', 'past_denominator') }} as past_spread
    from pairs
    group by
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code
),

same_schools as (
    select
        *,
        case
            when same_schools_reported > 1
                then {{ coefficient('spread', 'denominator_total', 'numerator_total') }}
        end as coefficient,
        case
            when same_schools_reported > 1
                then {{ coefficient('past_spread', 'past_denominator_total', 'past_numerator_total') }}
        end as previous_coefficient
    from spreads
),

compared as (
    select
        present.standard_code,
        present.district_code,
        present.school_year,
        present.stage,
        present.indicator_code,
        present.schools_in_scope,
        past.schools_in_scope as previous_schools_in_scope,
        present.coefficient,
        past.coefficient as previous_coefficient,
        coalesce(same_schools.same_schools, 0) as same_schools,
        same_schools.coefficient as same_schools_coefficient,
        same_schools.previous_coefficient as same_schools_previous_coefficient,
        case
            when past.district_code is null then 'previous_year_missing'
            when present.reason_code is not null then present.reason_code
            when past.reason_code is not null then 'previous_year_incomplete'
        end as reason_code,
        case
            when past.district_code is null then 'previous_year_missing'
            when same_schools.same_schools is null then 'no_same_school'
            when same_schools.same_schools_reported < same_schools.same_schools then 'schools_missing'
            when same_schools.same_schools = 1 then 'one_school'
            when same_schools.numerator_total = 0 or same_schools.past_numerator_total = 0 then 'mean_zero'
        end as same_schools_reason_code
    from coefficients as present
    left join coefficients as past
        on
            present.standard_code = past.standard_code
            and present.district_code = past.district_code
            and present.school_year = past.school_year + 1
            and present.stage = past.stage
            and present.indicator_code = past.indicator_code
    left join same_schools
        on
            present.standard_code = same_schools.standard_code
            and present.district_code = same_schools.district_code
            and present.school_year = same_schools.school_year
            and present.stage = same_schools.stage
            and present.indicator_code = same_schools.indicator_code
)

-- A change is stated only between two years in which every school has a figure.
select
    standard_code,
    district_code,
    school_year,
    stage,
    indicator_code,
    schools_in_scope,
    previous_schools_in_scope,
    coefficient,
    previous_coefficient,
    case when reason_code is null then coefficient - previous_coefficient end as change,
    case when reason_code is null then coefficient < previous_coefficient end as is_shrunk,
    reason_code,
    same_schools,
    same_schools_coefficient,
    same_schools_previous_coefficient,
    case
        when same_schools_reason_code is null
            then same_schools_coefficient - same_schools_previous_coefficient
    end as same_schools_change,
    case
        when same_schools_reason_code is null
            then same_schools_coefficient < same_schools_previous_coefficient
    end as is_shrunk_same_schools,
    same_schools_reason_code
from compared
