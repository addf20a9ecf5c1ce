with growths as (
    select * from {{ ref('int_finance_growths') }}
),

three_growths as (
    select * from {{ ref('int_three_growths') }}
),

school_funds as (
    select * from {{ ref('int_school_funds') }}
    where is_expected
),

tilt as (
    select * from {{ ref('int_special_funds_tilt') }}
),

-- Only the number of enrolled children that is published may be divided by.
coverage as (
    select * from {{ ref('mart_special_education__coverage') }}
    where breakdown = 'overall'
),

parameters as (
    select max(value) filter (where parameter = 'school_funds_school_year_lag')::integer as lag_years
    from {{ ref('finance_parameter') }}
),

totals as (
    select * from growths
    where item_code = 'budget_education' and leg = 'total' and stage = 'all_stages'
),

standards as (
    select
        district_code,
        fiscal_year,
        stage,
        max(amount) filter (where item_code = 'public_funds_standard_urban') as urban_amount,
        max(amount) filter (where item_code = 'public_funds_standard_rural') as rural_amount,
        max(change_amount) filter (where item_code = 'public_funds_standard_urban') as urban_change,
        max(change_amount) filter (where item_code = 'public_funds_standard_rural') as rural_change
    from growths
    where
        item_code in ('public_funds_standard_urban', 'public_funds_standard_rural')
        and leg = 'per_student_published'
        and stage in ('primary', 'junior_secondary')
    group by district_code, fiscal_year, stage
),

-- The worse of the two places speaks for the stage, the worse of the two stages for the district.
standards_by_stage as (
    select
        district_code,
        fiscal_year,
        stage,
        case when num_nulls(urban_amount, rural_amount) = 0 then least(urban_amount, rural_amount) end
            as standard_yuan,
        case when num_nulls(urban_change, rural_change) = 0 then least(urban_change, rural_change) end
            as change_yuan,
        abs(urban_amount - rural_amount) as gap_yuan
    from standards
),

standards_of_district as (
    select
        district_code,
        fiscal_year,
        'compulsory' as stage,
        case when count(standard_yuan) = 2 then min(standard_yuan) end as standard_yuan,
        case when count(change_yuan) = 2 then min(change_yuan) end as change_yuan,
        case when count(gap_yuan) = 2 then max(gap_yuan) end as gap_yuan
    from standards_by_stage
    group by district_code, fiscal_year
),

standards_measured as (
    select
        measured.district_code,
        measured.fiscal_year,
        measured.stage,
        measures.measure_code,
        measures.value,
        measures.reason_code
    from (
        select * from standards_by_stage
        union all
        select
            district_code,
            fiscal_year,
            stage,
            standard_yuan,
            change_yuan,
            gap_yuan
        from standards_of_district
    ) as measured
    cross join lateral (
        values
        ('public_funds_standard_yuan', measured.standard_yuan, 'item_missing'),
        ('public_funds_standard_change_yuan', measured.change_yuan, 'previous_year_missing'),
        ('public_funds_standard_town_country_gap_yuan', measured.gap_yuan, 'item_missing')
    ) as measures (measure_code, value, reason_code)
),

aid as (
    select
        totals_of_aid.district_code,
        totals_of_aid.fiscal_year,
        coverage.enrolled,
        coverage.district_code is not null as is_covered,
        totals_of_aid.reason,
        {{ divide('totals_of_aid.amount', 'coverage.enrolled') }} as aid_per_student
    from growths as totals_of_aid
    cross join parameters
    left join coverage
        on
            totals_of_aid.district_code = coverage.district_code
            and totals_of_aid.region_code = coverage.region_code
            and totals_of_aid.fiscal_year - parameters.lag_years = coverage.school_year
    where
        totals_of_aid.item_code = 'disabled_aid'
        and totals_of_aid.leg = 'total'
        and totals_of_aid.stage = 'all_stages'
),

aid_explained as (
    select
        *,
        case
            when aid_per_student is not null then null
            when not is_covered then 'students_missing'
            when enrolled is null then 'small_count'
            when enrolled = 0 then 'denominator_zero'
            else 'amount_missing'
        end as aid_reason
    from aid
),

aid_changes as (
    select
        this_year.district_code,
        this_year.fiscal_year,
        this_year.aid_per_student - last_year.aid_per_student as change_yuan,
        coalesce(this_year.aid_reason, last_year.aid_reason, 'previous_year_missing') as change_reason
    from aid_explained as this_year
    left join aid_explained as last_year
        on
            this_year.district_code = last_year.district_code
            and this_year.fiscal_year - 1 = last_year.fiscal_year
),

