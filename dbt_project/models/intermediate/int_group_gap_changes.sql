with school_indicators as (
    select * from {{ ref('int_school_indicators') }}
),

school_groups as (
    select * from {{ ref('int_school_groups') }}
),

group_gaps as (
    select * from {{ ref('int_group_gaps') }}
),

-- The same schools in both years, each in the group of the later year: a school that changes its group
-- has not become richer or poorer.
stayed as (
    select
        later.standard_code,
        later.district_code,
        later.school_year,
        later.stage,
        later.indicator_code,
        later.school_code,
        later.is_reported and earlier.is_reported as is_reported,
        later.numerator,
        later.denominator,
        earlier.numerator as previous_numerator,
        earlier.denominator as previous_denominator
    from school_indicators as later
    inner join school_indicators as earlier
        on
            later.standard_code = earlier.standard_code
            and later.district_code = earlier.district_code
            and later.school_year = earlier.school_year + 1
            and later.stage = earlier.stage
            and later.indicator_code = earlier.indicator_code
            and later.school_code = earlier.school_code
),

both_years as (
    select
        stayed.standard_code,
        stayed.district_code,
        stayed.school_year,
        stayed.stage,
        stayed.indicator_code,
        school_groups.dimension_code,
        school_groups.group_code,
        figures.which_year,
        stayed.is_reported,
        case when stayed.is_reported then figures.numerator end as numerator,
        case when stayed.is_reported then figures.denominator end as denominator
    from stayed
    inner join school_groups
        on
            stayed.district_code = school_groups.district_code
            and stayed.school_year = school_groups.school_year
            and stayed.school_code = school_groups.school_code
    cross join lateral (
        values
        ('later', stayed.numerator, stayed.denominator),
        ('earlier', stayed.previous_numerator, stayed.previous_denominator)
    ) as figures (which_year, numerator, denominator)
),

same_schools as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        group_code,
        which_year,
        count(*) as schools,
        count(*) filter (where is_reported) as schools_reported,
        sum(numerator) as numerator_total,
        sum(denominator) as denominator_total
    from both_years
    group by
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        group_code,
        which_year
),

same_deviations as (
    select
        *,
        sum(numerator_total) over whole as numerator_whole,
        sum(denominator_total) over whole as denominator_whole,
        numerator_total * sum(denominator_total) over whole
        - denominator_total * sum(numerator_total) over whole as deviation
    from same_schools
    window whole as (
        partition by
            standard_code, district_code, school_year, stage, indicator_code, dimension_code, which_year
    )
),

same_spreads as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        which_year,
        numerator_whole,
        denominator_whole,
        sum(schools) as schools,
        sum(schools_reported) as schools_reported,
        count(numerator_total) filter (where group_code <> 'not_stated') as stated_groups,
        sum({{ divide('deviation * deviation', 'denominator_total') }}) as between_spread
    from same_deviations
    group by
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        which_year,
        numerator_whole,
        denominator_whole
),

same_coefficients as (
    select
        *,
        case
            when stated_groups > 1
                then {{ coefficient('between_spread', 'denominator_whole', 'numerator_whole') }}
        end as between_coefficient
    from same_spreads
),

same_pairs as (
    select
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code,
        max(schools) as schools,
        max(schools_reported) as schools_reported,
        max(stated_groups) as stated_groups,
        max(between_coefficient) filter (where which_year = 'later') as between_coefficient,
        max(between_coefficient) filter (where which_year = 'earlier') as previous_between_coefficient
    from same_coefficients
    group by
        standard_code,
        district_code,
        school_year,
        stage,
        indicator_code,
        dimension_code
),

paired as (
    select
        later.standard_code,
        later.district_code,
        later.school_year,
        later.stage,
        later.indicator_code,
        later.dimension_code,
        later.stated_group_count,
        earlier.school_year as previous_school_year,
        round(later.between_coefficient, 16) as between_coefficient,
        round(earlier.between_coefficient, 16) as previous_between_coefficient,
        coalesce(same_pairs.schools, 0) as same_schools,
        round(same_pairs.between_coefficient, 16) as same_between_coefficient,
        round(same_pairs.previous_between_coefficient, 16) as same_previous_between_coefficient,
        -- A gap of part of the schools is not set against a gap of all of them.
        case
            when earlier.school_year is null then 'previous_year_missing'
            when
                later.schools_reported < later.schools_in_scope
                or earlier.schools_reported < earlier.schools_in_scope
                then 'schools_missing'
            when least(later.stated_group_count_reported, earlier.stated_group_count_reported) < 2
                then 'group_absent'
            when later.between_coefficient is null or earlier.between_coefficient is null then 'mean_zero'
        end as reason_code,
        case
            when earlier.school_year is null then 'previous_year_missing'
            when same_pairs.schools is null then 'no_same_school'
            when same_pairs.schools_reported < same_pairs.schools then 'schools_missing'
            when same_pairs.stated_groups < 2 then 'group_absent'
            when
                same_pairs.between_coefficient is null
                or same_pairs.previous_between_coefficient is null
                then 'mean_zero'
        end as same_schools_reason_code
    from group_gaps as later
    left join group_gaps as earlier
        on
            later.standard_code = earlier.standard_code
            and later.district_code = earlier.district_code
            and later.school_year = earlier.school_year + 1
            and later.stage = earlier.stage
            and later.indicator_code = earlier.indicator_code
            and later.dimension_code = earlier.dimension_code
    left join same_pairs
        on
            later.standard_code = same_pairs.standard_code
            and later.district_code = same_pairs.district_code
            and later.school_year = same_pairs.school_year
            and later.stage = same_pairs.stage
            and later.indicator_code = same_pairs.indicator_code
            and later.dimension_code = same_pairs.dimension_code
)

select
    standard_code,
    district_code,
    school_year,
    stage,
    indicator_code,
    dimension_code,
    stated_group_count,
    previous_school_year,
    previous_between_coefficient,
    case when reason_code is null then between_coefficient - previous_between_coefficient end
        as between_coefficient_change,
    case when reason_code is null then between_coefficient < previous_between_coefficient end as is_shrunk,
    reason_code,
    same_schools,
    same_between_coefficient,
    same_previous_between_coefficient,
    case
        when same_schools_reason_code is null
            then same_between_coefficient - same_previous_between_coefficient
    end as same_between_coefficient_change,
    case
        when same_schools_reason_code is null
            then same_between_coefficient < same_previous_between_coefficient
    end as is_shrunk_same_schools,
    same_schools_reason_code
from paired