schools_counted as (
    select
        district_code,
        fiscal_year,
        count(*) as schools,
        count(*) filter (where is_small) as small_schools,
        count(*) filter (where is_small is not null or is_special) as schools_sized,
        -- Schools of unknown size may be small too.
        count(*) filter (where is_special or not is_small or is_funded_as_full is not null) as sizes_settled,
        count(*) filter (where is_funded_as_full) as small_schools_funded,
        count(*) filter (where is_training_met is not null) as schools_with_budget,
        count(*) filter (where is_training_met) as schools_training_met
    from school_funds
    group by district_code, fiscal_year
),

schools_measured as (
    select
        schools_counted.district_code,
        schools_counted.fiscal_year,
        measures.measure_code,
        measures.value,
        measures.cases_reported,
        schools_counted.schools as cases_expected
    from schools_counted
    cross join lateral (
        values
        ('small_schools', schools_counted.small_schools, schools_counted.schools_sized),
        ('small_schools_funded_as_100', schools_counted.small_schools_funded, schools_counted.sizes_settled),
        ('schools_with_budget', schools_counted.schools_with_budget, schools_counted.schools_with_budget),
        (
            'schools_training_share_met',
            schools_counted.schools_training_met,
            schools_counted.schools_with_budget
        )
    ) as measures (measure_code, value, cases_reported)
),

money as (
    select
        district_code,
        fiscal_year,
        'compulsory' as stage,
        'spending_total_change_pct' as measure_code,
        growth_pct as value,
        reason as reason_code
    from totals
    union all
    select
        district_code,
        fiscal_year,
        'compulsory' as stage,
        'spending_total_shortfall_yuan' as measure_code,
        shortfall_amount as value,
        coalesce(reason, 'scope_changed') as reason_code
    from totals
    union all
    select
        district_code,
        fiscal_year,
        case stage when 'all_stages' then 'compulsory' else stage end as stage,
        case growth_code
            when 'spending_over_revenue' then 'education_minus_revenue_growth_points'
            when 'spending_per_student' then 'spending_per_student_change_pct'
            when 'public_funds_per_student' then 'public_funds_per_student_change_pct'
            when 'teacher_pay' then 'teacher_pay_change_pct'
        end as measure_code,
        judged_points as value,
        reason as reason_code
    from three_growths
    union all
    select
        district_code,
        fiscal_year,
        stage,
        measure_code,
        value,
        reason_code
    from standards_measured
    union all
    select
        district_code,
        fiscal_year,
        'compulsory' as stage,
        'disabled_aid_yuan_per_student' as measure_code,
        aid_per_student as value,
        aid_reason as reason_code
    from aid_explained
    union all
    select
        district_code,
        fiscal_year,
        'compulsory' as stage,
        'disabled_aid_change_yuan' as measure_code,
        change_yuan as value,
        change_reason as reason_code
    from aid_changes
    union all
    select
        district_code,
        fiscal_year,
        'compulsory' as stage,
        'special_school_public_funds_yuan_per_student' as measure_code,
        amount as value,
        'amount_missing' as reason_code
    from growths
    where
        item_code = 'special_school_public_funds'
        and leg = 'per_student_published'
        and stage = 'all_stages'
),

all_measures as (
    select
        district_code,
        fiscal_year,
        stage,
        measure_code,
        value,
        case when value is null then 0 else 1 end as cases_reported,
        1 as cases_expected,
        reason_code
    from money
    union all
    select
        district_code,
        fiscal_year,
        'compulsory' as stage,
        measure_code,
        value,
        cases_reported,
        cases_expected,
        null as reason_code
    from schools_measured
    union all
    select
        district_code,
        fiscal_year,
        'compulsory' as stage,
        case group_code
            when 'favoured' then 'special_funds_tilt_ratio'
            else 'special_funds_tilt_ratio/' || group_code
        end as measure_code,
        tilt_ratio as value,
        schools_reported as cases_reported,
        schools_expected as cases_expected,
        reason_code
    from tilt
)

select
    district_code,
    fiscal_year as year,
    stage,
    'none' as standard_code,
    measure_code,
    value::numeric as value,
    cases_reported::bigint as cases_reported,
    cases_expected::bigint as cases_expected,
    case when value is null then reason_code end as reason_code
from all_measures
